//! A plan: every choice made, frozen with its approval.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::clock::{Timestamp, since};
use crate::base::id::{InstanceId, MemberId, PoolId, ProjectId};
use crate::fleet::sources::Place;
use crate::operation::approval::Approval;
use crate::operation::change::Change;
use crate::operation::intent::{Intent, Verb};
use crate::operation::limits::Limits;
use crate::operation::promise::is_promise;
use crate::operation::rollback::Former;
use crate::operation::saved::Origin;
use crate::operation::sight::{Share, State};

/// What will be done, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Which shape this has; a program refuses to run a newer one than [`Plan::SCHEMA`].
    pub schema: u16,
    /// The cloud, by its name in `clouds.yaml`, and the region: the worker signs in there.
    pub place: Place,
    /// The project that one signs in to.
    pub project: ProjectId,
    /// What that was called then, where it was known. For people: the id decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_name: Option<ProjectName>,
    /// What was wished.
    pub intent: Intent,
    /// What the service ran then that is brought to a release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
    /// It in words: `Restart 3 instances of payments`.
    pub title: String,
    /// How long it waits for what.
    pub limits: Limits,
    /// When the first target is done, somebody has to look at it and let the rest go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub checkpoint: bool,
    /// The freezes that held when it was made, and that its wish lifts: by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted: Vec<String>,
    /// The other guard rails that its wish lifts, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<String>,
    /// Who has planned it, where it was started from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Origin>,
    /// The second person who has approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// One after another. When one fails, those of its slot that give something back are still done, and no other.
    pub steps: Vec<Step>,
}

/// One target and what is done to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// To whom.
    pub target: Target,
    /// The call.
    pub change: Change,
    /// Steps of one slot follow each other and are about one place in a service: drain, restart, put back. Two targets
    /// share it where one takes the other's place.
    #[serde(default)]
    pub slot: usize,
    /// The state that the plan was made for. Another one right before the call is drift, and ends it.
    pub before: State,
    /// The same of a pool member, where that is what changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// Whether a lock does not hold us: an admin's plan, made for an instance that was locked.
    pub past_lock: bool,
    /// What must hold after its end before the next step begins.
    #[serde(default)]
    pub gate: Gate,
    /// It gives back what an earlier step of its slot took away. So it is done even when the operation is given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restores: bool,
    /// It undoes what the steps before it in its slot have done, and is passed over unless the operation is given up before
    /// a step behind it is begun. Behind it there is no way back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undoes: bool,
    /// What the plan calls what this step makes, until it has an id: a [promise](crate::operation::promise).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<String>,
    /// Who must still be there when this begins: the target is made in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<InstanceId>,
    /// The version that the target has to answer with before its gate passes, where it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Before its gate passes the target is [compared](crate::operation::figures) with the others of its pools, where somebody
    /// tells figures and no earlier one was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compared: bool,
    /// What is deleted is an orphan: by what it must still be known for one right before the call. Else it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphan: Option<Mark>,
    /// The pools that the gate watches.
    pub pools: Vec<PoolId>,
    /// The target's own places in them.
    pub own: Vec<MemberId>,
}

/// By what an [orphan](crate::operation::orphans) is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Its stamp.
    pub stamp: String,
    /// Where it would be reached: in no pool, but by a member of our own that gets nothing.
    pub addresses: Vec<String>,
}

/// What must hold after a step's end before the next begins. At each but the first no other member of the step's pools
/// may newly fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Nothing more.
    Open,
    /// The target's own members are out of rotation, for [`Limits::drain`].
    Drained,
    /// No check of the target's own members fails, for [`Limits::answering`]: it may be put back.
    Answering,
    /// It stays as it is, for [`Limits::keep`]: so long everything can be undone.
    Kept,
    /// The target's own members that took requests before take them again, for [`Limits::min_ready`].
    #[default]
    Well,
}

