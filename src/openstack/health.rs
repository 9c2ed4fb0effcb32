//! How each endpoint has answered us: what the cloud view shows.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::awaited::Silence;
use crate::base::clock::{Timestamp, since};
use crate::base::failure::Failure;
use crate::openstack::request::Microversion;

/// One endpoint of the catalog, and our experience with it.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointHealth {
    /// Service type, as the catalog names it.
    pub service_type: String,
    /// The service's name in the catalog.
    pub name: String,
    /// Where it is reached, without secrets.
    pub url: String,
    /// API version, such as `v2.1`, once discovered.
    pub version: Option<String>,
    /// Lowest and highest microversion.
    pub microversions: Option<(Microversion, Microversion)>,
    /// Median of the latest requests.
    pub latency: Option<Duration>,
    /// The newest failure and its time.
    pub last_failure: Option<(Failure, Timestamp)>,
    /// Our requests in the last minute.
    pub requests_per_minute: u32,
    /// Whether it was used at all.
    pub used: bool,
}

/// The median is of so many.
const LATEST: usize = 31;
/// Requests per minute are counted to here; more are as good as many.
const COUNTED: usize = 10_000;

/// Counts the requests to one endpoint. Bounded, however long we run.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    latest: VecDeque<Duration>,
    last_failure: Option<(Failure, Timestamp)>,
    sent: VecDeque<Timestamp>,
    used: bool,
    under_way: BTreeMap<u64, Silence>,
    begun: u64,
}

/// A request is under way until this is dropped.
pub(crate) struct UnderWay<'a>(&'a Meter, u64);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).under_way.remove(&self.1);
    }
}

/// What a [`Meter`] has counted.
pub(crate) struct Reading {
    pub(crate) latency: Option<Duration>,
    pub(crate) last_failure: Option<(Failure, Timestamp)>,
    pub(crate) requests_per_minute: u32,
    pub(crate) used: bool,
}

impl Meter {
    /// A request is on its way.
    pub(crate) fn begin(&self, silence: Silence) -> UnderWay<'_> {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.begun += 1;
        let number = numbers.begun;
        numbers.under_way.insert(number, silence);
        UnderWay(self, number)
    }

    /// The request that has been waiting for longest.
    pub(crate) fn oldest(&self) -> Option<Silence> {
        let numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.under_way.values().min_by_key(|silence| silence.since).cloned()
    }

    /// An answer came, maybe a complaint.
    pub(crate) fn answered(&self, now: Timestamp, took: Duration, complaint: Option<Failure>) {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.count(now, complaint);
        if numbers.latest.len() == LATEST {
            numbers.latest.pop_front();
        }
        numbers.latest.push_back(took);
    }

    /// No answer came.
    pub(crate) fn unanswered(&self, now: Timestamp, failure: Failure) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count(now, Some(failure));
    }

    /// The numbers at `now`.
    pub(crate) fn read(&self, now: Timestamp) -> Reading {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.forget(now);
        let mut sorted: Vec<Duration> = numbers.latest.iter().copied().collect();
        sorted.sort_unstable();
        Reading {
            latency: sorted.get(sorted.len() / 2).copied(),
            last_failure: numbers.last_failure.clone(),
            requests_per_minute: u32::try_from(numbers.sent.len()).unwrap_or(u32::MAX),
            used: numbers.used,
        }
    }
}

impl Numbers {
    fn count(&mut self, now: Timestamp, failure: Option<Failure>) {
        self.used = true;
        if let Some(failure) = failure {
            self.last_failure = Some((failure, now));
        }
        self.forget(now);
        if self.sent.len() == COUNTED {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
    }

    fn forget(&mut self, now: Timestamp) {
        while self.sent.front().is_some_and(|at| since(*at, now) >= Duration::from_secs(60)) {
            self.sent.pop_front();
        }
    }
}
