//! A plan: every choice made, frozen with its approval.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::clock::{Timestamp, since};
use crate::base::id::{InstanceId, MemberId, PoolId, ProjectId};
use crate::fleet::sources::Place;
use crate::operation::change::Change;
use crate::operation::intent::{Intent, Verb};
use crate::operation::limits::Limits;
use crate::operation::sight::State;

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
    /// It in words: `Restart 3 instances of payments`.
    pub title: String,
    /// How long it waits for what.
    pub limits: Limits,
    /// One after another; the first that fails ends it.
    pub steps: Vec<Step>,
}

/// One target and what is done to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// To whom.
    pub target: Target,
    /// The call.
    pub change: Change,
    /// The state that the plan was made for. Another one right before the call is drift, and ends it.
    pub before: State,
    /// Whether a lock does not hold us: an admin's plan, made for an instance that was locked.
    pub past_lock: bool,
    /// The pools that the gate watches.
    pub pools: Vec<PoolId>,
    /// The target's own places in them.
    pub own: Vec<MemberId>,
}

/// Who is changed. The id decides; the rest is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Nova's id.
    pub id: InstanceId,
    /// Its name when the plan was made.
    pub name: String,
    /// The service that it was in.
    pub service: String,
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
    /// The shape that this program writes, and the newest that it runs.
    pub const SCHEMA: u16 = 1;

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

    /// How long the worker's token lasts, and how long it should; `None` where it does not end, or nobody tells when.
    pub fn token_life(&self, credentials: &Credentials, now: Timestamp) -> Option<TokenLife> {
        match credentials {
            Credentials::Lasting | Credentials::Token(None) => None,
            Credentials::Token(Some(ends)) => Some(TokenLife { left: since(now, *ends), wanted: self.usual_length() }),
        }
    }

    /// How long it takes if nothing is in the way: the call's usual time, and the gate's.
    pub fn usual_length(&self) -> Duration {
        let call = match self.verb() {
            Verb::Restart(_) | Verb::Stop | Verb::Start => Duration::from_secs(20),
            Verb::Lock | Verb::Unlock => Duration::from_secs(1),
        };
        let gated = |step: &&Step| !step.pools.is_empty();
        let gates = u32::try_from(self.steps.iter().filter(gated).count()).unwrap_or(u32::MAX);
        let calls = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        call.saturating_mul(calls).saturating_add(self.limits.min_ready.saturating_mul(gates))
    }
}
