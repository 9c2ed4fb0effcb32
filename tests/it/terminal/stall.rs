//! Terminals that stall, change their size, or have nothing to do.

use std::time::Duration;

use super::pty::Options;
use super::world::Stage;
use crate::support::process::until;

#[test]
fn a_terminal_that_nobody_reads_blocks_neither_keys_nor_updates() {
    let stage = Stage::quiet();
    let mut terminal = stage.console(&Options::default());
    terminal.read(false);
    // Every other view is a whole frame: far more than a pseudo-terminal holds.
    for _ in 0..120 {
        terminal.send("2");
        terminal.send("1");
    }
    let asked = |served: &stackdeck::sim::Served| served.ledger(|ledger| ledger.total());
    let before = asked(&stage.served);
    until("the watch to poll twice more", || (asked(&stage.served) >= before + 2).then_some(()));
    terminal.send("?");
    terminal.read(true);
    // The newest frame is the last that comes, and it is whole.
    terminal.wait("Help");
    terminal.send("\x1b");
    terminal.wait_for("the services again", |seen| !seen.text().contains("Help") && seen.text().contains("payments"));
}

#[test]
fn a_new_size_is_a_new_frame_of_that_size() {
    let stage = Stage::quiet();
    let terminal = stage.console(&Options::default());
    terminal.resize((140, 45));
    terminal.wait_for("the hint bar on the last row", |seen| {
        seen.screen().rows(0, 140.try_into().unwrap()).last().is_some_and(|row| row.contains("help"))
    });
    terminal.resize((40, 10));
    terminal.wait("60");
}

fn clock(screen: &str) -> Option<&str> {
    screen.lines().next()?.split_whitespace().next_back()
}

#[test]
fn with_nothing_to_tell_not_a_byte_is_written_and_no_time_spent() {
    let stage = Stage::quiet();
    let terminal = stage.console(&Options::default());
    // The last news of a quiet cloud: what a pool says of its members counts from its second reading, 15 s later.
    terminal.wait_for("cards' trouble", |seen| {
        seen.text().lines().any(|line| line.contains("cards ") && line.contains("one down"))
    });
    let quiet = terminal.settle(Duration::from_secs(1));
    let before = terminal.wait("Z");
    let ticks = terminal.ticks();
    let after = terminal.settle(Duration::from_secs(5));
    // The clock in the header may come to its next minute; nothing else may move.
    let minute = clock(&before) != clock(&terminal.wait("Z"));
    let allowed = if minute { 30 } else { 0 };
    let written = terminal.seen(|seen| String::from_utf8_lossy(&seen.bytes[quiet..after]).into_owned());
    assert!(written.len() <= allowed, "while idle: {written:?}");
    // Half a second of a debug build on a busy machine; a spinning reader would be ten times that.
    assert!(terminal.ticks() - ticks < 50, "{} ticks", terminal.ticks() - ticks);
}
