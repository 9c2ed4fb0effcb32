//! Drives one operation: read what is new, ask what comes next, do it, record it. No decision is made here.

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::operation::fold::Illegal;
use crate::operation::record::{Announcement, Wait};
use crate::operation::{Event, Next, Operation, OperationId, Outcome, Plan, next};
use crate::store::journal::AppendError;
use crate::worker::seams::{Clock, Cloud, Journal, Lease};

/// The world, as a worker sees it.
#[derive(Debug)]
pub struct World<C, J, L, K> {
    /// What is changed.
    pub cloud: C,
    /// What is written down.
    pub journal: J,
    /// The right to do so.
    pub lease: L,
    /// The time.
    pub clock: K,
}

/// Drives an operation until it is over or waits for somebody, and returns how it then stands.
pub async fn drive<C: Cloud, J: Journal, L: Lease, K: Clock>(
    world: &mut World<C, J, L, K>,
    operation: &OperationId,
) -> Result<Operation, Failure> {
    let records = world.journal.read(operation, 0)?;
    let folded = Operation::fold(&records).map_err(|illegal| nonsense(&illegal))?;
    let mut course = Course { world, operation: folded };
    course.understood()?;
    if course.operation.is_over() {
        return Ok(course.operation);
    }
    course.claim()?;
    course.run().await?;
    Ok(course.operation)
}

struct Course<'a, C, J, L, K> {
    world: &'a mut World<C, J, L, K>,
    operation: Operation,
}

impl<C: Cloud, J: Journal, L: Lease, K: Clock> Course<'_, C, J, L, K> {
    /// What a newer program wrote is shown, never acted on.
    fn understood(&self) -> Result<(), Failure> {
        let operation = &self.operation;
        if operation.unknown.is_empty() && operation.plan.schema <= Plan::SCHEMA {
            return Ok(());
        }
        let what = match operation.unknown.first() {
            Some(kind) => format!("it has a record of the kind {kind:?}"),
            None => format!("its plan has the shape {}, this program knows {}", operation.plan.schema, Plan::SCHEMA),
        };
        let message = format!("Operation {} was written by a newer Stackdeck: {what}", operation.id);
        Err(Failure::new(FailureKind::Unsupported, message)
            .hint("Go on with the version that began it, or a newer one"))
    }

    fn claim(&mut self) -> Result<(), Failure> {
        loop {
            self.held()?;
            let claimed = self.append(Event::Claimed { pid: std::process::id() })?;
            if claimed || self.operation.is_over() {
                return Ok(());
            }
        }
    }

    /// Whoever lost the lease gives way: the next one claims the operation, and knows all that is recorded.
    fn held(&self) -> Result<(), Failure> {
        if self.world.lease.is_held() {
            return Ok(());
        }
        Err(Failure::new(FailureKind::Conflict, "Another worker has this operation"))
    }

    async fn run(&mut self) -> Result<(), Failure> {
        let (mut sight, mut asked) = (None, self.world.clock.now());
        loop {
            self.catch_up()?;
            self.understood()?;
            self.held()?;
            let seen = sight.take();
            match next(&self.operation, seen.as_ref().map(Result::as_ref), self.world.clock.now()) {
                Next::Look(question) => {
                    asked = self.world.clock.now();
                    sight = Some(self.world.cloud.look(&question).await);
                }
                // A look that fails may take a minute: nothing was seen from its beginning on, whatever is heard meanwhile.
                Next::Append(event @ Event::Waiting { wait: Wait::Blind, .. }) => {
                    let recorded = self.append_at(event, asked)?;
                    sight = seen.filter(|_| !recorded);
                }
                Next::Append(event) => drop(self.append(event)?),
                Next::Preserve { step, server } => {
                    let preserved = self.world.cloud.preserve(&server).await;
                    self.append(Event::Preserved { step, preserved })?;
                }
                Next::Call(announcement) => self.call(announcement).await?,
                Next::Wait(until) => self.world.clock.sleep(until).await,
                Next::Idle | Next::End => return Ok(()),
            }
        }
    }

    /// Takes in what others have asked meanwhile.
    fn catch_up(&mut self) -> Result<(), Failure> {
        for record in self.world.journal.read(&self.operation.id, self.operation.last)? {
            self.operation.apply(&record).map_err(|illegal| nonsense(&illegal))?;
        }
        Ok(())
    }

    /// Whether it was appended; not, if somebody has asked for something since we looked: then that is heard first.
    fn append(&mut self, event: Event) -> Result<bool, Failure> {
        self.append_at(event, self.world.clock.now())
    }

    fn append_at(&mut self, event: Event, at: Timestamp) -> Result<bool, Failure> {
        match self.world.journal.append(&self.operation.id, at, event, self.operation.last) {
            Ok(record) => self.operation.apply(&record).map(|()| true).map_err(|illegal| nonsense(&illegal)),
            Err(AppendError::Moved { .. }) => self.catch_up().map(|()| false),
            Err(AppendError::Failed(failure)) => Err(failure),
        }
    }

    async fn call(&mut self, announcement: Announcement) -> Result<(), Failure> {
        let (step, now) = (announcement.step, self.world.clock.now());
        let announced = self.world.journal.announce(&self.operation.id, now, announcement, self.operation.last);
        let permit = match announced {
            Ok((record, permit)) => {
                self.operation.apply(&record).map_err(|illegal| nonsense(&illegal))?;
                permit
            }
            Err(AppendError::Moved { .. }) => return Ok(()),
            Err(AppendError::Failed(failure)) => return Err(failure),
        };
        let outcome = self.world.cloud.perform(permit).await;
        self.record_answer(step, &outcome)
    }

    /// The answer is recorded whatever was asked for meanwhile; unless another worker has taken over, and found out by
    /// looking. A second answer would make no sense.
    fn record_answer(&mut self, step: usize, outcome: &Outcome) -> Result<(), Failure> {
        while self.operation.awaits_answer(step) {
            if self.append(Event::Answered { step, outcome: outcome.clone() })? {
                return Ok(());
            }
        }
        tracing::warn!(step, ?outcome, "an answer that came too late is not recorded");
        Ok(())
    }
}

fn nonsense(illegal: &Illegal) -> Failure {
    Failure::new(FailureKind::Bug, "The journal of this operation makes no sense, so nothing is done")
        .cause(illegal.to_string())
        .hint("`stackdeck audit --verify` tells whether somebody has changed it")
}