/// Who is changed. The id decides; the rest is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Nova's id, or a [promise](crate::operation::promise) of one.
    pub id: InstanceId,
    /// Its name when the plan was made.
    pub name: String,
    /// The service that it was in.
    pub service: String,
}

impl Target {
    /// Its id; `None` so long as it is not there.
    pub fn known(&self) -> Option<&InstanceId> {
        Some(&self.id).filter(|id| !is_promise(id.as_str()))
    }
}

/// What a project is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectName {
    /// Its name.
    pub name: String,
    /// The name of its domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.domain.as_ref().map_or(Ok(()), |domain| write!(f, "@{domain}"))
    }
}

/// What a worker has to sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// What the configuration holds: it signs in as often as it must.
    Lasting,
    /// A token that nobody renews for it: somebody typed a password for it, or it is all that is configured. When it
    /// ends, in the cloud's time; `None` where the cloud does not tell.
    Token(Option<Timestamp>),
}

/// A token's life, held against a plan's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLife {
    /// What is left of it.
    pub left: Duration,
    /// What the plan usually takes.
    pub wanted: Duration,
}

impl TokenLife {
    /// It ends before the plan does.
    pub fn is_short(self) -> bool {
        self.left < self.wanted
    }
}

impl Plan {
    /// The shape that this program writes, and the newest that it runs. 2 has slots, gates and steps that restore, 3
    /// releases, the versions that gates wait for, and checkpoints, 4 steps that undo, and sizes of services, 5 promises, 6 steps in
    /// somebody's place, 7 slots with two targets, 8 comparisons, 9 orphans,
    /// 10 rollbacks, and what a service ran before.
    pub const SCHEMA: u16 = 10;

    /// The verb.
    pub fn verb(&self) -> Verb {
        self.intent.verb
    }

    /// The project for people: by name and domain where these are known, and by id.
    pub fn project_text(&self) -> String {
        match &self.project_name {
            Some(known) => format!("{known} ({})", self.project),
            None => self.project.to_string(),
        }
    }

    /// That it breaks the glass: why, and what that lifts.
    pub fn exception(&self) -> Option<String> {
        let reason = self.intent.break_glass.as_ref()?;
        let lifted = match self.lifted.join(", ") {
            names if names.is_empty() => "no freeze held".to_owned(),
            names => format!("lifts the freeze {names}"),
        };
        let waived = match self.waived.join(" and ") {
            names if names.is_empty() => names,
            names => format!("; waives {names}"),
        };
        Some(format!("break-glass: {reason}; {lifted}{waived}"))
    }

    /// How long the worker's token lasts, and how long it should; `None` where it does not end, or nobody tells when.
    pub fn token_life(&self, credentials: &Credentials, now: Timestamp) -> Option<TokenLife> {
        match credentials {
            Credentials::Lasting | Credentials::Token(None) => None,
            Credentials::Token(Some(ends)) => Some(TokenLife { left: since(now, *ends), wanted: self.usual_length() }),
        }
    }

