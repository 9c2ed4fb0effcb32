//! What a look is made of: the fleet, its load, what is wanted of it, and how numbers are read and written.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::calm::Anew;
use super::conclusion::Evidence;
use super::thresholds::Thresholds;
use crate::base::clock::Timestamp;
use crate::fleet::load::{Known, Load};
use crate::fleet::metric::{Meter, Metric, Subject};
use crate::fleet::service::{Fleet, Member, Service, ServiceKey};
use crate::series::statistics::{mean, median};
use crate::series::{Series, Tier};

/// What is wanted of a service, as far as someone said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The version that it should run.
    pub version: Option<Arc<str>>,
    /// How many instances must serve.
    pub floor: Option<usize>,
    /// How many requests a second one instance is good for.
    pub per_instance: Option<f64>,
    /// What its 95th percentile of response time should stay below, seconds.
    pub p95: Option<f64>,
    /// Whether an operation changes it now: then several versions are meant.
    pub changing: bool,
}

/// Everything that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// Its load.
    pub load: &'a Load,
    /// What is wanted of its services; one that is missing wants nothing.
    pub wanted: &'a BTreeMap<ServiceKey, Wanted>,
    /// From where on something is worth a word.
    pub thresholds: &'a Thresholds,
    /// What time it is in the cloud.
    pub now: Timestamp,
}

/// What a metric has been lately.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lately {
    pub(crate) value: f64,
    pub(crate) meter: Meter,
    pub(crate) metric: Metric,
    pub(crate) at: Timestamp,
}

/// Whether a metric is told of something, was, or never.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    Now(Lately),
    /// It was, and is too old by now.
    Once,
    Never,
}

impl<'a> Scene<'a> {
    /// The median of what was told within that time, by the source that is believed.
    pub(crate) fn lately(&self, known: Known<'_>, metric: Metric, seconds: u64) -> Told {
        match known.series(metric, self.now) {
            None => Told::Never,
            Some((meter, series)) => lately(series, metric, meter, seconds, self.now),
        }
    }

    /// Two metrics of one subject by one source: shares of numbers of different tellers mean nothing.
    pub(crate) fn pair(&self, known: Known<'_>, metric: Metric, other: Metric, seconds: u64) -> Option<(Told, Told)> {
        let (meter, series) = known.series(metric, self.now)?;
        let beside = known.by(other, meter)?;
        let read = |series, metric| lately(series, metric, meter, seconds, self.now);
        Some((read(series, metric), read(beside, other)))
    }

    /// What is known of each member that is looked at, in the order of the fleet: found once.
    pub(crate) fn members(&self, anew: &Anew) -> Vec<Known<'a>> {
        let known = |member: &Member| match anew.has(member.service) {
            true => self.load.of(&Subject::Instance(member.instance.id.clone())),
            false => Known::nothing(),
        };
        self.fleet.members.iter().map(known).collect()
    }

    /// What is known of a service.
    pub(crate) fn service(&self, service: &Service) -> Known<'a> {
        self.load.of(&Subject::Service(service.key.clone()))
    }

    pub(crate) fn before(&self, by: Duration) -> Timestamp {
        self.now.checked_sub(by).unwrap_or(Timestamp::MIN)
    }

    /// What is wanted of a service.
    pub(crate) fn wanted_of(&self, key: &ServiceKey) -> Option<&'a Wanted> {
        self.wanted.get(key)
    }
}

/// Fewer health checks say nothing of how long they take.
const CHECKS: usize = 3;

fn lately(series: &Series, metric: Metric, meter: Meter, seconds: u64, now: Timestamp) -> Told {
    let Some((newest, at)) = series.newest() else { return Told::Never };
    if !series.is_fresh(now) {
        return Told::Once;
    }
    let from = now.checked_sub(Duration::from_secs(seconds)).unwrap_or(Timestamp::MIN);
    let values: Vec<f64> = series.within(Tier::Full, from, Timestamp::MAX).map(|(_, point)| point.mean).collect();
    if metric == Metric::ProbeTime && values.len() < CHECKS {
        return Told::Once;
    }
    // A percentile has no mean, and one slow check is no slow instance; of a rate the mean is what was counted.
    let value = match metric {
        Metric::ResponseP50
        | Metric::ResponseP95
        | Metric::ResponseP99
        | Metric::ProbeTime
        | Metric::ProbeP50
        | Metric::ProbeP95
        | Metric::ProbeP99 => median(&values),
        _ => mean(&values),
    };
    Told::Now(Lately { value: value.unwrap_or(newest), meter, metric, at })
}

impl Lately {
    /// As evidence, in words.
    pub(crate) fn evidence(&self, seen: String) -> Evidence {
        Evidence { meter: self.meter, seen, value: Some((self.metric, self.value)), at: Some(self.at) }
    }
}

/// A number with at most three digits that matter.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        big if big >= 100.0 => format!("{value:.0}"),
        some if some >= 10.0 => format!("{value:.1}").trim_end_matches(".0").to_owned(),
        few if few > 0.0 => format!("{value:.2}"),
        _ => "0".to_owned(),
    }
}

/// A share in percent.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent.abs() >= 10.0 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// Seconds as people say them.
pub(crate) fn time(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.1} s") }
}
