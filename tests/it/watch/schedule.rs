//! When the watch asks.

use std::time::Duration;

use stackdeck::base::clock::Timestamp;
use stackdeck::watch::Intervals;
use stackdeck::watch::schedule::Schedule;

const SECOND: Duration = Duration::from_secs(1);

fn second(count: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + count).unwrap()
}

fn schedule() -> Schedule {
    Schedule::new(Intervals::default(), second(0))
}

#[test]
fn every_five_seconds_two_in_transition_fifteen_when_nobody_is_there() {
    let mut schedule = schedule();
    for (busy, there, expected) in [(false, true, 5), (true, true, 2), (true, false, 15), (false, false, 15)] {
        schedule.presence(there);
        schedule.succeeded(second(0), busy);
        assert_eq!(schedule.until_poll(second(0)), SECOND * expected, "busy {busy}, there {there}");
        assert!(schedule.until_poll(second(i64::from(expected))).is_zero());
    }
}

#[test]
fn who_comes_back_sees_fresh_rows_at_once() {
    let mut schedule = schedule();
    schedule.presence(false);
    schedule.succeeded(second(0), false);
    assert_eq!(schedule.until_poll(second(10)), SECOND * 5);
    schedule.presence(true);
    assert!(schedule.until_poll(second(10)).is_zero());
}

#[test]
fn failures_back_off_up_to_the_cap_and_never_below_the_short_interval() {
    let mut schedule = schedule();
    let mut longest = Vec::new();
    for _ in 0..8 {
        schedule.failed(second(0), 1.0);
        longest.push(schedule.until_poll(second(0)).as_secs());
    }
    assert_eq!(longest, [10, 20, 40, 60, 60, 60, 60, 60]);
    schedule.failed(second(0), 0.0);
    assert_eq!(schedule.until_poll(second(0)), SECOND * 2);
    assert!(schedule.backing_off(second(1)) && !schedule.backing_off(second(2)));
    schedule.succeeded(second(2), false);
    assert_eq!(schedule.until_poll(second(2)), SECOND * 5);
}

#[test]
fn a_refresh_is_due_at_once_also_while_backing_off() {
    let mut schedule = schedule();
    schedule.failed(second(0), 1.0);
    schedule.refresh();
    schedule.refresh();
    assert!(schedule.until_poll(second(0)).is_zero() && !schedule.backing_off(second(0)));
    schedule.succeeded(second(0), false);
    assert_eq!(schedule.until_poll(second(0)), SECOND * 5, "several are one");
}

#[test]
fn a_sweep_is_due_every_ten_minutes() {
    let mut schedule = schedule();
    assert!(!schedule.sweep_due(second(599)));
    assert!(schedule.sweep_due(second(600)));
    schedule.swept(second(600));
    assert!(!schedule.sweep_due(second(1199)));
}

#[test]
fn a_refresh_asks_for_a_sweep_but_not_within_thirty_seconds_of_the_last() {
    let mut schedule = schedule();
    schedule.refresh();
    schedule.refresh();
    assert!(!schedule.sweep_due(second(29)));
    assert!(schedule.sweep_due(second(30)));
    schedule.swept(second(40));
    assert!(!schedule.sweep_due(second(80)), "several are one");
    schedule.refresh();
    assert!(schedule.sweep_due(second(80)));
}
