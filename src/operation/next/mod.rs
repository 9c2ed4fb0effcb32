//! What is to be done now. A pure function of the operation, one sight of the cloud, and the time.
//!
//! ```text
//! Pending ──fits──► Announced ──accepted──► Accepted ──end state seen──► Reached ──gate──► Passed
//!    ▲  │ already           │ lost                        │ deadline         │ others fail
//!    │  └──► Skipped        ▼                             ▼                  ▼
//!    └──── absent ◄──────  Lost ── found ──► Accepted   Failed             Failed
//! ```
//!
//! What must hold right before a call is `before`'s matter, between two steps `gate`'s; `comparison` holds who is new
//! against the others.
//!
//! When somebody gives the operation up, or a step fails, what is under way is seen to its end, and of the steps that are
//! left those that [restore](Step::restores) are done, if the instance can serve: nobody stays drained for nothing.

mod before;
mod comparison;
mod gate;
mod orphan;

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{ImageId, InstanceId, RequestId};
use crate::operation::change::{Change, Outcome, Refusal};
use crate::operation::fold::{Operation, Phase, Progress, Stage};
use crate::operation::limits::Limits;
use crate::operation::plan::{Gate, Step};
use crate::operation::promise::is_promise;
use crate::operation::record::{Announcement, Event, Newest, Pause, Verdict, Wait};
use crate::operation::sight::{Entry, PortQuestion, Question, Seat, Seek, Sight, State};
use crate::operation::stamp::{port_name, stamp};
use crate::operation::subject::Subject;

/// What is to be done now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Look at this, and ask again with what was seen.
    Look(Question),
    /// Read what the cloud knows of this instance, and record it: it will be deleted.
    Preserve {
        /// In which step.
        step: usize,
        /// Of whom.
        server: InstanceId,
    },
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
        Stage::Paused(Pause::Checkpoint) if operation.abort_asked && operation.current().is_some() => {
            return Next::Append(Event::Resumed);
        }
        // Nobody could look, so nothing is given back.
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
        _ if !is_whole(operation) => Verdict::Aborted,
        _ if operation.is_verified() => Verdict::Done,
        _ => Verdict::Incomplete,
    }
}

/// Whether each step is done that was to be done.
fn is_whole(operation: &Operation) -> bool {
    let mut steps = operation.plan.steps.iter().zip(&operation.steps).filter(|(step, _)| !step.undoes);
    steps.all(|(_, progress)| matches!(progress.phase, Phase::Passed | Phase::Skipped))
}

fn finished(verdict: Verdict) -> Next {
    Next::Append(Event::Finished { verdict })
}

