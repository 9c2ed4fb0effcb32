//! A plan that waits for consent: the plan, below it what is to be typed, and the buttons.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::console::app::layout::LIST;
use crate::console::app::screen::overlay::LineBox;
use crate::console::app::screen::review::{Button, FieldLine, ReviewBox};
use crate::console::view::ink::{Ink, columns, role};
use crate::console::view::popup::boxed;
use crate::console::view::prompt;
use crate::console::view::table::scroll_bar;
use crate::console::view::theme::Role;

/// Between two buttons.
const GAP: u16 = 3;

/// Draws it.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, review: &ReviewBox<'_>) {
    let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let foot = rows(review.fields.len()) + 2;
    let inner = boxed(ink, area, (LIST, rows(review.total).saturating_add(foot)), &review.title);
    let above = Rect { height: inner.height.saturating_sub(foot), ..inner };
    lines(ink, above, review);
    let base = ink.style(Role::Overlay);
    let border = base.patch(ink.style(Role::Border));
    // The column of the scroll bar too.
    ink.rule(inner.x, above.bottom(), inner.width + 1, "─", border);
    let labels = review.fields.iter().map(|field| columns(&field.label)).max().unwrap_or(0).min(inner.width / 2);
    for (y, field) in (above.bottom() + 1..).zip(&review.fields) {
        let place = Rect { x: inner.x + 1, y, width: inner.width.saturating_sub(2), height: 1 };
        self::field(ink, place, labels, field);
    }
    buttons(ink, Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner }, &review.buttons);
}

fn lines(ink: &mut Ink<'_>, area: Rect, review: &ReviewBox<'_>) {
    let base = ink.style(Role::Overlay);
    for (y, line) in (area.y..area.bottom()).zip(&review.lines) {
        let mut x = area.x + 1;
        for cell in &line.cells {
            let style = base.patch(ink.style(role(cell.tone)));
            x += ink.cell(x, y, area.right().saturating_sub(x + 1), cell, style) + 2;
        }
    }
    scroll_bar(ink, Rect { width: area.width + 1, ..area }, review.top, review.total);
}

fn field(ink: &mut Ink<'_>, place: Rect, labels: u16, field: &FieldLine<'_>) {
    let base = ink.style(Role::Overlay);
    let look = ink.style(if field.focused { Role::Accent } else { Role::Dim });
    ink.put(place.x, place.y, labels, &field.label, base.patch(look));
    let x = place.x + labels + 2;
    let room = Rect { x, width: place.right().saturating_sub(x), ..place };
    if field.focused {
        let line = LineBox { sign: "", prompt: field.prompt, suggestions: &[], problem: None };
        return prompt::line(ink, room, &line, Role::Overlay);
    }
    let (text, role) = match field.prompt.text() {
        "" => ("…", Role::Dim),
        text => (text, Role::Text),
    };
    let style = base.patch(ink.style(role));
    ink.put(room.x, room.y, room.width, text, style);
}

/// The buttons, at the right. The one that takes the keys, and one that cannot be pressed, are shown by more than a
/// colour.
fn buttons(ink: &mut Ink<'_>, place: Rect, buttons: &[Button]) {
    let base = ink.style(Role::Overlay);
    let wide = |button: &Button| columns(button.title) + 4;
    let wanted = buttons.iter().map(|button| wide(button) + GAP).sum::<u16>();
    let mut x = place.right().saturating_sub(wanted).max(place.x + 1);
    for button in buttons {
        let role = match (button.focused, button.barred) {
            (true, _) => Role::OverlaySelected,
            (false, true) => Role::Dim,
            (false, false) => Role::Text,
        };
        let mut style = base.patch(ink.style(role));
        if button.focused {
            style = style.add_modifier(Modifier::BOLD);
        }
        let (left, right) = match (button.focused, button.barred) {
            (true, _) => ("❯", "❮"),
            (false, true) => ("(", ")"),
            (false, false) => ("[", "]"),
        };
        ink.put(x, place.y, wide(button), &format!("{left} {} {right}", button.title), style);
        x += wide(button) + GAP;
    }
}
