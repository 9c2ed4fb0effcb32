//! `sim`'s world behind the worker's seams, and all that may go wrong between them.

use std::time::Duration;

use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::id::{ImageId, InstanceId};
use stackdeck::fleet::instance::Status;
use stackdeck::operation::change::{Made, Refusal};
use stackdeck::operation::figures::Figures;
use stackdeck::operation::preserved::Preserved;
use stackdeck::operation::sight::{Entry, Seat};
use stackdeck::operation::stamp;
use stackdeck::operation::{Answer, Change, Outcome, Question, Reboot, Share, Sight, State};
use stackdeck::sim::moment::Moment;
use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::World;
use stackdeck::sim::world::balancer::Member;
use stackdeck::sim::world::instance::Server;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::member::Wanted;
use stackdeck::sim::world::network::dotted;
use stackdeck::sim::world::refusal::Refusal as No;
use stackdeck::store::Permit;
use stackdeck::worker::seams;

use super::fate::{self, Fate};
use super::laws;
use super::making;
use super::morning::COURSES;
use super::scene::{Late, Scene, colleague};
use super::seams::Hand;

/// How long a call may take, or a look that fails: what a client waits for an answer.
const SLOWEST: u64 = 25_000;
/// A request lives longer than its answer is waited for. Both together are less than what a lost answer is looked for.
const LATEST: u64 = 60_000;

/// A call that was executed for us: of which step, on whom, and when.
#[derive(Clone, Debug)]
pub struct Executed {
    pub strand: usize,
    pub step: usize,
    pub change: Change,
    pub at: Moment,
}

/// The cloud of a day, as one worker reaches it.
pub struct Sky(pub Hand);

impl Sky {
    fn with<T>(&self, at: impl FnOnce(&mut Scene) -> T) -> T {
        at(&mut self.0.stage.scene.borrow_mut())
    }

    fn roll(&self, percent: u8) -> bool {
        self.with(|scene| scene.dice.u8(0..100) < percent)
    }

    /// Nothing answers a look, and that takes its time.
    async fn silence(&self) -> Failure {
        let (took, until) = self.with(|scene| {
            let took = Duration::from_millis(scene.dice.u64(0..SLOWEST));
            (took, scene.world.now().plus(took))
        });
        self.0.rest(until).await;
        self.with(|scene| {
            let strand = scene.workers[self.0.number].strand;
            scene.strands[strand].reader.unseen(self.0.number, took);
        });
        Failure::new(FailureKind::Retry, format!("nova has not answered for {took:?}"))
    }
}

impl seams::Cloud for Sky {
    async fn perform(&self, permit: Permit) -> Outcome {
        let strand = self.with(|scene| {
            laws::of_call(&permit, scene);
            scene.strand(permit.operation())
        });
        self.0.seam().await;
        if let Some(fate) = self.with(|scene| scene.fate(&permit)) {
            let outcome = self.with(|scene| scene.meets(fate, strand, &permit));
            self.0.seam().await;
            return outcome;
        }
        let day = self.with(|scene| scene.day.clone());
        if self.with(|scene| scene.expired) {
            let failure = Failure::new(FailureKind::Auth, "The request you have made requires authentication");
            return Outcome::Refused { why: Refusal::Credentials, failure };
        }
        if self.roll(day.unsent) {
            return unsent();
        }
        if self.roll(day.slow) {
            let until = self.with(|scene| {
                let takes = Duration::from_millis(scene.dice.u64(0..SLOWEST));
                scene.world.now().plus(takes)
            });
            self.0.rest(until).await;
            self.0.seam().await;
        }
        let lost = self.roll(day.lost);
        if lost && self.roll(day.late) {
            self.with(|scene| scene.send_late(strand, &permit));
        } else if lost && self.roll(50) {
            // It never arrived.
        } else {
            let outcome = self.with(|scene| scene.execute(strand, permit.step(), permit.change()));
            if !lost {
                self.0.seam().await;
                return outcome;
            }
        }
        self.0.seam().await;
        answer_lost()
    }

    async fn preserve(&self, server: &InstanceId) -> Preserved {
        self.0.seam().await;
        Preserved { console: format!("of {server}"), ..Preserved::default() }
    }