/// Who is to be looked at, and what then.
fn at_checkpoint(operation: &Operation, next: usize) -> String {
    let (steps, progress) = (&operation.plan.steps, &operation.steps);
    let done = steps.iter().zip(progress).take(next).rev().find(|(_, progress)| progress.phase == Phase::Passed);
    let name = done.map_or("the first", |(step, _)| step.target.name.as_str());
    let compared = progress.iter().take(next).rev().find(|progress| !progress.points.is_empty());
    let compared = compared.map(|progress| format!(" ({})", progress.remark)).unwrap_or_default();
    match operation.plan.begins_slot(next) {
        true => format!("{name} is done{compared}: look how it does, then let the others follow, or abort"),
        false => {
            let old = &steps[next].target.name;
            format!(
                "{name} serves beside {old}{compared}: look how it does, then let it take that one's place, or abort"
            )
        }
    }
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
        let (change, server) = (&self.step.change, &self.step.target.id);
        let is_known = !is_promise(server.as_str());
        Question {
            server: server.clone(),
            history: is_known && change.is_about_server() && !matches!(self.progress.phase, Phase::Reached),
            seek: if !is_known && change.is_about_server() { self.seek() } else { None },
            port: self.port(),
            instead_of: self.step.instead_of.clone().filter(|_| matches!(self.progress.phase, Phase::Pending(_))),
            // Before the first step of a slot: nobody is drained for an image that is gone.
            image: self.image().filter(|_| matches!(self.progress.phase, Phase::Pending(_))).cloned(),
            ask: match self.progress.phase {
                Phase::Reached => self.asks(),
                Phase::Pending(_) => self.may_run_already(),
                _ => false,
            },
            figures: self.is_to_be_measured(),
            pools: match self.progress.phase {
                Phase::Pending(_) | Phase::Reached => self.step.pools.clone(),
                _ if change.is_about_seat() => self.step.pools.clone(),
                _ => Vec::new(),
            },
        }
    }

    fn stamp(&self) -> String {
        stamp(&self.operation.id, self.step.slot)
    }

    /// How the target is found, once it may be there.
    fn seek(&self) -> Option<Seek> {
        let steps = self.operation.plan.steps.iter().zip(&self.operation.steps);
        let mut own = steps.filter(|(step, _)| step.slot == self.step.slot);
        let port = own.find_map(|(step, progress)| match &step.change {
            Change::CreateServer(new) if progress.announced.is_some() => Some(new.ports.first()),
            _ => None,
        })?;
        Some(Seek { stamp: self.stamp(), port: port.filter(|port| !is_promise(port.as_str())).cloned() })
    }

    /// The port that this step is about. One that has no id yet goes by its name.
    fn port(&self) -> Option<PortQuestion> {
        let named = |number: &str| PortQuestion::Named(port_name(&self.stamp(), number));
        match &self.step.change {
            Change::CreatePort(new) => Some(named(&new.name)),
            Change::DeletePort { port } if !is_promise(port.as_str()) => Some(PortQuestion::Id(port.clone())),
            Change::RemoveMember { .. } => self.port_behind().cloned().map(PortQuestion::Id),
            Change::DeletePort { port } => self.operation.plan.steps.iter().find_map(|step| match &step.change {
                Change::CreatePort(new) if step.promise.as_deref() == Some(port.as_str()) => Some(named(&new.name)),
                _ => None,
            }),
            _ => None,
        }
    }

    /// The image that a step of this slot, this one or a later one, makes the target from.
    fn image(&self) -> Option<&ImageId> {
        let later = self.operation.plan.steps[self.number..].iter().take_while(|step| step.slot == self.step.slot);
        later.filter(|step| !step.gives_back()).find_map(|step| step.change.image())
    }

    /// Whether the target itself is asked how it is before the gate lets it pass.
    fn asks(&self) -> bool {
        let mut earlier = self.operation.plan.of_target(self.number).take_while(|(at, _)| *at <= self.number);
        earlier.any(|(_, step)| step.change.image().is_some()) && matches!(self.step.gate, Gate::Answering | Gate::Well)
    }

    fn decide(&self, sight: &Sight) -> Next {
        let gone = State::gone();
        let state = match &sight.state {
            Some(state) => state,
            None => match self.without_target(&gone) {
                Some(next) => return next,
                None => &gone,
            },
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

    /// What there is to do where the target is gone; `None` to go on all the same. Who is to be removed may be gone before,
    /// and a balancer keeps the members of who is gone.
    fn without_target(&self, gone: &State) -> Option<Next> {
        let why = format!("{} is gone: the cloud does not know it any more", self.step.target.name);
        let stays = self.step.change.server().is_some() && !self.step.change.outlives();
        let is_made_here = is_promise(self.step.target.id.as_str());
        let is_port = matches!(self.step.change, Change::DeletePort { .. });
        match self.progress.phase {
            // It is not there yet; and what was made for it is taken away without it too.
            _ if is_made_here || is_port || self.step.gives_back() && self.step.change.outlives() => None,
            _ if self.is_owed_only() => Some(self.skip(why)),
            _ if !self.is_removed() => Some(self.fail(why)),
            Phase::Pending(_) if stays => Some(self.skip(why)),
            Phase::Accepted if stays => Some(self.reached(&Subject::Server(gone), gone, None, None)),
            Phase::Reached if stays => Some(self.pass(why, None)),
            _ => None,
        }
    }

    /// Whether the target is deleted in this slot.
    fn is_removed(&self) -> bool {
        let later = self.operation.plan.of_target(self.number).filter(|(at, step)| *at >= self.number && !step.undoes);
        later.into_iter().any(|(_, step)| matches!(step.change, Change::DeleteServer { .. }))
    }

    fn skip(&self, why: String) -> Next {
        Next::Append(Event::Skipped { step: self.number, why })
    }

    fn is_own(&self, seat: &Seat) -> bool {
        self.step.own.contains(&seat.member)
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
            let made = subject.made(self.step, sight);
            let outcome = Outcome::Found { request_id, evidence: evidence.text, made };
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
            return self.reached(subject, state, Some(sight), ours);
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

    fn reached(&self, subject: &Subject<'_>, state: &State, sight: Option<&Sight>, ours: Option<&Entry>) -> Next {
        Next::Append(Event::Reached {
            step: self.number,
            state: state.clone(),
            share: subject.share(),
            made: sight.and_then(|sight| subject.made(self.step, sight)),
            address: subject.address(self.step),
            request_id: ours.map(|entry| entry.request_id.clone()),
        })
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

/// What shows that an announced call has been executed.
struct Evidence<'a> {
    request_id: Option<&'a RequestId>,
    text: String,
}
