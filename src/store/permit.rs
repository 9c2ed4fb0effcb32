//! A permit: the proof that a change of the cloud was announced, and the announcement is durable.

use crate::operation::record::Announcement;
use crate::operation::{Change, OperationId};

/// What the client layer wants before it changes anything: the change itself, announced.
///
/// Only a journal of this room can make one, after its append; no field can be set from elsewhere; and it cannot be
/// copied. So "one announced call, one call" is not a habit but a type error.
#[derive(Debug)]
#[must_use = "what was announced is now to be done"]
pub struct Permit {
    change: Change,
    operation: OperationId,
    step: usize,
    attempt: u32,
}

impl Permit {
    pub(in crate::store) fn new(operation: &OperationId, announcement: &Announcement) -> Self {
        Self {
            change: announcement.change.clone(),
            operation: operation.clone(),
            step: announcement.step,
            attempt: announcement.attempt,
        }
    }

    /// The call, whole.
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The operation that it belongs to.
    pub fn operation(&self) -> &OperationId {
        &self.operation
    }

    /// The step of its plan.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Which try of the step this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}
