//! One day from approval to end: workers are started, die, are started again, until every operation is over.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use stackdeck::base::failure::FailureKind;
use stackdeck::operation::fold::Stage as Standing;
use stackdeck::operation::record::Wish;
use stackdeck::operation::{Event, Operation, Record};
use stackdeck::worker::{World as Seams, drive};

use super::cloud::Sky;
use super::day::Day;
use super::laws;
use super::morning::morning;
use super::scene::{Errand, Scene, Strike, Worker};
use super::seams::{Book, Ending, Hand, Hours, Lock, Stage};

/// More workers than this are workers that never get anywhere.
const WORKERS: usize = 400;

/// How a day ended.
pub struct Ended {
    /// As the records tell of each operation.
    pub operations: Vec<Operation>,
    pub scene: Rc<RefCell<Scene>>,
}

/// Lives a day.
pub fn live(day: &Day) -> Ended {
    live_until(day, None)
}

/// Lives a day in which something also happens when so many seams have been passed.
pub fn live_until(day: &Day, fuse: Option<(u32, Strike)>) -> Ended {
    let stage = Stage::new(morning(day, fuse));
    loop {
        stage.run_errands();
        for (number, ending) in stage.ended() {
            stage.see_off(number, ending);
        }
        if stage.scene.borrow().workers.len() > WORKERS / 2 {
            // Even the worst day grows calm: then there must be an end.
            let mut scene = stage.scene.borrow_mut();
            (scene.day, scene.full) = (scene.day.calmed(), None);
        }
        let ready = stage.ready();
        if !ready.is_empty() {
            let chosen = ready[stage.scene.borrow_mut().dice.usize(0..ready.len())];
            stage.poll(chosen);
        } else if stage.scene.borrow().workers.len() > WORKERS || !stage.wait() {
            break;
        }
    }
    stage.clear();
    finish(stage.scene)
}

impl Stage {
    /// Nobody can go on: time passes until somebody can. False when nobody ever will.
    fn wait(&self) -> bool {
        let mut scene = self.scene.borrow_mut();
        let wakes = scene.workers.iter().filter(|worker| worker.lives).filter_map(|worker| worker.wakes);
        let Some(next) = wakes.chain(scene.errands.iter().map(|(due, ..)| *due)).min() else { return false };
        let left = next.since(scene.world.now());
        scene.pass(left);
        scene.others();
        true
    }

    /// People do what they came for.
    pub fn run_errands(&self) {
        loop {
            let due = {
                let mut scene = self.scene.borrow_mut();
                let now = scene.world.now();
                let due = scene.errands.iter().position(|(due, ..)| *due <= now);
                due.map(|at| scene.errands.remove(at))
            };
            match due {
                None => return,
                Some((_, strand, Errand::Start)) => self.start(strand),
                Some((_, strand, Errand::Resume)) => self.resume(strand),
            }
        }
    }

    /// Hands over what was missing, and lets it go on. Where the disk is full, somebody comes back later.
    fn resume(&self, strand: usize) {
        let mut scene = self.scene.borrow_mut();
        scene.expired = false;
        if scene.wish(strand, Wish::Resume).is_err() {
            let later = scene.world.now().plus(Duration::from_secs(60));
            return scene.errands.push((later, strand, Errand::Resume));
        }
        drop(scene);
        self.start(strand);
    }

    /// Starts a worker's process. Whoever finds the lock taken leaves again.
    fn start(&self, strand: usize) {
        let mut scene = self.scene.borrow_mut();
        let (number, skew) = (scene.workers.len(), scene.skew);
        let of = &mut scene.strands[strand];
        if of.holder.is_some() || of.reader.is_over() {
            return;
        }
        of.holder = Some(number);
        let (operation, journal) = (of.id.clone(), scene.journal.another());
        scene.workers.push(Worker { strand, lives: true, dies: false, wakes: None, skew });
        drop(scene);
        let hand = Hand { stage: self.clone(), number };
        let mut seams = Seams {
            cloud: Sky(hand.clone()),
            journal: Book { hand: hand.clone(), journal },
            lease: Lock(hand.clone()),
            clock: Hours(hand),
        };
        self.enter(Box::pin(async move { drive(&mut seams, &operation).await }));
    }

