//! Each step meets each fate, once and at every try: where that leads is a table. One loop for all verbs; a new verb
//! comes in by its line in [`Verb::ALL`].

use std::time::Duration;

use stackdeck::operation::change::Refusal;
use stackdeck::operation::fold::{Phase, Progress, Stage};
use stackdeck::operation::record::Verdict;
use stackdeck::operation::{Change, Step, Verb};

use super::course::{Ended, live, live_until};
use super::day::Day;
use super::fate::{Fate, Trial};
use super::scene::Strike;

const TARGETS: usize = 2;

/// A fate, whether it befalls every try, and whether the operation comes to a good end all the same: for calls that have a
/// course in Nova; for locks, which take effect at once and which no pool tells of; and for members of pools.
const TABLE: [(Fate, bool, [bool; 3]); 24] = [
    (Fate::Refused(Refusal::Busy), false, [true, true, true]),
    (Fate::Refused(Refusal::Busy), true, [false, false, false]),
    (Fate::Refused(Refusal::WrongState), false, [false, false, false]),
    (Fate::Refused(Refusal::Locked), false, [false, false, false]),
    (Fate::Refused(Refusal::Gone), false, [false, false, false]),
    (Fate::Refused(Refusal::Forbidden), false, [false, false, false]),
    (Fate::Refused(Refusal::Other), false, [false, false, false]),
    (Fate::Refused(Refusal::Credentials), false, [true, true, true]),
    (Fate::Refused(Refusal::Credentials), true, [false, false, false]),
    (Fate::Unsent, false, [true, true, true]),
    (Fate::Unsent, true, [false, false, false]),
    (Fate::AnswerLost, false, [true, true, true]),
    (Fate::CallLost, false, [true, true, true]),
    (Fate::CallLost, true, [false, false, false]),
    (Fate::Late, false, [true, true, true]),
    (Fate::Doubled, false, [true, true, true]),
    (Fate::Expires, false, [true, true, true]),
    (Fate::Silence(Duration::from_secs(480)), false, [true, true, true]),
    (Fate::Silence(Duration::from_secs(3_600)), false, [true, true, true]),
    (Fate::Dooms, false, [false, true, true]),
    (Fate::NeverEnds, false, [false, true, true]),
    (Fate::Deleted, false, [false, false, false]),
    (Fate::Sickens, false, [false, true, false]),
    (Fate::Undone, false, [false, false, false]),
];

fn of_step(change: &Change, fate: Fate, [course, lock, member]: [bool; 3]) -> bool {
    match change {
        // It has taken effect before the deletion has.
        Change::Unlock { .. } if fate == Fate::Deleted => true,
        Change::Lock { .. } | Change::Unlock { .. } => lock,
        change if is_aside(change) => member,
        _ => course,
    }
}

/// Whether it is no course of an instance: a port, or a place in a pool.
fn is_aside(change: &Change) -> bool {
    change.is_about_seat() || matches!(change, Change::CreatePort(_) | Change::DeletePort { .. })
}

/// What the day of that verb does, step by step.
fn steps(verb: Verb) -> Vec<Step> {
    live(&Day::brisk(verb, TARGETS)).operation().plan.steps.clone()
}

/// Whether a fate is this step's. What never ends in Nova ends a later step; other members' checks are watched where a
/// gate has the time to.
fn concerns(steps: &[Step], step: usize, fate: Fate) -> bool {
    let is_seat = |step: &Step| step.change.is_about_seat();
    let (seat, aside) = (is_seat(&steps[step]), is_aside(&steps[step].change));
    let (removes, port) = (steps[step].change.outlives(), matches!(steps[step].change, Change::CreatePort(_)));
    let later = || steps[step + 1..].iter().any(|step| step.change.history_verb().is_some());
    match fate {
        // It is not its turn on such a day.
        _ if steps[step].undoes => false,
        Fate::NeverEnds => !aside || !later(),
        Fate::Sickens if removes => !seat && !steps.iter().any(|step| step.undoes),
        Fate::Sickens => seat || !steps.iter().any(is_seat),
        // Whom somebody else removes, is gone as was wished; and nobody brings back who is gone.
        Fate::Deleted => !port && !steps.iter().any(|step| step.change.outlives() && !step.undoes),
        Fate::Undone => !removes,
        _ => true,
    }
}

