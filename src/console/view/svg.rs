//! A frame as a picture: SVG that looks the same in a browser, on a code host and printed.
//!
//! Every run of equal style is one `<text>` with its length told, so columns stay columns whatever font the reader has.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use crate::console::view::theme::{Rgb, Theme, shown};

/// A cell's width and height in pixels, and what surrounds the screen.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;
/// From a row's top to the line that letters stand on.
const BASELINE: f32 = 13.5;
const FONT: &str = "'DejaVu Sans Mono','JetBrains Mono','Cascadia Mono',Menlo,Consolas,'Liberation Mono',monospace";

/// Draws the frame on the background that the theme takes the terminal to have.
pub fn svg(frame: &Buffer, theme: &Theme) -> String {
    let (columns, rows) = (frame.area.width, frame.area.height);
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    let paper = hex(theme.terminal().1);
    let mut out = String::new();
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.1} {height:.1}" font-family="{FONT}" font-size="14">"#
    );
    let _ = writeln!(out, r#"<rect width="100%" height="100%" rx="8" fill="{paper}"/>"#);
    let runs: Vec<Run> = (0..rows).flat_map(|row| runs(frame, row, theme)).collect();
    runs.iter().for_each(|run| run.ground(&mut out));
    runs.iter().for_each(|run| run.letters(&mut out));
    out.push_str("</svg>\n");
    out
}

/// Neighbouring cells that look the same.
struct Run {
    column: u16,
    row: u16,
    width: u16,
    text: String,
    ink: Rgb,
    ground: Option<Rgb>,
    modifier: Modifier,
}

fn runs(frame: &Buffer, row: u16, theme: &Theme) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut column = 0;
    while column < frame.area.width {
        let cell = &frame[(frame.area.x + column, frame.area.y + row)];
        let width = u16::try_from(cell.symbol().width().max(1)).unwrap_or(1);
        let (ink, ground) = colours(cell, theme);
        let modifier = cell.modifier - Modifier::REVERSED;
        match runs.last_mut() {
            Some(last) if (last.ink, last.ground, last.modifier) == (ink, ground, modifier) => {
                last.text.push_str(cell.symbol());
                last.width += width;
            }
            _ => runs.push(Run { column, row, width, text: cell.symbol().to_owned(), ink, ground, modifier }),
        }
        column += width;
    }
    runs
}

fn colours(cell: &Cell, theme: &Theme) -> (Rgb, Option<Rgb>) {
    let (own_ink, own_paper) = theme.terminal();
    let ink = shown(cell.fg).unwrap_or(own_ink);
    if cell.modifier.contains(Modifier::REVERSED) {
        return (shown(cell.bg).unwrap_or(own_paper), Some(ink));
    }
    (ink, (cell.bg != Color::Reset).then(|| shown(cell.bg)).flatten())
}

impl Run {
    fn x(&self, column: u16) -> f32 {
        MARGIN + f32::from(column) * CELL.0
    }

    fn y(&self) -> f32 {
        MARGIN + f32::from(self.row) * CELL.1
    }

    fn ground(&self, out: &mut String) {
        let Some(ground) = self.ground else { return };
        let (x, y, width) = (self.x(self.column), self.y(), f32::from(self.width) * CELL.0);
        let _ = writeln!(
            out,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{:.1}" fill="{}"/>"#,
            CELL.1,
            hex(ground)
        );
    }

    /// Each word group by itself: where nothing is written, nothing is drawn.
    fn letters(&self, out: &mut String) {
        let text = self.text.trim_end();
        let start = text.len() - text.trim_start().len();
        let text = &text[start..];
        if text.is_empty() {
            return;
        }
        let column = self.column + u16::try_from(start).unwrap_or(0);
        let length = text.width() as f32 * CELL.0;
        let _ = write!(
            out,
            r#"<text x="{:.1}" y="{:.1}" textLength="{length:.1}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="{}""#,
            self.x(column),
            self.y() + BASELINE,
            hex(self.ink)
        );
        for (modifier, attribute) in [
            (Modifier::BOLD, r#" font-weight="bold""#),
            (Modifier::ITALIC, r#" font-style="italic""#),
            (Modifier::UNDERLINED, r#" text-decoration="underline""#),
            (Modifier::DIM, r#" opacity="0.6""#),
        ] {
            if self.modifier.contains(modifier) {
                out.push_str(attribute);
            }
        }
        let _ = writeln!(out, ">{}</text>", escaped(text));
    }
}

fn hex(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
