//! What is said on a screen too small for anything else.

use ratatui::layout::Rect;

use crate::console::app::layout::SMALLEST;
use crate::console::view::ink::{Ink, columns};
use crate::console::view::theme::Role;

/// Says what is needed and what there is.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect) {
    let lines = [
        ("the terminal is too small".to_owned(), Role::Warn),
        (format!("needed {}x{}", SMALLEST.width, SMALLEST.height), Role::Text),
        (format!("now    {}x{}", area.width, area.height), Role::Text),
    ];
    let top = area.y + area.height.saturating_sub(3) / 2;
    for (y, (text, role)) in (top..area.bottom()).zip(&lines) {
        let x = area.x + area.width.saturating_sub(columns(text)) / 2;
        ink.say(x, y, area.width, text, *role);
    }
}
