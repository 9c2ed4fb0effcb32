//! From an intent to a plan, or to what speaks against it. Here and nowhere else it is decided what may be done.

mod consent;
mod drawing;
mod frozen;
mod growth;
mod naming;
mod orphans;
mod rails;
mod rebuild;
mod release;
mod removal;
mod replacement;

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use crate::base::id::{InstanceId, ProjectId};
use crate::fleet::service::{Fleet, Service};
use crate::fleet::sources::Place;
use crate::operation::approval::Approval;
use crate::operation::freeze::Frozen;
use crate::operation::intent::{Aim, Intent, Verb};
use crate::operation::limits::Limits;
use crate::operation::plan::{Plan, ProjectName, Step};
use crate::operation::rivals::Busy;
use crate::operation::rollback::Former;
use crate::operation::ticket::Pattern;
pub use consent::Consent;
use drawing::Drawing;
pub use growth::likes;
pub use removal::first_to_leave;

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
    /// Instances are asked for their version.
    pub asks: bool,
    /// What is under way, as far as it is known here.
    pub busy: Vec<Busy>,
    /// The freezes that hold now.
    pub frozen: Vec<Frozen>,
    /// The guard rails of the configuration.
    pub rails: Rails,
    /// Whether a second person has approved it.
    pub approved: Approved,
}

/// Guard rails that a configuration puts up. Without one there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rails {
    /// Above which share of a service, in per cent, a change wants a second person's approval.
    pub second_above: Option<u8>,
    /// Whether it is known whose approval counts.
    pub signers: bool,
    /// What a ticket has to look like.
    pub ticket: Option<Pattern>,
    /// Services that want their name typed, as all do in a protected cloud; `*` is each of them.
    pub protected: Vec<String>,
    /// How many instances one operation may change.
    pub most: Option<u32>,
}

impl Rails {
    /// Whether that service wants its name typed.
    pub fn protects(&self, service: &str) -> bool {
        self.protected.iter().any(|name| name == service || name == "*")
    }
}

/// Whether a second person has approved a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Approved {
    /// Nobody has said so.
    #[default]
    Nobody,
    /// Somebody has signed something that does not count, and why.
    Not(String),
    /// It is verified.
    By(Approval),
}

impl Approved {
    /// The approval.
    pub fn by(&self) -> Option<&Approval> {
        match self {
            Approved::By(approval) => Some(approval),
            Approved::Nobody | Approved::Not(_) => None,
        }
    }
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
    /// What it has to look like.
    pub pattern: Option<Pattern>,
    /// That a second person has to approve it, and nobody has: one of the objections, and the one that a saved plan may have.
    pub unapproved: Option<String>,
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

    /// Why it is not to be started with that ticket, or without one; `None` where it may be.
    pub fn ticket_fault(&self, ticket: Option<&str>) -> Option<String> {
        let cloud = &self.plan.place.cloud;
        match (ticket, &self.pattern) {
            (None, _) if self.ticket => Some(format!("{cloud} wants a ticket with every change")),
            (Some(ticket), Some(pattern)) if !pattern.fits(ticket) => {
                Some(format!("A ticket of {cloud} looks like {}, and {ticket} does not", pattern.text()))
            }
            _ => None,
        }
    }

    /// Whether it can be saved, and approved by a second person: nothing but the lack of that speaks against it.
    pub fn may_be_saved(&self) -> bool {
        !self.plan.steps.is_empty() && self.otherwise().next().is_none()
    }

    /// What speaks against it, but that a second person has to approve it.
    pub fn otherwise(&self) -> impl Iterator<Item = &Objection> {
        self.objections.iter().filter(|one| Some(&one.text) != self.unapproved.as_ref())
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
            Aim::Service(_) if self.plan.verb() == Verb::Scale => return None,
            Aim::Service(_) if self.objections.iter().any(|one| one.target.is_none()) => return None,
            Aim::Service(_) => self.plan.targets().map(|target| target.id.clone()).collect(),
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
    let mut drawing = Drawing::new(intent, guard);
    if guard.read_only {
        drawing.object(None, format!("{} is opened read-only: nothing is changed there", place.cloud));
    }
    let service = drawing.aim(intent, fleet);
    drawing.release();
    drawing.lone_ports(fleet);
    if drawing.objections.is_empty() && drawing.steps.is_empty() {
        drawing.object(None, NOTHING.to_owned());
    }
    let typed = naming::typed(intent, fleet, service, place, guard, &drawing.steps);
    let railed = drawing.rails(fleet);
    let plan = Plan {
        schema: Plan::SCHEMA,
        place: place.clone(),
        project: project.clone(),
        project_name: None,
        intent: intent.clone(),
        former: former(intent, fleet, service),
        title: naming::title(intent, service, fleet, &drawing.steps),
        limits: limits_of(intent, limits),
        checkpoint: checkpoint(intent, &drawing.steps),
        lifted: drawing.freezes(&guard.frozen),
        waived: railed.waived,
        saved: None,
        approval: guard.approved.by().cloned(),
        steps: drawing.steps,
    };
    let rivals = guard.busy.iter().filter_map(|busy| busy.speaks_against(&plan));
    drawing.objections.extend(rivals.map(|text| Objection { target: None, text }));
    let Drawing { objections, notes, .. } = drawing;
    let (ticket, pattern) = (guard.ticket, guard.rails.ticket.clone());
    Draft { plan, objections, notes, typed, ticket, pattern, unapproved: railed.unapproved }
}

/// What a service runs before it is brought to a release.
fn former(intent: &Intent, fleet: &Fleet, service: Option<&Service>) -> Option<Former> {
    let of_first = || match &intent.aim {
        Aim::Instances(ids) => fleet.services.get(fleet.member(ids.first()?)?.service),
        Aim::Service(_) => None,
    };
    let service = service.or_else(of_first).filter(|_| intent.verb.brings_release())?;
    Some(Former::of(fleet, service))
}

/// How long an exception may wait to be begun.
const EXCEPTION: Duration = Duration::from_secs(3600);

/// The limits that a plan for this wish has. An approval that breaks the glass holds for an hour at most. In a rollout the
/// next one waits for the old one's end, so that is kept for as long as a release bakes.
fn limits_of(intent: &Intent, limits: Limits) -> Limits {
    let keep = if intent.verb.brings_release() { limits.bake } else { limits.keep };
    let limits = Limits { keep, ..limits };
    match intent.break_glass {
        Some(_) => Limits { approval: limits.approval.min(EXCEPTION), ..limits },
        None => limits,
    }
}

/// A rollout to several stops behind the first, and one that replaces before any old one is touched: most of what is wrong
/// with a release shows there. A rollback does not stop: what it goes back to is known, and somebody waits for it. (13 (b) 11.)
fn checkpoint(intent: &Intent, steps: &[Step]) -> bool {
    let others = steps.last().is_some_and(|last| last.slot > 0 || intent.replaces());
    intent.verb == Verb::RollOut && others && !intent.straight
}
