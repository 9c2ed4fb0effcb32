//! How loaded something is, what is concluded from that, and how those who measure stand.

use serde::Serialize;

use super::FailureOf;
use super::fleet::severity;
use crate::base::clock::{Timestamp, since};
use crate::base::id::InstanceId;
use crate::fleet::health::{Conclusion, Evidence, Truth};
use crate::fleet::load::{Load, Reading};
use crate::fleet::metric::words::Unit;
use crate::fleet::metric::{Lack, Meter, MeterStanding, MeterState, Metric, Subject};

/// What is measured of one service or instance now. What nobody tells, or told too long ago, is null.
#[derive(Clone, Debug, Serialize)]
pub struct LoadOf {
    /// Requests a second.
    pub requests_per_second: Option<f64>,
    /// Requests a second that failed.
    pub errors_per_second: Option<f64>,
    /// The share of requests that failed; from 0 to 1.
    pub errors_share: Option<f64>,
    /// New connections a second.
    pub connections_per_second: Option<f64>,
    /// Connections or requests under way.
    pub active: Option<f64>,
    /// Mean response time.
    pub response_mean_ms: Option<f64>,
    /// Its median.
    pub response_p50_ms: Option<f64>,
    /// Its 95th percentile.
    pub response_p95_ms: Option<f64>,
    /// Its 99th percentile.
    pub response_p99_ms: Option<f64>,
    /// Used share of the virtual CPUs; from 0 to 1.
    pub cpu_share: Option<f64>,
    /// Used share of the memory; from 0 to 1.
    pub memory_share: Option<f64>,
    /// How full it is by its own measure; 1 is full.
    pub saturation_share: Option<f64>,
    /// Received bytes a second.
    pub received_bytes_per_second: Option<f64>,
    /// Sent bytes a second.
    pub sent_bytes_per_second: Option<f64>,
    /// The share of our own health checks that are answered as expected.
    pub probe_up_share: Option<f64>,
    /// Time of our own health check.
    pub probe_ms: Option<f64>,
    /// Median time of the health checks of all its instances within five minutes; null for one instance.
    pub probe_p50_ms: Option<f64>,
    /// 95th percentile of the same.
    pub probe_p95_ms: Option<f64>,
    /// 99th percentile of the same.
    pub probe_p99_ms: Option<f64>,
    /// When the newest of these was measured, in the cloud's time.
    pub as_of: Option<Timestamp>,
    /// How old that is.
    pub age_ms: Option<u64>,
    /// Who told each of these.
    pub sources: Vec<SourceOf>,
}

/// Who told a metric.
#[derive(Clone, Debug, Serialize)]
pub struct SourceOf {
    /// As `graph` takes it: `requests`, `response-p95`.
    pub metric: &'static str,
    /// `octavia`, `balancer`, `prometheus`, `gnocchi`, `nova` or `probe`.
    pub source: &'static str,
    /// Whether it is made of what instances told.
    pub added_up: bool,
    /// When it was measured.
    pub as_of: Timestamp,
}

/// A value that still stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// The value and who told it.
    pub reading: Reading,
    /// When it was measured.
    pub at: Timestamp,
}

/// What is told of a metric now; nothing when what was told no longer stands.
pub fn standing(load: &Load, subject: &Subject, metric: Metric, now: Timestamp) -> Option<Told> {
    let (_, series) = load.series(subject, metric, now)?;
    let (reading, at) = load.current(subject, metric, now).known?;
    series.is_fresh(now).then_some(Told { reading, at })
}

/// The share of requests that fail, both by one teller: shares of numbers of different tellers mean nothing.
pub fn errors_share(load: &Load, subject: &Subject, now: Timestamp) -> Option<f64> {
    let errors = standing(load, subject, Metric::Errors, now)?;
    let requests = load.by(subject, Metric::Requests, errors.reading.meter).filter(|series| series.is_fresh(now))?;
    let (requests, _) = requests.newest()?;
    // Nothing of nothing fails.
    Some(if requests > 0.0 { (errors.reading.value / requests).min(1.0) } else { 0.0 })
}

impl LoadOf {
    /// Of a subject.
    pub fn of(load: &Load, subject: &Subject, now: Timestamp) -> Self {
        let of = |metric| standing(load, subject, metric, now);
        let value = |metric: Metric| of(metric).map(|told| scaled(metric, told.reading.value));
        let told = || Metric::ALL.into_iter().filter_map(|metric| Some((metric, of(metric)?)));
        let as_of = told().map(|(_, told)| told.at).max();
        Self {
            requests_per_second: value(Metric::Requests),
            errors_per_second: value(Metric::Errors),
            errors_share: errors_share(load, subject, now),
            connections_per_second: value(Metric::Connections),
            active: value(Metric::Active),
            response_mean_ms: value(Metric::ResponseMean),
            response_p50_ms: value(Metric::ResponseP50),
            response_p95_ms: value(Metric::ResponseP95),
            response_p99_ms: value(Metric::ResponseP99),
            cpu_share: value(Metric::Cpu),
            memory_share: value(Metric::Memory),
            saturation_share: value(Metric::Saturation),
            received_bytes_per_second: value(Metric::Received),
            sent_bytes_per_second: value(Metric::Sent),
            probe_up_share: value(Metric::ProbeUp),
            probe_ms: value(Metric::ProbeTime),
            probe_p50_ms: value(Metric::ProbeP50),
            probe_p95_ms: value(Metric::ProbeP95),
            probe_p99_ms: value(Metric::ProbeP99),
            as_of,
            age_ms: as_of.map(|at| millis(since(at, now))),
            sources: told().map(|(metric, told)| SourceOf::of(metric, &told)).collect(),
        }
    }
}

