//! A look that is carried out where nobody waits for it: over ten thousand instances it takes longer than a key may.
//!
//! It has two steps, as conclusions rest on what the services' numbers are by then: what instances add up to, and what
//! follows from all that. [`Look::carry_out`] only reads; what it has [`Found`] goes back to the
//! [condition](crate::fleet::Condition::go_on), which says what is [`Next`].

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::fleet::condition::{Concluded, Condition};
use crate::fleet::health::{Memory, Thresholds, Wanted};
use crate::fleet::load::Sums;
use crate::fleet::service::{Fleet, ServiceKey};

/// One step of a look.
#[derive(Clone, Debug)]
pub struct Look {
    condition: Arc<Condition>,
    seen: Seen,
    step: Step,
}

#[derive(Clone, Debug)]
enum Step {
    AddUp,
    Conclude(Memory),
}

/// What is looked at, beside the condition.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) fleet: Arc<Fleet>,
    pub(super) wanted: BTreeMap<ServiceKey, Wanted>,
    pub(super) thresholds: Thresholds,
    pub(super) now: Timestamp,
}

/// What a step has found.
#[derive(Clone, Debug)]
pub struct Found {
    pub(super) seen: Seen,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Sums(Sums),
    /// Other conclusions than before, with the fleet judged by them, if there are any; and what is to be remembered.
    Concluded(Option<(Concluded, Arc<Fleet>)>, Memory),
}

/// How a look goes on.
#[derive(Clone, Debug)]
pub enum Next {
    /// With this step.
    Look(Look),
    /// Not at all. Where conclusions are others: the fleet that was looked at, and the same as it is judged now.
    Done(Option<(Arc<Fleet>, Arc<Fleet>)>),
}

impl Look {
    pub(super) fn new(condition: Arc<Condition>, seen: Seen) -> Self {
        Self { condition, seen, step: Step::AddUp }
    }

    pub(super) fn conclude(condition: Arc<Condition>, seen: Seen, memory: Memory) -> Self {
        Self { condition, seen, step: Step::Conclude(memory) }
    }

    /// Takes its time, and holds on to nothing of the condition afterwards.
    pub fn carry_out(self) -> Found {
        let Self { condition, seen, step } = self;
        let what = match step {
            Step::AddUp => What::Sums(condition.load().sums(&seen.fleet, seen.now)),
            Step::Conclude(memory) => {
                let of = (&*seen.fleet, &seen.wanted, &seen.thresholds);
                let (concluded, memory) = condition.conclude(of, seen.now, memory);
                let changed = concluded.map(|concluded| {
                    let judged = concluded.judged(&seen.fleet);
                    (concluded, judged)
                });
                What::Concluded(changed, memory)
            }
        };
        Found { seen, what }
    }
}
