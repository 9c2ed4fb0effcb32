//! Who leaves for good, by keys: one that is removed, and a service that is scaled.

use std::sync::Arc;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::id::InstanceId;
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::overlay::Overlay;
use stackdeck::fleet::Fleet;
use stackdeck::fleet::instance::{ImageRef, Instance, Status};
use stackdeck::fleet::mould::{Mould, Port};
use stackdeck::operation::{Change, Verb};

use super::changes::{approved, review, showing, shown};
use super::console::{Console, fleet_of, instance};

/// Who is deleted by the plan that is open, in order.
fn leaving(console: &Console) -> Vec<&str> {
    let steps = review(console).draft.plan.steps.iter();
    steps
        .filter(|step| matches!(step.change, Change::DeleteServer { .. }))
        .map(|step| step.target.name.as_str())
        .collect()
}

fn aged(name: &str, hour: u8) -> Instance {
    let created = format!("2026-03-01T{hour:02}:00:00Z").parse::<Timestamp>().unwrap();
    Instance { created: Some(created), ..instance(name) }
}

fn of(instances: Vec<Instance>) -> Console {
    let mut console = showing(&[]);
    let fleet: Fleet = fleet_of(instances);
    console.fleet(fleet);
    console.wait(2);
    console
}

#[test]
fn who_is_removed_is_named_and_its_plan_says_what_is_lost_and_what_an_abort_brings_back() {
    let mut console = showing(&["web-1", "web-2"]);
    console.keys("2 X");
    console.breathe();
    assert_eq!((review(&console).intent.verb, leaving(&console)), (Verb::Remove, vec!["web-1"]));
    let text = shown(&console);
    for told in ["os-stop", "so long an abort brings it back", "are lost"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(review(&console).shell_line().contains(" remove "));
    assert!(approved(&console.keys("tab tab tab enter")).is_none(), "its name was not typed");
}

#[test]
fn the_oldest_of_a_service_leaves_first_and_before_it_whoever_is_off() {
    let mut console = of(vec![aged("web-1", 3), aged("web-2", 1), aged("web-3", 2)]);
    console.keys("1 s");
    let Some(Overlay::Command(prompt)) = &console.model.overlay else { panic!("no line: {}", console.notice()) };
    assert_eq!(prompt.text(), "scale web ");
    console.keys("2 enter");
    console.breathe();
    assert_eq!(leaving(&console), ["web-2"]);
    assert_eq!(review(&console).draft.plan.title, "Scale service web from 3 to 2");
    assert!(review(&console).shell_line().ends_with("scale --service web --to 2"));
    let off = Instance { status: Status::Shutoff, ..aged("web-3", 2) };
    let mut console = of(vec![aged("web-1", 3), aged("web-2", 1), off]);
    console.keys("1 s - 2 enter");
    console.breathe();
    assert_eq!(leaving(&console), ["web-3", "web-2"]);
}

#[test]
fn who_leaves_is_decided_when_the_key_is_pressed_whatever_the_list_does_then() {
    let mut console = of(vec![aged("web-1", 3), aged("web-2", 1), aged("web-3", 2)]);
    console.keys("1 s 2 enter");
    console.breathe();
    let off = Instance { status: Status::Shutoff, ..aged("web-3", 2) };
    console.fleet(fleet_of(vec![aged("web-1", 3), aged("web-2", 1), off]));
    assert_eq!(leaving(&console), ["web-2"], "it is what was read");
    console.fleet(fleet_of(vec![aged("web-1", 3), aged("web-2", 1)]));
    assert!(shown(&console).contains("web has 2"), "one has left by itself: {}", shown(&console));
    assert!(!review(&console).draft.may_start());
}

#[test]
fn the_fullest_zone_gives_first_and_who_is_locked_last() {
    let zoned = |name: &str, zone: &str| Instance { zone: Some(Arc::from(zone)), ..aged(name, 1) };
    let mut held = zoned("web-1", "north");
    held.locked = Some(stackdeck::fleet::instance::Lock { locked: true, reason: None });
    let mut console = of(vec![held, zoned("web-2", "north"), zoned("web-3", "north"), zoned("web-4", "south")]);
    console.keys("1 s - 3 enter");
    console.breathe();
    assert_eq!(leaving(&console), ["web-2", "web-3", "web-4"]);
}

#[test]
fn what_is_no_size_is_told() {
    let mut console = showing(&["web-1", "web-2"]);
    for (typed, told) in [("5", "Reading what web-2 is made like"), ("- 3", "3 cannot leave")] {
        console.keys(&format!("1 s {typed} enter"));
        console.breathe();
        let text = if console.model.overlay.is_some() { shown(&console) } else { console.notice() };
        assert!(text.contains(told), "{typed}: {text}");
        console.keys("esc");
    }
}

#[test]
fn more_are_made_like_who_serves_once_it_was_read_what_that_is_made_like() {
    let zoned = |name: &str, zone: &str| Instance { zone: Some(Arc::from(zone)), ..aged(name, 1) };
    let imaged = |one: Instance| Instance { image: ImageRef::Image("image".into()), ..one };
    let mut console =
        of(vec![imaged(zoned("web-1", "north")), imaged(zoned("web-2", "south")), imaged(zoned("web-9", "north"))]);
    let asked = console.keys("1 s + 2 enter");
    let like = asked.iter().find_map(|effect| match effect {
        Effect::ReadMoulds(likes) => Some(likes[0].id.clone()),
        _ => None,
    });
    let like = like.expect("it was not asked for");
    let port = Port {
        network: "net".into(),
        subnets: Vec::new(),
        addresses: vec!["10.0.0.1".to_owned()],
        security_groups: Vec::new(),
    };
    let mould = |room| Mould {
        like: like.clone(),
        name: "web-2".to_owned(),
        flavor: "7".into(),
        ports: vec![port.clone()],
        room,
    };
    console.send(Msg::Moulds(vec!["another".into()], Ok(vec![mould(None)])));
    assert!(console.model.overlay.is_none(), "nobody waits for that one");
    console.send(Msg::Moulds(vec![like.clone()], Ok(vec![mould(Some(2))])));
    console.breathe();
    let made = |console: &Console| -> Vec<(String, Option<String>)> {
        let steps = review(console).draft.plan.steps.clone().into_iter();
        steps
            .filter_map(|step| match step.change {
                Change::CreateServer(new) => Some((new.name, new.zone)),
                _ => None,
            })
            .collect()
    };
    let zone = |zone: &str| Some(zone.to_owned());
    assert_eq!(made(&console), [("web-10".to_owned(), zone("south")), ("web-11".to_owned(), zone("north"))]);
    assert!(review(&console).draft.typed.is_none(), "nothing is lost: no name is wanted");
    let text = shown(&console);
    assert!(text.contains("create server from image") && !text.contains("@server"), "{text}");
    console.keys("esc s + 2 enter");
    console.send(Msg::Moulds(vec![like.clone()], Ok(vec![mould(Some(1))])));
    assert!(shown(&console).contains("allow 1 instance more"), "{}", shown(&console));
    console.breathe();
    console.keys("esc s + 2 enter");
    console.send(Msg::Moulds(vec![like], Err(Failure::new(FailureKind::Forbidden, "Neutron refuses"))));
    assert!(console.model.overlay.is_none() && console.notice().contains("Neutron refuses"), "{}", console.notice());
}

#[test]
fn whoever_is_replaced_leaves_when_another_like_it_serves_and_nothing_is_typed() {
    let zoned = |name: &str| Instance {
        zone: Some(Arc::from("north")),
        image: ImageRef::Image("image".into()),
        status: Status::Error,
        ..aged(name, 1)
    };
    let whole = |name: &str| Instance { status: Status::Active, ..zoned(name) };
    let mut console = of(vec![zoned("web-1"), whole("web-2"), whole("web-9")]);
    let asked = console.keys("2 / w e b - 1 enter K");
    let likes = asked.iter().find_map(|effect| match effect {
        Effect::ReadMoulds(likes) => Some(likes.iter().map(|like| like.id.clone()).collect::<Vec<_>>()),
        _ => None,
    });
    let likes = likes.expect("it was not asked for");
    assert_eq!(likes.len(), 2, "it, and another in case that it cannot be told what it is made like");
    let port = Port {
        network: "net".into(),
        subnets: Vec::new(),
        addresses: vec!["10.0.0.1".to_owned()],
        security_groups: Vec::new(),
    };
    let mould = |like: &InstanceId, ports| Mould {
        like: like.clone(),
        name: like.to_string(),
        flavor: "7".into(),
        ports,
        room: Some(1),
    };
    let moulds = vec![mould(&likes[0], Vec::new()), mould(&likes[1], vec![port])];
    console.send(Msg::Moulds(likes, Ok(moulds)));
    console.breathe();
    let draft = &review(&console).draft;
    assert_eq!((draft.plan.title.as_str(), draft.typed.as_deref()), ("Replace web-1", None));
    let at = |name: &str, of: fn(&Change) -> bool| {
        draft.plan.steps.iter().position(|step| step.target.name == name && of(&step.change))
    };
    let created =
        at("web-10", |change| matches!(change, Change::CreateServer(new) if new.zone.as_deref() == Some("north")));
    let deleted = at("web-1", |change| matches!(change, Change::DeleteServer { .. }));
    assert!(created.expect("it is made") < deleted.expect("it is deleted"), "{:?}", draft.plan.steps);
    assert!(review(&console).shell_line().ends_with("replace id-web-1"), "{}", review(&console).shell_line());
    assert!(approved(&console.keys("tab enter")).is_some(), "nothing is typed: {}", console.notice());
}
