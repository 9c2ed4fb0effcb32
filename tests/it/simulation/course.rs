//! One day from approval to end: the worker is started, dies, is started again, until the operation is over.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::Failure;
use stackdeck::base::id::InstanceId;
use stackdeck::fleet::sources::Place;
use stackdeck::operation::fold::Stage;
use stackdeck::operation::record::{Announcement, Wish};
use stackdeck::operation::{
    Actor, Aim, Change, Event, Intent, Limits, Operation, OperationId, Plan, Record, Sight, Step, Target, Verb,
};
use stackdeck::sim::clock::SimClock;
use stackdeck::sim::moment::Moment;
use stackdeck::sim::scenario::Scenario;
use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::{Options, World};
use stackdeck::store::Permit;
use stackdeck::store::journal::{AppendError, Entry};
use stackdeck::store::memory::MemoryJournal;
use stackdeck::worker::{World as Seams, drive, seams};

use super::cloud::{Executed, Sky, state};
use super::day::Day;
use super::laws;

/// When every day begins.
const MORNING: i64 = 1_795_000_000_000;
/// More starts of a worker than this are a worker that never gets anywhere.
const STARTS: usize = 400;

/// All that a day holds.
pub struct Scene {
    pub day: Day,
    pub world: World,
    pub dice: fastrand::Rng,
    pub journal: MemoryJournal,
    pub operation: OperationId,
    pub targets: Vec<Uid>,
    /// Calls that are on their way, after their answer was given up.
    pub late: Vec<(Moment, usize, Change)>,
    /// What was done for us.
    pub executed: Vec<Executed>,
    /// What the last look at each target showed.
    pub seen: HashMap<InstanceId, (Moment, Sight)>,
    /// Somebody else has changed a target.
    pub meddled: bool,
    /// The token is no longer good.
    pub expired: bool,
    /// The worker has died in this very call.
    pub dead: bool,
    /// The worker dies when so many seams have been passed, whatever the dice say.
    pub fuse: Option<u32>,
    /// How many seams were passed.
    pub passed: u32,
    /// Reads along.
    pub reader: laws::Reader,
    /// What was against the laws.
    pub broken: Vec<String>,
}

/// How a day ended.
pub struct Ended {
    pub operation: Operation,
    pub scene: Rc<RefCell<Scene>>,
}

impl Scene {
    /// Whether the worker dies at this seam.
    pub fn dies(&mut self) -> bool {
        self.passed += 1;
        self.dead |= self.dice.u16(0..1000) < self.day.deadly || self.fuse == Some(self.passed);
        self.dead
    }

    /// A permit has come to the cloud.
    pub fn called(&mut self, permit: &Permit) {
        if let Err(broken) = laws::of_call(permit, self) {
            self.broken.push(broken);
        }
    }

    fn records(&self) -> Vec<Record> {
        self.journal.records(&self.operation)
    }

    /// Time passes, and with it whatever happens.
    fn pass(&mut self, by: Duration) {
        self.world.step(by);
        let now = self.world.now();
        let (due, later) = std::mem::take(&mut self.late).into_iter().partition(|(at, ..)| *at <= now);
        self.late = later;
        let due: Vec<(Moment, usize, Change)> = due;
        for (_, step, change) in due {
            // Nobody hears the answer.
            let _unheard = self.execute(step, &change);
        }
    }

    /// What others do meanwhile.
    fn others(&mut self) {
        if self.dice.u16(0..1000) < self.day.meddling {
            self.meddle();
        }
        if std::mem::take(&mut self.day.expiring) {
            self.expired = true;
        }
        if self.dice.u16(0..1000) < self.day.aborting {
            self.wish(Wish::Abort);
        }
    }

    fn meddle(&mut self) {
        let server = self.targets[self.dice.usize(0..self.targets.len())];
        let caller = Caller { user: Uid(2), request: Uid::random(&mut self.dice), admin: false };
        // The world may refuse a colleague too.
        let _refused = match self.dice.u8(0..6) {
            0 => self.world.ask(server, Course::RebootSoft, &caller),
            1 => self.world.ask(server, Course::Stop, &caller),
            2 => self.world.ask(server, Course::Start, &caller),
            3 => self.world.lock(server, None, &caller),
            4 => self.world.delete(server, &caller),
            _ => {
                self.world.set_sick(server, true);
                Ok(())
            }
        };
        self.meddled = true;
    }

    fn wish(&mut self, wish: Wish) {
        let (operation, at) = (self.operation.clone(), self.world.now().timestamp());
        let by = Actor { user: "anna".to_owned(), ..Actor::default() };
        let event = Event::Asked { wish };
        self.journal.append(Entry { operation: &operation, at, by: &by, event: &event }, None).unwrap();
    }
}

/// The clock of a day.
struct Hours(Rc<RefCell<Scene>>);

