//! The world: what is in the simulated cloud, and the methods that change it.
//!
//! Time comes from outside: [`World::advance`] brings everything to the clock's now, in order of what was due. Nothing
//! happens between two touches, so nothing has to run.

pub(in crate::sim) mod agenda;
pub mod balancer;
pub mod host;
pub mod identity;
pub mod image;
pub mod instance;
pub mod load;
pub mod member;
pub mod network;
pub mod port;
pub mod refusal;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use crate::sim::clock::SimClock;
use crate::sim::moment::Moment;
use crate::sim::scenario::{self, Scenario};
use crate::sim::uid::Uid;
use crate::sim::world::agenda::Agenda;
use crate::sim::world::balancer::Balancers;
use crate::sim::world::host::Host;
use crate::sim::world::identity::Identity;
use crate::sim::world::image::{Flavor, Image};
use crate::sim::world::instance::{Server, ServerGroup};
use crate::sim::world::load::Load;
use crate::sim::world::network::Networks;

/// How a world is made and how its server answers.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which company, and what happens to it.
    pub scenario: Scenario,
    /// How many servers its main project has.
    pub instances: usize,
    /// Everything follows from it.
    pub seed: u64,
    /// The cloud's clock.
    pub clock: SimClock,
    /// How long nova takes for each server that it lists.
    pub pace: Duration,
    /// How long every answer takes at least.
    pub latency: Duration,
    /// How long a token lives, by the wall's clock.
    pub token_lifetime: Duration,
    /// Whether nova, glance and neutron send `Date`; under uWSGI they send none.
    pub dates: bool,
    /// Where guests listen, as pools have it.
    pub guest_port: u16,
}

impl Options {
    /// The scenario's own defaults, on a live clock.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            instances: 150,
            seed: 7,
            clock: SimClock::live(),
            pace: Duration::ZERO,
            latency: if scenario == Scenario::SlowApi { Duration::from_millis(1500) } else { Duration::ZERO },
            token_lifetime: Duration::from_secs(3600),
            dates: true,
            guest_port: 8080,
        }
    }
}

/// A whole simulated cloud.
#[derive(Debug)]
pub struct World {
    pub(in crate::sim) options: Options,
    pub(in crate::sim) now: Moment,
    pub(in crate::sim) rng: fastrand::Rng,
    pub(in crate::sim) agenda: Agenda,
    /// Keystone's.
    pub identity: Identity,
    /// Glance's, oldest first.
    pub images: Vec<Image>,
    /// Ids of images that are gone: glance never gives one again.
    pub(in crate::sim) burnt: BTreeSet<Uid>,
    /// Nova's, by id.
    pub flavors: Vec<Flavor>,
    /// Neutron's.
    pub networks: Networks,
    /// Where servers run.
    pub hosts: Vec<Host>,
    pub(in crate::sim) servers: Vec<Server>,
    /// How many servers there ever were: each has a number of its own.
    pub(in crate::sim) numbered: u32,
    pub(in crate::sim) places: HashMap<Uid, usize>,
    /// Server groups.
    pub groups: Vec<ServerGroup>,
    /// Octavia's.
    pub balancers: Balancers,
    /// What is asked of the applications, and what their instances make of it.
    pub load: Load,
    /// Cells whose database does not answer.
    pub(in crate::sim) down_cells: Vec<u8>,
    pub(in crate::sim) life: Option<scenario::Life>,
    pub(in crate::sim) holds: BTreeMap<&'static str, Duration>,
}

impl World {
    /// Makes the scenario's world, as of the clock's now.
    pub fn new(options: Options) -> Self {
        let now = options.clock.now();
        let rng = fastrand::Rng::with_seed(options.seed);
        let mut world = Self {
            options,
            now,
            rng,
            agenda: Agenda::default(),
            identity: Identity::default(),
            images: Vec::new(),
            burnt: BTreeSet::new(),
            flavors: Vec::new(),
            networks: Networks::default(),
            hosts: Vec::new(),
            servers: Vec::new(),
            numbered: 0,
            places: HashMap::new(),
            groups: Vec::new(),
            balancers: Balancers::default(),
            load: Load::since(now),
            down_cells: Vec::new(),
            life: None,
            holds: BTreeMap::new(),
        };
        scenario::populate(&mut world);
        world
    }

    /// The cloud's time, as of the last touch.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// What it was made from.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Brings everything to the clock's now: what was due happens, in order, each at its own time.
    pub fn advance(&mut self) {
        let until = self.options.clock.now();
        self.settle_load();
        while let Some((due, event)) = self.agenda.next_until(until) {
            self.now = self.now.max(due);
            self.happen(event);
            self.settle_load();
        }
        self.now = self.now.max(until);
    }

    /// How long until something happens by itself, on the wall.
    pub(in crate::sim) fn next_due(&self) -> Option<Duration> {
        let length = self.agenda.next()?.since(self.options.clock.now());
        Some(length.div_f64(self.options.clock.rate().max(1e-3)))
    }

    /// Steps the clock and brings everything to it.
    pub fn step(&mut self, by: Duration) {
        self.options.clock.step(by);
        self.advance();
    }

    pub(in crate::sim) fn fresh_uid(&mut self) -> Uid {
        Uid::random(&mut self.rng)
    }

    fn happen(&mut self, event: agenda::Event) {
        match event {
            agenda::Event::Leg { server, turn } => self.next_leg(server, turn),
            agenda::Event::Unlock { balancer, turn } => self.unlock_balancer(balancer, turn),
            agenda::Event::Beat { balancer, proves } => self.beat(balancer, proves),
            agenda::Event::Check { server } => self.check_members_of(server),
            agenda::Event::Oblivion => self.forget_deleted(),
            agenda::Event::Life => scenario::live(self),
        }
    }
}