    async fn look(&self, question: &Question) -> Result<Sight, Failure> {
        self.0.seam().await;
        let day = self.with(|scene| {
            scene.looks += 1;
            scene.day.clone()
        });
        if self.with(|scene| scene.expired) {
            return Err(Failure::new(FailureKind::Auth, "The token is no longer good"));
        }
        let silent = self.with(|scene| scene.silent.is_some_and(|until| scene.world.now() < until));
        if silent || self.roll(day.blind) {
            return Err(self.silence().await);
        }
        let stale = self.roll(day.stale);
        let looked = self.with(|scene| {
            let (now, fresh) = (scene.world.now(), scene.see(question));
            let before = scene.seen.insert(question.server.clone(), (now, fresh.clone()));
            // A replica that lags: what was true two seconds ago.
            match before {
                Some((at, old)) if stale && now.since(at) <= Duration::from_secs(2) => {
                    Sight { state: old.state, found: old.found, ..fresh }
                }
                _ => fresh,
            }
        });
        Ok(looked)
    }
}

fn unsent() -> Outcome {
    Outcome::Unsent { failure: Failure::new(FailureKind::Retry, "Cannot connect"), retry_after: None }
}

fn answer_lost() -> Outcome {
    Outcome::Lost { failure: Failure::new(FailureKind::Retry, "The connection broke") }
}

/// Trials.
impl Scene {
    /// What befalls this very call, if that is the day's trial.
    fn fate(&mut self, permit: &Permit) -> Option<Fate> {
        let trial = self.day.trial.filter(|trial| trial.step == permit.step() && trial.fate != Fate::Undone)?;
        if !trial.always {
            self.day.trial = None;
        }
        Some(trial.fate)
    }

    fn meets(&mut self, fate: Fate, strand: usize, permit: &Permit) -> Outcome {
        let (step, change, now) = (permit.step(), permit.change(), self.world.now());
        let server = self.target(strand, step);
        match fate {
            Fate::Refused(why) => {
                let failure = Failure::new(fate::kind(why), format!("{} is refused: {why:?}", self.name(server)));
                return Outcome::Refused { why, failure };
            }
            Fate::Unsent => return unsent(),
            Fate::CallLost => return answer_lost(),
            Fate::Late => {
                self.send_late(strand, permit);
                return answer_lost();
            }
            Fate::Expires => {
                self.expired = true;
                let failure = Failure::new(FailureKind::Auth, "The token is no longer good");
                return Outcome::Refused { why: Refusal::Credentials, failure };
            }
            Fate::NeverEnds => self.hold(Duration::from_secs(86_400)),
            Fate::Flickers(_) => self.hold(Duration::from_secs(120)),
            _ => {}
        }
        let outcome = self.execute(strand, step, change);
        let made = outcome.made().filter(|made| matches!(made, Made::Server(_)));
        let server = made.and_then(|made| Uid::parse(made.as_str())).unwrap_or(server);
        let caller = colleague(&mut self.dice);
        match fate {
            Fate::AnswerLost => return answer_lost(),
            // Nova refuses the second one or takes it; nobody hears that.
            Fate::Doubled if change.makes() => {}
            Fate::Doubled => drop(ask(&mut self.world, change, &caller)),
            Fate::Silence(length) => self.silent = Some(now.plus(length)),
            // A lock has no course that could fail.
            Fate::Dooms => drop(self.world.doom(server, 500, "Failed to reboot instance")),
            Fate::Flickers(length) => {
                let from = now.plus(Duration::from_secs(60));
                self.masked = Some((server, from, from.plus(length)));
            }
            Fate::Deleted => {
                self.meddled = true;
                // What is under way does not keep anybody from deleting; a lock does.
                drop(self.world.unlock(server, &caller));
                // It may be the second that does so.
                drop(self.world.delete(server, &caller));
            }
            Fate::Sickens => {
                self.meddled = true;
                let other = self.bystander(strand, step, server);
                self.world.set_sick(other, true);
            }
            _ => {}
        }
        outcome
    }

    /// Whom a step is about; where that one is not there yet, whom it is made like.
    pub fn target(&self, strand: usize, step: usize) -> Uid {
        let operation = self.strands[strand].reader.operation.as_ref().unwrap();
        Uid::parse(operation.plan.steps[step].target.id.as_str()).unwrap_or(self.strands[strand].targets[0])
    }

    fn hold(&mut self, length: Duration) {
        for course in COURSES {
            self.world.hold(course, length);
        }
    }

    fn name(&self, server: Uid) -> String {
        self.world.server(server).map(|server| server.name.clone()).unwrap_or_default()
    }

    /// Who shares a pool with that one, or did until this step, and is no target.
    fn bystander(&self, strand: usize, step: usize, server: Uid) -> Uid {
        let own = &self.strands[strand].reader.operation.as_ref().unwrap().plan.steps[step].pools;
        let pools = self.world.balancers.all.iter().map(|balancer| &balancer.pool);
        let shared = pools.filter(|pool| {
            let was = own.iter().any(|id| id.as_str() == pool.id.to_string());
            was || pool.members.iter().any(|member| member.server == server)
        });
        let targets = &self.strands[strand].targets;
        shared
            .flat_map(|pool| &pool.members)
            .map(|member| member.server)
            .find(|other| !targets.contains(other))
            .unwrap()
    }

