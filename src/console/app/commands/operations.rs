//! The operations: looking at them, resuming, aborting.

use crate::console::app::effect::Effect;
use crate::console::app::followed::Followed;
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::review::AbortQuestion;
use crate::console::app::trail::View;
use crate::operation::fold::Stage;
use crate::operation::record::Wish;

type Effects = Vec<Effect>;

/// The operations, or the one whose id begins or ends so.
pub fn operations(model: &mut Model, id: &str) -> Effects {
    if id.is_empty() {
        model.trail.go(View::Operations);
        return Vec::new();
    }
    let known = model.operations.iter().flatten();
    let found: Vec<_> = known.filter(|followed| followed.id().answers_to(id)).map(|one| one.id().clone()).collect();
    match found.as_slice() {
        [one] => {
            model.trail.go(View::Operations);
            model.trail.open(View::Operation(one.clone()));
        }
        [] => model.notices.tell(format!("There is no operation {id}"), model.now),
        several => model.notices.tell(format!("{id} may be any of {} operations", several.len()), model.now),
    }
    Vec::new()
}

/// Lets it go on: a new worker takes up what a dead one has left, or what was paused.
pub fn resume(model: &mut Model, _: &str) -> Effects {
    let Some(id) = model.current_operation().map(|followed| followed.id().clone()) else { return Vec::new() };
    model.notices.tell(format!("Resuming {} …", id.short()), model.now);
    vec![Effect::Ask(id, Wish::Resume)]
}

/// Whether it can go on.
pub fn can_resume(model: &Model) -> Result<(), String> {
    let followed = current(model)?;
    match followed.operation.stage {
        Stage::Finished(_) => Err("it is over".to_owned()),
        Stage::Running | Stage::Approved if followed.is_driven() => Err("it is running".to_owned()),
        Stage::Running | Stage::Approved | Stage::Paused(_) if model.is_read_only() => {
            Err(format!("{} is opened read-only", model.scope.cloud))
        }
        Stage::Running | Stage::Approved | Stage::Paused(_) => Ok(()),
    }
}

/// Asks whether it shall begin nothing more.
pub fn abort(model: &mut Model, _: &str) -> Effects {
    let Some(id) = model.current_operation().map(|followed| followed.id().clone()) else { return Vec::new() };
    model.overlay = Some(Overlay::Abort(Box::new(AbortQuestion::of(id, model.now))));
    model.touch();
    Vec::new()
}

/// Whether there is anything left to abort.
pub fn can_abort(model: &Model) -> Result<(), String> {
    let followed = current(model)?;
    match followed.operation.stage {
        Stage::Finished(_) => Err("it is over".to_owned()),
        _ if followed.operation.abort_asked && followed.is_driven() => Err("that was asked for already".to_owned()),
        _ => Ok(()),
    }
}

fn current(model: &Model) -> Result<&Followed, String> {
    model.current_operation().map(|followed| &**followed).ok_or_else(|| "there is no operation here".to_owned())
}
