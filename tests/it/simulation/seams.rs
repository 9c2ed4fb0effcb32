//! The worker's seams in a simulation: its clock, its journal, its lock. The cloud's is in [`super::cloud`].
//!
//! At each of them others may come first: people, and other workers. The journal's calls are not async, so there the
//! other worker runs within the call, as another process would.

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use stackdeck::base::clock::{Timestamp, since};
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::operation::record::Announcement;
use stackdeck::operation::{Actor, Change, Event, Operation, OperationId, Record};
use stackdeck::sim::moment::Moment;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::store::Permit;
use stackdeck::store::journal::{AppendError, Entry};
use stackdeck::store::memory::MemoryJournal;
use stackdeck::worker::seams;

use super::cloud::ask;
use super::fate::Fate;
use super::laws;
use super::scene::{Scene, colleague};

/// What a worker comes to.
pub type Ending = Result<Operation, Failure>;
/// A worker's number, and what it came to; `None` was killed.
pub type Over = (usize, Option<Ending>);
type Running = Pin<Box<dyn Future<Output = Ending>>>;

/// All workers' processes, and the day that they live in.
#[derive(Clone)]
pub struct Stage {
    pub scene: Rc<RefCell<Scene>>,
    /// By the worker's number; those that are not being polled at this very moment.
    crew: Rc<RefCell<Vec<Option<Running>>>>,
    /// How those ended that have.
    ended: Rc<RefCell<Vec<Over>>>,
}

impl Stage {
    pub fn new(scene: Scene) -> Self {
        Self { scene: Rc::new(RefCell::new(scene)), crew: Rc::default(), ended: Rc::default() }
    }

    /// One more process; its number is its place.
    pub fn enter(&self, running: Running) {
        self.crew.borrow_mut().push(Some(running));
    }

    /// Everybody goes home: what they hold holds this stage.
    pub fn clear(&self) {
        let crew = std::mem::take(&mut *self.crew.borrow_mut());
        drop(crew);
    }

    /// Those that have ended since, and how; `None` was killed.
    pub fn ended(&self) -> Vec<Over> {
        std::mem::take(&mut self.ended.borrow_mut())
    }

    /// The workers that could go on now.
    pub fn ready(&self) -> Vec<usize> {
        let (scene, crew) = (self.scene.borrow(), self.crew.borrow());
        let now = scene.world.now();
        let ready = |number: &usize| scene.workers[*number].wakes.is_none_or(|wakes| wakes <= now);
        (0..crew.len()).filter(|number| crew[*number].is_some()).filter(ready).collect()
    }

    /// Lets a worker go on until it waits for something.
    pub fn poll(&self, number: usize) {
        let Some(mut running) = self.crew.borrow_mut()[number].take() else { return };
        let polled = running.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let killed = self.scene.borrow().workers[number].dies;
        match polled {
            Poll::Ready(ending) => self.leave(number, Some(ending).filter(|_| !killed)),
            Poll::Pending if killed => self.leave(number, None),
            Poll::Pending => self.crew.borrow_mut()[number] = Some(running),
        }
    }

    /// A process ends, and with it its lock.
    fn leave(&self, number: usize, ending: Option<Ending>) {
        let mut scene = self.scene.borrow_mut();
        scene.workers[number].lives = false;
        let strand = scene.workers[number].strand;
        if scene.strands[strand].holder == Some(number) {
            scene.strands[strand].holder = None;
        }
        self.ended.borrow_mut().push((number, ending));
    }

    /// Others go on before whoever passes a seam: at a chosen point surely, else now and then.
    fn others(&self) {
        self.run_errands();
        let ready = self.ready();
        if ready.is_empty() {
            return;
        }
        let chosen = {
            let mut scene = self.scene.borrow_mut();
            let first = scene.fuse.is_some() || scene.dice.u8(0..3) == 0;
            first.then(|| ready[scene.dice.usize(0..ready.len())])
        };
        if let Some(number) = chosen {
            self.poll(number);
        }
    }
}

/// One worker on the stage.
#[derive(Clone)]
pub struct Hand {
    pub stage: Stage,
    pub number: usize,
}

impl Hand {
    /// Passes a seam; whether the worker is killed there.
    fn passes(&self) -> bool {
        self.stage.scene.borrow_mut().pass_seam(self.number);
        self.stage.others();
        self.stage.scene.borrow().workers[self.number].dies
    }

