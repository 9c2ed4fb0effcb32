//! The demo as a stranger starts it.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::pty::{Options, Terminal};
use crate::support::process::{Home, until};

#[test]
fn a_demo_lives_on_without_its_console_and_is_found_by_the_next() {
    let home = Home::new();
    let folder = home.path().join(".local/state/stackdeck/demo/quiet-20");
    let number = || std::fs::read_to_string(folder.join("clouds.lock")).unwrap().trim().parse::<i32>().unwrap();
    let console = || {
        let arguments = ["--demo=quiet", "--instances", "20"];
        let terminal = Terminal::start(&home, &Options { arguments: &arguments, ..Options::default() });
        let screen = terminal.wait("payments");
        assert!(screen.contains("demo quiet ×20"), "{screen}");
        terminal
    };
    let mut terminal = console();
    let process = Pid::from_raw(number()).unwrap();
    terminal.hang_up();
    assert_eq!(terminal.ended(Duration::from_secs(10)), Ok(129));
    test_kill_process(process).unwrap();
    let second = console();
    assert_eq!(Pid::from_raw(number()), Some(process));
    drop(second);
    assert!(folder.join("stackdeck.log").exists(), "what a demo leaves is in its own folder");
    assert!(!home.path().join(".cache/stackdeck").exists());
    kill_process(process, Signal::TERM).unwrap();
    until("the demo's cloud to end", || (!folder.join("clouds.yaml").exists()).then_some(()));
}
