//! Servers of our own on the real cloud, and a home in which they are changed. They go away at the end, also at a bad one.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use stackdeck::base::id::InstanceId;
use stackdeck::fleet::instance::Status;
use stackdeck::openstack::Cloud;
use stackdeck::openstack::compute::{self, HistoryEntry, Servers};
use stackdeck::operation::fold::{Operation, Stage};
use stackdeck::operation::{Event, OperationId, Record};
use stackdeck::store::Journal;
use tokio::time::{Instant, sleep};

use super::other::Other;
use super::rig::Rig;
use super::{config, connect};
use crate::support::process::{Ended, Home, end};

/// For whatever must come. Long: others use the cloud and the machine too.
pub(super) const DEADLINE: Duration = Duration::from_secs(120);
/// Short waits, for a cloud that is this machine.
pub(super) const QUICK: &str = "[operations]\npoll = \"300ms\"\nmin_ready = \"1s\"\ndrain = \"1s\"\nanswering = \"1s\"\nlost = \"5s\"\n\
     [watch]\nnormal = \"1s\"\nbusy = \"1s\"\n";
/// The cloud of most tests.
pub(super) const CLOUD: &str = "rig-demo";

/// Servers of one service, whose name no other test has.
pub(super) struct Bench {
    pub cloud: Cloud,
    /// A member of the project, with another tool.
    pub other: Other,
    /// An admin: locks do not hold him.
    pub admin: Other,
    pub home: Home,
    pub rig: Rig,
    pub service: String,
    pub servers: Vec<InstanceId>,
}

impl Bench {
    /// With so many servers that are ACTIVE; `None` where there is no real cloud. Without a network they are there much
    /// sooner.
    pub async fn of(count: usize) -> Option<Self> {
        Self::within(count, &"none".into()).await
    }

    /// The same, in the networks that a create would name.
    pub async fn within(count: usize, networks: &Value) -> Option<Self> {
        let rig = Rig::here()?;
        let (cloud, owner) = (connect(CLOUD).await?, connect("rig-admin").await?);
        let other = Other::sign_in(&config(CLOUD)?, &cloud).await;
        let admin = Other::sign_in(&config("rig-admin")?, &owner).await;
        let home = Home::new();
        home.write(".config/stackdeck/config.toml", QUICK);
        home.clouds(&rig.clouds());
        let service = format!("sd-{:08x}", fastrand::u32(..));
        let image = image(&cloud).await;
        let mut bench = Self { cloud, other, admin, home, rig, service, servers: Vec::new() };
        for number in 1..=count {
            let id = bench.other.create(&image, &format!("{}-{number}", bench.service), &bench.service, networks).await;
            bench.servers.push(id);
        }
        for server in &bench.servers {
            bench.until(server, &Status::Active).await;
        }
        Some(bench)
    }

    /// One more cloud, beside those of the rig.
    pub fn add_cloud(&self, entry: &str) {
        self.home.clouds(&format!("{}{entry}", self.rig.clouds()));
    }

    /// Waits until a server rests in that state.
    pub async fn until(&self, server: &InstanceId, status: &Status) {
        let began = Instant::now();
        loop {
            let row = compute::server(&self.cloud, server).await.expect("the server");
            if row.status.as_deref() == Some(status.as_str()) && row.task_state.as_deref().is_none() {
                return;
            }
            assert!(began.elapsed() < DEADLINE, "it did not become {status}: {:?}", row.status);
            sleep(Duration::from_millis(300)).await;
        }
    }

