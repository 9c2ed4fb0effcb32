//! Freezes: when they hold, to the second and across clocks that are put on and back, and what they refuse.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::base::clock::Timestamp;
use stackdeck::operation::freeze::{End, Freeze, Weekly, Window};
use stackdeck::operation::record::{Pause, Wish};
use stackdeck::operation::{Actor, Aim, Event, Intent, Operation, OperationId, Plan, Reboot, Record, Verb};

use crate::operation::plan;

const EVERY_DAY: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn weekly(days: &[Weekday], from: &str, to: &str, after: i8) -> Window {
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    Window::Weekly(Weekly { days: days.to_vec(), from, to, after, zone: berlin() })
}

/// When it is over, as the clock there shows it; `None` when it does not hold.
fn end(window: &Window, now: &str) -> Option<String> {
    match window.end(at(now))? {
        End::At(end) => Some(end.strftime("%a %d %H:%M %Z").to_string()),
        End::Never => Some("never".to_owned()),
    }
}

fn freeze(name: &str, window: Window) -> Freeze {
    Freeze {
        name: name.into(),
        reason: "nobody is there".into(),
        window,
        pass: Freeze::PASS.into(),
        clouds: Vec::new(),
    }
}

fn always() -> Window {
    Window::Once { from: Timestamp::MIN, to: at("2027-01-04T06:00:00Z"), zone: berlin() }
}

#[test]
fn one_over_midnight_begins_on_its_days_and_ends_before_its_end() {
    let nights = weekly(&EVERY_DAY[..5], "20:00", "07:00", 1);
    for (now, expected) in [
        ("2026-11-23T18:59:59.999Z", None),
        ("2026-11-23T19:00:00Z", Some("Tue 24 07:00 CET")),
        ("2026-11-24T05:59:59.999999999Z", Some("Tue 24 07:00 CET")),
        ("2026-11-24T06:00:00Z", None),
        // Friday's reaches into Saturday; Saturday has none of its own.
        ("2026-11-28T05:00:00Z", Some("Sat 28 07:00 CET")),
        ("2026-11-28T20:00:00Z", None),
        ("2026-11-30T05:00:00Z", None),
    ] {
        assert_eq!(end(&nights, now).as_deref(), expected, "{now}");
    }
}

#[test]
fn those_that_follow_one_another_are_one() {
    let weekend = weekly(&[Weekday::Saturday, Weekday::Sunday], "00:00", "00:00", 1);
    assert_eq!(end(&weekend, "2026-11-28T00:00:00Z").as_deref(), Some("Mon 30 00:00 CET"));
    assert_eq!(end(&weekend, "2026-11-29T23:00:00Z"), None);
    let longer = weekly(&[Weekday::Friday], "20:00", "07:00", 3);
    assert_eq!(end(&longer, "2026-11-30T05:59:00Z").as_deref(), Some("Mon 30 07:00 CET"));
    assert_eq!(end(&weekly(&EVERY_DAY, "00:00", "00:00", 1), "2026-11-28T00:00:00Z").as_deref(), Some("never"));
    assert_eq!(end(&weekly(&[Weekday::Friday], "20:00", "20:00", 7), "2026-11-28T00:00:00Z").as_deref(), Some("never"));
}

#[test]
fn clocks_that_are_put_on_or_back_make_it_no_shorter() {
    // On the 29th of March 02:00 is 03:00: what would begin or end in between does so in that moment.
    let spring = |from, to| weekly(&[Weekday::Sunday], from, to, 0);
    assert_eq!(end(&spring("02:30", "05:00"), "2026-03-29T00:59:59Z"), None);
    assert_eq!(end(&spring("02:30", "05:00"), "2026-03-29T01:00:00Z").as_deref(), Some("Sun 29 05:00 CEST"));
    assert_eq!(end(&spring("01:00", "02:30"), "2026-03-29T00:59:59Z").as_deref(), Some("Sun 29 03:00 CEST"));
    assert_eq!(end(&spring("01:00", "02:30"), "2026-03-29T01:00:00Z"), None);
    // On the 25th of October 02:30 comes twice.
    assert_eq!(end(&spring("02:30", "05:00"), "2026-10-25T00:30:00Z").as_deref(), Some("Sun 25 05:00 CET"));
    assert_eq!(end(&spring("02:30", "05:00"), "2026-10-25T01:15:00Z").as_deref(), Some("Sun 25 05:00 CET"));
    assert_eq!(end(&spring("01:00", "02:30"), "2026-10-25T01:29:59Z").as_deref(), Some("Sun 25 02:30 CET"));
    assert_eq!(end(&spring("01:00", "02:30"), "2026-10-25T01:30:00Z"), None);
}

#[test]
fn one_from_date_to_date_ends_before_its_end() {
    let window = Window::Once { from: at("2026-12-18T17:00:00Z"), to: at("2027-01-03T23:00:00Z"), zone: berlin() };
    assert_eq!(end(&window, "2026-12-18T16:59:59Z"), None);
    assert_eq!(end(&window, "2026-12-18T17:00:00Z").as_deref(), Some("Mon 04 00:00 CET"));
    assert_eq!(end(&window, "2027-01-03T23:00:00Z"), None);
}