    /// Passes a seam where others may go on before.
    pub async fn seam(&self) {
        if self.passes() {
            pending::<()>().await;
        }
        let mut gives_way = self.stage.scene.borrow_mut().dice.bool();
        poll_fn(|_| if std::mem::take(&mut gives_way) { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    /// Rests until then.
    pub async fn rest(&self, until: Moment) {
        self.stage.scene.borrow_mut().workers[self.number].wakes = Some(until);
        poll_fn(|_| {
            let mut scene = self.stage.scene.borrow_mut();
            if scene.world.now() < until {
                return Poll::Pending;
            }
            scene.workers[self.number].wakes = None;
            Poll::Ready(())
        })
        .await;
    }
}

/// The wall's time when the worker began, and what has passed since.
pub struct Hours(pub Hand);

impl seams::Clock for Hours {
    fn now(&self) -> Timestamp {
        let scene = self.0.stage.scene.borrow();
        Moment::from_millis(scene.world.now().as_millis() + scene.workers[self.0.number].skew).timestamp()
    }

    async fn sleep(&self, until: Timestamp) {
        let left = since(self.now(), until);
        let wakes = self.0.stage.scene.borrow().world.now().plus(left);
        self.0.rest(wakes).await;
    }
}

/// The journal, as one worker has it open.
pub struct Book {
    pub hand: Hand,
    pub journal: MemoryJournal,
}

impl Book {
    fn write<T>(
        &mut self,
        append: impl FnOnce(&mut MemoryJournal, &Actor) -> Result<T, AppendError>,
    ) -> Result<T, AppendError> {
        let killed = || Err(AppendError::Failed(Failure::new(FailureKind::Bug, "killed")));
        if self.hand.passes() {
            return killed();
        }
        let written = {
            let mut scene = self.hand.stage.scene.borrow_mut();
            scene.befall(&self.journal);
            let by = Actor { program: format!("worker {}", self.hand.number), ..Actor::default() };
            let written = append(&mut self.journal, &by)?;
            let strand = scene.workers[self.hand.number].strand;
            laws::of_records(&mut scene, strand);
            written
        };
        if self.hand.passes() { killed() } else { Ok(written) }
    }
}

impl seams::Journal for Book {
    fn read(&mut self, operation: &OperationId, after: u64) -> Result<Vec<Record>, Failure> {
        Ok(self.journal.records_after(operation, after))
    }

    fn append(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        event: Event,
        seen: u64,
    ) -> Result<Record, AppendError> {
        let record =
            self.write(|journal, by| journal.append(Entry { operation, at, by, event: &event }, Some(seen)))?;
        self.hand.stage.scene.borrow_mut().recorded(operation, &record.event);
        Ok(record)
    }

    fn announce(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        announcement: Announcement,
        seen: u64,
    ) -> Result<(Record, Permit), AppendError> {
        self.write(|journal, by| journal.announce(operation, at, by, announcement, Some(seen)))
    }
}

impl Scene {
    /// Somebody does the opposite of what was just done, if that is the day's trial.
    fn recorded(&mut self, operation: &OperationId, event: &Event) {
        let Event::Reached { step, .. } = event else { return };
        let Some(trial) = self.day.trial.filter(|trial| trial.fate == Fate::Undone && trial.step == *step) else {
            return;
        };
        if !trial.always {
            self.day.trial = None;
        }
        let strand = self.strand(operation);
        let operation = self.strands[strand].reader.operation.as_ref().unwrap();
        let (server, caller) = (self.target(strand, *step), colleague(&mut self.dice));
        let undone = match &operation.plan.steps[*step].change {
            Change::Reboot { .. } | Change::Start { .. } | Change::Rebuild(_) => {
                self.world.ask(server, Course::Stop, &caller)
            }
            Change::Stop { .. } => self.world.ask(server, Course::Start, &caller),
            Change::Lock { .. } => self.world.unlock(server, &caller),
            Change::Unlock { .. } => self.world.lock(server, None, &caller),
            Change::SetMember { pool, member, weight, .. } => {
                let weight = Some(if *weight == Some(0) { 7 } else { 0 });
                let back =
                    Change::SetMember { pool: pool.clone(), member: member.clone(), weight, admin_state_up: None };
                // A balancer takes one change at a time.
                self.world.step(Duration::from_secs(30));
                ask(&mut self.world, &back, &caller).map(drop)
            }
            Change::CreateServer(_) => self.world.delete(server, &caller),
            made @ (Change::CreatePort(_) | Change::AddMember { .. }) => {
                let gone = operation
                    .plan
                    .steps
                    .iter()
                    .skip(*step)
                    .find(|later| later.undoes && takes_back(&later.change, made));
                let gone = gone.unwrap().change.clone();
                self.world.step(Duration::from_secs(30));
                ask(&mut self.world, &gone, &caller).map(drop)
            }
            other => panic!("nobody can undo a {}", other.call()),
        };
        undone.unwrap();
        self.meddled = true;
    }
}

/// Whether the one takes away what the other has made.
fn takes_back(change: &Change, made: &Change) -> bool {
    match (change, made) {
        (Change::DeletePort { .. }, Change::CreatePort(_)) => true,
        (Change::RemoveMember { pool, .. }, Change::AddMember { pool: own, .. }) => pool == own,
        _ => false,
    }
}

/// The lock file of an operation.
pub struct Lock(pub Hand);

impl seams::Lease for Lock {
    fn is_held(&self) -> bool {
        let scene = self.0.stage.scene.borrow();
        let strand = scene.workers[self.0.number].strand;
        scene.strands[strand].holder == Some(self.0.number)
    }
}
