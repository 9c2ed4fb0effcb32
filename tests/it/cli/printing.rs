//! Finding an instance, tables and JSON: the pure parts.

use std::sync::Arc;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::FailureKind;
use stackdeck::cli::find;
use stackdeck::cli::json;
use stackdeck::cli::table::{self, Cell};
use stackdeck::fleet::instance::Instance;
use stackdeck::fleet::service::Severity;
use stackdeck::fleet::{self, Condition, Fleet, Rules, Sources};

use crate::support::instance::bare;

fn instance(id: &str, name: &str) -> Instance {
    bare(id, name, "p1")
}

fn fleet(instances: &[(&str, &str)]) -> Fleet {
    let instances = instances.iter().map(|(id, name)| ((*id).into(), Arc::new(instance(id, name)))).collect();
    let sources = Sources { instances, ..Sources::default() };
    fleet::group(&sources, &Rules::default(), None, Timestamp::UNIX_EPOCH)
}

#[test]
fn an_instance_is_found_by_id_name_and_beginning() {
    let fleet = fleet(&[("a1b2", "web-1"), ("a1c3", "web-2"), ("d4", "twin"), ("e5", "twin"), ("f6", "a1b2")]);
    for (which, id) in
        [("a1b2", "a1b2"), ("web-1", "a1b2"), ("a1c", "a1c3"), ("web-2", "a1c3"), ("d", "d4"), ("f6", "f6")]
    {
        assert_eq!(find::instance(&fleet, which).unwrap().instance.id.as_str(), id, "{which}");
    }
    for (which, kind, hint) in [
        ("web", FailureKind::Usage, "web-2"),
        ("twin", FailureKind::Usage, "e5"),
        ("wbe-1", FailureKind::NotFound, "Did you mean web-1?"),
        ("zzzzzz", FailureKind::NotFound, "lists all 5"),
        ("", FailureKind::NotFound, "lists all 5"),
    ] {
        let failure = find::instance(&fleet, which).unwrap_err();
        assert_eq!(failure.kind, kind, "{which}: {failure:?}");
        assert!(failure.hints.iter().any(|told| told.contains(hint)), "{which}: {failure:?}");
    }
}

#[test]
fn a_table_is_aligned_and_no_line_ends_in_blanks() {
    let rows = [
        vec![Cell::text("payments"), Cell::number(6), Cell::severity(Severity::Ok)],
        vec![Cell::text("日本"), Cell::number(12), Cell::severity(Severity::Critical)],
        vec![Cell::maybe(None), Cell::maybe_number(None::<u8>), Cell::text("")],
    ];
    let print = |colour| {
        let mut out = Vec::new();
        table::print(&["NAME", "N", "HEALTH"], &rows, colour, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(print(false), "NAME       N  HEALTH\npayments   6  ok\n日本      12  critical\n-          -  -\n");
    assert!(print(true).contains("\u{1b}[1;31mcritical\u{1b}[0m"));
}

#[test]
fn a_name_from_the_cloud_cannot_steer_the_terminal() {
    let fleet = fleet(&[("id", "evil\u{1b}]0;x\u{7}\u{202e}\u{9b}31m-name")]);
    let mut out = Vec::new();
    json::print(&json::fleet::Instances::of(&fleet), &mut out).unwrap();
    let printed = String::from_utf8(out.clone()).unwrap();
    assert!(printed.chars().all(|letter| letter == '\n' || (' '..='~').contains(&letter)), "{printed}");
    let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(read["instances"][0]["name"], fleet.members[0].instance.name, "and programs read it as it is");
    let mut out = Vec::new();
    table::print(&["NAME"], &[vec![Cell::text(&fleet.members[0].instance.name)]], false, &mut out).unwrap();
    assert!(!String::from_utf8(out).unwrap().contains('\u{1b}'));
}

#[test]
fn what_the_cloud_did_not_tell_is_null() {
    let fleet = fleet(&[("id", "web-1")]);
    let told = serde_json::to_value(json::fleet::Instances::of(&fleet)).unwrap();
    let instance = &told["instances"][0];
    for field in
        ["version", "task_state", "power_state", "created", "image_id", "from_volume", "locked", "host", "fault"]
    {
        assert!(instance.get(field).is_some_and(serde_json::Value::is_null), "{field}: {instance}");
    }
    assert_eq!((&instance["service"], &instance["service_named_by"]), (&"web".into(), &"name".into()));
    let (condition, now) = (Condition::default(), Timestamp::UNIX_EPOCH);
    let services = serde_json::to_value(json::fleet::Services::of(&fleet, &condition, now)).unwrap();
    assert_eq!(services["services"][0]["instance_ids"], serde_json::json!(["id"]));
}
