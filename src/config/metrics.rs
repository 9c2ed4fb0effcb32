//! `[metrics]`: who measures load, and how often.
//!
//! What needs no configuration (Octavia, Gnocchi, Nova: the catalog knows them) is on; what needs an address is off.

use std::time::Duration;

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    /// Whether anything is measured.
    pub enabled: bool,
    /// At most so many requests a minute to all sources together, probes apart. Who has more to ask asks less often.
    pub requests: u32,
    /// How much of the past is asked for at the start, where a source keeps it.
    pub past: Duration,
    /// Octavia's statistics.
    pub octavia: Asked,
    /// Gnocchi's measures.
    pub gnocchi: Asked,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            enabled: true,
            requests: 9,
            past: Duration::from_secs(6 * 3600),
            octavia: Asked::each(10),
            gnocchi: Asked::each(60),
        }
    }
}

/// A source that the cloud's catalog knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether it is asked.
    pub enabled: bool,
    /// How often, as a rule.
    pub every: Duration,
}

impl Asked {
    const fn each(seconds: u64) -> Self {
        Self { enabled: true, every: Duration::from_secs(seconds) }
    }
}
