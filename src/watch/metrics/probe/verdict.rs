//! What an instance's answer to a health check means. Pure.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use regex::bytes::Regex;
use serde_json::Value;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::config::metrics::{ProbeKind, Probes};
use crate::fleet::metric::{Meter, Metric, Sample, Subject};

/// What was seen of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// It answered as expected.
    pub up: bool,
    /// How long its answer took, if there was one.
    pub took: Option<Duration>,
    /// The version that it says it runs.
    pub version: Option<Arc<str>>,
}

/// What a healthy answer is.
#[derive(Clone, Debug)]
pub struct Expectation {
    status: RangeInclusive<u16>,
    body: Option<Regex>,
}

impl Expectation {
    /// Reads `200`, `200-299`, and a pattern that the body must match. Refuses a proxy that would be passed by.
    pub fn read(settings: &Probes) -> Result<Self, Failure> {
        if settings.kind == ProbeKind::Tcp && !settings.proxy.is_empty() {
            let why = "metrics.probes.proxy is for http and https: with kind = \"tcp\" it would be passed by";
            let hint = "Leave metrics.probes.proxy empty, or set metrics.probes.kind to http or https";
            return Err(Failure::new(FailureKind::Usage, why).hint(hint));
        }
        let wrong = |what: &str, text: &str| {
            Failure::new(FailureKind::Usage, format!("metrics.probes.{what} cannot be read: `{text}`"))
        };
        let text = settings.status.as_str();
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let number = |part: &str| part.trim().parse::<u16>().map_err(|_| wrong("status", text));
        let body = Some(settings.body.as_str()).filter(|body| !body.is_empty());
        let body = body.map(Regex::new).transpose().map_err(|_| wrong("body", &settings.body))?;
        Ok(Self { status: number(from)?..=number(to)?, body })
    }

    /// Whether an answer is one.
    pub fn fits(&self, status: u16, body: &[u8]) -> bool {
        self.status.contains(&status) && self.body.as_ref().is_none_or(|pattern| pattern.is_match(body))
    }
}

/// Longer is no version.
const LONGEST: usize = 64;

/// The version in an answer: `{"version": "1.5.0"}`, or the text itself where it is short and of one line.
pub fn version(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let named = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => object.get("version")?.as_str()?.to_owned(),
        Ok(Value::String(version)) => version,
        // As it is written: 1.50 is another version than 1.5.
        Ok(Value::Number(_)) => text.to_owned(),
        Ok(_) => return None,
        Err(_) => text.to_owned(),
    };
    let plain = |letter: char| letter.is_ascii_graphic();
    let fits = !named.is_empty() && named.len() <= LONGEST && named.chars().all(plain) && !named.starts_with('<');
    fits.then_some(named)
}

/// As samples. An instance that gave no answer has no time: missing is not zero.
pub fn samples(id: &InstanceId, seen: &Seen, at: Timestamp) -> Vec<Sample> {
    let sample =
        |metric, value| Sample { subject: Subject::Instance(id.clone()), metric, meter: Meter::Probe, at, value };
    let mut samples = vec![sample(Metric::ProbeUp, f64::from(u8::from(seen.up)))];
    samples.extend(seen.took.map(|took| sample(Metric::ProbeTime, took.as_secs_f64())));
    samples
}
