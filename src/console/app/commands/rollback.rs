//! Back to what ran before: of the service under the cursor, or of the rollout. Which release that is, the journal tells;
//! its image is read before the plan is.

use std::sync::Arc;

use crate::base::failure::Failure;
use crate::base::id::ImageId;
use crate::console::app::commands::change::{is_ready, looked_at, service_by_name};
use crate::console::app::commands::mould;
use crate::console::app::effect::Effect;
use crate::console::app::model::{Model, Returning};
use crate::fleet::ServiceKey;
use crate::fleet::release::Release;
use crate::operation::rollback::{self, Previous};
use crate::operation::{Aim, Intent, Verb};

type Effects = Vec<Effect>;

/// Reads the image of what ran before; of the named service, else of what is under the cursor.
pub fn rollback(model: &mut Model, typed: &str) -> Effects {
    let (key, previous) = match way_back(model, typed.trim()) {
        Ok(found) => found,
        Err(why) => {
            model.notices.tell(format!("{}: {why}", Verb::RollBack), model.now);
            return Vec::new();
        }
    };
    model.notices.tell(format!("Reading the image of {} …", previous.title()), model.now);
    let (service, image) = (Arc::clone(&key.name), previous.image.clone());
    let (strategy, back) = (model.start.strategy, Some(previous.back.clone()));
    let intent = Intent { strategy, back, ..Intent::new(Verb::RollBack, Aim::Service(key)) };
    model.returning = Some(Returning { previous, intent });
    vec![Effect::ReadRelease(service, image)]
}

/// The image was read: the plan can be. What somebody reads or types meanwhile is not taken away.
pub(in crate::console::app) fn read(model: &mut Model, image: &ImageId, read: Result<Release, Failure>) -> Effects {
    let Some(Returning { previous, intent }) = model.returning.take_if(|one| one.previous.image == *image) else {
        return Vec::new();
    };
    match read {
        Ok(_) if model.overlay.is_some() => {
            let text = format!("{}: something else was opened meanwhile: ask for it again", intent.verb);
            model.notices.tell(text, model.now);
            Vec::new()
        }
        Ok(release) => {
            // That it is being read is over.
            model.notices.dismiss(model.now);
            mould::open(model, Intent { release: Some(previous.release(release)), ..intent }, Vec::new())
        }
        Err(failure) => {
            model.notices.fail(failure, model.now);
            Vec::new()
        }
    }
}

/// Whether the rollout under the cursor can be taken back.
pub fn can_revert(model: &Model) -> Result<(), String> {
    is_ready(model)?;
    of_operation(model).map(drop)
}

fn way_back(model: &Model, named: &str) -> Result<(ServiceKey, Previous), String> {
    if named.is_empty() && model.current_operation().is_some() {
        return of_operation(model);
    }
    let meant = if named.is_empty() {
        looked_at(model)?
    } else {
        is_ready(model).and_then(|()| service_by_name(model, named))?
    };
    let Aim::Service(key) = meant.aim else { return Err("a service is rolled back, not its instances".to_owned()) };
    let service = model.fleet.service(&key).ok_or("it is not there any more")?;
    let known = model.operations.iter().flatten().map(|followed| &followed.operation);
    let previous = rollback::previous(known, &model.fleet, service)
        .ok_or_else(|| format!("no rollout in this journal tells what {} ran before; v chooses a release", key.name))?;
    Ok((key, previous))
}

fn of_operation(model: &Model) -> Result<(ServiceKey, Previous), String> {
    let operation = &model.current_operation().ok_or("there is no operation here")?.operation;
    let former = operation.plan.former.as_ref().ok_or("it brought no service to a release")?;
    if !operation.is_over() {
        return Err("it is not over: x lets it begin nothing more".to_owned());
    }
    let differed = || format!("before it not all of {} ran the same: {}", former.service.name, former.list());
    let (key, previous) = rollback::before(operation).ok_or_else(differed)?;
    let service = model.fleet.service(key).ok_or_else(|| format!("{} is not here", key.name))?;
    if rollback::is_run_by_all(&previous, &model.fleet, service) {
        return Err(format!("all of {} run {} already", key.name, previous.title()));
    }
    Ok((key.clone(), previous))
}
