//! Time: ages, notices, presence, and when to wake.

use std::sync::Arc;
use std::time::Duration;

use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::observation::Observation;
use stackdeck::console::app::cell::Tone;
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::model::Start;
use stackdeck::console::app::msg::{Msg, PollNews};
use stackdeck::console::app::next_wake;
use stackdeck::console::app::screen::status;
use stackdeck::fleet::control_plane::ControlPlane;
use stackdeck::fleet::detail::{ConsoleLog, Detail, DetailOf};

use super::console::{Console, fleet, instance};

fn age(console: &Console) -> Option<(String, Tone)> {
    status::ages(&console.model).first().map(|cell| (cell.text.clone(), cell.tone))
}

fn poll(console: &mut Console, failure: Option<Failure>) {
    let news = PollNews { at: console.now, interval: Duration::from_secs(5), failure, missing: Vec::new() };
    console.send(Msg::Polled(news));
}

#[test]
fn an_age_shows_from_twice_the_interval_and_is_an_error_from_five_times() {
    let mut console = Console::showing(&["web-1"]);
    poll(&mut console, None);
    console.wait(10);
    assert_eq!(age(&console), None);
    console.wait(1);
    assert_eq!(age(&console), Some(("10 s old".into(), Tone::Warn)));
    console.wait(15);
    assert_eq!(age(&console), Some(("25 s old".into(), Tone::Bad)));
    poll(&mut console, None);
    assert_eq!(age(&console), None);
}

#[test]
fn a_failing_cloud_is_told_once_and_does_not_look_fresh() {
    let mut console = Console::showing(&["web-1"]);
    for _ in 0..3 {
        console.wait(5);
        poll(&mut console, Some(Failure::new(FailureKind::Retry, "nova did not answer")));
    }
    assert_eq!(console.model.notices.newest_first().len(), 1);
    assert_eq!(age(&console), Some(("15 s old".into(), Tone::Warn)));
    assert_eq!(console.rows(), ["web"]);
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let mut console = Console::showing(&["web-1"]);
    poll(&mut console, None);
    console.wait(1);
    let drawn = console.model.generation();
    for _ in 0..8 {
        console.wait(5);
        poll(&mut console, None);
    }
    assert_eq!(console.model.generation(), drawn, "the same minute, the same rows");
    console.wait(30);
    assert_ne!(console.model.generation(), drawn, "the clock has moved on");
    let drawn = console.model.generation();
    console.fleet(fleet(&["web-1", "web-2"]));
    assert_ne!(console.model.generation(), drawn);
}

#[test]
fn waking_is_never_later_than_the_next_change() {
    let mut console = Console::showing(&["web-1"]);
    poll(&mut console, None);
    console.wait(1);
    for _ in 0..400 {
        let wake = next_wake(&console.model, console.now).unwrap();
        assert!(wake > Duration::ZERO && wake <= Duration::from_secs(60));
        let drawn = console.model.generation();
        if wake > Duration::from_millis(2) {
            console.now += wake - Duration::from_millis(2);
            console.send(Msg::Tick);
            assert_eq!(console.model.generation(), drawn, "something changed before the wake");
            console.now += Duration::from_millis(2);
        } else {
            console.now += wake;
        }
        console.send(Msg::Tick);
    }
}

#[test]
fn after_five_minutes_without_a_key_nobody_is_there_until_the_next_key() {
    let mut console = Console::showing(&["web-1"]);
    assert!(console.wait(299).is_empty());
    assert!(matches!(console.wait(1)[..], [Effect::Presence(false)]));
    assert!(console.wait(60).is_empty());
    assert!(matches!(console.keys("j")[..], [Effect::Presence(true)]));
}

#[test]
fn each_panel_is_measured_against_its_own_interval() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let start = Start {
        control_plane_interval: seconds(10),
        detail_interval: seconds(5),
        console_interval: seconds(2),
        ..Start::default()
    };
    let mut console = Console::with(start);
    console.sign_in();
    console.fleet(fleet(&["web-1"]));
    console.keys("4");
    console.send(Msg::ControlPlane(Arc::new(ControlPlane::default())));
    console.wait(20);
    assert_eq!(age(&console), None);
    console.wait(1);
    assert_eq!(age(&console), Some(("20 s old".into(), Tone::Warn)));

    console.keys("2 enter");
    let told = console.now;
    let detail = Detail {
        instance: Observation::of(Arc::new(instance("web-1")), told),
        console: Observation::of(ConsoleLog::default(), told),
        ..Detail::default()
    };
    console.send(Msg::Detail(DetailOf { id: "id-web-1".into(), detail: Arc::new(detail) }));
    console.wait(6);
    assert_eq!(age(&console), None, "the instance is read every 5 s");
    console.keys("l");
    assert_eq!(age(&console), Some(("5 s old".into(), Tone::Warn)), "its console log every 2 s");
}
