//! Clouds that hang, fail or are gone: the screen answers, and says what it knows.

use std::time::{Duration, Instant};

use stackdeck::sim::{Bend, Fault};

use super::pty::{Options, Seen, Terminal};
use super::world::Stage;

fn whole(seen: &Seen) -> bool {
    seen.text().contains("1 of") && !seen.text().contains("so far")
}

#[test]
fn keys_answer_while_the_cloud_hangs_and_the_screen_says_how_old_it_is() {
    let stage = Stage::impatient();
    let mut terminal = stage.console(&Options::default());
    terminal.wait_for("the whole listing", whole);
    stage.served.fault(Fault::new("*", Bend::Hang));
    terminal.wait(" old");
    let pressed = Instant::now();
    terminal.send("2");
    terminal.wait("auth-01");
    terminal.send("/ledger\r");
    terminal.wait_for("the filtered rows", |seen| seen.text().contains("ledger-0") && !seen.text().contains("auth-0"));
    // A debug build on a busy machine; the cloud does not answer for a minute.
    assert!(pressed.elapsed() < Duration::from_secs(10));
    terminal.wait(" old");
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(Duration::from_secs(5)), Ok(0), "leaving does not wait for the cloud");
}

#[test]
fn a_cloud_that_fails_is_told_once_with_why_and_told_again_when_it_is_back() {
    let stage = Stage::impatient();
    let terminal = stage.console(&Options::default());
    terminal.wait_for("the whole listing", whole);
    stage.served.fault(Fault::new("/compute/v2.1/servers/detail", Bend::status(503)));
    terminal.wait("The server is currently unavailable");
    let screen = terminal.wait(" old");
    assert!(screen.contains("payments"), "what was known stays\n{screen}");
    stage.served.heal();
    terminal.wait("The cloud answers again");
    terminal.wait_for("no age", |seen| !seen.text().contains(" old"));
}

#[test]
fn a_dead_cloud_is_shown_as_it_was_last_known() {
    let stage = Stage::quiet();
    let mut terminal = stage.console(&Options::default());
    terminal.wait_for("the whole listing", whole);
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(Duration::from_secs(10)), Ok(0));
    let home = stage.end();
    let started = Instant::now();
    let arguments = ["--cloud", "sim"];
    let terminal = Terminal::start(&home, &Options { arguments: &arguments, ..Options::default() });
    terminal
        .wait_for("the last known rows", |seen| seen.text().contains("payments") && seen.text().contains("last known"));
    assert!(started.elapsed() < Duration::from_secs(10));
    terminal.wait("Cannot connect to");
    // The sources around the instances have failed as well by then: it is still what was last known.
    terminal.wait("last known");
}
