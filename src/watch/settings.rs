//! What the watch is told before it starts.

use std::time::Duration;

use crate::base::clock::Pace;
use crate::fleet::Rules;
use crate::watch::metrics;

/// How and how often to look.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Instances of all projects, where the role may.
    pub all_projects: bool,
    /// How the cloud's clock follows from ours.
    pub pace: Pace,
    /// How instances are grouped and judged.
    pub rules: Rules,
    /// How often each thing is read.
    pub intervals: Intervals,
    /// How many rows the first screen asks for.
    pub first_screen: u16,
    /// How many lines of a console log are kept.
    pub console_lines: u16,
    /// Without anybody who measures: at most so many requests a minute for histories of instances.
    pub history_requests: u32,
    /// Who measures load; without it, nobody is asked.
    pub metrics: Option<metrics::Settings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            all_projects: false,
            pace: Pace::REAL,
            rules: Rules::default(),
            intervals: Intervals::default(),
            first_screen: 100,
            console_lines: 500,
            history_requests: 9,
            metrics: None,
        }
    }
}

/// How often each thing is read, in wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// Instances, as a rule.
    pub steady: Duration,
    /// Instances while one is in transition.
    pub transition: Duration,
    /// Instances while nobody is at the keyboard.
    pub away: Duration,
    /// The full listing that finds what `changes-since` does not tell.
    pub reconcile: Duration,
    /// How far before the last poll the next one begins, in the cloud's time.
    pub overlap: Duration,
    /// The longest wait after failures.
    pub backoff_cap: Duration,
    /// Load balancers' pools.
    pub pools: Duration,
    /// Ports and server groups.
    pub slow: Duration,
    /// The instance that is looked into.
    pub detail: Duration,
    /// Its console log.
    pub console: Duration,
    /// The cloud's own services.
    pub control_plane: Duration,
    /// The cache is written at most this often.
    pub cache: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            steady: Duration::from_secs(5),
            transition: Duration::from_secs(2),
            away: Duration::from_secs(15),
            reconcile: Duration::from_secs(600),
            overlap: Duration::from_secs(30),
            backoff_cap: Duration::from_secs(60),
            pools: Duration::from_secs(15),
            slow: Duration::from_secs(120),
            detail: Duration::from_secs(5),
            console: Duration::from_secs(2),
            control_plane: Duration::from_secs(10),
            cache: Duration::from_secs(60),
        }
    }
}
