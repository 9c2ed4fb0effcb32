//! A finding that is drawn from what was measured, with what it rests on and what to do next.

use std::time::Duration;

use super::truth::Truth;
use crate::base::clock::Timestamp;
use crate::base::id::InstanceId;
use crate::fleet::Began;
use crate::fleet::metric::{Meter, Metric};
use crate::fleet::service::{Finding, ServiceKey, Severity};

/// What can be wrong; the worst first among those of one severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// It serves nobody.
    Down,
    /// Our checks do not reach it; others may.
    Unreachable,
    /// Too many requests fail.
    Erroring,
    /// It answers too slowly.
    Slow,
    /// Fewer instances serve than are wanted.
    BelowFloor,
    /// At this pace its capacity ends soon.
    NearingCapacity,
    /// Its load grows as it did not in the last hour, nor yesterday.
    LoadRising,
    /// It is full.
    Saturated,
    /// It is worse than its peers.
    Outlier,
    /// It comes and goes.
    Flapping,
    /// Some run another version than is expected.
    OtherVersion,
    /// Several versions run beside each other.
    MixedVersions,
    /// Nobody tells anything of it any more.
    Blind,
    /// One source no longer tells; others do.
    SourceLost,
}

impl Trouble {
    /// A word or two for a column.
    pub fn title(self) -> &'static str {
        match self {
            Trouble::Down => "down",
            Trouble::Unreachable => "unreachable",
            Trouble::Erroring => "erroring",
            Trouble::Slow => "slow",
            Trouble::BelowFloor => "below floor",
            Trouble::NearingCapacity => "nearing capacity",
            Trouble::LoadRising => "load rising",
            Trouble::Saturated => "saturated",
            Trouble::Outlier => "outlier",
            Trouble::Flapping => "flapping",
            Trouble::OtherVersion => "other version",
            Trouble::MixedVersions => "mixed versions",
            Trouble::Blind => "blind",
            Trouble::SourceLost => "source lost",
        }
    }

    /// The same of a service, when it is about one of its instances: the service itself need not be so.
    pub fn title_of_one(self) -> &'static str {
        match self {
            Trouble::Down => "one down",
            Trouble::Unreachable => "one unreachable",
            Trouble::Erroring => "one erroring",
            Trouble::Slow => "one slow",
            Trouble::Saturated => "one saturated",
            Trouble::Outlier => "one stands out",
            Trouble::Flapping => "one flapping",
            Trouble::OtherVersion => "one other version",
            other => other.title(),
        }
    }

    /// How long it must be so without a break before it is told, and how long not so before it is withdrawn.
    ///
    /// Long enough that three of four samples of ten seconds agree (row 28), short enough that the first five minutes
    /// of a trouble are not spent waiting. What depends on a trend is withdrawn later: trends waver.
    pub(crate) fn patience(self) -> (Duration, Duration) {
        let (raise, release) = match self {
            // Its own rule has counted already.
            Trouble::Down | Trouble::Unreachable | Trouble::Flapping | Trouble::SourceLost | Trouble::MixedVersions => {
                (0, 30)
            }
            Trouble::Erroring | Trouble::BelowFloor => (30, 120),
            Trouble::Slow => (45, 120),
            Trouble::OtherVersion | Trouble::Blind => (60, 30),
            Trouble::Saturated | Trouble::Outlier => (60, 180),
            Trouble::LoadRising | Trouble::NearingCapacity => (60, 300),
        };
        (Duration::from_secs(raise), Duration::from_secs(release))
    }
}

/// Whom it is about: an instance of a service, a service as a whole, or, with neither, the observer itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct About {
    /// The service.
    pub service: Option<ServiceKey>,
    /// The instance.
    pub instance: Option<InstanceId>,
    /// The source that is lost, or that tells of the thing that is full or stands out.
    pub metric: Option<Metric>,
    /// The source, where it is about one.
    pub meter: Option<Meter>,
}

impl About {
    /// A service as a whole.
    pub fn service(key: &ServiceKey) -> Self {
        Self { service: Some(key.clone()), ..Self::default() }
    }

    /// An instance of a service.
    pub fn instance(key: &ServiceKey, id: &InstanceId) -> Self {
        Self { instance: Some(id.clone()), ..Self::service(key) }
    }

    /// In one metric of it.
    pub fn of(self, metric: Metric) -> Self {
        Self { metric: Some(metric), ..self }
    }
}

/// What a conclusion rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Who told it.
    pub meter: Meter,
    /// What was seen, in words with the numbers.
    pub seen: String,
    /// The number itself, where there is one, in its metric's unit.
    pub value: Option<(Metric, f64)>,
    /// When it was told, in the cloud's time; `None` where the source does not say.
    pub at: Option<Timestamp>,
}

impl Evidence {
    /// `Prometheus: 34 % of requests fail`, in words with the source and how old that is.
    pub fn words(&self, now: Timestamp) -> String {
        // A time of the day stays as it is while one reads it; an age does not.
        let at = self.at.map(|at| {
            let format = if at.duration_until(now).as_hours() < 24 { ", %H:%M:%SZ" } else { ", %-d %b %H:%MZ" };
            at.strftime(format).to_string()
        });
        // Without a number it is a row that tells, not the diagnostics.
        let who = if self.meter == Meter::Nova && self.value.is_none() { "Nova" } else { self.meter.title() };
        format!("{who}{}: {}", at.unwrap_or_default(), self.seen)
    }
}

/// What is wrong, how sure that is, since when, on what evidence, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion {
    /// What.
    pub trouble: Trouble,
    /// With whom.
    pub about: About,
    /// It is so, or it was and now cannot be told.
    pub truth: Truth,
    /// How bad.
    pub severity: Severity,
    /// Since when, in the cloud's time: when it was first so without a break.
    pub since: Began,
    /// One sentence: what is so, with the numbers.
    pub text: String,
    /// What it rests on, the weightiest first.
    pub evidence: Vec<Evidence>,
    /// What a person could do next.
    pub advice: String,
}

impl Conclusion {
    /// As the findings from Nova and Octavia are.
    pub fn finding(&self) -> Finding {
        Finding {
            severity: self.severity,
            title: self.trouble.title(),
            evidence: self.text.clone(),
            since: Some(self.since),
            instance: self.about.instance.clone(),
        }
    }

    /// How old its weightiest evidence is.
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        let at = self.evidence.first()?.at?;
        Some(crate::base::clock::since(at, now))
    }
}
