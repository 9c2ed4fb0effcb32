//! Since when something is so: exactly, or only by when at the latest.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};

/// Older than this a time of the day needs its day.
const DAY: Duration = Duration::from_secs(23 * 3600);

/// Since when something is so, in the cloud's time. The earlier is the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Began {
    /// It was so by then.
    pub at: Timestamp,
    /// It may have begun earlier: nobody tells of the time before.
    pub maybe_earlier: bool,
}

impl Began {
    /// It is known not to have been so before.
    pub fn exactly(at: Timestamp) -> Self {
        Self { at, maybe_earlier: false }
    }

    /// Of the time before nothing is known.
    pub fn by(at: Timestamp) -> Self {
        Self { at, maybe_earlier: true }
    }

    /// `since 15:20Z`; `since before 15:20Z` where it may have begun earlier.
    pub fn words(self, now: Timestamp) -> String {
        let format = if since(self.at, now) > DAY { "%-d %b %H:%MZ" } else { "%H:%MZ" };
        let before = if self.maybe_earlier { "before " } else { "" };
        format!("since {before}{}", self.at.strftime(format))
    }
}
