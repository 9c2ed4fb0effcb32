//! What happened: the last day of a cloud and of each of its services.
//!
//! A [`Sighting`] is one thing that somebody saw: a difference between two fleets, a line of Nova's history of an
//! instance, the beginning or the end of an operation. A [`Timeline`] is a set of them, and merging is union: whoever saw
//! what first, however often, and whichever of two consoles wrote it down, the set is the same. What people read is made
//! of the set when it is wanted ([`entries`]): one entry for one event, with its cause where that is known.
//!
//! Memory is bounded: a day, and [`MOST`] sightings. What goes beyond that is dropped, the oldest first, and
//! [`Timeline::complete_since`] says so.
//!
//! Deliberately absent: the disk (`store`), asking the cloud (`watch`), and conclusions: those are [`health`](super::health).

mod causes;
mod compare;
mod entry;
mod fold;
mod sighting;
mod unexplained;
mod words;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::clock::Timestamp;
pub use compare::{Compared, compare, first};
pub use entry::{Entry, Kind, Who};
pub use fold::entries;
pub use sighting::{Deed, Sighting, Source, What, Whom, Work, deeds};
pub use unexplained::unexplained;

/// How far back it reaches.
pub const REACH: Duration = Duration::from_secs(24 * 3600);

/// So many sightings are kept at most.
pub const MOST: usize = 4_000;

/// Everything that was seen, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    sightings: BTreeSet<Sighting>,
    complete_since: Option<Timestamp>,
}

impl Timeline {
    /// What was kept: sightings, and since when nothing is missing among them.
    pub fn of(sightings: impl IntoIterator<Item = Sighting>, complete_since: Option<Timestamp>) -> Self {
        let mut timeline = Self { sightings: sightings.into_iter().collect(), complete_since };
        timeline.bound();
        timeline
    }

    /// Adds what was seen; tells how much of it is new.
    pub fn extend(&mut self, seen: impl IntoIterator<Item = Sighting>) -> usize {
        let horizon = self.complete_since;
        let news = seen.into_iter().filter(|one| self.sightings.insert(one.clone())).collect::<Vec<_>>();
        self.bound();
        // What was dropped once, and was dropped again, is no news.
        news.iter().filter(|one| horizon.is_none_or(|horizon| one.at > horizon)).count()
    }

    /// Adds all that another one knows; tells how much of it is new.
    pub fn merge(&mut self, other: &Self) -> usize {
        self.complete_since = self.complete_since.max(other.complete_since);
        self.extend(other.sightings.iter().cloned())
    }

    /// Forgets what is older than a day.
    pub fn prune(&mut self, now: Timestamp) {
        let Some(oldest) = oldest(now) else { return };
        while self.sightings.first().is_some_and(|one| one.at < oldest) {
            self.sightings.pop_first();
        }
        self.complete_since = self.complete_since.filter(|since| *since >= oldest);
    }

    /// Everything, the oldest first.
    pub fn sightings(&self) -> impl ExactSizeIterator<Item = &Sighting> {
        self.sightings.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sightings.len()
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
    }

    /// Up to when something was dropped because too much has happened; `None` when nothing was.
    pub fn complete_since(&self) -> Option<Timestamp> {
        self.complete_since
    }

    fn bound(&mut self) {
        while self.sightings.len() > MOST {
            let dropped = self.sightings.pop_first().map(|one| one.at);
            self.complete_since = self.complete_since.max(dropped);
        }
    }
}

/// The oldest time that is kept.
pub fn oldest(now: Timestamp) -> Option<Timestamp> {
    now.checked_sub(REACH).ok()
}
