//! Right before a call: the cloud as it is now decides, not as the plan saw it. What needs nothing is left out, what is no
//! longer what was approved is not touched, and nobody is drained for what then cannot be done.

use crate::base::clock::since;
use crate::base::id::ImageId;
use crate::fleet::instance::Status;
use crate::fleet::release::Release;
use crate::fleet::version::is_same;
use crate::operation::change::Change;
use crate::operation::fold::{Operation, Phase, Trouble};
use crate::operation::limits::Limits;
use crate::operation::next::{Moment, Next};
use crate::operation::plan::Step;
use crate::operation::record::{Announcement, Newest, Wait};
use crate::operation::sight::{Entry, Sight, State};
use crate::operation::stamp::{self, stamp};
use crate::operation::state::Fit;
use crate::operation::subject::Subject;

impl Moment<'_> {
    /// Right before the call: the state as it is now decides, not the one that the plan was made for.
    pub(super) fn before_call(
        &self,
        trouble: Option<&Trouble>,
        subject: &Subject<'_>,
        state: &State,
        sight: &Sight,
    ) -> Next {
        // What is switched on again cannot serve before.
        if self.is_owed_only()
            && !matches!(self.step.change, Change::Start { .. })
            && !self.step.change.takes_away()
            && !self.step.change.outlives()
            && let Some(next) = self.cannot_serve(state, sight)
        {
            return next;
        }
        if let Some(why) = self.is_left_out() {
            return self.skip(why);
        }
        if let Some(why) = self.is_cared_for(state, sight) {
            return self.skip(why);
        }
        if let Some(runs) = self.runs_already(sight) {
            return self.skip(runs);
        }
        if let Some(why) = self.is_still_needed() {
            return self.skip(why);
        }
        if self.takes_back_nothing() {
            let name = &self.step.target.name;
            return self.skip(match self.step.change {
                Change::Start { .. } => format!("this operation has not switched {name} off"),
                _ if self.step.change.takes_away() => format!("this operation has not put {name} into rotation"),
                _ => format!("this operation has not taken {name} out of rotation"),
            });
        }
        match subject.fit(self.step) {
            Fit::Already(_) if self.progress.attempts > 0 => return self.reached(subject, state, Some(sight), None),
            // Whoever made it, it was not us: there is no place for what we would make.
            Fit::Already(why) if self.step.change.makes() => {
                return self.fail(format!("{} {why}", self.step.target.name));
            }
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
            return if self.step.gives_back() { self.skip(drift) } else { self.fail(drift) };
        }
        if let Some(why) = self.is_vacant(sight).or_else(|| self.is_last(sight)).or_else(|| self.cannot_boot(sight)) {
            return self.fail(why);
        }
        if let Some(trouble) = trouble
            && let Some(next) = self.before_retry(trouble)
        {
            return next;
        }
        if self.is_to_be_preserved() {
            return Next::Preserve { step: self.number, server: self.step.target.id.clone() };
        }
        Next::Call(self.announcement(state, sight))
    }

    /// Whether the target will be deleted, and nobody has kept yet what the cloud knows of it. It is done before anything is
    /// done to it: who is switched off may have no console any more.
    fn is_to_be_preserved(&self) -> bool {
        let deletes = matches!(self.step.change, Change::DeleteServer { .. });
        let leaves = self.is_removed() && !self.step.gives_back() && !self.operation.has_touched(self.number);
        let known = self.step.target.known().is_some();
        (deletes || leaves) && known && !self.operation.has_preserved(self.number)
    }

    /// Whether the operation is given up, and this step was not begun: it is there to give back, and for nothing else.
    pub(super) fn is_owed_only(&self) -> bool {
        self.step.gives_back() && self.operation.winds_down() && matches!(self.progress.phase, Phase::Pending(_))
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

    /// Whether the target may run what is rolled out before anything was done to it.
    pub(super) fn may_run_already(&self) -> bool {
        let rolls_out = self.operation.plan.verb().brings_release() && self.image().is_some();
        rolls_out && self.operation.first_of_slot(self.number).is_none()
    }

    /// Whether nobody takes this place: whoever has it runs what is rolled out.
    fn is_left_out(&self) -> Option<String> {
        let Operation { plan, steps, .. } = self.operation;
        let (first, step) = plan.of_slot(self.number).next()?;
        let left_out = step.instead_of.is_some() && steps[first].phase == Phase::Skipped;
        left_out.then(|| steps[first].remark.clone())
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

    /// Whether this gives back what somebody else has taken: what was to take it found nothing to do.
    fn takes_back_nothing(&self) -> bool {
        self.step.gives_back() && self.has_taken(self.number) == Some(false)
    }

    /// Whether what this step gives back was taken by this operation; `None` where it gives back nothing that was taken.
    fn has_taken(&self, number: usize) -> Option<bool> {
        let Operation { plan, steps, .. } = self.operation;
        let change = &plan.steps[number].change;
        let mut earlier = plan.of_slot(number).rev().filter(|(at, _)| *at < number);
        let (at, _) = earlier.find(|(_, step)| match (&step.change, change) {
            (Change::SetMember { member, .. }, Change::SetMember { member: own, .. }) => member == own,
            (Change::Stop { .. }, Change::Start { .. }) => true,
            _ => false,
        })?;
        // A call that came to nothing has taken nothing either.
        Some(steps[at].announced.is_some() && !matches!(steps[at].phase, Phase::Pending(_)))
    }

    /// Whether the target, which would be taken away again, serves in the place of one that could not be brought back.
    fn is_still_needed(&self) -> Option<String> {
        let Operation { plan, steps, .. } = self.operation;
        let leaves = self.step.change.outlives() || self.step.change.takes_away();
        if !(self.step.undoes && leaves) {
            return None;
        }
        let others = plan.of_slot(self.number).filter(|(_, step)| step.target.id != self.step.target.id);
        let mut owed = others.filter(|(at, step)| step.undoes && self.has_taken(*at) == Some(true));
        let (_, lost) = owed.find(|(at, _)| steps[*at].phase != Phase::Passed)?;
        Some(format!("{} stays: {} could not be brought back", self.step.target.name, lost.target.name))
    }

    /// Whether the instance is not what the slot's later steps were planned for: nobody is drained for what is then
    /// not done.
    fn drift_ahead(&self, state: &State) -> Option<String> {
        let rests = state.task_state.is_none() && !state.status.is_transition();
        if !rests || self.step.gives_back() || self.step.change.server().is_some() {
            return None;
        }
        let later = self.operation.plan.of_target(self.number).filter(|(at, _)| *at > self.number);
        // Those behind the next one find what that has made of it.
        let mut servers = later.filter(|(_, step)| step.change.server().is_some() && !step.gives_back());
        Subject::Server(state).drift(servers.next()?.1)
    }

    /// Whether whoever was to be replaced is gone: another in its place would be one more than anybody has asked for.
    fn is_vacant(&self, sight: &Sight) -> Option<String> {
        let instead_of = self.step.instead_of.as_ref().filter(|_| sight.vacant)?;
        let of = |step: &&Step| step.target.id == *instead_of;
        let name = self.operation.plan.steps.iter().find(of).map_or(instead_of.as_str(), |step| &step.target.name);
        Some(format!("{name} is gone: there is nobody to replace"))
    }

    /// Whether the pool would be left without anybody who takes requests. The plan saw others; they may have failed since.
    fn is_last(&self, sight: &Sight) -> Option<String> {
        let (Change::SetMember { pool, member, .. } | Change::RemoveMember { pool, member }) = &self.step.change else {
            return None;
        };
        let taking = || sight.members.iter().flatten().filter(|seat| seat.pool == *pool && seat.taking);
        let last = !self.step.gives_back()
            && self.step.change.takes_away()
            && taking().count() == 1
            && taking().all(|seat| seat.member == *member);
        last.then(|| format!("{} is the last that takes requests now: without it nobody does", self.step.target.name))
    }

    /// Whether the image cannot be booted any more.
    fn cannot_boot(&self, sight: &Sight) -> Option<String> {
        let status = sight.image.as_deref().filter(|status| *status != "active")?;
        let release = self.operation.plan.intent.release.as_ref().map(Release::title);
        let image = release.or(self.image().map(ImageId::as_str)).unwrap_or_default();
        Some(format!("the image of {image} is {status} now: nothing can be made from it"))
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
}

fn newest(history: Option<&[Entry]>) -> Newest {
    match history {
        None => Newest::Unreadable,
        Some([]) => Newest::Nothing,
        Some([first, ..]) => Newest::Request(first.request_id.clone()),
    }
}