impl SourceOf {
    fn of(metric: Metric, told: &Told) -> Self {
        let Reading { meter, added_up, .. } = told.reading;
        Self { metric: metric.id(), source: meter_id(meter), added_up, as_of: told.at }
    }
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Times in milliseconds, anything else as it is.
pub fn scaled(metric: Metric, value: f64) -> f64 {
    if metric.unit() == Unit::Seconds { value * 1000.0 } else { value }
}

/// What such numbers are in.
pub fn unit(metric: Metric) -> &'static str {
    match metric.unit() {
        Unit::Rate => "per_second",
        Unit::Count => "count",
        Unit::Seconds => "ms",
        Unit::Share => "share",
        Unit::Bytes => "bytes_per_second",
    }
}

/// Who measures, for programs and narrow columns.
pub fn meter_id(meter: Meter) -> &'static str {
    match meter {
        Meter::Octavia => "octavia",
        Meter::Balancer => "balancer",
        Meter::Prometheus => "prometheus",
        Meter::Gnocchi => "gnocchi",
        Meter::Nova => "nova",
        Meter::Probe => "probe",
    }
}

/// What is concluded.
#[derive(Clone, Debug, Serialize)]
pub struct ConclusionOf<'a> {
    /// As a service's `health`.
    pub severity: &'static str,
    /// A word or two: `load rising`, `slow`.
    pub trouble: &'static str,
    /// Whether it can be told now; false where it was so, and cannot be told any more.
    pub certain: bool,
    /// One sentence with the numbers.
    pub text: &'a str,
    /// When it was first so without a break, in the cloud's time.
    pub since: Timestamp,
    /// Whether it may have begun before that: nobody tells of the time before.
    pub maybe_earlier: bool,
    /// The instance that it is about; null for the service's own.
    pub instance_id: Option<&'a str>,
    /// What a person could do next.
    pub advice: &'a str,
    /// What it rests on, the weightiest first.
    pub evidence: Vec<EvidenceOf<'a>>,
}

/// What a conclusion rests on.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceOf<'a> {
    /// Who told it.
    pub source: &'static str,
    /// What was seen.
    pub seen: &'a str,
    /// The metric, where it is a number.
    pub metric: Option<&'static str>,
    /// The number, times in milliseconds.
    pub value: Option<f64>,
    /// When it was told.
    pub as_of: Option<Timestamp>,
}

impl<'a> From<&'a Conclusion> for ConclusionOf<'a> {
    fn from(told: &'a Conclusion) -> Self {
        Self {
            severity: severity(told.severity),
            trouble: told.trouble.title(),
            certain: told.truth == Truth::True,
            text: &told.text,
            since: told.since.at,
            maybe_earlier: told.since.maybe_earlier,
            instance_id: told.about.instance.as_ref().map(InstanceId::as_str),
            advice: &told.advice,
            evidence: told.evidence.iter().map(EvidenceOf::from).collect(),
        }
    }
}

impl<'a> From<&'a Evidence> for EvidenceOf<'a> {
    fn from(seen: &'a Evidence) -> Self {
        Self {
            source: meter_id(seen.meter),
            seen: &seen.seen,
            metric: seen.value.map(|(metric, _)| metric.id()),
            value: seen.value.map(|(metric, value)| scaled(metric, value)),
            as_of: seen.at,
        }
    }
}

/// Someone who measures.
#[derive(Clone, Debug, Serialize)]
pub struct MeterOf<'a> {
    /// As in `sources` of a load.
    pub source: &'static str,
    /// Its name in the configuration, where there may be several; else null.
    pub name: Option<&'a str>,
    /// `answers`, `silent`, `awaited` or `off`.
    pub standing: &'static str,
    /// Since when it answers or does not.
    pub since: Option<Timestamp>,
    /// Why it does not answer.
    pub failure: Option<FailureOf<'a>>,
    /// Names of the services of which it tells something.
    pub services: Vec<&'a str>,
    /// What it cannot tell, and what would have to be configured.
    pub lacks: Vec<LackOf<'a>>,
}

/// Something that is not measured.
#[derive(Clone, Debug, Serialize)]
pub struct LackOf<'a> {
    /// Name of the service; null where it is of all.
    pub service: Option<&'a str>,
    /// What and why.
    pub why: &'a str,
    /// Lines that would change it.
    pub paste: Option<&'a str>,
}

impl<'a> From<&'a MeterState> for MeterOf<'a> {
    fn from(state: &'a MeterState) -> Self {
        let (standing, since, failure, off) = match &state.standing {
            MeterStanding::Off(lack) => ("off", None, None, Some(lack)),
            MeterStanding::Awaited => ("awaited", None, None, None),
            MeterStanding::Answers(since) => ("answers", Some(*since), None, None),
            MeterStanding::Silent(since, failure) => ("silent", Some(*since), Some(failure), None),
        };
        Self {
            source: meter_id(state.meter),
            name: Some(&*state.name).filter(|name| !name.is_empty()),
            standing,
            since,
            failure: failure.map(FailureOf::from),
            services: state.services.iter().map(|key| &*key.name).collect(),
            lacks: off.into_iter().chain(&state.lacks).map(LackOf::from).collect(),
        }
    }
}

impl<'a> From<&'a Lack> for LackOf<'a> {
    fn from(lack: &'a Lack) -> Self {
        Self { service: lack.service.as_ref().map(|key| &*key.name), why: &lack.why, paste: lack.paste.as_deref() }
    }
}
