//! The chain: a record as it is stored, and the hash that ties it to all before it.
//!
//! The hash is SHA-256 over the tag `stackdeck journal 1` and then, in this order, the previous record's hash, the
//! sequence (decimal), operation, time, kind, actor and event, each preceded by its length in bytes as eight bytes,
//! least significant first. It is taken over the stored text itself: verifying parses nothing, and the record of a
//! newer program verifies as any other.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::base::failure::{Failure, FailureKind};
use crate::operation::{Event, OperationId, Record};
use crate::store::journal::entry::Entry;
use crate::store::journal::head::Head;

const TAG: &[u8] = b"stackdeck journal 1";

/// A record as it is stored: text throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Row {
    pub(in crate::store) sequence: u64,
    pub(in crate::store) operation: String,
    pub(in crate::store) at: String,
    pub(in crate::store) kind: String,
    pub(in crate::store) actor: String,
    pub(in crate::store) event: String,
    pub(in crate::store) previous: String,
    pub(in crate::store) hash: String,
}

impl Row {
    /// The next one after `head`.
    pub(in crate::store) fn next(head: &Head, entry: Entry<'_>) -> Result<Self, Failure> {
        let kind = entry.event.kind().to_owned();
        let unwritable = |error: String| {
            Failure::new(FailureKind::Bug, format!("a record of kind {kind} cannot be written")).cause(error)
        };
        if let Event::Unknown(_) = entry.event {
            return Err(unwritable("this program does not know it".to_owned()));
        }
        let mut row = Row {
            sequence: head.sequence + 1,
            operation: entry.operation.to_string(),
            at: entry.at.to_string(),
            actor: serde_json::to_string(entry.by).map_err(|error| unwritable(error.to_string()))?,
            event: serde_json::to_string(entry.event).map_err(|error| unwritable(error.to_string()))?,
            kind,
            previous: head.hash.clone(),
            hash: String::new(),
        };
        row.hash = row.fields().hash();
        Ok(row)
    }

    pub(in crate::store) fn head(&self) -> Head {
        Head { sequence: self.sequence, hash: self.hash.clone() }
    }

    /// What it says. A record that was changed is not believed: somebody may go on from it.
    pub(in crate::store) fn record(&self) -> Result<Record, Failure> {
        let damaged = |what, error| damaged(self.sequence, what, error);
        if self.fields().hash() != self.hash {
            return Err(damaged("hash", "its text does not give it".to_owned()));
        }
        Ok(Record {
            sequence: self.sequence,
            operation: self.operation.parse::<OperationId>().map_err(|error| damaged("operation", error))?,
            at: self.at.parse().map_err(|error: jiff::Error| damaged("time", error.to_string()))?,
            by: serde_json::from_str(&self.actor).map_err(|error| damaged("actor", error.to_string()))?,
            event: Event::read(&self.kind, &self.event),
        })
    }

    fn fields(&self) -> Fields<'_> {
        Fields {
            sequence: self.sequence,
            told: [&self.operation, &self.at, &self.kind, &self.actor, &self.event].map(String::as_bytes),
            previous: self.previous.as_bytes(),
            hash: self.hash.as_bytes(),
        }
    }
}

/// A record that cannot be believed.
pub(in crate::store) fn damaged(sequence: u64, what: &str, error: String) -> Failure {
    Failure::new(FailureKind::Bug, format!("record {sequence} of the journal is damaged: its {what}"))
        .cause(error)
        .hint("`stackdeck audit --verify` says how far the journal can be trusted")
}

/// A stored record as bytes: what was tampered with need not be text any more.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Fields<'a> {
    pub(in crate::store) sequence: u64,
    /// Operation, time, kind, actor, event.
    pub(in crate::store) told: [&'a [u8]; 5],
    pub(in crate::store) previous: &'a [u8],
    pub(in crate::store) hash: &'a [u8],
}

impl<'a> From<&'a Row> for Fields<'a> {
    fn from(row: &'a Row) -> Self {
        row.fields()
    }
}

impl Fields<'_> {
    /// The hash that it should have.
    pub(in crate::store) fn hash(&self) -> String {
        let mut sha = Sha256::new_with_prefix(TAG);
        let mut framed = |field: &[u8]| {
            sha.update((field.len() as u64).to_le_bytes());
            sha.update(field);
        };
        framed(self.previous);
        framed(self.sequence.to_string().as_bytes());
        self.told.into_iter().for_each(&mut framed);
        sha.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}
