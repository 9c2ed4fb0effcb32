//! What is measured on the screen: numbers, graphs, strips, and what needs a look.

use std::sync::Arc;

use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::graphs::GraphPanel;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::overlay::Overlay;
use stackdeck::console::app::screen::{self, Panel, status};
use stackdeck::console::app::trail::View;
use stackdeck::fleet::answer::Answers;
use stackdeck::fleet::metric::{Lack, Meter, MeterStanding, MeterState, Metric, Sample, Subject};

use super::console::Console;

fn service(console: &Console, name: &str) -> Subject {
    let found = console.model.fleet.services.iter().find(|service| &*service.key.name == name);
    Subject::Service(found.unwrap().key.clone())
}

fn instance(name: &str) -> Subject {
    Subject::Instance(format!("id-{name}").as_str().into())
}

fn tell(console: &mut Console, told: &[(&Subject, Metric, f64)]) -> Vec<Effect> {
    let sample = |(subject, metric, value): &(&Subject, Metric, f64)| Sample {
        subject: (*subject).clone(),
        metric: *metric,
        meter: Meter::Balancer,
        at: console.now,
        value: *value,
    };
    let samples = told.iter().map(sample).collect();
    console.send(Msg::Samples(samples))
}

/// So many times ten seconds pass, and each time that is told.
fn go_on(console: &mut Console, rounds: usize, told: &[(&Subject, Metric, f64)]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for _ in 0..rounds {
        effects.extend(console.wait(10));
        effects.extend(tell(console, told));
    }
    effects
}

fn line(console: &Console) -> String {
    let status = status::status(&console.model);
    status.left.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>().join("  ")
}

fn cell(console: &Console, column: &str) -> Option<String> {
    let panel = console.panel();
    let at = panel.columns.iter().position(|heading| heading.column.id == column)?;
    Some(panel.rows[0].cells[at].text.clone())
}

fn graphs(console: &Console) -> GraphPanel {
    match screen::panel(&console.model) {
        Panel::Graphs(panel) => panel,
        other => panic!("no graphs: {other:?}"),
    }
}

/// A third of web's requests fail.
fn failing(console: &mut Console, rounds: usize) -> Vec<Effect> {
    let web = service(console, "web");
    go_on(console, rounds, &[(&web, Metric::Requests, 90.0), (&web, Metric::Errors, 30.0)])
}

