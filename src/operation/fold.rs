//! An operation: the fold over its records.
//!
//! [`Operation::apply`] is the one place where a record changes anything. A record that is not legal where it stands
//! is an error: a journal that tells nonsense is not acted on. *Asked* records are legal everywhere; they are wishes.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::Failure;
use crate::base::id::RequestId;
use crate::fleet::version::is_same;
use crate::operation::change::{Outcome, Refusal};
use crate::operation::figures::{Figures, Finding, Point, judge};
use crate::operation::plan::Plan;
use crate::operation::promise;
use crate::operation::record::{Actor, Announcement, Event, Pause, Record, Verdict, Wait, Wish};
use crate::operation::ulid::OperationId;
use crate::operation::waiting::Waiting;

/// An operation, as its records tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What was approved, with what was made in the place of what it [promised](promise).
    pub plan: Plan,
    /// Who approved it.
    pub by: Actor,
    /// When it was approved.
    pub approved: Timestamp,
    /// Where it stands.
    pub stage: Stage,
    /// Where each step stands, in the plan's order.
    pub steps: Vec<Progress>,
    /// How often a worker took it up; above one, it was interrupted.
    pub claims: u32,
    /// When a worker last took it up.
    pub claimed: Option<Timestamp>,
    /// What is waited for.
    pub waiting: Option<Waiting>,
    /// Somebody wants it to begin nothing more.
    pub abort_asked: bool,
    /// Somebody wants a paused one to go on.
    pub resume_asked: bool,
    /// Somebody has let it go on behind its checkpoint.
    pub promoted: bool,
    /// The sequence of the last record.
    pub last: u64,
    /// The time of the last record.
    pub changed: Timestamp,
    /// Kinds of records that this program does not know: a newer one wrote them, and it is not driven by this one.
    pub unknown: Vec<String>,
}

/// Where an operation stands. Whether a worker lives is not in the journal: its lock tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Approved, and no worker has begun.
    Approved,
    /// A worker has it.
    Running,
    /// It waits for somebody.
    Paused(Pause),
    /// It is over.
    Finished(Verdict),
}

/// Where one step stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Its phase.
    pub phase: Phase,
    /// Since when, less the time that the cloud did not answer: what deadlines count from.
    pub since: Timestamp,
    /// How often the call was announced.
    pub attempts: u32,
    /// The last announcement.
    pub announced: Option<Announcement>,
    /// Requests in the cloud's own logs, in order.
    pub requests: Vec<RequestId>,
    /// When it was first worked at.
    pub begun: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What there is to say about its end: the gate's evidence, or why it failed or was left out.
    pub remark: String,
    /// The version that the target answered with when its gate passed.
    pub version: Option<String>,
    /// Whether what the cloud knew of the target was preserved.
    pub preserved: bool,
    /// What balancers had counted, where the target is compared with others; oldest first.
    pub points: Vec<Point>,
}

/// The phase of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Its call is yet to be made, or to be made again; with what the last try met.
    Pending(Option<Trouble>),
    /// Its call was announced, and no answer is recorded.
    Announced,
    /// The answer was lost: the cloud is looked at until it is clear.
    Lost,
    /// The cloud refused it for good.
    Refused(Refusal, Failure),
    /// The cloud took it; its end state is yet to be seen.
    Accepted,
    /// The end state was seen; the gate is yet to pass.
    Reached,
    /// Done.
    Passed,
    /// Nothing was to be done.
    Skipped,
    /// Failed.
    Failed,
}

/// What made the last try of a call come to nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// What was said.
    pub failure: Option<Failure>,
    /// Whether somebody else was at it: that is waited for, and no try is counted.
    pub busy: bool,
    /// The cloud's own wish for the next try.
    pub retry_after: Option<Duration>,
    /// When it came to nothing, by the clock of the worker that has the operation.
    pub at: Timestamp,
}

fn removes(announced: &Announcement) -> bool {
    announced.change.outlives()
}

/// What is said of a step that came to its end, in an operation that was ended before its gate passed.
const UNGATED: &str = "it came to its end; whether it stays well was not waited for";

/// What is said of a step that was to give something back, in an operation that was ended before it did.
const OWED: &str = "it was not put back: nobody could look";

/// Records that make no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Illegal {
    /// The record.
    pub sequence: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record {} makes no sense: {}", self.sequence, self.what)
    }
}

impl std::error::Error for Illegal {}

impl Phase {
    /// Whether the step is over, one way or the other.
    pub fn is_over(&self) -> bool {
        matches!(self, Phase::Passed | Phase::Skipped | Phase::Failed)
    }

