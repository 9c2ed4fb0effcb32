//! What is measured, of whom: the words that sources, series, findings and graphs share.
//!
//! A sample names its source, because two sources may tell different numbers for one thing, and the screen says which.
//! Deliberately absent: how a source is asked (`watch`), and how samples are kept ([`crate::series`], [`crate::fleet::load`]).

pub mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::id::InstanceId;
use crate::fleet::ServiceKey;

/// Of whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A service as a whole.
    Service(ServiceKey),
    /// The instances of a service that run one version.
    Version(ServiceKey, Arc<str>),
    /// One instance.
    Instance(InstanceId),
    /// A hypervisor, by its name.
    Host(Arc<str>),
}

/// What is measured. Each has one unit, whatever the source tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// Requests a second.
    Requests,
    /// Requests a second that failed: answers of the 500s, refused and reset connections.
    Errors,
    /// New connections a second, where nobody counts requests.
    Connections,
    /// Connections or requests under way.
    Active,
    /// Mean response time, seconds.
    ResponseMean,
    /// Median response time, seconds.
    ResponseP50,
    /// 95th percentile of the response time, seconds.
    ResponseP95,
    /// 99th percentile of the response time, seconds.
    ResponseP99,
    /// Used share of all virtual CPUs: 1 is all of them.
    Cpu,
    /// Used share of the memory: 1 is all of it.
    Memory,
    /// Received bytes a second.
    Received,
    /// Sent bytes a second.
    Sent,
    /// Bytes a second read from disks.
    DiskRead,
    /// Bytes a second written to disks.
    DiskWritten,
    /// How full the thing is by its own measure: 1 is full.
    Saturation,
    /// Time of our own health check, seconds.
    ProbeTime,
    /// Median time of our own health checks, seconds.
    ProbeP50,
    /// 95th percentile of the time of our own health checks, seconds.
    ProbeP95,
    /// 99th percentile of the time of our own health checks, seconds.
    ProbeP99,
    /// Whether our own health check was answered as expected: 1 or 0.
    ProbeUp,
}

/// Who measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Meter {
    /// Octavia's statistics.
    Octavia,
    /// A balancer's own exporter, Octavia's or plain HAProxy's.
    Balancer,
    /// A Prometheus.
    Prometheus,
    /// Gnocchi.
    Gnocchi,
    /// Nova's diagnostics.
    Nova,
    /// Our own probes.
    Probe,
}

impl Meter {
    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Meter::Octavia => "Octavia",
            Meter::Balancer => "the balancer's exporter",
            Meter::Prometheus => "Prometheus",
            Meter::Gnocchi => "Gnocchi",
            Meter::Nova => "Nova's diagnostics",
            Meter::Probe => "our health checks",
        }
    }

    /// In a word, for a heading.
    pub fn word(self) -> &'static str {
        match self {
            Meter::Octavia => "Octavia",
            Meter::Balancer => "balancer",
            Meter::Prometheus => "Prometheus",
            Meter::Gnocchi => "Gnocchi",
            Meter::Nova => "Nova",
            Meter::Probe => "check",
        }
    }
}

/// One measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Of whom.
    pub subject: Subject,
    /// What.
    pub metric: Metric,
    /// By whom.
    pub meter: Meter,
    /// For when, in the cloud's time.
    pub at: Timestamp,
    /// In the metric's unit; finite. What was not told has no sample.
    pub value: f64,
}

/// The version that an instance itself says it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Who says so.
    pub instance: InstanceId,
    /// The version.
    pub version: Arc<str>,
}

/// Something that measures, and how it stands: what `doctor` and the screen say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MeterState {
    /// What it is.
    pub meter: Meter,
    /// What it is called where there are several: a Prometheus by its name in the configuration. Else empty.
    pub name: Arc<str>,
    /// Whether it answers.
    pub standing: MeterStanding,
    /// The services of which its last round told something, sorted.
    pub services: Vec<ServiceKey>,
    /// What it cannot tell and why, though it may answer.
    pub lacks: Vec<Lack>,
}

/// Whether something that measures answers.
#[derive(Clone, Debug, PartialEq)]
pub enum MeterStanding {
    /// Nobody has switched it on: what would have to be configured.
    Off(Lack),
    /// It was not asked yet, or has not answered yet.
    Awaited,
    /// It answers, since then (wall time).
    Answers(Timestamp),
    /// It does not answer, since then (wall time).
    Silent(Timestamp, Failure),
}

/// Something that is not measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// Of which service; of all, if of none.
    pub service: Option<ServiceKey>,
    /// What and why, one sentence.
    pub why: String,
    /// Lines for `config.toml`, or a command, that would change it.
    pub paste: Option<String>,
}
