//! A rollback by keys: where it goes to, and from where one asks for it.

use std::sync::Arc;

use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::followed::Followed;
use stackdeck::console::app::msg::Msg;
use stackdeck::fleet::Instance;
use stackdeck::fleet::instance::ImageRef;
use stackdeck::fleet::release::Release;
use stackdeck::operation::record::{Verdict, Wish};
use stackdeck::operation::rollback::{Former, Ran};
use stackdeck::operation::{Aim, Event, Guard, Intent, Limits, Strategy, Verb, draft};

use super::changes::{approved, closed, review, showing, shown};
use super::console::{Console, fleet_of, instance, start_time};
use crate::support::operations::followed;

fn release(version: &str) -> Release {
    Release {
        image: format!("image-{version}").as_str().into(),
        name: format!("web-{version}"),
        version: None,
        status: "active".to_owned(),
        min_disk_gib: 0,
        min_ram_mib: 0,
        created: None,
    }
}

fn row(name: &str) -> Instance {
    Instance { image: ImageRef::Image("image-1.4.2".into()), ..instance(name) }
}

/// Of a service that ran 1.4.1, to 1.4.2.
fn rollout(later: Vec<(u64, Event)>) -> Followed {
    let fleet = fleet_of(vec![row("web-1"), row("web-2")]);
    let key = fleet.services[0].key.clone();
    let place = key.place.clone();
    let intent = Intent { release: Some(release("1.4.2")), ..Intent::new(Verb::RollOut, Aim::Service(key.clone())) };
    let mut plan = draft(&intent, &fleet, &place, &"project-1".into(), &Guard::default(), Limits::default()).plan;
    let ran = |version: &str| Ran {
        version: Some(version.to_owned()),
        image: Some(format!("image-{version}").as_str().into()),
        verified: true,
        count: 2,
    };
    plan.former = Some(Former { service: key, ran: vec![ran("1.4.1")] });
    followed(&plan, start_time(), later, false)
}

fn over() -> Vec<(u64, Event)> {
    vec![(1, Event::Claimed { pid: 1 }), (2, Event::Finished { verdict: Verdict::Failed })]
}

fn console(followed: &Followed) -> Console {
    let mut console = showing(&[]);
    console.fleet(fleet_of(vec![row("web-1"), row("web-2")]));
    console.model.start.strategy = Strategy::Rebuild;
    console.send(Msg::Operations(vec![Arc::new(followed.clone())]));
    console.wait(2);
    console
}

fn asks(effects: &[Effect]) -> &str {
    let [Effect::ReadRelease(service, image)] = effects else { panic!("{effects:?}") };
    assert_eq!(&**service, "web");
    image.as_str()
}

#[test]
fn the_service_under_the_cursor_goes_back_to_what_the_journal_tells() {
    let mut console = console(&rollout(over()));
    let effects = console.keys("1 u");
    assert_eq!((asks(&effects), console.notice().as_str()), ("image-1.4.1", "Reading the image of 1.4.1 …"));
    console.send(Msg::Release("image-1.4.1".into(), Ok(release("1.4.1"))));
    console.wait(1);
    let plan = &review(&console).draft.plan;
    assert_eq!(plan.title, "Roll back service web (2 instances) to 1.4.1");
    assert!(!plan.checkpoint, "it is known, and somebody waits for it");
    let text = shown(&console);
    assert!(text.contains("web runs 1.4.2 (2) now.") && text.contains("all ran it before operation"), "{text}");
    let line = review(&console).shell_line();
    assert!(line.contains(" rollback --service web --strategy rebuild") || line.contains(" --before "), "{line}");
    assert!(!line.contains("--to"), "{line}");
    assert!(approved(&console.keys("tab enter")).is_some());
}

#[test]
fn a_rollout_that_is_over_is_reverted_from_where_it_is_looked_at() {
    let mut console = console(&rollout(over()));
    console.keys("3");
    let effects = console.keys("u");
    assert_eq!(asks(&effects), "image-1.4.1");
    console.send(Msg::Release("image-1.4.1".into(), Ok(release("1.4.1"))));
    assert_eq!(review(&console).intent.verb, Verb::RollBack);
}

#[test]
fn what_is_not_over_or_no_rollout_or_unknown_is_not_reverted() {
    let mut running = console(&rollout(vec![(1, Event::Claimed { pid: 1 }), (2, Event::Asked { wish: Wish::Resume })]));
    running.keys("3");
    assert!(running.keys("u").is_empty());
    assert!(running.notice().contains("it is not over"), "{}", running.notice());
    let mut nobody = showing(&["web-1"]);
    nobody.send(Msg::Operations(Vec::new()));
    nobody.wait(2);
    assert!(nobody.keys("1 u").is_empty());
    assert!(nobody.notice().contains("no rollout in this journal tells what web ran before"), "{}", nobody.notice());
}

#[test]
fn an_image_that_is_gone_is_told_and_one_that_comes_late_disturbs_nobody() {
    let mut console = console(&rollout(over()));
    console.keys("1 u");
    let gone = Failure::new(FailureKind::NotFound, "No image found with ID image-1.4.1");
    console.send(Msg::Release("image-1.4.1".into(), Err(gone)));
    assert!(closed(&console) && console.notice().contains("No image found"), "{}", console.notice());
    console.keys("1 u");
    console.keys("?");
    console.send(Msg::Release("image-1.4.1".into(), Ok(release("1.4.1"))));
    assert!(console.notice().contains("ask for it again"), "{}", console.notice());
}
