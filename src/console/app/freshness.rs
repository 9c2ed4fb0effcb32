//! How old what we see is, told only when it matters: old data never looks new.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::console::app::cell::{Cell, Tone};

/// Until the watch tells how often it polls.
const INTERVAL: Duration = Duration::from_secs(5);
/// Ages below a minute move in steps of this, so that a stale panel does not cost a frame every second.
const STEP: u64 = 5;

/// How fresh a panel's data is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Freshness {
    /// When the cloud last said so.
    pub as_of: Option<Timestamp>,
    /// How often it is asked.
    pub interval: Duration,
    /// The last run's snapshot: told from the first moment.
    pub from_cache: bool,
}

impl Default for Freshness {
    fn default() -> Self {
        Self { as_of: None, interval: INTERVAL, from_cache: false }
    }
}

impl Freshness {
    /// The age as it is shown: `None` while the data are fresh.
    pub fn label(&self, now: Timestamp) -> Option<Cell> {
        let age = since(self.as_of?, now);
        if self.from_cache {
            return Some(Cell::new(&format!("last known, {} old", coarse(age)), Tone::Warn));
        }
        let tone = match () {
            () if age > self.interval * 5 => Tone::Bad,
            () if age > self.interval * 2 => Tone::Warn,
            () => return None,
        };
        Some(Cell::new(&format!("{} old", coarse(age)), tone))
    }

    /// When the label changes by itself.
    pub fn next_change(&self, now: Timestamp) -> Option<Duration> {
        let age = since(self.as_of?, now);
        let just_after = Duration::from_millis(1);
        let thresholds = [self.interval * 2 + just_after, self.interval * 5 + just_after];
        let shown = self.from_cache || age > self.interval * 2;
        let next = shown.then(|| next_step(age));
        thresholds.into_iter().chain(next).filter(|at| *at > age).min().map(|at| at - age)
    }
}

/// The age at which [`coarse`] says something else.
pub fn next_step(age: Duration) -> Duration {
    let seconds = age.as_secs();
    Duration::from_secs(match seconds {
        0..60 => seconds / STEP * STEP + STEP,
        60..7200 => seconds / 60 * 60 + 60,
        _ => seconds / 3600 * 3600 + 3600,
    })
}

/// What is left of a wait, in steps of the same size, never less than there is; nothing once it is over.
pub fn left(wait: Duration) -> Option<String> {
    (!wait.is_zero()).then(|| {
        let seconds = left_step(wait).as_secs();
        if seconds <= 60 { format!("{seconds} s") } else { format!("{}m", seconds.div_ceil(60)) }
    })
}

/// How much [`left`] says that is left.
fn left_step(wait: Duration) -> Duration {
    let step = if wait <= Duration::from_secs(60) { STEP } else { 60 };
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    Duration::from_secs(millis.div_ceil(step * 1000) * step)
}

/// How long until [`left`] says something else.
pub fn left_change(wait: Duration) -> Option<Duration> {
    let step = if wait <= Duration::from_secs(60) { STEP } else { 60 };
    (!wait.is_zero()).then(|| wait.saturating_sub(left_step(wait).saturating_sub(Duration::from_secs(step))))
}

/// An age in the coarse steps that the label moves in.
pub fn coarse(age: Duration) -> String {
    let seconds = age.as_secs();
    if seconds < 60 { format!("{} s", seconds / STEP * STEP) } else { long(age) }
}

/// An age of a minute or more, in one unit.
pub fn long(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => "<1m".to_owned(),
        60..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}
