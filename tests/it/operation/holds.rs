//! Holds: what must stay so for a while. They stand still while the cloud does not answer, as deadlines do.

use std::time::Duration;

use super::{at, drained, plan, sight};
use crate::support::instance::bare;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::fleet::instance::Status;
use stackdeck::operation::record::Pause;
use stackdeck::operation::slot::{Membership, Slot};
use stackdeck::operation::{
    Actor, Change, Event, Gate, Limits, Next, Operation, OperationId, Outcome, Plan, Record, Share, Sight, State, Step,
    Target, next,
};

/// One step from its end on, as the journal tells of it.
struct Held(Vec<Record>);

impl Held {
    fn new(step: Step, events: Vec<Event>) -> Self {
        let plan = Box::new(Plan { steps: vec![step], ..plan(0) });
        let mut held = Self(Vec::new());
        [Event::Approved { plan }, Event::Claimed { pid: 1 }].into_iter().chain(events).for_each(|event| {
            held.record(0, event);
        });
        held
    }

    /// Its end was seen at the very beginning.
    fn reached(step: Step, seen: &Sight) -> Self {
        let state = seen.state.clone().unwrap();
        Self::new(
            step,
            vec![Event::Reached { step: 0, state, share: None, made: None, address: None, request_id: None }],
        )
    }

    fn record(&mut self, second: u64, event: Event) {
        self.0.push(Record {
            sequence: self.0.len() as u64 + 1,
            operation: OperationId::new(at("14:00:00"), 7),
            at: at("14:00:00") + Duration::from_secs(second),
            by: Actor::default(),
            event,
        });
    }

    /// What a look leads to in that second, as a worker goes on that knows the journal alone.
    fn look(&mut self, second: u64, seen: Result<&Sight, &Failure>) -> Next {
        loop {
            let operation = Operation::fold(&self.0).unwrap();
            match next(&operation, Some(seen), at("14:00:00") + Duration::from_secs(second)) {
                Next::Append(waiting @ Event::Waiting { .. }) => self.record(second, waiting),
                other => return other,
            }
        }
    }

    fn waits(&mut self, second: u64, seen: Result<&Sight, &Failure>) {
        let next = self.look(second, seen);
        assert!(matches!(next, Next::Wait(_)), "in second {second}: {next:?}");
    }

    fn passes(&mut self, second: u64, seen: &Sight) {
        let next = self.look(second, Ok(seen));
        assert!(matches!(next, Next::Append(Event::Passed { .. })), "in second {second}: {next:?}");
    }
}

fn silent() -> Failure {
    Failure::new(FailureKind::Retry, "nova has not answered for 20 s")
}

/// Off, and out of rotation.
fn off() -> Sight {
    let state = State { status: Status::Shutoff, ..State::of(&bare("id", "web-1", "p-1")) };
    Sight { state: Some(state), ..sight(0, true) }
}

/// What switches an instance off that is to be removed.
fn switched_off() -> Step {
    let share = Share { weight: 0, admin_up: true };
    let own = Membership { pool: "pool".into(), member: "own".into(), share, away: share, back: share };
    let target = Target { id: "id".into(), name: "web-1".into(), service: "web".into() };
    let before = State::of(&bare("id", "web-1", "p-1"));
    let slot = Slot { number: 0, target, before, past_lock: false, memberships: vec![own], ports: Vec::new() };
    slot.removed(&[]).remove(0)
}

/// A step with each gate that takes time, a look that agrees with it, one that does not, and how many seconds it wants.
fn gates() -> [(Step, Sight, Sight, u64); 4] {
    let [drain, restart, back] = <[Step; 3]>::try_from(drained().steps).unwrap();
    let limits = Limits::default();
    let gates = [
        (drain, sight(0, true), sight(3, true), Gate::Drained, limits.drain),
        (restart, sight(3, true), sight(0, true), Gate::Answering, limits.answering),
        (back, sight(3, true), sight(0, true), Gate::Well, limits.min_ready),
        (switched_off(), off(), sight(0, true), Gate::Kept, limits.keep),
    ];
    gates.map(|(step, agrees, differs, gate, hold)| {
        assert_eq!(step.gate, gate);
        (step, agrees, differs, hold.as_secs())
    })
}

