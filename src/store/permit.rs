//! A permit: the proof that a change of the cloud was announced, and the announcement is durable.

use crate::operation::record::Announcement;
use crate::operation::{Change, Event, OperationId, Record};

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
    /// The one way to a permit, whatever the journal is on: the announcement is appended first.
    pub(in crate::store) fn after<E>(
        operation: &OperationId,
        announcement: Announcement,
        append: impl FnOnce(&Event) -> Result<Record, E>,
    ) -> Result<(Record, Self), E> {
        let Announcement { change, step, attempt, .. } = &announcement;
        let permit = Self { change: change.clone(), operation: operation.clone(), step: *step, attempt: *attempt };
        Ok((append(&Event::Announced(announcement))?, permit))
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
