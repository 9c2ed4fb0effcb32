//! What happened: seen twice and told once, with its cause, and in bounded memory.

use std::sync::Arc;

use proptest::prelude::*;
use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::detail::HistoryEntry;
use stackdeck::fleet::instance::{Instance, Status};
use stackdeck::fleet::service::{Fleet, ServiceKey, Severity};
use stackdeck::fleet::sources::Place;
use stackdeck::fleet::timeline::{Deed, Entry, MOST, Sighting, What, Whom, Work, compare, deeds, entries, first};
use stackdeck::fleet::{Sources, Timeline};

use super::build::{Row, Surroundings, ago, cloud, grouped, instance, now, pool, port};

/// So many seconds after noon.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

fn whom(name: &str) -> Whom {
    let service = ServiceKey {
        place: Place { cloud: "rig".into(), region: "RegionOne".into() },
        project: "demo".into(),
        name: name.split('-').next().unwrap().into(),
    };
    Whom { instance: Some(name.into()), name: name.into(), service: Some(service) }
}

/// Seen between two polls.
fn seen(name: &str, (after, by): (i64, i64), what: What) -> Sighting {
    Sighting { at: at(by), after: Some(at(after)), stamped: false, whom: whom(name), what }
}

fn state(name: &str, window: (i64, i64), from: &str, to: &str) -> Sighting {
    seen(name, window, What::Status(from.into(), to.into()))
}

fn deed(name: &str, seconds: i64, verb: &str, request: &str) -> Sighting {
    let deed = Deed { verb: verb.into(), request: Some(request.into()), user: Some("anna".into()), failed: false };
    Sighting { at: at(seconds), after: None, stamped: true, whom: whom(name), what: What::Deed(deed) }
}

fn timeline(seen: impl IntoIterator<Item = Sighting>) -> Timeline {
    Timeline::of(seen, None)
}

/// Each entry in a line, the newest first.
fn lines(entries: &[Entry]) -> Vec<String> {
    let line = |entry: &Entry| {
        let time = entry.at.strftime("%H:%M:%S");
        let between = if entry.after.is_some() { "by " } else { "" };
        format!("{between}{time} {} {}", entry.subject(), entry.text())
    };
    entries.iter().map(line).collect()
}

fn told(seen: impl IntoIterator<Item = Sighting>, works: &[Work]) -> Vec<String> {
    lines(&entries(timeline(seen).sightings(), works))
}

#[test]
fn two_fleets_tell_what_happened_between_them_and_whose_history_is_worth_a_look() {
    let row = |name: &str, version: &str| instance(name).meta("version", version);
    let before = grouped(&cloud([row("web-1", "1"), row("web-2", "1"), row("web-3", "1"), instance("old-1")]));
    let mut stopped = row("web-2", "1").status("SHUTOFF");
    stopped.updated = Some(at(-20));
    let mut made = instance("web-4");
    (made.created, made.updated) = (Some(at(-30)), Some(at(-25)));
    let after = grouped(&cloud([row("web-1", "2"), stopped, row("web-3", "1"), made, instance("back-1")]));
    let found = compare(&before, &after, (at(-60), at(0)));
    assert_eq!(
        told(found.sightings, &[]),
        [
            "by 12:00:00 web-1 version 1 → 2",
            "by 12:00:00 old-1 gone",
            "by 12:00:00 back-1 came into sight",
            "11:59:40 web-2 ACTIVE → SHUTOFF",
            "11:59:30 web-4 created",
        ]
    );
    let touched: Vec<&str> = found.touched.iter().map(|whom| &*whom.name).collect();
    assert_eq!(touched, ["old-1", "web-2", "web-4", "back-1"], "the newest first; web-1 is as Nova had it");
    assert_eq!(compare(&after, &after, (at(-60), at(0))), Default::default());
}

#[test]
fn another_word_for_what_runs_is_no_other_version() {
    let says = |itself: &[&str], metadata: &str| {
        let reported = itself.iter().map(|version| ("web-1".into(), (*version).into())).collect();
        grouped(&Sources { reported, ..cloud([instance("web-1").meta("version", metadata)]) })
    };
    let told = |before: &Fleet, after: &Fleet| told(compare(before, after, (at(-60), at(0))).sightings, &[]);
    let (unheard, heard) = (says(&[], "1"), says(&["2"], "1"));
    assert_eq!(told(&unheard, &heard), [""; 0], "it is heard for the first time");
    assert_eq!(told(&heard, &unheard), [""; 0], "and no longer");
    assert_eq!(told(&heard, &says(&["3"], "1")), ["by 12:00:00 web-1 version 2 → 3"]);
    assert_eq!(told(&says(&["1"], "1"), &says(&[], "2")), ["by 12:00:00 web-1 version 1 → 2"], "it is being rebuilt");
}

