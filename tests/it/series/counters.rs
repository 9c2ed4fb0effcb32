//! From counters to rates.

use proptest::prelude::*;
use stackdeck::series::Counter;
use stackdeck::series::counter::Wrap;

use super::{at, cases, is_near};

fn rates(wrap: Wrap, looks: &[(i64, f64)]) -> Vec<Option<f64>> {
    let mut counter = Counter::new(wrap);
    looks.iter().map(|(second, value)| counter.rate(at(*second), *value)).collect()
}

#[test]
fn the_first_look_tells_no_rate() {
    assert_eq!(rates(Wrap::Never, &[(0, 100.0), (10, 150.0), (20, 150.0)]), [None, Some(5.0), Some(0.0)]);
}

#[test]
fn after_a_reset_it_counted_from_zero() {
    assert_eq!(rates(Wrap::Never, &[(0, 1000.0), (10, 30.0), (20, 60.0)]), [None, Some(3.0), Some(3.0)]);
}

#[test]
fn a_wrap_loses_nothing_and_is_no_reset() {
    let end = 4_294_967_296.0;
    assert_eq!(rates(Wrap::At32, &[(0, end - 100.0), (10, 100.0)]), [None, Some(20.0)]);
    assert_eq!(rates(Wrap::Never, &[(0, end - 100.0), (10, 100.0)]), [None, Some(10.0)]);
    assert_eq!(rates(Wrap::At32, &[(0, 5000.0), (10, 100.0)]), [None, Some(10.0)], "far from the end it is a reset");
}

#[test]
fn odd_looks_tell_nothing_and_spoil_nothing() {
    let looks = [(0, 0.0), (10, 10.0), (10, 10.0), (5, 5.0), (20, f64::NAN), (20, -1.0), (20, 20.0)];
    assert_eq!(rates(Wrap::Never, &looks), [None, Some(1.0), None, None, None, None, Some(1.0)]);
    // A gap that is too long to be one point; then it goes on.
    assert_eq!(rates(Wrap::Never, &[(0, 0.0), (901, 901.0), (911, 911.0)]), [None, None, Some(1.0)]);
    // A clock that was put back by an hour.
    let back = [(7200, 10.0), (3600, 20.0), (3610, 30.0)];
    assert_eq!(rates(Wrap::Never, &back), [None, None, Some(1.0)]);
}

proptest! {
    #![proptest_config(cases(64))]

    /// What grows is grown back: rates times their time add up to the whole, whatever the steps.
    #[test]
    fn nothing_is_lost_without_a_reset(steps in prop::collection::vec((1..60_i64, 0.0..1e6_f64), 1..50)) {
        let mut counter = Counter::default();
        let (mut second, mut value, mut sum) = (0, 0.0, 0.0);
        counter.rate(at(0), 0.0);
        for (seconds, growth) in steps {
            second += seconds;
            value += growth;
            sum += counter.rate(at(second), value).unwrap() * seconds as f64;
        }
        prop_assert!(is_near(sum, value, 1e-9) || value == 0.0);
    }

    /// A rate is never negative and never more than what was counted could be.
    #[test]
    fn a_rate_is_within_reason(looks in prop::collection::vec((0..10_000_i64, 0.0..1e9_f64), 1..50)) {
        for wrap in [Wrap::Never, Wrap::At32] {
            prop_assert!(rates(wrap, &looks).into_iter().flatten().all(|rate| (0.0..=4.3e9).contains(&rate)));
        }
    }
}
