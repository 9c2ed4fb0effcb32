//! What goes wrong with applications, and who is seated where.

use std::collections::BTreeSet;

use super::application::Application;
use super::queueing::outcome;
use super::seat::{Flaw, Seat, Serving, share_of};
use super::tally::{Counts, HOUR, next_cell};
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::image::Image;
use crate::sim::world::instance::Server;
use crate::sim::world::load::demand::{Repeat, mix, unit};

/// Whom a flaw concerns.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// Those that run a version.
    Version(String),
    /// One server.
    Server(Uid),
    /// All.
    All,
}

/// A flaw and whom it concerns.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    who: Who,
    flaw: Flaw,
}

impl World {
    /// Makes an application go wrong from now on; false if there is none of that name.
    pub fn flaw(&mut self, app: &str, who: Who, flaw: Flaw) -> bool {
        let Some(place) = self.load.apps.iter().position(|other| other.name == app) else { return false };
        self.load.apps[place].rules.push(Rule { who, flaw });
        self.load.changed.insert(place);
        self.settle_load();
        true
    }

    /// Ends all flaws of an application, and its clients stop repeating their calls.
    pub fn mend(&mut self, app: &str) -> bool {
        let Some(place) = self.load.apps.iter().position(|other| other.name == app) else { return false };
        let now = next_cell(self.now);
        let app = &mut self.load.apps[place];
        app.rules.clear();
        for repeat in app.demand.repeats.iter_mut().filter(|repeat| repeat.until.is_none()) {
            repeat.until = Some(now);
        }
        self.load.changed.insert(place);
        self.settle_load();
        true
    }

    /// A client begins to repeat its calls: each minute that much more, of what there would be without it.
    pub fn repeat_calls(&mut self, app: &str, each_minute: f64) -> bool {
        let from = next_cell(self.now);
        let Some(app) = self.load.apps.iter_mut().find(|other| other.name == app) else { return false };
        app.demand.repeats.push(Repeat { from, until: None, each_minute });
        true
    }

    /// Gives a server a seat in an application.
    pub(in crate::sim) fn take_seat(&mut self, app: usize, server: Uid) {
        let known = self.load.seated.contains_key(&server);
        let roster = &mut self.load.apps[app].roster;
        if !known {
            self.load.seated.insert(server, (app, roster.len()));
            roster.push(server);
        }
        self.load.changed.insert(app);
    }

    /// A server that belongs to no application finds one: its pool's, or the one that its name or label says.
    pub(in crate::sim) fn find_seat(&mut self, id: Uid) {
        let Some(server) = self.server(id).filter(|_| !self.load.seated.contains_key(&id)) else { return };
        let behind = self.balancers.all.iter().find(|balancer| {
            let members = &balancer.pool.members;
            members.iter().any(|member| member.server == id)
        });
        let behind = behind.map(|balancer| balancer.id);
        let label = server.metadata.get("service").map_or("", String::as_str);
        let names = |app: &&(usize, &Application)| {
            let named = server.name.strip_prefix(app.1.name.as_str()).is_some_and(|rest| rest.starts_with('-'));
            app.1.project == server.project && app.1.balancer.is_none() && (named || app.1.name == label)
        };
        let apps: Vec<_> = self.load.apps.iter().enumerate().collect();
        let found = match behind {
            Some(balancer) => apps.iter().find(|app| app.1.balancer == Some(balancer)),
            None => apps.iter().filter(names).max_by_key(|app| app.1.name.len()),
        };
        if let Some(place) = found.map(|app| app.0) {
            self.take_seat(place, id);
        }
    }

    /// Every seat of an application, as of now.
    pub(super) fn seats_of(&self, app: usize) -> Vec<Seat> {
        let app = &self.load.apps[app];
        app.roster.iter().map(|id| self.server(*id).map_or(Seat::EMPTY, |server| self.seat_of(app, server))).collect()
    }

    fn seat_of(&self, app: &Application, server: &Server) -> Seat {
        let serving = self.serving(server);
        let balancer = app.balancer.and_then(|id| self.balancers.all.iter().find(|balancer| balancer.id == id));
        let share = match balancer {
            Some(balancer) => share_of(balancer, server),
            // Clients that choose for themselves choose who answers.
            None => f64::from(u8::from(serving == Serving::Serves)),
        };
        let version = self.runs(server).1;
        let concerns = |rule: &&Rule| match &rule.who {
            Who::All => true,
            Who::Version(wanted) => *wanted == version,
            Who::Server(id) => *id == server.id,
        };
        let flaw = app.rules.iter().filter(concerns).fold(Flaw::default(), |sum, rule| sum.and(rule.flaw));
        let bad = self.image_run_by(server).is_some_and(|image| image.bad);
        let flaw = if bad { flaw.and(Flaw { error: 1.0 / 3.0, ..Flaw::default() }) } else { flaw };
        let workers = 2.0 * f64::from(self.flavors[server.flavor].vcpus);
        let pace = 0.97 + 0.06 * unit(mix(server.id.0 as u64, 1));
        Seat { serving, share, workers, pace, flaw, booted: server.booted }
    }

