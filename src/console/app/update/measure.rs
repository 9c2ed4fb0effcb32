//! What was measured, and when conclusions are drawn from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::console::app::alerts;
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::update::news;
use crate::console::app::wake::on_the_wall;
use crate::fleet::ServiceKey;
use crate::fleet::condition::Condition;
use crate::fleet::health::{self, Wanted};
use crate::fleet::metric::{MeterState, Reported, Sample};

type Effects = Vec<Effect>;

pub(super) fn samples(model: &mut Model, samples: &[Sample]) -> Effects {
    let now = model.moment().cloud;
    let first = model.condition.load().is_empty();
    let taken = condition(model).take(samples, now);
    if first && taken.kept > 0 {
        // Now there is something to show in columns of its own.
        news::outdate_fleet(model);
    }
    if taken.kept > 0 && model.pane().shows_load() {
        model.touch();
    }
    Vec::new()
}

pub(super) fn reported(model: &mut Model, reported: Vec<Reported>) -> Effects {
    condition(model).note(reported);
    Vec::new()
}

pub(super) fn meters(model: &mut Model, meters: Vec<MeterState>) -> Effects {
    let now = model.moment().cloud;
    condition(model).hear(meters, now);
    model.touch();
    Vec::new()
}

/// Draws conclusions where that is due, and lays them over the fleet.
pub(super) fn look(model: &mut Model) -> Effects {
    if rest(model) != Some(Duration::ZERO) {
        return Vec::new();
    }
    let (now, seen, wanted) = (model.moment().cloud, Arc::clone(&model.seen), wanted(model));
    let thresholds = model.start.thresholds.clone();
    let changed = condition(model).look(&seen, &wanted, &thresholds, now);
    if changed {
        let judged = model.condition.judged(&model.seen);
        news::judged(model, judged);
    }
    news::reorder_by_load(model);
    alerts::settle(model).map(Effect::Ring).into_iter().collect()
}

/// What is wanted of the services that are there. While an operation is at one, several versions are meant.
fn wanted(model: &Model) -> BTreeMap<ServiceKey, Wanted> {
    let unfinished = model.operations.iter().flatten().filter(|followed| !followed.operation.is_over());
    let changing: BTreeSet<&str> = unfinished
        .flat_map(|followed| followed.operation.plan.steps.iter().map(|step| step.target.service.as_str()))
        .collect();
    let mut wanted = health::wanted(&model.seen, &model.start.wanted);
    for service in model.seen.services.iter().filter(|service| changing.contains(&*service.key.name)) {
        wanted.entry(service.key.clone()).or_default().changing = true;
    }
    wanted
}

/// How long until the next look; none while what is there is not what the cloud says now.
fn rest(model: &Model) -> Option<Duration> {
    let settled = !model.partial && !model.freshness.from_cache && !model.seen.services.is_empty();
    settled.then(|| model.condition.rest(model.moment().cloud))
}

/// When the next look is due.
pub(in crate::console::app) fn next_look(model: &Model) -> Option<Duration> {
    rest(model).map(|rest| on_the_wall(rest, model.pace()))
}

/// Nobody else holds it while the model is changed, so nothing is copied.
fn condition(model: &mut Model) -> &mut Condition {
    Arc::make_mut(&mut model.condition)
}
