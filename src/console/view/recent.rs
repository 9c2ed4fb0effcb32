//! The last changes of a service, below its graphs.

use ratatui::layout::Rect;

use crate::console::app::Model;
use crate::console::app::screen::recent::recent;
use crate::console::view::ink::{Ink, columns, role};
use crate::console::view::theme::Role;
use crate::fleet::ServiceKey;

/// As wide as a name is, as a rule.
const NAMES: u16 = 28;

/// Draws them: a rule with a title, and each in a line.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, model: &Model, key: &ServiceKey) {
    let shown = recent(model, key, usize::from(area.height.saturating_sub(1)));
    let faint = ink.style(Role::Faint);
    ink.rule(area.x, area.y, area.width, "─", faint);
    ink.say(area.x + 2, area.y, area.width.saturating_sub(4), &format!(" {} ", shown.title), Role::Title);
    let end = area.right().saturating_sub(1);
    if let Some(empty) = &shown.empty {
        let style = ink.style(role(empty.tone));
        ink.cell(area.x + 2, area.y + 1, end.saturating_sub(area.x + 2), empty, style);
    }
    let widest = |at: usize| shown.lines.iter().map(|cells| columns(&cells[at].text)).max().unwrap_or(0);
    let (when, names) = (widest(0), widest(1).min(NAMES));
    for (y, [at, name, what]) in (area.y + 1..area.bottom()).zip(&shown.lines) {
        let mut x = area.x + 2;
        for (cell, room) in [(at, when), (name, names), (what, u16::MAX)] {
            let style = ink.style(role(cell.tone));
            ink.cell(x, y, room.min(end.saturating_sub(x)), cell, style);
            x = x.saturating_add(room.saturating_add(2));
        }
    }
}