#[test]
fn it_says_until_when_why_what_passes_and_what_lifts_it() {
    let freezes = [freeze("year end", always())];
    let frozen = Freeze::in_force(&freezes, "prod", at("2026-12-24T12:00:00Z"));
    assert_eq!(
        frozen[0].speaks_against(Verb::RollOut).unwrap(),
        "the freeze year end holds until Mon 2027-01-04 07:00 CET (nobody is there): only restart, start, lock, unlock, \
         drain, put-back and quarantine pass; --break-glass REASON in a shell lifts it, for the record"
    );
    for verb in Freeze::PASS {
        assert_eq!(frozen[0].speaks_against(verb), None, "{verb}");
    }
    let wish = Intent::new(Verb::Rebuild, Aim::Instances(Vec::new()));
    assert!(frozen[0].refuses(&wish).is_some());
    assert_eq!(frozen[0].refuses(&Intent { break_glass: Some("fire".into()), ..wish }), None);
    let unread = Freeze { pass: [].into(), ..freeze("x", Window::Unread { why: "config.toml:3: `to` …".into() }) };
    let told = Freeze::in_force(&[unread], "prod", at("2026-12-24T12:00:00Z"))[0].speaks_against(Verb::Lock).unwrap();
    assert!(told.contains("until it can be read: config.toml:3: `to` …") && told.contains("nothing passes"), "{told}");
}

#[test]
fn it_holds_in_its_clouds_alone() {
    let freezes = [Freeze { clouds: vec!["prod".into()], ..freeze("year end", always()) }];
    assert_eq!(Freeze::in_force(&freezes, "prod", at("2026-12-24T12:00:00Z")).len(), 1);
    assert_eq!(Freeze::in_force(&freezes, "test", at("2026-12-24T12:00:00Z")), []);
}

/// An operation that was approved before, of that wish, and what happened since.
fn operation(intent: Intent, events: Vec<Event>) -> Operation {
    let plan = Plan { intent, ..plan(2) };
    let approved = Event::Approved { plan: Box::new(plan) };
    let record = |(number, event): (usize, Event)| Record {
        sequence: number as u64 + 1,
        operation: OperationId::new(at("2026-12-24T11:59:00Z"), 7),
        at: at("2026-12-24T11:59:00Z"),
        by: Actor::default(),
        event,
    };
    let records: Vec<Record> = [approved].into_iter().chain(events).enumerate().map(record).collect();
    Operation::fold(&records).unwrap()
}

#[test]
fn nothing_begins_in_it_and_what_is_under_way_goes_on() {
    let freezes = [freeze("year end", always())];
    let held = |operation: &Operation| Freeze::holds_back(&freezes, operation, at("2026-12-24T12:00:00Z")).is_some();
    let wish = |verb| Intent::new(verb, Aim::Instances(Vec::new()));
    assert!(held(&operation(wish(Verb::Stop), vec![])));
    assert!(!held(&operation(wish(Verb::Restart(Reboot::Soft)), vec![])), "what heals begins");
    assert!(!held(&operation(Intent { break_glass: Some("fire".into()), ..wish(Verb::Stop) }, vec![])));
    assert!(!held(&operation(wish(Verb::Stop), vec![Event::Asked { wish: Wish::Abort }])), "it may be ended");
    let claimed = Event::Claimed { pid: 1 };
    assert!(!held(&operation(wish(Verb::Stop), vec![claimed.clone()])));
    let paused = |pause| vec![claimed.clone(), Event::Paused { pause, why: String::new() }];
    assert!(!held(&operation(wish(Verb::RollOut), paused(Pause::Credentials))), "half of it is worse");
    assert!(held(&operation(wish(Verb::RollOut), paused(Pause::Checkpoint))), "behind a checkpoint it is at rest");
    let late = at("2026-12-24T13:00:00Z");
    assert_eq!(Freeze::holds_back(&freezes, &operation(wish(Verb::Stop), vec![]), late), None, "it expires");
}

const DAY: i64 = 24 * 60;
const WEEK: i64 = 7 * DAY;

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(5), failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    /// In a zone whose clock is never put on or back it is a matter of minutes of the week.
    #[test]
    fn in_utc_it_holds_as_minutes_are_counted(
        days in prop::collection::btree_set(0..7_i8, 1..7), from in 0..DAY, length in 1..=DAY, now in 0..WEEK,
    ) {
        let (days, from, length) = (days.into_iter().collect::<Vec<_>>(), from, length);
        let time = |minute: i64| Time::new((minute % DAY / 60) as i8, (minute % 60) as i8, 0, 0).unwrap();
        let to = from + length;
        let window = Window::Weekly(Weekly {
            days: days.iter().map(|day| EVERY_DAY[usize::try_from(*day).unwrap()]).collect(),
            from: time(from),
            to: time(to),
            after: (to / DAY) as i8,
            zone: TimeZone::UTC,
        });
        let counted = days.iter().any(|day| (now - i64::from(*day) * DAY - from).rem_euclid(WEEK) < length);
        // A Monday.
        let moment = at("2026-11-23T00:00:00Z") + std::time::Duration::from_secs(now.unsigned_abs() * 60);
        prop_assert_eq!(window.end(moment).is_some(), counted);
    }

    /// Wherever it is told that it ends, it holds up to there and no longer.
    #[test]
    fn it_holds_up_to_the_end_that_it_tells(
        day in 0..7_usize, from in 0..DAY, to in 0..DAY, after in 0..7_i8, hour in 0..9000_i64,
    ) {
        prop_assume!(after > 0 || to > from);
        let time = |minute: i64| Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).unwrap();
        let days = vec![EVERY_DAY[day]];
        let window = Window::Weekly(Weekly { days, from: time(from), to: time(to), after, zone: berlin() });
        let now = at("2026-01-01T00:17:00Z") + jiff::SignedDuration::from_hours(hour);
        if let Some(End::At(end)) = window.end(now) {
            let end = end.timestamp();
            let last = end - jiff::SignedDuration::from_nanos(1);
            prop_assert!(now < end && window.end(last).is_some() && window.end(end).is_none());
        }
    }
}
