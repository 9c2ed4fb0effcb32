//! Changes from the keyboard on the real cloud, by the real binary in a pseudo-terminal.

use std::time::Duration;

use rustix::process::Signal;
use stackdeck::operation::fold::Phase;

use super::bench::Bench;
use super::console::instances;
use crate::terminal::pty::Seen;

#[tokio::test]
async fn three_marked_instances_restart_once_though_the_terminal_closes_at_once() {
    let Some(bench) = Bench::of(3).await else { return };
    let mut terminal = instances(&bench);
    for marked in 1..=3 {
        terminal.send(" ");
        terminal.wait(&format!("{marked} marked"));
    }
    let plan = terminal.review("r");
    assert!(plan.contains(&format!("Restart 3 instances of {}", bench.service)), "{plan}");
    for number in 1..=3 {
        let line = plan.lines().find(|line| line.contains(&format!("{}-{number}", bench.service)));
        assert!(plan.matches("reboot SOFT").count() == 3 && line.is_some(), "{plan}");
    }
    terminal.press_start();
    terminal.hang_up();
    assert_eq!(terminal.ended(Duration::from_secs(15)), Ok(129));

    let operation = bench.done_after(None).await;
    assert_eq!((operation.steps.len(), operation.claims), (3, 1));
    assert!(operation.steps.iter().all(|step| step.phase == Phase::Passed), "{operation:#?}");
    assert_eq!(operation.by.cloud_user.as_deref(), Some("demo@Default"));
    bench.assert_traced(&operation).await;
    for server in &bench.servers {
        assert_eq!(bench.times(server, "reboot").await, 1, "{server}");
    }

    // Whoever comes back finds all of it.
    let mut terminal = instances(&bench);
    terminal.find_restart(operation.steps[0].requests[0].as_str());
    bench.assert_audited();
}

/// Whether the page of an instance has a line of that name with that text.
fn says(seen: &Seen, name: &str, text: &str) -> bool {
    seen.text().lines().any(|line| line.trim_start().starts_with(name) && line.contains(text))
}

#[tokio::test]
async fn every_verb_is_pressed_and_reaches_its_end() {
    let Some(bench) = Bench::of(1).await else { return };
    let mut terminal = instances(&bench);
    terminal.send("d");
    terminal.wait_for("the page of the instance", |seen| says(seen, "locked", "no"));
    let mut last = None;
    for (key, call, name, text) in [
        ("L", "lock", "locked", "locked by demo with Stackdeck"),
        ("U", "unlock", "locked", "no"),
        ("x", "os-stop", "status", "SHUTOFF"),
        ("p", "os-start", "status", "ACTIVE"),
        ("r", "reboot SOFT", "status", "ACTIVE"),
        ("\r", "reboot HARD", "status", "ACTIVE"),
    ] {
        if key == "\r" {
            terminal.send(":restart-hard");
            terminal.wait(":restart-hard");
        }
        let plan = terminal.review(key);
        assert!(plan.contains(&format!("  {call}")), "{key}: {plan}");
        terminal.press_start();
        let operation = bench.done_after(last.as_ref()).await;
        assert_eq!(operation.steps[0].phase, Phase::Passed, "{key}: {operation:#?}");
        bench.assert_traced(&operation).await;
        terminal.wait_for(&format!("{key}: {name} {text}"), |seen| says(seen, name, text));
        last = Some(operation.id);
    }
    for (verb, times) in [("lock", 1), ("unlock", 1), ("stop", 1), ("start", 1), ("reboot", 2)] {
        assert_eq!(bench.times(&bench.servers[0], verb).await, times, "{verb}");
    }
    terminal.signal(Signal::TERM);
    bench.assert_audited();
}
