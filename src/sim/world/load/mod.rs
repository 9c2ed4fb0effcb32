//! Load: what is asked of each application, and what its instances make of it.
//!
//! Nothing runs. Demand is a function of the time ([`demand`]); what the instances are is kept as a list of epochs, one
//! for each change of a state, a weight or a flaw; counts are sums over both, made when somebody asks ([`tally`]), from
//! the nearest full hour. A day back exists from the first second. An idle cloud costs nothing, and every face that is
//! asked (octavia, an exporter, gnocchi, nova) reads the same numbers.
//!
//! Deliberately absent: single requests, and what one application asks of another.

pub mod application;
pub mod demand;
pub mod figures;
pub mod flaws;
pub mod queueing;
pub mod seat;
pub mod tally;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;

pub use application::{Application, Business};
pub use figures::{Guest, Stats};
pub use flaws::Who;
pub use seat::{Flaw, Seat, Serving};
pub use tally::{Counts, Mark, Tally};

/// How far back there are measures.
pub const WINDOW: Duration = Duration::from_secs(25 * 3600);

/// All applications.
#[derive(Debug)]
pub struct Load {
    /// All of them, in the order in which they were founded.
    pub apps: Vec<Application>,
    /// Since when there are measures.
    pub begun: Moment,
    seated: HashMap<Uid, (usize, usize)>,
    changed: BTreeSet<usize>,
    /// How often anything was settled: whoever follows sees by it that there is something to see.
    pub(in crate::sim) turns: u64,
}

impl Load {
    pub(in crate::sim) fn since(now: Moment) -> Self {
        Self { apps: Vec::new(), begun: begun(now), seated: HashMap::new(), changed: BTreeSet::new(), turns: 0 }
    }

    /// The application of that name: the first, should several projects have it.
    pub fn named(&self, name: &str) -> Option<&Application> {
        self.apps.iter().find(|app| app.name == name)
    }

    /// The application behind a balancer.
    pub fn behind(&self, balancer: Uid) -> Option<&Application> {
        self.apps.iter().find(|app| app.balancer == Some(balancer))
    }

    pub(super) fn place_of(&self, server: Uid) -> Option<(usize, usize)> {
        self.seated.get(&server).copied()
    }

    /// A server's application, and its seat there.
    pub fn seat(&self, server: Uid) -> Option<(&Application, usize)> {
        let (app, place) = self.seated.get(&server)?;
        Some((&self.apps[*app], *place))
    }
}

/// Since when there are measures in a world: a full hour, so that counts are kept from there.
fn begun(founded: Moment) -> Moment {
    Moment::from_millis(founded.minus(WINDOW).as_millis().div_euclid(3_600_000) * 3_600_000)
}

impl World {
    /// The application that a server belongs to has changed: it is looked at before time goes on. Who belongs to none yet
    /// may answer all the same.
    pub(in crate::sim) fn load_changes(&mut self, server: Uid) {
        match self.load.seated.get(&server) {
            Some((app, _)) => {
                self.load.changed.insert(*app);
            }
            None => self.load.turns += 1,
        }
    }

    pub(in crate::sim) fn load_changes_behind(&mut self, balancer: Uid) {
        let found = self.load.apps.iter().position(|app| app.balancer == Some(balancer));
        self.load.changed.extend(found);
    }

    /// Writes down what has changed, as of now. Called before time goes on and before anybody reads.
    pub(in crate::sim) fn settle_load(&mut self) {
        for app in std::mem::take(&mut self.load.changed) {
            let seats = self.seats_of(app);
            let (now, app) = (self.now, &mut self.load.apps[app]);
            let reloads = app.balancer.and_then(|id| self.balancers.reloads_of(id)).unwrap_or(0);
            app.turn_to(now, seats, reloads);
            self.load.turns += 1;
        }
    }
}
