//! What is an orphan and what is somebody's, and that whoever was taken care of meanwhile is not removed.

use std::time::Duration;

use super::{at, plan as bare_plan, sight};
use crate::support::instance::bare;
use crate::support::orphaned::{given_up, step};
use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::instance::Status;
use stackdeck::operation::change::{Boot, Made, Member, NewPort, NewServer};
use stackdeck::operation::orphans::{Fate, Held, Known, Left, Sitting, Stamped, Thing, judge};
use stackdeck::operation::plan::Mark;
use stackdeck::operation::record::{Pause, Verdict};
use stackdeck::operation::sight::{PortQuestion, PortSeen, Seat};
use stackdeck::operation::slot::{Membership, Slot};
use stackdeck::operation::stamp::stamp;
use stackdeck::operation::{
    Actor, Aim, Change, Event, Gate, Next, Operation, OperationId, Outcome, Plan, Record, Share, Sight, State, Step,
    Target, next, promise,
};

const OURS: &str = "10.0.0.9";

/// One instance is made, with a port and a place in a pool.
pub(super) fn plan() -> Plan {
    let (away, back) = (Share { weight: 0, admin_up: true }, Share { weight: 1, admin_up: true });
    let slot = Slot {
        number: 0,
        target: Target { id: promise::server(0), name: "web-4".into(), service: "web".into() },
        before: State { status: Status::Build, ..State::gone() },
        past_lock: false,
        memberships: vec![Membership { pool: "pool".into(), member: promise::member(0, 0), share: away, away, back }],
        ports: vec![promise::port(0, 0)],
    };
    let port = NewPort {
        network: "net".into(),
        name: "0".into(),
        description: None,
        security_groups: None,
        fixed_ips: Vec::new(),
    };
    let server = NewServer {
        name: "web-4".into(),
        boot: Boot::Image("image".into()),
        flavor: "1".into(),
        ports: slot.ports.clone(),
        key: None,
        metadata: Default::default(),
        tags: Vec::new(),
        group: None,
        zone: None,
        description: None,
        user_data: None,
        config_drive: false,
    };
    let member = Member {
        address: promise::address(0, 0),
        port: 8080,
        subnet: None,
        weight: 0,
        admin_state_up: true,
        backup: false,
        name: "web-4".into(),
        tags: Vec::new(),
        monitor_address: None,
        monitor_port: None,
    };
    Plan { steps: slot.made(server, vec![port], vec![("pool".into(), member)]), ..bare_plan(0) }
}

fn id() -> OperationId {
    OperationId::new(at("14:00:00"), 7)
}

pub(super) fn operation(plan: Plan, events: Vec<Event>) -> Operation {
    let approved = Event::Approved { plan: Box::new(plan) };
    let record = |(number, event): (usize, Event)| Record {
        sequence: number as u64 + 1,
        operation: id(),
        at: at("14:00:00") + Duration::from_secs(number as u64),
        by: Actor::default(),
        event,
    };
    let records: Vec<Record> = [approved].into_iter().chain(events).enumerate().map(record).collect();
    Operation::fold(&records).unwrap()
}

/// All four steps went well, and the instance serves.
fn done() -> Operation {
    let plan = plan();
    let made = [Some(Made::Port("p1".into())), Some(Made::Server("s1".into())), Some(Made::Member("m1".into())), None];
    let steps = made.into_iter().enumerate().flat_map(|(number, made)| step(&plan, number, made));
    let events = [Event::Claimed { pid: 1 }].into_iter().chain(steps);
    operation(plan.clone(), events.chain([Event::Finished { verdict: Verdict::Done }]).collect())
}

fn aborted() -> Operation {
    operation(plan(), given_up(&plan(), "p1", "s1", None))
}

/// The create's answer was lost, and then nobody could look.
fn unheard() -> Operation {
    let plan = plan();
    let mut events = given_up(&plan, "p1", "s1", None);
    let lost = Event::Answered {
        step: 1,
        outcome: Outcome::Lost {
            failure: stackdeck::base::failure::Failure::new(stackdeck::base::failure::FailureKind::Retry, "reset"),
        },
    };
    let answered = events.iter().position(|event| matches!(event, Event::Answered { step: 1, .. })).unwrap();
    events[answered] = lost;
    operation(plan, events)
}

fn server(id: &str) -> Stamped {
    Stamped {
        thing: Thing::Server(id.into()),
        name: "web-4".into(),
        operation: self::id(),
        slot: 0,
        created: Some(at("14:00:05")),
        addresses: vec![OURS.into()],
        seats: Vec::new(),
    }
}

fn port(id: &str, held: Held) -> Stamped {
    let name = format!("{}-0", stamp(&self::id(), 0));
    Stamped { thing: Thing::Port { id: id.into(), number: 0, held }, name, ..server("") }
}

fn seated(one: Stamped, member: &str, away: bool) -> Stamped {
    Stamped { seats: vec![Sitting { member: member.into(), pool: "lb".into(), away }], ..one }
}