    /// Whether a call is under way, or may be.
    pub fn is_in_flight(&self) -> bool {
        matches!(self, Phase::Announced | Phase::Lost | Phase::Accepted)
    }
}

impl Operation {
    /// Folds an operation's records, in order. The first must be its approval.
    pub fn fold<'a>(records: impl IntoIterator<Item = &'a Record>) -> Result<Self, Illegal> {
        let mut records = records.into_iter();
        let nothing = Illegal { sequence: 0, what: "there are no records".to_owned() };
        let mut operation = Self::begin(records.next().ok_or(nothing)?)?;
        for record in records {
            operation.apply(record)?;
        }
        Ok(operation)
    }

    fn begin(record: &Record) -> Result<Self, Illegal> {
        let Event::Approved { plan } = &record.event else {
            let what = format!("the first record is {:?}, not the approval", record.event.kind());
            return Err(Illegal { sequence: record.sequence, what });
        };
        let mut plan = (**plan).clone();
        if plan.schema < 2 {
            // Before there were slots each target had one step.
            plan.steps.iter_mut().enumerate().for_each(|(number, step)| step.slot = number);
        }
        let progress = Progress {
            phase: Phase::Pending(None),
            since: record.at,
            attempts: 0,
            announced: None,
            requests: Vec::new(),
            begun: None,
            ended: None,
            remark: String::new(),
            version: None,
            preserved: false,
            points: Vec::new(),
        };
        Ok(Self {
            id: record.operation.clone(),
            steps: vec![progress; plan.steps.len()],
            plan,
            by: record.by.clone(),
            approved: record.at,
            stage: Stage::Approved,
            claims: 0,
            claimed: None,
            waiting: None,
            abort_asked: false,
            resume_asked: false,
            promoted: false,
            last: record.sequence,
            changed: record.at,
            unknown: Vec::new(),
        })
    }

    /// The step that is under way or comes next, and its number from 0; `None` when nothing is left to do. While it
    /// [winds down](Operation::winds_down) that is what is under way, and then what gives back.
    pub fn current(&self) -> Option<(usize, &Progress)> {
        let mut steps = self.steps.iter().enumerate();
        if !self.winds_down() {
            return steps.find(|(number, step)| !step.phase.is_over() && !self.plan.steps[*number].undoes);
        }
        let in_flight = steps.clone().find(|(_, step)| step.phase.is_in_flight());
        in_flight.or_else(|| steps.find(|(number, step)| !step.phase.is_over() && self.is_owed(*number)))
    }

    /// Whether nothing new is begun: somebody asked for it, or a step has failed.
    pub fn winds_down(&self) -> bool {
        self.abort_asked || self.has_failed()
    }

    /// Whether a step has failed.
    pub fn has_failed(&self) -> bool {
        self.steps.iter().any(|step| step.phase == Phase::Failed)
    }

    /// Whether this step gives back what an earlier one of its slot has taken, or may have.
    fn is_owed(&self, number: usize) -> bool {
        let step = &self.plan.steps[number];
        let undone = step.undoes && !self.has_gone_beyond(number) && !self.is_whole(number);
        let gives_back = step.restores || undone;
        gives_back && self.first_of_slot(number).is_some_and(|first| first.step < number)
    }

    /// Whether a step behind this one, of its slot, was begun: from there on nothing is undone. A call that was announced
    /// and is to be made again was not executed.
    fn has_gone_beyond(&self, number: usize) -> bool {
        let mut later = self.plan.of_slot(number).filter(|(at, step)| *at > number && !step.undoes);
        let called = |at| self.announced(at).is_some() && !matches!(self.steps[at].phase, Phase::Pending(_));
        later.any(|(at, _)| called(at) || self.is_done(at))
    }

    /// Whether all that is to be done in this step's slot is: what is whole is not undone.
    fn is_whole(&self, number: usize) -> bool {
        self.plan.of_slot(number).filter(|(_, step)| !step.undoes).all(|(at, _)| self.is_done(at))
    }

    fn is_done(&self, number: usize) -> bool {
        matches!(self.steps[number].phase, Phase::Passed | Phase::Skipped)
    }

    /// Whether nothing is to be done in this step: it would undo what is not undone.
    pub fn is_passed_over(&self, number: usize) -> bool {
        let undoes = self.plan.steps[number].undoes && self.steps[number].begun.is_none();
        undoes && !(self.winds_down() && self.is_owed(number))
    }

    /// The step at which its slot was begun: the announcement made there tells how things were before.
    pub fn first_of_slot(&self, number: usize) -> Option<&Announcement> {
        self.plan.of_slot(number).take_while(|(at, _)| *at <= number).find_map(|(at, _)| self.announced(at))
    }

    /// Whether anything was done to this step's target in its slot.
    pub fn has_touched(&self, number: usize) -> bool {
        self.plan.of_target(number).any(|(at, _)| self.announced(at).is_some())
    }

    /// Whether what the cloud knows of this step's target was preserved in its slot.
    pub fn has_preserved(&self, number: usize) -> bool {
        self.plan.of_target(number).any(|(at, _)| self.steps[at].preserved)
    }

    fn announced(&self, number: usize) -> Option<&Announcement> {
        self.steps.get(number)?.announced.as_ref()
    }

    /// Where it stands in a word; `driven` tells whether a worker is at it.
    pub fn word(&self, driven: bool) -> &'static str {
        match self.stage {
            Stage::Approved => "approved",
            Stage::Running if !driven => "interrupted",
            Stage::Running if self.abort_asked => "aborting",
            Stage::Running => "running",
            Stage::Paused(Pause::Credentials) => "paused: credentials",
            Stage::Paused(Pause::Unreachable) => "paused: cloud unreachable",
            Stage::Paused(Pause::Checkpoint) => "paused: checkpoint",
            Stage::Finished(Verdict::Done) => "done",
            Stage::Finished(Verdict::Incomplete) => "incomplete",
            Stage::Finished(Verdict::Failed) => "failed",
            Stage::Finished(Verdict::Aborted) => "aborted",
            Stage::Finished(Verdict::Expired) => "expired",
        }
    }

    /// Whether each instance that was brought to a version has answered with it. Of what is no rollout nothing is wanted.
    pub fn is_verified(&self) -> bool {
        let mut slots: BTreeMap<usize, bool> = BTreeMap::new();
        let rolled_out = self.plan.verb().brings_release();
        for (step, progress) in self.plan.steps.iter().zip(&self.steps).filter(|_| rolled_out) {
            let answered = progress.version.as_deref().zip(step.version.as_deref());
            // It is left out only where it runs it already, by its own word.
            let left_out = step.change.image().is_some() && progress.phase == Phase::Skipped;
            *slots.entry(step.slot).or_default() |=
                left_out || answered.is_some_and(|(told, wanted)| is_same(told, wanted));
        }
        slots.into_values().all(|verified| verified)
    }

    /// Whether a call of this step is announced whose answer is not recorded.
    pub fn awaits_answer(&self, step: usize) -> bool {
        let open = self.steps.get(step).is_some_and(|step| matches!(step.phase, Phase::Announced | Phase::Lost));
        open && !self.is_over()
    }

    /// How many targets are done, and how many there are. Where the operation is over, also one whose gate was not waited
    /// for.
    pub fn count(&self) -> (usize, usize) {
        let done = |step: &Progress| match step.phase {
            Phase::Passed | Phase::Skipped => true,
            Phase::Reached => self.is_over(),
            _ => false,
        };
        let mut slots: BTreeMap<usize, bool> = BTreeMap::new();
        for (step, progress) in self.plan.steps.iter().zip(&self.steps).filter(|(step, _)| !step.undoes) {
            *slots.entry(step.slot).or_insert(true) &= done(progress);
        }
        (slots.values().filter(|done| **done).count(), slots.len())
    }

    /// Whether it is at its checkpoint: its first target is done, the next was not begun, and nobody has let it go on.
    /// Who takes another's place is a target too: it serves beside the other, which was not touched.
    pub fn is_at_checkpoint(&self) -> bool {
        let Some((number, progress)) = self.current() else { return false };
        let stops = (self.plan.checkpoint || self.is_unsure())
            && !self.promoted
            && !self.winds_down()
            && progress.begun.is_none();
        // A target that needed nothing shows nothing.
        stops && self.plan.turns(number) && self.steps[..number].iter().any(|step| step.phase == Phase::Passed)
    }

    /// Whether who was compared with the others has passed, and yet nobody knows whether it does worse.
    fn is_unsure(&self) -> bool {
        let compared = self.plan.steps.iter().zip(&self.steps).filter(|(_, progress)| !progress.points.is_empty());
        let mut passed = compared.filter(|(_, progress)| progress.phase == Phase::Passed);
        passed.any(|(step, progress)| !matches!(judge(&progress.points, &step.own), Finding::Fine(_)))
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Finished(_))
    }

    /// Since when this is waited for, if it is.
    pub fn waits(&self, wait: Wait) -> Option<Timestamp> {
        self.waiting.as_ref().filter(|waiting| waiting.wait == wait).map(|waiting| waiting.since)
    }

    /// Takes the next record.
    pub fn apply(&mut self, record: &Record) -> Result<(), Illegal> {
        let illegal = |what: String| Illegal { sequence: record.sequence, what };
        if record.operation != self.id || record.sequence <= self.last {
            return Err(illegal("it does not follow the one before".to_owned()));
        }
        self.take(record).map_err(illegal)?;
        self.last = record.sequence;
        self.changed = record.at;
        Ok(())
    }

    fn take(&mut self, record: &Record) -> Result<(), String> {
        match &record.event {
            Event::Asked { wish: Wish::Abort } => self.abort_asked = true,
            Event::Asked { wish: Wish::Resume } => self.resume_asked = true,
            Event::Unknown(kind) => self.unknown.push(kind.clone()),
            Event::Approved { .. } => return Err("it is approved a second time".to_owned()),
            _ if self.is_over() => return Err(format!("{} after the end", record.event.kind())),
            Event::Claimed { .. } => self.claim(record.at),
            Event::Finished { verdict } => {
                self.awaken(record.at);
                self.stage = Stage::Finished(*verdict);
                self.leave(record.at);
            }
            _ if self.stage == Stage::Approved => return Err(format!("{} before a worker began", record.event.kind())),
            Event::Paused { pause, .. } => {
                self.awaken(record.at);
                (self.stage, self.resume_asked) = (Stage::Paused(*pause), false);
            }
            Event::Resumed => self.resume(record.at)?,
            Event::Measured { step, figures } => self.measure(*step, figures, record.at)?,
            event => self.step(event, record.at)?,
        }
        Ok(())
    }

    /// What is waited for meanwhile is waited for all the same.
    fn measure(&mut self, number: usize, figures: &[Figures], at: Timestamp) -> Result<(), String> {
        let Some(step) = self.open().filter(|step| step.phase == Phase::Reached) else {
            return Err(format!("measured of step {number}, whose gate is not waited for"));
        };
        step.points.push(Point { at, figures: figures.to_vec() });
        Ok(())
    }

    /// What has come to its end when the operation is ended keeps that: only its gate is not waited for.
    fn leave(&mut self, at: Timestamp) {
        let owed: Vec<bool> = (0..self.steps.len()).map(|number| self.is_owed(number)).collect();
        for (step, owed) in self.steps.iter_mut().zip(owed) {
            match step.phase {
                Phase::Reached => {
                    step.ended = Some(at);
                    UNGATED.clone_into(&mut step.remark);
                }
                Phase::Pending(_) if owed => OWED.clone_into(&mut step.remark),
                _ => {}
            }
        }
    }

    /// A new worker knows nothing of the old one's time: every deadline begins anew, what was announced may be lost.
    fn claim(&mut self, at: Timestamp) {
        self.waiting = None;
        self.claims += 1;
        self.claimed = Some(at);
        if self.stage == Stage::Approved {
            self.stage = Stage::Running;
        }
        if let Some(step) = self.open() {
            step.since = at;
            match &mut step.phase {
                Phase::Announced => step.phase = Phase::Lost,
                Phase::Pending(Some(trouble)) => trouble.at = at,
                _ => {}
            }
        }
    }

    fn resume(&mut self, at: Timestamp) -> Result<(), String> {
        if !matches!(self.stage, Stage::Paused(_)) {
            return Err("it was not paused".to_owned());
        }
        self.promoted |= self.stage == Stage::Paused(Pause::Checkpoint);
        (self.stage, self.resume_asked, self.waiting) = (Stage::Running, false, None);
        if let Some(step) = self.open() {
            step.since = at;
        }
        Ok(())
    }

    fn open(&mut self) -> Option<&mut Progress> {
        let number = self.current().map(|(number, _)| number)?;
        self.steps.get_mut(number)
    }

    /// Ends a wait, and tells which; deadlines stood still while the cloud did not answer.
    fn awaken(&mut self, at: Timestamp) -> Option<Waiting> {
        if let Some(began) = self.waits(Wait::Blind)
            && let Some(step) = self.open()
        {
            step.since = step.since.checked_add(since(began, at)).unwrap_or(at);
        }
        self.waiting.take()
    }

    fn step(&mut self, event: &Event, at: Timestamp) -> Result<(), String> {
        let number = event.step().ok_or_else(|| format!("{} names no step", event.kind()))?;
        let current = self.current().map(|(number, _)| number);
        if current != Some(number) {
            return Err(format!("{} of step {number}, which is not under way", event.kind()));
        }
        let before = self.awaken(at);
        if let Event::Waiting { wait, why, .. } = event {
            self.waiting = Some(Waiting::begin(*wait, why, at, before));
        }
        self.steps[number].take(event, at)?;
        self.keep_promises(number, event);
        Ok(())
    }

    /// What this step makes has an id from now on.
    fn keep_promises(&mut self, number: usize, event: &Event) {
        let (made, address) = match event {
            Event::Answered { outcome, .. } => (outcome.made(), None),
            Event::Reached { made, address, .. } => (made.as_ref(), address.as_deref()),
            _ => return,
        };
        let Some((Some(promise), slot)) = self.plan.steps.get(number).map(|step| (step.promise.clone(), step.slot))
        else {
            return;
        };
        let address = address.map(|address| (promise::address_of(&promise), address));
        let kept: Vec<_> = address.into_iter().chain(made.map(|made| (promise.clone(), made.as_str()))).collect();
        for step in self.plan.steps.iter_mut().filter(|step| step.slot == slot) {
            kept.iter().for_each(|(promise, made)| promise::keep(step, promise, made));
        }
    }
}