#[test]
fn what_is_on_screen_is_measured_one_by_one_where_nobody_measures_it_for_all() {
    let names: Vec<String> = (1..=60).map(|number| format!("web-{number:02}")).collect();
    let mut console = Console::showing(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let wanted = |effects: Vec<Effect>| {
        let ids = |effect| match effect {
            Effect::Measure(ids) => Some(ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>()),
            _ => None,
        };
        effects.into_iter().filter_map(ids).next_back()
    };
    let first = wanted(console.keys("2")).expect("those on screen");
    assert!(first.contains(&"id-web-01".to_owned()) && first.len() < 60, "{first:?}");
    assert_eq!(wanted(console.keys("j")), None, "a step of the cursor asks for nobody else");
    assert!(wanted(console.keys("G")).is_some_and(|last| last.contains(&"id-web-60".to_owned()) && last != first));
    let at = console.now;
    let told = |meter| {
        let sample = |name: &String| Sample { subject: instance(name), metric: Metric::Cpu, meter, at, value: 0.5 };
        Msg::Samples(names.iter().map(sample).collect())
    };
    assert_eq!(wanted(console.send(told(Meter::Nova))), None, "its own figures do not end it");
    assert_eq!(wanted(console.send(told(Meter::Gnocchi))), Some(vec![]), "somebody tells of all at once");
    assert!(wanted(console.wait(3600)).is_some_and(|asked| !asked.is_empty()), "and no longer does");
    assert_eq!(wanted(console.keys("1")), Some(vec![]));
}

#[test]
fn one_graph_has_all_the_room_until_the_others_come_back() {
    let mut console = Console::showing(&["web-1", "web-2"]);
    console.keys("m");
    let titles = |console: &Console| graphs(console).charts.iter().map(|chart| chart.title).collect::<Vec<_>>();
    let all = titles(&console);
    assert!(all.len() > 2, "{all:?}");
    console.keys("z");
    assert_eq!(titles(&console), all[..1]);
    assert!(graphs(&console).places.plot > 70);
    console.keys("j");
    assert_eq!(titles(&console), all[1..2]);
    console.keys("z");
    assert_eq!(titles(&console), all);
}

#[test]
fn less_time_is_less_around_the_time_that_is_read() {
    let mut console = Console::showing(&["web-1", "web-2"]);
    console.keys("m");
    for _ in 0..30 {
        console.keys("left");
    }
    let read = console.model.look.cursor.expect("an older time");
    console.keys("<");
    let panel = graphs(&console);
    let (cursor, dots) = (panel.cursor.expect("it is shown"), panel.dots);
    assert!((dots / 3..dots * 2 / 3).contains(&cursor), "dot {cursor} of {dots}");
    assert_eq!(console.model.look.cursor, Some(read));
    console.keys("G");
    assert_eq!((console.model.look.cursor, console.model.look.frozen), (None, None));
}

#[test]
fn what_is_measured_has_its_columns_once_somebody_measures() {
    let mut console = Console::showing(&["db-1", "web-1", "web-2"]);
    assert_eq!(cell(&console, "requests"), None, "nobody measures: no column of dashes");
    let (db, web) = (service(&console, "db"), service(&console, "web"));
    go_on(&mut console, 2, &[(&db, Metric::Requests, 3.0), (&web, Metric::Requests, 412.0)]);
    assert_eq!(cell(&console, "requests").as_deref(), Some("3"));
    console.text(":sort requests");
    console.keys("enter");
    assert_eq!(cell(&console, "requests").as_deref(), Some("412"), "the greatest first");
    go_on(&mut console, 2, &[(&db, Metric::Requests, 999.0), (&web, Metric::Requests, 5.0)]);
    assert_eq!(cell(&console, "requests").as_deref(), Some("999"), "and anew as it changes");
    console.wait(600);
    assert_eq!(cell(&console, "requests").as_deref(), Some("–"), "what is too old is not shown as if it were new");
}

#[test]
fn a_trouble_is_sorted_first_told_rung_gone_to_and_answered_for() {
    let mut console = Console::showing(&["db-1", "web-1", "web-2"]);
    assert_eq!(console.rows(), ["db", "web"]);
    let effects = failing(&mut console, 12);
    assert_eq!(console.rows(), ["web", "db"], "the worst first");
    assert!(line(&console).contains("web erroring since before 14:32Z"), "{}", line(&console));
    let rung = effects.iter().filter(|effect| matches!(effect, Effect::Ring(text) if text.contains("erroring")));
    assert_eq!(rung.count(), 1, "once, not with each look");
    console.keys("2 n");
    assert_eq!((console.model.trail.here(), console.cursor().as_deref()), (&View::Services, Some("web")));
    console.keys("a");
    console.wait(30);
    assert!(!line(&console).contains("erroring"), "{}", line(&console));
    failing(&mut console, 6);
    assert!(!line(&console).contains("erroring"), "it is known: {}", line(&console));
    let web = service(&console, "web");
    go_on(&mut console, 40, &[(&web, Metric::Requests, 90.0), (&web, Metric::Errors, 0.0)]);
    assert!(console.model.alerts.answered.counting(console.now).next().is_none(), "it is over, and so is the answer");
    let again = failing(&mut console, 12);
    assert!(again.iter().any(|effect| matches!(effect, Effect::Ring(_))), "it came back");
    assert!(line(&console).contains("web erroring"), "{}", line(&console));
}

#[test]
fn why_it_is_told_by_whom_and_what_comes_next_is_one_key_away() {
    let mut console = Console::showing(&["db-1", "web-1", "web-2"]);
    failing(&mut console, 12);
    console.keys("2 n i");
    let Some(Overlay::Row(row)) = &console.model.overlay else { panic!("{:?}", console.model.overlay) };
    let fields = screen::row::fields(&console.model, row);
    let told = |at: usize| format!("{}: {}", fields[at].0, fields[at].1.text);
    assert_eq!(told(0), ": erroring since before 14:32Z: 33 % of web's requests fail: 30 of 90 a second");
    assert!(
        told(1).starts_with("told by: the balancer's exporter, 14:3") && told(1).ends_with("over 2 min"),
        "{}",
        told(1)
    );
    assert!(told(3).starts_with("next: Compare its versions and instances"), "{}", told(3));
}

#[test]
fn muting_wants_a_reason_and_ends_by_itself() {
    let mut console = Console::showing(&["web-1"]);
    failing(&mut console, 12);
    console.text(":mute 30m");
    console.keys("enter");
    assert!(console.notice().contains("Say for how long and why"), "{}", console.notice());
    console.text(":mute 30m the disk is replaced");
    console.keys("enter");
    assert!(console.notice().contains("No word of web erroring until 15:04Z"), "{}", console.notice());
    failing(&mut console, 6);
    assert!(!line(&console).contains("erroring"), "{}", line(&console));
    failing(&mut console, 190);
    assert!(line(&console).contains("erroring"), "half an hour is over: {}", line(&console));
}

#[test]
fn how_long_is_muted_has_a_unit_and_else_is_an_hour() {
    let mut console = Console::showing(&["web-1"]);
    failing(&mut console, 12);
    console.text(":mute 2 disks are being replaced");
    console.keys("enter");
    assert!(console.notice().contains("No word of web erroring until 15:34Z"), "{}", console.notice());
    let reasons: Vec<_> =
        console.model.alerts.answered.counting(console.now).map(|(_, answer)| answer.reason.as_str()).collect();
    assert_eq!(reasons, ["2 disks are being replaced"]);
    console.text(":unmute");
    console.keys("enter");
    console.text(":mute 1d the supplier knows");
    console.keys("enter");
    assert!(console.notice().contains("No word of web erroring until 14:34Z"), "{}", console.notice());
}

#[test]
fn graphs_of_a_service_show_the_past_its_gaps_and_nothing_of_the_future() {
    let mut console = Console::showing(&["web-1", "web-2"]);
    let web = service(&console, "web");
    go_on(&mut console, 30, &[(&web, Metric::Requests, 200.0)]);
    console.wait(300);
    go_on(&mut console, 30, &[(&web, Metric::Requests, 400.0)]);
    console.keys("m <");
    assert!(line(&console).contains("last 15m"), "{}", line(&console));
    let panel = graphs(&console);
    let requests = &panel.charts[0];
    assert_eq!((requests.title, requests.by, requests.end.0), ("Requests/s", "balancer", 500.0));
    let dots = &requests.lines[0].dots;
    assert_eq!(requests.lines[0].value, "400");
    let known: Vec<f64> = dots.iter().flatten().copied().collect();
    assert!(known.contains(&200.0) && known.contains(&400.0), "{dots:?}");
    let first = dots.iter().position(Option::is_some).unwrap();
    let last = dots.iter().rposition(Option::is_some).unwrap();
    assert!(dots[first..last].iter().any(Option::is_none), "five minutes without a word are a gap");
    assert!(last + 1 < dots.len(), "there is room for what comes");
    assert!(!panel.charts[1].empty.is_empty(), "nobody measures response times, and that is said");
}

#[test]
fn why_nobody_measures_a_service_is_said_where_its_graph_would_be() {
    let mut console = Console::showing(&["db-1", "web-1", "web-2"]);
    let Subject::Service(web) = service(&console, "web") else { panic!("a service") };
    let ovn = Lack { service: Some(web), why: "Load balancer lb-1 is of the provider ovn".to_owned(), paste: None };
    let octavia = MeterState {
        meter: Meter::Octavia,
        name: Arc::default(),
        standing: MeterStanding::Answers(console.now),
        services: Vec::new(),
        lacks: vec![ovn],
    };
    console.send(Msg::Meters(vec![octavia]));
    let empty = |console: &Console, title: &str| {
        let panel = graphs(console);
        panel.charts.iter().find(|chart| chart.title == title).map(|chart| chart.empty.clone()).unwrap()
    };
    console.keys("m");
    assert!(empty(&console, "Requests/s").contains("doctor"), "db has no such balancer");
    console.keys("esc j m");
    for title in ["Requests/s", "Response"] {
        assert!(empty(&console, title).contains("lb-1 is of the provider ovn"), "{title}: {}", empty(&console, title));
    }
    assert!(!empty(&console, "CPU").contains("ovn"), "what instances use has nothing to do with it");
}

#[test]
fn a_service_has_percentiles_of_its_requests_and_else_of_our_checks() {
    let mut console = Console::showing(&["web-1", "web-2"]);
    let web = service(&console, "web");
    let names = |console: &Console| {
        let panel = graphs(console);
        let response = panel.charts.iter().find(|chart| chart.title == "Response").unwrap();
        response.lines.iter().map(|line| line.name.clone()).collect::<Vec<_>>()
    };
    go_on(&mut console, 2, &[(&web, Metric::ResponseMean, 0.1), (&web, Metric::ProbeP95, 0.02)]);
    console.keys("m");
    assert_eq!(names(&console), ["mean", "check p95"]);
    let told = [(Metric::ResponseP50, 0.08), (Metric::ResponseP95, 0.3), (Metric::ResponseP99, 0.9)];
    go_on(&mut console, 2, &told.map(|(metric, value)| (&web, metric, value)));
    assert_eq!(names(&console), ["p95", "mean"], "no more has room at 80 columns");
    console.send(Msg::Resize { width: 200, height: 50 });
    assert_eq!(names(&console), ["p95", "mean", "p50", "p99"]);
}

#[test]
fn a_time_can_be_read_and_graphs_can_be_frozen() {
    let mut console = Console::showing(&["web-1"]);
    let web = service(&console, "web");
    for round in 0..60 {
        go_on(&mut console, 1, &[(&web, Metric::Requests, f64::from(round))]);
    }
    console.keys("m < left left left left left left");
    let panel = graphs(&console);
    let at = panel.cursor.unwrap();
    let read: f64 = panel.charts[0].lines[0].value.parse().unwrap();
    let drawn = panel.charts[0].lines[0].dots[at].unwrap();
    assert!((drawn - read).abs() <= 0.5, "{drawn} is drawn, {read} is read");
    assert!(read < 59.0 && line(&console).contains("values at 14:4"), "{read}, {}", line(&console));
    console.keys("G f");
    let frozen = graphs(&console);
    go_on(&mut console, 30, &[(&web, Metric::Requests, 7.0)]);
    assert_eq!(graphs(&console).times, frozen.times);
    assert!(line(&console).contains("frozen at 14:42:00Z"), "{}", line(&console));
    console.keys("f");
    assert_eq!(graphs(&console).charts[0].lines[0].value, "7");
}

#[test]
fn strips_of_heat_have_the_greatest_on_top_and_lead_to_the_instance() {
    let mut console = Console::showing(&["web-1", "web-2", "web-3"]);
    let of: Vec<Subject> = ["web-1", "web-2", "web-3"].map(instance).into();
    let told = [0.2, 0.3, 0.95].map(|value| (Metric::Cpu, value));
    let told: Vec<_> = of.iter().zip(told).map(|(of, (metric, value))| (of, metric, value)).collect();
    go_on(&mut console, 3, &told);
    console.keys("h");
    assert_eq!(console.rows()[0], "web-3");
    assert!(line(&console).contains("CPU"), "{}", line(&console));
    assert!(cell(&console, "strip").unwrap().contains('█'));
    assert_eq!(cell(&console, "peers").as_deref(), Some("3.2×"));
    console.keys("v");
    assert!(line(&console).contains("Response, mean"), "{}", line(&console));
    console.keys("v v v v v enter");
    assert!(matches!(console.model.trail.here(), View::Instance(id) if id.as_str() == "id-web-3"));
    console.keys("m");
    assert_eq!(graphs(&console).charts[0].title, "CPU");
}

#[test]
fn a_sample_that_changes_nothing_on_the_screen_draws_nothing() {
    let mut console = Console::showing(&["web-1"]);
    let web = service(&console, "web");
    console.keys("3");
    let drawn = console.model.generation();
    tell(&mut console, &[(&web, Metric::Requests, 4.0)]);
    assert_eq!(console.model.generation(), drawn, "the operations show no load");
    console.keys("1");
    let drawn = console.model.generation();
    tell(&mut console, &[(&web, Metric::Errors, 0.0)]);
    assert_ne!(console.model.generation(), drawn);
}

#[test]
fn keys_are_heard_while_a_look_is_under_way_and_no_other_begins() {
    let mut console = Console::showing(&["db-1", "web-1"]);
    failing(&mut console, 11);
    console.wait(0);
    assert!(line(&console).contains("web erroring"), "{}", line(&console));
    let web = service(&console, "web");
    tell(&mut console, &[(&web, Metric::Requests, 90.0), (&web, Metric::Errors, 0.0)]);
    console.now += std::time::Duration::from_secs(300);
    let later = console.now;
    let mut tick = |msg| stackdeck::console::app::update(&mut console.model, msg, later);
    let begun = tick(Msg::Tick).into_iter().find_map(|effect| match effect {
        Effect::Look(look) => Some(look),
        _ => None,
    });
    let look = begun.expect("a look is due");
    let again = tick(Msg::Tick);
    assert!(!again.iter().any(|effect| matches!(effect, Effect::Look(_))), "one is under way");
    let before = console.cursor();
    console.keys("j");
    assert_ne!(console.cursor(), before, "the cursor moves");
    assert!(console.model.condition.is_looking());
    console.send(Msg::Looked(Box::new(look.carry_out())));
    assert!(!console.model.condition.is_looking(), "both steps were carried out");
}

/// What was answered for, as it is to be kept.
fn kept(effects: &[Effect]) -> Option<Answers> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::KeepAnswers(answers) => Some((**answers).clone()),
        _ => None,
    })
}

