//! Graphs: a heading with the values, the axis, the dots, the times.
//!
//! Each line has a colour and a shape of its own, so that they are told apart without colours too: the first goes
//! through, each further one is dotted more widely.

use ratatui::layout::Rect;

use crate::console::app::graphs::{Chart, Drawing, GraphPanel, Line};
use crate::console::app::layout::AXIS;
use crate::console::app::wrap::wrapped;
use crate::console::view::ink::{Ink, columns};
use crate::console::view::theme::Role;

const LINES: [Role; 4] = [Role::Line1, Role::Line2, Role::Line3, Role::Line4];

/// Draws all that have room.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, panel: &GraphPanel) {
    let places = panel.places;
    for (at, chart) in panel.charts.iter().enumerate() {
        let (row, column) = ((at / places.across) as u16, (at % places.across) as u16);
        let place = Rect {
            x: area.x + 1 + column * (places.width + 2),
            y: area.y + row * places.height,
            width: places.width,
            height: places.height,
        };
        one(ink, place.intersection(area), panel, chart);
    }
}

fn one(ink: &mut Ink<'_>, place: Rect, panel: &GraphPanel, chart: &Chart) {
    if place.height < 3 || place.width <= AXIS {
        return;
    }
    heading(ink, place, chart);
    let plot = Rect { x: place.x + AXIS, y: place.y + 1, width: place.width - AXIS, height: place.height - 2 };
    if !chart.empty.is_empty() {
        empty(ink, plot, &chart.empty);
        return;
    }
    let dim = ink.style(Role::Dim);
    let label = AXIS - 1;
    ink.put_right(place.x, plot.y, label, &chart.end.1, dim);
    if plot.height >= 5 {
        ink.put_right(place.x, plot.y + plot.height / 2, label, &chart.middle, dim);
    }
    ink.put_right(place.x, plot.bottom() - 1, label, "0", dim);
    cursor(ink, plot, panel);
    let drawing = if ink.theme.is_ascii() { Drawing::Ascii } else { panel.drawing };
    let mut dots = Dots::new(plot.width, plot.height, drawing);
    // The most important last: where two meet, it is seen.
    for (at, line) in chart.lines.iter().enumerate().rev() {
        dots.line(line, chart.end.0, at, panel.dots);
    }
    dots.draw(ink, plot);
    marks(ink, plot, panel);
    times(ink, Rect { y: plot.bottom(), height: 1, ..plot }, panel);
}

/// Why there are no lines, in the middle.
fn empty(ink: &mut Ink<'_>, plot: Rect, why: &str) {
    let mut rows = wrapped(why, usize::from(plot.width));
    rows.truncate(usize::from(plot.height));
    let first = plot.y + (plot.height + 1 - rows.len() as u16) / 2;
    for (y, row) in (first..plot.bottom()).zip(&rows) {
        ink.say(plot.x, y, plot.width, row, Role::Dim);
    }
}

/// What it shows, each line's value in the line's colour, and who measured.
fn heading(ink: &mut Ink<'_>, place: Rect, chart: &Chart) {
    let by = columns(chart.by);
    ink.put_right(place.x, place.y, place.width, chart.by, ink.style(Role::Faint));
    let end = place.right().saturating_sub(if by > 0 { by + 1 } else { 0 });
    let mut x = place.x + ink.say(place.x, place.y, place.width, chart.title, Role::Title) + 2;
    for (at, line) in chart.lines.iter().enumerate() {
        if x + line.columns() > end {
            break;
        }
        let name = if line.name.is_empty() { String::new() } else { format!("{} ", line.name) };
        x += ink.say(x, place.y, end - x, sign(at), LINES[at % LINES.len()]) + 1;
        x += ink.say(x, place.y, end - x, &name, Role::Dim);
        x += ink.say(x, place.y, end - x, &line.value, Role::Text) + 2;
    }
}

/// How a line looks, in one cell.
fn sign(at: usize) -> &'static str {
    match at {
        0 => "─",
        1 => "╌",
        _ => "·",
    }
}

fn times(ink: &mut Ink<'_>, line: Rect, panel: &GraphPanel) {
    let across = usize::from(panel.drawing.dots().0).max(1);
    let cell = |dot: usize| line.x + u16::try_from(dot / across).unwrap_or(u16::MAX);
    for (dot, text) in &panel.times {
        let x = cell(*dot);
        if x + columns(text) <= line.right() {
            ink.say(x, line.y, 5, text, Role::Faint);
        }
    }
}

/// Where something happened: on the floor of the plot, since below it stand the times.
fn marks(ink: &mut Ink<'_>, plot: Rect, panel: &GraphPanel) {
    let across = usize::from(panel.drawing.dots().0).max(1);
    for dot in &panel.marks {
        let x = plot.x + u16::try_from(dot / across).unwrap_or(u16::MAX);
        ink.say(x, plot.bottom() - 1, 1, "◆", Role::Accent);
    }
}

/// A rule where the values are read.
fn cursor(ink: &mut Ink<'_>, plot: Rect, panel: &GraphPanel) {
    let across = usize::from(panel.drawing.dots().0).max(1);
    let Some(x) = panel.cursor.map(|dot| plot.x + u16::try_from(dot / across).unwrap_or(0)) else { return };
    for y in plot.y..plot.bottom() {
        ink.say(x, y, 1, "│", Role::Faint);
    }
}

