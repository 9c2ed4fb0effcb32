//! Where operations are handed in, asked for and looked up: the one door that console and shell share.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::base::clock::{Clock, Pace, Timestamp};
use crate::base::failure::{Failure, FailureKind};
use crate::operation::fold::Stage;
use crate::operation::record::{Verdict, Wish};
use crate::operation::{Actor, Approval, Busy, Draft, Event, Freeze, Operation, OperationId, Plan, Record};
use crate::store::Journal;
use crate::store::journal::Entry;
use crate::store::lease::{Holder, Lease};
use crate::worker::launch::{Launcher, Under, log_path};
use crate::worker::outlives::outlives;

/// How long a worker may take to its first record.
const CLAIM: Duration = Duration::from_secs(10);
/// So many operations are looked through for one that is under way.
const NEWEST: usize = 50;
/// Between two looks for it.
const LOOK: Duration = Duration::from_millis(20);

/// The desk of one user at one state folder.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The folder of the journal.
    pub state: PathBuf,
    /// Who is at it.
    pub actor: Actor,
    /// How workers are started.
    pub launcher: Launcher,
    /// What time it is.
    pub clock: Clock,
    /// How the cloud's clock follows: records bear the cloud's time.
    pub pace: Pace,
    /// When most changes are refused.
    pub freezes: Vec<Freeze>,
}

/// An operation and whether anybody drives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// What its records tell.
    pub operation: Operation,
    /// Who drives it now.
    pub holder: Option<Holder>,
}

impl Standing {
    /// Its worker has died: it was under way, and nobody drives it.
    pub fn is_interrupted(&self) -> bool {
        self.operation.stage == Stage::Running && self.holder.is_none()
    }

    /// In a word.
    pub fn word(&self) -> &'static str {
        self.operation.word(self.holder.is_some())
    }
}

impl Desk {
    /// Whether an approval could be written down here. Nothing is made to find out.
    pub fn ready(&self) -> Result<(), Failure> {
        Journal::could_be_written(&self.state)
    }

    /// Writes an approval down. Nothing has begun then.
    ///
    /// # Errors
    /// When something speaks against the plan, or the journal cannot be written.
    pub fn approve(&self, draft: &Draft, ticket: Option<String>) -> Result<OperationId, Failure> {
        if let Some(objection) = draft.objections.first() {
            return Err(Failure::new(FailureKind::Conflict, objection.to_string()));
        }
        if let Some(fault) = draft.ticket_fault(ticket.as_deref()) {
            return Err(Failure::new(FailureKind::Usage, fault));
        }
        let at = self.now();
        // A freeze may have begun since the plan was read, and somebody else too.
        self.unfrozen(&draft.plan, at)?;
        self.unrivalled(&draft.plan, u64::MAX, at)?;
        self.unspent(&draft.plan)?;
        let operation = OperationId::new(at, fastrand::u128(..));
        let by = Actor { ticket, ..self.actor.clone() };
        let approved = self.append(&operation, &by, at, &Event::Approved { plan: Box::new(draft.plan.clone()) })?;
        // Of two that approve at the same moment, the first record counts.
        if let Err(rival) = self.unrivalled(&draft.plan, approved.sequence, at) {
            self.append(&operation, &by, at, &Event::Finished { verdict: Verdict::Aborted })?;
            return Err(rival);
        }
        Ok(operation)
    }

    /// Whether no freeze is in a plan's way.
    fn unfrozen(&self, plan: &Plan, now: Timestamp) -> Result<(), Failure> {
        let frozen = Freeze::in_force(&self.freezes, &plan.place.cloud, now);
        let held = frozen.iter().find_map(|one| one.refuses(&plan.intent));
        held.map_or(Ok(()), |why| Err(Failure::new(FailureKind::Conflict, why)))
    }

    /// The operation that an approval has started already: one is for once.
    pub fn spent(&self, approval: &Approval) -> Result<Option<OperationId>, Failure> {
        let Some(journal) = Journal::open_to_read(&self.state)? else { return Ok(None) };
        for listed in journal.operations(NEWEST)?.into_iter().flatten() {
            let records = journal.records(&listed.id)?;
            let is_same = |event: &Event| match event {
                Event::Approved { plan } => {
                    plan.approval.as_ref().is_some_and(|one| one.signature == approval.signature)
                }
                _ => false,
            };
            if records.first().is_some_and(|record| is_same(&record.event)) {
                return Ok(Some(listed.id));
            }
        }
        Ok(None)
    }

    fn unspent(&self, plan: &Plan) -> Result<(), Failure> {
        let spent = plan.approval.as_ref().map(|approval| self.spent(approval)).transpose()?.flatten();
        spent.map_or(Ok(()), |id| Err(Failure::new(FailureKind::Conflict, Approval::spent_by(&id))))
    }

    /// Whether an operation may begin now, or go on behind its checkpoint. Asked before anything is written down about it.
    ///
    /// # Errors
    /// When a freeze holds that its plan does not lift.
    pub fn may_begin(&self, operation: &Operation) -> Result<(), Failure> {
        frozen(&self.freezes, operation, self.now())
    }

    /// Whether nothing that was approved before that record is in a plan's way.
    fn unrivalled(&self, plan: &Plan, before: u64, now: Timestamp) -> Result<(), Failure> {
        let busy = self.under_way(before, now)?;
        let rival = busy.iter().find_map(|busy| busy.speaks_against(plan));
        rival.map_or(Ok(()), |rival| Err(Failure::new(FailureKind::Conflict, rival)))
    }

