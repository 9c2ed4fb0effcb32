//! The last two lines: what was told and where one is, and what the keys do.

use ratatui::layout::Rect;

use crate::console::app::Model;
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::screen::{self, Hint};
use crate::console::view::ink::{Ink, cell_columns, columns, role};
use crate::console::view::theme::Role;

/// What leads to all that is not in the hints.
const ALWAYS: [&str; 2] = ["command", "help"];
/// Between two hints.
const GAP: u16 = 3;

/// Draws the status line.
pub(super) fn status(ink: &mut Ink<'_>, area: Rect, model: &Model) {
    let status = screen::status::status(model);
    let mut right = area.right().saturating_sub(1);
    for cell in status.right.iter().rev() {
        let taken = cell_columns(cell).min(right.saturating_sub(area.x));
        right -= taken;
        let style = ink.style(role(cell.tone));
        ink.cell(right, area.y, taken, cell, style);
        right = right.saturating_sub(2);
    }
    let mut x = area.x + 1;
    for cell in &status.left {
        let cell = signed(cell);
        let style = ink.style(role(cell.tone));
        x += ink.cell(x, area.y, right.saturating_sub(x), &cell, style) + 2;
    }
}

/// Trouble carries a sign: its colour may not be seen.
fn signed(cell: &Cell) -> Cell {
    match (cell.glyph, cell.tone) {
        (None, Tone::Bad) => cell.clone().sign(Glyph::Down),
        (None, Tone::Warn) => cell.clone().sign(Glyph::Warning),
        _ => cell.clone(),
    }
}

/// Draws what the keys do: as many as there is room for, whole ones only. Command line and help lead to all the
/// others and are always there.
pub(super) fn hints(ink: &mut Ink<'_>, area: Rect, model: &Model) {
    let hints = screen::hints(model);
    let taken = |hint: &Hint| columns(&hint.key) + 1 + columns(hint.title) + GAP;
    let (always, some): (Vec<&Hint>, Vec<&Hint>) = hints.iter().partition(|hint| ALWAYS.contains(&hint.title));
    let mut room = area.width.saturating_sub(2 + always.iter().map(|hint| taken(hint)).sum::<u16>());
    let fitting = some.into_iter().take_while(|hint| {
        let fits = taken(hint) <= room;
        room = room.saturating_sub(taken(hint));
        fits
    });
    let mut x = area.x + 1;
    for hint in fitting.chain(always) {
        let end = area.right().saturating_sub(x);
        ink.spans(x, area.y, end, &[(&hint.key, Role::Key), (" ", Role::Hint), (hint.title, Role::Hint)]);
        x += taken(hint);
    }
}
