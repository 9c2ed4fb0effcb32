//! Every setting that concerns the terminal does something.

use super::pty::Options;
use super::world::Stage;

#[test]
fn a_view_has_the_columns_and_the_order_that_the_settings_say() {
    let stage = Stage::quiet();
    let views = "[views.services]\ncolumns = [\"service\", \"instances\", \"helth\"]\nsort = \"-service\"\n";
    stage.home.write(".config/stackdeck/config.toml", views);
    let terminal = stage.console(&Options::default());
    let screen = terminal.wait("INST");
    assert!(!screen.contains("READY"), "{screen}");
    let first = |name: &str| screen.find(name).unwrap_or_else(|| panic!("no {name}\n{screen}"));
    assert!(first("payments") < first("ledger"), "the greatest first\n{screen}");
    terminal.wait("`helth` is no column of services");
}

#[test]
fn the_mouse_is_taken_only_when_asked_for_and_the_wheel_moves_the_cursor() {
    let stage = Stage::quiet();
    let mouse = |on: bool| stage.home.write(".config/stackdeck/config.toml", &format!("mouse = {on}\n"));
    mouse(false);
    let terminal = stage.console(&Options::default());
    terminal.seen(|seen| assert!(!seen.raw().contains("\x1b[?1000h")));
    drop(terminal);
    mouse(true);
    let mut terminal = stage.console(&Options::default());
    terminal.wait("1 of");
    terminal.seen(|seen| assert!(seen.raw().contains("\x1b[?1000h")));
    terminal.send("\x1b[<65;10;10M");
    terminal.wait("4 of");
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(std::time::Duration::from_secs(10)), Ok(0));
    terminal.wait_for("the mouse to be given back", |seen| seen.raw().contains("\x1b[?1000l"));
}

#[test]
fn frames_are_shown_at_once_where_the_terminal_can_and_the_user_wants() {
    let stage = Stage::quiet();
    for wanted in [true, false] {
        let text = format!("synchronized_output = {wanted}\n");
        stage.home.write(".config/stackdeck/config.toml", &text);
        let mut terminal = stage.console(&Options::default());
        terminal.send("\x1b[?2026;2$y");
        terminal.send("?");
        terminal.wait("Help");
        terminal.seen(|seen| assert_eq!(seen.raw().contains("\x1b[?2026h"), wanted));
    }
}

#[test]
fn the_log_file_is_where_the_settings_say_or_nowhere() {
    let stage = Stage::quiet();
    let usual = stage.home.path().join(".local/state/stackdeck/stackdeck.log");
    let mut terminal = stage.console(&Options { arguments: &["--log-file", "none"], ..Options::default() });
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(std::time::Duration::from_secs(10)), Ok(0));
    assert!(!usual.exists());
    let own = stage.home.path().join("own.log");
    let own_text = own.to_str().unwrap();
    let arguments = ["--log-file", own_text, "--log-level", "trace"];
    let terminal = stage.console(&Options { arguments: &arguments, ..Options::default() });
    crate::support::process::until("a line in the log", || (own.metadata().ok()?.len() > 0).then_some(()));
    drop(terminal);
    assert!(!usual.exists());
    // One that was asked for and cannot be is refused, before the screen is taken.
    stage.home.write("in-the-way", "");
    let arguments = ["--cloud", "sim", "--log-file", "in-the-way/own.log"];
    let mut terminal =
        super::pty::Terminal::start(&stage.home, &Options { arguments: &arguments, ..Options::default() });
    assert_eq!(terminal.ended(std::time::Duration::from_secs(10)), Ok(2));
    terminal.wait("in-the-way/own.log cannot be opened");
}

#[test]
fn what_is_wrong_with_the_key_file_is_told_and_the_other_lines_hold() {
    let stage = Stage::quiet();
    let keys =
        "[global]\n\"f5\" \"refresh\"\n\"f6\" = \"help\"\n\"f6\" = \"top\"\n\"f7\" = \"hlep\"\n\"r\" = \"notices\"\n";
    stage.home.write(".config/stackdeck/keys.toml", keys);
    let mut terminal = stage.console(&Options { size: (120, 40), ..Options::default() });
    terminal.wait("+2 more, see :notices");
    terminal.send("2");
    // The line that says which row it is has the notice.
    terminal.wait("NAME");
    terminal.send("r");
    terminal.wait("Notices, the newest first");
    for told in ["the line of `f5` is not TOML", "`f6` is bound a second time", "f7: there is no command hlep"] {
        terminal.wait(told);
    }
    terminal.send("\x1b");
    terminal.wait_for("the list to be gone", |seen| !seen.text().contains("Notices"));
    terminal.send(":log\r");
    terminal.wait("w wrap");
    terminal.send("gg");
    let log = terminal.wait("keys.toml:2");
    assert!(log.contains("keys.toml:4") && log.contains("keys.toml:5"), "{log}");
    terminal.send("1");
    terminal.wait("SERVICE");
    // The function key of the line that holds.
    terminal.send("\x1b[17~");
    terminal.wait("Help");
}
