//! Operations as a journal tells of them.

use std::time::Duration;

use stackdeck::base::clock::Timestamp;
use stackdeck::console::app::followed::Followed;
use stackdeck::operation::change::Refusal;
use stackdeck::operation::record::{Announcement, Newest, Pause, Verdict, Wait, Wish};
use stackdeck::operation::{Actor, Event, Operation, OperationId, Outcome, Plan, Record};

/// Who has approved all of them.
pub fn anna() -> Actor {
    Actor {
        user: "anna".into(),
        host: "jump-1".into(),
        cloud_user: Some("anna".into()),
        origin: Some("203.0.113.7".into()),
        ticket: Some("CHG-1042".into()),
        program: "stackdeck 0.1.0".into(),
    }
}

/// An operation that was approved then, and what happened so many seconds later.
pub fn followed(plan: &Plan, approved: Timestamp, later: Vec<(u64, Event)>, driven: bool) -> Followed {
    let operation = OperationId::new(approved, 0x5eed);
    let first = (0, Event::Approved { plan: Box::new(plan.clone()) });
    let record = |(number, (seconds, event)): (usize, (u64, Event))| Record {
        sequence: number as u64 + 1,
        operation: operation.clone(),
        at: approved + Duration::from_secs(seconds),
        by: anna(),
        event,
    };
    let records: Vec<Record> = [first].into_iter().chain(later).enumerate().map(record).collect();
    let driver = driven.then(|| "process 4242 on jump-1 (stackdeck 0.1.0)".to_owned());
    let operation = Operation::fold(&records).unwrap();
    let head = operation.is_over().then(|| format!("{}:{}", records.len(), "5eed".repeat(16)));
    Followed { operation, records, driver, head }
}

fn announced(plan: &Plan, step: usize) -> Event {
    Event::Announced(Announcement {
        step,
        attempt: 1,
        change: plan.steps[step].change.clone(),
        state: plan.steps[step].before.clone(),
        newest: Newest::Nothing,
        failing: Vec::new(),
    })
}

fn accepted(step: usize) -> Event {
    let request_id = Some(format!("req-8c1f04aa-7d0c-4b8e-9c2a-0b6d5f7c1e2{step}").into());
    Event::Answered {
        step,
        outcome: Outcome::Accepted { status: 202, request_id, took: Duration::from_millis(312), made: None },
    }
}

/// A step from its call to its end.
fn whole(plan: &Plan, step: usize, from: u64) -> Vec<(u64, Event)> {
    let name = &plan.steps[step].target.name;
    vec![
        (from, announced(plan, step)),
        (from + 1, accepted(step)),
        (from + 2, Event::Waiting { step, wait: Wait::Settling, why: format!("{name} is REBOOT (rebooting)") }),
        (
            from + 14,
            Event::Reached {
                step,
                state: plan.steps[step].before.clone(),
                share: None,
                made: None,
                address: None,
                request_id: None,
            },
        ),
        (from + 15, Event::Waiting { step, wait: Wait::Holding, why: "6 of 6 pool members take requests".into() }),
        (from + 45, Event::Passed { step, evidence: "6 of 6 pool members take requests".into(), version: None }),
    ]
}

fn story(plan: &Plan, rest: Vec<(u64, Event)>) -> Vec<(u64, Event)> {
    let mut events = vec![(1, Event::Claimed { pid: 4242 })];
    events.extend(whole(plan, 0, 2));
    events.extend(rest);
    events
}

/// Each kind of operation, of a plan of two steps, approved then.
pub fn every_state(plan: &Plan, approved: Timestamp) -> Vec<(&'static str, Followed)> {
    let under_way = || whole(plan, 1, 48)[..5].to_vec();
    let refused = |step: usize| {
        let message = format!("{} is locked", plan.steps[step].target.name);
        let mut failure =
            stackdeck::base::failure::Failure::new(stackdeck::base::failure::FailureKind::Conflict, message);
        failure.request_id = Some("req-11112222-3333-4444-5555-666677778888".into());
        Event::Answered { step, outcome: Outcome::Refused { why: Refusal::Locked, failure } }
    };
    let failing = vec![
        (48, announced(plan, 1)),
        (49, refused(1)),
        (50, Event::Failed { step: 1, why: "payments-02 is locked: maintenance".into() }),
        (50, Event::Finished { verdict: Verdict::Failed }),
    ];
    let mut done = whole(plan, 1, 48);
    done.push((93, Event::Finished { verdict: Verdict::Done }));
    let mut aborting = under_way();
    aborting.push((64, Event::Asked { wish: Wish::Abort }));
    let mut paused = under_way();
    let why = "Keystone refuses the token".to_owned();
    paused.push((70, Event::Paused { pause: Pause::Credentials, why }));
    let aborted = vec![(48, Event::Asked { wish: Wish::Abort }), (49, Event::Finished { verdict: Verdict::Aborted })];
    let of = |name, events, driven| (name, followed(plan, approved, events, driven));
    vec![
        of("approved", Vec::new(), false),
        of("running", story(plan, under_way()), true),
        of("aborting", story(plan, aborting), true),
        of("interrupted", story(plan, under_way()), false),
        of("paused: credentials", story(plan, paused), false),
        of("failed", story(plan, failing), false),
        of("aborted", story(plan, aborted), false),
        of("done", story(plan, done), false),
    ]
}
