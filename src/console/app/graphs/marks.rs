//! When something was changed, on the axis of time.

use crate::console::app::graphs::Axis;
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;

/// The dots at which an operation on what is shown was approved.
pub(super) fn of(model: &Model, pane: &PaneId, axis: &Axis) -> Vec<usize> {
    let mut marks = Vec::new();
    for followed in model.operations.iter().flatten() {
        let targets = followed.operation.plan.steps.iter().map(|step| &step.target);
        let concerns = match pane {
            PaneId::Graphs(key) => targets.into_iter().any(|target| target.service == *key.name),
            PaneId::Instance(id, _) => targets.into_iter().any(|target| target.id == *id),
            _ => false,
        };
        let begun = followed.records.first().map(|record| model.pace().cloud(record.at));
        marks.extend(begun.filter(|_| concerns).and_then(|at| axis.grid.column(at)));
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}
