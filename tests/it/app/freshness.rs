//! Time: ages, notices, presence, and when to wake.

use std::sync::Arc;
use std::time::Duration;

use stackdeck::base::awaited::{Awaited, Silence};
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

fn reasons(console: &Console) -> Vec<String> {
    status::reasons(&console.model).into_iter().map(|cell| cell.text).collect()
}

fn silence(console: &Console, service: &str, seconds: u64) -> Silence {
    let place = format!("GET {service} /somewhere");
    Silence { service: service.to_owned(), place, since: console.now - Duration::from_secs(seconds) }
}

#[test]
fn who_lets_us_wait_is_told_and_for_how_long() {
    let mut console = Console::new();
    console.sign_in();
    let silences = vec![silence(&console, "compute", 8), silence(&console, "network", 7)];
    console.send(Msg::Awaited(Awaited { silences, next_try: None }));
    assert_eq!(reasons(&console), ["compute has not answered for 5 s"]);
    let empty = |console: &Console| console.panel().empty.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
    assert_eq!(
        empty(&console),
        ["Reading …", "No answer for 5 s: GET compute /somewhere", "No answer for 5 s: GET network /somewhere"]
    );
    console.wait(2);
    assert_eq!(reasons(&console), ["compute has not answered for 10 s"]);
    console.wait(60);
    assert_eq!(reasons(&console), ["compute has not answered for 1m"]);
    console.send(Msg::Awaited(Awaited::default()));
    assert_eq!(reasons(&console), [""; 0]);
    assert_eq!(empty(&console), ["Reading …"]);
}

#[test]
fn what_failed_stays_on_the_screen_with_the_next_try() {
    let mut console = Console::showing(&["web-1"]);
    poll(&mut console, Some(Failure::new(FailureKind::Retry, "compute answered 503")));
    let next_try = Some(console.now + Duration::from_secs(12));
    console.send(Msg::Awaited(Awaited { silences: Vec::new(), next_try }));
    console.wait(1);
    assert_eq!(reasons(&console), ["compute answered 503", "next try in 15 s"]);
    console.wait(9);
    assert_eq!(reasons(&console), ["compute answered 503", "next try in 5 s"]);
    console.wait(2);
    assert_eq!(reasons(&console), ["compute answered 503"], "now");
    console.send(Msg::Awaited(Awaited::default()));
    poll(&mut console, None);
    assert_eq!(reasons(&console), [""; 0]);
}

#[test]
fn waking_is_never_later_than_the_next_change() {
    for awaited in [false, true] {
        wakes_in_time(awaited);
    }
}

fn wakes_in_time(awaited: bool) {
    let mut console = Console::showing(&["web-1"]);
    poll(&mut console, None);
    console.wait(1);
    if awaited {
        let silences = vec![silence(&console, "compute", 9), silence(&console, "network", 7)];
        let next_try = Some(console.now + Duration::from_millis(200_300));
        console.send(Msg::Awaited(Awaited { silences, next_try }));
    }
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
    assert!(matches!(console.wait(30)[..], [Effect::KeepTimeline(_)]), "that the instance was made");
    assert!(console.wait(269).is_empty());
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
