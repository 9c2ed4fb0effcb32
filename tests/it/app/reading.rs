//! Reading texts: a console log, the raw form, what is told of an instance, our own log. All alike.

use std::sync::Arc;

use stackdeck::base::observation::Observation;
use stackdeck::console::app::layout;
use stackdeck::console::app::log::{self, LogLine};
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::screen::{self, Panel, TextPanel};
use stackdeck::fleet::detail::{ConsoleLog, Detail, DetailOf};

use super::console::{Console, instance};

fn text(console: &Console) -> TextPanel {
    match screen::panel(&console.model) {
        Panel::Text(panel) => panel,
        other => panic!("not a text: {other:?}"),
    }
}

/// What the visible rows say.
fn rows(console: &Console) -> Vec<String> {
    let line = |cells: &[stackdeck::console::app::cell::Cell]| {
        cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    text(console).lines.iter().map(|row| line(&row.cells)).collect()
}

/// Looking at the console log of one instance.
fn console_log(lines: Vec<String>) -> Console {
    let mut console = Console::showing(&["web-1"]);
    console.keys("2 l");
    let lines = lines.into_iter().map(Into::into).collect();
    let log = Observation::of(ConsoleLog { lines, truncated: false }, console.now);
    let detail = Arc::new(Detail { console: log, ..Detail::default() });
    console.send(Msg::Detail(DetailOf { id: "id-web-1".into(), detail }));
    console
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("line {at}{}", if at % 50 == 7 { " Panic" } else { "" })).collect()
}

fn logged(from: usize, count: usize) -> Msg {
    let line = |at: usize| LogLine {
        at: super::console::start_time() + std::time::Duration::from_millis(at as u64),
        level: if at.is_multiple_of(10) { "WARN" } else { "INFO" },
        text: format!("event {at}"),
        target: "stackdeck".to_owned(),
    };
    Msg::Logged((from..from + count).map(line).collect())
}

fn window(console: &Console) -> usize {
    layout::window(console.model.size, &console.model.pane())
}

#[test]
fn a_search_in_a_log_shows_only_what_matches_live_and_gives_the_rest_back() {
    let mut console = console_log(numbered(200));
    console.text("/pan");
    assert_eq!(rows(&console), ["line 7 Panic", "line 57 Panic", "line 107 Panic", "line 157 Panic"]);
    console.keys("esc");
    assert_eq!(rows(&console).last().unwrap(), "line 199", "given up: as before");
    console.text("/!line 1");
    assert_eq!(rows(&console).last().unwrap(), "line 99", "all but those that have it");
    assert!(rows(&console).iter().all(|row| !row.contains("line 1")));
    console.keys("enter esc");
    console.text("/panic");
    console.keys("enter g g");
    let wide = rows(&console);
    console.keys("&");
    assert_eq!(wide.len(), 4);
    assert_eq!(rows(&console).len(), window(&console), "among all the others again");
    console.text("/nowhere");
    assert!(text(&console).lines.iter().all(|line| !line.found));
}

#[test]
fn a_long_line_is_read_by_wrapping_it_or_by_moving_sideways() {
    let long: String = (0..60).map(|at| format!("word{at:02} ")).collect();
    let mut console = console_log(vec!["short".to_owned(), long.clone(), "x".repeat(500)]);
    assert_eq!(rows(&console).len(), 3, "as it was printed");
    let mut seen = rows(&console)[1][..layout::text_width(console.model.size)].to_owned();
    for _ in 0..8 {
        console.keys("shift-right");
        seen.push_str(&rows(&console)[1]);
    }
    assert!((0..60).all(|at| seen.contains(&format!("word{at:02}"))), "{seen}");
    let furthest = rows(&console)[2].len();
    assert_eq!(furthest, layout::text_width(console.model.size), "not beyond the end of the widest");
    console.keys("shift-left shift-left shift-left shift-left shift-left shift-left shift-left shift-left");
    assert_eq!(rows(&console)[0], "short");
    console.keys("w");
    let wrapped = rows(&console);
    assert!(wrapped.iter().all(|row| row.len() <= layout::text_width(console.model.size)), "{wrapped:?}");
    assert_eq!(wrapped.concat().matches('x').count(), 500);
    assert_eq!(wrapped.join(" ").matches("word").count(), 60);
    console.keys("shift-right");
    assert!(console.notice().contains("wrapped"), "{}", console.notice());
}