impl Progress {
    fn take(&mut self, event: &Event, at: Timestamp) -> Result<(), String> {
        if self.begun.is_none() {
            (self.begun, self.since) = (Some(at), at);
        }
        self.requests.extend(event.request_id().filter(|id| !self.requests.contains(id)).cloned());
        let next = match (event, &self.phase) {
            (Event::Waiting { .. }, phase) if !phase.is_over() => return Ok(()),
            (Event::Preserved { .. }, Phase::Pending(_)) => {
                self.preserved = true;
                return Ok(());
            }
            (Event::Announced(announcement), Phase::Pending(_)) => {
                self.attempts = announcement.attempt;
                self.announced = Some(announcement.clone());
                Phase::Announced
            }
            (Event::Answered { outcome, .. }, Phase::Announced | Phase::Lost) => self.answer(outcome, at),
            (Event::Reached { .. }, Phase::Accepted | Phase::Pending(_)) => Phase::Reached,
            (Event::Passed { evidence, version, .. }, Phase::Reached) => {
                self.version.clone_from(version);
                self.end(Phase::Passed, evidence, at)
            }
            (Event::Skipped { why, .. }, Phase::Pending(_)) => self.end(Phase::Skipped, why, at),
            (Event::Failed { why, .. }, phase) if !phase.is_over() => self.end(Phase::Failed, why, at),
            (event, phase) => return Err(format!("{} while the step is {phase:?}", event.kind())),
        };
        // Tries that meet a busy target share one deadline.
        let still_busy = matches!(&next, Phase::Pending(Some(trouble)) if trouble.busy);
        if !still_busy && next != Phase::Announced {
            self.since = at;
        }
        self.phase = next;
        Ok(())
    }

