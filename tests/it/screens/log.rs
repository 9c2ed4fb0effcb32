//! The log view: what was logged, newest at the foot, harmless whatever it says.

use stackdeck::console::app::log::LogLine;
use stackdeck::console::app::msg::Msg;
use stackdeck::console::view::theme::{ColourDepth, fallback};

use crate::support::console::update;

use super::console::{frame, normal, press};
use super::frames::text;

fn line(level: &'static str, text: &str) -> LogLine {
    let at = "2026-11-20T14:31:58Z".parse().unwrap();
    LogLine { at, level, text: text.to_owned(), target: "screens".to_owned() }
}

#[test]
fn the_log_shows_its_end_one_event_a_line_and_nothing_that_a_terminal_would_obey() {
    let logged = vec![
        line("INFO", "signed in as anna"),
        line("WARN", "load-balancer answered 503 \u{1b}[31mService Unavailable\u{1b}[0m"),
        line("ERROR", &format!("compute does not answer: {}", "again and ".repeat(20))),
    ];
    let theme = fallback(ColourDepth::None);
    for size in [(80, 24), (120, 36), (200, 50)] {
        let mut model = normal();
        press(&mut model, "5");
        let now = model.now;
        update(&mut model, Msg::Logged(logged.clone()), now);
        let page = text(&frame(&mut model, size, &theme));
        let line = |words: &str| page.lines().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{page}"));
        let (info, warn, error) = (line("signed in as anna"), line("answered 503"), line("compute does not answer"));
        assert!(info < warn && warn < error, "{page}");
        let warning = "14:31:58 WARN  load-balancer answered 503 Service Unavailable screens";
        assert!(page.lines().nth(warn).unwrap().contains(warning), "{page}");
        assert!(page.lines().nth(error + 1).unwrap().starts_with(&" ".repeat(16)), "the rest is indented: {page}");
    }
}
