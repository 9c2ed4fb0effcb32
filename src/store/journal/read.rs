//! Reading the journal.

use rusqlite::types::{Type, ValueRef};
use rusqlite::{Params, Row as SqlRow};
use serde::Serialize;

use crate::base::failure::Failure;
use crate::operation::{OperationId, Record};
use crate::store::journal::chain::{Fields, Row, damaged};
use crate::store::journal::find::find;
use crate::store::journal::head::Head;
use crate::store::journal::verify::{Broken, Fault, Verified, Walk};
use crate::store::journal::{Journal, file};

/// An operation in a list. What its records say is not read for it: one that is damaged does not hide the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: OperationId,
    /// How many records it has.
    pub records: u64,
    /// The sequence of its first record.
    pub first: u64,
    /// The sequence of its last record.
    pub last: u64,
}

/// A record as it is stored, for whoever wants to verify the chain by other means. All fields are text that is hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Its place in the journal.
    pub sequence: u64,
    /// Its operation.
    pub operation: String,
    /// Its time.
    pub at: String,
    /// Its kind.
    pub kind: String,
    /// Who: JSON, as it was hashed.
    pub actor: String,
    /// What: JSON, as it was hashed.
    pub event: String,
    /// The hash of the record before it.
    pub previous: String,
    /// Its own hash.
    pub hash: String,
}

const COLUMNS: &str = "sequence, operation, at, kind, actor, event, previous, hash";

impl Journal {
    /// The shape of the tables that this program writes.
    pub const FORMAT: i64 = file::FORMAT;

    /// An operation's records, in order; none when there is no such operation.
    pub fn records(&self, operation: &OperationId) -> Result<Vec<Record>, Failure> {
        self.records_after(operation, 0)
    }

    /// An operation's records that came after this one.
    pub fn records_after(&self, operation: &OperationId, sequence: u64) -> Result<Vec<Record>, Failure> {
        self.select("operation = ?1 AND sequence > ?2", (operation.as_str(), sequence.cast_signed()))
    }

    /// All records after this one, in order.
    pub fn all_after(&self, sequence: u64) -> Result<Vec<Record>, Failure> {
        self.select("sequence > ?1", [sequence.cast_signed()])
    }

    /// All records as they are stored, whether they hold or not.
    pub fn stored(&self) -> Result<Vec<Stored>, Failure> {
        self.query(&format!("SELECT {COLUMNS} FROM record ORDER BY sequence"), [], |row| {
            let Row { sequence, operation, at, kind, actor, event, previous, hash } = stored(row)?;
            Ok(Stored { sequence, operation, at, kind, actor, event, previous, hash })
        })
    }

    /// The newest operations, newest first, at most `limit`; in place of one whose id is damaged, the record that is.
    pub fn operations(&self, limit: usize) -> Result<Vec<Result<Listed, Failure>>, Failure> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = "SELECT operation, count(*), min(sequence), max(sequence) FROM record
                     GROUP BY operation ORDER BY min(sequence) DESC LIMIT ?1";
        self.query(query, [limit], |row| {
            let number = |at| row.get::<_, i64>(at).map(i64::cast_unsigned);
            let (records, first, last) = (number(1)?, number(2)?, number(3)?);
            let id = text(row, 0)?.parse().map_err(|error| damaged(first, "operation", error));
            Ok(id.map(|id| Listed { id, records, first, last }))
        })
    }

    /// The operation that somebody means: an id, the beginning or the end of one, or `last`.
    pub fn find(&self, text: &str) -> Result<OperationId, Failure> {
        let query = "SELECT operation FROM record GROUP BY operation ORDER BY min(sequence) DESC";
        let ids: Vec<String> = self.query(query, [], |row| row.get(0))?;
        let ids: Vec<OperationId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        find(text, &ids)
    }

    /// The last record's sequence and hash.
    pub fn head(&self) -> Result<Head, Failure> {
        super::head(&self.connection).map_err(|error| self.failure("read", &error))
    }

    /// What the head was when this record was the last; `None` when there is no such record.
    pub fn head_at(&self, sequence: u64) -> Result<Option<Head>, Failure> {
        let found =
            self.query("SELECT hash FROM record WHERE sequence = ?1", [sequence.cast_signed()], |row| row.get(0))?;
        Ok(found.into_iter().next().map(|hash| Head { sequence, hash }))
    }

    /// The shape of its tables.
    pub fn format(&self) -> Result<i64, Failure> {
        file::number(&self.connection, "user_version").map_err(|error| self.failure("read", &error))
    }

    /// A number that changes whenever another connection has written: cheap enough to ask several times a second.
    pub fn version(&self) -> Result<i64, Failure> {
        file::number(&self.connection, "data_version").map_err(|error| self.failure("read", &error))
    }

    /// Walks the whole chain, and compares it with a head that was kept elsewhere.
    pub fn verify(&self, expect: Option<&Head>) -> Result<Verified, Broken> {
        let mut walk = Walk::new(expect);
        let walked = self.walk(&mut walk).map_err(|error| walk.unreadable(self.failure("read", &error)))?;
        walked?;
        let check = self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
        let sequence = walk.head().sequence;
        match check {
            Ok(text) if text == "ok" => walk.finish(),
            Ok(text) => Err(Broken { sequence, fault: Fault::Database(text) }),
            Err(error) => Err(Broken { sequence, fault: Fault::Database(error.to_string()) }),
        }
    }

    fn walk(&self, walk: &mut Walk<'_>) -> rusqlite::Result<Result<(), Broken>> {
        let query = format!("SELECT {COLUMNS} FROM record ORDER BY sequence");
        let mut statement = self.connection.prepare(&query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let fields = Fields {
                sequence: row.get::<_, i64>(0)?.cast_unsigned(),
                told: [bytes(row, 1)?, bytes(row, 2)?, bytes(row, 3)?, bytes(row, 4)?, bytes(row, 5)?],
                previous: bytes(row, 6)?,
                hash: bytes(row, 7)?,
            };
            if let Err(broken) = walk.step(&fields) {
                return Ok(Err(broken));
            }
        }
        Ok(Ok(()))
    }

    fn select(&self, condition: &str, parameters: impl Params) -> Result<Vec<Record>, Failure> {
        let query = format!("SELECT {COLUMNS} FROM record WHERE {condition} ORDER BY sequence");
        self.query(&query, parameters, stored)?.iter().map(Row::record).collect()
    }

    fn query<T>(
        &self,
        query: &str,
        parameters: impl Params,
        read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        let all = || self.connection.prepare(query)?.query_map(parameters, read)?.collect::<Result<Vec<_>, _>>();
        all().map_err(|error| self.failure("read", &error))
    }
}

fn stored(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        sequence: row.get::<_, i64>(0)?.cast_unsigned(),
        operation: text(row, 1)?,
        at: text(row, 2)?,
        kind: text(row, 3)?,
        actor: text(row, 4)?,
        event: text(row, 5)?,
        previous: text(row, 6)?,
        hash: text(row, 7)?,
    })
}

/// Text that was tampered with need not be UTF-8; its hash tells.
fn text(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(String::from_utf8_lossy(bytes(row, at)?).into_owned())
}

fn bytes<'r>(row: &'r SqlRow<'_>, at: usize) -> rusqlite::Result<&'r [u8]> {
    match row.get_ref(at)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {
            Err(rusqlite::Error::InvalidColumnType(at, "a text".to_owned(), Type::Text))
        }
    }
}
