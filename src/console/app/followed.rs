//! An operation as the console follows it: its records, what they tell, and whether anybody drives it.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::freshness;
use crate::operation::fold::Stage;
use crate::operation::record::{Verdict, Wait};
use crate::operation::waiting::Waiting;
use crate::operation::{Aim, Operation, OperationId, Plan, Record};

/// An operation and what its journal says.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// What its records tell.
    pub operation: Operation,
    /// The records, in order.
    pub records: Vec<Record>,
    /// Who drives it now; `None` for nobody.
    pub driver: Option<String>,
    /// The journal's head at its end: what an audit is held against.
    pub head: Option<String>,
}

impl Followed {
    /// Its id.
    pub fn id(&self) -> &OperationId {
        &self.operation.id
    }

    /// Whether a worker is at it.
    pub fn is_driven(&self) -> bool {
        self.driver.is_some()
    }

    /// Its worker has died: it was under way, and nobody drives it.
    pub fn is_interrupted(&self) -> bool {
        self.operation.stage == Stage::Running && !self.is_driven()
    }

    /// Where it stands.
    pub fn state(&self) -> Cell {
        let (tone, glyph) = self.look();
        Cell::new(self.operation.word(self.is_driven()), tone).sign(glyph)
    }

    /// How that is meant.
    pub fn look(&self) -> (Tone, Glyph) {
        match self.operation.stage {
            Stage::Approved => (Tone::Warn, Glyph::Warning),
            Stage::Running if !self.is_driven() => (Tone::Bad, Glyph::Down),
            Stage::Running => (Tone::Busy, Glyph::Busy),
            Stage::Paused(_) => (Tone::Warn, Glyph::Warning),
            Stage::Finished(Verdict::Done) => (Tone::Good, Glyph::Ok),
            Stage::Finished(Verdict::Failed | Verdict::Incomplete) => (Tone::Bad, Glyph::Down),
            Stage::Finished(Verdict::Aborted | Verdict::Expired) => (Tone::Dim, Glyph::Off),
        }
    }

    /// How far it is: `2/6`.
    pub fn progress(&self) -> String {
        let (done, all) = self.operation.count();
        format!("{done}/{all}")
    }

    /// From its approval to its end, or until now.
    pub fn length(&self, now: Timestamp) -> Duration {
        let end = if self.operation.is_over() { self.operation.changed } else { now };
        since(self.operation.approved, end)
    }

    /// What it is at, in a few words: `holding 10 s`, `interrupted`.
    pub fn doing(&self, now: Timestamp) -> String {
        if self.operation.stage != Stage::Running || !self.is_driven() {
            return self.operation.word(self.is_driven()).to_owned();
        }
        let aborting = if self.operation.abort_asked { "aborting, " } else { "" };
        let doing = match &self.operation.waiting {
            Some(Waiting { wait, since: began, .. }) => {
                format!("{} {}", waiting(*wait), freshness::coarse(since(*began, now)))
            }
            None => "running".to_owned(),
        };
        format!("{aborting}{doing}")
    }

    /// When [`Followed::doing`] says something else by time alone, in the cloud's time.
    pub fn next_change(&self, now: Timestamp) -> Option<Duration> {
        let began = self.operation.waiting.as_ref().filter(|_| self.is_driven())?.since;
        let age = since(began, now);
        Some(freshness::next_step(age).saturating_sub(age))
    }

    /// In one line: `restart payments 2/6 · holding 10 s`.
    pub fn line(&self, now: Timestamp) -> String {
        let plan = &self.operation.plan;
        format!("{} {} {} · {}", plan.verb().word(), aim(plan), self.progress(), self.doing(now))
    }

    /// The same where there is still less room: no times.
    pub fn shorter_line(&self) -> String {
        let driven = self.operation.stage == Stage::Running && self.is_driven();
        let word = match &self.operation.waiting {
            _ if !driven => self.operation.word(self.is_driven()),
            _ if self.operation.abort_asked => "aborting",
            Some(Waiting { wait, .. }) => waiting(*wait),
            None => "running",
        };
        format!("{} · {word}", self.progress())
    }

    /// The same where there is little room.
    pub fn short_line(&self, now: Timestamp) -> String {
        format!("{} · {}", self.progress(), self.doing(now))
    }
}

/// At whom a plan is aimed, in a word or two.
pub fn aim(plan: &Plan) -> String {
    if let Aim::Service(key) = &plan.intent.aim {
        return key.name.to_string();
    }
    let first = plan.steps.first().map(|step| &step.target);
    match (plan.targets().count(), first) {
        (1, Some(target)) => target.name.clone(),
        (_, Some(target)) if plan.steps.iter().all(|step| step.target.service == target.service) => {
            target.service.clone()
        }
        (count, _) => format!("{count} instances"),
    }
}

/// A wait in a word.
pub fn waiting(wait: Wait) -> &'static str {
    match wait {
        Wait::Busy => "another is at it",
        Wait::Retry => "trying again",
        Wait::Lost => "looking for a lost answer",
        Wait::Settling => "settling",
        Wait::Error => "shows ERROR",
        Wait::Unwell => "pool not well",
        Wait::Holding => "holding",
        Wait::Comparing => "comparing",
        Wait::Blind => "cloud silent",
    }
}