/// Ten seconds are seen, then nothing for half a minute, and then the rest of the hold.
#[test]
fn a_hold_stands_still_while_the_cloud_does_not_answer_and_keeps_what_it_had() {
    for (step, agrees, _, hold) in gates() {
        let mut held = Held::reached(step, &agrees);
        held.waits(0, Ok(&agrees));
        held.waits(10, Err(&silent()));
        held.waits(12, Err(&silent()));
        held.waits(40, Ok(&agrees));
        held.waits(30 + hold - 1, Ok(&agrees));
        held.passes(30 + hold, &agrees);
    }
}

#[test]
fn a_hold_is_kept_over_any_number_of_silences() {
    for (step, agrees, _, hold) in gates() {
        let mut held = Held::reached(step, &agrees);
        // Of four seconds two are seen.
        for second in (0..2 * hold).step_by(4) {
            held.waits(second, Ok(&agrees));
            held.waits(second + 2, Err(&silent()));
        }
        held.passes(2 * hold, &agrees);
    }
}

#[test]
fn a_hold_begins_anew_where_the_first_look_after_a_silence_says_otherwise() {
    for (step, agrees, differs, hold) in gates() {
        let mut held = Held::reached(step, &agrees);
        held.waits(0, Ok(&agrees));
        held.waits(10, Err(&silent()));
        held.waits(20, Ok(&differs));
        // Nor is what differed before a silence held against it, or for it.
        held.waits(22, Err(&silent()));
        held.waits(24, Ok(&agrees));
        held.waits(24 + hold - 1, Ok(&agrees));
        held.passes(24 + hold, &agrees);
    }
}

#[test]
fn a_hold_begins_anew_with_a_new_worker_and_behind_a_pause() {
    let paused = || Event::Paused { pause: Pause::Unreachable, why: "nova does not answer".into() };
    for interruption in [vec![Event::Claimed { pid: 2 }], vec![paused(), Event::Resumed]] {
        for (step, agrees, _, hold) in gates() {
            let mut held = Held::reached(step, &agrees);
            held.waits(0, Ok(&agrees));
            held.waits(10, Err(&silent()));
            interruption.iter().for_each(|event| held.record(20, event.clone()));
            held.waits(20, Ok(&agrees));
            held.waits(20 + hold - 1, Ok(&agrees));
            held.passes(20 + hold, &agrees);
        }
    }
}

/// It is no gate, and stands still all the same: what is seen of ERROR is counted, and nothing else.
#[test]
fn how_long_error_is_shown_stands_still_too() {
    let step = drained().steps.remove(1);
    let well = sight(0, true);
    let state = State { status: Status::Error, ..State::of(&bare("id", "web-1", "p-1")) };
    let error = Sight { state: Some(state), ..well.clone() };
    let mut held = Held::new(step, Vec::new());
    let Next::Call(announced) = held.look(0, Ok(&well)) else { panic!("it is not called") };
    assert!(matches!(announced.change, Change::Reboot { .. }));
    held.record(0, Event::Announced(announced));
    let outcome = Outcome::Accepted { status: 202, request_id: None, took: Duration::ZERO, made: None };
    held.record(0, Event::Answered { step: 0, outcome });
    held.waits(0, Ok(&error));
    held.waits(10, Err(&silent()));
    held.waits(100, Ok(&error));
    let limit = Limits::default().error.as_secs();
    held.waits(90 + limit - 1, Ok(&error));
    let next = held.look(90 + limit, Ok(&error));
    assert!(matches!(&next, Next::Append(Event::Failed { why, .. }) if why == "web-1 is ERROR"), "{next:?}");
}
