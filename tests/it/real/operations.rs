//! Operations on the real cloud: the shell's verbs end to end, a worker that is killed after each record, a lock.
//! Every request id is looked for in Nova's own log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use stackdeck::base::id::InstanceId;
use stackdeck::fleet::instance::Status;
use stackdeck::openstack::Cloud;
use stackdeck::openstack::compute::{self, Servers};
use stackdeck::operation::fold::{Operation, Stage};
use stackdeck::operation::record::Verdict;
use stackdeck::operation::{Event, Record};
use stackdeck::store::{Journal, Lease};
use tokio::time::{Instant, sleep};

use super::watching::Other;
use super::{config, connect};
use crate::support::process::{Ended, Home, until};

const DEADLINE: Duration = Duration::from_secs(120);
/// Short waits, for a cloud that is this machine.
const QUICK: &str = "[operations]\npoll = \"300ms\"\nmin_ready = \"1s\"\nlost = \"5s\"\n";

/// A server of our own, and a home in which it is changed.
struct Bench {
    cloud: Cloud,
    other: Other,
    home: Home,
    server: InstanceId,
}

impl Bench {
    async fn new() -> Option<Self> {
        let cloud = connect("rig-demo").await?;
        let other = Other::sign_in(&config("rig-demo")?, &cloud).await;
        let some = compute::servers(&cloud, &Servers { limit: Some(5), ..Servers::default() }).await.expect("servers");
        let image = some.rows.iter().find_map(|row| match &row.image {
            compute::Image::Id(id) => Some(id.as_str()),
            compute::Image::Volume | compute::Image::Untold => None,
        });
        let image = image.expect("a server made from an image");
        let server = other.create(image).await;
        let home = Home::new();
        home.write(".config/stackdeck/config.toml", QUICK);
        let bench = Self { cloud, other, home, server };
        bench.until(Status::Active).await;
        Some(bench)
    }

    async fn until(&self, status: Status) {
        let began = Instant::now();
        loop {
            let row = compute::server(&self.cloud, &self.server).await.expect("the server");
            if row.status.as_deref() == Some(status.as_str()) && row.task_state.as_deref().is_none() {
                return;
            }
            assert!(began.elapsed() < DEADLINE, "it did not become {status}: {:?}", row.status);
            sleep(Duration::from_millis(300)).await;
        }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let clouds = std::env::var("STACKDECK_REAL_CLOUDS").expect("asked for before");
        let mut command = self.home.command();
        command.env("OS_CLIENT_CONFIG_FILE", clouds).args(["--cloud", "rig-demo"]).args(arguments);
        crate::support::process::end(&mut command)
    }

    fn state(&self) -> PathBuf {
        self.home.path().join(".local/state/stackdeck")
    }

    /// The records of the last operation.
    fn records(&self) -> Vec<Record> {
        let Some(journal) = Journal::open_to_read(&self.state()).expect("a journal") else { return Vec::new() };
        journal.find("last").map(|last| journal.records(&last).expect("records")).unwrap_or_default()
    }

    /// How often Nova did that, by its own history.
    async fn times(&self, verb: &str) -> usize {
        let history = compute::history(&self.cloud, &self.server).await.expect("the history");
        history.iter().filter(|entry| entry.verb.as_deref() == Some(verb)).count()
    }

    async fn end(self) {
        self.other.delete(&self.server).await;
    }
}

/// Nova's API logs every request with its id.
fn is_in_novas_log(id: &str) -> bool {
    let log = Path::new("/var/tmp/openstack-rig/log/nova-api.log");
    // Where the test bed lies elsewhere there is nothing to compare with.
    std::fs::read_to_string(log).map_or(true, |text| text.contains(id))
}

#[tokio::test]
async fn each_verb_reaches_its_end_and_novas_log_has_its_request() {
    let Some(bench) = Bench::new().await else { return };
    let id = bench.server.to_string();
    for (verb, flags, status) in [
        ("lock", vec!["--reason", "night shift"], Status::Active),
        ("unlock", vec![], Status::Active),
        ("restart", vec![], Status::Active),
        ("restart", vec!["--hard"], Status::Active),
        ("stop", vec![], Status::Shutoff),
        ("start", vec![], Status::Active),
    ] {
        let line = [&[verb, &id, "--yes", "--wait", "--ticket", "CHG-7"][..], &flags].concat();
        bench.run(&line).with_code(0);
        bench.until(status).await;
        let operation = Operation::fold(&bench.records()).expect("an operation");
        assert_eq!(operation.stage, Stage::Finished(Verdict::Done), "{verb}");
        assert_eq!(operation.by.ticket.as_deref(), Some("CHG-7"));
        let request = operation.steps[0].requests.first().expect("a request id");
        assert!(is_in_novas_log(request.as_str()), "{verb}: {request} is not in Nova's log");
    }
    assert_eq!(bench.times("reboot").await, 2);
    bench.run(&["audit", "--verify"]).with_code(0);
    bench.end().await;
}

#[tokio::test]
async fn a_locked_server_is_refused_and_nothing_is_asked_of_nova() {
    let Some(bench) = Bench::new().await else { return };
    let id = bench.server.to_string();
    bench.run(&["lock", &id, "--yes", "--wait"]).with_code(0);
    let refused = bench.run(&["restart", &id, "--yes", "--wait"]).with_code(7);
    assert!(refused.err.contains("locked") || refused.out.contains("locked"), "{refused:?}");
    assert_eq!(bench.times("reboot").await, 0);
    bench.run(&["unlock", &id, "--yes", "--wait"]).with_code(0);
    bench.end().await;
}

/// The worker is killed when the journal has so many records; another takes it up; at last one is not killed.
#[tokio::test]
async fn a_worker_killed_after_each_record_in_turn_restarts_a_server_once() {
    let Some(bench) = Bench::new().await else { return };
    let id = bench.server.to_string();
    let mut restarts = 0;
    for point in 2.. {
        bench.run(&["restart", &id, "--yes"]).with_code(0);
        let was_killed = kill_after(&bench, point).await;
        if was_killed {
            bench.run(&["operations", "resume", "last", "--wait"]).with_code(0);
        }
        restarts += 1;
        let operation = Operation::fold(&bench.records()).expect("an operation");
        assert_eq!(operation.stage, Stage::Finished(Verdict::Done), "killed after {point}: {operation:#?}");
        assert_eq!(bench.times("reboot").await, restarts, "killed after {point}: {operation:#?}");
        if !was_killed {
            assert!(point > 4, "the operation had at least an announcement, an answer and an end");
            break;
        }
    }
    bench.run(&["audit", "--verify"]).with_code(0);
    bench.end().await;
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

fn is_finished(records: &[Record]) -> bool {
    records.iter().any(|record| matches!(record.event, Event::Finished { .. }))
}
