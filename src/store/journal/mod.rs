//! The journal: every record of every operation, in one file, each tied to all before it.
//!
//! An append reads the head and inserts in one immediate transaction, so any number of processes write without gaps. It
//! returns when the record is on the disk. An append that fails has left nothing that a reader sees; whether it comes
//! back after a crash of the machine, when the disk itself failed in mid-write, no database can say. That is harmless: a
//! call whose announcement failed is not made, and one that is found announced is looked for before anything else.

mod chain;
mod disk;
mod entry;
mod file;
mod find;
mod head;
mod read;
mod trouble;
mod verify;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior};
use secrecy::SecretString;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::operation::record::Announcement;
use crate::operation::{Actor, OperationId, Record};
use crate::store::permit::Permit;

pub(in crate::store) use chain::{Fields, Row};
pub use disk::Disk;
pub(in crate::store) use entry::guard;
pub use entry::{AppendError, Entry};
pub(in crate::store) use find::find;
pub use head::Head;
pub use read::{Listed, Stored};
pub(in crate::store) use verify::Walk;
pub use verify::{Broken, Fault, Verified};

/// The journal in a state folder.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
    disk: Disk,
    /// The disk has lost a write that it had taken: what it says afterwards proves nothing.
    lost: bool,
}

impl Journal {
    /// Opens the journal in this folder to write; makes both if they are not there.
    pub fn open(dir: &Path) -> Result<Self, Failure> {
        let disk = Disk::of(dir);
        Ok(Self { connection: file::open(dir, disk)?, path: file::path(dir), disk, lost: false })
    }

    /// Whether the journal in this folder could be opened to write, or made. Looks, and makes nothing.
    pub fn could_be_written(dir: &Path) -> Result<(), Failure> {
        file::could_be_written(dir)
    }

    /// Opens the journal in this folder to read, and makes nothing. `None`: there is none, so nothing was ever done.
    /// Works where nothing can be written too; but then it may show the journal as it was when it was opened.
    pub fn open_to_read(dir: &Path) -> Result<Option<Self>, Failure> {
        let connection = file::open_to_read(dir)?;
        Ok(connection.map(|connection| Self { connection, path: file::path(dir), disk: Disk::of(dir), lost: false }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is on.
    pub fn disk(&self) -> Disk {
        self.disk
    }

    /// Appends a record; returns when it is durable. With `after`, the last sequence of this operation that the caller
    /// has folded, it fails when there are newer ones; zero says that there must be none at all.
    pub fn append(&mut self, entry: Entry<'_>, after: Option<u64>) -> Result<Record, AppendError> {
        if self.lost {
            let message = format!("{} is not written any more: the disk has lost a write", self.path.display());
            return Err(Failure::new(FailureKind::Retry, message)
                .hint("Look at the system's log for errors of the disk, then start again")
                .into());
        }
        insert(&mut self.connection, &self.path, entry, after).map_err(|error| match error {
            Trouble::Append(error) => error,
            Trouble::Sql(error) => {
                self.lost = is_loss(&error);
                self.failure("written", &error).into()
            }
        })
    }

    /// Announces a call. Returns, with the permit to make it, when the announcement is durable.
    pub fn announce(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        by: &Actor,
        announcement: Announcement,
        after: Option<u64>,
    ) -> Result<(Record, Permit), AppendError> {
        self.announce_enclosing(operation, at, by, announcement, None, after)
    }

    /// The same for a call that carries what no record may hold; refused when it is not what the change has the digest
    /// of.
    pub fn announce_enclosing(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        by: &Actor,
        announcement: Announcement,
        enclosed: Option<SecretString>,
        after: Option<u64>,
    ) -> Result<(Record, Permit), AppendError> {
        Permit::after(operation, announcement, enclosed, |event| self.append(Entry { operation, at, by, event }, after))
    }

    fn failure(&self, what: &str, error: &rusqlite::Error) -> Failure {
        trouble::failure(&self.path, what, error)
    }
}

/// Why nothing was inserted.
enum Trouble {
    Append(AppendError),
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Trouble::Sql(error)
    }
}

impl From<AppendError> for Trouble {
    fn from(error: AppendError) -> Self {
        Trouble::Append(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble::Append(failure.into())
    }
}

fn insert(connection: &mut Connection, path: &Path, entry: Entry<'_>, after: Option<u64>) -> Result<Record, Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // A newer program may have taken the journal over since it was opened.
    file::refuse_newer(path, &transaction)?;
    guard(after, last_of(&transaction, entry.operation)?)?;
    let row = Row::next(&head(&transaction)?, entry)?;
    transaction.execute(
        "INSERT INTO record (sequence, operation, at, kind, actor, event, previous, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            row.sequence.cast_signed(),
            &row.operation,
            &row.at,
            &row.kind,
            &row.actor,
            &row.event,
            &row.previous,
            &row.hash,
        ),
    )?;
    transaction.commit()?;
    Ok(entry.record(row.sequence))
}

fn last_of(connection: &Connection, operation: &OperationId) -> rusqlite::Result<u64> {
    let query = "SELECT coalesce(max(sequence), 0) FROM record WHERE operation = ?1";
    connection.query_row(query, [operation.as_str()], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
}

fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let query = "SELECT sequence, hash FROM record ORDER BY sequence DESC LIMIT 1";
    let head = connection
        .query_row(query, [], |row| Ok(Head { sequence: row.get::<_, i64>(0)?.cast_unsigned(), hash: row.get(1)? }));
    Ok(head.optional()?.unwrap_or_else(Head::nothing))
}

/// After a failed sync the kernel may call a page clean that never reached the disk.
fn is_loss(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC};
    let code = error.sqlite_error().filter(|of| of.code == ErrorCode::SystemIoFailure).map(|of| of.extended_code);
    matches!(code, Some(SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC))
}

#[cfg(test)]
mod tests {
    use rusqlite::{Error, ffi};

    use super::is_loss;

    #[test]
    fn a_failed_sync_is_a_loss_and_a_full_disk_is_not() {
        let lost = |code| is_loss(&Error::SqliteFailure(ffi::Error::new(code), None));
        assert!(lost(ffi::SQLITE_IOERR_FSYNC) && lost(ffi::SQLITE_IOERR_DIR_FSYNC));
        assert!(!lost(ffi::SQLITE_IOERR_WRITE) && !lost(ffi::SQLITE_FULL) && !lost(ffi::SQLITE_BUSY));
    }
}
