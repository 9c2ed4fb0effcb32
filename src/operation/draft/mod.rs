//! From an intent to a plan, or to what speaks against it. Here and nowhere else it is decided what may be done.

use std::collections::HashSet;
use std::fmt;

use crate::base::id::{InstanceId, ProjectId};
use crate::fleet::health::is_up;
use crate::fleet::instance::Status;
use crate::fleet::service::{Fleet, Member, Service, Standing};
use crate::fleet::sources::Place;
use crate::operation::intent::{Aim, Intent, Verb};
use crate::operation::limits::Limits;
use crate::operation::plan::{Plan, ProjectName, Step, Target};
use crate::operation::sight::State;
use crate::operation::state::{self, Fit};

const NOTHING: &str = "there is nothing to do";

/// What the user has said about this cloud, and what the role may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Nothing may be changed: `--read-only`, or so configured for the cloud.
    pub read_only: bool,
    /// Every change wants a name typed.
    pub protected: bool,
    /// A ticket must be named.
    pub ticket: bool,
    /// A lock does not hold this role.
    pub admin: bool,
}

/// A plan before anybody has approved it.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What would be done; without the targets that something speaks against.
    pub plan: Plan,
    /// What speaks against it. With one of these it cannot be approved.
    pub objections: Vec<Objection>,
    /// What is good to know: targets that need nothing, targets that are busy.
    pub notes: Vec<Objection>,
    /// The name that must be typed.
    pub typed: Option<String>,
    /// A ticket must be named.
    pub ticket: bool,
}

/// A sentence about a target, or about the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The target that it is about; `None` for the whole.
    pub target: Option<InstanceId>,
    /// A sentence.
    pub text: String,
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Draft {
    /// The same, with what its project is called.
    #[must_use]
    pub fn called(mut self, project: Option<ProjectName>) -> Self {
        self.plan.project_name = project;
        self
    }

    /// Whether it can be approved: something to do, and nothing against it.
    pub fn may_start(&self) -> bool {
        self.objections.is_empty() && !self.plan.steps.is_empty()
    }

    /// Whether all is as it is wished to be: nothing is refused, and there is nothing to do.
    pub fn is_idle(&self) -> bool {
        let only = |one: &Objection| one.target.is_none() && one.text == NOTHING;
        self.plan.steps.is_empty() && !self.notes.is_empty() && self.objections.iter().all(only)
    }

    /// The same wish without the targets that something speaks against; `None` when that changes nothing. Of a service
    /// its other instances are left, unless something speaks against the service as such.
    pub fn without_refused(&self) -> Option<Intent> {
        let refused: HashSet<&InstanceId> = self.objections.iter().filter_map(|one| one.target.as_ref()).collect();
        let left: Vec<InstanceId> = match &self.plan.intent.aim {
            Aim::Instances(ids) => ids.iter().filter(|id| !refused.contains(id)).cloned().collect(),
            Aim::Service(_) if self.objections.iter().any(|one| one.target.is_none()) => return None,
            Aim::Service(_) => self.plan.steps.iter().map(|step| step.target.id.clone()).collect(),
        };
        let changes = !left.is_empty() && !refused.is_empty();
        changes.then(|| Intent { aim: Aim::Instances(left), ..self.plan.intent.clone() })
    }
}

/// Makes the plan that does what is wished, for this fleet as it is known now.
pub fn draft(
    intent: &Intent,
    fleet: &Fleet,
    place: &Place,
    project: &ProjectId,
    guard: &Guard,
    limits: Limits,
) -> Draft {
    let mut drawing = Drawing { intent, guard, steps: Vec::new(), objections: Vec::new(), notes: Vec::new() };
    if guard.read_only {
        drawing.object(None, format!("{} is opened read-only: nothing is changed there", place.cloud));
    }
    let service = drawing.aim(intent, fleet);
    if drawing.objections.is_empty() && drawing.steps.is_empty() {
        drawing.object(None, NOTHING.to_owned());
    }
    let typed = typed(intent, fleet, service, place, guard, &drawing.steps);
    let plan = Plan {
        schema: Plan::SCHEMA,
        place: place.clone(),
        project: project.clone(),
        project_name: None,
        intent: intent.clone(),
        title: title(intent, service, fleet, &drawing.steps),
        limits,
        steps: drawing.steps,
    };
    Draft { plan, objections: drawing.objections, notes: drawing.notes, typed, ticket: guard.ticket }
}

struct Drawing<'a> {
    intent: &'a Intent,
    guard: &'a Guard,
    steps: Vec<Step>,
    objections: Vec<Objection>,
    notes: Vec<Objection>,
}

