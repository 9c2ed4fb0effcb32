//! Looking into one instance and into the cloud: searching and freezing a console log, unfolding the history, tabs.

use std::sync::Arc;
use std::time::Duration;

use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::observation::Observation;
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::msg::{Msg, PollNews};
use stackdeck::console::app::screen::{self, Panel, TextPanel};
use stackdeck::console::app::trail::CloudTab;
use stackdeck::fleet::control_plane::{ControlPlane, Endpoint, Quota};
use stackdeck::fleet::detail::{ConsoleLog, Detail, DetailOf, HistoryEntry, HistoryEvent};
use stackdeck::fleet::instance::ImageRef;

use super::console::{Console, fleet_of, instance};

fn looking() -> Console {
    let mut console = Console::showing(&["web-1"]);
    console.keys("2 enter");
    console
}

fn tell(console: &mut Console, detail: Detail) {
    let detail = Arc::new(detail);
    console.send(Msg::Detail(DetailOf { id: "id-web-1".into(), detail }));
}

fn text(console: &Console) -> TextPanel {
    match screen::panel(&console.model) {
        Panel::Text(panel) => panel,
        other => panic!("not a text: {other:?}"),
    }
}

fn log(lines: usize, now: stackdeck::base::clock::Timestamp) -> Detail {
    let lines = (0..lines).map(|at| format!("line {at}{}", if at % 50 == 7 { " Panic" } else { "" }).into()).collect();
    Detail { console: Observation::of(ConsoleLog { lines, truncated: false }, now), ..Detail::default() }
}

#[test]
fn a_console_log_follows_its_end_until_frozen_or_searched() {
    let mut console = looking();
    let effects = console.keys("l");
    assert!(matches!(&effects[..], [Effect::Follow(Some((_, interest)))] if interest.console), "{effects:?}");
    let now = console.now;
    tell(&mut console, log(200, now));
    assert_eq!(text(&console).lines.last().unwrap().cells[0].text, "line 199");
    tell(&mut console, log(220, now));
    assert_eq!(text(&console).lines.last().unwrap().cells[0].text, "line 219");
    console.keys("f");
    tell(&mut console, log(300, now));
    assert_eq!(text(&console).lines.last().unwrap().cells[0].text, "line 219", "frozen");
    console.keys("f");
    assert_eq!(text(&console).lines.last().unwrap().cells[0].text, "line 299", "follows again");
}

#[test]
fn a_search_in_a_text_goes_from_match_to_match_and_round_its_end() {
    let mut console = looking();
    console.keys("l");
    let now = console.now;
    tell(&mut console, log(200, now));
    let found = |console: &Console| {
        let panel = text(console);
        panel.lines.iter().find(|line| line.found).map(|line| line.cells[0].text.clone())
    };
    console.text("/panic");
    console.keys("enter & n");
    assert_eq!(found(&console).as_deref(), Some("line 7 Panic"), "round the end");
    console.keys("n");
    assert_eq!(found(&console).as_deref(), Some("line 57 Panic"));
    console.keys("N N");
    assert_eq!(found(&console).as_deref(), Some("line 157 Panic"));
    assert_eq!(text(&console).follows, Some(false), "what was found stays on the screen");
    console.keys("esc");
    assert_eq!(found(&console), None);
    console.text("/nowhere");
    console.keys("enter");
    assert!(console.notice().contains("nowhere"), "{}", console.notice());
}

fn entry(verb: &str, request: &str, events: Vec<HistoryEvent>) -> HistoryEntry {
    let request_id = Some(request.into());
    HistoryEntry { verb: verb.to_owned(), request_id, user: None, started: None, message: None, events }
}

fn event(name: &str) -> HistoryEvent {
    HistoryEvent {
        name: name.to_owned(),
        result: Some("Success".to_owned()),
        started: None,
        finished: None,
        traceback: None,
        host: None,
    }
}

#[test]
fn an_entry_of_the_history_unfolds_and_its_events_are_fetched_once() {
    let mut console = looking();
    console.keys("e");
    let now = console.now;
    let history = |events: Vec<HistoryEvent>| Detail {
        history: Observation::of(vec![entry("reboot", "req-2", events), entry("create", "req-1", vec![])], now),
        ..Detail::default()
    };
    tell(&mut console, history(vec![]));
    assert_eq!(console.panel().total, 2);
    console.keys("g g");
    let effects = console.keys("enter");
    assert!(
        matches!(&effects[..], [Effect::FetchEvents(id, request)] if id.as_str() == "id-web-1" && request == "req-2"),
        "{effects:?}"
    );
    tell(&mut console, history(vec![event("compute_reboot_instance"), event("compute_notify")]));
    assert_eq!(console.panel().total, 4);
    assert!(console.keys("enter").is_empty());
    assert_eq!(console.panel().total, 2, "folded again");
    assert!(console.keys("enter").is_empty(), "what is known is not fetched again");
    assert_eq!(console.panel().total, 4);
}

