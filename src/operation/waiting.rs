//! What is waited for, and since when.
//!
//! Some waits are holds: a gate wants all to stay well for so long, and ERROR may be shown for so long. While the cloud
//! does not answer nobody knows whether it stayed so. That time does not count, as it does not for deadlines, and the
//! first look behind it decides: where it says the same, the hold goes on with what it had; where it says anything else,
//! the hold begins anew.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::operation::record::Wait;

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// For what.
    pub wait: Wait,
    /// Since when, less the time that the cloud did not answer.
    pub since: Timestamp,
    /// In words.
    pub why: String,
    /// What the cloud's silence has interrupted, and for how long that had been waited for.
    interrupted: Option<(Wait, Duration)>,
}

impl Waiting {
    /// For this from now on, right behind the wait `before`.
    pub(super) fn begin(wait: Wait, why: &str, at: Timestamp, before: Option<Self>) -> Self {
        let before = before.and_then(|before| before.left(at));
        let why = why.to_owned();
        if wait == Wait::Blind {
            return Self { wait, since: at, why, interrupted: before };
        }
        let held = before.filter(|(what, _)| *what == wait).map(|(_, held)| held).unwrap_or_default();
        Self { wait, since: at.checked_sub(held).unwrap_or(at), why, interrupted: None }
    }

    /// What was waited for when this ends, and for how long: behind a silence what that has interrupted.
    fn left(self, at: Timestamp) -> Option<(Wait, Duration)> {
        match self.wait {
            Wait::Blind => self.interrupted,
            wait => Some((wait, since(self.since, at))),
        }
    }
}
