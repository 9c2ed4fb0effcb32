//! Something happens at a point of a calm day, once at each point: the end is the same, and nothing is done twice.
//! One loop for all verbs; a new verb comes in by its line in [`Verb::ALL`].

use std::time::Duration;

use stackdeck::operation::Verb;
use stackdeck::operation::change::Refusal;
use stackdeck::operation::fold::Stage;
use stackdeck::operation::record::{Verdict, Wish};
use stackdeck::sim::moment::Moment;

use super::course::{Ended, live, live_until};
use super::day::Day;
use super::fate::{Fate, Trial};
use super::scene::Strike;

const TARGETS: usize = 2;
/// So many points of a day that goes wrong.
const FIRST: u32 = 24;
/// Less than an approval holds.
const JUMP: i64 = 50 * 60_000;

/// A day of each verb, and of each way to do it.
fn days() -> impl Iterator<Item = Day> {
    let replaces = Day { replaces: true, ..Day::brisk(Verb::RollOut, TARGETS) };
    Verb::ALL.into_iter().map(|verb| Day::brisk(verb, TARGETS)).chain([replaces])
}

/// Lives the day once for each of its points, with that strike there.
fn each_point(day: &Day, strike: Strike, so: impl Fn(u32, &Ended)) {
    let undisturbed = live(day);
    undisturbed.assert(day.seed);
    // A day that goes wrong is long, and its first points are those at which something is decided.
    let last = if day.trial.is_some() { undisturbed.passed().min(FIRST) } else { undisturbed.passed() };
    for point in 1..=last {
        let ended = live_until(day, Some((point, strike)));
        let (at, broken) = (format!("{} at {point}: {strike:?}", day.verb), ended.scene.borrow().broken.clone());
        assert!(broken.is_empty(), "{at}\n{}", ended.story());
        so(point, &ended);
    }
}

fn comes_to_the_same(strike: Strike) {
    for day in days() {
        let verb = day.verb;
        each_point(&day, strike, |point, ended| {
            let at = format!("{verb} at {point}: {strike:?}\n{}", ended.story());
            assert_eq!(ended.operation().stage, Stage::Finished(Verdict::Done), "{at}");
            assert_eq!(ended.executed(), ended.steps(), "{at}");
        });
    }
}

#[test]
fn a_worker_that_dies_at_any_point_is_taken_up_to_the_same_end() {
    comes_to_the_same(Strike::Dies);
}

#[test]
fn a_disk_that_is_full_from_any_point_on_stops_it_until_there_is_room() {
    comes_to_the_same(Strike::Fills);
}

#[test]
fn a_second_worker_at_any_point_changes_nothing() {
    for day in days() {
        let verb = day.verb;
        each_point(&day, Strike::Nags, |point, ended| {
            assert_eq!(ended.operation().stage, Stage::Finished(Verdict::Done));
            assert_eq!((ended.executed(), ended.operation().claims), (ended.steps(), 1), "{verb} at {point}");
        });
    }
}

#[test]
fn a_worker_whose_lock_file_is_removed_at_any_point_gives_way_to_the_next() {
    comes_to_the_same(Strike::Steals);
}

#[test]
fn who_asks_to_go_on_at_any_point_of_what_goes_on_changes_nothing() {
    comes_to_the_same(Strike::Asks(Wish::Resume));
}

#[test]
fn an_abort_at_any_point_ends_it_at_rest_and_the_later_the_more_is_done() {
    for day in days() {
        let (verb, done) = (day.verb, std::cell::Cell::new(0));
        each_point(&day, Strike::Asks(Wish::Abort), |point, ended| {
            let at = || format!("{verb} at {point}\n{}", ended.story());
            let aborted = ended.operation().stage == Stage::Finished(Verdict::Aborted);
            assert!(aborted || ended.executed() == ended.steps(), "{}", at());
            let announced = ended.operation().steps.iter().filter(|step| step.announced.is_some()).count();
            assert_eq!(announced, ended.executed(), "what was announced was seen to its end: {}", at());
            // What is undone counts for nothing.
            assert!(ended.executed_forth() >= done.replace(ended.executed_forth()), "{}", at());
        });
        let all = live(&day).steps();
        assert_eq!(done.get(), all, "{verb}: an abort at the last point comes too late");
    }
}

fn now(ended: &Ended) -> Moment {
    ended.scene.borrow().world.now()
}

#[test]
fn a_clock_that_is_set_at_any_point_moves_no_deadline() {
    for day in days() {
        let verb = day.verb;
        let calm = now(&live(&day));
        for by in [-JUMP, JUMP] {
            each_point(&day, Strike::Jumps(by), |point, ended| {
                let at = || format!("{verb} at {point}, by {by}\n{}", ended.story());
                assert_eq!(ended.operation().stage, Stage::Finished(Verdict::Done), "{}", at());
                assert_eq!((ended.executed(), ended.operation().claims), (ended.steps(), 1), "{}", at());
                let later = now(ended).since(calm).max(calm.since(now(ended)));
                assert!(later <= Duration::from_secs(2), "it ended {later:?} off: {}", at());
            });
        }
    }
}

#[test]
fn a_worker_that_begins_by_a_clock_that_was_set_comes_to_the_same_end() {
    comes_to_the_same(Strike::JumpsAndDies(-JUMP));
    comes_to_the_same(Strike::JumpsAndDies(JUMP));
}

/// Deadlines that count from a time in the future never come, or at once; so it is tried where one is running.
#[test]
fn a_clock_that_is_set_while_another_is_waited_for_moves_no_deadline() {
    for calm in days() {
        let verb = calm.verb;
        for fate in [Fate::Refused(Refusal::Busy), Fate::Unsent, Fate::CallLost] {
            let day = Day { trial: Some(Trial { step: 0, fate, always: false }), ..calm.clone() };
            for by in [-JUMP, JUMP] {
                for strike in [Strike::Jumps(by), Strike::JumpsAndDies(by)] {
                    each_point(&day, strike, |point, ended| {
                        let at = format!("{verb} meets {fate:?}, at {point}: {strike:?}\n{}", ended.story());
                        assert_eq!(ended.operation().stage, Stage::Finished(Verdict::Done), "{at}");
                        assert_eq!(ended.executed(), ended.steps(), "{at}");
                    });
                }
            }
        }
    }
}