#[test]
fn pools_tell_weights_states_and_who_comes_and_goes() {
    let rows = || [instance("web-1"), instance("web-2"), instance("web-3")];
    let ports = || vec![port("web-1", "10.0.0.1"), port("web-2", "10.0.0.2"), port("web-3", "10.0.0.3")];
    let with = |members: &[(&str, &str)], weight: u16| {
        let mut made = pool("lb-web", members);
        Arc::make_mut(&mut made.members)[0].weight = weight;
        grouped(&cloud(rows()).ports(ports()).pools(vec![made]))
    };
    let before = with(&[("10.0.0.1", "ONLINE"), ("10.0.0.2", "ONLINE"), ("10.0.0.9", "ONLINE")], 100);
    let after = with(&[("10.0.0.1", "ONLINE"), ("10.0.0.2", "ERROR"), ("10.0.0.3", "ONLINE")], 0);
    let found = compare(&before, &after, (at(-15), at(0)));
    let mut lines = told(found.sightings.clone(), &[]);
    lines.sort();
    assert_eq!(
        lines,
        [
            "by 12:00:00 10.0.0.9:8080 left lb-web",
            "by 12:00:00 web-1 weight 100 → 0 in lb-web",
            "by 12:00:00 web-2 ONLINE → ERROR in lb-web",
            "by 12:00:00 web-3 joined lb-web with weight 1",
        ]
    );
    assert!(found.touched.is_empty(), "{:?}", found.touched);
    // Before Octavia has answered nothing is known of pools: that is no news of them.
    let unknown = grouped(&cloud(rows()).ports(ports()));
    assert_eq!(compare(&unknown, &after, (at(-15), at(0))).sightings, []);
    assert_eq!(compare(&after, &unknown, (at(-15), at(0))).sightings, []);
}

#[test]
fn the_first_fleet_ever_seen_tells_of_the_day_by_the_clouds_own_times() {
    let mut young = instance("web-1");
    (young.created, young.updated) = (Some(ago(50)), Some(ago(40)));
    let mut old = instance("web-2");
    (old.created, old.updated) = (Some(ago(9_000)), Some(ago(30)));
    let mut calm = instance("web-3");
    (calm.created, calm.updated) = (Some(ago(9_000)), Some(ago(8_000)));
    let found = first(&grouped(&cloud([young, old, calm])), ago(24 * 60));
    assert_eq!(told(found.sightings, &[]), ["11:10:00 web-1 created"]);
    let touched: Vec<&str> = found.touched.iter().map(|whom| &*whom.name).collect();
    assert_eq!(touched, ["web-2", "web-1"]);
}

#[test]
fn what_somebody_asked_for_is_told_with_what_came_of_it() {
    let restarted = [
        state("web-1", (0, 5), "ACTIVE", "REBOOT"),
        state("web-1", (10, 15), "REBOOT", "ACTIVE"),
        deed("web-1", 2, "reboot", "req-1"),
        deed("web-2", 100, "stop", "req-2"),
        state("web-2", (100, 105), "ACTIVE", "SHUTOFF"),
        deed("web-3", 200, "delete", "req-3"),
        seen("web-3", (150, 900), What::Gone),
        deed("web-4", 300, "create", "req-4"),
        Sighting { at: at(301), after: None, stamped: true, whom: whom("web-4"), what: What::Created },
        state("web-4", (305, 310), "BUILD", "ERROR"),
        deed("web-5", 400, "lock", "req-5"),
        state("web-5", (401, 405), "ACTIVE", "ERROR"),
        // Hours later: that has nothing to do with the stop.
        state("web-2", (9_000, 9_005), "SHUTOFF", "ACTIVE"),
    ];
    assert_eq!(
        told(restarted, &[]),
        [
            "by 14:30:05 web-2 SHUTOFF → ACTIVE",
            "by 12:06:45 web-5 ACTIVE → ERROR",
            "12:06:40 web-5 lock by anna",
            "12:05:00 web-4 created by anna, but is in ERROR",
            "12:03:20 web-3 deleted by anna",
            "12:01:40 web-2 stop by anna: ACTIVE → SHUTOFF",
            "12:00:02 web-1 reboot by anna: ACTIVE → REBOOT → ACTIVE",
        ]
    );
}

#[test]
fn what_nobody_explains_is_told_as_one_course_of_states() {
    let states = [
        state("web-1", (0, 5), "ACTIVE", "REBOOT"),
        state("web-1", (10, 15), "REBOOT", "ACTIVE"),
        // Two events: in between it was settled.
        state("web-1", (60, 65), "ACTIVE", "SHUTOFF"),
        Sighting { at: at(300), after: None, stamped: true, whom: whom("web-2"), what: What::Created },
        state("web-2", (310, 315), "BUILD", "ACTIVE"),
    ];
    assert_eq!(
        told(states, &[]),
        ["12:05:00 web-2 created", "by 12:01:05 web-1 ACTIVE → SHUTOFF", "by 12:00:05 web-1 ACTIVE → REBOOT → ACTIVE",]
    );
}

