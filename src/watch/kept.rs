//! What the last run left: read and grouped once, shown at once, and gone on from.
//!
//! Reading and grouping ten thousand instances is most of a start. So whoever shows the snapshot before sign-in is
//! through hands the same one to the watch afterwards.

use std::sync::Arc;

use crate::base::clock::{Clock, Timestamp};
use crate::fleet::snapshot::Keep;
use crate::fleet::{Fleet, Sources, group};
use crate::watch::news::News;
use crate::watch::settings::Settings;

/// The last run's snapshot, grouped.
#[derive(Clone, Debug)]
pub struct Kept {
    pub(super) as_of: Timestamp,
    pub(super) sources: Sources,
    pub(super) fleet: Arc<Fleet>,
}

impl Kept {
    /// Reads and groups it, if there is a readable one. Takes a moment when it is large.
    pub fn load(keeper: &dyn Keep, settings: &Settings, clock: &Clock) -> Option<Self> {
        let snapshot = keeper.load()?;
        let fleet = group(&snapshot.sources, &settings.rules, None, settings.pace.cloud(clock.now()));
        Some(Self { as_of: snapshot.as_of, sources: snapshot.sources, fleet: Arc::new(fleet) })
    }

    /// To show before the cloud has answered, or sign-in is through.
    pub fn news(&self) -> News {
        News::Fleet { fleet: Arc::clone(&self.fleet), as_of: self.as_of, from_cache: true, partial: false }
    }
}