    /// Who is changed, in the order in which it is their turn.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        let begins = |at: usize| self.of_target(at).next().is_some_and(|(first, _)| first == at);
        self.steps.iter().enumerate().filter(move |(at, _)| begins(*at)).map(|(_, step)| &step.target)
    }

    /// The steps of this one's slot, with their numbers.
    pub fn of_slot(&self, number: usize) -> impl DoubleEndedIterator<Item = (usize, &Step)> {
        let slot = self.steps.get(number).map(|step| step.slot);
        let same = |step: &&Step| Some(step.slot) == slot;
        // They follow one another, and of ten thousand this is asked often.
        let (before, behind) = self.steps.split_at(number.min(self.steps.len()));
        let from = number - before.iter().rev().take_while(same).count();
        let to = number + behind.iter().take_while(same).count();
        self.steps[from..to].iter().enumerate().map(move |(at, step)| (from + at, step))
    }

    /// Those of them that are about this one's target.
    pub fn of_target(&self, number: usize) -> impl DoubleEndedIterator<Item = (usize, &Step)> {
        let target = &self.steps[number].target.id;
        self.of_slot(number).filter(move |(_, step)| step.target.id == *target)
    }

    /// How many slots it has.
    pub fn slots(&self) -> usize {
        self.steps.last().map_or(0, |step| step.slot + 1)
    }

    /// Its steps but those that undo, which are done only if it is given up: what is read before it is agreed to.
    pub fn ahead(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.steps.iter().enumerate().filter(|(_, step)| !step.undoes)
    }

    /// How many instances it makes.
    pub fn made(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step.change, Change::CreateServer(_))).count()
    }

    /// Whether it deletes instances, and not only those that it has made and gives up.
    pub fn deletes(&self) -> bool {
        self.steps.iter().any(|step| !step.undoes && matches!(step.change, Change::DeleteServer { .. }))
    }

    /// Whether this step is the first of its slot.
    pub fn begins_slot(&self, step: usize) -> bool {
        step == 0 || self.steps[step - 1].slot != self.steps[step].slot
    }

    /// Whether this step is about another target than the one before it: where steps are listed, the target is named there.
    pub fn turns(&self, step: usize) -> bool {
        self.begins_slot(step) || self.steps[step - 1].target.id != self.steps[step].target.id
    }

    /// How long it takes if nothing is in the way: each call's usual time, and its gate's.
    pub fn usual_length(&self) -> Duration {
        let done = self.steps.iter().filter(|step| !step.undoes);
        let steps = done.map(|step| step.usual_length(&self.limits)).fold(Duration::ZERO, Duration::saturating_add);
        let compares = self.steps.iter().any(|step| step.compared);
        steps.saturating_add(if compares { self.limits.analysis } else { Duration::ZERO })
    }
}

impl Step {
    /// The same, with the version that the target has to answer with, where its gate asks the target.
    #[must_use]
    pub fn awaiting(self, version: Option<&str>) -> Self {
        match self.gate {
            Gate::Answering | Gate::Well => Self { version: version.map(str::to_owned), ..self },
            Gate::Open | Gate::Kept | Gate::Drained => self,
        }
    }

    /// Whether it is done for what the steps before it did, and not for itself.
    pub fn gives_back(&self) -> bool {
        self.restores || self.undoes
    }

    /// The call in the API's words; of one that undoes, that it does.
    pub fn told(&self) -> String {
        let undo = if self.undoes { "undo: " } else { "" };
        match &self.change {
            // Nothing else names it.
            Change::DeletePort { port } if self.orphan.is_some() => format!("{} {port}", self.change.told()),
            change => format!("{undo}{}", change.told()),
        }
    }

    /// What the target was when the plan was made, in a few words.
    pub fn before_text(&self) -> String {
        match self.target.known() {
            Some(_) => self.before.text(),
            None if self.orphan.is_some() => "unused".to_owned(),
            None => "new".to_owned(),
        }
    }

    fn usual_length(&self, limits: &Limits) -> Duration {
        let call = match self.change {
            Change::Reboot { .. } | Change::Stop { .. } | Change::Start { .. } => Duration::from_secs(20),
            Change::Rebuild(_) | Change::CreateServer(_) => Duration::from_secs(45),
            Change::AddMember { .. } | Change::SetMember { .. } | Change::RemoveMember { .. } => Duration::from_secs(5),
            Change::DeleteServer { .. } => Duration::from_secs(10),
            _ => Duration::from_secs(1),
        };
        let gate = match self.gate {
            Gate::Kept => limits.keep,
            _ if self.pools.is_empty() => Duration::ZERO,
            Gate::Open => Duration::ZERO,
            Gate::Drained => limits.drain,
            Gate::Answering => limits.answering,
            Gate::Well => limits.min_ready,
        };
        call.saturating_add(gate)
    }
}
