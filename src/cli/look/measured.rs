//! What is measured, beside the fleet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Look;
use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::id::InstanceId;
use crate::fleet::health::{Thresholds, Wanted, wanted};
use crate::fleet::metric::words::Unit;
use crate::fleet::metric::{Meter, MeterStanding, MeterState, Subject};
use crate::fleet::{Condition, Fleet, ServiceKey};
use crate::watch::News;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A first answer of everybody.
    First,
    /// And a second of those who count: only then it is known how fast.
    Rates,
}

impl Look {
    /// Waits until all those who measure have told, or have failed; at most so long. Who is still awaited then is told.
    pub async fn measured(&mut self, wants: Wants, patience: Duration) -> Result<Vec<String>, Failure> {
        let until = Instant::now() + patience;
        let mut hurried = false;
        loop {
            let pools = self.whole.as_ref().is_some_and(|fleet| !fleet.pools.is_empty());
            let meters = if self.measures { Some(self.condition.meters()) } else { None };
            // Who was asked before the pools were known had nothing to tell: its next round need not be waited for.
            if !hurried && meters.into_iter().flatten().any(|state| pools && found_nothing(state)) {
                hurried = true;
                self.handle.refresh();
            }
            let awaited = meters.map_or_else(Vec::new, |meters| awaited(meters, &self.rates, wants, pools));
            if awaited.is_empty() {
                self.progress.clear();
                return Ok(awaited);
            }
            self.progress.tell(&format!("Waiting for {}…", awaited.join(", ")));
            match timeout_at(until, self.next()).await {
                Ok(news) => drop(news?),
                Err(_) => {
                    self.progress.clear();
                    return Ok(awaited);
                }
            }
        }
    }

    /// Takes news for so long.
    pub async fn pass(&mut self, time: Duration) -> Result<(), Failure> {
        self.progress.clear();
        let until = Instant::now() + time;
        while let Ok(news) = timeout_at(until, self.next()).await {
            drop(news?);
        }
        Ok(())
    }

    /// Measures these where that is done one by one.
    pub fn measure(&self, whom: Vec<InstanceId>) {
        self.handle.measure(whom);
    }

    /// Draws the conclusions anew when that is due.
    pub fn consider(&mut self, fleet: &Fleet, by_name: &BTreeMap<String, Wanted>, thresholds: &Thresholds) {
        let now = self.cloud_now();
        if self.condition.rest(now).is_zero() {
            self.condition.look(fleet, &wanted(fleet, by_name), thresholds, now);
        }
    }

    /// The newest whole fleet.
    pub fn newest(&self) -> Option<&Arc<Fleet>> {
        self.whole.as_ref()
    }

    /// Hands over load, conclusions and sources; the look keeps none.
    pub fn take_condition(&mut self) -> Condition {
        std::mem::take(&mut self.condition)
    }

    /// Load, conclusions and sources, as far as they are known.
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    /// What time it is in the cloud.
    pub fn cloud_now(&self) -> Timestamp {
        self.pace.cloud(self.clock.now())
    }

    /// When the fleet was read, and why the newest poll brought none.
    pub fn freshness(&self) -> (Option<Timestamp>, Option<&Failure>) {
        (self.as_of, self.failed.as_ref())
    }

    /// The sources of the fleet that did not answer.
    pub fn missing(&self) -> &[(&'static str, Failure)] {
        &self.missing
    }

    pub(super) fn take_measures(&mut self, news: &News) {
        let now = self.cloud_now();
        match news {
            News::Samples(samples) => {
                let told = samples.iter().filter(|sample| matches!(sample.metric.unit(), Unit::Rate | Unit::Bytes));
                self.rates.extend(told.filter_map(|sample| match &sample.subject {
                    Subject::Service(key) => Some((sample.meter, key.clone())),
                    _ => None,
                }));
                self.condition.take(samples, now);
            }
            News::Meters(meters) => self.condition.hear(meters.clone(), now),
            _ => {}
        }
    }
}

/// Those who have not told yet what is waited for, in words.
fn awaited(meters: &[MeterState], rates: &BTreeSet<(Meter, ServiceKey)>, wants: Wants, pools: bool) -> Vec<String> {
    if meters.is_empty() {
        return vec!["those who measure".to_owned()];
    }
    let awaited = meters.iter().filter_map(|state| match &state.standing {
        MeterStanding::Awaited => Some(called(state)),
        MeterStanding::Answers(_) if pools && found_nothing(state) => Some(called(state)),
        MeterStanding::Answers(_) if wants == Wants::Rates && counts(state, rates) => {
            Some(format!("a second answer of {}", called(state)))
        }
        MeterStanding::Answers(_) | MeterStanding::Silent(..) | MeterStanding::Off(_) => None,
    });
    awaited.collect()
}

/// Whether it answers and knows of no service that it counts for, nor why.
fn found_nothing(state: &MeterState) -> bool {
    let of_pools = matches!(state.meter, Meter::Octavia | Meter::Balancer);
    let answers = matches!(state.standing, MeterStanding::Answers(_));
    of_pools && answers && state.services.is_empty() && state.lacks.is_empty()
}

/// Whether it tells sums of something of which no rate is known yet: that takes two of these.
fn counts(state: &MeterState, rates: &BTreeSet<(Meter, ServiceKey)>) -> bool {
    let unknown = |key: &ServiceKey| !rates.contains(&(state.meter, key.clone()));
    matches!(state.meter, Meter::Octavia | Meter::Balancer) && state.services.iter().any(unknown)
}

/// What someone who measures is called.
pub fn called(state: &MeterState) -> String {
    match &*state.name {
        "" => state.meter.title().to_owned(),
        name => format!("{} {name}", state.meter.title()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::failure::FailureKind;
    use crate::fleet::sources::Place;

    fn state(meter: Meter, standing: MeterStanding) -> MeterState {
        let key = ServiceKey { place: Place::default(), project: "p".into(), name: "web".into() };
        MeterState { meter, name: "".into(), standing, services: vec![key], lacks: Vec::new() }
    }

    #[test]
    fn who_has_failed_is_not_awaited_and_who_counts_is_awaited_twice() {
        let answers = || MeterStanding::Answers(Timestamp::UNIX_EPOCH);
        let failure = Failure::new(FailureKind::Retry, "away");
        let silent = MeterStanding::Silent(Timestamp::UNIX_EPOCH, failure);
        let meters = [
            state(Meter::Octavia, answers()),
            state(Meter::Gnocchi, answers()),
            state(Meter::Nova, silent),
            state(Meter::Probe, MeterStanding::Awaited),
        ];
        let none = BTreeSet::new();
        assert_eq!(awaited(&meters, &none, Wants::First, true), ["our health checks"]);
        assert_eq!(awaited(&meters, &none, Wants::Rates, true), ["a second answer of Octavia", "our health checks"]);
        assert_eq!(
            awaited(
                &meters[..3],
                &BTreeSet::from([(Meter::Octavia, meters[0].services[0].clone())]),
                Wants::Rates,
                true
            ),
            [""; 0]
        );
        assert_eq!(awaited(&[], &none, Wants::First, true).len(), 1, "nobody has told yet who measures");
        let early = MeterState { services: Vec::new(), ..meters[0].clone() };
        assert_eq!(
            awaited(std::slice::from_ref(&early), &none, Wants::First, true),
            ["Octavia"],
            "asked before pools were known"
        );
        assert_eq!(awaited(&[early], &none, Wants::First, false), [""; 0], "there is nothing to count");
    }
}