    fn answer(&self, outcome: &Outcome, at: Timestamp) -> Phase {
        let again = |failure: &Failure, busy, retry_after| {
            Phase::Pending(Some(Trouble { failure: Some(failure.clone()), busy, retry_after, at }))
        };
        match outcome {
            Outcome::Accepted { .. } | Outcome::Found { .. } => Phase::Accepted,
            // What was to be gone is gone: a look will show it.
            Outcome::Refused { why: Refusal::Gone, .. } if self.announced.as_ref().is_some_and(removes) => {
                Phase::Accepted
            }
            Outcome::Refused { why: Refusal::Busy, failure } => again(failure, true, None),
            // The worker pauses; with new credentials the call is made again.
            Outcome::Refused { why: Refusal::Credentials, failure } => again(failure, false, None),
            Outcome::Refused { why, failure } => Phase::Refused(*why, failure.clone()),
            Outcome::Unsent { failure, retry_after } => again(failure, false, *retry_after),
            Outcome::Lost { .. } => Phase::Lost,
            Outcome::Absent => Phase::Pending(Some(Trouble { failure: None, busy: false, retry_after: None, at })),
        }
    }

    fn end(&mut self, phase: Phase, remark: &str, at: Timestamp) -> Phase {
        self.ended = Some(at);
        remark.clone_into(&mut self.remark);
        phase
    }
}
