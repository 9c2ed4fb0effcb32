//! What the journal tells, and what becomes of plans that were agreed to.

use std::sync::Arc;

use crate::base::failure::Failure;
use crate::console::app::cell::Cell;
use crate::console::app::changes;
use crate::console::app::effect::Effect;
use crate::console::app::followed::Followed;
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::pane::PaneId;
use crate::console::app::prompt::Password;
use crate::console::app::review;
use crate::operation::OperationId;

type Effects = Vec<Effect>;

/// The operations as they are now. What ends while one looks on is told.
pub(super) fn operations(model: &mut Model, operations: Vec<Arc<Followed>>) -> Effects {
    let ended: Vec<String> = operations
        .iter()
        .filter(|now| now.operation.is_over())
        .filter(|now| model.operation(now.id()).is_some_and(|before| !before.operation.is_over()))
        .map(|now| format!("{}: {}", now.operation.plan.title, now.operation.word(now.is_driven())))
        .collect();
    let died: Vec<String> = operations
        .iter()
        .filter(|now| now.is_interrupted())
        .filter(|now| model.operation(now.id()).is_some_and(|before| before.is_driven()))
        .map(|now| {
            format!("{} was interrupted: its worker is gone. Resume it in :operations", now.operation.plan.title)
        })
        .collect();
    for text in ended.into_iter().chain(died) {
        model.notices.tell(text, model.now);
    }
    model.operations = Some(operations);
    changes::operations(model);
    if let Some(table) = model.tables.get_mut(&PaneId::Operations) {
        table.outdate();
    }
    model.touch();
    Vec::new()
}

/// Whether a worker outlives this login. An open plan asks for what it did not ask before.
pub(super) fn outlives(model: &mut Model, told: Cell, dies: bool) -> Effects {
    model.outlives = Some(told);
    model.dies = dies;
    if let Some(Overlay::Review(open)) = &mut model.overlay {
        open.dies = dies;
    }
    model.touch();
    Vec::new()
}

/// Resuming needs a password. What somebody reads or types meanwhile is not taken away.
pub(super) fn password_to_resume(model: &mut Model, password: Password, refused: Option<Failure>) -> Effects {
    if let Some(failure) = refused {
        model.notices.fail(failure, model.now);
    }
    if matches!(model.overlay, None | Some(Overlay::Password(_))) {
        model.overlay = Some(Overlay::Password(password));
    } else {
        let text = format!("A password is wanted for {}: resume it again", password.whom);
        model.notices.tell(text, model.now);
    }
    model.touch();
    Vec::new()
}

/// A worker has it.
pub(super) fn started(model: &mut Model, id: &OperationId) -> Effects {
    let what = model.starting.take().unwrap_or_else(|| "It".to_owned());
    model.notices.tell(format!("Started: {what} ({}). :operations follows it", id.short()), model.now);
    Vec::new()
}

/// Nobody has it.
pub(super) fn not_started(model: &mut Model, failure: Failure) -> Effects {
    model.starting = None;
    model.notices.fail(failure, model.now);
    Vec::new()
}

/// After the fleet has changed: an open plan is made anew.
pub(super) fn refresh_review(model: &mut Model) {
    let guard = review::guard(model);
    let Some(Overlay::Review(open)) = &mut model.overlay else { return };
    open.refresh(&model.fleet, &guard, model.start.limits, model.now);
    model.touch();
}
