//! How long a plan takes, by what those like it took.

use std::time::Duration;

use super::{at, plan as bare_plan};
use stackdeck::operation::change::Outcome;
use stackdeck::operation::estimate::{Estimate, estimate};
use stackdeck::operation::record::{Announcement, Newest, Pause, Verdict, Wish};
use stackdeck::operation::{Actor, Event, Limits, Operation, OperationId, Plan, Record};

/// One that worked so many seconds at each of its targets, and ended so.
fn took(plan: &Plan, seconds: u64, verdict: Verdict) -> Operation {
    let begun = at("14:00:00");
    let id = OperationId::new(begun, 9);
    let mut told = vec![(0, Event::Approved { plan: Box::new(plan.clone()) }), (0, Event::Claimed { pid: 1 })];
    let mut clock = 0;
    for (step, planned) in plan.steps.iter().enumerate() {
        let announcement = Announcement {
            step,
            attempt: 1,
            change: planned.change.clone(),
            state: planned.before.clone(),
            newest: Newest::Nothing,
            failing: Vec::new(),
        };
        let outcome = Outcome::Accepted { status: 202, request_id: None, took: Duration::ZERO, made: None };
        let reached = Event::Reached {
            step,
            state: planned.before.clone(),
            share: None,
            made: None,
            address: None,
            request_id: None,
        };
        told.push((clock, Event::Announced(announcement)));
        told.push((clock, Event::Answered { step, outcome }));
        clock += seconds;
        told.push((clock, reached));
        told.push((clock, Event::Passed { step, evidence: String::new(), version: None }));
        // Somebody looks at it for an hour.
        told.push((clock, Event::Paused { pause: Pause::Checkpoint, why: String::new() }));
        clock += 3_600;
        told.extend([(clock, Event::Asked { wish: Wish::Resume }), (clock, Event::Resumed)]);
    }
    told.push((clock, Event::Finished { verdict }));
    let record = |(number, (seconds, event)): (usize, (u64, Event))| Record {
        sequence: number as u64 + 1,
        operation: id.clone(),
        at: begun + Duration::from_secs(seconds),
        by: Actor::default(),
        event,
    };
    Operation::fold(&told.into_iter().enumerate().map(record).collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_plan_takes_what_the_last_like_it_took_for_each_and_nobodys_pause_counts() {
    let two = bare_plan(2);
    let usual = Estimate { length: two.usual_length(), like: 0 };
    assert_eq!(estimate(&two, &[]), usual);
    let known = [took(&bare_plan(3), 90, Verdict::Done), took(&bare_plan(1), 10, Verdict::Done)];
    assert_eq!(estimate(&two, &known[..1]), Estimate { length: Duration::from_secs(180), like: 1 });
    assert_eq!(estimate(&two, &known), Estimate { length: Duration::from_secs(180), like: 2 }, "the longer of two");
    let slow = took(&bare_plan(1), 9_000, Verdict::Done);
    let three = [&known[0], &slow, &known[1]];
    assert_eq!(estimate(&two, three), Estimate { length: Duration::from_secs(180), like: 3 }, "the median");
    let six = std::iter::repeat_n(&known[1], 5).chain([&slow]);
    assert_eq!(estimate(&two, six), Estimate { length: Duration::from_secs(20), like: 5 }, "no more than the newest");
}

#[test]
fn what_failed_or_was_another_way_or_elsewhere_tells_nothing() {
    let plan = bare_plan(2);
    let mut others = vec![took(&plan, 90, Verdict::Failed), took(&plan, 90, Verdict::Aborted)];
    let elsewhere = Plan { project: "p-2".into(), ..bare_plan(2) };
    let slower = Plan { limits: Limits { drain: Duration::from_secs(999), ..plan.limits }, ..bare_plan(2) };
    let mut of_another = bare_plan(2);
    of_another.steps.iter_mut().for_each(|step| step.target.service = "auth".to_owned());
    let mut at_once = bare_plan(2);
    at_once.intent.undrained = true;
    others.extend([elsewhere, slower, of_another, at_once].map(|other| took(&other, 90, Verdict::Done)));
    assert_eq!(estimate(&plan, &others).like, 0);
}
