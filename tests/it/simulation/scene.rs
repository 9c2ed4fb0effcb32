//! All that a day holds, and what happens in it by itself.

use std::collections::HashMap;
use std::time::Duration;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::id::InstanceId;
use stackdeck::operation::record::Wish;
use stackdeck::operation::{Actor, Change, Event, OperationId, Record, Sight};
use stackdeck::sim::moment::Moment;
use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::World;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::store::journal::{AppendError, Entry};
use stackdeck::store::memory::{MemoryJournal, Mishap};

use super::cloud::Executed;
use super::day::Day;
use super::laws;

/// How far the wall's clock is set at most, in milliseconds: less than an approval holds.
const JUMP: i64 = 50 * 60_000;
/// How long a disk stays full at most.
const FULL: u64 = 600;

/// All that a day holds.
pub struct Scene {
    pub day: Day,
    pub world: World,
    pub dice: fastrand::Rng,
    /// As people's consoles have it open.
    pub journal: MemoryJournal,
    /// One for each operation.
    pub strands: Vec<Strand>,
    /// Every worker that was ever started.
    pub workers: Vec<Worker>,
    /// What people come back for.
    pub errands: Vec<(Moment, usize, Errand)>,
    /// Calls that are on their way, after their answer was given up.
    pub late: Vec<Late>,
    /// What was done for us.
    pub executed: Vec<Executed>,
    /// What the last look at each target showed.
    pub seen: HashMap<InstanceId, (Moment, Sight)>,
    /// What is shown of an instance in the meantime is ERROR.
    pub masked: Option<(Uid, Moment, Moment)>,
    /// The cloud answers nothing before.
    pub silent: Option<Moment>,
    /// Somebody else has changed a target.
    pub meddled: bool,
    /// Somebody has removed a lock file.
    pub stolen: bool,
    /// The token is no longer good.
    pub expired: bool,
    /// No append succeeds before.
    pub full: Option<Moment>,
    /// How far the wall's clock is off, in milliseconds.
    pub skew: i64,
    /// What happens when so many seams have been passed, whatever the dice say.
    pub fuse: Option<(u32, Strike)>,
    /// How many seams were passed.
    pub passed: u32,
    /// How often a worker has looked.
    pub looks: u64,
    /// What was against the laws.
    pub broken: Vec<String>,
}

/// One operation, and what belongs to it.
pub struct Strand {
    pub id: OperationId,
    pub targets: Vec<Uid>,
    /// Which worker has its lock.
    pub holder: Option<usize>,
    /// Reads along.
    pub reader: laws::Reader,
}

/// One worker's process.
#[derive(Clone, Debug)]
pub struct Worker {
    pub strand: usize,
    pub lives: bool,
    /// It is killed in this very call.
    pub dies: bool,
    /// It sleeps until then.
    pub wakes: Option<Moment>,
    /// How far the wall's clock was off when it began.
    pub skew: i64,
}

/// What somebody comes back for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To start a worker.
    Start,
    /// To hand over what was missing, and let it go on.
    Resume,
}

/// A call on its way.
pub struct Late {
    pub due: Moment,
    pub strand: usize,
    pub step: usize,
    pub change: Change,
}

/// What may happen at a seam.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The worker is killed.
    Dies,
    /// Somebody asks for something.
    Asks(Wish),
    /// Somebody starts a worker, though there is one.
    Nags,
    /// The lock file is removed, and somebody starts a worker.
    Steals,
    /// The disk is full for a minute.
    Fills,
    /// The wall's clock is set, by so many milliseconds, and somebody asks to go on by the new time.
    Jumps(i64),
    /// The same, and the worker is killed: the next one begins by the new time.
    JumpsAndDies(i64),
}

impl Scene {
    /// The time on the wall.
    pub fn wall(&self) -> Timestamp {
        Moment::from_millis(self.world.now().as_millis() + self.skew).timestamp()
    }