#[test]
fn two_consoles_that_see_the_same_tell_it_once() {
    let both = [
        state("web-1", (0, 5), "ACTIVE", "REBOOT"),
        state("web-1", (2, 7), "ACTIVE", "REBOOT"),
        state("web-1", (10, 15), "REBOOT", "ACTIVE"),
        state("web-1", (12, 17), "REBOOT", "ACTIVE"),
        // A flapping member is not one event, however alike its states are.
        seen("web-2", (0, 15), What::Operating("p".into(), "ONLINE".into(), "ERROR".into())),
        seen("web-2", (15, 30), What::Operating("p".into(), "ERROR".into(), "ONLINE".into())),
        seen("web-2", (30, 45), What::Operating("p".into(), "ONLINE".into(), "ERROR".into())),
    ];
    let lines = told(both, &[]);
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert_eq!(lines[3], "by 12:00:05 web-1 ACTIVE → REBOOT → ACTIVE");
    let failed = Sighting {
        what: What::Deed(Deed {
            verb: "reboot".into(),
            request: Some("req-1".into()),
            user: Some("anna".into()),
            failed: true,
        }),
        ..deed("web-1", 2, "reboot", "req-1")
    };
    assert_eq!(told([deed("web-1", 2, "reboot", "req-1"), failed], &[]), ["12:00:02 web-1 reboot by anna failed"]);
}

#[test]
fn what_an_operation_does_is_told_as_the_operations() {
    let works = [Work { instance: "web-1".into(), from: at(0), to: Some(at(60)), requests: vec!["req-1".into()] }];
    let began =
        |operation: &str| What::Began { operation: operation.into(), title: "Restart web".into(), by: "anna".into() };
    let group = Whom { instance: None, name: "web".into(), service: whom("web-1").service };
    let seen = [
        Sighting { at: at(-1), after: None, stamped: true, whom: group, what: began("01OP") },
        deed("web-1", 1, "reboot", "req-1"),
        state("web-1", (0, 5), "ACTIVE", "REBOOT"),
        state("web-1", (10, 15), "REBOOT", "ACTIVE"),
        seen("web-1", (60, 75), What::Operating("p".into(), "ERROR".into(), "ONLINE".into())),
        // Not the operation's: another request, another instance, long after, and an end that nobody wants.
        deed("web-1", 20, "lock", "req-9"),
        state("web-2", (0, 5), "ACTIVE", "SHUTOFF"),
        state("web-1", (600, 605), "ACTIVE", "SHUTOFF"),
        state("web-1", (30, 35), "ACTIVE", "ERROR"),
    ];
    assert_eq!(
        told(seen, &works),
        [
            "by 12:10:05 web-1 ACTIVE → SHUTOFF",
            "by 12:00:35 web-1 ACTIVE → ERROR",
            "12:00:20 web-1 lock by anna",
            "by 12:00:05 web-2 ACTIVE → SHUTOFF",
            "11:59:59 web Restart web: approved by anna",
        ]
    );
}

#[test]
fn a_crowd_is_one_line_that_can_be_opened() {
    let made = |number: i64| Sighting {
        at: at(number),
        after: None,
        stamped: true,
        whom: whom(&format!("web-{number}")),
        what: What::Created,
    };
    let crowd = (1..=30).map(made).chain([state("web-31", (100, 105), "ACTIVE", "ERROR")]);
    let all = entries(timeline(crowd).sightings(), &[]);
    assert_eq!(lines(&all), ["by 12:01:45 web-31 ACTIVE → ERROR", "12:00:01 30 instances created"]);
    assert_eq!((all[1].count(), all[1].parts.len(), all[1].until), (30, 30, at(30)));
    assert_eq!((all[0].severity(), all[1].severity()), (Severity::Critical, Severity::Ok));
    // Two are not a crowd, and neither are those of two services.
    let apart = [made(1), made(2), Sighting { whom: whom("shop-1"), ..made(3) }];
    assert_eq!(entries(timeline(apart).sightings(), &[]).len(), 3);
}

