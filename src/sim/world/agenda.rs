//! What is due when. Ties happen in the order in which they were noted, so a seed always gives the same history.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;

/// Something that will happen by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sim) enum Event {
    /// A server comes to the next leg of its course, unless it has turned to another meanwhile.
    Leg { server: usize, turn: u32 },
    /// A load balancer is done with its change.
    Unlock { balancer: Uid, turn: u32 },
    /// A load balancer tells what its monitors have seen; of those that are new it is their first word, or a proven one.
    Beat { balancer: Uid, proves: bool },
    /// The monitors have seen what became of a server.
    Check { server: usize },
    /// Servers that were deleted long ago are forgotten.
    Oblivion,
    /// The scenario's next happening.
    Life,
}

#[derive(Debug, Default)]
pub(in crate::sim) struct Agenda {
    heap: BinaryHeap<Reverse<(Moment, u64, Event)>>,
    noted: u64,
}

impl Agenda {
    pub(in crate::sim) fn note(&mut self, due: Moment, event: Event) {
        self.noted += 1;
        self.heap.push(Reverse((due, self.noted, event)));
    }

    /// Servers have moved to other places, or are gone, and with them what was noted for them.
    pub(in crate::sim) fn replace(&mut self, moved: impl Fn(usize) -> Option<usize>) {
        let noted = std::mem::take(&mut self.heap).into_iter();
        self.heap = noted
            .filter_map(|Reverse((due, number, event))| {
                let event = match event {
                    Event::Leg { server, turn } => Event::Leg { server: moved(server)?, turn },
                    Event::Check { server } => Event::Check { server: moved(server)? },
                    other => other,
                };
                Some(Reverse((due, number, event)))
            })
            .collect();
    }

    /// When the next event is due.
    pub(in crate::sim) fn next(&self) -> Option<Moment> {
        self.heap.peek().map(|Reverse((due, ..))| *due)
    }

    /// The next event that is due by then.
    pub(in crate::sim) fn next_until(&mut self, until: Moment) -> Option<(Moment, Event)> {
        let due = self.heap.peek().map(|Reverse((due, ..))| *due)?;
        if due > until {
            return None;
        }
        self.heap.pop().map(|Reverse((due, _, event))| (due, event))
    }
}
