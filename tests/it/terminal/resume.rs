//! An operation whose credentials run out, resumed from the console by whoever knows the password.

use std::time::Duration;

use stackdeck::operation::fold;
use stackdeck::operation::record::{Pause, Verdict};
use stackdeck::operation::{Event, Operation, Record};
use stackdeck::sim::{Bend, Fault};
use stackdeck::store::Journal;

use super::pty::{Options, Terminal};
use super::world::Stage;
use crate::support::process::until;

/// The same cloud twice: one entry wants a password typed, the other knows it.
fn two_entries(stage: &Stage) {
    let known = stage.served.clouds_yaml();
    let (head, entry) = known.split_once("  sim:\n").unwrap();
    let wants: Vec<&str> = entry.lines().filter(|line| !line.contains("password:")).collect();
    stage.home.clouds(&format!("{head}  sim:\n{}\n  known:\n{entry}", wants.join("\n")));
}

/// The only operation's records, once it stands so.
fn records(stage: &Stage, what: &str, stands: impl Fn(&Operation) -> bool) -> (Operation, Vec<Record>) {
    until(what, || {
        let journal = Journal::open_to_read(&stage.home.path().join(".local/state/stackdeck")).unwrap()?;
        let operations = journal.operations(2).unwrap();
        let [only] = operations.as_slice() else { return None };
        let records = journal.records(&only.as_ref().unwrap().id).unwrap();
        let operation = Operation::fold(&records).unwrap();
        stands(&operation).then_some((operation, records))
    })
}

#[test]
fn what_was_paused_for_want_of_a_password_goes_on_with_one_typed_in_the_console() {
    let stage = Stage::quiet();
    two_entries(&stage);
    stage.home.write(".config/stackdeck/config.toml", "[operations]\npoll = \"50ms\"\n");
    // The token ends right before the second call.
    let second = Fault::new("/compute/v2.1/servers/*/action", Bend::ExpireTokens).after(1).times(1);
    stage.served.fault(second);
    let arguments = ["--cloud", "sim", "--no-token-cache", "lock", "batch-01", "batch-02", "--yes", "--wait"];
    let mut shell =
        Terminal::start(&stage.home, &Options { arguments: &arguments, size: (160, 40), ..Options::default() });
    shell.wait("Password for oncall");
    shell.send("night-shift\r");
    let (paused, _) = records(&stage, "the pause", |one| matches!(one.stage, fold::Stage::Paused(_)));
    assert_eq!((&paused.stage, paused.count().0), (&fold::Stage::Paused(Pause::Credentials), 1));

    let arguments = ["--cloud", "known", "--no-token-cache"];
    let mut terminal = Terminal::start(&stage.home, &Options { arguments: &arguments, ..Options::default() });
    terminal.wait("payments");
    terminal.send("3");
    terminal.wait("paused: credentials");
    terminal.send("r");
    terminal.mistype_password();
    let asked = |record: &Record| matches!(record.event, Event::Asked { .. });
    assert!(!records(&stage, "its records", |_| true).1.iter().any(asked), "without a password nothing is asked");
    terminal.send("\x1b[200~night-shift\n\x1b[201~");
    terminal.send("\r");
    let (ended, all) = records(&stage, "the end", Operation::is_over);
    assert_eq!(ended.stage, fold::Stage::Finished(Verdict::Done), "{all:#?}");
    assert_eq!(all.iter().filter(|record| asked(record)).count(), 1);
    // The first target was answered before the pause: nobody calls it again.
    let calls =
        |step| all.iter().filter(|one| matches!(&one.event, Event::Announced(call) if call.step == step)).count();
    assert_eq!(calls(0), 1);
    terminal.wait("● done");
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(Duration::from_secs(20)), Ok(0));
    for file in walkdir::WalkDir::new(stage.home.path().join(".local")).into_iter().filter_map(Result::ok) {
        let text = std::fs::read(file.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains("night-shift") && !text.contains("gAAAAA"), "a secret is in {}", file.path().display());
    }
}
