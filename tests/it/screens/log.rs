//! The log view: what was logged, newest at the foot, harmless whatever it says.

use stackdeck::console::view::theme::{ColourDepth, fallback};
use tracing_subscriber::layer::SubscriberExt;

use super::console::{frame, normal, press};
use super::frames::text;

#[test]
fn the_log_shows_its_end_one_event_a_line_and_nothing_that_a_terminal_would_obey() {
    let subscriber = tracing_subscriber::registry().with(tui_logger::TuiTracingSubscriberLayer);
    tracing::subscriber::with_default(subscriber, || {
        tracing::info!(target: "screens", "signed in as anna");
        tracing::warn!(target: "screens", "load-balancer answered 503 \u{1b}[31mService Unavailable\u{1b}[0m");
        tracing::error!(target: "screens", "compute does not answer: {}", "again and ".repeat(20));
    });
    tui_logger::move_events();
    let theme = fallback(ColourDepth::None);
    for size in [(80, 24), (120, 36), (200, 50)] {
        let mut model = normal();
        press(&mut model, "5");
        let page = text(&frame(&mut model, size, &theme));
        let line = |words: &str| page.lines().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{page}"));
        let (info, warn, error) = (line("signed in as anna"), line("answered 503"), line("compute does not answer"));
        assert!(info < warn && warn < error, "{page}");
        assert!(
            page.lines().nth(warn).unwrap().contains("WARN  load-balancer answered 503 Service Unavailable"),
            "{page}"
        );
        assert!(page.lines().nth(error + 1).unwrap().starts_with(&" ".repeat(16)), "the rest is indented: {page}");
    }
}
