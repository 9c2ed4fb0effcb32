//! What is to be done now. A pure function of the operation, one sight of the cloud, and the time.
//!
//! ```text
//! Pending ──fits──► Announced ──accepted──► Accepted ──end state seen──► Reached ──gate──► Passed
//!    ▲  │ already           │ lost                        │ deadline         │ others fail
//!    │  └──► Skipped        ▼                             ▼                  ▼
//!    └──── absent ◄──────  Lost ── found ──► Accepted   Failed             Failed
//! ```
//!
//! What must hold between two steps is `gate`'s matter.
//!
//! When somebody gives the operation up, or a step fails, what is under way is seen to its end, and of the steps that are
//! left those that [restore](Step::restores) are done, if the instance can serve: nobody stays drained for nothing.

mod gate;

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{ImageId, RequestId};
use crate::fleet::instance::Status;
use crate::fleet::release::Release;
use crate::fleet::version::is_same;
use crate::operation::change::{Change, Outcome, Refusal};
use crate::operation::fold::{Operation, Phase, Progress, Stage, Trouble};
use crate::operation::intent::Verb;
use crate::operation::limits::Limits;
use crate::operation::plan::{Gate, Step};
use crate::operation::record::{Announcement, Event, Newest, Pause, Verdict, Wait};
use crate::operation::sight::{Entry, Question, Seat, Sight, State};
use crate::operation::stamp::{self, stamp};
use crate::operation::state::Fit;
use crate::operation::subject::Subject;

/// What is to be done now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Look at this, and ask again with what was seen.
    Look(Question),
    /// Announce this call, make it, and record its answer.
    Call(Announcement),
    /// Record this.
    Append(Event),
    /// Nothing until then, unless somebody asks for something.
    Wait(Timestamp),
    /// Nothing until somebody asks for something.
    Idle,
    /// It is over.
    End,
}

/// What is to be done now, with the sight that the last [`Next::Look`] asked for.
pub fn next(operation: &Operation, sight: Option<Result<&Sight, &Failure>>, now: Timestamp) -> Next {
    match operation.stage {
        Stage::Finished(_) => return Next::End,
        Stage::Approved => return Next::Idle,
        Stage::Paused(_) if operation.abort_asked => return finished(Verdict::Aborted),
        Stage::Paused(_) if operation.resume_asked => return Next::Append(Event::Resumed),
        Stage::Paused(_) => return Next::Idle,
        Stage::Running => {}
    }
    let Some((number, progress)) = operation.current() else { return finished(verdict(operation)) };
    let began = operation.steps.iter().any(|step| step.begun.is_some());
    if !began && since(operation.approved, now) > operation.plan.limits.approval {
        return finished(Verdict::Expired);
    }
    let Some(step) = operation.plan.steps.get(number) else { return finished(Verdict::Failed) };
    if operation.is_at_checkpoint() {
        return Next::Append(Event::Paused { pause: Pause::Checkpoint, why: at_checkpoint(operation, number) });
    }
    let moment = Moment { operation, limits: &operation.plan.limits, number, step, progress, now };
    match sight {
        _ if let Phase::Refused(why, failure) = &progress.phase => moment.refused(*why, failure),
        None => Next::Look(moment.question()),
        Some(Err(failure)) => moment.blind(failure),
        Some(Ok(sight)) => moment.decide(sight),
    }
}

fn verdict(operation: &Operation) -> Verdict {
    match operation {
        _ if operation.has_failed() => Verdict::Failed,
        _ if !operation.steps.iter().all(|step| matches!(step.phase, Phase::Passed | Phase::Skipped)) => {
            Verdict::Aborted
        }
        _ if operation.is_verified() => Verdict::Done,
        _ => Verdict::Incomplete,
    }
}

fn finished(verdict: Verdict) -> Next {
    Next::Append(Event::Finished { verdict })
}

/// Who is to be looked at, and what then.
fn at_checkpoint(operation: &Operation, next: usize) -> String {
    let (steps, progress) = (&operation.plan.steps, &operation.steps);
    let done = steps.iter().zip(progress).take(next).rev().find(|(_, progress)| progress.phase == Phase::Passed);
    let name = done.map_or("the first", |(step, _)| step.target.name.as_str());
    format!("{name} is done: look how it does, then let the others follow, or abort")
}

