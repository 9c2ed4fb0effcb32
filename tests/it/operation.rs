//! Plans: what they tell of themselves. What they decide is proved by `app`, `cli` and `simulation`.

mod estimate;
mod holds;
mod orphans;
mod rollback;
mod undoing;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::instance::bare;
use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::instance::Status;
use stackdeck::fleet::sources::Place;
use stackdeck::operation::change::Rebuild;
use stackdeck::operation::record::{Pause, Verdict, Wish};
use stackdeck::operation::sight::Seat;
use stackdeck::operation::slot::{Membership, Slot};
use stackdeck::operation::{
    Actor, Aim, Change, Credentials, Event, Gate, Intent, Limits, Next, Operation, OperationId, Outcome, Plan,
    ProjectName, Reboot, Record, Share, Sight, State, Step, Target, Verb, next,
};

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

/// A plan that stops so many instances; each usually takes twenty seconds.
pub(crate) fn plan(targets: usize) -> Plan {
    let step = |number: usize| Step {
        target: Target {
            id: format!("id-{number}").as_str().into(),
            name: format!("web-{number}"),
            service: "web".into(),
        },
        change: Change::Stop { server: format!("id-{number}").as_str().into() },
        slot: number,
        before: State::of(&bare("id", "web", "p-1")),
        share: None,
        gate: Gate::Well,
        restores: false,
        undoes: false,
        promise: None,
        instead_of: None,
        version: None,
        compared: false,
        orphan: None,
        past_lock: false,
        pools: Vec::new(),
        own: Vec::new(),
    };
    Plan {
        schema: Plan::SCHEMA,
        place: Place { cloud: "prod".into(), region: "here".into() },
        project: "p-1".into(),
        project_name: None,
        intent: Intent::new(Verb::Stop, Aim::Instances(Vec::new())),
        title: "Stop them".to_owned(),
        limits: Limits::default(),
        checkpoint: false,
        lifted: Vec::new(),
        waived: Vec::new(),
        former: None,
        approval: None,
        saved: None,
        steps: (0..targets).map(step).collect(),
    }
}

#[test]
fn a_tokens_life_is_held_against_the_plans_length() {
    let ends = Credentials::Token(Some(at("14:01:00")));
    for (targets, now, left, short) in [
        (3, "14:00:00", 60, false),
        (3, "14:00:01", 59, true),
        (4, "14:00:00", 60, true),
        (1, "14:00:39", 21, false),
        (1, "14:02:00", 0, true),
    ] {
        let life = plan(targets).token_life(&ends, at(now)).unwrap();
        assert_eq!(life.wanted, Duration::from_secs(20) * u32::try_from(targets).unwrap());
        assert_eq!((life.left, life.is_short()), (Duration::from_secs(left), short), "{targets} at {now}");
    }
    assert_eq!(plan(9).token_life(&Credentials::Lasting, at("14:00:00")), None);
    assert_eq!(plan(9).token_life(&Credentials::Token(None), at("14:00:00")), None, "nobody tells when it ends");
}

#[test]
fn a_project_is_told_by_name_and_domain_where_they_are_known() {
    let mut plan = plan(1);
    assert_eq!(plan.project_text(), "p-1");
    plan.project_name = Some(ProjectName { name: "payments".into(), domain: None });
    assert_eq!(plan.project_text(), "payments (p-1)");
    plan.project_name = Some(ProjectName { name: "payments".into(), domain: Some("Default".into()) });
    assert_eq!(plan.project_text(), "payments@Default (p-1)");
    let kept = serde_json::to_value(&plan).unwrap();
    assert_eq!(serde_json::from_value::<Plan>(kept.clone()).unwrap(), plan);
    // What an older program has written does not know of it.
    let mut older = kept;
    older.as_object_mut().unwrap().remove("project_name");
    assert_eq!(serde_json::from_value::<Plan>(older).unwrap().project_name, None);
}

