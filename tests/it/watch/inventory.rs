//! The inventory, case by case.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use stackdeck::base::clock::{Pace, Timestamp};
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::id::InstanceId;
use stackdeck::base::intern::Interner;
use stackdeck::fleet::Instance;
use stackdeck::fleet::instance::Status;
use stackdeck::watch::inventory::{Ask, Inventory, Told};
use stackdeck::watch::{CloudTime, convert};

use super::cloud::server;

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn row(value: Value) -> Instance {
    convert::instance(serde_json::from_value(value).unwrap(), &mut Interner::default()).unwrap()
}

fn told(rows: impl IntoIterator<Item = Value>, date: &str) -> Told {
    Told { rows: rows.into_iter().map(row).collect(), date: Some(at(date)), ..Told::default() }
}

pub(super) fn empty() -> Inventory {
    Inventory::new(BTreeMap::new(), BTreeSet::new(), CloudTime::new(Pace::REAL, Duration::from_secs(30)))
}

/// An inventory that has listed these rows, its polls beginning 30 s before 09:00:00.
fn listed(rows: &[Value]) -> Inventory {
    let mut inventory = empty();
    for _ in 0..2 {
        let ask = inventory.next().unwrap();
        inventory.learn(&ask, told(rows.iter().cloned(), "2026-11-22T09:00:00Z")).unwrap();
    }
    inventory
}

fn ids(inventory: &Inventory) -> Vec<&str> {
    inventory.rows().keys().map(InstanceId::as_str).collect()
}

#[test]
fn it_asks_for_a_screen_then_for_a_bare_list_then_for_nothing() {
    let mut inventory = empty();
    assert_eq!(inventory.next(), Some(Ask::FirstScreen));
    inventory
        .learn(&Ask::FirstScreen, told([server("a", "ACTIVE", "2026-11-22T08:00:00Z")], "2026-11-22T09:00:00Z"))
        .unwrap();
    assert_eq!(ids(&inventory), ["a"], "the first screen shows at once");
    assert!(!inventory.complete());
    assert_eq!(inventory.next(), Some(Ask::Sweep(None)));
    inventory
        .learn(&Ask::Sweep(None), told([server("a", "ACTIVE", "2026-11-22T08:00:00Z")], "2026-11-22T09:00:00Z"))
        .unwrap();
    assert!(inventory.complete());
    assert_eq!(inventory.next(), None);
}

#[test]
fn where_all_is_known_to_fit_on_a_screen_the_bare_list_comes_first() {
    let mut inventory = empty();
    inventory.skip_screen();
    assert_eq!(inventory.next(), Some(Ask::Sweep(None)));
    assert!(!inventory.screened(), "what is around the instances waits for them");
    inventory.learn(&Ask::Sweep(None), told([], "2026-11-22T09:00:00Z")).unwrap();
    assert!(inventory.screened() && inventory.complete());
}

#[test]
fn a_poll_begins_before_the_first_pages_answer_was_begun() {
    let mut inventory = listed(&[]);
    inventory.want_poll();
    assert_eq!(inventory.next(), Some(Ask::Changes(at("2026-11-22T08:59:30Z"), None)));
    // Two pages: the second one's date is later, and must not count.
    let first = Told { next: Some("m".to_owned()), took: Duration::from_secs(4), ..told([], "2026-11-22T09:01:00Z") };
    let ask = inventory.next().unwrap();
    inventory.learn(&ask, first).unwrap();
    let ask = inventory.next().unwrap();
    assert_eq!(ask, Ask::Changes(at("2026-11-22T08:59:30Z"), Some("m".to_owned())));
    inventory.learn(&ask, told([], "2026-11-22T09:05:00Z")).unwrap();
    inventory.want_poll();
    assert_eq!(inventory.next(), Some(Ask::Changes(at("2026-11-22T09:00:26Z"), None)));
}

#[test]
fn a_poll_that_fails_half_way_does_not_move_its_beginning() {
    let mut inventory = listed(&[]);
    inventory.want_poll();
    let ask = inventory.next().unwrap();
    inventory.learn(&ask, Told { next: Some("m".to_owned()), ..told([], "2026-11-22T09:01:00Z") }).unwrap();
    for _ in 0..3 {
        let ask = inventory.next().unwrap();
        inventory.failed(&ask, &Failure::new(FailureKind::Retry, "The cloud is down"));
    }
    inventory.want_poll();
    assert_eq!(inventory.next(), Some(Ask::Changes(at("2026-11-22T08:59:30Z"), None)));
}

