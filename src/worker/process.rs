//! The worker's process, from its start to its exit.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::base::clock::{Clock, Pace, Timestamp};
use crate::base::failure::{Failure, FailureKind};
use crate::openstack::Clouds;
use crate::operation::record::Announcement;
use crate::operation::{Actor, Event, Freeze, Operation, OperationId, Record};
use crate::store::journal::{AppendError, Entry};
use crate::store::lease::Lease;
use crate::store::notify::Ears;
use crate::store::{Journal, Permit};
use crate::worker::clock::Steady;
use crate::worker::desk::frozen;
use crate::worker::drive::{World, drive};
use crate::worker::seams;
use crate::worker::sign_in::{Measured, Session};

/// What a worker is started with.
pub struct Start {
    /// The operation.
    pub operation: OperationId,
    /// The folder of the journal.
    pub state: PathBuf,
    /// The folder of the kept tokens.
    pub tokens: Option<PathBuf>,
    /// How the cloud's clock follows from the wall's.
    pub pace: Pace,
    /// The clouds that are configured.
    pub clouds: Clouds,
    /// Who started it.
    pub actor: Actor,
    /// How load and health are measured.
    pub measured: Measured,
    /// When most changes are refused.
    pub freezes: Vec<Freeze>,
    /// What was handed over on standard input.
    pub grant: Option<SecretString>,
}

/// Drives the operation until it is over or waits for somebody. Somebody else at it is no failure.
pub async fn run(start: Start) -> Result<(), Failure> {
    // In a session of its own: what hangs up a terminal does not reach it. Refused only to a group's leader.
    let _already_leader = rustix::process::setsid();
    // Started through /proc/self/exe it would be called `exe` in every list of processes.
    let _unnamed = rustix::thread::set_name(c"stackdeck");
    let Some(lease) = Lease::take(&start.state, &start.operation)? else {
        tracing::info!(operation = %start.operation, "another worker has it");
        return Ok(());
    };
    let journal = Journal::open(&start.state)?;
    let records = journal.records(&start.operation)?;
    let folded = Operation::fold(&records)
        .map_err(|illegal| Failure::new(FailureKind::Bug, "The journal makes no sense").cause(illegal.to_string()))?;
    // Whoever started it may have known other settings, or it took longer than a freeze to come.
    frozen(&start.freezes, &folded, start.pace.cloud(Clock::system().now()))?;
    let by = Actor { ticket: folded.by.ticket.clone(), cloud_user: folded.by.cloud_user.clone(), ..start.actor };
    let mut world = World {
        cloud: Session::new(start.clouds, &folded.plan, start.tokens, start.grant, start.measured),
        journal: Book { journal, by },
        lease: Held(lease),
        clock: Steady::new(Clock::system().now(), start.pace),
    };
    let ended = drive(&mut world, &start.operation).await?;
    let head = world.journal.journal.head()?;
    let told = Ears::default().tell(&head, &ended.id, Clock::system().now());
    tracing::info!(operation = %ended.id, stage = ?ended.stage, %head, ?told, "ended");
    Ok(())
}

/// The journal, as this worker writes it.
struct Book {
    journal: Journal,
    by: Actor,
}

impl seams::Journal for Book {
    fn read(&mut self, operation: &OperationId, after: u64) -> Result<Vec<Record>, Failure> {
        self.journal.records_after(operation, after)
    }

    fn append(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        event: Event,
        seen: u64,
    ) -> Result<Record, AppendError> {
        self.journal.append(Entry { operation, at, by: &self.by, event: &event }, Some(seen))
    }

    fn announce(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        announcement: Announcement,
        seen: u64,
    ) -> Result<(Record, Permit), AppendError> {
        self.journal.announce(operation, at, &self.by, announcement, Some(seen))
    }
}

/// A lease that is held for as long as the process lives.
struct Held(Lease);

impl seams::Lease for Held {
    fn is_held(&self) -> bool {
        self.0.is_held()
    }
}
