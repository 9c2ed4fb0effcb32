//! The gate after each step: it is still in its end state, no other member of its pools has newly failed, and what the plan
//! wants of the target's own members holds, for as long as it says. The time that the cloud does not answer
//! [does not count](crate::operation::waiting).
//!
//! Octavia shows a new member ONLINE before any check has passed: hence the time. Without a pool one more look at the
//! target is all there is.

use std::time::Duration;

use crate::base::clock::since;
use crate::base::id::MemberId;
use crate::fleet::version::is_same;
use crate::operation::change::Change;
use crate::operation::next::{Moment, Next};
use crate::operation::plan::Gate;
use crate::operation::record::{Event, Wait};
use crate::operation::sight::{Answer, Seat, Sight};
use crate::operation::subject::Subject;

impl Moment<'_> {
    pub(super) fn gate(&self, subject: &Subject<'_>, sight: &Sight) -> Next {
        let name = &self.step.target.name;
        if !subject.has_ended(self.step, None) {
            return self.unwell(format!("{name} is {}", subject.text()));
        }
        // Who serves, and is taken away again, has begun to answer something.
        let ends = self.step.undoes && self.step.gate == Gate::Drained;
        if self.step.gate == Gate::Open || self.operation.winds_down() && !ends {
            return self.pass(format!("{name} is {}", subject.text()), None);
        }
        if let Some(why) = sight.answer.as_ref().and_then(|answer| self.disagrees(answer)) {
            return self.unwell(why);
        }
        let version = sight.answer.as_ref().and_then(|answer| answer.version.clone());
        let answers = version.as_ref().map(|version| format!("answers as {version}; ")).unwrap_or_default();
        if self.step.pools.is_empty() && self.step.gate != Gate::Kept {
            return self.pass(format!("{answers}{name} is {}", subject.text()), version);
        }
        let Some(members) = &sight.members else {
            return self.unwell("the balancer's members cannot be read".to_owned());
        };
        let others = |seat: &&Seat| !self.is_own(seat) && !self.is_replaced(&seat.member);
        let failing = |seat: &&Seat| !seat.taking && others(seat) && !self.is_expected(&seat.member);
        if let Some(seat) = members.iter().find(failing) {
            return self.fail(format!("another member fails since: {}", seat.text));
        }
        if let Some(seat) = members.iter().filter(|seat| self.is_own(seat)).find(|seat| !self.lets_pass(seat)) {
            return self.unwell(seat.text.clone());
        }
        if let Some(next) = self.compared(sight) {
            return next;
        }
        let count = members.iter().filter(|seat| seat.taking).count();
        let evidence = match members.len() {
            0 => format!("{answers}{name} is {}", subject.text()),
            all => format!("{answers}{count} of {all} pool members take requests"),
        };
        let held = self.operation.waits(Wait::Holding).is_some_and(|began| since(began, self.now) >= self.hold());
        match held || self.operation.waits(Wait::Comparing).is_some() {
            true if self.is_comparing() => self.wait(Wait::Comparing, || format!("{name} is held against the others")),
            true => self.pass(format!("{}{evidence}", self.found_text()), version),
            false => self.wait(Wait::Holding, || evidence),
        }
    }

    /// Whether one of the target's own members is as the gate wants it.
    fn lets_pass(&self, seat: &Seat) -> bool {
        match self.step.gate {
            Gate::Open | Gate::Kept => true,
            // What does not heed its share is still served: then nothing was drained.
            Gate::Drained => !self.is_drained(&seat.member) || &*seat.operating != "ONLINE",
            Gate::Answering => &*seat.operating != "ERROR" || self.is_expected(&seat.member),
            Gate::Well => seat.taking || self.step.change.takes_away() || self.is_expected(&seat.member),
        }
    }

    /// Whether a step of this slot drains it.
    fn is_drained(&self, member: &MemberId) -> bool {
        let slot = self.operation.plan.steps.iter().filter(|step| step.slot == self.step.slot);
        let mut drains = slot.filter(|step| step.change.takes_away());
        drains.any(|step| matches!(&step.change, Change::SetMember { member: drained, .. } if drained == member))
    }

    fn hold(&self) -> Duration {
        match self.step.gate {
            Gate::Open => Duration::ZERO,
            Gate::Kept => self.limits.keep,
            Gate::Drained => self.limits.drain,
            Gate::Answering => self.limits.answering,
            Gate::Well => self.limits.min_ready,
        }
    }

    /// Whether this member's failing is nothing new: it did before its slot was begun, or this operation has taken it out
    /// of rotation and not put it back.
    fn is_expected(&self, member: &MemberId) -> bool {
        let before = self.operation.first_of_slot(self.number);
        if before.is_some_and(|announced| announced.failing.contains(member)) {
            return true;
        }
        let earlier = self.operation.plan.steps[..self.number].iter().filter(|step| step.slot != self.step.slot);
        let last = earlier.rev().filter(|step| !step.undoes).find(|step| step.own.contains(member));
        last.is_some_and(|step| step.change.takes_away())
    }

    /// Whether the target comes in the place of whoever has this member: that may be as ill as it likes.
    fn is_replaced(&self, member: &MemberId) -> bool {
        let steps = &self.operation.plan.steps;
        let mut slot = steps.iter().filter(|step| step.slot == self.step.slot);
        let replaced = slot.find_map(|step| step.instead_of.as_ref());
        replaced.is_some_and(|id| steps.iter().any(|step| step.target.id == *id && step.own.contains(member)))
    }

    /// What of the target's own answer speaks against going on.
    fn disagrees(&self, answer: &Answer) -> Option<String> {
        let name = &self.step.target.name;
        if !answer.up {
            return Some(format!("{name} does not answer as it should"));
        }
        let (told, wanted) = (answer.version.as_ref()?, self.step.version.as_ref()?);
        (!is_same(told, wanted)).then(|| format!("{name} answers as {told}, not as {wanted}"))
    }

    pub(super) fn pass(&self, evidence: String, version: Option<String>) -> Next {
        Next::Append(Event::Passed { step: self.number, evidence, version })
    }

    fn unwell(&self, why: String) -> Next {
        if self.overdue(self.limits.healthy) {
            return self.fail(format!("not well in time: {why}"));
        }
        self.wait(Wait::Unwell, || why)
    }
}
