//! A line being typed, with its cursor, and the list of what may follow.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::console::app::screen::overlay::LineBox;
use crate::console::app::wrap::skip_columns;
use crate::console::view::ink::{Ink, columns, role};
use crate::console::view::popup::framed;
use crate::console::view::theme::Role;

/// More suggestions than these nobody reads.
const SUGGESTIONS: u16 = 8;

/// Draws the line with its sign, and what is wrong with it at the right end.
pub(super) fn line(ink: &mut Ink<'_>, area: Rect, line: &LineBox<'_>, under: Role) {
    let prompt = line.prompt;
    let base = ink.style(under);
    ink.clear(area, base);
    let (accent, input) = (ink.style(Role::Accent), ink.style(Role::Input));
    let start = area.x + ink.put(area.x, area.y, area.width, line.sign, base.patch(accent));
    let mut room = area.right().saturating_sub(start);
    if let Some(problem) = &line.problem {
        let taken = columns(&problem.text).min(room / 2);
        let style = base.patch(ink.style(role(problem.tone)));
        ink.put(area.right() - taken, area.y, taken, &problem.text, style);
        room = room.saturating_sub(taken + 2);
    }
    // Scrolled so that the cursor is always in sight.
    let input_room = usize::from(room.saturating_sub(1).max(1));
    let scrolled = prompt.input.visual_scroll(input_room);
    let text = skip_columns(prompt.text(), scrolled);
    ink.put(start, area.y, room, text, base.patch(input));
    let cursor = prompt.input.visual_cursor().saturating_sub(scrolled);
    let x = start + u16::try_from(cursor).unwrap_or(u16::MAX).min(room.saturating_sub(1));
    if room > 0 && ink.frame.area.contains((x, area.y).into()) {
        let style = base.patch(input).add_modifier(Modifier::REVERSED);
        ink.frame[(x, area.y)].set_style(style);
    }
}

/// Draws what may follow in a list that stands on a row.
pub(super) fn suggestions(ink: &mut Ink<'_>, screen: Rect, bottom: u16, line: &LineBox<'_>) {
    let shown = SUGGESTIONS.min(bottom.saturating_sub(screen.y + 4));
    let count = u16::try_from(line.suggestions.len()).unwrap_or(u16::MAX).min(shown);
    if count == 0 {
        return;
    }
    let taken = line.prompt.taken.unwrap_or(usize::MAX);
    let first = line.prompt.taken.map_or(0, |taken| taken.saturating_sub(usize::from(count) - 1));
    let visible = || line.suggestions.iter().enumerate().skip(first).take(usize::from(count));
    let lines = visible().map(|(_, line)| columns(&line.line)).max().unwrap_or(0);
    let notes = visible().map(|(_, line)| columns(&line.note)).max().unwrap_or(0);
    let width = (lines + notes + 8).min(screen.width.saturating_sub(2));
    let outer = Rect { x: screen.x + 1, y: bottom - count - 2, width, height: count + 2 };
    let inner = framed(ink, outer, "");
    let base = ink.style(Role::Overlay);
    for (y, (at, suggestion)) in (inner.y..).zip(visible()) {
        let chosen = at == taken;
        let role = |otherwise| if chosen { Role::OverlaySelected } else { otherwise };
        let (text, note) = (base.patch(ink.style(role(Role::Text))), base.patch(ink.style(role(Role::Dim))));
        if chosen {
            ink.wash(Rect { y, height: 1, ..inner }, text);
        }
        let taken = lines.min(inner.width);
        ink.put(inner.x + 1, y, taken, &suggestion.line, text);
        let room = inner.width.saturating_sub(taken + 4);
        ink.put(inner.x + taken + 4, y, room, &suggestion.note, note);
    }
}
