//! A plan: every choice made, frozen with its approval.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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

impl Plan {
    /// The shape that this program writes, and the newest that it runs.
    pub const SCHEMA: u16 = 1;

    /// The verb.
    pub fn verb(&self) -> Verb {
        self.intent.verb
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
