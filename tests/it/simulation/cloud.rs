//! `sim`'s world behind the worker's seams, and all that may go wrong between them.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::fleet::instance::Status;
use stackdeck::operation::change::Refusal;
use stackdeck::operation::sight::{Entry, Seat};
use stackdeck::operation::{Change, Outcome, Question, Reboot, Sight, State};
use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::World;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::refusal::Refusal as No;
use stackdeck::store::Permit;
use stackdeck::worker::seams;

use super::course::Scene;

/// A request that lives longer than its answer is waited for.
const LATEST: u64 = 60_000;

/// A call that was executed for us: of which step, and when.
#[derive(Clone, Debug)]
pub struct Executed {
    pub step: usize,
    pub at: Timestamp,
}

/// The cloud of a day.
#[derive(Clone)]
pub struct Sky(pub Rc<RefCell<Scene>>);

impl Sky {
    fn roll(&self, percent: u8) -> bool {
        self.0.borrow_mut().dice.u8(0..100) < percent
    }

    /// The worker dies here, if it is to.
    async fn may_die(&self) {
        if self.0.borrow_mut().dies() {
            pending::<()>().await;
        }
    }
}

impl seams::Cloud for Sky {
    async fn perform(&self, permit: Permit) -> Outcome {
        self.0.borrow_mut().called(&permit);
        self.may_die().await;
        let day = self.0.borrow().day.clone();
        if self.0.borrow().expired {
            let failure = Failure::new(FailureKind::Auth, "The request you have made requires authentication");
            return Outcome::Refused { why: Refusal::Credentials, failure };
        }
        if self.roll(day.unsent) {
            let failure = Failure::new(FailureKind::Retry, "Cannot connect");
            return Outcome::Unsent { failure, retry_after: None };
        }
        let lost = self.roll(day.lost);
        if lost && self.roll(day.late) {
            let mut scene = self.0.borrow_mut();
            let after = Duration::from_millis(scene.dice.u64(0..LATEST));
            let due = scene.world.now().plus(after);
            scene.late.push((due, permit.step(), permit.change().clone()));
        } else if lost && self.roll(50) {
            // It never arrived.
        } else {
            let outcome = self.0.borrow_mut().execute(permit.step(), permit.change());
            if !lost {
                self.may_die().await;
                return outcome;
            }
        }
        self.may_die().await;
        Outcome::Lost { failure: Failure::new(FailureKind::Retry, "The connection broke") }
    }

    async fn look(&self, question: &Question) -> Result<Sight, Failure> {
        self.may_die().await;
        let day = self.0.borrow().day.clone();
        if self.0.borrow().expired {
            return Err(Failure::new(FailureKind::Auth, "The token is no longer good"));
        }
        if self.roll(day.blind) {
            return Err(Failure::new(FailureKind::Retry, "nova has not answered for 20 s"));
        }
        let fresh = self.0.borrow().see(question);
        let stale = self.roll(day.stale);
        let mut scene = self.0.borrow_mut();
        let now = scene.world.now();
        let before = scene.seen.insert(question.server.clone(), (now, fresh.clone()));
        // A replica that lags: what was true two seconds ago.
        match before {
            Some((at, old)) if stale && now.since(at) <= Duration::from_secs(2) => {
                Ok(Sight { state: old.state, ..fresh })
            }
            _ => Ok(fresh),
        }
    }
}

/// What a change is in the simulated world.
fn course(change: &Change) -> Option<Course> {
    Some(match change {
        Change::Reboot { how: Reboot::Soft, .. } => Course::RebootSoft,
        Change::Reboot { how: Reboot::Hard, .. } => Course::RebootHard,
        Change::Stop { .. } => Course::Stop,
        Change::Start { .. } => Course::Start,
        Change::Lock { .. } | Change::Unlock { .. } => return None,
    })
}

impl Scene {
    /// Executes a call for us, now.
    pub fn execute(&mut self, step: usize, change: &Change) -> Outcome {
        let server = Uid::parse(change.server().as_str()).unwrap();
        let request = Uid::random(&mut self.dice);
        let caller = Caller { user: Uid(1), request, admin: false };
        match ask(&mut self.world, server, change, &caller) {
            Ok(()) => {
                let at = self.world.now().timestamp();
                self.executed.push(Executed { step, at });
                let request_id = Some(format!("req-{request}").as_str().into());
                Outcome::Accepted { status: 202, request_id, took: Duration::from_millis(80) }
            }
            Err(refusal) => refused(&refusal),
        }
    }

    /// What a look shows.
    pub fn see(&self, question: &Question) -> Sight {
        let id = Uid::parse(question.server.as_str()).unwrap();
        let server = self.world.server(id).filter(|server| server.lives());
        let history = server.filter(|_| question.history && !self.day.no_history).map(|server| {
            let entry = |entry: &stackdeck::sim::world::instance::history::HistoryEntry| Entry {
                verb: entry.verb.to_owned(),
                request_id: format!("req-{}", entry.request).as_str().into(),
                failed: entry.message.is_some(),
            };
            server.history.iter().rev().map(entry).collect()
        });
        Sight { state: server.map(state), history, members: Some(self.members(question)) }
    }

    fn members(&self, question: &Question) -> Vec<Seat> {
        let balancers = self.world.balancers.all.iter();
        let pools = balancers.map(|balancer| &balancer.pool);
        let asked = pools.filter(|pool| question.pools.iter().any(|id| id.as_str() == pool.id.to_string()));
        asked
            .flat_map(|pool| &pool.members)
            .map(|member| Seat {
                member: member.id.to_string().as_str().into(),
                taking: member.enabled && member.weight > 0 && !matches!(member.operating, "ERROR" | "OFFLINE"),
                text: format!("{} is {}", member.name, member.operating),
            })
            .collect()
    }
}

/// The state of a simulated server, as Nova would tell it.
pub fn state(server: &stackdeck::sim::world::instance::Server) -> State {
    State {
        status: Status::from(server.status()),
        task_state: server.task_state.map(str::to_owned),
        locked: Some(server.lock.is_some()),
        lock_reason: server.lock.as_ref().and_then(|lock| lock.reason.clone()),
        updated: Some(server.updated.timestamp()),
    }
}

/// Asks the world for a change.
pub fn ask(world: &mut World, server: Uid, change: &Change, caller: &Caller) -> Result<(), No> {
    match (course(change), change) {
        (Some(course), _) => world.ask(server, course, caller),
        (None, Change::Lock { reason, .. }) => world.lock(server, reason.clone(), caller),
        (None, _) => world.unlock(server, caller),
    }
}

fn refused(refusal: &No) -> Outcome {
    let (why, kind) = match refusal {
        No::NotFound(_) => (Refusal::Gone, FailureKind::NotFound),
        No::Conflict(text) if text.contains("task_state") => (Refusal::Busy, FailureKind::Conflict),
        No::Conflict(text) if text.ends_with("is locked") => (Refusal::Locked, FailureKind::Conflict),
        No::Conflict(_) => (Refusal::WrongState, FailureKind::Conflict),
        No::Bad(_) => (Refusal::Other, FailureKind::Bug),
        No::Forbidden(_) => (Refusal::Forbidden, FailureKind::Forbidden),
    };
    Outcome::Refused { why, failure: Failure::new(kind, refusal.message()) }
}
