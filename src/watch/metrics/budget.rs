//! The turns that all sources share: so many requests a minute, whoever asks.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// After a pause so many seconds' worth of turns may be taken at once: a round need not be spread.
const SAVED: Duration = Duration::from_secs(60);

/// So many more may be taken at the start: the first figures of all who measure should not wait for one another.
const FIRST: u32 = 30;

/// Hands out turns, in the order in which they are asked for.
#[derive(Debug)]
pub(in crate::watch) struct Budget {
    turns: Mutex<Turns>,
    began: Instant,
}

impl Budget {
    pub(in crate::watch) fn new(a_minute: u32) -> Self {
        Self { turns: Mutex::new(Turns::new(a_minute)), began: Instant::now() }
    }

    /// Waits for a turn. The lock is held meanwhile: so nobody overtakes.
    pub(in crate::watch) async fn turn(&self) {
        let mut turns = self.turns.lock().await;
        let wait = turns.take(self.began.elapsed());
        tokio::time::sleep(wait).await;
    }
}

/// The turns themselves. Pure: times are since some start.
#[derive(Clone, Copy, Debug)]
struct Turns {
    apart: Duration,
    /// From then on the next turn may be taken, if nothing had been saved.
    next: Duration,
    saved: Duration,
    first: u32,
}

impl Turns {
    fn new(a_minute: u32) -> Self {
        let apart = Duration::from_secs(60) / a_minute.max(1);
        // One turn is what follows the saved ones at once.
        Self { apart, next: Duration::ZERO, saved: SAVED.saturating_sub(apart), first: FIRST }
    }

    /// Takes a turn, and tells how long to wait for it.
    fn take(&mut self, now: Duration) -> Duration {
        if self.first > 0 {
            self.first -= 1;
            return Duration::ZERO;
        }
        let due = self.next.max(now.saturating_sub(self.saved));
        self.next = due + self.apart;
        due.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_never_has_more_than_twice_its_turns_and_an_hour_hardly_more_than_its_own() {
        let mut turns = Turns { first: 0, ..Turns::new(9) };
        let mut now = Duration::ZERO;
        let mut taken = Vec::new();
        while now < Duration::from_secs(3600) {
            now += turns.take(now);
            taken.push(now);
        }
        let within = |from: u64, to: u64| taken.iter().filter(|at| (from..to).contains(&at.as_secs())).count();
        assert!(within(0, 60) <= 18, "{}", within(0, 60));
        assert_eq!((1..60).map(|minute| within(minute * 60, minute * 60 + 60)).max(), Some(9));
    }

    #[test]
    fn the_start_has_its_own() {
        let mut turns = Turns::new(9);
        let free = (0..100).take_while(|_| turns.take(Duration::ZERO).is_zero()).count();
        assert_eq!(free, 30 + 1);
    }

    #[test]
    fn what_was_saved_in_a_pause_is_a_minute_at_most() {
        let mut turns = Turns { first: 0, ..Turns::new(6) };
        let now = Duration::from_secs(7200);
        let free = (0..100).take_while(|_| turns.take(now).is_zero()).count();
        assert_eq!(free, 6);
    }
}
