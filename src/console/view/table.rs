//! A table: heading, the rows of the window, and what is said when there are none.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::console::app::cell::Tone;
use crate::console::app::column::{Align, Column};
use crate::console::app::screen::{Heading, Row, TablePanel};
use crate::console::view::columns::{Placed, place};
use crate::console::view::empty;
use crate::console::view::ink::{Ink, cell_columns, role};
use crate::console::view::theme::Role;

/// Before the first column: the sign of the cursor or of a mark, and a space.
const GUTTER: u16 = 3;
/// Behind the last: the scroll bar.
const EDGE: u16 = 1;

/// Draws heading and window.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, panel: &TablePanel) {
    let columns: Vec<&Column> = panel.columns.iter().map(|heading| heading.column).collect();
    let placed = place(&columns, area.width.saturating_sub(GUTTER + EDGE));
    for spot in &placed {
        heading(ink, (area.x + GUTTER + spot.x, area.y), spot.width, &panel.columns[spot.at]);
    }
    if placed.len() < columns.len() && area.width > 0 {
        // There are more columns than there is room for.
        ink.say(area.right() - 1, area.y, 1, "›", Role::Heading);
    }
    let window = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if panel.rows.is_empty() {
        return empty::draw(ink, window, &panel.empty);
    }
    for (y, line) in (window.y..window.bottom()).zip(&panel.rows) {
        row(ink, Rect { y, height: 1, ..window }, (&placed, &columns), line);
    }
    scroll_bar(ink, window, panel.top, panel.total);
}

fn heading(ink: &mut Ink<'_>, (x, y): (u16, u16), room: u16, heading: &Heading) {
    let mut style = ink.style(if heading.sorted.is_some() { Role::HeadingSorted } else { Role::Heading });
    if heading.chosen {
        style = style.add_modifier(Modifier::REVERSED);
    }
    let title = heading.column.title;
    let end = match heading.column.align {
        Align::Left => x + ink.put(x, y, room, title, style),
        Align::Right => {
            ink.put_right(x, y, room, title, style);
            x + room
        }
    };
    if let Some(descending) = heading.sorted {
        // The gap behind a column has room for the sign.
        ink.put(end, y, 1, if descending { "▾" } else { "▴" }, style);
    }
}

fn row(ink: &mut Ink<'_>, line: Rect, (placed, columns): (&[Placed], &[&Column]), row: &Row) {
    if row.cursor {
        let bar = Rect { width: line.width.saturating_sub(1), ..line };
        let style = ink.style(Role::Selected);
        ink.wash(bar, style);
    }
    let sign = match (row.marked, row.cursor) {
        (true, _) => "◆",
        (false, true) => "▸",
        (false, false) => " ",
    };
    let style = look(ink, Tone::Normal, row);
    ink.put(line.x + 1, line.y, 1, sign, style);
    for spot in placed {
        let Some(cell) = row.cells.get(spot.at) else { continue };
        let style = look(ink, cell.tone, row);
        let x = line.x + GUTTER + spot.x;
        match columns[spot.at].align {
            Align::Left => {
                ink.cell(x, line.y, spot.width, cell, style);
            }
            Align::Right => {
                let taken = cell_columns(cell).min(spot.width);
                ink.cell(x + spot.width - taken, line.y, taken, cell, style);
            }
        }
    }
}

/// The row under the cursor keeps the tones that mean something; all others are its own.
fn look(ink: &Ink<'_>, tone: Tone, row: &Row) -> Style {
    let plain = matches!(tone, Tone::Normal | Tone::Dim | Tone::Accent | Tone::Header);
    match (row.cursor, row.marked, plain) {
        (true, _, true) => ink.style(Role::Selected),
        (true, _, false) => {
            let bar = ink.style(Role::Selected);
            if bar.bg.is_some() { bar.patch(ink.style(role(tone))) } else { bar }
        }
        (false, true, true) => ink.style(Role::Marked),
        (false, ..) => ink.style(role(tone)),
    }
}

/// Where the window is in the whole: only if there is more than fits.
pub(super) fn scroll_bar(ink: &mut Ink<'_>, window: Rect, top: usize, all: usize) {
    let height = usize::from(window.height);
    if all <= height || height == 0 || window.width == 0 {
        return;
    }
    let size = (height * height / all).clamp(1, height);
    let room = height - size;
    let last = all - height;
    let first = (top.min(last) * room + last / 2) / last;
    let style = ink.style(Role::Faint);
    for y in (window.y..window.bottom()).skip(first).take(size) {
        ink.put(window.right() - 1, y, 1, "▐", style);
    }
}