fn trial(verb: Verb, step: usize, fate: Fate, always: bool) -> Day {
    // A pool's monitor takes a while to see that a member is sick.
    let day = if fate == Fate::Sickens { Day::calm } else { Day::brisk };
    let undrained = Day::brisk(verb, TARGETS).undrained;
    Day { trial: Some(Trial { step, fate, always }), undrained, ..day(verb, TARGETS) }
}

/// Whether a second try would not be refused: then a worker that dies before it writes the refusal down comes further.
fn passes(fate: Fate) -> bool {
    matches!(
        fate,
        Fate::Refused(Refusal::WrongState | Refusal::Locked | Refusal::Gone | Refusal::Forbidden | Refusal::Other)
    )
}

/// The end is the good one, or it ends at that step: all before it are done, nothing after it was begun.
fn ends(ended: &Ended, step: usize, well: bool, at: &str) {
    let at = || format!("{at}\n{}", ended.story());
    assert!(ended.scene.borrow().broken.is_empty(), "{}", at());
    let operation = ended.operation();
    if well {
        assert_eq!(operation.stage, Stage::Finished(Verdict::Done), "{}", at());
        assert_eq!(ended.executed(), ended.steps(), "{}", at());
        return;
    }
    assert_eq!(operation.stage, Stage::Finished(Verdict::Failed), "{}", at());
    for (number, progress) in operation.steps.iter().enumerate() {
        let expected = match number.cmp(&step) {
            std::cmp::Ordering::Less => Phase::Passed,
            std::cmp::Ordering::Equal => Phase::Failed,
            std::cmp::Ordering::Greater => Phase::Pending(None),
        };
        // What gives back is done all the same, or there is nothing to give back.
        let own = &operation.plan.steps[number];
        let gives = own.restores && number > step;
        let given = gives && matches!(progress.phase, Phase::Passed | Phase::Skipped) || own.undoes;
        assert!(given || progress.phase == expected, "step {number} is {:?}: {}", progress.phase, at());
    }
    let reason = &operation.steps[step].remark;
    assert!(reason.len() > 10, "the reason is {reason:?}: {}", at());
    let given = operation.plan.steps.iter().filter(|step| step.undoes).count()
        + operation.plan.steps.iter().skip(step + 1).filter(|step| step.restores).count();
    assert!(ended.executed() <= step + 1 + given, "{}", at());
}

#[test]
fn each_step_meets_each_fate_and_ends_as_the_table_says() {
    for verb in Verb::ALL {
        let steps = steps(verb);
        for (fate, always, well) in TABLE {
            for step in (0..steps.len()).filter(|step| concerns(&steps, *step, fate)) {
                let at = format!("{verb}, step {step} meets {fate:?}, always: {always}");
                ends(&live(&trial(verb, step, fate, always)), step, of_step(&steps[step].change, fate, well), &at);
            }
        }
    }
}

#[test]
fn who_is_removed_may_be_deleted_by_somebody_meanwhile() {
    let steps = steps(Verb::Remove);
    for step in (0..steps.len()).filter(|step| !steps[*step].undoes) {
        let ended = live(&trial(Verb::Remove, step, Fate::Deleted, false));
        let at = format!("step {step}\n{}", ended.story());
        assert!(ended.scene.borrow().broken.is_empty(), "{at}");
        assert_eq!(ended.operation().stage, Stage::Finished(Verdict::Done), "{at}");
    }
}

#[test]
fn looks_that_fail_do_not_begin_the_time_anew_for_which_an_instance_is_kept() {
    let ended = live(&Day { blind: 40, ..Day::calm(Verb::Remove, 1) });
    assert!(ended.scene.borrow().broken.is_empty(), "{}", ended.story());
    assert_eq!(ended.operation().stage, Stage::Finished(Verdict::Done), "{}", ended.story());
}