    /// A seam is passed by a worker: what happens there.
    pub fn pass_seam(&mut self, worker: usize) {
        self.passed += 1;
        let strand = self.workers[worker].strand;
        if let Some((_, strike)) = self.fuse.filter(|(at, _)| *at == self.passed) {
            self.strike(strike, strand, worker);
        }
        let day = &self.day;
        let jump = self.dice.i64(-JUMP..=JUMP);
        let strikes = [
            (day.deadly, Strike::Dies),
            (day.aborting, Strike::Asks(Wish::Abort)),
            (day.nagging, Strike::Asks(Wish::Resume)),
            (day.nagging, Strike::Nags),
            (day.thieving, Strike::Steals),
            (day.filling, Strike::Fills),
            (day.jumping, Strike::Jumps(jump)),
        ];
        for (often, strike) in strikes {
            if often > 0 && self.dice.u16(0..1000) < often {
                self.strike(strike, strand, worker);
            }
        }
    }

    fn strike(&mut self, strike: Strike, strand: usize, worker: usize) {
        let now = self.world.now();
        match strike {
            Strike::Dies => self.workers[worker].dies = true,
            Strike::Asks(wish) => drop(self.wish(strand, wish)),
            Strike::Nags => self.errands.push((now, strand, Errand::Start)),
            Strike::Steals => {
                self.stolen = true;
                self.strands[strand].holder = None;
                self.errands.push((now, strand, Errand::Start));
            }
            Strike::Fills => {
                let seconds = if self.fuse.is_some() { 60 } else { self.dice.u64(1..FULL) };
                self.full = Some(now.plus(Duration::from_secs(seconds)));
            }
            Strike::Jumps(by) => {
                self.skew = by;
                drop(self.wish(strand, Wish::Resume));
            }
            Strike::JumpsAndDies(by) => {
                self.skew = by;
                self.workers[worker].dies = true;
            }
        }
    }

    /// Time passes, and with it whatever happens.
    pub fn pass(&mut self, by: Duration) {
        self.world.step(by);
        let now = self.world.now();
        let (due, later): (Vec<Late>, _) = std::mem::take(&mut self.late).into_iter().partition(|late| late.due <= now);
        self.late = later;
        for late in due {
            // Nobody hears the answer.
            let _unheard = self.execute(late.strand, late.step, &late.change);
        }
    }

    /// What others do meanwhile.
    pub fn others(&mut self) {
        if self.dice.u16(0..1000) < self.day.meddling {
            self.meddle();
        }
        if std::mem::take(&mut self.day.expiring) {
            self.expired = true;
        }
    }

    fn meddle(&mut self) {
        let targets = &self.strands[0].targets;
        let server = targets[self.dice.usize(0..targets.len())];
        let caller = colleague(&mut self.dice);
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

    /// Somebody at a console asks for something; a full disk may refuse it.
    pub fn wish(&mut self, strand: usize, wish: Wish) -> Result<Record, AppendError> {
        let (operation, at) = (self.strands[strand].id.clone(), self.wall());
        let by = Actor { user: "anna".to_owned(), ..Actor::default() };
        let mut journal = self.journal.clone();
        self.befall(&journal);
        let asked = journal.append(Entry { operation: &operation, at, by: &by, event: &Event::Asked { wish } }, None);
        laws::of_records(self, strand);
        asked
    }

    /// On a full disk the next append of this process fails.
    pub fn befall(&self, journal: &MemoryJournal) {
        if self.is_full() {
            journal.befall(1, Mishap::Full);
        }
    }

    pub fn is_full(&self) -> bool {
        self.full.is_some_and(|until| self.world.now() < until)
    }

    /// The strand of an operation.
    pub fn strand(&self, operation: &OperationId) -> usize {
        self.strands.iter().position(|strand| strand.id == *operation).unwrap()
    }
}

/// Somebody else.
pub fn colleague(dice: &mut fastrand::Rng) -> Caller {
    Caller { user: Uid(2), request: Uid::random(dice), admin: false }
}
