//! Follows the journal: tells of every operation when something about it has changed.
//!
//! It looks several times a second while a worker is at an operation or somebody looks at the operations, and else only
//! when asked to. What a colleague or a shell has begun is found at the next poll of the cloud, for which we wake anyway.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::base::failure::Failure;
use crate::console::app::followed::Followed;
use crate::operation::{Operation, OperationId, Record};
use crate::store::Journal;
use crate::store::journal::Listed;
use crate::store::lease::Lease;

/// Between two looks while something goes on.
const EVERY: Duration = Duration::from_millis(250);
/// More operations than these nobody reads in a list; older ones are in the journal.
const MOST: usize = 200;
/// A journal that is written all the time is told as it was.
const TRIES: usize = 3;

/// What a look has found: all operations, if anything has changed; or why the journal cannot be read.
pub(super) type Found = Result<Vec<Arc<Followed>>, Failure>;

/// Whoever follows.
pub(super) struct Follow {
    wake: Arc<Notify>,
    watching: watch::Sender<bool>,
}

impl Follow {
    /// Begins to follow the journal in a state folder. Ends when this is dropped.
    pub(super) fn start<F>(state: PathBuf, tell: impl Fn(Found) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let wake = Arc::new(Notify::new());
        let (watching, watched) = watch::channel(false);
        tokio::spawn(follow(Reader::of(state), Arc::clone(&wake), watched, tell));
        Self { wake, watching }
    }

    /// Looks now.
    pub(super) fn look(&self) {
        self.wake.notify_one();
    }

    /// Somebody looks at the operations, or no longer.
    pub(super) fn watch(&self, on: bool) {
        self.watching.send_replace(on);
    }
}

async fn follow<F>(
    mut reader: Reader,
    wake: Arc<Notify>,
    mut watched: watch::Receiver<bool>,
    tell: impl Fn(Found) -> F + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let look = tokio::task::spawn_blocking(move || {
            let found = reader.look();
            (reader, found)
        });
        let Ok((back, found)) = look.await else { return };
        reader = back;
        if let Some(found) = found {
            tell(found).await;
        }
        let eager = *watched.borrow_and_update() || reader.something_runs();
        tokio::select! {
            () = wake.notified() => {}
            changed = watched.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(EVERY), if eager => {}
        }
    }
}

/// Reads the journal, and remembers what it has read.
struct Reader {
    state: PathBuf,
    journal: Option<Journal>,
    /// What the journal's version was when it was read.
    version: Option<i64>,
    known: BTreeMap<OperationId, Arc<Followed>>,
    /// What was told last.
    told: Option<Vec<Arc<Followed>>>,
    /// Why the journal could not be read the last time.
    trouble: Option<Failure>,
}

impl Reader {
    fn of(state: PathBuf) -> Self {
        Self { state, journal: None, version: None, known: BTreeMap::new(), told: None, trouble: None }
    }

    fn something_runs(&self) -> bool {
        self.known.values().any(|followed| followed.is_driven() && !followed.operation.is_over())
    }

    /// What there is to tell, if anything has changed since the last look.
    fn look(&mut self) -> Option<Found> {
        match self.read() {
            Ok(()) => {
                self.trouble = None;
                let mut now: Vec<Arc<Followed>> = self.known.values().rev().cloned().collect();
                now.truncate(MOST);
                let same = |told: &Vec<Arc<Followed>>| {
                    told.len() == now.len() && told.iter().zip(&now).all(|(one, other)| Arc::ptr_eq(one, other))
                };
                if self.told.as_ref().is_some_and(same) {
                    return None;
                }
                self.told = Some(now.clone());
                Some(Ok(now))
            }
            Err(failure) => {
                (self.journal, self.version) = (None, None);
                let new = self.trouble.as_ref() != Some(&failure);
                self.trouble = Some(failure.clone());
                new.then_some(Err(failure))
            }
        }
    }

    /// A worker's last record is there before its lease is gone. So when nothing was written while we looked, records
    /// and leases fit together.
    fn read(&mut self) -> Result<(), Failure> {
        if self.journal.is_none() {
            self.journal = Journal::open_to_read(&self.state)?;
        }
        for _ in 0..TRIES {
            let Some(journal) = &self.journal else { return Ok(()) };
            let version = journal.version()?;
            if self.version != Some(version) {
                for listed in journal.operations(MOST)? {
                    // One that is damaged does not hide the others. The log names it.
                    if let Err(failure) = listed.and_then(|listed| refresh(&mut self.known, journal, &listed)) {
                        tracing::warn!("{failure}");
                    }
                }
                self.version = Some(version);
            }
            for followed in self.known.values_mut() {
                drivers(followed, &self.state)?;
            }
            if journal.version()? == version {
                break;
            }
        }
        Ok(())
    }
}

fn refresh(
    known: &mut BTreeMap<OperationId, Arc<Followed>>,
    journal: &Journal,
    listed: &Listed,
) -> Result<(), Failure> {
    let before = known.get(&listed.id);
    if before.is_some_and(|followed| followed.records.last().is_some_and(|last| last.sequence == listed.last)) {
        return Ok(());
    }
    let records = journal.records(&listed.id)?;
    let driver = before.and_then(|followed| followed.driver.clone());
    if let Some(operation) = folded(&records) {
        let head = journal.head_at(listed.last)?.filter(|_| operation.is_over()).map(|head| head.to_string());
        known.insert(listed.id.clone(), Arc::new(Followed { operation, records, driver, head }));
    }
    Ok(())
}

/// As much of it as makes sense: that some does not is `audit`'s to tell, with what was changed.
fn folded(records: &[Record]) -> Option<Operation> {
    let mut operation = Operation::fold(records.first()).ok()?;
    for record in &records[1..] {
        if let Err(illegal) = operation.apply(record) {
            tracing::warn!(operation = %operation.id, "{illegal}");
            operation.unknown.push("nonsense".to_owned());
            break;
        }
    }
    Some(operation)
}

fn drivers(followed: &mut Arc<Followed>, state: &std::path::Path) -> Result<(), Failure> {
    let driver = match followed.operation.is_over() {
        true => None,
        false => Lease::holder(state, followed.id())?.map(|holder| holder.to_string()),
    };
    if driver != followed.driver {
        Arc::make_mut(followed).driver = driver;
    }
    Ok(())
}
