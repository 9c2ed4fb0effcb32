//! What has changed: looking at it, and going on from there.

use std::sync::Arc;

use crate::console::app::column::RowId;
use crate::console::app::commands::{go, graphs, list};
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::trail::{InstanceTab, View};
use crate::console::app::update::{refresh_table, table_mut};
use crate::fleet::timeline::Entry;

type Effects = Vec<Effect>;

/// What has changed anywhere, or at the named service.
pub fn changes(model: &mut Model, name: &str) -> Effects {
    if name.is_empty() {
        model.trail.go(View::Changes(None));
        return Vec::new();
    }
    match go::named(model, name) {
        Ok(key) => {
            model.trail.go(View::Services);
            model.trail.open(View::Changes(Some(key)));
        }
        Err(text) => model.notices.tell(text, model.now),
    }
    Vec::new()
}

/// What has changed at the service that is looked at, or under the cursor.
pub fn of_service(model: &mut Model, _: &str) -> Effects {
    if let Some(key) = graphs::service(model) {
        model.trail.open(View::Changes(Some(key)));
    }
    Vec::new()
}

/// The entry under the cursor, and the crowd that it is of.
pub(in crate::console::app) fn current(model: &Model) -> Option<(&Entry, Option<&Entry>)> {
    let RowId::Named(name) = model.table()?.cursor()? else { return None };
    model.changes.entries().iter().find_map(|entry| {
        let part = entry.parts.iter().find(|part| part.id == *name).map(|part| (part, Some(entry)));
        part.or_else(|| (entry.id == *name).then_some((entry, None)))
    })
}

/// Opens the operation or the instance that it is about; a crowd shows each of it.
pub(super) fn open(model: &mut Model) -> Effects {
    let Some((entry, _)) = current(model) else { return Vec::new() };
    if !entry.parts.is_empty() {
        let id = Arc::clone(&entry.id);
        return unfold(model, &id);
    }
    if let Some(operation) = entry.operation().and_then(|id| id.parse().ok()) {
        model.trail.open(View::Operation(operation));
        return Vec::new();
    }
    match entry.whom.instance.clone().filter(|id| model.instance(id).is_some()) {
        Some(id) => {
            model.instance_tab = InstanceTab::Overview;
            model.trail.open(View::Instance(id));
            Vec::new()
        }
        // It is gone: what is known of it is in its row.
        None => list::row(model, ""),
    }
}

fn unfold(model: &mut Model, id: &Arc<str>) -> Effects {
    if !model.expanded.remove(id) {
        model.expanded.insert(Arc::clone(id));
    }
    let pane = model.pane();
    if let Some(table) = table_mut(model, &pane) {
        table.outdate();
    }
    refresh_table(model, &pane, false);
    if let Some(table) = table_mut(model, &pane) {
        table.seek(&RowId::Named(Arc::clone(id)));
    }
    model.touch();
    Vec::new()
}
