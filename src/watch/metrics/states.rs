//! How each source stands. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::Failure;
use crate::fleet::metric::{Lack, Meter, MeterStanding, MeterState, Sample, Subject};
use crate::fleet::{Fleet, ServiceKey};
use crate::watch::news::News;

/// A service counts as told of for so many intervals.
const FRESH: u32 = 6;

/// All sources, in their order.
pub(super) struct States {
    on: Vec<One>,
    off: Vec<MeterState>,
}

struct One {
    state: MeterState,
    every: Duration,
    told: BTreeMap<ServiceKey, Timestamp>,
}

impl States {
    /// Sources that are on, and those that nobody has switched on.
    pub(super) fn new(sources: impl Iterator<Item = (Meter, Arc<str>, Duration)>, off: Vec<MeterState>) -> Self {
        let one = |(meter, name, every)| {
            let standing = MeterStanding::Awaited;
            let state = MeterState { meter, name, standing, services: Vec::new(), lacks: Vec::new() };
            One { state, every, told: BTreeMap::new() }
        };
        Self { on: sources.map(one).collect(), off }
    }

    pub(super) fn news(&self) -> News {
        News::Meters(self.on.iter().map(|one| &one.state).chain(&self.off).cloned().collect())
    }

    /// A source has told samples.
    pub(super) fn measured(&mut self, at: usize, samples: &[Sample], fleet: Option<&Fleet>, now: Timestamp) {
        let Some(one) = self.on.get_mut(at) else { return };
        // Those of one thing come one after the other.
        for of_one in samples.chunk_by(|one, other| one.subject == other.subject) {
            let Some(service) = of_one.first().and_then(|first| service(&first.subject, fleet)) else { continue };
            match one.told.get_mut(service) {
                Some(told) => *told = now,
                None => drop(one.told.insert(service.clone(), now)),
            }
        }
    }

    /// A round of a source has ended; tells whether anything is different now.
    pub(super) fn round(&mut self, at: usize, outcome: Result<Vec<Lack>, Failure>, now: Timestamp) -> bool {
        let Some(one) = self.on.get_mut(at) else { return false };
        let before = one.state.clone();
        let fresh = one.every.saturating_mul(FRESH);
        one.told.retain(|_, told| since(*told, now) <= fresh);
        one.state.services = one.told.keys().cloned().collect();
        one.state.standing = match (&outcome, &before.standing) {
            (Ok(_), MeterStanding::Answers(since)) => MeterStanding::Answers(*since),
            (Ok(_), _) => MeterStanding::Answers(now),
            (Err(failure), MeterStanding::Silent(since, _)) => MeterStanding::Silent(*since, failure.clone()),
            (Err(failure), _) => MeterStanding::Silent(now, failure.clone()),
        };
        one.state.lacks = outcome.unwrap_or_default();
        one.state != before
    }
}

fn service<'a>(subject: &'a Subject, fleet: Option<&'a Fleet>) -> Option<&'a ServiceKey> {
    match subject {
        Subject::Service(key) | Subject::Version(key, _) => Some(key),
        Subject::Instance(id) => {
            let fleet = fleet?;
            fleet.services.get(fleet.member(id)?.service).map(|service| &service.key)
        }
        Subject::Host(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::failure::FailureKind;
    use crate::fleet::metric::Metric;
    use crate::fleet::sources::Place;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn state(states: &States) -> MeterState {
        states.on[0].state.clone()
    }

    #[test]
    fn it_is_told_since_when_a_source_answers_or_does_not() {
        let mut states =
            States::new([(Meter::Gnocchi, Arc::default(), Duration::from_secs(60))].into_iter(), Vec::new());
        assert!(states.round(0, Ok(Vec::new()), at(0)));
        assert!(!states.round(0, Ok(Vec::new()), at(60)), "nothing new");
        let failure = Failure::new(FailureKind::Retry, "away");
        assert!(states.round(0, Err(failure.clone()), at(120)));
        assert!(!states.round(0, Err(failure.clone()), at(180)));
        assert_eq!(state(&states).standing, MeterStanding::Silent(at(120), failure));
        assert!(states.round(0, Ok(Vec::new()), at(240)));
        assert_eq!(state(&states).standing, MeterStanding::Answers(at(240)));
    }

    #[test]
    fn a_service_of_which_nothing_is_told_any_more_leaves_the_list() {
        let mut states =
            States::new([(Meter::Octavia, Arc::default(), Duration::from_secs(10))].into_iter(), Vec::new());
        let key = ServiceKey { place: Place::default(), project: "p".into(), name: "web".into() };
        let subject = Subject::Service(key.clone());
        let sample = Sample { subject, metric: Metric::Active, meter: Meter::Octavia, at: at(0), value: 1.0 };
        states.measured(0, &[sample], None, at(0));
        states.round(0, Ok(Vec::new()), at(30));
        assert_eq!(state(&states).services, [key]);
        states.round(0, Ok(Vec::new()), at(100));
        assert_eq!(state(&states).services, []);
    }
}
