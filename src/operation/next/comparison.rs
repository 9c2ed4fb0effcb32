//! Whether who is new does worse than the others, by the [figures](crate::operation::figures) of their balancers.
//!
//! Of a rollout the first that was made is compared, once: who comes behind it runs the same. Where nobody tells figures,
//! nothing is compared, and the gate goes by its checks alone.

use crate::base::clock::since;
use crate::operation::figures::{Finding, INTERVALS, judge};
use crate::operation::fold::Phase;
use crate::operation::next::{Moment, Next};
use crate::operation::record::Event;
use crate::operation::sight::Sight;

impl Moment<'_> {
    /// Whether figures are wanted now.
    pub(super) fn is_to_be_measured(&self) -> bool {
        let pause = self.limits.analysis / INTERVALS;
        let due = self.progress.points.last().is_none_or(|last| since(last.at, self.now) >= pause);
        due && matches!(self.progress.phase, Phase::Reached) && self.is_compared()
    }

    /// What there is to do for the comparison, if anything: keep what was seen, or stop at a version that does worse.
    pub(super) fn compared(&self, sight: &Sight) -> Option<Next> {
        let telling = |figures: &&Vec<_>| !figures.is_empty() && self.is_to_be_measured();
        if let Some(figures) = sight.figures.as_ref().filter(telling) {
            return Some(Next::Append(Event::Measured { step: self.number, figures: figures.clone() }));
        }
        let name = &self.step.target.name;
        match self.is_compared().then(|| self.finding()) {
            Some(Finding::Worse(text)) => Some(self.fail(format!("{name} does worse than the others: {text}"))),
            _ => None,
        }
    }

    /// Whether there is more to come. Where figures stop to come, that is not waited for for ever.
    pub(super) fn is_comparing(&self) -> bool {
        let first = self.progress.points.first().filter(|_| self.is_compared());
        let in_time = first.is_some_and(|first| since(first.at, self.now) < self.limits.analysis.saturating_mul(2));
        in_time && self.finding() == Finding::Open
    }

    /// What the comparison has found, for people; empty where there was none.
    pub(super) fn found_text(&self) -> String {
        match self.finding() {
            _ if self.progress.points.is_empty() => String::new(),
            Finding::Fine(text) | Finding::Worse(text) => format!("{text}; "),
            Finding::Unsure(text) => format!("too little to tell: {text}; "),
            Finding::Open => "its figures came to an end before they told enough; ".to_owned(),
        }
    }

    fn is_compared(&self) -> bool {
        let earlier = self.operation.steps[..self.number].iter();
        let done = earlier.clone().any(|step| step.phase == Phase::Passed && !step.points.is_empty());
        self.step.compared && !done && !self.operation.winds_down()
    }

    fn finding(&self) -> Finding {
        judge(&self.progress.points, &self.step.own)
    }
}
