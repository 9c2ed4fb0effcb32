//! Moving and marking. The same moves scroll texts and walk lists.

use crate::console::app::effect::Effect;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::pane::PaneId;
use crate::console::app::screen;
use crate::console::app::screen::text::Text;
use crate::console::app::table::Table;
use crate::console::app::update::table_mut;

type Effects = Vec<Effect>;

/// Further than any list is long.
const FAR: isize = isize::MAX / 2;

fn page(model: &Model) -> isize {
    let window = match &model.overlay {
        None => layout::window(model.size, &model.pane()),
        Some(Overlay::Review(_)) => screen::review::window(model),
        Some(_) => usize::from(model.size.body().saturating_sub(2)),
    };
    isize::try_from(window).unwrap_or(1).max(1)
}

/// Moves by some rows or lines, whatever takes the keys.
fn by(model: &mut Model, rows: isize) -> Effects {
    model.touch();
    if model.overlay.is_some() {
        in_overlay(model, rows);
        return Vec::new();
    }
    let pane = model.pane();
    let window = layout::window(model.size, &pane);
    if let Some(table) = table_mut(model, &pane) {
        table.step(rows);
        // A hand on these keys is led by an eye.
        model.list_moved = None;
        return Vec::new();
    }
    let Some(scroll) = model.scrolls.get(&pane) else { return Vec::new() };
    let text = Text::of(model, &pane);
    let (at, row) = text.moved((text.at(scroll.top), scroll.above), rows, window);
    let top = text.line(at);
    let Some(scroll) = model.scrolls.get_mut(&pane) else { return Vec::new() };
    (scroll.top, scroll.above) = (top, row);
    if rows < 0 {
        scroll.follows = false;
    } else if rows >= FAR {
        scroll.follows = PaneId::grows(&pane);
    }
    Vec::new()
}

fn in_overlay(model: &mut Model, rows: isize) {
    let lines = screen::overlay::length(model);
    let moved = |at: usize| at.saturating_add_signed(rows).min(lines.saturating_sub(1));
    let room = page(model).unsigned_abs();
    let reviewed = screen::review::window(model);
    match &mut model.overlay {
        // A text: the last page is full.
        Some(Overlay::Help { top, .. }) => *top = top.saturating_add_signed(rows).min(lines.saturating_sub(room)),
        Some(Overlay::Review(review)) => {
            review.top = review.top.saturating_add_signed(rows).min(lines.saturating_sub(reviewed));
        }
        Some(Overlay::Notices(at)) => *at = moved(*at),
        Some(Overlay::Columns(chooser)) => chooser.cursor = moved(chooser.cursor),
        Some(Overlay::Picker(picker)) => picker.cursor = moved(picker.cursor),
        Some(Overlay::Row(row)) => row.cursor = moved(row.cursor),
        Some(
            Overlay::Command(_) | Overlay::Filter(_) | Overlay::Search(..) | Overlay::Password(_) | Overlay::Abort(_),
        )
        | None => {}
    }
}

/// Down by one.
pub fn down(model: &mut Model, _: &str) -> Effects {
    by(model, 1)
}

/// Up by one.
pub fn up(model: &mut Model, _: &str) -> Effects {
    by(model, -1)
}

/// Down by a page.
pub fn page_down(model: &mut Model, _: &str) -> Effects {
    by(model, page(model))
}

/// Up by a page.
pub fn page_up(model: &mut Model, _: &str) -> Effects {
    by(model, -page(model))
}

/// Down by half a page.
pub fn half_down(model: &mut Model, _: &str) -> Effects {
    by(model, (page(model) / 2).max(1))
}

/// Up by half a page.
pub fn half_up(model: &mut Model, _: &str) -> Effects {
    by(model, -(page(model) / 2).max(1))
}

/// To the first.
pub fn top(model: &mut Model, _: &str) -> Effects {
    by(model, -FAR)
}

/// To the last.
pub fn bottom(model: &mut Model, _: &str) -> Effects {
    by(model, FAR)
}

fn with_table(model: &mut Model, change: impl FnOnce(&mut Table)) -> Effects {
    let pane = model.pane();
    if let Some(table) = table_mut(model, &pane) {
        change(table);
    }
    model.touch();
    Vec::new()
}

/// Marks, and moves on.
pub fn mark(model: &mut Model, _: &str) -> Effects {
    with_table(model, |table| {
        table.toggle_mark();
        table.step(1);
    })
}

/// Marks a range.
pub fn mark_range(model: &mut Model, _: &str) -> Effects {
    with_table(model, Table::mark_range)
}

/// Inverts the marks.
pub fn invert_marks(model: &mut Model, _: &str) -> Effects {
    with_table(model, Table::invert_marks)
}

/// Unmarks everything.
pub fn clear_marks(model: &mut Model, _: &str) -> Effects {
    with_table(model, |table| {
        table.clear_marks();
    })
}

/// Whether something is marked.
pub fn has_marks(model: &Model) -> Result<(), String> {
    let marked = model.table().is_some_and(|table| !table.marks().is_empty());
    if marked { Ok(()) } else { Err("nothing is marked".to_owned()) }
}
