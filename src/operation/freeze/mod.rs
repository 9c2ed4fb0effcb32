//! Freezes: times at which nothing is changed but what heals or protects.
//!
//! A plan is held against them when it is drawn, when it is approved, and when a worker would begin it: what was agreed
//! to before a freeze does not begin in it. What is under way already goes on, because half of it is worse; behind a
//! checkpoint it waits, because there it is at rest.
//!
//! [`Intent::break_glass`] lifts all of them: one person, a reason, and a review afterwards. It is part of the plan, so
//! the journal has it.

mod window;

use std::collections::BTreeSet;

use crate::base::clock::{Timestamp, since};
use crate::operation::fold::{Operation, Stage};
use crate::operation::intent::{Intent, Reboot, Verb};
use crate::operation::record::Pause;
pub use window::{End, Weekly, Window};

/// A time at which most changes are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// What it is called.
    pub name: String,
    /// Why it is, for whoever meets it.
    pub reason: String,
    /// When it holds.
    pub window: Window,
    /// What it lets pass.
    pub pass: BTreeSet<Verb>,
    /// Where it holds, by the names in `clouds.yaml`; empty for everywhere.
    pub clouds: Vec<String>,
}

/// A freeze that holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    freeze: Freeze,
    end: End,
}

impl Freeze {
    /// What passes where nobody says otherwise: what brings an instance back into service or puts it aside, and can be
    /// taken back. What takes a version, a disk or an instance away is what a freeze is against; a rebuild is both, and
    /// does not pass by itself.
    pub const PASS: [Verb; 8] = [
        Verb::Restart(Reboot::Soft),
        Verb::Restart(Reboot::Hard),
        Verb::Start,
        Verb::Lock,
        Verb::Unlock,
        Verb::Drain,
        Verb::PutBack,
        Verb::Quarantine,
    ];

    /// Those that hold in that cloud at that moment.
    pub fn in_force(all: &[Freeze], cloud: &str, at: Timestamp) -> Vec<Frozen> {
        let here = all.iter().filter(|one| one.clouds.is_empty() || one.clouds.iter().any(|name| name == cloud));
        here.filter_map(|freeze| Some(Frozen { end: freeze.window.end(at)?, freeze: freeze.clone() })).collect()
    }

    /// Why an operation must not begin, or go on behind its checkpoint, at that moment. To be ended it is never held back.
    pub fn holds_back(all: &[Freeze], operation: &Operation, at: Timestamp) -> Option<String> {
        let rests = matches!(operation.stage, Stage::Approved | Stage::Paused(Pause::Checkpoint));
        // Whose approval has lapsed is started to be told so: it changes nothing.
        let lapsed =
            operation.stage == Stage::Approved && since(operation.approved, at) > operation.plan.limits.approval;
        if !rests || lapsed || operation.abort_asked {
            return None;
        }
        let intent = &operation.plan.intent;
        let frozen = Self::in_force(all, &operation.plan.place.cloud, at);
        frozen.iter().find_map(|one| one.refuses(intent))
    }
}

impl Frozen {
    /// What the freeze is called.
    pub fn name(&self) -> &str {
        &self.freeze.name
    }

    /// Why that wish must not be done now, if it must not: it neither passes nor breaks the glass.
    pub fn refuses(&self, intent: &Intent) -> Option<String> {
        if intent.break_glass.is_some() { None } else { self.speaks_against(intent.verb) }
    }

    /// Why that is not done now as a rule, unless it passes: until when, why, what passes, and what lifts it.
    pub fn speaks_against(&self, verb: Verb) -> Option<String> {
        if self.freeze.pass.contains(&verb) {
            return None;
        }
        let reason = match self.freeze.reason.as_str() {
            "" => String::new(),
            reason => format!(" ({reason})"),
        };
        let (name, until, passes) = (&self.freeze.name, self.until(), self.passes());
        Some(format!(
            "the freeze {name} holds {until}{reason}: {passes}; --break-glass REASON in a shell lifts it, for the record"
        ))
    }

    fn until(&self) -> String {
        match (&self.freeze.window, &self.end) {
            (Window::Unread { why }, _) => format!("until it can be read: {why}"),
            (_, End::At(end)) => format!("until {}", end.strftime("%a %Y-%m-%d %H:%M %Z")),
            (_, End::Never) => "without an end".to_owned(),
        }
    }

    fn passes(&self) -> String {
        let mut words: Vec<&str> = self.freeze.pass.iter().map(|verb| verb.word()).collect();
        words.dedup();
        match words.split_last() {
            None => "nothing passes".to_owned(),
            Some((last, [])) => format!("{last} alone passes"),
            Some((last, others)) => format!("only {} and {last} pass", others.join(", ")),
        }
    }
}
