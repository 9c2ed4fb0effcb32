//! Leaving, by whatever way: the terminal is as it was, or gone.

use std::time::Duration;

use rustix::process::Signal;

use super::pty::{Options, Terminal};
use super::world::Stage;
use crate::support::process::{Home, until};

const SOON: Duration = Duration::from_secs(2);
const IGNORES_HANGUP: Option<&str> = Some("trap '' HUP; exec \"$@\"");

fn assert_restored(terminal: &Terminal, before: &str) {
    assert_eq!(terminal.settings(), before, "the terminal's settings");
    terminal.wait_for("the alternate screen to be left", |seen| !seen.screen().alternate_screen());
    terminal.seen(|seen| {
        assert!(!seen.screen().hide_cursor(), "the cursor is hidden");
        assert!(!seen.screen().bracketed_paste(), "paste is bracketed");
    });
}

/// A console, and the terminal's settings before it took it over.
fn start(stage: &Stage, shell: &str) -> (Terminal, String) {
    let line = format!("read go; {shell}");
    let arguments = ["--cloud", "sim"];
    let options = Options { shell: Some(&line), arguments: &arguments, ..Options::default() };
    let mut terminal = Terminal::start(&stage.home, &options);
    let before = terminal.settings();
    terminal.send("\r");
    terminal.wait("payments");
    assert_ne!(terminal.settings(), before);
    terminal.seen(|seen| assert!(seen.screen().alternate_screen() && seen.screen().bracketed_paste()));
    (terminal, before)
}

/// A home that names a cloud where nobody answers.
fn elsewhere() -> Home {
    let home = Home::new();
    home.clouds(
        "clouds: {away: {auth: {auth_url: 'http://127.0.0.1:9/v3', username: u, password: p, project_name: p}}}",
    );
    home
}

#[test]
fn without_a_terminal_it_refuses_and_names_the_shells_verbs() {
    let ended = elsewhere().run(["--cloud", "away"]).with_code(2);
    assert!(ended.err.contains("terminal") && ended.err.contains("stackdeck services"), "{}", ended.err);
    assert_eq!(ended.out, "");
}

#[test]
fn a_dumb_terminal_is_refused_without_one_sequence() {
    let home = elsewhere();
    let arguments = ["--cloud", "away"];
    let options = Options { environment: &[("TERM", "dumb")], arguments: &arguments, ..Options::default() };
    let mut terminal = Terminal::start(&home, &options);
    assert_eq!(terminal.ended(SOON * 5), Ok(2));
    let text = terminal.wait("TERM");
    assert!(text.contains("dumb"), "{text}");
    terminal.seen(|seen| assert!(!seen.raw().contains('\x1b'), "{:?}", seen.raw()));
}

#[test]
fn a_signal_that_ends_it_restores_the_terminal() {
    let stage = Stage::quiet();
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131), (Signal::HUP, 129)] {
        let (mut terminal, before) = start(&stage, "exec \"$@\"");
        terminal.signal(signal);
        assert_eq!(terminal.ended(SOON * 2), Ok(code), "{signal:?}");
        assert_restored(&terminal, &before);
    }
}

#[test]
fn quitting_restores_the_terminal() {
    let (mut terminal, before) = start(&Stage::quiet(), "exec \"$@\"");
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(SOON * 2), Ok(0));
    assert_restored(&terminal, &before);
}

#[test]
fn a_lost_terminal_ends_it_within_two_seconds() {
    let stage = Stage::quiet();
    for shell in [None, IGNORES_HANGUP] {
        let mut terminal = stage.console(&Options { shell, ..Options::default() });
        terminal.hang_up();
        assert_eq!(terminal.ended(SOON), Ok(129), "{shell:?}");
    }
}

#[test]
fn suspended_it_gives_the_terminal_back_and_continued_it_draws_anew() {
    // Not `exec`: a session's first process has no shell to go back to.
    let (mut terminal, before) = start(&Stage::quiet(), "\"$@\"; exit $?");
    terminal.send("\x1a");
    until("the group to stop", || (terminal.state() == "T").then_some(()));
    assert_restored(&terminal, &before);
    rustix::process::kill_process_group(terminal.pid(), Signal::CONT).unwrap();
    terminal.wait_for("the console again", |seen| seen.screen().alternate_screen() && seen.text().contains("payments"));
    assert_ne!(terminal.settings(), before);
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(SOON * 2), Ok(0));
    assert_restored(&terminal, &before);
}

#[test]
fn a_sessions_first_process_does_not_stop_where_nobody_can_continue_it() {
    let stage = Stage::quiet();
    let mut terminal = stage.console(&Options::default());
    terminal.send("\x1a");
    terminal.wait("no shell to go back to");
    assert_ne!(terminal.state(), "T");
}