fn endpoint(service_type: &str) -> Endpoint {
    Endpoint {
        service_type: service_type.to_owned(),
        name: service_type.to_owned(),
        url: format!("http://cloud/{service_type}"),
        version: None,
        microversions: None,
        latency: Some(Duration::from_millis(12)),
        last_failure: None,
        requests_per_minute: 6,
        used: true,
    }
}

#[test]
fn the_cloud_is_watched_only_while_one_looks_and_each_tab_fails_by_itself() {
    let mut console = Console::showing(&["web-1"]);
    let effects = console.keys("4");
    assert!(matches!(effects[..], [Effect::WatchControlPlane(true)]), "{effects:?}");
    let quota = Quota { service: "compute", resource: "cores".to_owned(), used: 9, limit: Some(10) };
    let plane = ControlPlane {
        endpoints: vec![endpoint("compute"), endpoint("network")],
        hypervisors: Observation {
            known: None,
            failure: Some(Failure::new(FailureKind::Auth, "your role may not see hypervisors")),
        },
        quotas: Observation::of(vec![quota], console.now),
        ..ControlPlane::default()
    };
    console.send(Msg::ControlPlane(Arc::new(plane)));
    assert_eq!(console.rows(), ["compute", "network"]);
    let mut seen = vec![console.model.cloud_tab];
    let mut said = Vec::new();
    for _ in 0..4 {
        console.keys("tab");
        seen.push(console.model.cloud_tab);
        said.push(console.panel().empty.first().map(|cell| cell.text.clone()));
    }
    assert_eq!(seen, CloudTab::ALL);
    assert_eq!(said[1].as_deref(), Some("your role may not see hypervisors"));
    assert_eq!(said[3], None);
    assert_eq!(console.rows(), ["compute"]);
    assert!(console.panel().rows[0].cells.iter().any(|cell| cell.text == "90 %"));
    let effects = console.keys("1");
    assert!(matches!(effects[..], [Effect::WatchControlPlane(false)]), "{effects:?}");
}

fn column(console: &Console, id: &str) -> Option<String> {
    let panel = console.panel();
    let at = panel.columns.iter().position(|heading| heading.column.id == id)?;
    Some(panel.rows[0].cells[at].text.clone())
}

#[test]
fn project_and_host_appear_where_they_tell_something_and_ids_have_names() {
    let mut console = Console::showing(&["web-1"]);
    console.keys("2");
    assert_eq!((column(&console, "project"), column(&console, "host")), (None, None));

    let mut hosted = instance("web-1");
    hosted.host = Some("node-7".into());
    hosted.image = ImageRef::Image("image-1".into());
    let mut fleet = fleet_of(vec![hosted]);
    fleet.images.insert("image-1".into(), "ubuntu-24.04".into());
    console.model.scope.all_projects = true;
    let effects = console.sign_in();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ListProjects)), "{effects:?}");
    console.fleet(fleet);
    assert_eq!(column(&console, "host").as_deref(), Some("node-7"));
    assert_eq!(column(&console, "project").as_deref(), Some("project-1"));
    console.send(Msg::Projects(Ok(vec![("project-1".to_owned(), "payments".to_owned())])));
    assert_eq!(column(&console, "project").as_deref(), Some("payments"));
    console.send(Msg::ProjectNames(vec![("project-2".to_owned(), "elsewhere".to_owned())]));
    assert_eq!(column(&console, "project").as_deref(), Some("payments"), "one list adds to the other");
    console.text("/image:ubuntu project:pay");
    assert_eq!(console.rows(), ["web-1"]);
    console.keys("enter 1");
    assert_eq!(column(&console, "project").as_deref(), Some("payments"));
}

#[test]
fn without_a_load_balancer_the_pools_of_a_service_say_so() {
    let mut console = Console::showing(&["web-1"]);
    assert_eq!(column(&console, "pools").as_deref(), Some("–"));
    let missing = vec![("load-balancer", Failure::new(FailureKind::Unsupported, "there is no Octavia here"))];
    let poll = PollNews { at: console.now, interval: Duration::from_secs(5), failure: None, missing };
    console.send(Msg::Polled(poll));
    assert_eq!(column(&console, "pools").as_deref(), Some("– no load-balancer"));
}