impl seams::Clock for Hours {
    fn now(&self) -> Timestamp {
        self.0.borrow().world.now().timestamp()
    }

    async fn sleep(&self, until: Timestamp) {
        let mut scene = self.0.borrow_mut();
        let left = stackdeck::base::clock::since(scene.world.now().timestamp(), until);
        scene.pass(left);
        scene.others();
    }
}

/// The journal of a day.
struct Book(Rc<RefCell<Scene>>);

impl Book {
    fn write<T>(&self, append: impl FnOnce(&mut Scene) -> Result<T, AppendError>) -> Result<T, AppendError> {
        let mut scene = self.0.borrow_mut();
        let died = || AppendError::Failed(Failure::new(stackdeck::base::failure::FailureKind::Bug, "killed"));
        if scene.dies() {
            return Err(died());
        }
        let written = append(&mut scene)?;
        laws::of_records(&mut scene);
        if scene.dies() { Err(died()) } else { Ok(written) }
    }
}

impl seams::Journal for Book {
    fn read(&mut self, operation: &OperationId, after: u64) -> Result<Vec<Record>, Failure> {
        Ok(self.0.borrow().journal.records_after(operation, after))
    }

    fn append(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        event: Event,
        seen: u64,
    ) -> Result<Record, AppendError> {
        self.write(|scene| {
            let by = Actor::default();
            scene.journal.append(Entry { operation, at, by: &by, event: &event }, Some(seen))
        })
    }

    fn announce(
        &mut self,
        operation: &OperationId,
        at: Timestamp,
        announcement: Announcement,
        seen: u64,
    ) -> Result<(Record, Permit), AppendError> {
        self.write(|scene| scene.journal.announce(operation, at, &Actor::default(), announcement, Some(seen)))
    }
}

/// A lease that nobody contests.
struct Ours;

impl seams::Lease for Ours {
    fn is_held(&self) -> bool {
        true
    }
}

/// Lives a day.
pub fn live(day: &Day) -> Ended {
    live_until(day, None).0
}

/// Lives a day in which the worker also dies when it has passed so many seams; tells how many it passed in all.
pub fn live_until(day: &Day, fuse: Option<u32>) -> (Ended, u32) {
    let scene = Rc::new(RefCell::new(morning(day, fuse)));
    for start in 0..STARTS {
        scene.borrow_mut().dead = false;
        let operation = scene.borrow().operation.clone();
        let mut seams = Seams {
            cloud: Sky(Rc::clone(&scene)),
            journal: Book(Rc::clone(&scene)),
            lease: Ours,
            clock: Hours(Rc::clone(&scene)),
        };
        let outcome = poll(drive(&mut seams, &operation));
        match outcome {
            Some(Ok(ended)) if ended.is_over() => return finish(scene, ended),
            Some(Ok(paused)) => resume(&scene, &paused),
            Some(Err(failure)) if !scene.borrow().dead => {
                scene.borrow_mut().broken.push(format!("the worker gave up: {failure} {:?}", failure.causes));
                break;
            }
            Some(Err(_)) | None => scene.borrow_mut().pass(Duration::from_secs(7)),
        }
        if start == STARTS / 2 {
            // Even the worst day grows calm: then there must be an end.
            let mut scene = scene.borrow_mut();
            let (verb, targets) = (scene.day.verb, scene.day.targets);
            scene.day = Day { no_history: scene.day.no_history, ..Day::calm(verb, targets) };
        }
    }
    let operation = Operation::fold(&scene.borrow().records()).unwrap();
    scene.borrow_mut().broken.push("the operation never ended".to_owned());
    finish(scene, operation)
}

fn finish(scene: Rc<RefCell<Scene>>, operation: Operation) -> (Ended, u32) {
    let passed = scene.borrow().passed;
    // What is still on its way arrives.
    scene.borrow_mut().pass(Duration::from_secs(120));
    laws::of_end(&mut scene.borrow_mut(), &operation);
    (Ended { operation, scene }, passed)
}

/// A person comes back, hands over what was missing, and lets it go on.
fn resume(scene: &Rc<RefCell<Scene>>, paused: &Operation) {
    let mut scene = scene.borrow_mut();
    if !matches!(paused.stage, Stage::Paused(_)) {
        scene.broken.push(format!("the worker left an operation that is {:?}", paused.stage));
    }
    scene.pass(Duration::from_secs(300));
    scene.expired = false;
    scene.wish(Wish::Resume);
}

