//! Text that was not meant as keys.

use std::time::Duration;

use super::pty::Options;
use super::world::Stage;

#[test]
fn a_bracketed_paste_outside_inputs_starts_nothing() {
    let stage = Stage::quiet();
    let mut terminal = stage.console(&Options::default());
    terminal.settle(Duration::from_millis(1500));
    let before = terminal.seen(super::pty::Seen::text);
    terminal.send("\x1b[200~qqqjjj\x1b[201~");
    terminal.settle(Duration::from_millis(500));
    let after = terminal.seen(super::pty::Seen::text);
    // The clock is at the top, and a word that it was ignored may stand at the bottom; the rows and their cursor stay.
    let rows = |text: &str| text.lines().skip(1).take(19).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&after), rows(&before));
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(Duration::from_secs(4)), Ok(0));
}

#[test]
fn a_paste_into_an_input_is_its_text() {
    let stage = Stage::quiet();
    let mut terminal = stage.console(&Options::default());
    terminal.send("/");
    terminal.send("\x1b[200~ledger\x1b[201~");
    terminal.wait_for("the filter", |seen| seen.text().contains("ledger") && !seen.text().contains("payments"));
}

#[test]
fn an_unbracketed_paste_does_not_leave() {
    let stage = Stage::quiet();
    let mut terminal = stage.console(&Options::default());
    terminal.send("qqqqqqqqqqqqqqqqqqqq");
    terminal.settle(Duration::from_millis(500));
    terminal.send("?");
    terminal.wait("Help");
}
