//! The lease of an operation: at most one process of this host drives it.
//!
//! A lock of the kernel on one file for each operation. It ends with its process, however that ends; so nobody has to
//! guess from a process id whether the holder lives. What is written inside is for people. The file stays: to remove
//! a file that others may be locking is a race, and it is empty but for a line.

use std::fmt;
use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::failure::Failure;
use crate::operation::OperationId;
use crate::store::folder;

/// Somebody who looks holds the lock for microseconds. This many in a row, and something is odd.
const LOOKERS: u32 = 10_000;

/// That this process, and no other of this host, drives an operation. Ends when it is dropped.
#[derive(Debug)]
pub struct Lease {
    /// Locked as long as it is open.
    file: File,
    path: PathBuf,
}

/// Who holds a lease, as it wrote down itself. For people: only the lock decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its host.
    pub host: String,
    /// Its version of Stackdeck.
    pub version: String,
}

impl Lease {
    /// Takes the lease; `None` when another process has it.
    pub fn take(dir: &Path, operation: &OperationId) -> Result<Option<Self>, Failure> {
        let path = path(dir, operation);
        let below = path.parent().unwrap_or(dir);
        folder::make(dir)?;
        folder::make(below)?;
        let mut file = folder::open(below, &path)?;
        if !lock(&file).map_err(|error| folder::refused(&path, "be locked", &error))? {
            return Ok(None);
        }
        Holder::own().write(&mut file).map_err(|error| folder::refused(&path, "be written", &error))?;
        Ok(Some(Self { file, path }))
    }

    /// Whether it still keeps others out. The lock itself is never lost; but if its file was removed, another process
    /// may hold a lock on a new one.
    pub fn is_held(&self) -> bool {
        let identity = |found: Metadata| (found.dev(), found.ino());
        let (ours, there) = (self.file.metadata().map(identity), fs::metadata(&self.path).map(identity));
        matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
    }

    /// Who holds the lease now; `None` when nobody does.
    pub fn holder(dir: &Path, operation: &OperationId) -> Result<Option<Holder>, Failure> {
        let path = path(dir, operation);
        let unreadable = |error: &io::Error| folder::refused(&path, "be looked at", error);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(Holder::read(&mut file))),
            Err(TryLockError::Error(error)) => Err(unreadable(&error)),
        }
    }
}

fn path(dir: &Path, operation: &OperationId) -> PathBuf {
    dir.join("operations").join(format!("{operation}.lock"))
}

/// Locks it for this process alone. Those who only look share a lock for a moment; that is no refusal.
fn lock(file: &File) -> io::Result<bool> {
    for _ in 0..LOOKERS {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        match file.try_lock_shared() {
            Ok(()) => file.unlock()?,
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        std::thread::yield_now();
    }
    Err(io::Error::other("somebody has been looking at it all the time"))
}

impl Holder {
    fn own() -> Self {
        Self {
            pid: std::process::id(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn write(&self, file: &mut File) -> io::Result<()> {
        file.set_len(0)?;
        file.rewind()?;
        serde_json::to_writer(&mut *file, self)?;
        file.write_all(b"\n")
    }

    /// What is not written yet, or not readable, is left out: the lock has told what matters.
    fn read(file: &mut File) -> Self {
        let mut text = String::new();
        let _ = file.read_to_string(&mut text);
        serde_json::from_str(&text).unwrap_or_default()
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pid == 0 {
            return f.write_str("a process that has just begun");
        }
        write!(f, "process {} on {} (stackdeck {})", self.pid, self.host, self.version)
    }
}
