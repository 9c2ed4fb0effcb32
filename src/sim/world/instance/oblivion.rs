//! Deleted servers: told of for a while, as `changes-since` asks for them, then forgotten. Else a long demo would grow.

use std::time::Duration;

use crate::sim::world::World;
use crate::sim::world::agenda::Event;

/// How long on the wall a deleted server is told of: longer than any listener pauses.
const KEPT: Duration = Duration::from_secs(3600);

/// More deleted servers than this are not kept, however young; then half of them go, so that it happens seldom.
pub const MOST: usize = 2000;

impl World {
    /// Notes when the servers that were deleted just now will be forgotten.
    pub(in crate::sim) fn note_oblivion(&mut self) {
        let gone = self.servers.iter().filter(|server| !server.lives()).count();
        self.agenda.note(self.now.plus(self.kept()), Event::Oblivion);
        if gone > MOST {
            // Not here and now: places change, and somebody may hold one.
            self.agenda.note(self.now, Event::Oblivion);
        }
    }

    fn kept(&self) -> Duration {
        KEPT.mul_f64(self.options.clock.rate().max(1.0))
    }

    /// Drops the rows of servers that were deleted long ago, and gives the others their new places.
    pub(in crate::sim) fn forget_deleted(&mut self) {
        let mut gone: Vec<_> = self.servers.iter().filter_map(|server| server.terminated).collect();
        gone.sort_unstable();
        let crowded = (gone.len() > MOST).then(|| gone[gone.len() - MOST / 2]);
        let (now, kept) = (self.now, self.kept());
        let old = |when| now.since(when) >= kept || crowded.is_some_and(|least| when < least);
        let stays: Vec<bool> = self.servers.iter().map(|server| !server.terminated.is_some_and(old)).collect();
        if stays.iter().all(|stays| *stays) {
            return;
        }
        let mut next = 0..;
        let moved: Vec<Option<usize>> = stays.iter().map(|stays| if *stays { next.next() } else { None }).collect();
        let mut rest = stays.iter();
        self.servers.retain(|_| rest.next().is_some_and(|stays| *stays));
        self.places = self.servers.iter().enumerate().map(|(place, server)| (server.id, place)).collect();
        self.agenda.replace(|place| moved.get(place).copied().flatten());
    }
}