    fn send_late(&mut self, strand: usize, permit: &Permit) {
        let due = self.world.now().plus(Duration::from_millis(self.dice.u64(0..LATEST)));
        self.late.push(Late { due, strand, step: permit.step(), change: permit.change().clone() });
    }
}

/// What a change is in the simulated world.
fn course(change: &Change) -> Option<Course> {
    Some(match change {
        Change::Reboot { how: Reboot::Soft, .. } => Course::RebootSoft,
        Change::Reboot { how: Reboot::Hard, .. } => Course::RebootHard,
        Change::Stop { .. } => Course::Stop,
        Change::Start { .. } => Course::Start,
        _ => return None,
    })
}

impl Scene {
    /// Executes a call for us, now.
    pub fn execute(&mut self, strand: usize, step: usize, change: &Change) -> Outcome {
        let request = Uid::random(&mut self.dice);
        let caller = Caller { user: Uid(1), request, admin: false };
        match ask(&mut self.world, change, &caller) {
            Ok(made) => {
                self.executed.push(Executed { strand, step, change: change.clone(), at: self.world.now() });
                let request_id = Some(format!("req-{request}").as_str().into());
                Outcome::Accepted { status: 202, request_id, took: Duration::from_millis(80), made }
            }
            Err(refusal) => refused(&refusal),
        }
    }

    /// What a look shows.
    pub fn see(&self, question: &Question) -> Sight {
        let id = match &question.seek {
            Some(seek) => making::sought(&self.world, seek),
            None => Uid::parse(question.server.as_str()),
        };
        let server = id.and_then(|id| self.world.server(id)).filter(|server| server.lives());
        let history = server.filter(|_| question.history && !self.day.no_history).map(|server| {
            let entry = |entry: &stackdeck::sim::world::instance::history::HistoryEntry| Entry {
                verb: entry.verb.to_owned(),
                request_id: format!("req-{}", entry.request).as_str().into(),
                failed: entry.message.is_some(),
            };
            server.history.iter().rev().map(entry).collect()
        });
        let mut state = server.map(state);
        let now = self.world.now();
        if let (Some(state), Some((_, from, to))) = (&mut state, self.masked.filter(|(masked, ..)| Some(*masked) == id))
            && from <= now
            && now < to
        {
            (state.status, state.task_state) = (Status::Error, None);
        }
        let metadata = server.map(|server| server.metadata.clone().into_iter().collect()).unwrap_or_default();
        let image = question.image.as_ref().map(|id| self.image(id));
        let uid = |id: &InstanceId| Uid::parse(id.as_str());
        let other = question.instead_of.as_ref().and_then(uid).and_then(|id| self.world.server(id));
        let other = other.filter(|other| other.lives());
        let answer = server.or(other).filter(|_| question.ask).map(|server| self.answer(server));
        let found = server.filter(|_| question.seek.is_some()).map(|server| server.id.to_string().as_str().into());
        let port = question.port.as_ref().and_then(|wanted| making::port(&self.world, wanted));
        let vacant = question.instead_of.is_some() && other.is_none();
        let members = Some(self.members(question));
        let figures = self.day.errs.filter(|_| question.figures).map(|errs| self.figures(question, errs));
        Sight { state, history, members, figures, metadata, image, answer, found, port, vacant }
    }

    /// What Glance says of an image.
    fn image(&self, id: &ImageId) -> String {
        let image = self.world.image(Uid::parse(id.as_str()).unwrap());
        image.map_or("deleted", |image| image.status).to_owned()
    }

    /// What an instance answers that is asked itself.
    fn answer(&self, server: &Server) -> Answer {
        let up = server.status() == "ACTIVE" && server.booted.is_some_and(|at| at <= self.world.now());
        Answer { up, version: up.then(|| self.world.runs(server).1) }
    }

    /// Ten requests a second for each member; of who is new one in five fails, if it errs.
    fn figures(&self, question: &Question, errs: bool) -> Vec<Figures> {
        let answered = self.world.now().as_millis() as u64 / 100;
        let asked = |id: &Uid| question.pools.iter().any(|pool| pool.as_str() == id.to_string());
        let pools = self.world.balancers.all.iter().map(|balancer| &balancer.pool).filter(|pool| asked(&pool.id));
        let figures = |member: &Member| {
            let new = Uid::parse(question.server.as_str()) == Some(member.server);
            let failed = if errs && new { answered / 5 } else { 0 };
            Figures { member: member.id.to_string().as_str().into(), answered, failed, mean: Some(0.02) }
        };
        pools.flat_map(|pool| &pool.members).map(figures).collect()
    }