/// An instance in one pool, to be restarted out of rotation.
fn drained() -> Plan {
    let share = Share { weight: 3, admin_up: true };
    let away = Share { weight: 0, ..share };
    let own = Membership { pool: "pool".into(), member: "own".into(), share, away, back: share };
    let target = Target { id: "id".into(), name: "web-1".into(), service: "web".into() };
    let before = State::of(&bare("id", "web-1", "p-1"));
    let slot = Slot { number: 0, target, before, past_lock: false, memberships: vec![own], ports: Vec::new() };
    let restart = Change::Reboot { server: "id".into(), how: Reboot::Soft };
    Plan { steps: slot.drained(restart, &slot.memberships), ..plan(0) }
}

/// A look that shows nothing.
fn blank() -> Sight {
    Sight {
        state: None,
        history: None,
        members: None,
        figures: None,
        metadata: BTreeMap::new(),
        image: None,
        answer: None,
        found: None,
        port: None,
        vacant: false,
    }
}

/// What is seen of it while it gets that weight, and the others of its pool take requests or do not.
fn sight(weight: u16, others: bool) -> Sight {
    let seat = |member: &str, weight: u16, taking: bool| Seat {
        pool: "pool".into(),
        member: member.into(),
        address: "10.0.0.1".to_owned(),
        port: 8080,
        taking,
        share: Share { weight, admin_up: true },
        operating: if taking { "ONLINE" } else { "ERROR" }.into(),
        provisioning: "ACTIVE".into(),
        text: member.to_owned(),
    };
    let members = vec![seat("own", weight, weight > 0), seat("other", 3, others)];
    Sight { state: Some(State::of(&bare("id", "web-1", "p-1"))), history: None, members: Some(members), ..blank() }
}

/// What comes next, once a worker has it and these events were.
fn after(events: Vec<Event>, sight: &Sight) -> Next {
    after_all(drained(), events, sight, "14:00:01")
}

/// The same at a time of day, for a plan. All events were at 14:00:00.
fn after_all(plan: Plan, events: Vec<Event>, sight: &Sight, now: &str) -> Next {
    let events = [Event::Approved { plan: Box::new(plan) }, Event::Claimed { pid: 1 }].into_iter().chain(events);
    let record = |(number, event): (u64, Event)| Record {
        sequence: number + 1,
        operation: OperationId::new(at("14:00:00"), 7),
        at: at("14:00:00"),
        by: Actor::default(),
        event,
    };
    let records: Vec<Record> = (0..).zip(events).map(record).collect();
    next(&Operation::fold(&records).unwrap(), Some(Ok(sight)), at(now))
}

/// Nova tells whole seconds: what a second change does in the second of a first cannot be seen in the row's time.
#[test]
fn a_restart_that_ends_in_the_second_of_another_change_ends() {
    let server = Target { id: "id".into(), name: "web-1".into(), service: "web".into() };
    let restart = Change::Reboot { server: "id".into(), how: Reboot::Soft };
    let mut seen = sight(3, true);
    seen.members = Some(Vec::new());
    let touched = |second: &str| State { updated: Some(at(second)), ..State::of(&bare("id", "web-1", "p-1")) };
    seen.state = Some(touched("13:59:59"));
    let step = Step { target: server, change: restart.clone(), before: touched("13:00:00"), ..plan(1).steps.remove(0) };
    let plan = Plan { steps: vec![step], ..plan(0) };
    let Next::Call(announced) = after_all(plan.clone(), Vec::new(), &seen, "14:00:00") else { panic!() };
    let accepted = Outcome::Accepted { status: 202, request_id: None, took: Duration::ZERO, made: None };
    let events = vec![Event::Announced(announced), Event::Answered { step: 0, outcome: accepted }];
    let next = after_all(plan.clone(), events.clone(), &seen, "14:00:01");
    assert!(matches!(next, Next::Append(Event::Waiting { .. })), "it may be an old answer: {next:?}");
    let next = after_all(plan, events, &seen, "14:01:30");
    assert!(matches!(next, Next::Append(Event::Reached { .. })), "{next:?}");
}