/// Nothing in a day waits for anything but the day's own clock: a future that is not ready has died.
fn poll<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// The world, the approved plan, and nothing done yet.
fn morning(day: &Day, fuse: Option<u32>) -> Scene {
    let options = Options {
        instances: 24,
        seed: day.seed,
        clock: SimClock::stepped(Moment::from_millis(MORNING)),
        ..Options::new(Scenario::Quiet)
    };
    let mut world = World::new(options);
    let mut dice = fastrand::Rng::with_seed(day.seed);
    let targets = choose(&mut world, day);
    if let Some(length) = day.held {
        for course in [Course::RebootSoft, Course::RebootHard, Course::Stop, Course::Start] {
            world.hold(course, length);
        }
    }
    let plan = plan(&world, day, &targets);
    let operation = OperationId::new(world.now().timestamp(), dice.u128(..));
    let mut journal = MemoryJournal::new();
    let by = Actor { user: "anna".to_owned(), ..Actor::default() };
    let (at, event) = (world.now().timestamp(), Event::Approved { plan: Box::new(plan) });
    journal.append(Entry { operation: &operation, at, by: &by, event: &event }, None).unwrap();
    Scene {
        day: day.clone(),
        world,
        dice,
        journal,
        operation,
        targets,
        late: Vec::new(),
        executed: Vec::new(),
        seen: HashMap::new(),
        meddled: false,
        expired: false,
        dead: false,
        fuse,
        passed: 0,
        reader: laws::Reader::default(),
        broken: Vec::new(),
    }
}

/// Members of one pool, in the state that the verb is for.
fn choose(world: &mut World, day: &Day) -> Vec<Uid> {
    let pools = world.balancers.all.iter();
    let largest = pools.max_by_key(|balancer| balancer.pool.members.len()).unwrap();
    let targets: Vec<Uid> = largest.pool.members.iter().map(|member| member.server).take(day.targets).collect();
    let caller = Caller { user: Uid(3), request: Uid(9), admin: false };
    for target in &targets {
        match day.verb {
            Verb::Start => world.ask(*target, Course::Stop, &caller).unwrap(),
            Verb::Unlock => world.lock(*target, None, &caller).unwrap(),
            Verb::Restart(_) | Verb::Stop | Verb::Lock => {}
        }
    }
    world.step(Duration::from_secs(300));
    targets
}

fn plan(world: &World, day: &Day, targets: &[Uid]) -> Plan {
    let steps = targets.iter().map(|target| step(world, day, *target)).collect();
    let ids = targets.iter().map(|target| target.to_string().as_str().into()).collect();
    Plan {
        schema: Plan::SCHEMA,
        place: Place::default(),
        project: "p".into(),
        project_name: None,
        intent: Intent { verb: day.verb, aim: Aim::Instances(ids), reason: None },
        title: "a day".to_owned(),
        limits: Limits::default(),
        steps,
    }
}

fn step(world: &World, day: &Day, target: Uid) -> Step {
    let server = world.server(target).unwrap();
    let id: InstanceId = target.to_string().as_str().into();
    let gated = !day.no_pools && !matches!(day.verb, Verb::Lock | Verb::Unlock);
    let pools = || world.balancers.all.iter().map(|balancer| &balancer.pool).filter(|_| gated);
    let mine = pools().filter(|pool| pool.members.iter().any(|member| member.server == target));
    let own = pools().flat_map(|pool| &pool.members).filter(|member| member.server == target);
    Step {
        change: match day.verb {
            Verb::Restart(how) => Change::Reboot { server: id.clone(), how },
            Verb::Stop => Change::Stop { server: id.clone() },
            Verb::Start => Change::Start { server: id.clone() },
            Verb::Lock => Change::Lock { server: id.clone(), reason: None },
            Verb::Unlock => Change::Unlock { server: id.clone() },
        },
        target: Target { id, name: server.name.clone(), service: "s".to_owned() },
        before: state(server),
        past_lock: false,
        pools: mine.map(|pool| pool.id.to_string().as_str().into()).collect(),
        own: own.map(|member| member.id.to_string().as_str().into()).collect(),
    }
}

impl Ended {
    /// How it ended, in a word.
    pub fn word(&self) -> String {
        format!("{:?}", self.operation.stage)
    }

    /// Every record, and what was done.
    pub fn story(&self) -> String {
        let scene = self.scene.borrow();
        let lines = scene.records().into_iter().map(|record| {
            let event = match &record.event {
                Event::Approved { plan } => format!("approved: {} of {}", plan.intent.verb, plan.steps.len()),
                event => format!("{event:?}"),
            };
            format!("{:>4} {} {event}", record.sequence, record.at)
        });
        let story: Vec<String> = lines.collect();
        format!("{:#?}\n{}\nexecuted: {:#?}\nbroken: {:#?}", scene.day, story.join("\n"), scene.executed, scene.broken)
    }

    /// Fails if a law was broken.
    pub fn assert(&self, seed: u64) {
        let broken = self.scene.borrow().broken.clone();
        assert!(broken.is_empty(), "STACKDECK_SEED={seed} replays it\n{}", self.story());
    }
}
