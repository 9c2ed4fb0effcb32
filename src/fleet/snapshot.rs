//! What was known of a cloud at one moment, and the promise of a place that keeps it for the next start.

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::fleet::sources::Sources;

/// What was known, and when it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When the instances were read, wall time.
    pub as_of: Timestamp,
    /// What was known.
    pub sources: Sources,
}

/// Keeps the newest snapshot. A room that reads the cloud need not know where; `store` does.
pub trait Keep: Send + Sync {
    /// The snapshot that was kept last, if there is a readable one.
    fn load(&self) -> Option<Snapshot>;

    /// Keeps this one instead. A failure is the keeper's to log: nothing depends on it.
    fn keep(&self, snapshot: &Snapshot);
}