#[test]
fn the_last_that_takes_requests_is_not_drained_whatever_the_plan_saw() {
    assert!(matches!(after(Vec::new(), &sight(3, true)), Next::Call(_)), "another serves");
    let Next::Append(Event::Failed { step: 0, why }) = after(Vec::new(), &sight(3, false)) else { panic!() };
    assert_eq!(why, "web-1 is the last that takes requests now: without it nobody does");
}

/// Who is replaced is ill: that it fails in the middle of it is no news.
#[test]
fn that_who_is_replaced_fails_is_nothing_against_who_comes_in_its_place() {
    let mut plan = drained();
    let old = Target { id: "old".into(), name: "web-0".into(), service: "web".into() };
    plan.steps[0].instead_of = Some(old.id.clone());
    let change = Change::DeleteServer { server: old.id.clone() };
    plan.steps.push(Step { target: old, change, slot: 1, own: vec!["other".into()], ..plan.steps[0].clone() });
    let Next::Call(announced) = after_all(plan.clone(), Vec::new(), &sight(3, true), "14:00:00") else { panic!() };
    let accepted = Outcome::Accepted { status: 200, request_id: None, took: Duration::ZERO, made: None };
    let mut events = vec![Event::Announced(announced), Event::Answered { step: 0, outcome: accepted }];
    let Next::Append(reached) = after_all(plan.clone(), events.clone(), &sight(0, false), "14:00:01") else { panic!() };
    events.push(reached);
    let next = after_all(plan.clone(), events.clone(), &sight(0, false), "14:00:01");
    assert!(matches!(next, Next::Append(Event::Waiting { .. })), "{next:?}");
    plan.steps[0].instead_of = None;
    let next = after_all(plan, events, &sight(0, false), "14:00:01");
    assert!(matches!(next, Next::Append(Event::Failed { .. })), "of anybody else it is: {next:?}");
}

/// Whoever was to be replaced is gone: one in its place would be one more.
#[test]
fn nobody_is_made_in_the_place_of_who_is_gone() {
    let mut plan = drained();
    plan.steps[0].instead_of = Some("old".into());
    let next = after_all(plan, Vec::new(), &Sight { vacant: true, ..sight(3, true) }, "14:00:00");
    let Next::Append(Event::Failed { step: 0, why }) = next else { panic!("{next:?}") };
    assert_eq!(why, "old is gone: there is nobody to replace");
}

#[test]
fn what_somebody_else_has_drained_is_not_put_back() {
    let Next::Append(skipped) = after(Vec::new(), &sight(0, true)) else { panic!() };
    assert!(matches!(&skipped, Event::Skipped { step: 0, why } if why == "has weight 0 already"), "{skipped:?}");
    let rebooted = Event::Skipped { step: 1, why: "for brevity".into() };
    let Next::Append(Event::Skipped { step: 2, why }) = after(vec![skipped, rebooted], &sight(0, true)) else {
        panic!()
    };
    assert_eq!(why, "this operation has not taken web-1 out of rotation");
}

/// An instance in one pool, to be made anew out of rotation.
fn rebuilt() -> Plan {
    let mut plan = drained();
    let rebuild = Rebuild {
        server: "id".into(),
        image: "image-2".into(),
        metadata: BTreeMap::from([("version".to_owned(), "2.0".to_owned())]),
        description: None,
        user_data: None,
        volume_backed: false,
    };
    plan.steps[1].change = Change::Rebuild(Box::new(rebuild));
    plan
}