#[test]
fn without_a_date_the_newest_row_tells_the_clouds_time() {
    // Our clock is two minutes ahead of the cloud's, whose answers carry no `Date`.
    let mut inventory = empty();
    let sent = at("2026-11-22T09:02:00Z");
    for _ in 0..2 {
        let ask = inventory.next().unwrap();
        let rows = vec![row(server("a", "BUILD", "2026-11-22T09:00:00Z"))];
        inventory.learn(&ask, Told { rows, sent, ..Told::default() }).unwrap();
    }
    inventory.want_poll();
    assert_eq!(inventory.next(), Some(Ask::Changes(at("2026-11-22T08:59:30Z"), None)));
}

#[test]
fn without_a_date_a_token_tells_it_also_where_our_clock_is_an_hour_off() {
    let mut time = CloudTime::new(Pace::REAL, Duration::from_secs(30));
    let here = at("2026-11-22T09:00:00Z");
    time.signed_in(at("2026-11-22T08:00:00Z"), here);
    let mut inventory = Inventory::new(BTreeMap::new(), BTreeSet::new(), time);
    let list = |inventory: &mut Inventory, updated: &str| {
        inventory.want_sweep();
        while !matches!(inventory.next(), None | Some(Ask::Changes(..))) {
            let ask = inventory.next().unwrap();
            let rows = vec![row(server("a", "ACTIVE", updated))];
            inventory.learn(&ask, Told { rows, sent: here, ..Told::default() }).unwrap();
        }
        inventory.want_poll();
        inventory.next()
    };
    // Less the overlap, and less what the cloud's hosts may be apart.
    let begins = |time| Some(Ask::Changes(at(time), None));
    assert_eq!(list(&mut inventory, "2026-11-22T05:00:00Z"), begins("2026-11-22T07:58:30Z"));
    // A newer row takes the doubt away: the poll after the next knows.
    inventory.learn(&begins("2026-11-22T07:58:30Z").unwrap(), told_at(here, "2026-11-22T08:00:00Z")).unwrap();
    assert_eq!(list(&mut inventory, "2026-11-22T08:00:00Z"), begins("2026-11-22T07:59:30Z"));
    // A row that is stamped in a far future is no witness.
    inventory.learn(&begins("2026-11-22T07:59:30Z").unwrap(), told_at(here, "2027-01-01T00:00:00Z")).unwrap();
    inventory.want_poll();
    assert_eq!(inventory.next(), begins("2026-11-22T08:04:30Z"), "at most five minutes ahead of the token's word");
}

fn told_at(sent: Timestamp, updated: &str) -> Told {
    Told { rows: vec![row(server("a", "ACTIVE", updated))], sent, ..Told::default() }
}

#[test]
fn without_any_sign_of_the_clouds_time_polls_begin_earlier() {
    let mut inventory = empty();
    for _ in 0..2 {
        let ask = inventory.next().unwrap();
        inventory.learn(&ask, Told { sent: at("2026-11-22T09:00:00Z"), ..Told::default() }).unwrap();
    }
    inventory.want_poll();
    assert_eq!(inventory.next(), Some(Ask::Changes(at("2026-11-22T08:54:30Z"), None)));
}

#[test]
fn rows_are_compared_whole_because_seconds_collide() {
    let same_second = "2026-11-22T09:00:00Z";
    let mut rebooting = server("a", "REBOOT", same_second);
    rebooting["OS-EXT-STS:task_state"] = json!("rebooting");
    let mut started = rebooting.clone();
    started["OS-EXT-STS:task_state"] = json!("reboot_started");
    let mut inventory = listed(&[rebooting.clone()]);
    for (rows, changed) in [(started.clone(), true), (started, false), (server("a", "ACTIVE", same_second), true)] {
        inventory.want_poll();
        let ask = inventory.next().unwrap();
        assert_eq!(inventory.learn(&ask, told([rows], "2026-11-22T09:00:01Z")), Ok(changed));
    }
    assert_eq!(inventory.rows()["a"].status, Status::Active);
    assert_eq!(inventory.rows()["a"].task_state, None);
}

#[test]
fn a_deleted_row_is_removed() {
    let mut inventory = listed(&[server("a", "ACTIVE", "2026-11-22T08:00:00Z")]);
    inventory.want_poll();
    let ask = inventory.next().unwrap();
    let gone = told([server("a", "DELETED", "2026-11-22T09:00:05Z")], "2026-11-22T09:00:06Z");
    assert_eq!(inventory.learn(&ask, gone), Ok(true));
    assert!(inventory.rows().is_empty());
}

