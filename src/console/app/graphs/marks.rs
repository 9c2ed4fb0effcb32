//! When something was changed, on the axis of time.

use crate::console::app::graphs::Axis;
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::fleet::timeline::Entry;

/// The dots at which something happened to what is shown.
pub(super) fn of(model: &Model, pane: &PaneId, axis: &Axis) -> Vec<usize> {
    let concerns = |entry: &&Entry| match pane {
        PaneId::Graphs(key) => entry.whom.is_of(key),
        PaneId::Instance(id, _) => {
            std::iter::once(*entry).chain(&entry.parts).any(|one| one.whom.instance.as_ref() == Some(id))
        }
        _ => false,
    };
    let entries = model.changes.entries().iter().filter(concerns);
    let mut marks: Vec<usize> = entries.filter_map(|entry| axis.grid.column(entry.at)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}
