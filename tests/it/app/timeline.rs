//! What has changed: fed by news, kept in time, shown newest first, and a way to where it happened.

use std::sync::Arc;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::msg::{FleetNews, Msg};
use stackdeck::console::app::next_wake;
use stackdeck::console::app::trail::View;
use stackdeck::fleet::detail::HistoryEntry;
use stackdeck::fleet::instance::{Instance, Status};
use stackdeck::fleet::timeline::{Sighting, What, Whom};
use stackdeck::fleet::{Fleet, Timeline};

use super::console::{Console, fleet_of, instance, start_time};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(start_time().as_second() + seconds).unwrap()
}

/// Made days ago.
fn old(name: &str) -> Instance {
    Instance { created: Some(at(-200_000)), updated: Some(at(-190_000)), ..instance(name) }
}

/// The last run's snapshot.
fn cached(console: &mut Console, fleet: Fleet, seconds: i64) -> Vec<Effect> {
    let news = FleetNews { fleet: Arc::new(fleet), as_of: at(seconds), from_cache: true, partial: false };
    console.send(Msg::Fleet(news))
}

fn traced(effects: &[Effect]) -> Vec<String> {
    let of = |effect: &Effect| match effect {
        Effect::Trace(ids) => ids.iter().map(|id| id.as_str().to_owned()).collect(),
        _ => Vec::new(),
    };
    effects.iter().flat_map(of).collect()
}

fn kept(effects: &[Effect]) -> Option<Timeline> {
    effects.iter().find_map(|effect| match effect {
        Effect::KeepTimeline(seen) => Some((**seen).clone()),
        _ => None,
    })
}

fn asked(console: &mut Console, name: &str, verb: &str, seconds: i64) -> Vec<Effect> {
    let entry = HistoryEntry {
        verb: verb.to_owned(),
        request_id: Some(format!("req-{name}").into()),
        user: Some("ben".to_owned()),
        started: Some(at(seconds)),
        message: None,
        events: Vec::new(),
    };
    console.send(Msg::History(format!("id-{name}").into(), Ok(vec![entry])))
}

/// The named columns of the visible rows.
fn lines(console: &Console, columns: &[&str]) -> Vec<String> {
    let panel = console.panel();
    let places: Vec<usize> =
        columns.iter().map(|id| panel.columns.iter().position(|one| one.column.id == *id).unwrap()).collect();
    panel
        .rows
        .iter()
        .map(|row| places.iter().map(|at| row.cells[*at].text.clone()).collect::<Vec<_>>().join(" | "))
        .collect()
}

#[test]
fn what_happened_while_nobody_looked_is_told_with_who_wanted_it() {
    let mut console = Console::new();
    console.sign_in();
    cached(&mut console, fleet_of(vec![old("web-1"), old("web-2"), old("web-3")]), -36_000);
    let stopped = Instance { status: Status::Shutoff, updated: Some(at(-3_600)), ..old("web-2") };
    let made = Instance { created: Some(at(-7_200)), updated: Some(at(-7_190)), ..instance("web-4") };
    let effects = console.fleet(fleet_of(vec![old("web-1"), stopped, made]));
    assert_eq!(traced(&effects), ["id-web-3", "id-web-2", "id-web-4"], "the newest first, and none that is as it was");
    console.keys("6");
    assert_eq!(console.model.trail.here(), &View::Changes(None));
    let between = ", between 04:32 and 14:32";
    assert_eq!(
        lines(&console, &["when", "name", "what"]),
        [
            format!("14:32 | web-3 | gone{between}"),
            "13:32 | web-2 | ACTIVE → SHUTOFF".to_owned(),
            "12:32 | web-4 | created".to_owned()
        ]
    );
    asked(&mut console, "web-3", "delete", -1_800);
    asked(&mut console, "web-2", "stop", -3_605);
    asked(&mut console, "web-4", "create", -7_201);
    assert_eq!(
        lines(&console, &["when", "name", "what", "who"]),
        [
            "14:02 | web-3 | deleted | ben",
            "13:31 | web-2 | stop: ACTIVE → SHUTOFF | ben",
            "12:31 | web-4 | created | ben"
        ]
    );
}

#[test]
fn without_a_snapshot_the_clouds_own_times_tell_of_the_day() {
    let mut console = Console::new();
    console.sign_in();
    let made = Instance { created: Some(at(-7_200)), updated: Some(at(-7_190)), ..instance("web-1") };
    let touched = Instance { updated: Some(at(-600)), ..old("web-2") };
    let effects = console.fleet(fleet_of(vec![made, touched, old("web-3")]));
    assert_eq!(traced(&effects), ["id-web-2", "id-web-1"]);
    asked(&mut console, "web-2", "reboot", -610);
    console.keys("6");
    assert_eq!(lines(&console, &["name", "what"]), ["web-2 | reboot", "web-1 | created"]);
    // Whoever is explained is not asked for again.
    let again = Instance { updated: Some(at(-590)), ..old("web-2") };
    let made = Instance { created: Some(at(-7_200)), updated: Some(at(-7_190)), ..instance("web-1") };
    assert_eq!(traced(&console.fleet(fleet_of(vec![made, again, old("web-3")]))), Vec::<String>::new());
}

