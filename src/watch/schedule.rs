//! When to ask: a pure schedule in wall time.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::watch::settings::Intervals;

/// A refresh asks for a sweep too, as tags are not told by polls: but a sweep is many pages, so no sooner than this
/// after the one before.
const SWEEPS_APART: Duration = Duration::from_secs(30);

/// When instances are polled and swept next.
#[derive(Clone, Debug)]
pub struct Schedule {
    intervals: Intervals,
    away: bool,
    busy: bool,
    failures: u32,
    polled: Timestamp,
    swept: Timestamp,
    sweep_wanted: bool,
    wait: Duration,
}

impl Schedule {
    /// Begins at `now`, when the first listing is asked for.
    pub fn new(intervals: Intervals, now: Timestamp) -> Self {
        let wait = intervals.steady;
        Self { intervals, away: false, busy: false, failures: 0, polled: now, swept: now, sweep_wanted: false, wait }
    }

    /// How often instances are polled now, failures aside.
    pub fn interval(&self) -> Duration {
        match (self.away, self.busy) {
            (true, _) => self.intervals.away,
            (false, true) => self.intervals.transition,
            (false, false) => self.intervals.steady,
        }
    }

    /// Someone is at the keyboard, or has not been for a while. Who comes back sees fresh rows within a short interval.
    pub fn presence(&mut self, there: bool) {
        self.away = !there;
        if self.failures == 0 {
            self.wait = self.interval();
        }
    }

    /// Poll at once, also in the middle of a back-off, and sweep soon. Several before the poll begins are one.
    pub fn refresh(&mut self) {
        self.sweep_wanted = true;
        self.wait = Duration::ZERO;
    }

    /// A poll has ended well.
    pub fn succeeded(&mut self, now: Timestamp, busy: bool) {
        self.polled = now;
        self.busy = busy;
        self.failures = 0;
        self.wait = self.interval();
    }

    /// A poll or listing has failed. `dice`, from 0 to 1, spreads the next try over the back-off, so that the consoles
    /// of a whole team do not return to a struggling cloud at the same moment.
    pub fn failed(&mut self, now: Timestamp, dice: f64) {
        self.polled = now;
        self.failures = self.failures.saturating_add(1);
        let longest = self.interval().saturating_mul(1 << self.failures.min(10));
        let longest = longest.min(self.intervals.backoff_cap.max(self.interval()));
        self.wait = longest.mul_f64(dice.clamp(0.0, 1.0)).max(self.intervals.transition.min(self.interval()));
    }

    /// Something was answered again, but no poll has ended yet.
    pub fn recovered(&mut self) {
        self.failures = 0;
    }

    /// Whether the cloud failed and must be left alone until the next poll is due.
    pub fn backing_off(&self, now: Timestamp) -> bool {
        self.failures > 0 && !self.until_poll(now).is_zero()
    }

    /// While the cloud is left alone: until when.
    pub fn next_try(&self, now: Timestamp) -> Option<Timestamp> {
        let wait = i64::try_from(self.wait.as_millis()).unwrap_or(i64::MAX);
        let at = Timestamp::from_millisecond(self.polled.as_millisecond().saturating_add(wait)).ok()?;
        self.backing_off(now).then_some(at)
    }

    /// A sweep has ended, or was given up.
    pub fn swept(&mut self, now: Timestamp) {
        self.swept = now;
        self.sweep_wanted = false;
    }

    /// Whether a sweep is due.
    pub fn sweep_due(&self, now: Timestamp) -> bool {
        let apart = if self.sweep_wanted { SWEEPS_APART } else { self.intervals.reconcile };
        since(self.swept, now) >= apart.min(self.intervals.reconcile)
    }

    /// How long until the next poll; zero when it is due.
    pub fn until_poll(&self, now: Timestamp) -> Duration {
        self.wait.saturating_sub(since(self.polled, now))
    }
}
