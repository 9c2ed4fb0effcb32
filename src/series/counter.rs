//! From a counter to a rate.
//!
//! A counter only grows. One that is less than before was reset, and has counted from zero since, as Prometheus takes
//! it (`rate()`): what was counted between the last look and the reset is lost, so the rate is a lower bound. A counter
//! of 32 bits that was near its end has wrapped instead, and nothing is lost.

use std::time::Duration;

use crate::base::clock::Timestamp;

/// Where a counter starts again from zero by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrap {
    /// It does not, or so late that nobody sees it (64 bits).
    #[default]
    Never,
    /// After 2^32 - 1.
    At32,
}

/// The last look at a counter.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    last: Option<(Timestamp, f64)>,
    wrap: Wrap,
}

/// A look longer ago than this tells a mean over too long a time to be drawn as one point: a gap is more honest.
const LONGEST: Duration = Duration::from_secs(15 * 60);
const TWO_TO_32: f64 = 4_294_967_296.0;

impl Counter {
    /// A counter that wraps there.
    pub fn new(wrap: Wrap) -> Self {
        Self { last: None, wrap }
    }

    /// How much a second it grew since the last look. `None` on the first look, on one at the same or an earlier time
    /// than the last, after more than 15 minutes, and for a value that no counter can have.
    pub fn rate(&mut self, at: Timestamp, value: f64) -> Option<f64> {
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        let Some((before, last)) = self.last else {
            self.last = Some((at, value));
            return None;
        };
        let millis = at.as_millisecond() - before.as_millisecond();
        if millis <= 0 {
            // The teller's clock was put back by more than a late answer can be: begin anew.
            if millis < -i64::try_from(LONGEST.as_millis()).unwrap_or(i64::MAX) {
                self.last = Some((at, value));
            }
            return None;
        }
        self.last = Some((at, value));
        let seconds = millis as f64 / 1000.0;
        (seconds <= LONGEST.as_secs_f64()).then(|| grown(last, value, self.wrap) / seconds)
    }
}

/// How much a counter grew from one value to another.
pub fn grown(from: f64, to: f64, wrap: Wrap) -> f64 {
    if to >= from {
        return to - from;
    }
    let near_the_end = (TWO_TO_32 * 0.75..TWO_TO_32).contains(&from) && to < TWO_TO_32 * 0.25;
    match wrap {
        Wrap::At32 if near_the_end => TWO_TO_32 - from + to,
        _ => to,
    }
}