#[test]
fn nobody_is_drained_for_an_image_that_is_no_longer_there() {
    for (status, goes_on) in [("active", true), ("deactivated", false), ("deleted", false)] {
        let seen = Sight { image: Some(status.to_owned()), ..sight(3, true) };
        match after_all(rebuilt(), Vec::new(), &seen, "14:00:01") {
            Next::Call(_) => assert!(goes_on, "{status}"),
            Next::Append(Event::Failed { step: 0, why }) => {
                assert_eq!(why, format!("the image of image-2 is {status} now: nothing can be made from it"));
                assert!(!goes_on, "{status}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nobody_is_drained_who_is_not_what_the_plan_was_made_for() {
    let mut seen = sight(3, true);
    seen.state = Some(State { status: Status::Shutoff, ..State::of(&bare("id", "web-1", "p-1")) });
    let Next::Append(Event::Failed { step: 0, why }) = after_all(rebuilt(), Vec::new(), &seen, "14:00:01") else {
        panic!("it is drained")
    };
    assert!(why.ends_with("is SHUTOFF now"), "{why}");
}

#[test]
fn a_rebuild_sets_what_is_planned_and_keeps_what_is_there() {
    let there = [("team", "core"), ("version", "1.0")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let seen = Sight { metadata: there.into(), image: Some("active".to_owned()), ..sight(0, true) };
    let events = vec![Event::Skipped { step: 0, why: "for brevity".into() }];
    let Next::Call(announced) = after_all(rebuilt(), events, &seen, "14:00:01") else { panic!() };
    let Change::Rebuild(rebuild) = &announced.change else { panic!() };
    let told: Vec<_> = rebuild.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let stamp = format!("sd-{}-0", OperationId::new(at("14:00:00"), 7));
    assert_eq!(told, [("stackdeck", stamp.as_str()), ("team", "core"), ("version", "2.0")]);
    assert_eq!(announced.change.stamp(), Some(stamp.as_str()));
}

#[test]
fn each_target_of_an_older_programs_plan_is_counted() {
    let mut older = plan(3);
    older.schema = 1;
    older.steps.iter_mut().for_each(|step| step.slot = 0);
    let approved = Record {
        sequence: 1,
        operation: OperationId::new(at("14:00:00"), 7),
        at: at("14:00:00"),
        by: Actor::default(),
        event: Event::Approved { plan: Box::new(older) },
    };
    assert_eq!(Operation::fold([&approved]).unwrap().count(), (0, 3));
}

/// The first of a rollout is looked at by somebody before the others follow.
#[test]
fn a_rollout_stops_behind_its_first_target_until_it_is_let_go_on() {
    let plan = Plan { checkpoint: true, ..plan(3) };
    let first = vec![
        Event::Reached {
            step: 0,
            state: State::of(&bare("id", "web-0", "p-1")),
            share: None,
            made: None,
            address: None,
            request_id: None,
        },
        Event::Passed { step: 0, evidence: "well".into(), version: None },
    ];
    let mut seen = sight(3, true);
    seen.members = Some(Vec::new());
    let Next::Append(paused @ Event::Paused { pause: Pause::Checkpoint, .. }) =
        after_all(plan.clone(), first.clone(), &seen, "14:00:01")
    else {
        panic!("it goes straight on")
    };
    let Event::Paused { why, .. } = &paused else { panic!() };
    assert_eq!(why, "web-0 is done: look how it does, then let the others follow, or abort");
    let then = |more: Vec<Event>| {
        let events = first.iter().cloned().chain([paused.clone()]).chain(more).collect();
        after_all(plan.clone(), events, &seen, "14:00:01")
    };
    assert_eq!(then(Vec::new()), Next::Idle);
    assert_eq!(then(vec![Event::Asked { wish: Wish::Resume }]), Next::Append(Event::Resumed));
    assert!(matches!(then(vec![Event::Resumed]), Next::Call(_)), "the second is its turn");
    let aborted = Next::Append(Event::Finished { verdict: Verdict::Aborted });
    assert_eq!(then(vec![Event::Asked { wish: Wish::Abort }]), aborted);
    // What needed nothing shows nothing: it goes on to the first that shows something.
    let skipped = vec![Event::Skipped { step: 0, why: "answers as 1.5.0 already".into() }];
    assert!(matches!(after_all(plan.clone(), skipped, &seen, "14:00:01"), Next::Call(_)));
}
