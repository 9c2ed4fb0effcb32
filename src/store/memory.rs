//! A journal in memory, for simulations: the same rules and the same chain as on disk, and crashes on demand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::operation::record::Announcement;
use crate::operation::{Actor, OperationId, Record};
use crate::store::journal::{AppendError, Broken, Entry, Fields, Head, Row, Verified, Walk, find, guard};
use crate::store::permit::Permit;

/// A journal in memory. A clone is the same process's; [`MemoryJournal::another`] is another process's on the same
/// records.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal {
    records: Arc<Mutex<Vec<(Row, Record)>>>,
    process: Arc<Mutex<Process>>,
}

/// What befalls an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The disk is full: nothing is appended, and the process lives on.
    Full,
    /// The process dies before the record is durable.
    CrashBefore,
    /// The process dies when the record is durable, before it hears of it.
    CrashAfter,
}

#[derive(Debug, Default)]
struct Process {
    appends: u64,
    mishaps: Vec<(u64, Mishap)>,
    crashed: bool,
}

impl MemoryJournal {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same records as another process sees them: alive, with no mishap ahead.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { records: Arc::clone(&self.records), process: Arc::default() }
    }

    /// Lets something befall one of this process's appends: the next one is 1.
    pub fn befall(&self, append: u64, mishap: Mishap) {
        let mut process = self.process();
        let at = process.appends + append;
        process.mishaps.push((at, mishap));
    }

    /// Whether this process has died. All its appends fail from then on.
    pub fn has_crashed(&self) -> bool {
        self.process().crashed
    }

    /// How often this process has tried to append.
    pub fn appends(&self) -> u64 {
        self.process().appends
    }

    /// As [`Journal::append`](crate::store::Journal::append).
    pub fn append(&mut self, entry: Entry<'_>, after: Option<u64>) -> Result<Record, AppendError> {
        let mishap = self.process().next()?;
        if mishap == Some(Mishap::Full) {
            return Err(Failure::new(FailureKind::Quota, "the journal cannot be written: the disk is full").into());
        }
        if mishap == Some(Mishap::CrashBefore) {
            return Err(dead());
        }
        let record = self.push(entry, after)?;
        if mishap == Some(Mishap::CrashAfter) { Err(dead()) } else { Ok(record) }
    }

    /// As [`Journal::announce`](crate::store::Journal::announce).
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

    /// As [`Journal::announce_enclosing`](crate::store::Journal::announce_enclosing).
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

    /// An operation's records, in order.
    pub fn records(&self, operation: &OperationId) -> Vec<Record> {
        self.records_after(operation, 0)
    }

    /// An operation's records that came after this one.
    pub fn records_after(&self, operation: &OperationId, sequence: u64) -> Vec<Record> {
        let after = usize::try_from(sequence).unwrap_or(usize::MAX);
        let all = self.all();
        all.iter()
            .skip(after)
            .map(|(_, record)| record)
            .filter(|record| record.operation == *operation)
            .cloned()
            .collect()
    }

    /// The operation that somebody means.
    pub fn find(&self, text: &str) -> Result<OperationId, Failure> {
        let mut ids = Vec::new();
        for (_, record) in self.all().iter() {
            if !ids.contains(&record.operation) {
                ids.insert(0, record.operation.clone());
            }
        }
        find(text, &ids)
    }

    /// The last record's sequence and hash.
    pub fn head(&self) -> Head {
        self.all().last().map_or_else(Head::nothing, |(row, _)| row.head())
    }

    /// Walks the whole chain.
    pub fn verify(&self, expect: Option<&Head>) -> Result<Verified, Broken> {
        let mut walk = Walk::new(expect);
        self.all().iter().try_for_each(|(row, _)| walk.step(&Fields::from(row)))?;
        walk.finish()
    }

    fn push(&self, entry: Entry<'_>, after: Option<u64>) -> Result<Record, AppendError> {
        let mut all = self.all();
        let last = all.iter().rev().find(|(_, record)| record.operation == *entry.operation);
        guard(after, last.map_or(0, |(row, _)| row.sequence))?;
        let head = all.last().map_or_else(Head::nothing, |(row, _)| row.head());
        let row = Row::next(&head, entry)?;
        let record = entry.record(row.sequence);
        all.push((row, record.clone()));
        Ok(record)
    }

    fn all(&self) -> MutexGuard<'_, Vec<(Row, Record)>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    /// Counts an append, and tells what befalls it.
    fn next(&mut self) -> Result<Option<Mishap>, AppendError> {
        if self.crashed {
            return Err(dead());
        }
        self.appends += 1;
        let mishap = self.mishaps.iter().find(|(at, _)| *at == self.appends).map(|(_, mishap)| *mishap);
        self.crashed = matches!(mishap, Some(Mishap::CrashBefore | Mishap::CrashAfter));
        Ok(mishap)
    }
}

fn dead() -> AppendError {
    AppendError::Failed(Failure::new(FailureKind::Bug, "this process is dead"))
}
