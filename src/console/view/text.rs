//! A text: labels and values in two columns, or lines as they are.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::layout::LABEL_GAP;
use crate::console::app::screen::{TextLine, TextPanel};
use crate::console::view::empty;
use crate::console::view::ink::{Ink, role};
use crate::console::view::table::scroll_bar;
use crate::console::view::theme::Role;

/// Draws the visible lines.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, panel: &TextPanel) {
    if panel.lines.is_empty() {
        return empty::draw(ink, area, &panel.empty);
    }
    let labels = u16::try_from(panel.labels).unwrap_or(0);
    for (y, line) in (area.y..area.bottom()).zip(&panel.lines) {
        let place = Rect { x: area.x + 1, y, width: area.width.saturating_sub(3), height: 1 };
        self::line(ink, place, labels, line);
        if line.found {
            let style = ink.style(Role::Match);
            ink.wash(place, style);
        }
        if !panel.search.is_empty() {
            let style = ink.style(Role::Match);
            mark(ink, place, &panel.search.to_lowercase(), style);
        }
    }
    scroll_bar(ink, area, panel.top, panel.total);
}

fn line(ink: &mut Ink<'_>, place: Rect, labels: u16, line: &TextLine) {
    let mut x = place.x;
    if let Some(label) = line.label {
        ink.say(x, place.y, labels.min(place.width), label, Role::Heading);
        x += labels + LABEL_GAP as u16;
    }
    for cell in &line.cells {
        let style = ink.style(role(cell.tone));
        x += ink.cell(x, place.y, place.right().saturating_sub(x), cell, style) + 1;
    }
}

/// Lays a look over every occurrence of some lower-case words on a line, as it stands on the screen.
fn mark(ink: &mut Ink<'_>, place: Rect, words: &str, style: Style) {
    let place = place.intersection(ink.frame.area);
    let symbols: Vec<String> = place.positions().map(|at| ink.frame[at].symbol().to_lowercase()).collect();
    let wanted: Vec<String> = words.chars().map(String::from).collect();
    if wanted.is_empty() || symbols.len() < wanted.len() {
        return;
    }
    for start in 0..=symbols.len() - wanted.len() {
        if symbols[start..start + wanted.len()] == wanted[..] {
            let x = place.x + u16::try_from(start).unwrap_or(0);
            let width = u16::try_from(wanted.len()).unwrap_or(0);
            ink.wash(Rect { x, width, ..place }, style);
        }
    }
}
