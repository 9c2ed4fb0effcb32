//! What operations add to the timeline: that they began and ended, and what was theirs to do.

use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::fleet::timeline::{Sighting, What, Whom, Work};
use crate::fleet::{Fleet, ServiceKey};
use crate::operation::fold::{Operation, Stage};
use crate::operation::intent::Aim;
use crate::operation::record::Verdict;

/// That it began, and that it ended. `fleet` knows the services of its targets.
pub fn sightings(operation: &Operation, fleet: &Fleet) -> Vec<Sighting> {
    let (id, title) = (Arc::<str>::from(operation.id.as_str()), Arc::<str>::from(operation.plan.title.as_str()));
    let by = Arc::<str>::from(operation.by.user.as_str());
    let whom = whom(operation, fleet);
    let seen = |at: Timestamp, what| Sighting { at, after: None, stamped: true, whom: whom.clone(), what };
    let began = What::Began { operation: Arc::clone(&id), title: Arc::clone(&title), by: Arc::clone(&by) };
    let mut found = vec![seen(operation.approved, began)];
    if let Stage::Finished(verdict) = operation.stage {
        let good = verdict == Verdict::Done;
        let ended = What::Ended { operation: id, title, word: operation.word(false).into(), good, by };
        found.push(seen(operation.changed, ended));
    }
    found
}

/// What it did to each of its targets, and when.
pub fn works(operation: &Operation) -> Vec<Work> {
    let steps = operation.plan.steps.iter().zip(&operation.steps);
    let begun = steps.filter_map(|(step, progress)| Some((step, progress, progress.begun?)));
    let work = |(step, progress, from): (&crate::operation::Step, &crate::operation::fold::Progress, _)| Work {
        instance: step.target.id.clone(),
        from,
        // An operation that has ended does nothing more, whatever its steps say.
        to: progress.ended.or_else(|| operation.is_over().then_some(operation.changed)),
        requests: progress.requests.clone(),
    };
    begun.map(work).collect()
}

/// At whom it is aimed, by the service that its targets are in.
fn whom(operation: &Operation, fleet: &Fleet) -> Whom {
    let plan = &operation.plan;
    let service = match &plan.intent.aim {
        Aim::Service(key) => Some(key.clone()),
        Aim::Instances(_) => sole(operation, fleet),
    };
    let targets: Vec<_> = plan.targets().collect();
    let (name, instance) = match (targets.as_slice(), &service) {
        ([one], _) => (one.name.as_str().into(), Some(one.id.clone())),
        (_, Some(key)) => (Arc::clone(&key.name), None),
        (targets, None) => (format!("{} instances", targets.len()).into(), None),
    };
    Whom { instance, name, service }
}

/// The service that all targets are in.
fn sole(operation: &Operation, fleet: &Fleet) -> Option<ServiceKey> {
    let steps = &operation.plan.steps;
    let first = &steps.first()?.target.service;
    if steps.iter().any(|step| step.target.service != *first) {
        return None;
    }
    let present = steps.iter().find_map(|step| fleet.member(&step.target.id));
    let key = present.and_then(|member| fleet.services.get(member.service)).map(|service| service.key.clone());
    let named = || {
        let (place, project) = (operation.plan.place.clone(), operation.plan.project.clone());
        ServiceKey { place, project, name: first.as_str().into() }
    };
    Some(key.filter(|key| *key.name == **first).unwrap_or_else(named))
}