    /// A worker has ended: somebody may have to come back for its operation.
    fn see_off(&self, number: usize, ending: Option<Ending>) {
        let mut scene = self.scene.borrow_mut();
        let (strand, now) = (scene.workers[number].strand, scene.world.now());
        let come_back = |scene: &mut Scene, seconds, errand| {
            scene.errands.push((now.plus(Duration::from_secs(seconds)), strand, errand));
        };
        match ending {
            None => come_back(&mut scene, 7, Errand::Start),
            Some(Ok(operation)) if operation.is_over() => {}
            Some(Ok(operation)) => {
                if !matches!(operation.stage, Standing::Paused(_)) {
                    scene.broken.push(format!("the worker left an operation that is {:?}", operation.stage));
                }
                come_back(&mut scene, 300, Errand::Resume);
            }
            Some(Err(failure)) if failure.kind == FailureKind::Quota && scene.full.is_some() => {
                let room = scene.full.unwrap_or(now).since(now).as_secs() + 10;
                come_back(&mut scene, room, Errand::Start);
            }
            // The other worker goes on, or somebody starts one.
            Some(Err(failure)) if failure.kind == FailureKind::Conflict && scene.stolen => {
                come_back(&mut scene, 1, Errand::Start);
            }
            Some(Err(failure)) => {
                scene.broken.push(format!("the worker gave up: {failure} {:?}", failure.causes));
            }
        }
    }
}

fn finish(scene: Rc<RefCell<Scene>>) -> Ended {
    let mut at_end = scene.borrow_mut();
    // What is still on its way arrives.
    at_end.pass(Duration::from_secs(120));
    let operations: Vec<Operation> = (0..at_end.strands.len()).map(|strand| told(&at_end, strand)).collect();
    laws::of_end(&mut at_end, &operations);
    drop(at_end);
    Ended { operations, scene }
}

fn told(scene: &Scene, strand: usize) -> Operation {
    Operation::fold(&scene.journal.records(&scene.strands[strand].id)).unwrap_or_else(|illegal| {
        panic!("the records of seed {} make no sense: {illegal}\n{}", scene.day.seed, scene.story())
    })
}

impl Scene {
    /// Every record, and what was done.
    pub fn story(&self) -> String {
        let mut all: Vec<(usize, Record)> = Vec::new();
        for (number, strand) in self.strands.iter().enumerate() {
            all.extend(self.journal.records(&strand.id).into_iter().map(|record| (number, record)));
        }
        all.sort_by_key(|(_, record)| record.sequence);
        let lines = all.into_iter().map(|(strand, record)| {
            let event = match &record.event {
                Event::Approved { plan } => format!("approved: {} of {}", plan.intent.verb, plan.steps.len()),
                event => format!("{event:?}"),
            };
            let by = if record.by.program.is_empty() { &record.by.user } else { &record.by.program };
            format!("{:>4} {strand} {} {by}: {event}", record.sequence, record.at)
        });
        let story: Vec<String> = lines.collect();
        format!("{:#?}\n{}\nexecuted: {:#?}\nbroken: {:#?}", self.day, story.join("\n"), self.executed, self.broken)
    }
}

impl Ended {
    /// The day's own operation.
    pub fn operation(&self) -> &Operation {
        &self.operations[0]
    }

    /// How it ended, in a word.
    pub fn word(&self) -> String {
        format!("{:?}", self.operation().stage)
    }

    /// Every record, and what was done.
    pub fn story(&self) -> String {
        self.scene.borrow().story()
    }

    /// How many steps the day's own plan has that are to be done.
    pub fn steps(&self) -> usize {
        self.operation().plan.steps.iter().filter(|step| !step.undoes).count()
    }

    /// How many calls were executed.
    pub fn executed(&self) -> usize {
        self.scene.borrow().executed.len()
    }

    /// How many calls of the day's own operation were executed that undo nothing.
    pub fn executed_forth(&self) -> usize {
        let steps = &self.operation().plan.steps;
        let scene = self.scene.borrow();
        scene.executed.iter().filter(|one| one.strand == 0 && !steps[one.step].undoes).count()
    }

    /// How many seams were passed.
    pub fn passed(&self) -> u32 {
        self.scene.borrow().passed
    }

    /// Fails if a law was broken.
    pub fn assert(&self, seed: u64) {
        let broken = self.scene.borrow().broken.clone();
        assert!(broken.is_empty(), "STACKDECK_SEED={seed} replays it\n{}", self.story());
    }
}
