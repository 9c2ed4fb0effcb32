//! What is kept on disk: the journal, its chain, leases, what the system's log is told.

mod files;
mod journal;
mod kept;
mod lease;
mod memory;
mod notify;
mod processes;
mod tampering;

use std::path::{Path, PathBuf};

use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::instance::Status;
use stackdeck::fleet::sources::Place;
use stackdeck::operation::record::{Announcement, Newest, Verdict};
use stackdeck::operation::{
    Actor, Aim, Change, Event, Gate, Intent, Limits, OperationId, Plan, Reboot, Record, State, Step, Target, Verb,
};
use stackdeck::store::Journal;
use stackdeck::store::journal::{AppendError, Entry};

use crate::support::folder;

/// A state folder below one that goes away.
struct Folder(folder::Folder);

impl Folder {
    fn new() -> Self {
        Self(folder::Folder::new())
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.state()).unwrap()
    }

    /// The database as any other program sees it.
    fn sqlite(&self) -> rusqlite::Connection {
        sqlite(&self.state())
    }

    /// The same without what guards against slips of the hand.
    fn unguarded(&self) -> rusqlite::Connection {
        let connection = self.sqlite();
        connection.execute_batch("DROP TRIGGER record_is_not_changed; DROP TRIGGER record_is_not_removed").unwrap();
        connection
    }
}

fn sqlite(state: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(state.join("journal.db")).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_760_000_000 + second, 123_456_789).unwrap()
}

fn id(number: u32) -> OperationId {
    OperationId::new(at(i64::from(number)), u128::from(number) * 7_919)
}

fn anna() -> Actor {
    Actor {
        user: "anna".to_owned(),
        host: "jump1".to_owned(),
        cloud_user: Some("anna@Default".to_owned()),
        origin: Some("10.9.8.7".to_owned()),
        ticket: Some("CHG-4711 \"ä\"\n".to_owned()),
        program: "0.1.0".to_owned(),
    }
}

fn state() -> State {
    State {
        status: Status::Active,
        task_state: None,
        locked: Some(false),
        lock_reason: None,
        updated: Some(at(-60)),
        image: None,
        stamp: None,
    }
}

fn change() -> Change {
    Change::Reboot { server: "7d3c".into(), how: Reboot::Soft }
}

fn approved() -> Event {
    let step = Step {
        target: Target { id: "7d3c".into(), name: "payments-01".to_owned(), service: "payments".to_owned() },
        change: change(),
        slot: 0,
        before: state(),
        share: None,
        past_lock: false,
        gate: Gate::Well,
        restores: false,
        undoes: false,
        promise: None,
        instead_of: None,
        compared: false,
        version: None,
        orphan: None,
        pools: vec!["pool".into()],
        own: vec!["member".into()],
    };
    Event::Approved {
        plan: Box::new(Plan {
            schema: Plan::SCHEMA,
            place: Place { cloud: "prod".into(), region: "RegionOne".into() },
            project: "p1".into(),
            project_name: None,
            intent: Intent::new(Verb::Restart(Reboot::Soft), Aim::Instances(vec!["7d3c".into()])),
            title: "Restart payments-01".to_owned(),
            limits: Limits::default(),
            checkpoint: false,
            lifted: Vec::new(),
            waived: Vec::new(),
            former: None,
            approval: None,
            saved: None,
            steps: vec![step],
        }),
    }
}

fn announcement() -> Announcement {
    Announcement {
        step: 0,
        attempt: 1,
        change: change(),
        state: state(),
        newest: Newest::Request("req-1".into()),
        failing: vec!["member".into()],
    }
}

fn done() -> Event {
    Event::Finished { verdict: Verdict::Done }
}

/// Appends what anna says, at a time that its number gives.
fn append(journal: &mut Journal, number: u32, event: &Event, after: Option<u64>) -> Result<Record, AppendError> {
    let (operation, by) = (id(number), anna());
    journal.append(Entry { operation: &operation, at: at(i64::from(number)), by: &by, event }, after)
}

/// Six records of two operations.
fn filled(folder: &Folder) -> Journal {
    let mut journal = folder.journal();
    for (number, event) in [
        (1, approved()),
        (1, Event::Claimed { pid: 77 }),
        (2, approved()),
        (1, Event::Resumed),
        (2, done()),
        (1, done()),
    ] {
        append(&mut journal, number, &event, None).unwrap();
    }
    journal
}
