//! When one of the surroundings, or a source of load, is read next. Pure.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::FailureKind;

/// What is missing or forbidden is asked for again this rarely: an operator may mend it.
const MISSING: Duration = Duration::from_secs(300);

/// A passing failure waits at most this long.
const LONGEST: Duration = Duration::from_secs(120);

/// When something is read next; it is never read twice at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::watch) struct Timer {
    read: Option<Timestamp>,
    wait: Duration,
    failures: u32,
    busy: bool,
    hurried: bool,
}

impl Timer {
    /// How long until it is due; `None` while it is being read.
    pub(in crate::watch) fn until(&self, now: Timestamp) -> Option<Duration> {
        if self.busy {
            return None;
        }
        Some(self.read.map_or(Duration::ZERO, |read| self.wait.saturating_sub(since(read, now))))
    }

    /// Whether it is due.
    pub(in crate::watch) fn due(&self, now: Timestamp) -> bool {
        self.until(now) == Some(Duration::ZERO)
    }

    pub(in crate::watch) fn begin(&mut self) {
        self.busy = true;
    }

    /// Due at once, unless it is being read or is missing altogether.
    pub(in crate::watch) fn hurry(&mut self) {
        if self.failures == 0 && !self.wait.is_zero() {
            self.wait = Duration::ZERO;
            self.hurried = true;
        }
    }

    /// It is due because of [`Timer::hurry`] alone.
    pub(in crate::watch) fn hurried(&self) -> bool {
        self.hurried
    }

    pub(in crate::watch) fn end(&mut self, now: Timestamp, failed: Option<FailureKind>, interval: Duration) {
        self.busy = false;
        self.hurried = false;
        self.read = Some(now);
        self.failures = failed.map_or(0, |_| self.failures.saturating_add(1));
        self.wait = match failed {
            None => interval,
            Some(FailureKind::Unsupported | FailureKind::Forbidden | FailureKind::NotFound) => MISSING.max(interval),
            Some(_) => interval.saturating_mul(1 << self.failures.min(6)).min(LONGEST.max(interval)),
        };
    }
}