/// What is thought of each, where these instances are there.
fn fates(operation: &Operation, found: &[Stamped], there: &[&str]) -> Vec<Fate> {
    let known = Known::from([(id(), operation.clone())]);
    judge(found, &known, |id| there.contains(&id.as_str()))
}

#[track_caller]
fn orphan(operation: &Operation, one: Stamped, because: &str) {
    let fate = fates(operation, &[one], &[]).remove(0);
    assert!(matches!(&fate, Fate::Orphan(why) if why.contains(because)), "{fate:?}");
}

#[track_caller]
fn kept(operation: &Operation, one: Stamped, because: &str) {
    let fate = fates(operation, &[one], &["s1"]).remove(0);
    assert!(matches!(&fate, Fate::Kept(why) if why.contains(because)), "{fate:?}");
}

#[test]
fn what_was_made_to_stay_is_kept_and_its_double_is_not() {
    let done = done();
    kept(&done, server("s1"), "made it to stay");
    kept(&done, port("p1", Held::Instance("s1".into())), "an instance has it");
    kept(&done, port("p1", Held::Nobody), "is there that it was made for");
    orphan(&done, server("s2"), "took s1");
    orphan(&done, port("p2", Held::Nobody), "took p1");
    orphan(&done, port("p1", Held::Nobody), "nobody has it");
    // Its place stays in the pool when somebody deletes the instance: nobody answers there.
    orphan(&done, seated(port("p1", Held::Nobody), "m1", false), "nobody has it");
    kept(&done, seated(port("p1", Held::Nobody), "m1", false), "is there that it was made for");
    kept(&done, seated(port("p1", Held::Nobody), "m9", false), "it is in lb");
}

#[test]
fn what_was_given_up_and_stays_is_an_orphan_with_all_that_is_its_own() {
    let aborted = aborted();
    orphan(&aborted, server("s1"), "given it up");
    orphan(&unheard(), server("s1"), "never learned");
    let both = [port("p1", Held::Instance("s1".into())), server("s1")];
    assert!(fates(&aborted, &both, &["s1"]).iter().all(Fate::is_orphan));
    // To be given up it had to be under way: what the operation never asked for, it has not made.
    let plan = plan();
    let events = vec![Event::Claimed { pid: 1 }, Event::Finished { verdict: Verdict::Aborted }];
    let unbegun = operation(plan, events);
    kept(&unbegun, server("s1"), "has made none");
    kept(&unbegun, port("p1", Held::Nobody), "has made none");
}

#[test]
fn whoever_is_in_doubt_is_none() {
    let aborted = aborted();
    kept(&aborted, seated(server("s1"), "m9", true), "it is in lb");
    kept(&aborted, seated(server("s1"), "m9", false), "it is in lb");
    kept(&aborted, seated(port("p1", Held::Nobody), "m9", true), "it is in lb");
    kept(&aborted, Stamped { name: "ledger-1".into(), ..server("s1") }, "renamed");
    kept(&aborted, Stamped { slot: 3, ..server("s1") }, "not made by its operation");
    kept(&aborted, port("p1", Held::Other), "in use");
    for created in ["12:00:00", "16:00:00"] {
        let copied = |one| Stamped { created: Some(at(created)), ..one };
        kept(&aborted, copied(server("s2")), "in the time");
        kept(&aborted, copied(port("p2", Held::Nobody)), "in the time");
    }
    assert!(fates(&aborted, &[Stamped { created: None, ..server("s1") }], &[])[0].is_orphan());
    let newer = Operation { unknown: vec!["mended".into()], ..aborted };
    kept(&newer, server("s1"), "newer Stackdeck");
}

#[test]
fn a_place_of_its_own_that_gets_nothing_makes_it_no_less_an_orphan() {
    let operation = operation(plan(), given_up(&plan(), "p1", "s1", Some("m1")));
    orphan(&operation, seated(server("s1"), "m1", true), "given it up");
    kept(&operation, seated(server("s1"), "m1", false), "it is in lb");
    let found = [seated(server("s1"), "m1", true)];
    let wish = Left::wish(&operation, &found, &fates(&operation, &found, &["s1"]));
    assert_eq!(wish.aim, Aim::Instances(vec!["s1".into()]));
    let left = wish.left.unwrap();
    assert_eq!((left.members, left.pools), (vec!["m1".into()], vec!["pool".into()]));
}

#[test]
fn what_is_not_over_is_in_use_and_what_is_not_known_is_anothers() {
    let plan = plan();
    let events: Vec<Event> = given_up(&plan, "p1", "s1", None).into_iter().take(8).collect();
    assert!(matches!(events.last(), Some(Event::Paused { pause: Pause::Unreachable, .. })), "{events:?}");
    let paused = operation(plan, events);
    assert_eq!(fates(&paused, &[server("s1"), port("p2", Held::Nobody)], &[]), [Fate::InUse, Fate::InUse]);
    assert_eq!(judge(&[server("s1")], &Known::new(), |_| false), [Fate::Foreign]);
}

