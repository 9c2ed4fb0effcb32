//! How long the health checks of a service take: percentiles over all its instances. Pure.
//!
//! A percentile of several instances is none of theirs, and no mean of them either. So each check is counted into a
//! histogram of the version that its instance runs, a new one every minute; what a version took is all of its minutes
//! in one, and what a service took is all of its versions in one.
//!
//! Deliberately absent: percentiles of one instance. It is checked some thirty times in five minutes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::fleet::ServiceKey;
use crate::fleet::metric::{Meter, Metric, Sample, Subject};
use crate::series::Histogram;

/// Percentiles are over so many minutes.
const MINUTES: i64 = 5;

/// What is told, and of which share of the checks.
const TOLD: [(Metric, f64); 3] = [(Metric::ProbeP50, 0.5), (Metric::ProbeP95, 0.95), (Metric::ProbeP99, 0.99)];

/// What health checks took of late.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    of: BTreeMap<ServiceKey, BTreeMap<Option<Arc<str>>, Minutes>>,
}

impl Latencies {
    /// Counts a check of an instance of that service and version.
    pub fn count(&mut self, service: &ServiceKey, version: Option<&Arc<str>>, took: Duration, at: Timestamp) {
        let versions = self.of.entry(service.clone()).or_default();
        versions.entry(version.cloned()).or_default().count(took, at);
    }

    /// The percentiles of each service and version of which enough is known; forgets what is older.
    pub fn samples(&mut self, now: Timestamp) -> Vec<Sample> {
        let mut samples = Vec::new();
        self.of.retain(|service, versions| {
            let mut all = Histogram::default();
            versions.retain(|version, minutes| {
                let own = minutes.lately(now);
                all = all.merge(&own);
                let of_version = |version: &Arc<str>| Subject::Version(service.clone(), Arc::clone(version));
                samples.extend(version.iter().flat_map(|version| told(of_version(version), &own, now)));
                own.total() > 0.0
            });
            samples.extend(told(Subject::Service(service.clone()), &all, now));
            all.total() > 0.0
        });
        samples
    }
}

/// A histogram for each minute in which anything was counted, the oldest first.
#[derive(Clone, Debug, Default)]
struct Minutes(VecDeque<(i64, Histogram)>);

impl Minutes {
    fn count(&mut self, took: Duration, at: Timestamp) {
        let minute = minute(at);
        if self.0.back().is_none_or(|(newest, _)| *newest < minute) {
            self.0.push_back((minute, Histogram::with_bounds(&bounds())));
        }
        if let Some((_, newest)) = self.0.back_mut() {
            newest.count(took.as_secs_f64());
        }
    }

    fn lately(&mut self, now: Timestamp) -> Histogram {
        self.0.retain(|(at, _)| (0..MINUTES).contains(&(minute(now) - at)));
        self.0.iter().fold(Histogram::default(), |all, (_, one)| all.merge(one))
    }
}

fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

/// A quarter of a millisecond up to a minute, each a quarter more than the one before: so far off a percentile may be.
fn bounds() -> Vec<f64> {
    let next = |bound: &f64| Some(bound * 1.25);
    std::iter::successors(Some(0.000_25), next).take_while(|bound| *bound < 75.0).collect()
}

/// A percentile is told once at least one check lies beyond it: before that it would be the slowest.
fn told(subject: Subject, counted: &Histogram, at: Timestamp) -> impl Iterator<Item = Sample> {
    let enough = move |share: f64| counted.total() * (1.0 - share) >= 1.0 - f64::EPSILON * 100.0;
    TOLD.into_iter().filter(move |(_, share)| enough(*share)).filter_map(move |(metric, share)| {
        let value = counted.quantile(share)?;
        Some(Sample { subject: subject.clone(), metric, meter: Meter::Probe, at, value })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sources::Place;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_020 + second).unwrap()
    }

    fn web() -> ServiceKey {
        ServiceKey { place: Place::default(), project: "p".into(), name: "web".into() }
    }

    fn counted(checks: &[(&str, u64, usize)]) -> Latencies {
        let mut latencies = Latencies::default();
        for (version, millis, times) in checks {
            for _ in 0..*times {
                latencies.count(&web(), Some(&Arc::from(*version)), Duration::from_millis(*millis), at(0));
            }
        }
        latencies
    }

    fn value(samples: &[Sample], version: Option<&str>, metric: Metric) -> Option<f64> {
        let subject = version.map_or(Subject::Service(web()), |version| Subject::Version(web(), version.into()));
        samples.iter().find(|sample| sample.subject == subject && sample.metric == metric).map(|sample| sample.value)
    }

    fn is_near(told: Option<f64>, millis: f64) -> bool {
        told.is_some_and(|told| (told * 1000.0 / millis - 1.0).abs() <= 0.25)
    }

    #[test]
    fn the_percentile_of_a_service_is_of_all_checks_and_no_mean_of_its_versions() {
        let told = counted(&[("1.4.2", 10, 980), ("1.5.0", 800, 20)]).samples(at(1));
        assert!(is_near(value(&told, Some("1.4.2"), Metric::ProbeP95), 10.0), "{told:?}");
        assert!(is_near(value(&told, Some("1.5.0"), Metric::ProbeP95), 800.0), "{told:?}");
        // The mean of both would be 405 ms.
        assert!(is_near(value(&told, None, Metric::ProbeP95), 10.0), "{told:?}");
        assert!(is_near(value(&told, None, Metric::ProbeP99), 800.0), "{told:?}");
    }

    #[test]
    fn a_percentile_beyond_which_no_check_lies_is_not_told() {
        let told = counted(&[("1", 10, 20)]).samples(at(1));
        assert!(value(&told, None, Metric::ProbeP95).is_some() && value(&told, None, Metric::ProbeP99).is_none());
        assert!(value(&counted(&[("1", 10, 19)]).samples(at(1)), None, Metric::ProbeP95).is_none());
        assert!(value(&counted(&[("1", 10, 100)]).samples(at(1)), None, Metric::ProbeP99).is_some());
    }

    #[test]
    fn what_is_five_minutes_old_counts_no_more() {
        let mut latencies = counted(&[("1", 10, 100)]);
        for _ in 0..100 {
            latencies.count(&web(), Some(&"1".into()), Duration::from_secs(1), at(240));
        }
        assert!(is_near(value(&latencies.samples(at(299)), None, Metric::ProbeP50), 10.0));
        assert!(is_near(value(&latencies.samples(at(300)), None, Metric::ProbeP50), 1000.0));
        assert_eq!(latencies.samples(at(900)), []);
        assert!(latencies.of.is_empty(), "nothing is kept of it");
    }
}