#[test]
fn a_worker_that_dies_at_any_point_after_a_fate_comes_to_the_same_end() {
    const STEP: usize = 1;
    for verb in Verb::ALL {
        let steps = steps(verb);
        for (fate, always, well) in TABLE {
            // What befalls every try is met again by the next worker, and an unlock races the deletion; these are above.
            let apart = matches!(fate, Fate::Silence(_) | Fate::NeverEnds | Fate::Undone | Fate::Deleted);
            if always || apart || !concerns(&steps, STEP, fate) {
                continue;
            }
            let day = trial(verb, STEP, fate, passes(fate));
            let points = live(&day).passed();
            // Every seventh point: what lies between is met in the days of chance.
            for point in (1..=points).step_by(7) {
                let at = format!("{verb}, step {STEP} meets {fate:?}, and the worker dies at {point}");
                ends(
                    &live_until(&day, Some((point, Strike::Dies))),
                    STEP,
                    of_step(&steps[STEP].change, fate, well),
                    &at,
                );
            }
        }
    }
}

#[test]
fn an_instance_that_shows_error_for_a_moment_is_waited_for_however_late_the_moment() {
    for verb in [Verb::ALL[0], Verb::ALL[1], Verb::Stop, Verb::Start] {
        for (seconds, well) in [(20, true), (50, false)] {
            let flickers = Fate::Flickers(Duration::from_secs(seconds));
            let at = format!("{verb} shows ERROR for {seconds} s, a minute after the call");
            ends(&live(&Day { undrained: true, ..trial(verb, 1, flickers, false) }), 1, well, &at);
        }
    }
}

#[test]
fn what_was_undone_at_the_gate_is_seen_without_a_pool_too() {
    for verb in Verb::ALL {
        let day = Day { no_pools: true, ..trial(verb, 0, Fate::Undone, false) };
        ends(&live(&day), 0, false, &format!("{verb} without a pool"));
    }
}

#[test]
fn the_same_plan_again_repeats_only_what_is_meant_to_be_repeated() {
    for verb in Verb::ALL {
        let ended = live(&Day { again: true, ..Day::brisk(verb, TARGETS) });
        assert!(ended.scene.borrow().broken.is_empty(), "{}", ended.story());
        let [first, second] = &ended.operations[..] else { panic!("{}", ended.story()) };
        // Whoever is gone is not replaced once more.
        let end = if verb == Verb::Replace { Verdict::Failed } else { Verdict::Done };
        let ends = [first, second].map(|one| one.stage);
        assert_eq!(ends, [Verdict::Done, end].map(Stage::Finished), "{}", ended.story());
        let again = second.steps.iter().filter(|step| step.announced.is_some()).count();
        let all = ended.steps();
        // What is made again is another one.
        let expected = if matches!(verb, Verb::Restart(_) | Verb::Rebuild | Verb::Scale) { all } else { 0 };
        assert_eq!((again, ended.executed()), (expected, all + expected), "{}", ended.story());
        let skipped = second.steps.iter().filter(|step| step.phase == Phase::Skipped).count();
        let left = if end == Verdict::Failed { 0 } else { all - expected };
        assert_eq!(skipped, left, "{}", ended.story());
    }
}

#[test]
fn who_errs_is_taken_away_again_and_who_does_not_takes_all_places() {
    for (errs, verdict, made) in [(true, Verdict::Failed, 1), (false, Verdict::Done, TARGETS)] {
        let day = Day { replaces: true, errs: Some(errs), ..Day::brisk(Verb::RollOut, TARGETS) };
        let ended = live(&day);
        let operation = ended.operation();
        assert_eq!(operation.stage, Stage::Finished(verdict), "{errs}");
        let done = |(step, progress): (&Step, &Progress)| {
            matches!(step.change, Change::CreateServer(_)) && progress.phase == Phase::Passed
        };
        assert_eq!(operation.plan.steps.iter().zip(&operation.steps).filter(|both| done(*both)).count(), made);
        let told = operation.steps.iter().any(|step| step.remark.contains("does worse than the others: of "));
        assert_eq!(told, errs);
    }
}