#[test]
fn an_answer_outlives_its_console_and_ends_with_what_it_is_for() {
    let mut first = Console::showing(&["web-1"]);
    failing(&mut first, 12);
    let answers = kept(&first.keys("a")).expect("it is kept at once");
    let (_, answer) = answers.counting(first.now).next().unwrap();
    assert_eq!((answer.by.as_str(), answer.until), ("anna", None));

    // The next console knows of it before it knows of the trouble.
    let mut next = Console::showing(&["web-1"]);
    next.send(Msg::Answers(Box::new(answers.clone())));
    let effects = failing(&mut next, 12);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Ring(_))), "it was answered for");
    assert!(!line(&next).contains("erroring"), "{}", line(&next));
    let web = service(&next, "web");
    let effects = go_on(&mut next, 40, &[(&web, Metric::Requests, 90.0), (&web, Metric::Errors, 0.0)]);
    let ended = kept(&effects).expect("its end is kept too");
    assert_eq!(ended.counting(next.now).count(), 0);

    // One that never sees the trouble forgets the answer only after a while.
    let mut late = Console::showing(&["web-1"]);
    late.send(Msg::Answers(Box::new(answers)));
    let web = service(&late, "web");
    let well = [(&web, Metric::Requests, 90.0), (&web, Metric::Errors, 0.0)];
    assert_eq!(kept(&go_on(&mut late, 30, &well)), None);
    let ended = kept(&go_on(&mut late, 120, &well)).expect("it is over");
    assert_eq!(ended.counting(late.now).count(), 0);
}
