//! From when on there is no way back: what was asked for and not executed takes none away.

use super::orphans::{operation, plan as made};
use crate::support::instance::bare;
use crate::support::orphaned::step;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::operation::change::Made;
use stackdeck::operation::record::{Announcement, Newest, Wish};
use stackdeck::operation::slot::Slot;
use stackdeck::operation::{Change, Event, Outcome, Plan, State, Target};

/// One is made and serves; then the other is deleted at once.
fn succeeded() -> Plan {
    let plan = made();
    let old = Slot {
        number: 0,
        target: Target { id: "old".into(), name: "web-1".into(), service: "web".into() },
        before: State::of(&bare("old", "web-1", "p-1")),
        past_lock: false,
        memberships: Vec::new(),
        ports: Vec::new(),
    };
    Plan { steps: old.succeeded(plan.steps.clone(), old.deleted()), ..plan }
}

/// The deletion of the other is announced, and somebody gives it up; what is done next when this was its answer.
fn after(answer: Outcome) -> Option<Change> {
    let plan = succeeded();
    let made = [Some(Made::Port("p1".into())), Some(Made::Server("s1".into())), Some(Made::Member("m1".into())), None];
    let mut events = vec![Event::Claimed { pid: 1 }];
    events.extend(made.into_iter().enumerate().flat_map(|(number, made)| step(&plan, number, made)));
    let delete = plan.steps.iter().rposition(|step| matches!(step.change, Change::DeleteServer { .. })).unwrap();
    let (change, state) = (plan.steps[delete].change.clone(), plan.steps[delete].before.clone());
    assert!(!plan.steps[delete].undoes, "it is the old one's");
    let (newest, failing) = (Newest::Nothing, Vec::new());
    events.push(Event::Announced(Announcement { step: delete, attempt: 1, change, state, newest, failing }));
    let failure = Failure::new(FailureKind::Retry, "The connection broke");
    events.push(Event::Answered { step: delete, outcome: Outcome::Lost { failure } });
    events.push(Event::Asked { wish: Wish::Abort });
    events.push(Event::Answered { step: delete, outcome: answer });
    let operation = operation(plan, events);
    let (number, _) = operation.current()?;
    Some(operation.plan.steps[number].change.clone())
}

#[test]
fn a_deletion_that_was_not_executed_leaves_the_way_back_open() {
    // Out of rotation first, as whatever was made.
    assert!(matches!(after(Outcome::Absent), Some(Change::SetMember { .. })), "{:?}", after(Outcome::Absent));
}

#[test]
fn behind_one_that_was_executed_nothing_is_undone() {
    let found = Outcome::Found { request_id: None, evidence: "it is being deleted".to_owned(), made: None };
    assert!(matches!(after(found.clone()), Some(Change::DeleteServer { .. })), "{:?}", after(found));
}
