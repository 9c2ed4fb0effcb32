//! A permit: the proof that a change of the cloud was announced, and the announcement is durable.

use secrecy::{ExposeSecret, SecretString};

use crate::base::failure::{Failure, FailureKind};
use crate::operation::record::Announcement;
use crate::operation::{Change, Event, OperationId, Record};

/// What the client layer wants before it changes anything: the change itself, announced.
///
/// Only a journal of this room can make one, after its append; no field can be set from elsewhere; and it cannot be
/// copied. So "one announced call, one call" is not a habit but a type error.
///
/// What a call carries and no record may hold (user data) is enclosed. The change has its digest, so that what is sent
/// is what was planned and announced.
#[derive(Debug)]
#[must_use = "what was announced is now to be done"]
pub struct Permit {
    change: Change,
    operation: OperationId,
    step: usize,
    attempt: u32,
    enclosed: Option<SecretString>,
}

impl Permit {
    /// The one way to a permit, whatever the journal is on: the announcement is appended first.
    pub(in crate::store) fn after<E: From<Failure>>(
        operation: &OperationId,
        announcement: Announcement,
        enclosed: Option<SecretString>,
        append: impl FnOnce(&Event) -> Result<Record, E>,
    ) -> Result<(Record, Self), E> {
        fits(&announcement.change, enclosed.as_ref())?;
        let Announcement { change, step, attempt, .. } = &announcement;
        let permit =
            Self { change: change.clone(), operation: operation.clone(), step: *step, attempt: *attempt, enclosed };
        Ok((append(&Event::Announced(announcement))?, permit))
    }

    /// The call, whole.
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The user data that goes with the call, if the change has its digest.
    pub fn enclosed(&self) -> Option<&SecretString> {
        self.enclosed.as_ref()
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

/// Whether what is enclosed is what the change has the digest of.
fn fits(change: &Change, enclosed: Option<&SecretString>) -> Result<(), Failure> {
    let wrong = |message: &str, hint: &str| {
        let failure = Failure::new(FailureKind::Conflict, format!("{message} ({change})"));
        Err(failure.hint(hint))
    };
    match (change.sealed(), enclosed) {
        (None, None) => Ok(()),
        (Some(seal), Some(text)) if seal.fits(text.expose_secret()) => Ok(()),
        (Some(_), Some(_)) => {
            wrong("The user data is not the one that was planned", "It has changed since: make a new plan")
        }
        (Some(_), None) => wrong("The user data that was planned is missing", "Configure it as it was, and resume"),
        (None, Some(_)) => wrong("User data was handed over that was not planned", "Make a new plan"),
    }
}
