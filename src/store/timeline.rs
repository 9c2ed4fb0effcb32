//! The timeline on disk, beside the snapshot: what happened while somebody looked, for whoever looks next.
//!
//! Only what is new is a reason to write. What another console has written meanwhile is read on that occasion, and comes
//! back to the caller: so two consoles of one user come to know the same.

use std::path::Path;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::fleet::Timeline;
use crate::fleet::timeline::Sighting;
use crate::store::cache::SnapshotFile;
use crate::store::lines::Lines;

/// The shape of a [`Sighting`]. Fields may be added to it without another number.
const VERSION: u32 = 1;

/// A day of a busy cloud takes a tenth of it.
const MOST_BYTES: usize = 4 << 20;

/// The file of one cloud, region, project and breadth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineFile(Lines);

impl TimelineFile {
    /// The file that belongs to a snapshot.
    pub fn beside(snapshot: &SnapshotFile) -> Self {
        let path = snapshot.0.with_extension("timeline");
        Self(Lines { path, what: "timeline", version: VERSION })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// What was kept of the last day; and what there is to tell of a file that was of no use.
    pub fn load(&self, now: Timestamp) -> (Timeline, Option<Failure>) {
        let ((kept, complete_since), trouble) = self.0.read::<Sighting>();
        let mut timeline = Timeline::of(kept, complete_since);
        timeline.prune(now);
        (timeline, trouble)
    }

    /// Keeps what is in there and in this one; gives both. Nothing is written where nothing is new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, seen: &Timeline, now: Timestamp) -> Result<(Timeline, Option<Failure>), Failure> {
        let _alone = self.0.lock()?;
        let (mut timeline, trouble) = self.load(now);
        let mut news = seen.clone();
        news.prune(now);
        if timeline.merge(&news) > 0 {
            let rows = newest(self.0.rows(timeline.sightings())?);
            let dropped = timeline.len() - rows.len();
            // What was cut off for its length is not there any more.
            let cut = timeline.sightings().take(dropped).last().map(|one| one.at);
            self.0.write(&rows, timeline.complete_since().max(cut))?;
        }
        Ok((timeline, trouble))
    }
}

/// Of a file that would become too long, the rows at its end.
fn newest(rows: Vec<String>) -> Vec<String> {
    let mut left = MOST_BYTES;
    let fits = rows.iter().rev().take_while(|row| {
        let room = left.checked_sub(row.len() + 1);
        left = room.unwrap_or(0);
        room.is_some()
    });
    let first = rows.len() - fits.count();
    rows.into_iter().skip(first).collect()
}
