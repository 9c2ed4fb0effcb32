//! A rollout by keys: who is meant, which release, and the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::id::ImageId;
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::overlay::{Overlay, Picker};
use stackdeck::fleet::Instance;
use stackdeck::fleet::mould::{Mould, Port};
use stackdeck::fleet::release::Release;
use stackdeck::operation::{Change, Strategy, Verb};

use super::changes::{approved, review, showing};
use super::console::{Console, fleet_of, instance};

fn release(version: &str, status: &str) -> Release {
    Release {
        image: format!("image-{version}").as_str().into(),
        name: format!("web-{version}"),
        version: Some(version.to_owned()),
        status: status.to_owned(),
        min_disk_gib: 0,
        min_ram_mib: 0,
        created: None,
    }
}

fn told(console: &mut Console, service: &str, releases: Vec<Release>) {
    console.send(Msg::Releases(Arc::from(service), Ok(releases)));
}

fn picker(console: &Console) -> &Picker {
    match &console.model.overlay {
        Some(Overlay::Picker(picker)) => picker,
        other => panic!("no choice: {other:?}"),
    }
}

#[test]
fn metadata_that_tells_the_version_tells_the_new_one_and_nothing_else_is_written() {
    let metadata =
        [("version", "1.4.2"), ("app_version", "another's")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let row = |name: &str| Instance { metadata: metadata.clone().into_iter().collect(), ..instance(name) };
    let mut console = showing(&[]);
    console.fleet(fleet_of(vec![row("web-1"), row("web-2")]));
    console.wait(2);
    console.keys("1 v");
    self::told(&mut console, "web", vec![release("2.0.0", "active")]);
    console.keys("enter");
    let written = review(&console).draft.plan.steps.iter().filter_map(|step| match &step.change {
        Change::Rebuild(rebuild) => Some(rebuild.metadata.clone()),
        _ => None,
    });
    let expected = BTreeMap::from([("version".to_owned(), "2.0.0".to_owned())]);
    assert_eq!(written.collect::<Vec<_>>(), [expected.clone(), expected]);
}

/// The releases of a service are asked for, and the choice is open.
fn choosing() -> Console {
    let mut console = showing(&["web-1", "web-2"]);
    let effects = console.keys("1 v");
    assert!(matches!(&effects[..], [Effect::ListReleases(service)] if &**service == "web"), "{effects:?}");
    assert_eq!(picker(&console).empty.as_deref(), Some("Reading the images of web …"));
    console
}

#[test]
fn a_release_is_chosen_for_the_service_under_the_cursor_and_its_plan_is_read() {
    let mut console = choosing();
    told(&mut console, "web", vec![release("2.0.0", "active"), release("1.9.0", "deactivated")]);
    let notes: Vec<&str> = picker(&console).choices.iter().map(|choice| choice.note.as_str()).collect();
    assert_eq!(notes, ["web-2.0.0  on 0 of 2", "web-1.9.0  on 0 of 2"]);
    console.keys("down enter");
    assert_eq!(picker(&console).cursor, 1, "an image that cannot be booted is not taken");
    console.keys("up enter");
    let review = review(&console);
    assert_eq!(
        (review.intent.verb, review.draft.plan.title.as_str()),
        (Verb::RollOut, "Roll out 2.0.0 to service web (2 instances)")
    );
    assert!(review.draft.plan.checkpoint, "it stops behind the first");
    let images = review.draft.plan.steps.iter().filter_map(|step| match &step.change {
        Change::Rebuild(rebuild) => Some(rebuild.image.as_str()),
        _ => None,
    });
    assert_eq!(images.collect::<Vec<_>>(), ["image-2.0.0"; 2]);
    let line = review.shell_line();
    assert!(line.ends_with("rollout --service web --to image-2.0.0 --strategy rebuild"), "{line}");
    console.wait(1);
    let straight = console.keys("s");
    assert!(straight.is_empty());
    assert!(super::changes::review(&console).shell_line().ends_with("--straight"));
    console.wait(1);
    assert!(approved(&console.keys("tab enter")).is_some());
}

#[test]
fn what_was_read_for_another_service_or_too_late_is_nobodys() {
    let mut console = choosing();
    told(&mut console, "auth", vec![release("9.9.9", "active")]);
    assert!(picker(&console).choices.is_empty(), "another service's");
    told(&mut console, "web", Vec::new());
    assert_eq!(picker(&console).empty.as_deref(), Some("No image says that it is a release of web"));
    console.send(Msg::Releases(Arc::from("web"), Err(Failure::new(FailureKind::Forbidden, "Glance refuses"))));
    assert_eq!(picker(&console).empty.as_deref(), Some("Glance refuses"));
    console.keys("esc");
    told(&mut console, "web", vec![release("2.0.0", "active")]);
    assert!(console.model.overlay.is_none(), "it was closed");
}

/// With one port.
fn mould(like: &Instance) -> Mould {
    let (subnets, security_groups) = (Vec::new(), Vec::new());
    let port = Port { network: "net".into(), subnets, addresses: vec!["10.0.0.1".to_owned()], security_groups };
    Mould { like: like.id.clone(), name: like.name.clone(), flavor: "7".into(), ports: vec![port], room: Some(9) }
}

#[test]
fn a_rollout_is_turned_from_others_in_their_place_to_rebuilds_and_back() {
    let mut console = choosing();
    console.model.start.strategy = Strategy::Replace;
    console.keys("esc");
    console.keys("1 v");
    told(&mut console, "web", vec![release("2.0.0", "active")]);
    let reads = console.keys("enter");
    let [Effect::ReadMoulds(likes)] = &reads[..] else { panic!("{reads:?}") };
    assert_eq!(likes.len(), 2, "of each it is read what another is made like");
    let ids: Vec<_> = likes.iter().map(|like| like.id.clone()).collect();
    let moulds = likes.iter().map(|like| mould(like)).collect();
    console.send(Msg::Moulds(ids, Ok(moulds)));
    console.wait(1);
    let plan = &review(&console).draft.plan;
    assert_eq!((plan.made(), plan.slots(), plan.checkpoint), (2, 2, true), "{:?}", review(&console).draft.objections);
    assert_eq!(plan.title, "Roll out 2.0.0 to service web (2 instances)");
    let images = plan.steps.iter().filter_map(|step| step.change.image()).map(ImageId::as_str);
    assert_eq!(images.collect::<Vec<_>>(), ["image-2.0.0"; 2]);
    assert!(review(&console).draft.typed.is_none(), "nothing is lost that is missed");
    assert!(review(&console).shell_line().ends_with("--strategy replace"), "{}", review(&console).shell_line());

    console.keys("t");
    assert_eq!((review(&console).draft.plan.made(), review(&console).draft.plan.slots()), (0, 2));
    assert!(review(&console).shell_line().ends_with("--strategy rebuild"));
    console.wait(1);
    console.keys("t");
    assert_eq!(review(&console).draft.plan.made(), 2, "what was read is not read again");
}