/// The dots of a graph: in each cell a mask of what is set, and whose it is.
struct Dots {
    drawing: Drawing,
    width: u16,
    height: u16,
    cells: Vec<(u8, usize)>,
}

impl Dots {
    fn new(width: u16, height: u16, drawing: Drawing) -> Self {
        Self { drawing, width, height, cells: vec![(0, 0); usize::from(width) * usize::from(height)] }
    }

    /// Draws one: what is told is joined, a gap is left open.
    fn line(&mut self, line: &Line, end: f64, at: usize, wanted: usize) {
        let (across, down) = self.drawing.dots();
        let rows = f64::from(self.height * down - 1);
        let height = |value: f64| ((value / end).clamp(0.0, 1.0) * rows).round() as u16;
        // A drawing with fewer dots than were asked for takes every second.
        let stride = (wanted / usize::from(self.width * across).max(1)).max(1);
        let mut before: Option<u16> = None;
        for (x, dot) in line.dots.iter().step_by(stride).enumerate() {
            let now = dot.map(height);
            let gap = at > 0 && x % (at + 1) != 0;
            if let (Some(now), false) = (now, gap) {
                // Further lines are dots alone: joined, they would look like the first.
                let from = before.filter(|_| at == 0).unwrap_or(now);
                let (low, high) = (now.min(from), now.max(from));
                // Half of the way belongs to the dot before.
                let reach = if from < now {
                    (from + 1).min(now)..=high
                } else {
                    low..=high.saturating_sub(u16::from(from > now))
                };
                reach.for_each(|y| self.set(x as u16, y, at));
            }
            before = now;
        }
    }

    /// Sets a dot, counted from the left and from below.
    fn set(&mut self, x: u16, y: u16, line: usize) {
        let (across, down) = self.drawing.dots();
        let y = self.height * down - 1 - y.min(self.height * down - 1);
        let at = usize::from(y / down) * usize::from(self.width) + usize::from(x / across);
        if let Some(cell) = self.cells.get_mut(at).filter(|_| x < self.width * across) {
            *cell = (cell.0 | 1 << (y % down + (x % across) * down), line);
        }
    }

    fn draw(&self, ink: &mut Ink<'_>, plot: Rect) {
        for (at, (mask, line)) in self.cells.iter().enumerate().filter(|(_, (mask, _))| *mask > 0) {
            let x = plot.x + (at % usize::from(self.width)) as u16;
            let y = plot.y + (at / usize::from(self.width)) as u16;
            let mut buffer = [0; 4];
            let symbol = self.symbol(*mask).encode_utf8(&mut buffer);
            ink.say(x, y, 1, symbol, LINES[line % LINES.len()]);
        }
    }

    fn symbol(&self, mask: u8) -> char {
        match self.drawing {
            Drawing::Braille => braille(mask),
            Drawing::Block => match mask {
                1 => '▀',
                2 => '▄',
                _ => '█',
            },
            Drawing::Ascii => '*',
        }
    }
}

/// The Braille pattern of eight dots, counted down the left column and then the right one; Unicode counts the lowest
/// row last (chapter 21.1 of the standard).
fn braille(mask: u8) -> char {
    let bits = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80];
    let pattern = (0..8).filter(|bit| mask & 1 << bit != 0).map(|bit| bits[bit]).sum::<u32>();
    char::from_u32(0x2800 + pattern).unwrap_or('⣿')
}

#[cfg(test)]
mod tests {
    use super::{Dots, Drawing, Line, braille};

    fn drawn(drawing: Drawing, (width, height): (u16, u16), values: &[Option<f64>], at: usize) -> Vec<String> {
        let mut dots = Dots::new(width, height, drawing);
        let line = Line { name: String::new(), value: String::new(), dots: values.to_vec() };
        dots.line(&line, 1.0, at, values.len());
        let sign = |cell: &(u8, usize)| if cell.0 == 0 { ' ' } else { dots.symbol(cell.0) };
        dots.cells.chunks(usize::from(width)).map(|row| row.iter().map(sign).collect()).collect()
    }

    #[test]
    fn a_pattern_has_its_dots_where_unicode_has_them() {
        assert_eq!([0x01, 0x08, 0x10, 0x80, 0xFF].map(braille), ['⠁', '⡀', '⠈', '⢀', '⣿']);
    }

    #[test]
    fn a_line_is_joined_and_a_gap_stays_open() {
        let values = [Some(0.0), Some(0.0), None, None, Some(1.0), Some(1.0), Some(0.0), None];
        assert_eq!(drawn(Drawing::Braille, (4, 1), &values, 0), ["⣀ ⠉⡆"]);
        assert_eq!(drawn(Drawing::Block, (3, 1), &[Some(0.0), None, Some(1.0)], 0), ["▄ ▀"]);
        assert_eq!(drawn(Drawing::Ascii, (3, 2), &[Some(0.0), None, Some(1.0)], 0), ["  *", "*  "]);
    }

    #[test]
    fn a_further_line_is_dotted() {
        assert_eq!(drawn(Drawing::Ascii, (6, 1), &[Some(0.5); 6], 1), ["* * * "]);
        assert_eq!(drawn(Drawing::Ascii, (6, 1), &[Some(0.5); 6], 2), ["*  *  "]);
    }

    #[test]
    fn a_value_beyond_the_axis_is_drawn_at_its_end() {
        assert_eq!(drawn(Drawing::Ascii, (2, 2), &[Some(7.0), Some(f64::NAN)], 0)[0].chars().next(), Some('*'));
    }
}