impl Drawing<'_> {
    fn object(&mut self, target: Option<&InstanceId>, text: String) {
        self.objections.push(Objection { target: target.cloned(), text });
    }

    fn note(&mut self, target: Option<&InstanceId>, text: String) {
        self.notes.push(Objection { target: target.cloned(), text });
    }

    fn aim<'f>(&mut self, intent: &Intent, fleet: &'f Fleet) -> Option<&'f Service> {
        match &intent.aim {
            Aim::Instances(ids) => {
                for id in ids {
                    match fleet.member(id) {
                        Some(member) => self.step(fleet, member),
                        None => self.object(Some(id), format!("{id} is not there any more")),
                    }
                }
                None
            }
            Aim::Service(key) => {
                let Some(service) = fleet.service(key) else {
                    self.object(None, format!("service {} is not there any more", key.name));
                    return None;
                };
                self.standing(service);
                for member in service.members.iter().filter_map(|at| fleet.members.get(*at)) {
                    self.step(fleet, member);
                }
                Some(service)
            }
        }
    }

    fn standing(&mut self, service: &Service) {
        let name = &service.key.name;
        match &service.standing {
            Standing::Settled => {}
            Standing::Provisional(waiting) => self.object(
                None,
                format!(
                    "{name} is provisional: {} has not answered, so its instances are not surely known",
                    waiting.join(", ")
                ),
            ),
            Standing::Ambiguous(pools) => {
                self.object(None, format!("{name} is ambiguous: its instances are in {}", pools.join(" and ")));
            }
            Standing::Empty => self.object(None, format!("{name} has no instances")),
        }
    }

    fn step(&mut self, fleet: &Fleet, member: &Member) {
        let instance = &member.instance;
        let (id, name) = (&instance.id, &instance.name);
        let before = State::of(instance);
        let past_lock = self.guard.admin && before.locked == Some(true);
        if member.unconfirmed {
            return self.object(Some(id), format!("{name} was missing from the last list: it may be gone"));
        }
        match state::fit(self.intent.verb, &before, past_lock) {
            Fit::Already(why) => return self.note(Some(id), format!("{name} {why}: it is left as it is")),
            Fit::Never(why) => return self.object(Some(id), format!("{name} {why}{}", self.wanted(&before))),
            Fit::Busy(why) => self.note(Some(id), format!("{name} {why}: that is waited for first")),
            Fit::Now if past_lock && self.intent.verb != Verb::Unlock => {
                self.note(Some(id), format!("{name} is locked: the lock does not hold an admin"));
            }
            Fit::Now => {}
        }
        let service = fleet.services.get(member.service);
        // A lock changes nothing that a pool could tell.
        let gated = !matches!(self.intent.verb, Verb::Lock | Verb::Unlock);
        let seats = || fleet.memberships(member).filter(|_| gated);
        self.steps.push(Step {
            target: Target {
                id: id.clone(),
                name: name.clone(),
                service: service.map(|service| service.key.name.to_string()).unwrap_or_default(),
            },
            change: state::change(self.intent.verb, id.clone(), self.intent.reason.clone()),
            before,
            past_lock,
            pools: seats().map(|(pool, _)| pool.id.clone()).collect(),
            own: seats().map(|(_, seat)| seat.id.clone()).collect(),
        });
    }

    /// What would have to be so instead.
    fn wanted(&self, before: &State) -> String {
        if before.locked == Some(true) {
            return String::new();
        }
        let allowed = state::allowed(self.intent.verb).iter().map(Status::as_str).collect::<Vec<_>>();
        format!("; {} wants {}", self.intent.verb.word(), allowed.join(" or "))
    }
}

fn title(intent: &Intent, service: Option<&Service>, fleet: &Fleet, steps: &[Step]) -> String {
    let verb = intent.verb.title();
    let counted = |count| if count == 1 { "1 instance".to_owned() } else { format!("{count} instances") };
    let count = counted(steps.len());
    match (service, steps) {
        (None, []) => match &intent.aim {
            // Nothing is left of it: then it is called by what was wished.
            Aim::Instances(ids) => match &ids[..] {
                [id] => format!("{verb} {}", fleet.member(id).map_or(id.as_str(), |member| &member.instance.name)),
                ids => format!("{verb} {}", counted(ids.len())),
            },
            Aim::Service(key) => format!("{verb} service {}", key.name),
        },
        (Some(service), _) => format!("{verb} service {} ({count})", service.key.name),
        (None, [step]) => format!("{verb} {}", step.target.name),
        (None, steps) => match one_service(steps) {
            Some(name) => format!("{verb} {count} of {name}"),
            None => format!("{verb} {count}"),
        },
    }
}

/// A protected cloud, and the stop of a whole service, want a name typed: the service's, or the cloud's when several
/// services are meant. Whether its name was given or those of all its instances makes no difference.
fn typed(
    intent: &Intent,
    fleet: &Fleet,
    service: Option<&Service>,
    place: &Place,
    guard: &Guard,
    steps: &[Step],
) -> Option<String> {
    let stops_all = intent.verb == Verb::Stop && (service.is_some() || stops_a_whole_service(fleet, steps));
    if !guard.protected && !stops_all {
        return None;
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

fn one_service(steps: &[Step]) -> Option<&str> {
    let first = steps.first().map(|step| step.target.service.as_str()).filter(|name| !name.is_empty())?;
    steps.iter().all(|step| step.target.service == first).then_some(first)
}
