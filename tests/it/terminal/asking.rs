//! The shell's verbs at a terminal: what they ask, what counts as an answer, and what a closed terminal ends.

use std::time::Duration;

use super::pty::{Options, Terminal};
use super::world::Stage;
use crate::cli::sim::Cloud;
use crate::support::process::{Home, until};

const SOON: Duration = Duration::from_secs(20);

fn start(home: &Home, arguments: &[&str]) -> Terminal {
    Terminal::start(home, &Options { arguments, size: (160, 40), ..Options::default() })
}

fn has_journal(home: &Home) -> bool {
    home.path().join(".local/state/stackdeck/journal.db").exists()
}

#[test]
fn enter_alone_starts_nothing() {
    let stage = Stage::quiet();
    let mut terminal = start(&stage.home, &["restart", "batch-01"]);
    let plan = terminal.wait("Start? [y/N]");
    assert!(plan.contains("reboot SOFT") && plan.contains("outlives this login"), "{plan}");
    terminal.send("\r");
    assert_eq!(terminal.ended(SOON), Ok(9));
    assert!(!has_journal(&stage.home));
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let stage = Stage::quiet();
    let mut terminal = start(&stage.home, &["lock", "batch-01"]);
    terminal.send("y\ry\ry\r");
    terminal.wait("Start? [y/N]");
    terminal.send("n\r");
    assert_eq!(terminal.ended(SOON), Ok(9), "its answer came after the question");
    assert!(!has_journal(&stage.home));
}

#[test]
fn a_name_and_a_ticket_are_asked_for() {
    let stage = Stage::quiet();
    stage.home.write(
        ".config/stackdeck/config.toml",
        "[operations]\nticket = \"required\"\n[clouds.sim]\nprotected = true\n",
    );
    let mut terminal = start(&stage.home, &["lock", "batch-01", "--yes", "--wait"]);
    terminal.wait("Ticket: ");
    terminal.send("CHG-7\r");
    terminal.wait("Type batch to start");
    terminal.send("batch\r");
    let end = terminal.wait("Journal head");
    assert!(end.contains("ticket CHG-7") && end.contains("done"), "{end}");
    assert_eq!(terminal.ended(SOON), Ok(0));
}

#[test]
fn a_password_that_was_typed_reaches_the_worker_and_no_file() {
    let stage = Stage::quiet();
    let file = stage.served.clouds_yaml();
    let lines: Vec<&str> = file.lines().filter(|line| !line.contains("password:")).collect();
    stage.home.clouds(&lines.join("\n"));
    let mut terminal = start(&stage.home, &["--no-token-cache", "lock", "batch-01", "--yes", "--wait"]);
    terminal.wait("Password for oncall");
    terminal.send("night-shift\r");
    let end = terminal.wait("Journal head");
    assert!(end.contains("done: batch-01 is ACTIVE, locked") && end.contains("with your token"), "{end}");
    assert_eq!(terminal.ended(SOON), Ok(0));
    for file in walkdir::WalkDir::new(stage.home.path()).into_iter().filter_map(Result::ok) {
        let text = std::fs::read(file.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains("night-shift") && !text.contains("gAAAAA"), "a secret is in {}", file.path().display());
    }
}

#[test]
fn a_terminal_that_is_closed_ends_the_follower_and_not_the_worker() {
    let cloud = Cloud::at_rate("quiet", "20", "10");
    cloud.home.write(
        ".config/stackdeck/config.toml",
        "[operations]\npoll = \"50ms\"\nmin_ready = \"200ms\"\ndrain = \"200ms\"\nanswering = \"200ms\"\n",
    );
    let mut terminal = start(&cloud.home, &["restart", "batch-01", "batch-02", "--wait"]);
    terminal.wait("Start? [y/N]");
    terminal.send("y\r");
    terminal.wait("accepted: 202");
    terminal.hang_up();
    let ended = until("the operation to end", || {
        let told = cloud.run(&["operations", "show", "-o", "json"]).with_code(0).json();
        (told["operation"]["state"] == "done").then_some(told)
    });
    assert_eq!(ended["operation"]["claims"], 1, "nobody had to take it up again");
}
