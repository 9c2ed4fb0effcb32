//! Keys that no finger can have pressed one by one: a paste that the terminal did not bracket.
//!
//! Two rules. Keys that came in one read are judged together, so that a paste is marked from its first key on; a read
//! of several keys is held for up to [`WINDOW`] to see whether more follow. A key that came alone is never held, since
//! that is how fingers type; if more than [`MANY`] such keys come within the window, those beyond are marked. What is
//! marked stays marked until a window has passed in silence.

use std::time::{Duration, Instant};

/// Keys within this time are judged together.
pub(super) const WINDOW: Duration = Duration::from_millis(20);

/// More keys than this within the window are a burst.
const MANY: usize = 8;

/// Judges reads by their time and number of keys.
#[derive(Default)]
pub(super) struct Bursts {
    recent: Vec<Instant>,
    marked: bool,
}

/// What to do with the keys of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Hand them on; part of a burst or not.
    Pass {
        /// Part of a burst.
        burst: bool,
    },
    /// Too many for fingers and too few for a paste: wait for what follows.
    Hold,
}

impl Bursts {
    /// Judges so many keys that came in one read at `now`, together with `held` ones of reads before.
    pub(super) fn judge(&mut self, keys: usize, held: usize, now: Instant) -> Verdict {
        if self.recent.last().is_some_and(|last| now.duration_since(*last) >= WINDOW) {
            self.marked = false;
        }
        self.recent.retain(|at| now.duration_since(*at) < WINDOW);
        // No need to remember more than decides.
        self.recent.extend(std::iter::repeat_n(now, keys.min(MANY + 1)));
        self.recent.drain(..self.recent.len().saturating_sub(MANY + 1));
        self.marked |= self.recent.len() > MANY;
        match (self.marked, keys + held) {
            (true, _) => Verdict::Pass { burst: true },
            (false, 0 | 1) => Verdict::Pass { burst: false },
            (false, _) => Verdict::Hold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_in_one_read_is_marked_whole() {
        assert_eq!(Bursts::default().judge(9, 0, Instant::now()), Verdict::Pass { burst: true });
    }

    #[test]
    fn a_paste_in_two_reads_is_held_and_then_marked_whole() {
        let (mut bursts, start) = (Bursts::default(), Instant::now());
        assert_eq!(bursts.judge(5, 0, start), Verdict::Hold);
        assert_eq!(bursts.judge(5, 5, start + WINDOW / 2), Verdict::Pass { burst: true });
        assert_eq!(bursts.judge(1, 0, start + WINDOW), Verdict::Pass { burst: true }, "the paste's last key");
        assert_eq!(bursts.judge(1, 0, start + 3 * WINDOW), Verdict::Pass { burst: false }, "a finger again");
    }

    #[test]
    fn a_finger_is_never_held() {
        let (mut bursts, start) = (Bursts::default(), Instant::now());
        for press in 0..50 {
            assert_eq!(bursts.judge(1, 0, start + press * WINDOW), Verdict::Pass { burst: false });
        }
    }

    #[test]
    fn keys_that_come_one_by_one_too_fast_are_marked() {
        let (mut bursts, start) = (Bursts::default(), Instant::now());
        let verdicts: Vec<_> = (0..10).map(|ms| bursts.judge(1, 0, start + Duration::from_millis(ms))).collect();
        assert_eq!(verdicts[7], Verdict::Pass { burst: false });
        assert_eq!(verdicts[8], Verdict::Pass { burst: true });
    }
}
