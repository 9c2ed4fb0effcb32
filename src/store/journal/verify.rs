//! Walking the chain from its first record to its last.

use std::fmt;

use crate::base::failure::{Failure, FailureKind};
use crate::store::journal::chain::Fields;
use crate::store::journal::head::Head;

/// A chain without a break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its end, as it was read. It says how many records there are.
    pub head: Head,
    /// Whether it was also compared with an expected head. Without that, a removed tail or a chain that was
    /// recomputed as a whole is not found.
    pub anchored: bool,
}

/// A chain with a break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first record that is wrong or missing.
    pub sequence: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its text does not give its hash: some field was changed.
    Changed,
    /// It does not name the hash of the record before it: one of the two was replaced.
    Unlinked,
    /// It is not there, and a later one is.
    Missing {
        /// The sequence found in its stead.
        found: u64,
    },
    /// The journal ends before it, and the expected head says that it was there.
    CutOff,
    /// Its hash is not the expected one, though the chain holds: it, or records before it, were rewritten.
    Rewritten,
    /// It cannot be read.
    Unreadable(Box<Failure>),
    /// The records hold up to this one, the last; but the database around them is damaged.
    Database(String),
}

impl Verified {
    /// A journal that is not there: whole, unless something is expected of it.
    pub fn nothing(expect: Option<&Head>) -> Result<Self, Broken> {
        Walk::new(expect).finish()
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = self.sequence;
        match &self.fault {
            Fault::Changed => write!(f, "Record {sequence} was changed: its text does not give its hash"),
            Fault::Unlinked => {
                write!(f, "Record {sequence} does not follow the one before it: one of the two was replaced")
            }
            Fault::Missing { found } => write!(f, "Record {sequence} is missing: record {found} is in its place"),
            Fault::CutOff => write!(f, "Record {sequence} is missing: the journal ends before it"),
            Fault::Rewritten => {
                write!(f, "Record {sequence} has not the expected hash: it, or records before it, were rewritten")
            }
            Fault::Unreadable(failure) => write!(f, "Record {sequence} cannot be read: {failure}"),
            Fault::Database(what) => write!(f, "All {sequence} records hold, but the database is damaged: {what}"),
        }
    }
}

impl std::error::Error for Broken {}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        let failure = Failure::new(FailureKind::Conflict, broken.to_string());
        match broken.fault {
            Fault::Unreadable(of) => of.causes.into_iter().fold(failure, Failure::cause),
            Fault::Changed
            | Fault::Unlinked
            | Fault::Missing { .. }
            | Fault::CutOff
            | Fault::Rewritten
            | Fault::Database(_) => failure,
        }
        .hint("Keep the file as it is, and compare it with the heads that were printed and sent to the system's log")
    }
}

/// How far the chain was walked.
#[derive(Debug)]
pub(in crate::store) struct Walk<'a> {
    head: Head,
    expect: Option<&'a Head>,
}

impl<'a> Walk<'a> {
    pub(in crate::store) fn new(expect: Option<&'a Head>) -> Self {
        Self { head: Head::nothing(), expect }
    }

    /// The next record.
    pub(in crate::store) fn step(&mut self, fields: &Fields<'_>) -> Result<(), Broken> {
        let sequence = self.head.sequence + 1;
        let broken = |fault| Err(Broken { sequence, fault });
        if fields.sequence != sequence {
            return broken(Fault::Missing { found: fields.sequence });
        }
        let hash = fields.hash();
        if hash.as_bytes() != fields.hash {
            return broken(Fault::Changed);
        }
        if fields.previous != self.head.hash.as_bytes() {
            return broken(Fault::Unlinked);
        }
        if self.expect.is_some_and(|expect| expect.sequence == sequence && expect.hash != hash) {
            return broken(Fault::Rewritten);
        }
        self.head = Head { sequence, hash };
        Ok(())
    }

    /// The last record so far.
    pub(in crate::store) fn head(&self) -> &Head {
        &self.head
    }

    /// The next record could not even be read.
    pub(in crate::store) fn unreadable(&self, failure: Failure) -> Broken {
        Broken { sequence: self.head.sequence + 1, fault: Fault::Unreadable(Box::new(failure)) }
    }

    /// There are no more.
    pub(in crate::store) fn finish(self) -> Result<Verified, Broken> {
        match self.expect {
            Some(expect) if expect.sequence > self.head.sequence => {
                Err(Broken { sequence: self.head.sequence + 1, fault: Fault::CutOff })
            }
            Some(expect) if expect.sequence == 0 && *expect != Head::nothing() => {
                Err(Broken { sequence: 0, fault: Fault::Rewritten })
            }
            expect => Ok(Verified { anchored: expect.is_some(), head: self.head }),
        }
    }
}
