//! The journal, as a verb reads it: it makes nothing where there is none.

use std::path::{Path, PathBuf};

use crate::base::failure::{Failure, FailureKind};
use crate::operation::{Operation, OperationId, Record};
use crate::store::journal::Listed;
use crate::store::{Journal, Lease};
use crate::worker::Standing;

/// So many operations are gone through for what they tell of a plan, the newest first.
pub const LOOKED_BACK: usize = 500;

/// The journal of a state folder, to read.
#[derive(Debug)]
pub struct Book {
    state: PathBuf,
    journal: Option<Journal>,
}

/// An operation, its records, and whether anybody drives it.
#[derive(Debug)]
pub struct Story {
    /// How it stands.
    pub standing: Standing,
    /// All its records.
    pub records: Vec<Record>,
}

impl Book {
    /// Opens the journal there, if there is one.
    pub fn open(state: &Path) -> Result<Self, Failure> {
        Ok(Self { state: state.to_owned(), journal: Journal::open_to_read(state)? })
    }

    /// The journal; `None` when nothing was ever done.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// A number that changes when something was written.
    pub fn version(&self) -> Result<i64, Failure> {
        self.journal.as_ref().map_or(Ok(0), Journal::version)
    }

    /// The operation that somebody means.
    pub fn find(&self, text: &str) -> Result<OperationId, Failure> {
        let nothing = || Failure::new(FailureKind::NotFound, "There are no operations yet");
        self.journal.as_ref().ok_or_else(nothing)?.find(text)
    }

    /// The newest ones, newest first.
    pub fn newest(&self, limit: usize) -> Result<Vec<Result<Listed, Failure>>, Failure> {
        self.journal.as_ref().map_or_else(|| Ok(Vec::new()), |journal| journal.operations(limit))
    }

    /// The newest operations, newest first; without those that cannot be read, which are told where they are listed.
    pub fn operations(&self, limit: usize) -> Result<Vec<Operation>, Failure> {
        let listed = self.newest(limit)?.into_iter().flatten();
        Ok(listed.filter_map(|listed| Some(self.story(&listed.id).ok()?.standing.operation)).collect())
    }

    /// All that is told of one.
    pub fn story(&self, operation: &OperationId) -> Result<Story, Failure> {
        // The holder first: one that ends in between has left its last record.
        let holder = Lease::holder(&self.state, operation)?;
        let records = self.records(operation)?;
        let folded = Operation::fold(&records).map_err(|illegal| {
            Failure::new(FailureKind::Bug, format!("The records of operation {operation} make no sense"))
                .cause(illegal.to_string())
                .hint("`stackdeck audit --verify` tells whether somebody has changed them")
        })?;
        Ok(Story { standing: Standing { operation: folded, holder }, records })
    }

    /// One by its whole id; `None` where this journal does not know it.
    pub fn operation(&self, id: &OperationId) -> Result<Option<Operation>, Failure> {
        if self.records(id)?.is_empty() {
            return Ok(None);
        }
        self.story(id).map(|story| Some(story.standing.operation))
    }

    /// The journal's last record, for whoever keeps it elsewhere.
    pub fn head(&self) -> Result<String, Failure> {
        self.journal.as_ref().map_or_else(|| Ok(String::new()), |journal| Ok(journal.head()?.to_string()))
    }

    fn records(&self, operation: &OperationId) -> Result<Vec<Record>, Failure> {
        self.journal.as_ref().map_or_else(|| Ok(Vec::new()), |journal| journal.records(operation))
    }
}