#[test]
fn what_is_new_is_written_once_and_an_idle_console_writes_nothing() {
    let mut console = Console::new();
    console.sign_in();
    console.fleet(fleet_of(vec![old("web-1"), old("web-2")]));
    assert_eq!(kept(&console.wait(600)), None, "nothing has happened");
    console.fleet(fleet_of(vec![old("web-1")]));
    let wake = next_wake(&console.model, console.now).unwrap();
    assert!(wake <= std::time::Duration::from_secs(30), "{wake:?}");
    assert_eq!(kept(&console.wait(29)), None, "what else happens is written with it");
    let seen = kept(&console.wait(1)).expect("half a minute has passed");
    assert_eq!(seen.len(), 1);
    assert_eq!(kept(&console.wait(600)), None);
    // What another console wrote meanwhile comes back, and is not written again.
    let whom = Whom { instance: Some("id-web-9".into()), name: "web-9".into(), service: None };
    let other = Sighting { at: at(60), after: None, stamped: true, whom, what: What::Created };
    console.send(Msg::Timeline(Box::new(Timeline::of([other], None))));
    assert_eq!(kept(&console.wait(600)), None);
    console.keys("6");
    assert_eq!(lines(&console, &["name"]).len(), 2);
}

#[test]
fn what_is_unsaved_is_kept_when_one_goes_elsewhere_and_stays_there() {
    let mut console = Console::new();
    console.sign_in();
    console.fleet(fleet_of(vec![old("web-1"), old("web-2")]));
    console.fleet(fleet_of(vec![old("web-1")]));
    console.text(":cloud test");
    let effects = console.keys("enter");
    let first = effects.iter().position(|effect| matches!(effect, Effect::KeepTimeline(_)));
    let then = effects.iter().position(|effect| matches!(effect, Effect::Switch(_)));
    assert!(first.is_some() && first < then, "{effects:?}");
    console.keys("6");
    assert_eq!(lines_or_none(&console), Vec::<String>::new(), "another cloud's day is another");
}

fn lines_or_none(console: &Console) -> Vec<String> {
    console.panel().rows.iter().map(|row| row.cells[0].text.clone()).collect()
}

#[test]
fn a_crowd_opens_and_enter_leads_to_the_instance() {
    let mut console = Console::new();
    console.sign_in();
    console.fleet(fleet_of(vec![old("web-1"), old("db-1")]));
    let many = (10..40).map(|number| Instance {
        created: Some(at(number)),
        updated: Some(at(number)),
        ..instance(&format!("web-{number}"))
    });
    console.now = at(60);
    console.fleet(fleet_of([old("web-1"), old("db-1")].into_iter().chain(many).collect()));
    console.keys("6");
    assert_eq!(lines(&console, &["name", "what"]), ["+ 30 instances | created"]);
    console.keys("enter");
    let opened = lines(&console, &["name"]);
    assert_eq!((opened[0].as_str(), opened[1].as_str()), ("- 30 instances", "  web-39"), "{opened:?}");
    console.keys("j enter");
    assert_eq!(console.model.trail.here(), &View::Instance("id-web-39".into()));
    console.keys("esc k enter");
    assert_eq!(lines(&console, &["name"]).len(), 1, "and closes again");
    // Of one service, from where one is.
    console.keys("1");
    assert_eq!(console.cursor().as_deref(), Some("db"));
    console.keys("t");
    assert!(matches!(console.model.trail.here(), View::Changes(Some(key)) if &*key.name == "db"));
    assert!(console.panel().rows.is_empty());
    assert_eq!(console.panel().empty[0].text, "Nothing has changed in the last day, as far as is known");
    console.text(":changes web");
    console.keys("enter");
    assert_eq!(lines(&console, &["name"]), ["+ 30 instances"]);
    console.text("/gone");
    console.keys("enter");
    assert!(console.panel().rows.is_empty());
}

#[test]
fn who_may_not_read_histories_is_told_so_and_asks_no_more() {
    let mut console = Console::new();
    console.sign_in();
    console.fleet(fleet_of(vec![old("web-1"), old("web-2")]));
    let effects = console.fleet(fleet_of(vec![old("web-1")]));
    assert_eq!(traced(&effects), ["id-web-2"]);
    console.send(Msg::History("id-web-2".into(), Err(Failure::new(FailureKind::Forbidden, "not for you"))));
    assert_eq!(traced(&console.fleet(fleet_of(vec![old("web-1"), old("web-2"), old("web-3")]))), Vec::<String>::new());
    assert!(console.model.changes.refused.is_some());
}