#[test]
fn scrolling_ends_exactly_at_both_ends_and_every_row_is_passed_once() {
    let lines = (0..40).map(|at| format!("{at:02} {}", "word ".repeat(at * 2))).collect();
    let mut console = console_log(lines);
    console.keys("w g g");
    let height = window(&console);
    let mut seen = rows(&console);
    assert_eq!(seen.len(), height);
    loop {
        let before = rows(&console);
        console.keys("j");
        if rows(&console) == before {
            break;
        }
        assert_eq!(before[1..], rows(&console)[..height - 1]);
        seen.push(rows(&console).last().unwrap().clone());
    }
    assert_eq!(seen.join(" ").matches("word").count(), (0..40).map(|at| at * 2).sum::<usize>());
    assert_eq!(rows(&console).len(), height, "the last page is full");
    let panel = text(&console);
    assert_eq!(panel.top + height, panel.total);
    let end = rows(&console);
    console.keys("pgup pgup k j pgdn pgdn");
    assert_eq!(rows(&console), end);
    console.keys("pgdn pgdn G");
    assert_eq!(rows(&console), end);
    console.keys("pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup");
    assert_eq!(text(&console).top, 0);
    assert_eq!(rows(&console)[0].trim(), "00");
}

#[test]
fn evidence_that_is_longer_than_the_screen_is_whole_on_it() {
    let mut server = instance("web-1");
    server.status = stackdeck::fleet::instance::Status::Error;
    let mut fleet = super::console::fleet_of(vec![server]);
    fleet.members[0].findings[0].evidence = format!("{} the end", "because ".repeat(40));
    let mut console = Console::showing(&[]);
    console.fleet(fleet);
    console.keys("2 enter");
    let all = rows(&console).join(" ");
    assert_eq!(all.matches("because").count(), 40, "{all}");
    assert!(all.contains("the end"));
    let panel = text(&console);
    let room = layout::text_width(console.model.size) - panel.labels - layout::LABEL_GAP;
    assert!(rows(&console).iter().all(|row| row.len() <= room));
}

#[test]
fn our_own_log_is_read_as_any_text_and_what_is_forgotten_moves_nothing() {
    let mut console = Console::showing(&["web-1"]);
    console.keys("5");
    assert!(text(&console).empty[0].text.contains("Nothing was logged"));
    console.send(logged(0, 100));
    assert!(rows(&console).last().unwrap().contains("event 99"));
    console.text("/warn");
    console.keys("enter");
    assert_eq!(rows(&console).len(), 10);
    console.send(logged(100, 1));
    assert_eq!(rows(&console).len(), 11, "what is new and matches comes in");
    console.keys("esc G pgup");
    let frozen = rows(&console);
    assert_eq!(text(&console).follows, Some(false));
    console.send(logged(101, log::KEPT - 81));
    assert_eq!(rows(&console), frozen, "20 lines above were forgotten");
    console.keys("G");
    assert!(rows(&console).last().unwrap().contains(&format!("event {}", log::KEPT + 19)));
    console.keys("pgdn j");
    assert_eq!(rows(&console).len(), window(&console));
    console.keys("c");
    assert!(console.model.overlay.is_none(), "one thing to copy is copied: {}", console.notice());
    assert!(console.notice().contains("the log"));
}

#[test]
fn a_column_that_is_chosen_for_sorting_is_named_and_an_empty_tab_says_what_that_means() {
    let mut console = Console::showing(&["web-1", "web-2"]);
    console.keys("2 >");
    let said = |console: &Console| {
        let status = screen::status::status(&console.model);
        status.left.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>().join("  ")
    };
    assert!(said(&console).contains("sort by SERVICE?"), "{}", said(&console));
    console.keys("O");
    assert!(!said(&console).contains("sort by"), "{}", said(&console));
    console.keys("enter tab tab tab");
    assert_eq!(console.panel().empty[0].text, "No volume is attached to it");
}
