//! What lies over the view: a list in a box, a choice with a line to narrow it down, a question for a password.
//!
//! A box keeps its width and its top edge while its content changes, so that nothing jumps while one types or scrolls.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::Model;
use crate::console::app::cell::Cell;
use crate::console::app::layout::{KEYS, LIST};
use crate::console::app::overlay::Overlay;
use crate::console::app::screen::overlay::{LineBox, ListBox, ListRow, Over};
use crate::console::app::wrap::wrapped;
use crate::console::view::ink::{Ink, cell_columns, columns, role};
use crate::console::view::table::scroll_bar;
use crate::console::view::theme::Role;
use crate::console::view::{prompt, review};

/// Widest choices.
const CHOICE: u16 = 72;

/// Draws what lies over the body. A line being typed stands in the last row.
pub(super) fn draw(ink: &mut Ink<'_>, screen: Rect, model: &Model, over: &Over<'_>) {
    let area = Rect { y: screen.y + 2, height: screen.height - 4, ..screen };
    match over {
        Over::List(list) => {
            let inner = boxed(
                ink,
                area,
                (LIST, rows_of(list) + notice_rows(model, inside(area, LIST).saturating_sub(1))),
                &list.title,
            );
            let used = self::list(ink, inner, list);
            notice(ink, Rect { y: inner.y + used, height: inner.height - used, ..inner }, model);
        }
        Over::Choice(line, list) => {
            let inner = boxed(ink, area, (CHOICE, rows_of(list) + 1), &list.title);
            let top =
                Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), height: inner.height.min(1), ..inner };
            prompt::line(ink, top, line, Role::Overlay);
            let below = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
            self::list(ink, below, list);
        }
        Over::Review(review) => review::draw(ink, area, review),
        Over::Password { whom, typed } => password(ink, area, whom, *typed),
        Over::Line(line) => typed(ink, screen, line),
    }
}

/// The line at the foot of the screen, and what may follow above it.
fn typed(ink: &mut Ink<'_>, screen: Rect, line: &LineBox<'_>) {
    let foot = Rect { x: screen.x + 1, y: screen.bottom() - 1, width: screen.width - 2, height: 1 };
    prompt::line(ink, foot, line, Role::Background);
    prompt::suggestions(ink, screen, foot.y, line);
}

fn rows_of(list: &ListBox) -> u16 {
    u16::try_from(list.total).unwrap_or(u16::MAX).max(1)
}

fn list(ink: &mut Ink<'_>, area: Rect, list: &ListBox) -> u16 {
    let base = ink.style(Role::Overlay);
    if let Some(empty) = list.empty.as_ref().filter(|_| list.rows.is_empty()) {
        let style = base.patch(ink.style(role(empty.tone)));
        ink.cell(area.x + 1, area.y, area.width.saturating_sub(2), empty, style);
        return area.height.min(1);
    }
    let titled = list.rows.iter().any(|row| row.heading);
    let stops = stops(&list.rows, area.width.saturating_sub(2), titled);
    for (y, row) in (area.y..area.bottom()).zip(&list.rows) {
        let line = Rect { y, height: 1, ..area };
        if row.cursor {
            let style = base.patch(ink.style(Role::OverlaySelected));
            ink.wash(line, style);
        }
        for (cell, (at, room)) in row.cells.iter().zip(&stops) {
            let room = if row.heading { area.width - 2 } else { *room };
            let style = base.patch(look(ink, row, cell));
            ink.cell(area.x + 1 + at, y, room, cell, style);
        }
    }
    scroll_bar(ink, Rect { width: area.width + 1, ..area }, list.top, list.total);
    u16::try_from(list.rows.len()).unwrap_or(u16::MAX).min(area.height)
}

fn look(ink: &Ink<'_>, row: &ListRow, cell: &Cell) -> Style {
    match (row.cursor, row.heading) {
        (true, _) => ink.style(Role::OverlaySelected),
        (_, true) => ink.style(Role::Title),
        _ => ink.style(role(cell.tone)),
    }
}

/// Where the pieces of rows stand, and how much room each has.
fn stops(rows: &[ListRow], width: u16, titled: bool) -> Vec<(u16, u16)> {
    let pieces = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut stops = Vec::with_capacity(pieces);
    let mut x = 0;
    for piece in 0..pieces {
        let cells = rows.iter().filter(|row| !row.heading).filter_map(|row| row.cells.get(piece));
        let widest = cells.map(cell_columns).max().unwrap_or(0);
        let wanted = if titled && piece == 0 { KEYS } else { widest };
        let rest = width.saturating_sub(x);
        let room = if piece + 1 == pieces { rest } else { wanted.min(rest / 2 + 1) };
        stops.push((x, room));
        x += room + 2;
    }
    stops
}