#[test]
fn history_tells_of_the_time_since_and_nothing_of_before() {
    let line = |minutes: i64, verb: &str, message: Option<&str>| HistoryEntry {
        verb: verb.to_owned(),
        request_id: Some(format!("req-{verb}").into()),
        user: Some("u-1".to_owned()),
        started: Some(ago(minutes)),
        message: message.map(str::to_owned),
        events: Vec::new(),
    };
    let undated = HistoryEntry { started: None, ..line(0, "odd", None) };
    let history = [line(5, "reboot", Some("Error")), undated, line(2_000, "create", None)];
    let seen = deeds(&whom("web-1"), &history, ago(24 * 60));
    assert_eq!(told(seen, &[]), ["11:55:00 web-1 reboot by u-1 failed"]);
}

#[test]
fn a_day_is_kept_and_no_more_than_a_number_and_what_is_dropped_is_said() {
    let mut kept = timeline([state("web-1", (-90_000, -89_990), "ACTIVE", "ERROR"), deed("web-1", -60, "reboot", "r")]);
    kept.prune(now());
    assert_eq!((kept.len(), kept.complete_since()), (1, None));
    let many = (0..MOST as i64 + 10).map(|number| deed("web-1", number, "reboot", &format!("req-{number}")));
    let full = timeline(many);
    assert_eq!((full.len(), full.complete_since()), (MOST, Some(at(9))));
    assert_eq!(full.clone().extend([deed("web-1", 3, "reboot", "req-3")]), 0, "what was dropped is no news");
}

fn any_sighting() -> impl Strategy<Value = Sighting> {
    let statuses = || prop::sample::select(vec!["ACTIVE", "REBOOT", "SHUTOFF", "ERROR", "BUILD"]);
    let what = prop_oneof![
        Just(What::Created),
        Just(What::Gone),
        (statuses(), statuses()).prop_map(|(a, b)| What::Status(Status::from(a), Status::from(b))),
        (0..3_u16, 0..3_u16).prop_map(|(a, b)| What::Weight("p".into(), a, b)),
        (0..4_u8, any::<bool>()).prop_map(|(request, failed)| What::Deed(Deed {
            verb: "reboot".into(),
            request: Some(format!("req-{request}").into()),
            user: None,
            failed,
        })),
    ];
    (0..4_u8, 0..600_i64, prop::option::of(1..100_i64), any::<bool>(), what).prop_map(
        |(name, by, window, stamped, what)| Sighting {
            at: at(by),
            after: window.map(|window| at(by - window)),
            stamped,
            whom: whom(&format!("web-{name}")),
            what,
        },
    )
}

fn some() -> impl Strategy<Value = Vec<Sighting>> {
    prop::collection::vec(any_sighting(), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn merging_is_idempotent_and_in_any_order(a in some(), b in some(), c in some()) {
        let merged = |parts: &[&Vec<Sighting>]| {
            let mut all = Timeline::default();
            for part in parts {
                all.merge(&timeline(part.iter().cloned()));
            }
            all
        };
        let all = merged(&[&a, &b, &c]);
        prop_assert_eq!(&all, &merged(&[&c, &a, &b]));
        prop_assert_eq!(&all, &merged(&[&a, &b, &a, &c, &b, &c]));
        let mut again = all.clone();
        prop_assert_eq!(again.merge(&all), 0);
        prop_assert_eq!(entries(all.sightings(), &[]), entries(again.sightings(), &[]));
    }

    #[test]
    fn no_event_is_told_twice_and_the_newest_is_first(seen in some()) {
        let all = timeline(seen);
        let told = entries(all.sightings(), &[]);
        prop_assert!(told.iter().map(Entry::count).sum::<usize>() <= all.len());
        prop_assert!(told.is_sorted_by(|one, next| one.at >= next.at));
        let mut ids: Vec<_> = told.iter().flat_map(|entry| std::iter::once(entry).chain(&entry.parts)).map(|one| &one.id).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), count, "a row of a table has one name");
    }

    #[test]
    fn what_is_told_says_all_deeds_once(seen in some()) {
        let all = timeline(seen);
        let asked: std::collections::BTreeSet<_> = all.sightings().filter_map(|one| match &one.what {
            What::Deed(deed) => Some((one.whom.instance.clone(), deed.request.clone())),
            _ => None,
        }).collect();
        let told = entries(all.sightings(), &[]);
        let parts = told.iter().flat_map(|entry| if entry.parts.is_empty() { std::slice::from_ref(entry) } else { &entry.parts });
        let deeds: Vec<_> = parts.filter(|entry| matches!(entry.what, What::Deed(_))).collect();
        prop_assert_eq!(deeds.len(), asked.len());
    }
}

#[test]
fn an_instance_of_which_little_is_known_is_told_too() {
    let nameless = Instance { name: String::new(), created: None, ..instance("id-1") };
    let found = compare(&grouped(&cloud([])), &grouped(&cloud([nameless])), (at(-5), at(0)));
    assert_eq!(told(found.sightings, &[]), ["by 12:00:00 id-1 created"]);
}
