//! From where on something is worth a word, and why from there.
//!
//! "Row" is a row of `reference/rollouts-and-healing.md`, 13 (b). What names no source is our own choice; a configuration
//! may change each.

use std::time::Duration;

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// All of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// Share of requests that fail, for a warning: 1 % (row 16: one percentage point).
    pub errors: f64,
    /// Share of requests that fail, for an alarm: 10 %.
    pub errors_bad: f64,
    /// Fewer failures than this within two minutes say nothing: 5.
    pub errors_least: f64,
    /// 95th percentile of the response time, seconds, where a service has no target of its own: 0.5.
    pub p95: f64,
    /// Mean response time, seconds, where nobody tells a percentile: 0.25. A mean is about half of its 95th percentile
    /// or less.
    pub mean: f64,
    /// Used share of processors or of the thing's own measure: 90 % over five minutes.
    pub full: f64,
    /// Used share of memory: 95 %. Caches fill memory without harm.
    pub memory: f64,
    /// Modified z-score from which on one is an outlier among its peers: 3.5 (Iglewicz and Hoaglin 1993).
    pub outlier: f64,
    /// And how many times its peers' median it must be: 2. Row 35 replaces an instance from 3 on; looking comes earlier.
    pub outlier_times: f64,
    /// Health checks in a row that failed, before an instance counts as not answering: 3 (row 35; Octavia's default
    /// `max_retries_down`).
    pub probes: usize,
    /// Falls and recoveries within a quarter of an hour that are flapping: 4, two of each.
    pub flaps: usize,
    /// How long a new instance may take to answer: 5 min (row 34).
    pub grace: Duration,
    /// Growth above the last hour, and above what yesterday had at this time: 10 %.
    pub rise: f64,
    /// And how fast, a minute: 1 % of the last hour. A day's curve whose peak is three times its trough never rises by
    /// more than 0.3 % a minute; clients that repeat calls do.
    pub rise_pace: f64,
    /// Growth beyond yesterday's that is worth a word however slow: 25 %.
    pub rise_slow: f64,
    /// Load below this, a second, cannot rise by much that matters: 1.
    pub rise_least: f64,
    /// A rise that stays below this share of the capacity for half an hour on is no alarm: 70 % (row 28).
    pub headroom: f64,
    /// Used share at which capacity ends, where it is measured and not configured: 90 %. Queues grow without bound
    /// towards 100 %.
    pub usable: f64,
    /// Minutes until capacity ends, for a warning: 30. A new instance takes minutes, and someone has to decide.
    pub ahead: Duration,
    /// Minutes until capacity ends, for an alarm: 10 (row 7: a virtual machine becomes healthy within ten minutes).
    pub ahead_bad: Duration,
    /// How long several versions beside each other are a rollout and not a mishap: 30 min.
    pub mixed: Duration,
    /// How long a source may be silent before it is called lost: 5 min, where it did not say itself that it failed.
    pub silent: Duration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            errors: 0.01,
            errors_bad: 0.1,
            errors_least: 5.0,
            p95: 0.5,
            mean: 0.25,
            full: 0.9,
            memory: 0.95,
            outlier: 3.5,
            outlier_times: 2.0,
            probes: 3,
            flaps: 4,
            grace: minutes(5),
            rise: 0.1,
            rise_pace: 0.01,
            rise_slow: 0.25,
            rise_least: 1.0,
            headroom: 0.7,
            usable: 0.9,
            ahead: minutes(30),
            ahead_bad: minutes(10),
            mixed: minutes(30),
            silent: minutes(5),
        }
    }
}
