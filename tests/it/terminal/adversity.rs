//! The console where its own file is replaced under it, or its state folder cannot be written.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::time::Duration;

use stackdeck::operation::Operation;
use stackdeck::operation::fold::Stage as Standing;
use stackdeck::operation::record::Verdict;
use stackdeck::store::Journal;

use super::pty::{Options, Terminal};
use super::world::Stage;
use crate::support::process::until;

const STATE: &str = ".local/state/stackdeck";
const NOBODY: u32 = 65_534;

/// Opens the plan to lock the instance under the cursor.
fn plan(terminal: &mut Terminal) -> String {
    terminal.send("2");
    terminal.wait("auth-01");
    until("the plan", || {
        terminal.send("L");
        terminal.settle(Duration::from_millis(100));
        terminal.seen(|seen| seen.text().contains("❯ Cancel ❮")).then_some(())
    });
    terminal.wait("Lock ")
}

fn start(terminal: &mut Terminal) {
    until("the button to take the keys", || {
        terminal.send("\t");
        // A second one would go on to the next button.
        terminal.settle(Duration::from_millis(500));
        terminal.seen(|seen| seen.text().contains("❯ Start ❮")).then_some(())
    });
    terminal.send("\r");
}

#[test]
fn a_console_whose_file_was_removed_or_replaced_still_starts_its_workers() {
    for replaced in [true, false] {
        let stage = Stage::quiet();
        // A link is as good as a copy, where it is on the same file system.
        let line = "p=\"$HOME/program\"; ln \"$1\" \"$p\" 2>/dev/null || cp \"$1\" \"$p\"; shift; exec \"$p\" \"$@\"";
        let mut terminal = stage.console(&Options { shell: Some(line), ..Options::default() });
        let program = stage.home.path().join("program");
        stage.home.supplant(&program, replaced);
        plan(&mut terminal);
        start(&mut terminal);
        let state = stage.home.path().join(STATE);
        until("the operation's end", || {
            let journal = Journal::open_to_read(&state).unwrap()?;
            let listed = journal.operations(1).unwrap().pop()?.unwrap();
            let operation = Operation::fold(&journal.records(&listed.id).unwrap()).unwrap();
            (operation.stage == Standing::Finished(Verdict::Done)).then_some(())
        });
    }
}

#[test]
fn a_state_folder_that_cannot_be_written_is_told_before_start_and_the_console_goes_on() {
    let stage = Stage::quiet();
    let state = stage.home.path().join(STATE);
    std::fs::create_dir_all(&state).unwrap();
    drop(Journal::open(&state).unwrap());
    let root = rustix::process::geteuid().is_root();
    if root {
        for entry in walkdir::WalkDir::new(stage.home.path()).into_iter().flatten() {
            chown(entry.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    for entry in walkdir::WalkDir::new(&state).into_iter().flatten() {
        let mode = if entry.file_type().is_dir() { 0o500 } else { 0o400 };
        std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    // Root may write everywhere: so it is nobody who looks.
    let line = format!("exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups \"$@\"");
    let shell = root.then_some(line.as_str());
    let mut terminal = stage.console(&Options { shell, ..Options::default() });
    let told = plan(&mut terminal);
    assert!(told.contains("Nothing can be started") && told.contains("journal.db"), "{told}");
    start(&mut terminal);
    terminal.wait_for("the refusal", |seen| !seen.text().contains("❯ Start ❮"));
    // The console goes on: what was refused is told, and keys are heard.
    until("the services", || {
        terminal.send("1");
        terminal.settle(Duration::from_millis(100));
        terminal.seen(|seen| seen.text().contains("payments")).then_some(())
    });
    terminal.send(":quit\r");
    assert_eq!(terminal.ended(Duration::from_secs(10)), Ok(0));
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o700)).unwrap();
    let journal = Journal::open_to_read(&state).unwrap().unwrap();
    assert_eq!(journal.operations(1).unwrap(), []);
}
