//! A change from the keyboard to its end, by the real binary: the console may go the moment after Start.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use stackdeck::operation::fold::Phase;
use stackdeck::operation::record::Verdict;
use stackdeck::operation::{Event, Operation, Record};
use stackdeck::store::Journal;

use super::pty::{Options, Terminal};
use crate::support::process::{Home, until};

const FOLDER: &str = ".local/state/stackdeck/demo/quiet-20";

fn console(home: &Home) -> Terminal {
    let arguments = ["--demo=quiet", "--instances", "20"];
    let terminal = Terminal::start(home, &Options { arguments: &arguments, ..Options::default() });
    terminal.wait("payments");
    terminal
}

/// The records of the only operation, once they tell of its end.
fn ended(home: &Home) -> Vec<Record> {
    let folder = home.path().join(FOLDER);
    until("the operation's end", || {
        let journal = Journal::open_to_read(&folder).unwrap()?;
        let operations = journal.operations(10).unwrap();
        let [only] = operations.as_slice() else { panic!("{operations:?}") };
        let records = journal.records(&only.as_ref().unwrap().id).unwrap();
        matches!(records.last()?.event, Event::Finished { .. }).then_some(records)
    })
}

#[test]
fn what_was_started_goes_on_when_the_terminal_is_closed_at_once() {
    let home = Home::new();
    let mut terminal = console(&home);
    terminal.send("2");
    terminal.wait("1 of 20");
    terminal.send(" ");
    terminal.wait("1 marked");
    terminal.send(" ");
    terminal.wait("2 marked");
    let plan = terminal.review("r");
    assert!(plan.contains("Restart 2 instances") && plan.contains("reboot SOFT"), "{plan}");
    terminal.press_start();
    terminal.hang_up();
    assert_eq!(terminal.ended(Duration::from_secs(15)), Ok(129));

    let records = ended(&home);
    let operation = Operation::fold(&records).unwrap();
    assert!(matches!(records.last().unwrap().event, Event::Finished { verdict: Verdict::Done }), "{records:#?}");
    assert_eq!(operation.steps.len(), 2);
    for (number, step) in operation.steps.iter().enumerate() {
        assert_eq!((&step.phase, step.attempts), (&Phase::Passed, 1));
        assert_eq!(step.requests.len(), 1, "one request in the cloud's own log");
        let calls = records.iter().filter(|record| matches!(record.event, Event::Announced(_)));
        assert_eq!(calls.filter(|record| record.event.step() == Some(number)).count(), 1);
    }
    assert_eq!(operation.by.cloud_user.as_deref(), Some("oncall@Default"));

    // Whoever comes back finds all of it.
    let mut terminal = console(&home);
    terminal.find_restart(operation.steps[0].requests[0].as_str());
    drop(terminal);
    let lock = std::fs::read_to_string(home.path().join(FOLDER).join("clouds.lock")).unwrap();
    kill_process(Pid::from_raw(lock.trim().parse().unwrap()).unwrap(), Signal::TERM).unwrap();
    until("the demo's cloud to end", || (!home.path().join(FOLDER).join("clouds.yaml").exists()).then_some(()));
}
