//! Rates from sums that only grow. Pure.
//!
//! A sum that fell began anew: what was counted meanwhile is not known, so there is a gap, and never a rate that nobody
//! measured. A sum that stands still may not have been brought up to date: an amphora tells its sums every ten seconds,
//! and who looks every ten seconds sees none and then two at once. So a rate is over the time since the last change,
//! and a zero is only said once the sums have stood still for longer than that.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};

/// Sums that are read together, and when they last changed.
#[derive(Clone, Debug)]
pub(super) struct Sums<const N: usize> {
    last: Option<(Timestamp, [f64; N])>,
    hold: Duration,
}

impl<const N: usize> Sums<N> {
    /// Sums that stand still for so long are believed.
    pub(super) fn new(hold: Duration) -> Self {
        Self { last: None, hold }
    }

    /// What is learnt next is the first again.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// Takes the sums of a time; tells what each grew by in a second, where that is known.
    pub(super) fn learn(&mut self, at: Timestamp, sums: [f64; N]) -> Option<[f64; N]> {
        let Some((before, old)) = self.last else {
            self.last = Some((at, sums));
            return None;
        };
        let elapsed = since(before, at);
        if elapsed.is_zero() || (old == sums && elapsed < self.hold) {
            return None;
        }
        self.last = Some((at, sums));
        let began_anew = sums.iter().zip(&old).any(|(new, old)| new < old);
        let mut grown = sums;
        grown.iter_mut().zip(&old).for_each(|(new, old)| *new = (*new - old) / elapsed.as_secs_f64());
        (!began_anew).then_some(grown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn sums() -> Sums<2> {
        Sums::new(Duration::from_secs(25))
    }

    #[test]
    fn the_first_look_tells_no_rate_and_the_second_does() {
        let mut sums = sums();
        assert_eq!(sums.learn(at(0), [1e9, 5.0]), None);
        assert_eq!(sums.learn(at(10), [1e9 + 50.0, 5.0]), Some([5.0, 0.0]));
    }

    #[test]
    fn a_sum_that_fell_is_a_gap_and_counting_goes_on_from_there() {
        let mut sums = sums();
        sums.learn(at(0), [100.0, 100.0]);
        assert_eq!(sums.learn(at(10), [200.0, 3.0]), None);
        assert_eq!(sums.learn(at(20), [210.0, 23.0]), Some([1.0, 2.0]));
    }

    #[test]
    fn sums_that_were_not_brought_up_to_date_are_no_zero() {
        let mut sums = sums();
        sums.learn(at(0), [0.0, 0.0]);
        assert_eq!(sums.learn(at(10), [0.0, 0.0]), None);
        assert_eq!(sums.learn(at(20), [200.0, 20.0]), Some([10.0, 1.0]), "over the whole time since the last change");
    }

    #[test]
    fn sums_that_stand_still_for_long_are_a_zero() {
        let mut sums = sums();
        sums.learn(at(0), [7.0, 7.0]);
        assert_eq!(sums.learn(at(20), [7.0, 7.0]), None);
        assert_eq!(sums.learn(at(30), [7.0, 7.0]), Some([0.0, 0.0]));
    }

    #[test]
    fn a_clock_that_stands_still_or_goes_back_divides_by_nothing() {
        let mut sums = sums();
        sums.learn(at(10), [1.0, 1.0]);
        assert_eq!(sums.learn(at(10), [5.0, 5.0]), None);
        assert_eq!(sums.learn(at(5), [9.0, 9.0]), None);
        assert_eq!(sums.learn(at(20), [11.0, 21.0]), Some([1.0, 2.0]));
    }
}