#[test]
fn what_a_sweep_does_not_show_stays_until_a_get_says_404() {
    let rows = [server("a", "ACTIVE", "2026-11-22T08:00:00Z"), server("b", "ACTIVE", "2026-11-22T08:00:00Z")];
    let mut inventory = listed(&rows);
    inventory.want_sweep();
    inventory.learn(&Ask::Sweep(None), told([rows[0].clone()], "2026-11-22T09:10:00Z")).unwrap();
    assert_eq!(ids(&inventory), ["a", "b"]);
    assert!(inventory.unconfirmed().contains("b"));
    let ask = inventory.next().unwrap();
    assert_eq!(ask, Ask::One("b".into()));
    let mut found = inventory.clone();
    assert_eq!(found.learn(&ask, told([rows[1].clone()], "2026-11-22T09:10:00Z")), Ok(true));
    assert!(found.unconfirmed().is_empty() && found.rows().contains_key("b"), "it was only hidden");
    let mut unclear = inventory.clone();
    assert!(!unclear.failed(&ask, &Failure::new(FailureKind::Retry, "No")));
    assert!(unclear.unconfirmed().contains("b"), "a failure proves nothing");
    assert!(inventory.failed(&ask, &Failure::new(FailureKind::NotFound, "No")));
    assert_eq!(ids(&inventory), ["a"]);
    assert_eq!(inventory.next(), None);
}

#[test]
fn a_cell_that_is_down_does_not_erase_what_was_known() {
    let mut inventory = listed(&[server("a", "ACTIVE", "2026-11-22T08:00:00Z")]);
    inventory.want_sweep();
    let hidden = json!({ "id": "a", "status": "UNKNOWN", "tenant_id": "p", "created": "2026-11-22T08:00:00Z" });
    assert_eq!(inventory.learn(&Ask::Sweep(None), told([hidden], "2026-11-22T09:10:00Z")), Ok(true));
    let row = &inventory.rows()["a"];
    assert_eq!((&row.status, row.name.as_str()), (&Status::Unknown, "web-a"));
    assert!(inventory.unconfirmed().is_empty());
}

#[test]
fn a_sweep_goes_on_behind_the_last_row_whose_cell_is_up() {
    let mut inventory = listed(&[]);
    inventory.want_sweep();
    let page = [server("a", "ACTIVE", "2026-11-22T08:00:00Z"), json!({ "id": "x", "status": "UNKNOWN" })];
    let page = Told { next: Some("x".to_owned()), ..told(page, "2026-11-22T09:10:00Z") };
    inventory.learn(&Ask::Sweep(None), page).unwrap();
    assert_eq!(inventory.next(), Some(Ask::Sweep(Some("a".to_owned()))));
}

#[test]
fn a_list_that_goes_in_a_circle_ends_with_a_failure() {
    let mut inventory = listed(&[]);
    inventory.want_sweep();
    let page = || Told { next: Some("m".to_owned()), ..told([], "2026-11-22T09:10:00Z") };
    inventory.learn(&Ask::Sweep(None), page()).unwrap();
    let failure = inventory.learn(&Ask::Sweep(Some("m".to_owned())), page()).unwrap_err();
    assert!(failure.message.contains("circle"), "{failure}");
    assert!(!inventory.sweeping());
}

#[test]
fn polls_go_between_the_pages_of_a_sweep() {
    let mut inventory = listed(&[server("a", "ACTIVE", "2026-11-22T08:00:00Z")]);
    inventory.want_sweep();
    let page = Told { next: Some("m".to_owned()), ..told([], "2026-11-22T09:10:00Z") };
    inventory.learn(&Ask::Sweep(None), page).unwrap();
    inventory.want_poll();
    let ask = inventory.next().unwrap();
    assert!(matches!(ask, Ask::Changes(..)));
    let fresh = [server("a", "SHUTOFF", "2026-11-22T09:10:00Z"), server("n", "BUILD", "2026-11-22T09:10:00Z")];
    inventory.learn(&ask, told(fresh, "2026-11-22T09:10:01Z")).unwrap();
    // The last page has neither of them; both were just seen.
    inventory.learn(&Ask::Sweep(Some("m".to_owned())), told([], "2026-11-22T09:10:02Z")).unwrap();
    assert!(inventory.unconfirmed().is_empty());
    assert_eq!(ids(&inventory), ["a", "n"]);
}

#[test]
fn an_instance_that_hangs_for_days_does_not_hurry_us() {
    let mut stuck = server("a", "BUILD", "2026-11-20T09:00:00Z");
    stuck["OS-EXT-STS:task_state"] = json!("spawning");
    let inventory = listed(&[stuck]);
    let patience = Duration::from_secs(600);
    assert!(inventory.in_transition(at("2026-11-20T09:05:00Z"), patience));
    assert!(!inventory.in_transition(at("2026-11-22T09:05:00Z"), patience));
}