/// Steps that remove an orphan, in an operation that has just begun.
fn removing(steps: Vec<Step>) -> Operation {
    let mark = Mark { stamp: stamp(&id(), 0), addresses: vec![OURS.into()] };
    let marked = |step| Step { orphan: Some(mark.clone()), pools: vec!["pool".into()], ..step };
    let steps = steps.into_iter().map(marked).collect();
    operation(Plan { steps, ..bare_plan(0) }, vec![Event::Claimed { pid: 1 }])
}

fn slot(target: &str) -> Slot {
    let target = Target { id: target.into(), name: "web-4".into(), service: "web".into() };
    let before = State::of(&bare("s1", "web-4", "p-1"));
    Slot { number: 0, target, before, past_lock: false, memberships: Vec::new(), ports: Vec::new() }
}

fn of_server() -> Operation {
    removing(vec![slot("s1").step(Change::DeleteServer { server: "s1".into() }, Gate::Open)])
}

fn of_port() -> Operation {
    let target = promise::server(0);
    removing(vec![slot(target.as_str()).step(Change::DeletePort { port: "p1".into() }, Gate::Open)])
}

/// A place in a pool whose port nobody has, and that port.
fn of_place() -> Operation {
    let (away, back) = (Share { weight: 0, admin_up: true }, Share { weight: 1, admin_up: true });
    let memberships = vec![Membership { pool: "pool".into(), member: "m1".into(), share: back, away, back }];
    let slot = Slot { memberships, ports: vec!["p1".into()], ..slot(promise::server(0).as_str()) };
    removing(slot.deleted().into_iter().filter(|step| step.change.server().is_none()).collect())
}

fn seen(stamped: bool, members: Option<Vec<Seat>>) -> Sight {
    let state = State { stamp: stamped.then(|| stamp(&id(), 0)), ..State::of(&bare("s1", "web-4", "p-1")) };
    Sight { state: Some(state), members, ..sight(1, true) }
}

fn seat(address: &str) -> Seat {
    let mut seat = sight(1, true).members.unwrap().remove(0);
    seat.address = address.to_owned();
    seat
}

fn seen_port(name: &str, device: Option<&str>) -> Sight {
    let port = PortSeen {
        id: "p1".into(),
        name: name.to_owned(),
        address: Some(OURS.to_owned()),
        device: device.map(Into::into),
    };
    Sight { state: None, port: Some(port), ..seen(true, Some(Vec::new())) }
}

fn now() -> Timestamp {
    at("14:00:10")
}

#[track_caller]
fn left_out(operation: &Operation, seen: &Sight, because: &str) {
    let next = next(operation, Some(Ok(seen)), now());
    assert!(matches!(&next, Next::Append(Event::Skipped { why, .. }) if why.contains(because)), "{next:?}");
}

#[test]
fn right_before_the_call_whoever_was_taken_care_of_is_left_out() {
    let server = of_server();
    left_out(&server, &seen(false, Some(Vec::new())), "does not bear its stamp");
    left_out(&server, &seen(true, None), "cannot be read");
    left_out(&server, &seen(true, Some(vec![seat(OURS)])), "is in a pool");
    let goes = next(&server, Some(Ok(&seen(true, Some(vec![seat("10.0.0.1")])))), now());
    assert!(matches!(goes, Next::Preserve { .. }), "{goes:?}");
    let port = of_port();
    let name = format!("{}-0", stamp(&id(), 0));
    left_out(&port, &seen_port("spare", None), "does not bear its stamp");
    left_out(&port, &seen_port(&name, Some("s7")), "s7 has the port");
    left_out(&port, &Sight { members: Some(vec![seat(OURS)]), ..seen_port(&name, None) }, "is in a pool");
    left_out(&port, &Sight { port: None, ..seen_port(&name, None) }, "does not have that port any more");
    let goes = next(&port, Some(Ok(&seen_port(&name, None))), now());
    assert!(matches!(goes, Next::Call(_)), "{goes:?}");
    // Nor does its place in the pool go, once somebody answers there.
    let place = of_place();
    let Next::Look(question) = next(&place, None, now()) else { panic!("{place:?}") };
    assert_eq!(question.port, Some(PortQuestion::Id("p1".into())));
    let sitting = |port: Sight| Sight { members: Some(vec![Seat { member: "m1".into(), ..seat(OURS) }]), ..port };
    left_out(&place, &sitting(seen_port(&name, Some("s7"))), "s7 has the port");
    let other = Sight { members: Some(vec![seat(OURS)]), ..seen_port(&name, None) };
    left_out(&place, &other, "is in a pool");
    let several = vec![Seat { member: "m1".into(), ..seat(OURS) }, seat("10.0.0.1")];
    let goes = next(&place, Some(Ok(&Sight { members: Some(several), ..seen_port(&name, None) })), now());
    assert!(matches!(goes, Next::Call(_)), "{goes:?}");
}
