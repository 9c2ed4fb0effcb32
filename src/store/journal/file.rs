//! The database file: how it is made, opened, and told from others.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::Access;

use crate::base::failure::{Failure, FailureKind};
use crate::store::folder;
use crate::store::journal::disk::Disk;
use crate::store::journal::trouble::failure;

/// The shape of the tables. A newer one is read if that can be done, and never written.
pub(super) const FORMAT: i64 = 1;

/// `SDKJ`: tells our file from any other database, also for `file`.
const APPLICATION: i64 = 0x5344_4b4a;

/// Longer than any append takes, also when many wait in line.
const PATIENCE: Duration = Duration::from_secs(10);

const TABLES: &str = "
    CREATE TABLE record (
        sequence INTEGER PRIMARY KEY,
        operation TEXT NOT NULL,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        actor TEXT NOT NULL,
        event TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT;
    CREATE INDEX record_by_operation ON record (operation, sequence);
    -- Against slips of the hand; whoever means it can drop them, and the chain tells.
    CREATE TRIGGER record_is_not_changed BEFORE UPDATE ON record
        BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
    CREATE TRIGGER record_is_not_removed BEFORE DELETE ON record
        BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
";

pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("journal.db")
}

/// Opens the journal to write; makes it, and its folder, if it is not there.
pub(super) fn open(dir: &Path, disk: Disk) -> Result<Connection, Failure> {
    folder::make(dir)?;
    let path = path(dir);
    if let Some(made) = folder::create(dir, &path)? {
        // Never closed: closing any handle of a database drops the locks that this process has on it through another
        // (POSIX), and another thread may have opened it already.
        std::mem::forget(made);
    }
    let opening = |error| failure(&path, "opened", &error);
    let mut connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(opening)?;
    if begin(&mut connection).map_err(opening)? {
        keep_mode(&connection, disk).map_err(opening)?;
    }
    refuse_others(&path, &connection)?;
    refuse_newer(&path, &connection)?;
    Ok(connection)
}

/// Opens the journal to read; `None` when there is none, or nothing in it yet.
pub(super) fn open_to_read(dir: &Path) -> Result<Option<Connection>, Failure> {
    let path = path(dir);
    match std::fs::metadata(&path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(folder::refused(&path, "be read", &error)),
    }
    let opening = |error| failure(&path, "opened to read", &error);
    let (connection, format) = read_in_place(&path).or_else(|error| read_at_rest(&path, error)).map_err(opening)?;
    if format == 0 && tables(&connection).map_err(opening)? == 0 {
        return Ok(None);
    }
    refuse_others(&path, &connection)?;
    Ok(Some(connection))
}

/// Whether [`open`] would succeed, as far as can be told without making anything.
pub(super) fn could_be_written(dir: &Path) -> Result<(), Failure> {
    let path = path(dir);
    if let Some(connection) = open_to_read(dir)? {
        refuse_newer(&path, &connection)?;
    }
    // The log beside the file is made in the folder; a folder that is not there, in the one above.
    let exist =
        [path.as_path()].into_iter().filter(|path| path.exists()).chain(dir.ancestors().find(|dir| dir.exists()));
    for place in exist {
        rustix::fs::access(place, Access::WRITE_OK)
            .map_err(|error| folder::refused(place, "be written", &error.into()))?;
    }
    Ok(())
}

/// Fails when a newer program has taken over the journal; asked again with each append.
pub(super) fn refuse_newer(path: &Path, connection: &Connection) -> Result<(), Failure> {
    let format = number(connection, "user_version").map_err(|error| failure(path, "read", &error))?;
    if format <= FORMAT {
        return Ok(());
    }
    let message =
        format!("{} was written by a newer Stackdeck: its format is {format}, this one's is {FORMAT}", path.display());
    Err(Failure::new(FailureKind::Unsupported, message)
        .hint("Install the newer Stackdeck, or name another folder with `state_dir`"))
}

pub(super) fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

fn tables(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    // What a tampered file could make SQLite run.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Makes the tables in an empty file. Whether the file is one that we may write.
fn begin(connection: &mut Connection) -> rusqlite::Result<bool> {
    if number(connection, "user_version")? == 0 {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if number(&transaction, "user_version")? == 0 && tables(&transaction)? == 0 {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
            transaction.commit()?;
        }
    }
    Ok(number(connection, "application_id")? == APPLICATION && number(connection, "user_version")? <= FORMAT)
}

/// Every commit is on the disk before it returns: in a write-ahead log, or, where shared memory does not work, with a
/// rollback journal whose removal is made durable as well (EXTRA).
fn keep_mode(connection: &Connection, disk: Disk) -> rusqlite::Result<()> {
    let wanted = if disk == Disk::Local { "wal" } else { "delete" };
    let mut mode = set_mode(connection, wanted);
    // SQLite does not wait in line for this, as it does for a transaction.
    for _ in 0..100 {
        if !matches!(&mode, Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)) {
            break;
        }
        connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        mode = set_mode(connection, wanted);
    }
    connection.pragma_update(None, "synchronous", if mode? == "wal" { "FULL" } else { "EXTRA" })
}

fn set_mode(connection: &Connection, wanted: &str) -> rusqlite::Result<String> {
    connection.pragma_update_and_check(None, "journal_mode", wanted, |row| row.get(0))
}

/// Reads as one among others. Opened to write, because what a crash has left is put right by whoever comes first.
fn read_in_place(path: &Path) -> rusqlite::Result<(Connection, i64)> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "query_only", true)?;
    let format = number(&connection, "user_version")?;
    Ok((connection, format))
}

/// In a folder where nothing can be made there is no shared memory either. A file that has no log beside it is whole by
/// itself, and nobody who may not write here can change it under us.
fn read_at_rest(path: &Path, error: rusqlite::Error) -> rusqlite::Result<(Connection, i64)> {
    let log = path.with_extension("db-wal");
    let refused = matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly));
    if !refused || std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Err(error);
    }
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02x}")),
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = connect(Path::new(&(uri + "?immutable=1")), flags)?;
    let format = number(&connection, "user_version")?;
    Ok((connection, format))
}

fn refuse_others(path: &Path, connection: &Connection) -> Result<(), Failure> {
    let application = number(connection, "application_id").map_err(|error| failure(path, "read", &error))?;
    if application == APPLICATION {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Usage, format!("{} is a database, but not a journal of Stackdeck", path.display()))
        .hint("Move it away, or name another folder with `state_dir`"))
}

#[cfg(test)]
mod tests {
    use super::{Disk, number, open};

    #[test]
    fn every_commit_is_durable_on_either_kind_of_disk() {
        for (disk, mode, synchronous) in [(Disk::Local, "wal", 2), (Disk::Network("NFS"), "delete", 3)] {
            let folder = tempfile::tempdir().unwrap();
            for _ in 0..2 {
                let connection = open(folder.path(), disk).unwrap();
                let found: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
                assert_eq!((found.as_str(), number(&connection, "synchronous").unwrap()), (mode, synchronous));
            }
        }
    }
}
