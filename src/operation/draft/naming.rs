//! What a plan is called, and which name must be typed before it may begin.

use std::collections::HashSet;

use crate::base::id::InstanceId;
use crate::fleet::health::is_up;
use crate::fleet::service::{Fleet, Member, Service};
use crate::fleet::sources::Place;
use crate::operation::change::Change;
use crate::operation::draft::Guard;
use crate::operation::intent::{Aim, Intent, Verb};
use crate::operation::orphans::Left;
use crate::operation::plan::{Step, Target};

pub(super) fn title(intent: &Intent, service: Option<&Service>, fleet: &Fleet, steps: &[Step]) -> String {
    let title = of_targets(intent, service, fleet, steps);
    match &intent.release {
        Some(release) if intent.verb == Verb::RollBack => format!("{title} to {}", release.title()),
        _ => title,
    }
}

fn of_targets(intent: &Intent, service: Option<&Service>, fleet: &Fleet, steps: &[Step]) -> String {
    if let Some(left) = &intent.left {
        return cleaned(left, steps);
    }
    let verb = match &intent.release {
        _ if let (Some(service), Some(size)) = (service, intent.size) => {
            let (name, has) = (&service.key.name, service.members.len());
            return format!("{} service {name} from {has} to {size}", intent.verb.title());
        }
        Some(release) if intent.verb == Verb::RollOut => format!("{} {} to", intent.verb.title(), release.title()),
        _ => intent.verb.title().to_owned(),
    };
    let mut targets = targets(steps);
    // Who comes in somebody's place is no target of its own.
    targets.retain(|target| !intent.replaces() || target.known().is_some());
    let count = counted(targets.len());
    match (service, &targets[..]) {
        (None, []) => match &intent.aim {
            // Nothing is left of it: then it is called by what was wished.
            Aim::Instances(ids) => match &ids[..] {
                [id] => format!("{verb} {}", fleet.member(id).map_or(id.as_str(), |member| &member.instance.name)),
                ids => format!("{verb} {}", counted(ids.len())),
            },
            Aim::Service(key) => format!("{verb} service {}", key.name),
        },
        (Some(service), _) => format!("{verb} service {} ({count})", service.key.name),
        (None, [target]) => format!("{verb} {}", target.name),
        (None, _) => match one_service(steps) {
            Some(name) => format!("{verb} {count} of {name}"),
            None => format!("{verb} {count}"),
        },
    }
}

/// What is removed of what an operation has left behind.
fn cleaned(left: &Left, steps: &[Step]) -> String {
    let count = |is: &dyn Fn(&Change) -> bool| steps.iter().filter(|step| is(&step.change)).count();
    let servers = count(&|change| matches!(change, Change::DeleteServer { .. }));
    let ports = count(&|change| matches!(change, Change::DeletePort { .. }));
    let told = [(servers, "instance"), (ports, "port")].into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, what)| several(count, what)).collect();
    let what = if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) };
    format!("Clean up after operation {}{what}", left.operation.short())
}

/// A protected cloud or service, the stop of a whole service, and whatever deletes, want a name typed: the one
/// instance's, the service's, or the cloud's when several services are meant. Whether its name was given or those of all its instances
/// makes no difference. Who is replaced leaves nothing behind that is missed, unless it takes volumes with it.
pub(super) fn typed(
    intent: &Intent,
    fleet: &Fleet,
    service: Option<&Service>,
    place: &Place,
    guard: &Guard,
    steps: &[Step],
) -> Option<String> {
    let stops_all = intent.verb == Verb::Stop && (service.is_some() || stops_a_whole_service(fleet, steps));
    let mut deleted = steps.iter().filter(|step| !step.undoes && matches!(step.change, Change::DeleteServer { .. }));
    let deletes = deleted.any(|step| !intent.replaces() || takes_volumes(fleet, &step.target.id));
    let protected = guard.protected || steps.iter().any(|step| guard.rails.protects(&step.target.service));
    if !protected && !stops_all && !deletes {
        return None;
    }
    let known: Vec<&Target> = targets(steps).into_iter().filter(|target| target.known().is_some()).collect();
    if let ([target], Verb::Remove | Verb::Replace) = (&known[..], intent.verb) {
        return Some(target.name.clone());
    }
    let whole = service.map(|service| service.key.name.to_string());
    whole.or_else(|| one_service(steps).map(str::to_owned)).or_else(|| Some(place.cloud.to_string()))
}

/// Whether these steps are on all instances of a service that are up. An instance that is alone in its service is what
/// was pointed at, and no more than that.
fn stops_a_whole_service(fleet: &Fleet, steps: &[Step]) -> bool {
    let stopped: HashSet<&InstanceId> = steps.iter().map(|step| &step.target.id).collect();
    fleet.services.iter().filter(|service| service.members.len() > 1).any(|service| {
        let mut members = service.members.iter().filter_map(|at| fleet.members.get(*at));
        let is_hit = |member: &Member| stopped.contains(&member.instance.id);
        let goes_on = |member: &Member| is_up(&member.instance) && !is_hit(member);
        members.clone().any(is_hit) && !members.any(goes_on)
    })
}

/// Whether a volume is deleted together with it, or may be: Nova tells that since 2.3.
fn takes_volumes(fleet: &Fleet, id: &InstanceId) -> bool {
    let volumes = fleet.member(id).map(|member| &member.instance.volumes);
    volumes.into_iter().flatten().any(|volume| volume.delete_on_termination != Some(false))
}

fn counted(count: usize) -> String {
    several(count, "instance")
}

/// `1 volume`, `3 volumes`.
pub(super) fn several(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Whoever is changed, each once.
fn targets(steps: &[Step]) -> Vec<&Target> {
    let mut targets: Vec<&Target> = steps.iter().map(|step| &step.target).collect();
    let mut seen = HashSet::new();
    targets.retain(|target| seen.insert(&target.id));
    targets
}

fn one_service(steps: &[Step]) -> Option<&str> {
    let first = steps.first().map(|step| step.target.service.as_str()).filter(|name| !name.is_empty())?;
    steps.iter().all(|step| step.target.service == first).then_some(first)
}