/// The chosen notice, whole, below the list of all.
fn whole(model: &Model, room: u16) -> Vec<String> {
    let Some(Overlay::Notices(chosen)) = &model.overlay else { return Vec::new() };
    let text = model.notices.newest_first().nth(*chosen).map(crate::console::app::notice::Notice::whole);
    let lines = text.iter().flat_map(|text| text.lines());
    lines.flat_map(|line| wrapped(&crate::base::text::sanitise(line), usize::from(room))).collect()
}

fn notice_rows(model: &Model, room: u16) -> u16 {
    match whole(model, room).len() {
        0 => 0,
        rows => 1 + u16::try_from(rows).unwrap_or(u16::MAX - 1),
    }
}

fn notice(ink: &mut Ink<'_>, area: Rect, model: &Model) {
    let lines = whole(model, area.width.saturating_sub(1));
    if lines.is_empty() {
        return;
    }
    let base = ink.style(Role::Overlay);
    let (border, style) = (base.patch(ink.style(Role::Border)), base.patch(ink.style(Role::Text)));
    if area.height > 1 {
        ink.rule(area.x, area.y, area.width, "─", border);
    }
    for (y, line) in (area.y + 1..area.bottom()).zip(lines) {
        ink.put(area.x + 1, y, area.width.saturating_sub(1), &line, style);
    }
}

fn password(ink: &mut Ink<'_>, area: Rect, whom: &Cell, typed: bool) {
    let inner = boxed(ink, area, (columns(&whom.text).saturating_add(16).max(46), 3), "Password");
    let base = ink.style(Role::Overlay);
    let (text, dim, input) = (ink.style(Role::Text), ink.style(Role::Dim), ink.style(Role::Input));
    ink.put(inner.x + 1, inner.y, inner.width.saturating_sub(2), &format!("for {}", whom.text), base.patch(text));
    let (shown, style) =
        if typed { ("typed; not even its length is shown", input) } else { ("type or paste it; it is not shown", dim) };
    if inner.height > 2 {
        ink.put(inner.x + 1, inner.y + 2, inner.width.saturating_sub(2), shown, base.patch(style));
    }
}

/// How wide the inside of a box is that may be so wide.
fn inside(area: Rect, width: u16) -> u16 {
    let margin = if area.width < 100 { 0 } else { 4 };
    width.saturating_add(4).min(area.width.saturating_sub(margin)).saturating_sub(3)
}

/// A box of at most that inner size, under the upper edge of an area; gives its inside.
pub(super) fn boxed(ink: &mut Ink<'_>, area: Rect, (width, height): (u16, u16), title: &str) -> Rect {
    let width = inside(area, width) + 3;
    let height = height.saturating_add(2).min(area.height);
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height).min(1 + area.height / 12);
    framed(ink, Rect { x, y, width, height }, title)
}

/// A frame around an area; gives its inside.
pub(super) fn framed(ink: &mut Ink<'_>, outer: Rect, title: &str) -> Rect {
    let base = ink.style(Role::Overlay);
    ink.clear(outer, base);
    if outer.width < 6 || outer.height < 2 {
        return Rect { width: 0, height: 0, ..outer };
    }
    let border = base.patch(ink.style(Role::Border));
    let (left, right, top, bottom) = (outer.x, outer.right() - 1, outer.y, outer.bottom() - 1);
    ink.rule(left + 1, top, outer.width - 2, "─", border);
    ink.rule(left + 1, bottom, outer.width - 2, "─", border);
    for y in top + 1..bottom {
        ink.put(left, y, 1, "│", border);
        ink.put(right, y, 1, "│", border);
    }
    for (x, y, sign) in [(left, top, "╭"), (right, top, "╮"), (left, bottom, "╰"), (right, bottom, "╯")] {
        ink.put(x, y, 1, sign, border);
    }
    if !title.is_empty() {
        let style = base.patch(ink.style(Role::Title));
        ink.put(left + 2, top, outer.width - 4, &format!(" {title} "), style);
    }
    Rect { x: left + 1, y: top + 1, width: outer.width - 3, height: outer.height - 2 }
}
