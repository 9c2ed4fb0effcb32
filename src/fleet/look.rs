//! A look that is carried out where nobody waits for it: over ten thousand instances it takes longer than a key may.
//!
//! It has two steps, as conclusions rest on what the services' numbers are by then: what instances add up to, and what
//! follows from all that. [`Look::carry_out`] only reads; what it has [`Found`] goes back to the
//! [condition](crate::fleet::Condition::go_on), which says what is [`Next`].

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::fleet::condition::{Concluded, Condition};
use crate::fleet::health::{self, Anew, Memory, Scene, Thresholds, Wanted};
use crate::fleet::load::Sums;
use crate::fleet::map::Set;
use crate::fleet::metric::Subject;
use crate::fleet::service::{Fleet, ServiceKey};

/// One step of a look.
#[derive(Clone, Debug)]
pub struct Look {
    condition: Arc<Condition>,
    seen: Seen,
    memory: Memory,
    step: Step,
}

#[derive(Clone, Debug)]
enum Step {
    AddUp,
    Conclude(Anew),
}

/// What is looked at, beside the condition.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) fleet: Arc<Fleet>,
    pub(super) wanted: BTreeMap<ServiceKey, Wanted>,
    pub(super) thresholds: Thresholds,
    pub(super) now: Timestamp,
    /// Who was heard since the last look at the same fleet; `None` where that was another fleet.
    pub(super) heard: Option<Set<Subject>>,
}

/// What a step has found.
#[derive(Clone, Debug)]
pub struct Found {
    pub(super) seen: Seen,
    pub(super) memory: Memory,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// And whose conclusions are to be drawn anew.
    Sums(Sums, Anew),
    /// Other conclusions than before, with the fleet judged by them, if there are any.
    Concluded(Option<(Concluded, Arc<Fleet>)>),
}

/// How a look goes on.
#[derive(Clone, Debug)]
pub enum Next {
    /// With this step.
    Look(Box<Look>),
    /// Not at all. Where conclusions are others: the fleet that was looked at, and the same as it is judged now.
    Done(Option<(Arc<Fleet>, Arc<Fleet>)>),
}

impl Look {
    pub(super) fn new(condition: Arc<Condition>, seen: Seen, memory: Memory) -> Self {
        Self { condition, seen, memory, step: Step::AddUp }
    }

    pub(super) fn conclude(condition: Arc<Condition>, seen: Seen, memory: Memory, anew: Anew) -> Self {
        Self { condition, seen, memory, step: Step::Conclude(anew) }
    }

    /// Takes its time, and holds on to nothing of the condition afterwards.
    pub fn carry_out(self) -> Found {
        let Self { condition, seen, mut memory, step } = self;
        let scene = Scene {
            fleet: &seen.fleet,
            load: condition.load(),
            wanted: &seen.wanted,
            thresholds: &seen.thresholds,
            now: seen.now,
        };
        let what = match step {
            Step::AddUp => {
                let heard = seen.heard.as_ref();
                let anew = heard.map_or_else(|| Anew::everything(&scene), |heard| memory.anew(&scene, heard));
                What::Sums(scene.load.sums(&seen.fleet, seen.now, Some(&anew)), anew)
            }
            Step::Conclude(anew) => {
                let (conclusions, kept) = health::conclude_anew(&scene, memory, &anew);
                memory = kept;
                What::Concluded(condition.differ(conclusions).map(|concluded| {
                    let judged = concluded.judged(&seen.fleet);
                    (concluded, judged)
                }))
            }
        };
        Found { seen, memory, what }
    }
}