    /// The binary's arguments for one verb and all servers.
    pub fn line<'a>(&'a self, verb: &'a str, flags: &[&'a str]) -> Vec<&'a str> {
        let servers = self.servers.iter().map(InstanceId::as_str);
        [verb].into_iter().chain(servers).chain(flags.iter().copied()).collect()
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_on(CLOUD, arguments)
    }

    pub fn run_on(&self, cloud: &str, arguments: &[&str]) -> Ended {
        end(self.home.command().args(["--cloud", cloud]).args(arguments))
    }

    pub fn state(&self) -> PathBuf {
        self.home.path().join(".local/state/stackdeck")
    }

    /// The records of the last operation.
    pub fn records(&self) -> Vec<Record> {
        let Some(journal) = Journal::open_to_read(&self.state()).expect("a journal") else { return Vec::new() };
        journal.find("last").map(|last| journal.records(&last).expect("records")).unwrap_or_default()
    }

    /// The last operation.
    pub fn operation(&self) -> Operation {
        Operation::fold(&self.records()).expect("an operation")
    }

    /// How the stamps of all its operations begin.
    pub fn stamps(&self) -> BTreeSet<String> {
        let Some(journal) = Journal::open_to_read(&self.state()).expect("a journal") else { return BTreeSet::new() };
        let records = journal.all_after(0).expect("records");
        records.iter().map(|record| format!("sd-{}-", record.operation)).collect()
    }

    /// Waits until the last operation's records are so; they are told then.
    pub async fn records_when(&self, what: &str, so: impl Fn(&[Record]) -> bool) -> Vec<Record> {
        let began = Instant::now();
        loop {
            let records = self.records();
            if so(&records) {
                return records;
            }
            let events: Vec<_> = records.iter().map(|record| (record.at, &record.event)).skip(1).collect();
            assert!(began.elapsed() < DEADLINE, "waited for {what}: {events:#?}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for the end of the operation that comes after this one, and expects that all went well.
    pub async fn done_after(&self, before: Option<&OperationId>) -> Operation {
        let over = |records: &[Record]| is_finished(records) && Some(&records[0].operation) != before;
        let operation = Operation::fold(&self.records_when("the end", over).await).expect("an operation");
        assert_done(&operation);
        operation
    }

    /// What Nova itself tells that was done to a server.
    pub async fn history(&self, server: &InstanceId) -> Vec<HistoryEntry> {
        compute::history(&self.cloud, server).await.expect("the history")
    }

    /// How often Nova did that, by its own history.
    pub async fn times(&self, server: &InstanceId, verb: &str) -> usize {
        self.history(server).await.iter().filter(|entry| entry.verb.as_deref() == Some(verb)).count()
    }

    /// Each target was called once: the request of the record is in Nova's log, once and as this call, and the server's
    /// own history has it.
    pub async fn assert_traced(&self, operation: &Operation) {
        for (step, progress) in operation.plan.steps.iter().zip(&operation.steps) {
            let [request] = progress.requests.as_slice() else { panic!("one request: {progress:#?}") };
            assert_eq!(progress.attempts, 1, "{progress:#?}");
            let server = &step.target.id;
            let asked = self.rig.asked(request, &format!("POST /v2.1/servers/{server}/action"));
            assert_eq!(asked, 1, "{request} in Nova's log");
            let history = self.history(server).await;
            let verb = step.change.history_verb();
            let ours = |entry: &&HistoryEntry| entry.request_id.as_deref() == Some(request.as_str());
            let ours: Vec<_> = history.iter().filter(ours).map(|entry| entry.verb.as_deref()).collect();
            assert_eq!(ours, [verb], "{request} in Nova's history: {history:#?}");
        }
    }

    /// The journal verifies against the head that was told at the end, and not against another.
    pub fn assert_audited(&self) {
        let shown = self.run(&["operations", "show", "last", "-o", "json"]).with_code(0).json();
        let head = shown["journal_head"].as_str().expect("a head").to_owned();
        self.run(&["audit", "--verify", "--expect", &head]).with_code(0);
        let (rest, last) = head.split_at(head.len() - 1);
        let other = if last == "0" { "1" } else { "0" };
        self.run(&["audit", "--verify", "--expect", &format!("{rest}{other}")]).with_code(10);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // On a thread of its own: a failed test comes here from within its runtime.
        let (admin, servers) = (self.admin.elsewhere(), std::mem::take(&mut self.servers));
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                for server in &servers {
                    admin.delete(server).await;
                }
            });
        });
        // What could not be deleted shows in the next listing; a second panic would hide the first.
        let _ = gone.join();
    }
}

/// An image that some server was made from.
async fn image(cloud: &Cloud) -> String {
    let some = compute::servers(cloud, &Servers { limit: Some(5), ..Servers::default() }).await.expect("servers");
    let image = some.rows.iter().find_map(|row| match &row.image {
        compute::Image::Id(id) => Some(id.clone()),
        compute::Image::Volume | compute::Image::Untold => None,
    });
    image.expect("a server made from an image").to_string()
}

pub(super) fn is_finished(records: &[Record]) -> bool {
    records.iter().any(|record| matches!(record.event, Event::Finished { .. }))
}

#[track_caller]
pub(super) fn assert_done(operation: &Operation) {
    let done = Stage::Finished(stackdeck::operation::record::Verdict::Done);
    assert_eq!(operation.stage, done, "{operation:#?}");
}
