//! What was measured, and when conclusions are drawn from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::base::id::InstanceId;
use crate::console::app::alerts;
use crate::console::app::column::RowId;
use crate::console::app::effect::Effect;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::console::app::update::news;
use crate::console::app::wake::on_the_wall;
use crate::fleet::ServiceKey;
use crate::fleet::condition::Condition;
use crate::fleet::health::{self, Wanted};
use crate::fleet::look::{Found, Next};
use crate::fleet::metric::{Meter, MeterState, Metric, Sample, Subject};

/// Of a service on screen so many instances are watched one by one: each costs a call to its hypervisor.
const WATCHED: usize = 50;

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

pub(super) fn meters(model: &mut Model, meters: Vec<MeterState>) -> Effects {
    let now = model.moment().cloud;
    condition(model).hear(meters, now);
    model.touch();
    Vec::new()
}

/// The instances on screen, or of the service on screen, whose load nobody tells for all at once. In the order of their
/// ids: what is asked for must not change with the order of the rows.
pub(super) fn on_screen(model: &Model) -> Vec<InstanceId> {
    let pane = model.pane();
    let mut shown = match &pane {
        PaneId::Instances(_) => rows_on_screen(model, &pane),
        PaneId::Graphs(service) | PaneId::Heat(service) => members(model, service),
        _ => Vec::new(),
    };
    let (load, now) = (model.condition.load(), model.moment().cloud);
    shown.retain(|id| {
        let told = load.series(&Subject::Instance(id.clone()), Metric::Cpu, now);
        told.is_none_or(|(meter, series)| meter == Meter::Nova || !series.is_fresh(now))
    });
    shown.sort_unstable();
    shown
}

fn rows_on_screen(model: &Model, pane: &PaneId) -> Vec<InstanceId> {
    let Some(table) = model.tables.get(pane) else { return Vec::new() };
    let rows = table.order().iter().skip(table.top).take(layout::window(model.size, pane));
    let instance = |(id, _): &(RowId, u32)| match id {
        RowId::Instance(id) => Some(id.clone()),
        RowId::Service(_) | RowId::Named(_) => None,
    };
    rows.filter_map(instance).collect()
}

fn members(model: &Model, service: &ServiceKey) -> Vec<InstanceId> {
    let Some(service) = model.fleet.service(service) else { return Vec::new() };
    let members = service.members.iter().take(WATCHED);
    members.map(|member| model.fleet.members[*member].instance.id.clone()).collect()
}

/// Begins a look where one is due.
pub(super) fn look(model: &mut Model) -> Effects {
    if rest(model) != Some(Duration::ZERO) {
        return Vec::new();
    }
    let (now, wanted, thresholds) = (model.moment().cloud, wanted(model), model.start.thresholds.clone());
    let look = model.condition.begin(&model.seen, wanted, thresholds, now);
    vec![Effect::Look(Box::new(look))]
}

/// Goes on with a look; at its end what is concluded lies over the fleet.
pub(super) fn looked(model: &mut Model, found: Found) -> Effects {
    let changed = match model.condition.go_on(found) {
        Next::Look(look) => return vec![Effect::Look(look)],
        Next::Done(changed) => changed,
    };
    if let Some((of, judged)) = changed {
        // The cloud may have told of another meanwhile.
        let judged = if Arc::ptr_eq(&of, &model.seen) { judged } else { model.condition.judged(&model.seen) };
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

/// How long until the next look; none while one is under way, or what is there is not what the cloud says now.
fn rest(model: &Model) -> Option<Duration> {
    let settled = !model.partial && !model.freshness.from_cache && !model.seen.services.is_empty();
    (settled && !model.condition.is_looking()).then(|| model.condition.rest(model.moment().cloud))
}

/// When the next look is due.
pub(in crate::console::app) fn next_look(model: &Model) -> Option<Duration> {
    rest(model).map(|rest| on_the_wall(rest, model.pace()))
}

/// Nobody else holds it while the model is changed, so nothing is copied.
fn condition(model: &mut Model) -> &mut Condition {
    Arc::make_mut(&mut model.condition)
}
