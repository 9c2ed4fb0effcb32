//! Rows as the clouds send them, and as no cloud should.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stackdeck::base::intern::Interner;
use stackdeck::fleet::Instance;
use stackdeck::fleet::instance::{ImageRef, PowerState, Status};
use stackdeck::openstack::Answer;
use stackdeck::openstack::compute::Server;
use stackdeck::openstack::lenient::time;
use stackdeck::openstack::page::Page;
use stackdeck::watch::convert;

/// Nova's own row at 2.93, from the shared notes.
fn nova() -> Value {
    json!({"id": "f473da4f", "name": "t-01", "status": "ACTIVE", "tenant_id": "22a6", "user_id": "b05e",
     "metadata": {"service": "payments", "version": "1.4.2"}, "hostId": "926f352f", "image": {"id": "e788", "links": []},
     "flavor": {"vcpus": 1, "ram": 512, "disk": 1, "ephemeral": 0, "swap": 0, "original_name": "m1.tiny", "extra_specs": {}},
     "created": "2026-11-22T07:53:28Z", "updated": "2026-11-22T07:53:29Z",
     "addresses": {"demo-net": [
        {"version": 4, "addr": "10.10.0.105", "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:5d:91:35"},
        {"version": 4, "addr": "198.51.100.7", "OS-EXT-IPS:type": "floating", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:5d:91:35"}]},
     "OS-DCF:diskConfig": "MANUAL", "progress": 0, "OS-EXT-AZ:availability_zone": "nova", "config_drive": "", "key_name": null,
     "OS-SRV-USG:launched_at": "2026-11-22T07:53:29.000000", "OS-SRV-USG:terminated_at": null, "security_groups": [{"name": "default"}],
     "OS-EXT-STS:task_state": null, "OS-EXT-STS:vm_state": "active", "OS-EXT-STS:power_state": 1,
     "os-extended-volumes:volumes_attached": [{"id": "a6d8", "delete_on_termination": true}],
     "locked": true, "locked_reason": "audit", "description": null, "tags": ["blue"], "server_groups": [],
     "fault": {"code": 500, "created": "2026-11-22T08:00:00Z", "message": "No valid host"}})
}

fn page(rows: &[Value]) -> Page<Server> {
    let body = json!({ "servers": rows }).to_string().into_bytes();
    let took = Duration::ZERO;
    let answer = Answer { body, status: 200, request_id: None, date: None, took, link: None, microversion: None };
    Page::parse(&answer).unwrap()
}

fn instance(row: Value) -> Instance {
    let server = page(&[row]).rows.pop().expect("the row is kept");
    convert::instance(server, &mut Interner::default()).expect("it has an id")
}

#[test]
fn novas_own_row_is_read_whole() {
    let row = instance(nova());
    assert_eq!((row.name.as_str(), &row.status, row.project.as_str()), ("t-01", &Status::Active, "22a6"));
    assert_eq!(row.image, ImageRef::Image("e788".into()));
    assert_eq!((row.flavor.name.as_deref(), row.flavor.id, row.flavor.ram_mib), (Some("m1.tiny"), None, Some(512)));
    assert_eq!(row.updated, row.launched, "two formats of one time");
    let floating: Vec<bool> = row.addresses.iter().map(|address| address.floating).collect();
    assert_eq!(floating, [false, true]);
    assert_eq!((row.power_state, row.task_state, row.progress), (Some(PowerState::Running), None, Some(0)));
    assert_eq!(row.metadata.get("version"), Some("1.4.2"));
    assert_eq!(row.locked.unwrap().reason.as_deref(), Some("audit"));
    assert_eq!(row.fault.unwrap().message, "No valid host");
    assert_eq!((row.volumes.len(), row.volumes[0].delete_on_termination), (1, Some(true)));
    assert_eq!(row.security_groups, ["default".into()]);
}

#[test]
fn booted_from_a_volume_an_old_flavor_and_a_cell_that_is_down() {
    let mut row = nova();
    row["image"] = json!("");
    row["flavor"] = json!({ "id": "7", "links": [] });
    let row = instance(row);
    assert_eq!(row.image, ImageRef::Volume);
    assert_eq!((row.flavor.id, row.flavor.name), (Some("7".into()), None));
    let down =
        json!({"id": "x", "status": "UNKNOWN", "tenant_id": "p", "created": "2026-11-22T07:53:28Z", "links": []});
    let row = instance(down);
    assert_eq!((row.status, row.image, row.name.as_str()), (Status::Unknown, ImageRef::Untold, ""));
}

#[test]
fn odd_types_cost_only_themselves() {
    let mut row = nova();
    for (key, odd) in [
        ("name", json!(17)),
        ("OS-EXT-STS:power_state", json!("1")),
        ("locked", json!("True")),
        ("image", json!(null)),
        ("flavor", json!("m1.tiny")),
        ("addresses", json!([])),
        ("metadata", json!({ "n": 1, "b": true, "o": {} })),
        ("tags", json!("blue")),
        ("progress", json!(300)),
        ("updated", json!("yesterday")),
        ("created", json!("2026-11-22 07:53:28")),
        ("status", json!("FROBNICATING")),
    ] {
        row[key] = odd;
    }
    let row = instance(row);
    assert_eq!((row.name.as_str(), row.power_state), ("17", Some(PowerState::Running)));
    assert_eq!((row.locked.unwrap().locked, row.image, row.flavor.name), (true, ImageRef::Untold, None));
    assert_eq!((row.addresses.len(), row.tags.len(), row.progress, row.updated), (0, 0, None, None));
    assert_eq!(row.created, time("2026-11-22T07:53:28Z"));
    assert_eq!(row.metadata.iter().collect::<Vec<_>>(), [("b", "true"), ("n", "1")]);
    assert_eq!(row.status.as_str(), "FROBNICATING");
}

#[test]
fn both_time_formats_are_utc() {
    let expected = time("2026-11-22T07:53:29Z");
    assert!(expected.is_some());
    for text in ["2026-11-22T07:53:29.000000", "2026-11-22T07:53:29", "2026-11-22T08:53:29+01:00"] {
        assert_eq!(time(text), expected, "{text}");
    }
    for text in ["", "now", "2026-13-45T00:00:00Z"] {
        assert_eq!(time(text), None, "{text}");
    }
}

#[test]
fn a_console_log_keeps_its_end_and_no_endless_line() {
    let output: String = (0..30).map(|line| format!("line {line}\r\n")).collect();
    let log = convert::console_lines(&output, 10);
    assert_eq!((log.lines.len(), &*log.lines[0], &*log.lines[9]), (10, "line 20", "line 29"));
    assert!(log.truncated);
    assert!(!convert::console_lines("one\n", 10).truncated);
    assert_eq!(convert::console_lines("", 10).lines.len(), 0);
    assert!(convert::console_lines(&"ä".repeat(100_000), 10).lines[0].len() <= 4096);
}

fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("2026-11-22T07:53:29Z")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop_oneof![Just("id".to_owned()), "[a-z]{1,6}"], inner), 0..4)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in the other fields: a row that has an id is a row, and its neighbours are untouched.
    #[test]
    fn a_row_with_an_id_is_never_lost(odd in prop::collection::vec((0..40usize, odd()), 0..6), missing in 0..40usize) {
        let mut row = nova();
        let keys: Vec<String> = row.as_object().unwrap().keys().filter(|key| *key != "id").cloned().collect();
        for (at, value) in odd {
            row[&keys[at % keys.len()]] = value;
        }
        row.as_object_mut().unwrap().remove(&keys[missing % keys.len()]);
        let page = page(&[row, nova()]);
        prop_assert_eq!((page.rows.len(), page.odd), (2, 0));
        let mut interner = Interner::default();
        let rows: Vec<_> = page.rows.into_iter().filter_map(|server| convert::instance(server, &mut interner)).collect();
        prop_assert_eq!(rows.len(), 2);
        prop_assert_eq!(&rows[1], &instance(nova()));
    }
}
