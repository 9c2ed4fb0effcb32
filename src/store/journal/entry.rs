//! What is to be appended, and why an append may fail.

use std::fmt;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::operation::{Actor, Event, OperationId, Record};

/// What is to be appended.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The operation that it is about.
    pub operation: &'a OperationId,
    /// When.
    pub at: Timestamp,
    /// Who is responsible.
    pub by: &'a Actor,
    /// What happened.
    pub event: &'a Event,
}

impl Entry<'_> {
    /// The record that it becomes.
    pub(in crate::store) fn record(self, sequence: u64) -> Record {
        Record {
            sequence,
            operation: self.operation.clone(),
            at: self.at,
            by: self.by.clone(),
            event: self.event.clone(),
        }
    }
}

/// Why nothing was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// The operation has newer records than the caller has folded: fold them first, then decide anew.
    Moved {
        /// The sequence of the operation's last record; 0 when it has none.
        last: u64,
    },
    /// The journal could not be written.
    Failed(Failure),
}

/// Refuses an append whose caller has not seen all of the operation's records.
pub(in crate::store) fn guard(after: Option<u64>, last: u64) -> Result<(), AppendError> {
    match after {
        Some(folded) if folded != last => Err(AppendError::Moved { last }),
        _ => Ok(()),
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendError::Moved { last } => write!(f, "The operation has newer records, up to {last}"),
            AppendError::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for AppendError {}

impl From<Failure> for AppendError {
    fn from(failure: Failure) -> Self {
        AppendError::Failed(failure)
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Failed(failure) => failure,
            moved @ AppendError::Moved { .. } => Failure::new(FailureKind::Conflict, moved.to_string())
                .hint("Somebody else has just worked on it: look at it and try again"),
        }
    }
}