    fn members(&self, question: &Question) -> Vec<Seat> {
        let balancers = self.world.balancers.all.iter();
        let pools = balancers.map(|balancer| &balancer.pool);
        let asked = pools.filter(|pool| question.pools.iter().any(|id| id.as_str() == pool.id.to_string()));
        asked
            .flat_map(|pool| pool.members.iter().map(move |member| (pool, member)))
            .map(|(pool, member)| Seat {
                pool: pool.id.to_string().as_str().into(),
                member: member.id.to_string().as_str().into(),
                share: Share { weight: member.weight, admin_up: member.enabled },
                address: dotted(member.ip).to_string(),
                port: member.port,
                operating: member.operating.into(),
                provisioning: member.provisioning.into(),
                taking: member.enabled
                    && member.weight > 0
                    && !matches!(member.operating, "ERROR" | "OFFLINE" | "DRAINING"),
                text: format!("{} is {}", member.name, member.operating),
            })
            .collect()
    }
}

/// The state of a simulated server, as Nova would tell it.
pub fn state(server: &Server) -> State {
    State {
        status: Status::from(server.status()),
        task_state: server.task_state.map(str::to_owned),
        locked: Some(server.lock.is_some()),
        lock_reason: server.lock.as_ref().and_then(|lock| lock.reason.clone()),
        updated: Some(server.updated.timestamp()),
        image: server.image.map(|image| image.to_string().as_str().into()),
        stamp: server.metadata.get(stamp::KEY).cloned(),
    }
}

/// Asks the world for a change; what it makes has that id.
pub fn ask(world: &mut World, change: &Change, caller: &Caller) -> Result<Option<Made>, No> {
    let parsed = |id: &str| Uid::parse(id).unwrap_or(Uid(0));
    match change {
        Change::CreatePort(new) => making::make_port(world, new).map(Some),
        Change::CreateServer(new) => making::make_server(world, new, caller).map(Some),
        Change::AddMember { pool, member } => making::add_member(world, pool, member).map(Some),
        Change::DeletePort { port } if world.delete_port(parsed(port.as_str())) => Ok(None),
        Change::DeletePort { port } => Err(No::NotFound(format!("Port {port} could not be found."))),
        Change::SetMember { pool, member, weight, admin_state_up } => {
            let wanted = Wanted { weight: *weight, enabled: *admin_state_up, ..Wanted::default() };
            world.update_member(parsed(pool.as_str()), parsed(member.as_str()), &wanted).map(|()| None)
        }
        Change::RemoveMember { pool, member } => {
            world.delete_member(parsed(pool.as_str()), parsed(member.as_str())).map(|()| None)
        }
        Change::Rebuild(rebuild) => {
            let (server, metadata) = (parsed(rebuild.server.as_str()), rebuild.metadata.clone());
            world.rebuild(server, parsed(rebuild.image.as_str()), caller)?;
            world.edit_server(server, |server| server.metadata = metadata.into_iter().collect());
            Ok(None)
        }
        other => act(world, parsed(other.server().unwrap().as_str()), other, caller).map(|()| None),
    }
}

fn act(world: &mut World, server: Uid, change: &Change, caller: &Caller) -> Result<(), No> {
    match (course(change), change) {
        (Some(course), _) => world.ask(server, course, caller),
        (None, Change::DeleteServer { .. }) => world.delete(server, caller),
        (None, Change::Lock { reason, .. }) => world.lock(server, reason.clone(), caller),
        (None, _) => world.unlock(server, caller),
    }
}

fn refused(refusal: &No) -> Outcome {
    let (why, kind) = match refusal {
        No::NotFound(_) => (Refusal::Gone, FailureKind::NotFound),
        No::Conflict(text) if text.contains("task_state") || text.contains("immutable") => {
            (Refusal::Busy, FailureKind::Conflict)
        }
        No::Conflict(text) if text.ends_with("is locked") => (Refusal::Locked, FailureKind::Conflict),
        No::Conflict(_) => (Refusal::WrongState, FailureKind::Conflict),
        No::Bad(_) => (Refusal::Other, FailureKind::Bug),
        No::Forbidden(_) => (Refusal::Forbidden, FailureKind::Forbidden),
    };
    Outcome::Refused { why, failure: Failure::new(kind, refusal.message()) }
}