    /// The image that a guest runs: while it is being rebuilt, the one from before, whatever its row says.
    fn image_run_by(&self, server: &Server) -> Option<&Image> {
        let id = server.still.as_ref().map_or(server.image, |before| before.image)?;
        self.image(id)
    }

    /// Service and version that an instance reports: the container's tag, else the image's properties.
    pub fn runs(&self, server: &Server) -> (String, String) {
        let property = |name: &str| self.image_run_by(server).and_then(|image| image.properties.get(name));
        let tag = match &server.still {
            Some(before) => before.tag.as_ref(),
            None => server.metadata.get("tag"),
        };
        let tag = tag.and_then(|tag| tag.rsplit_once(':'));
        let own = server.metadata.get("service").or_else(|| property("service")).cloned();
        let service = own.or_else(|| server.name.rsplit_once('-').map(|(service, _)| service.to_owned()));
        let version = tag.map(|(_, version)| version.to_owned()).or_else(|| property("version").cloned());
        (service.unwrap_or_else(|| server.name.clone()), version.unwrap_or_else(|| "unknown".to_owned()))
    }

    /// Writes the day before the world began: who was there, who was up, and what all had counted until then.
    pub(in crate::sim) fn write_past(&mut self) {
        let begun = self.load.begun;
        for place in 0..self.load.apps.len() {
            let (now_seats, app) = (self.seats_of(place), &self.load.apps[place]);
            let lives: Vec<_> = app.roster.iter().map(|id| self.life_of(*id)).collect();
            let within = |at: &Moment| *at > begun && *at <= self.now;
            let mut times: BTreeSet<Moment> = lives.iter().flatten().copied().filter(within).collect();
            times.insert(begun);
            let seats_at = |at: Moment| -> Vec<Seat> {
                let then = now_seats.iter().zip(&lives);
                then.map(|(seat, [up, down])| {
                    let serves = *up <= at && at < *down;
                    let share = if app.balancer.is_none() {
                        1.0
                    } else {
                        seat.share.max(f64::from(u8::from(*down <= self.now)))
                    };
                    let booted = seat.booted.filter(|booted| *booted <= at);
                    if at >= *down {
                        Seat { booted, ..*seat }
                    } else if serves {
                        Seat { serving: Serving::Serves, share, booted, ..*seat }
                    } else {
                        Seat { booted: None, ..Seat::EMPTY }
                    }
                })
                .collect()
            };
            let past: Vec<_> = times.into_iter().map(|at| (at, seats_at(at))).collect();
            let counts = past.first().map(|(_, seats)| ancient(app, seats, begun)).unwrap_or_default();
            let reloads = app.balancer.and_then(|id| self.balancers.reloads_of(id)).unwrap_or(0);
            self.load.apps[place].write_past(past, counts, reloads);
            self.load.changed.insert(place);
        }
        self.settle_load();
    }

    /// From when to when a server has answered, as far as its row tells.
    fn life_of(&self, id: Uid) -> [Moment; 2] {
        let never = Moment::from_millis(i64::MAX);
        let Some(server) = self.server(id) else { return [never, never] };
        let down = match self.serving(server) {
            Serving::Serves => never,
            _ => server.host.and_then(|host| self.hosts[host].last_seen).unwrap_or(server.updated),
        };
        [server.booted.unwrap_or(never), down]
    }
}

/// What had been counted before there were measures: as if each day had been alike.
fn ancient(app: &Application, seats: &[Seat], begun: Moment) -> Vec<Counts> {
    let shares: f64 = seats.iter().map(|seat| seat.share).sum();
    let day: f64 = (0..24).map(|hour| app.demand.rate(begun.minus(HOUR * hour))).sum::<f64>() / 24.0;
    let of = |seat: &Seat| {
        let rate = if shares > 0.0 { day * seat.share / shares } else { 0.0 };
        let healthy = super::queueing::Work { busy: app.business.work, idle: 0.0, error: 0.0, ..app.work(seat, begun) };
        let seconds = seat.hours_up(begun) * 3600.0;
        Counts::of(&outcome(rate, Serving::Serves, &healthy), seconds)
    };
    seats.iter().map(of).collect()
}
