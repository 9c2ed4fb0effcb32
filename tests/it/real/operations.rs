//! Operations on the real cloud: the shell's verbs end to end, and a worker that is killed after each record.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use stackdeck::fleet::instance::Status;
use stackdeck::operation::Event;
use stackdeck::store::Lease;
use tokio::time::{Instant, sleep};

use super::bench::{Bench, DEADLINE, assert_done, is_finished};
use crate::support::process::until;

#[tokio::test]
async fn each_verb_reaches_its_end_and_novas_log_has_its_request() {
    let Some(bench) = Bench::of(1).await else { return };
    for (verb, flags, status) in [
        ("lock", vec!["--reason", "night shift"], Status::Active),
        ("unlock", vec![], Status::Active),
        ("restart", vec![], Status::Active),
        ("restart", vec!["--hard"], Status::Active),
        ("stop", vec![], Status::Shutoff),
        ("start", vec![], Status::Active),
    ] {
        let flags = [&["--yes", "--wait", "--ticket", "CHG-7"][..], &flags].concat();
        bench.run(&bench.line(verb, &flags)).with_code(0);
        bench.until(&bench.servers[0], &status).await;
        let operation = bench.operation();
        assert_done(&operation);
        assert_eq!(operation.by.ticket.as_deref(), Some("CHG-7"));
        bench.assert_traced(&operation).await;
    }
    assert_eq!(bench.times(&bench.servers[0], "reboot").await, 2);
    bench.assert_audited();
}

/// The worker is killed when the journal has so many records; another takes it up; at last one is not killed.
#[tokio::test]
async fn a_worker_killed_after_each_record_in_turn_restarts_a_server_once() {
    let Some(bench) = Bench::of(1).await else { return };
    let mut restarts = 0;
    for point in 2.. {
        bench.run(&bench.line("restart", &["--yes"])).with_code(0);
        let was_killed = kill_after(&bench, point).await;
        if was_killed {
            bench.run(&["operations", "resume", "last", "--wait"]).with_code(0);
        }
        restarts += 1;
        let operation = bench.operation();
        assert_done(&operation);
        assert_eq!(bench.times(&bench.servers[0], "reboot").await, restarts, "killed after {point}: {operation:#?}");
        if !was_killed {
            assert!(point > 4, "the operation had at least an announcement, an answer and an end");
            break;
        }
    }
    bench.assert_audited();
}

/// Whether the worker was killed; not, if the operation ended with fewer records.
async fn kill_after(bench: &Bench, point: usize) -> bool {
    let began = Instant::now();
    loop {
        let records = bench.records();
        if is_finished(&records) {
            return false;
        }
        let worker = records.iter().find_map(|record| match record.event {
            Event::Claimed { pid } => Some(pid),
            _ => None,
        });
        if let (Some(worker), true) = (worker, records.len() >= point) {
            let pid = Pid::from_raw(worker.cast_signed()).expect("a process");
            // It may have come to its end this very moment; and one that is being killed still ends its last write.
            let killed = kill_process(pid, Signal::KILL).is_ok();
            let operation = &records[0].operation;
            until("the lock is free", || {
                Lease::holder(&bench.state(), operation).expect("a lock").is_none().then_some(())
            });
            return killed && !is_finished(&bench.records());
        }
        assert!(began.elapsed() < DEADLINE, "the operation neither goes on nor ends");
        sleep(Duration::from_millis(5)).await;
    }
}