/// One step at one moment.
struct Moment<'a> {
    operation: &'a Operation,
    limits: &'a Limits,
    number: usize,
    step: &'a Step,
    progress: &'a Progress,
    now: Timestamp,
}

impl Moment<'_> {
    fn question(&self) -> Question {
        let is_seat = matches!(self.step.change, Change::SetMember { .. });
        Question {
            server: self.step.target.id.clone(),
            history: !is_seat && !matches!(self.progress.phase, Phase::Reached),
            // Before the first step of a slot: nobody is drained for an image that is gone.
            image: self.image().filter(|_| matches!(self.progress.phase, Phase::Pending(_))).cloned(),
            ask: match self.progress.phase {
                Phase::Reached => self.asks(),
                Phase::Pending(_) => self.may_run_already(),
                _ => false,
            },
            pools: match self.progress.phase {
                Phase::Pending(_) | Phase::Reached => self.step.pools.clone(),
                _ if is_seat => self.step.pools.clone(),
                _ => Vec::new(),
            },
        }
    }

    /// The image that a step of this slot, this one or a later one, makes the target from.
    fn image(&self) -> Option<&ImageId> {
        let later = self.operation.plan.steps[self.number..].iter().take_while(|step| step.slot == self.step.slot);
        later.filter(|step| !step.restores).find_map(|step| step.change.image())
    }

    /// Whether the target itself is asked how it is before the gate lets it pass.
    fn asks(&self) -> bool {
        let earlier = self.operation.plan.steps[..=self.number].iter().rev();
        let made = earlier.take_while(|step| step.slot == self.step.slot).any(|step| step.change.image().is_some());
        made && matches!(self.step.gate, Gate::Answering | Gate::Well)
    }

    /// Whether the target may run what is rolled out before anything was done to it.
    fn may_run_already(&self) -> bool {
        let rolls_out = self.operation.plan.verb() == Verb::RollOut && self.image().is_some();
        rolls_out && self.operation.first_of_slot(self.number).is_none()
    }

    /// That it does, by its own word: only that counts.
    fn runs_already(&self, sight: &Sight) -> Option<String> {
        let answer = sight.answer.as_ref().filter(|answer| answer.up && self.may_run_already())?;
        let (told, wanted) = (answer.version.as_ref()?, self.rolled_out()?);
        is_same(told, wanted).then(|| format!("answers as {told} already"))
    }

    fn rolled_out(&self) -> Option<&String> {
        self.operation.plan.intent.release.as_ref()?.version.as_ref()
    }

    fn decide(&self, sight: &Sight) -> Next {
        let Some(state) = &sight.state else {
            let gone = format!("{} is gone: the cloud does not know it any more", self.step.target.name);
            return if self.is_owed_only() { self.skip(gone) } else { self.fail(gone) };
        };
        let subject = Subject::of(self.step, state, sight);
        match &self.progress.phase {
            Phase::Pending(trouble) => self.before_call(trouble.as_ref(), &subject, state, sight),
            Phase::Announced | Phase::Lost => self.look_for(&subject, state, sight),
            Phase::Accepted => self.settle(&subject, state, sight),
            Phase::Reached => self.gate(&subject, sight),
            Phase::Refused(why, failure) => self.refused(*why, failure),
            Phase::Passed | Phase::Skipped | Phase::Failed => Next::End,
        }
    }

    /// Right before the call: the state as it is now decides, not the one that the plan was made for.
    fn before_call(&self, trouble: Option<&Trouble>, subject: &Subject<'_>, state: &State, sight: &Sight) -> Next {
        if self.is_owed_only()
            && let Some(next) = self.cannot_serve(state, sight)
        {
            return next;
        }
        if let Some(runs) = self.runs_already(sight) {
            return self.skip(runs);
        }
        if self.takes_back_nothing() {
            return self.skip(format!("this operation has not taken {} out of rotation", self.step.target.name));
        }
        match subject.fit(self.step) {
            Fit::Already(_) if self.progress.attempts > 0 => return self.reached(subject, state, None),
            Fit::Already(why) => return self.skip(why),
            Fit::Never(why) => return self.fail(format!("{} {why}", self.step.target.name)),
            Fit::Busy(why) => return self.wait_for_other(why),
            Fit::Now => {}
        }
        if let Some(drift) = self.drift_ahead(state) {
            return self.fail(drift);
        }
        if let Some(drift) = subject.drift(self.step) {
            // Whoever gave it another share meanwhile knows why.
            return if self.step.restores { self.skip(drift) } else { self.fail(drift) };
        }
        if let Some(why) = self.is_last(sight).or_else(|| self.cannot_boot(sight)) {
            return self.fail(why);
        }
        if let Some(trouble) = trouble
            && let Some(next) = self.before_retry(trouble)
        {
            return next;
        }
        Next::Call(self.announcement(state, sight))
    }

    /// Whether this gives back what somebody else has taken: the drain before it found nothing to do.
    fn takes_back_nothing(&self) -> bool {
        let Change::SetMember { member, .. } = &self.step.change else { return false };
        let earlier = self.operation.plan.steps.iter().zip(&self.operation.steps).take(self.number);
        let mut slot = earlier.rev().take_while(|(step, _)| step.slot == self.step.slot);
        let drained = slot.find(|(step, _)| matches!(&step.change, Change::SetMember { member: m, .. } if m == member));
        self.step.restores && drained.is_some_and(|(_, progress)| progress.phase == Phase::Skipped)
    }

    /// Whether the pool would be left without anybody who takes requests. The plan saw others; they may have failed since.
    fn is_last(&self, sight: &Sight) -> Option<String> {
        let Change::SetMember { pool, member, .. } = &self.step.change else { return None };
        let taking = || sight.members.iter().flatten().filter(|seat| seat.pool == *pool && seat.taking);
        let last =
            self.step.change.takes_away() && taking().count() == 1 && taking().all(|seat| seat.member == *member);
        last.then(|| format!("{} is the last that takes requests now: without it nobody does", self.step.target.name))
    }

    /// Whether the instance is not what the slot's later steps were planned for: nobody is drained for what is then
    /// not done.
    fn drift_ahead(&self, state: &State) -> Option<String> {
        let rests = state.task_state.is_none() && !state.status.is_transition();
        if !rests || self.step.restores {
            return None;
        }
        let later = self.operation.plan.steps[self.number + 1..].iter().take_while(|step| step.slot == self.step.slot);
        let mut servers = later.filter(|step| step.change.server().is_some());
        servers.find_map(|step| Subject::Server(state).drift(step))
    }

    /// Whether the image cannot be booted any more.
    fn cannot_boot(&self, sight: &Sight) -> Option<String> {
        let status = sight.image.as_deref().filter(|status| *status != "active")?;
        let release = self.operation.plan.intent.release.as_ref().map(Release::title);
        let image = release.or(self.image().map(ImageId::as_str)).unwrap_or_default();
        Some(format!("the image of {image} is {status} now: nothing can be made from it"))
    }

    fn announcement(&self, state: &State, sight: &Sight) -> Announcement {
        let failing = sight.members.iter().flatten().filter(|seat| !seat.taking);
        Announcement {
            step: self.number,
            attempt: self.progress.attempts + 1,
            change: stamp::whole(&self.step.change, &stamp(&self.operation.id, self.step.slot), &sight.metadata),
            state: state.clone(),
            newest: newest(sight.history.as_deref()),
            failing: failing.map(|seat| seat.member.clone()).collect(),
        }
    }

    /// Whether the operation is given up, and this step was not begun: it is there to give back, and for nothing else.
    fn is_owed_only(&self) -> bool {
        self.step.restores && self.operation.winds_down() && matches!(self.progress.phase, Phase::Pending(_))
    }

    /// What is done instead of putting an instance back that cannot serve. What may pass by itself is waited for: a guest
    /// that has just begun to boot fails its checks.
    fn cannot_serve(&self, state: &State, sight: &Sight) -> Option<Next> {
        let failing = sight.members.iter().flatten().find(|seat| self.is_own(seat) && &*seat.operating == "ERROR");
        let (passes, why) = match failing {
            _ if state.task_state.is_some() || state.status.is_transition() => (true, None),
            _ if state.status != Status::Active => (false, None),
            Some(seat) => (true, Some(seat.text.clone())),
            None => return None,
        };
        let why = why.unwrap_or_else(|| format!("{} is {}", self.step.target.name, state.text()));
        if passes && !self.overdue(self.limits.healthy) {
            return Some(self.wait(Wait::Unwell, || why));
        }
        Some(self.skip(format!("{why}: it stays out of rotation")))
    }

    fn skip(&self, why: String) -> Next {
        Next::Append(Event::Skipped { step: self.number, why })
    }

    fn is_own(&self, seat: &Seat) -> bool {
        self.step.own.contains(&seat.member)
    }

    fn before_retry(&self, trouble: &Trouble) -> Option<Next> {
        if trouble.busy {
            let why = trouble.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default();
            let pause = since(trouble.at, self.now) < self.limits.poll;
            return (pause || self.overdue(self.limits.busy)).then(|| self.wait_for_other(why));
        }
        let said =
            || trouble.failure.as_ref().map_or("it was not executed".to_owned(), |failure| failure.message.clone());
        if self.progress.attempts >= Limits::ATTEMPTS {
            return Some(self.fail(format!("given up after {} tries: {}", Limits::ATTEMPTS, said())));
        }
        let doubled = self.limits.poll.saturating_mul(1 << self.progress.attempts.min(8));
        let pause = trouble.retry_after.unwrap_or(doubled);
        (since(self.progress.since, self.now) < pause)
            .then(|| self.wait(Wait::Retry, || format!("tries again: {}", said())))
    }

    fn wait_for_other(&self, why: String) -> Next {
        if self.overdue(self.limits.busy) {
            return self.fail(format!("{} {why}, for too long", self.step.target.name));
        }
        self.wait(Wait::Busy, || why)
    }

    /// The answer was lost. What came into the history since the announcement is ours, or has the same effect.
    fn look_for(&self, subject: &Subject<'_>, state: &State, sight: &Sight) -> Next {
        let Some(announced) = &self.progress.announced else {
            return self.fail("there is no announcement to look for".to_owned());
        };
        if let Some(evidence) = self.found(announced, subject, state, sight.history.as_deref()) {
            let request_id = evidence.request_id.cloned();
            let outcome = Outcome::Found { request_id, evidence: evidence.text };
            return Next::Append(Event::Answered { step: self.number, outcome });
        }
        if !self.overdue(self.limits.lost) {
            return self.wait(Wait::Lost, || "the answer was lost: looking whether it was executed".to_owned());
        }
        Next::Append(Event::Answered { step: self.number, outcome: Outcome::Absent })
    }

    /// Accepted is not done: the end state is watched for.
    fn settle(&self, subject: &Subject<'_>, state: &State, sight: &Sight) -> Next {
        let ours = self.ours(sight.history.as_deref());
        if ours.is_some_and(|entry| entry.failed) {
            return self.fail(format!("Nova's history says that {} failed", self.step.change.call()));
        }
        // Nova's times are whole seconds: a restart that ends in the second of the change before it seems not to have
        // touched the row. What is still so after a lost answer's wait is no stale answer.
        let announced = self.progress.announced.as_ref().filter(|_| !self.overdue(self.limits.lost));
        if subject.has_ended(self.step, announced) {
            return self.reached(subject, state, ours);
        }
        let (name, now) = (&self.step.target.name, subject.text());
        if self.overdue(self.limits.settle) {
            return self.fail(format!("{name} is still {now} after the longest wait"));
        }
        if subject.is_error() {
            return self.error(name);
        }
        self.wait(Wait::Settling, || format!("{name} is {now}"))
    }

    /// ERROR may pass by itself, however late on the way it is first seen.
    fn error(&self, name: &str) -> Next {
        match self.operation.waits(Wait::Error) {
            Some(began) if since(began, self.now) >= self.limits.error => self.fail(format!("{name} is ERROR")),
            _ => self.wait(Wait::Error, || format!("{name} is ERROR, which may pass")),
        }
    }

    fn found<'h>(
        &self,
        announced: &Announcement,
        subject: &Subject<'_>,
        state: &State,
        history: Option<&'h [Entry]>,
    ) -> Option<Evidence<'h>> {
        let known = |entry: &&Entry| match &announced.newest {
            Newest::Request(newest) => entry.request_id != *newest,
            Newest::Nothing => true,
            Newest::Unreadable => false,
        };
        let verb = announced.change.history_verb();
        let mut later = history.into_iter().flatten().take_while(known);
        if let Some(entry) = later.find(|entry| verb == Some(entry.verb.as_str())) {
            let text = format!("{} is in the history since", entry.verb);
            return Some(Evidence { request_id: Some(&entry.request_id), text });
        }
        // Without a history a touched row is all there is: a second restart is worse than none.
        let readable = history.is_some() && announced.newest != Newest::Unreadable;
        let touched = state.updated != announced.state.updated && !readable;
        let restarts = matches!(announced.change, Change::Reboot { .. });
        (subject.shows(self.step, announced) || restarts && touched)
            .then(|| Evidence { request_id: None, text: format!("it is {}", subject.text()) })
    }

    /// The line of the history that is this step's own call.
    fn ours<'h>(&self, history: Option<&'h [Entry]>) -> Option<&'h Entry> {
        history?.iter().find(|entry| self.progress.requests.contains(&entry.request_id))
    }

    fn reached(&self, subject: &Subject<'_>, state: &State, ours: Option<&Entry>) -> Next {
        let request_id = ours.map(|entry| entry.request_id.clone());
        Next::Append(Event::Reached { step: self.number, state: state.clone(), share: subject.share(), request_id })
    }

    fn refused(&self, why: Refusal, failure: &Failure) -> Next {
        let name = &self.step.target.name;
        self.fail(match why {
            Refusal::Gone => format!("{name} is gone: {}", failure.message),
            Refusal::Locked => format!("{name} is locked: {}", failure.message),
            Refusal::Forbidden => format!("the role may not: {}", failure.message),
            _ => failure.message.clone(),
        })
    }

    fn blind(&self, failure: &Failure) -> Next {
        let pause = |pause| Next::Append(Event::Paused { pause, why: failure.message.clone() });
        match failure.kind {
            FailureKind::Auth => pause(Pause::Credentials),
            FailureKind::Forbidden => self.fail(format!("the role may not look: {}", failure.message)),
            _ => match self.operation.waits(Wait::Blind) {
                Some(began) if since(began, self.now) >= self.limits.blind => pause(Pause::Unreachable),
                _ => self.wait(Wait::Blind, || failure.message.clone()),
            },
        }
    }

    fn overdue(&self, limit: Duration) -> bool {
        if self.progress.begun.is_none() {
            return false;
        }
        // An outage that has just ended is not counted, though its end is not recorded yet.
        let blind = self.operation.waits(Wait::Blind).map(|began| since(began, self.now)).unwrap_or_default();
        since(self.progress.since, self.now).saturating_sub(blind) >= limit
    }

    fn fail(&self, why: String) -> Next {
        Next::Append(Event::Failed { step: self.number, why })
    }

    /// Told once for each reason; then time passes.
    fn wait(&self, wait: Wait, why: impl FnOnce() -> String) -> Next {
        if self.operation.waits(wait).is_none() {
            return Next::Append(Event::Waiting { step: self.number, wait, why: why() });
        }
        Next::Wait(self.now.checked_add(self.limits.poll).unwrap_or(self.now))
    }
}

fn newest(history: Option<&[Entry]>) -> Newest {
    match history {
        None => Newest::Unreadable,
        Some([]) => Newest::Nothing,
        Some([first, ..]) => Newest::Request(first.request_id.clone()),
    }
}

/// What shows that an announced call has been executed.
struct Evidence<'a> {
    request_id: Option<&'a RequestId>,
    text: String,
}
