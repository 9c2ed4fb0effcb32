//! When somebody is told that the cloud lets us wait. Pure.

use std::time::Duration;

use crate::base::awaited::{Awaited, Silence};
use crate::base::clock::{Timestamp, since};

/// Remembers what was told, so that it is told once.
#[derive(Clone, Debug)]
pub struct Silences {
    /// Requests take a while: only longer ones are worth a word.
    usual: Duration,
    told: Awaited,
}

impl Silences {
    /// Requests that take no longer than this are not told.
    pub fn new(usual: Duration) -> Self {
        Self { usual, told: Awaited::default() }
    }

    /// What is to be told of the requests under way, if it is not what was told last; and when to look again at the
    /// latest.
    pub fn look(
        &mut self,
        under_way: Vec<Silence>,
        next_try: Option<Timestamp>,
        now: Timestamp,
    ) -> (Option<Awaited>, Option<Duration>) {
        let age = |silence: &Silence| since(silence.since, now);
        let (mut silences, young): (Vec<_>, Vec<_>) =
            under_way.into_iter().partition(|silence| age(silence) >= self.usual);
        silences.sort_by(|one, two| (one.since, &one.service).cmp(&(two.since, &two.service)));
        let again = young.iter().map(|silence| self.usual - age(silence)).min();
        let awaited = Awaited { silences, next_try };
        if awaited == self.told {
            return (None, again);
        }
        self.told = awaited.clone();
        (Some(awaited), again)
    }
}