    /// What is under way, of the newest operations.
    pub fn busy(&self, now: Timestamp) -> Result<Vec<Busy>, Failure> {
        self.under_way(u64::MAX, now)
    }

    fn under_way(&self, before: u64, now: Timestamp) -> Result<Vec<Busy>, Failure> {
        let Some(journal) = Journal::open_to_read(&self.state)? else { return Ok(Vec::new()) };
        let mut busy = Vec::new();
        // What makes no sense is told where operations are listed.
        let known = journal.operations(NEWEST)?.into_iter().flatten();
        for listed in known.filter(|listed| listed.first < before) {
            let folded = Operation::fold(&journal.records(&listed.id)?);
            busy.extend(folded.ok().and_then(|operation| Busy::of(&operation, now)));
        }
        Ok(busy)
    }

    /// Starts a worker, and returns once its first record is in the journal. One that is just leaving is waited for; one
    /// that somebody else starts meanwhile serves as well, and so does one that has brought it to its end.
    pub async fn start(&self, operation: &OperationId, grant: Option<&SecretString>) -> Result<Record, Failure> {
        let journal = self.journal()?;
        let known = journal.records(operation)?;
        let before = known.last().map_or(0, |record| record.sequence);
        if let Ok(folded) = Operation::fold(&known) {
            self.may_begin(&folded)?;
        }
        // What has passed, not what the wall's clock shows: somebody may set that.
        let began = Instant::now();
        let mut launched = false;
        loop {
            if !launched {
                let holder = Lease::holder(&self.state, operation)?;
                if let Some(claim) = claimed_by(holder.as_ref(), journal.records(operation)?) {
                    return Ok(claim);
                }
                if holder.is_none() {
                    let under = Under::of(&outlives(&self.actor.user).await);
                    self.launcher.launch(operation, grant, under)?;
                    launched = true;
                }
            }
            if let Some(claim) = journal.records_after(operation, before)?.into_iter().find(is_claim) {
                return Ok(claim);
            }
            if began.elapsed() > CLAIM {
                return Err(self.silent(operation));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Asks for something. Whoever drives the operation answers; if nobody does, a worker is to be started.
    pub fn ask(&self, operation: &OperationId, wish: Wish) -> Result<(), Failure> {
        self.append(operation, &self.actor, self.now(), &Event::Asked { wish }).map(drop)
    }

    /// How an operation stands.
    pub fn standing(&self, operation: &OperationId) -> Result<Standing, Failure> {
        // The holder first: one that ends in between has left its last record.
        let holder = Lease::holder(&self.state, operation)?;
        let journal = Journal::open_to_read(&self.state)?;
        let records = journal.map(|journal| journal.records(operation)).transpose()?.unwrap_or_default();
        let folded = Operation::fold(&records).map_err(|illegal| {
            Failure::new(FailureKind::Bug, format!("The records of operation {operation} make no sense"))
                .cause(illegal.to_string())
                .hint("`stackdeck audit --verify` tells whether somebody has changed them")
        })?;
        Ok(Standing { operation: folded, holder })
    }

    /// Where the worker of an operation logs.
    pub fn log(&self, operation: &OperationId) -> PathBuf {
        log_path(&self.state, operation)
    }

    /// The time, as records bear it.
    pub fn now(&self) -> Timestamp {
        self.pace.cloud(self.clock.now())
    }

    fn journal(&self) -> Result<Journal, Failure> {
        Journal::open(&self.state)
    }

    fn append(&self, operation: &OperationId, by: &Actor, at: Timestamp, event: &Event) -> Result<Record, Failure> {
        Ok(self.journal()?.append(Entry { operation, at, by, event }, None)?)
    }

    fn silent(&self, operation: &OperationId) -> Failure {
        let log = self.log(operation);
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        // What another worker of this operation told of its own doings is no cause.
        let last = said.lines().rfind(|line| !line.contains(" INFO ")).unwrap_or("it said nothing").to_owned();
        Failure::new(FailureKind::Bug, "The worker was started and has not begun")
            .cause(last)
            .hint(format!("Its log is {}", display(&log)))
    }
}

/// Refuses what would begin in a freeze.
pub(super) fn frozen(freezes: &[Freeze], operation: &Operation, now: Timestamp) -> Result<(), Failure> {
    let Some(why) = Freeze::holds_back(freezes, operation, now) else { return Ok(()) };
    let message = format!("Operation {} does not begin now: {why}", operation.id.short());
    Err(Failure::new(FailureKind::Conflict, message)
        .hint("Wait for its end, or abort the operation and plan it anew with --break-glass"))
}

/// The first record of the worker that holds it, or that has brought it to its end. One that has paused is leaving.
fn claimed_by(holder: Option<&Holder>, mut records: Vec<Record>) -> Option<Record> {
    let turns = |event: &Event| matches!(event, Event::Claimed { .. } | Event::Paused { .. } | Event::Finished { .. });
    let newest = records.iter().rfind(|record| turns(&record.event))?;
    let holds = match newest.event {
        Event::Finished { .. } => true,
        Event::Claimed { pid } => holder.is_some_and(|holder| holder.pid == pid),
        _ => false,
    };
    let at = records.iter().rposition(is_claim).filter(|_| holds)?;
    Some(records.swap_remove(at))
}

fn is_claim(record: &Record) -> bool {
    matches!(record.event, Event::Claimed { .. })
}

fn display(path: &Path) -> String {
    path.display().to_string()
}
