//! A value and its age, or why there is none.
//!
//! Missing data is never zero, and old data never looks new: whoever draws an [`Observation`] must say which it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::clock::{Timestamp, since};
use crate::base::failure::Failure;

/// What is known of one thing that the cloud was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation<T> {
    /// The last value and when it was read, in wall time.
    pub known: Option<(T, Timestamp)>,
    /// Why the newest attempt brought no value; `None` once one has succeeded again.
    pub failure: Option<Failure>,
}

impl<T> Default for Observation<T> {
    fn default() -> Self {
        Self { known: None, failure: None }
    }
}

impl<T> Observation<T> {
    /// A value read at `at`.
    pub fn of(value: T, at: Timestamp) -> Self {
        Self { known: Some((value, at)), failure: None }
    }

    /// The last value, however old.
    pub fn value(&self) -> Option<&T> {
        self.known.as_ref().map(|(value, _)| value)
    }

    /// How old the value is at `now`.
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        self.known.as_ref().map(|(_, at)| since(*at, now))
    }

    /// Takes the outcome of a newer attempt: a value replaces, a failure stands beside the old value.
    pub fn learn(&mut self, outcome: Result<T, Failure>, at: Timestamp) {
        match outcome {
            Ok(value) => *self = Self::of(value, at),
            Err(failure) => self.failure = Some(failure),
        }
    }
}
