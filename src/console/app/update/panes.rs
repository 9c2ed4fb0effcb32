//! Keeps the pane in the body in order: its table is computed when it is outdated, its window holds the cursor.

use std::sync::Arc;
use std::time::Duration;

use crate::console::app::column::RowId;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::pane::{PaneId, Scroll};
use crate::console::app::screen::text::Text;
use crate::console::app::table::{Moved, Table};
use crate::console::app::tables::{self, listed};
use crate::fleet::service::Standing;

/// How long the cursor rests before the strip follows: drawn anew at each step, it would cost more than the step.
const REST: Duration = Duration::from_millis(150);
/// States of panes that are kept; the home table and the current one are among the newest, so they stay.
const KEPT: usize = 40;

/// The state of a pane's table, made if needed; `None` for a text.
pub(in crate::console::app) fn table_mut<'a>(model: &'a mut Model, pane: &PaneId) -> Option<&'a mut Table> {
    if pane.is_table() && !model.tables.contains_key(pane) {
        let rows = tables::rows(model, pane)?;
        let table = Table::new(&*rows, model.start.views.get(rows.name()));
        drop(rows);
        make_room(model);
        model.tables.insert(pane.clone(), table);
    }
    model.tables.get_mut(pane)
}

/// Panes of instances that were looked into long ago are forgotten first: there may be very many.
fn make_room(model: &mut Model) {
    while model.tables.len() + model.scrolls.len() >= KEPT {
        let away = |pane: &&PaneId| !model.trail.path().iter().any(|view| pane.is_of(view));
        let table = model.tables.keys().rev().find(away).cloned();
        let scroll = model.scrolls.keys().rev().find(away).cloned();
        match (scroll, table) {
            (Some(pane), _) => drop(model.scrolls.remove(&pane)),
            (None, Some(pane)) => drop(model.tables.remove(&pane)),
            (None, None) => return,
        }
    }
}

/// Computes a table anew. `from_cloud` says that the cloud changed it, so that what is lost must be told.
pub(in crate::console::app) fn refresh_table(model: &mut Model, pane: &PaneId, from_cloud: bool) {
    let Some(mut table) = table_mut(model, pane).map(std::mem::take) else { return };
    let before = table.was_read().then(|| table.cursor().cloned());
    if table.is_own
        && let Some(rows) = tables::rows(model, pane)
    {
        let shown = |at: &usize| listed::is_shown(model, &*rows, rows.column(*at));
        table.show_own((0..rows.columns()).filter(shown).collect());
    }
    let keep = model.partial || model.freshness.from_cache;
    let moved = match tables::rows(model, pane) {
        Some(rows) => table.reorder(&*rows, tables::base(model, pane), &model.moment(), keep),
        None => Moved::default(),
    };
    // Where there was no row before, or another one, nobody has looked at this one.
    if from_cloud && before.is_some_and(|before| before.as_ref() != table.cursor()) {
        model.list_moved = Some(model.now);
    }
    if !keep && !is_provisional(model) {
        table.complete();
    }
    model.tables.insert(pane.clone(), table);
    if from_cloud && !keep {
        tell(model, &moved);
    }
}

/// Whether a source has yet to say which instances belong together and how they are, or a look what is wrong.
fn is_provisional(model: &Model) -> bool {
    let services = &model.fleet.services;
    let unsettled = services.is_empty() || model.condition.is_looking();
    unsettled || services.iter().any(|service| matches!(service.standing, Standing::Provisional(_)))
}

/// Tells what the cloud has taken from under the cursor.
fn tell(model: &mut Model, moved: &Moved) {
    if moved.cursor_lost.is_some() || moved.marks_lost > 0 {
        model.list_moved = Some(model.now);
    }
    if let Some((id, name, still_there)) = &moved.cursor_lost {
        let name = if name.is_empty() { name_of(id) } else { name.clone() };
        let what = if *still_there { "no longer matches the filter" } else { "is gone" };
        model.notices.tell(format!("{name} {what}; the cursor is on the next row"), model.now);
    }
    match moved.marks_lost {
        0 => {}
        1 => model.notices.tell("1 marked row is gone and no longer marked", model.now),
        more => model.notices.tell(format!("{more} marked rows are gone and no longer marked"), model.now),
    }
}

fn name_of(id: &RowId) -> String {
    match id {
        RowId::Service(key) => key.name.to_string(),
        RowId::Instance(id) => id.to_string(),
        RowId::Named(name) => name.to_string(),
    }
}

/// Lets the strip under the services follow the cursor once that rests; at once where the strip shows nothing yet, or
/// what is gone.
fn follow_with_strip(model: &mut Model) {
    let under_cursor = match model.table().and_then(Table::cursor) {
        Some(RowId::Service(key)) if model.pane() == PaneId::Services => Some(Arc::clone(key)),
        _ => None,
    };
    if under_cursor == model.strip {
        model.strip_next = None;
        return;
    }
    // The first row is another when it is known what is wrong.
    if model.strip.is_none() && model.condition.is_looking() {
        return;
    }
    let due = match &model.strip_next {
        Some((next, due)) if Some(next) == under_cursor.as_ref() => *due,
        _ => model.now + REST,
    };
    let shows = model.strip.as_ref().is_some_and(|key| model.fleet.service(key).is_some());
    if shows && under_cursor.is_some() && model.now < due {
        model.strip_next = under_cursor.map(|key| (key, due));
        return;
    }
    model.strip = under_cursor;
    model.strip_next = None;
    model.touch();
}

/// After every message: the pane in the body is in order.
pub(super) fn settle(model: &mut Model) {
    settle_pane(model);
    follow_with_strip(model);
}

fn settle_pane(model: &mut Model) {
    let pane = model.pane();
    let window = layout::window(model.size, &pane);
    if pane.is_table() {
        if table_mut(model, &pane).is_some_and(|table| table.is_outdated()) {
            refresh_table(model, &pane, true);
        }
        if let Some(mut table) = model.tables.get_mut(&pane).map(std::mem::take) {
            table.scroll_to_cursor(window);
            if let Some(rows) = tables::rows(model, &pane) {
                table.remember_name(&*rows);
            }
            model.tables.insert(pane, table);
        }
        return;
    }
    if !model.scrolls.contains_key(&pane) {
        make_room(model);
        model.scrolls.insert(pane.clone(), Scroll::of(&pane));
    }
    settle_text(model, &pane, window);
}

/// The window of a text is full, and at its end if it follows that.
fn settle_text(model: &mut Model, pane: &PaneId, window: usize) {
    let Some(scroll) = model.scrolls.get(pane) else { return };
    let text = Text::of(model, pane);
    let last = text.last(window);
    let place = (text.at(scroll.top), scroll.above);
    let (at, row) = if scroll.follows { last } else { place.min(last) };
    // A place that is within the text stays as it is: what a search hides for now comes back where it was.
    if (at, row) != place
        && let top = text.line(at)
        && let Some(scroll) = model.scrolls.get_mut(pane)
    {
        (scroll.top, scroll.above) = (top, row);
    }
}
