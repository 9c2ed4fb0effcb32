//! What the faces show of the counts: whole numbers, in the units of those who are asked.

use super::demand::{mix, unit};
use super::queueing::Outcome;
use super::tally::{Counts, Mark, Tally};
use super::{Application, Serving};
use crate::sim::moment::Moment;
use crate::sim::world::World;
use crate::sim::world::balancer::Balancer;
use crate::sim::world::instance::Server;
use crate::sim::world::instance::state::Power;

/// Of so many requests one is malformed.
const MALFORMED: f64 = 40_000.0;
/// A kept connection is idle for so many seconds.
const IDLE: f64 = 1.5;
/// A page that says 500 or 503.
const ERROR_PAGE: f64 = 107.0;

/// What octavia counts of a balancer, since ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Bytes from clients.
    pub bytes_in: u64,
    /// Bytes to clients.
    pub bytes_out: u64,
    /// Connections that are open.
    pub active_connections: u64,
    /// Connections, not requests: several requests share one.
    pub total_connections: u64,
    /// Malformed requests; no answer of the 500s is among them.
    pub request_errors: u64,
}

/// A guest at a time.
#[derive(Clone, Copy, Debug)]
pub struct Guest {
    /// Whether it answers.
    pub serving: Serving,
    /// What it makes of its requests.
    pub outcome: Outcome,
    /// What it has counted since its boot.
    pub counts: Tally,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in use, bytes.
    pub memory: f64,
    /// Memory in all, bytes.
    pub memory_total: f64,
    /// Core seconds since the boot.
    pub cpu_seconds: f64,
    /// Bytes received since the boot.
    pub received: f64,
    /// Bytes sent since the boot.
    pub sent: f64,
    /// Bytes read from its disk since the boot.
    pub disk_read: f64,
    /// Bytes written to its disk since the boot.
    pub disk_written: f64,
    /// Seconds since its boot.
    pub up: f64,
    /// When its guest booted.
    pub booted: Option<Moment>,
}

impl Application {
    /// Bytes of requests.
    pub fn bytes_in(&self, tally: &Tally) -> f64 {
        tally.sent * self.business.received
    }

    /// Bytes of answers, those of a balancer among them.
    pub fn bytes_out(&self, tally: &Tally) -> f64 {
        tally.ok * self.business.sent + tally.errors() * ERROR_PAGE
    }

    /// Requests under way, those among them for whom nobody answers.
    pub fn under_way(&self, at: Moment) -> f64 {
        let (outcomes, _) = self.outcomes_at(at);
        outcomes.iter().map(|outcome| outcome.inside).sum()
    }
}

impl World {
    /// What octavia counts of a balancer.
    pub fn stats_of(&self, balancer: &Balancer) -> Stats {
        let Some(app) = self.load.behind(balancer.id) else { return Stats::default() };
        let total = app.counts(self.now()).total(Counts::ever);
        let rate = app.demand.rate(self.now());
        let active = app.under_way(self.now()) + rate / app.business.kept_alive * IDLE;
        Stats {
            bytes_in: app.bytes_in(&total) as u64,
            bytes_out: app.bytes_out(&total) as u64,
            active_connections: active.round() as u64,
            total_connections: (total.sent / app.business.kept_alive) as u64,
            request_errors: (total.sent / MALFORMED) as u64,
        }
    }

    /// What a server's guest is like, as of a mark of its application.
    pub fn guest(&self, app: &Application, seat: usize, at: Moment, mark: &Mark) -> Option<Guest> {
        let server = self.server(*app.roster.get(seat)?)?;
        let (outcomes, _) = app.outcomes_at(at);
        let counts = mark.seats.get(seat).map(Counts::since_boot).unwrap_or_default();
        let state = app.seats(at).get(seat).copied()?;
        let outcome = outcomes.get(seat).copied().unwrap_or_default();
        Some(self.guest_of(server, app, &state, outcome, counts, at))
    }

    /// The guests of servers at times that only go on; none where there was none. Applications are walked once.
    pub fn guests_over(&self, servers: &[&Server], times: &[Moment]) -> Vec<Vec<Option<Guest>>> {
        let mut found = vec![vec![None; times.len()]; servers.len()];
        let mut seated: Vec<(usize, Vec<(usize, usize)>)> = Vec::new();
        for (place, server) in servers.iter().enumerate() {
            match self.load.place_of(server.id) {
                Some((app, seat)) => match seated.iter_mut().find(|(other, _)| *other == app) {
                    Some((_, seats)) => seats.push((seat, place)),
                    None => seated.push((app, vec![(seat, place)])),
                },
                None => {
                    let there = |at: &&Moment| server.launched.is_some_and(|launched| launched <= **at);
                    for (slot, at) in found[place].iter_mut().zip(times).filter(|(_, at)| there(at)) {
                        *slot = Some(self.idle_guest(server, *at));
                    }
                }
            }
        }
        for (app, seats) in seated {
            self.walk_guests(&self.load.apps[app], &seats, servers, times, &mut found);
        }
        found
    }

    fn walk_guests(
        &self,
        app: &Application,
        seats: &[(usize, usize)],
        servers: &[&Server],
        times: &[Moment],
        found: &mut [Vec<Option<Guest>>],
    ) {
        let mut turn = 0;
        app.walk(times.iter().copied(), |at, mark| {
            let (outcomes, _) = app.outcomes_at(at);
            let now = app.seats(at);
            for (seat, place) in seats {
                let Some(state) = now.get(*seat).filter(|seat| seat.booted.is_some()) else { continue };
                if state.serving == Serving::Refuses {
                    continue;
                }
                let counts = mark.seats.get(*seat).map(Counts::since_boot).unwrap_or_default();
                let outcome = outcomes.get(*seat).copied().unwrap_or_default();
                found[*place][turn] = Some(self.guest_of(servers[*place], app, state, outcome, counts, at));
            }
            turn += 1;
        });
    }

    /// The same, of what is already known.
    fn guest_of(
        &self,
        server: &Server,
        app: &Application,
        seat: &super::Seat,
        outcome: Outcome,
        counts: Tally,
        at: Moment,
    ) -> Guest {
        let flavor = &self.flavors[server.flavor];
        let up = seat.booted.map_or(0.0, |booted| at.since(booted).as_secs_f64());
        let total = f64::from(flavor.ram) * MIB;
        let memory = memory(server.id.0 as u64, f64::from(flavor.ram), up, &outcome, seat) * MIB;
        Guest {
            serving: seat.serving,
            outcome,
            counts,
            vcpus: flavor.vcpus,
            memory,
            memory_total: total,
            cpu_seconds: counts.cpu + 0.002 * up * f64::from(flavor.vcpus),
            received: app.bytes_in(&counts) + 90.0 * up,
            sent: app.bytes_out(&counts) + 60.0 * up,
            disk_read: 3.1e8 + 400.0 * counts.answered(),
            disk_written: 1_900.0 * up + 350.0 * counts.answered(),
            up,
            booted: seat.booted,
        }
    }

    /// How long a server works on a request when nothing is wrong.
    pub(in crate::sim) fn usual_work(&self, server: crate::sim::uid::Uid) -> std::time::Duration {
        let work = self.load.seat(server).map_or(0.0, |(app, _)| app.business.work);
        std::time::Duration::try_from_secs_f64(work).unwrap_or_default()
    }

    /// A server's guest now, one that serves nothing among them. None while it has none.
    pub fn guest_now(&self, server: &Server) -> Option<Guest> {
        if server.booted.is_none() || matches!(server.power, Power::None | Power::Shutdown | Power::Crashed) {
            return None;
        }
        let at = self.now();
        match self.load.seat(server.id) {
            Some((app, seat)) => self.guest(app, seat, at, &app.counts(at)),
            None => Some(self.idle_guest(server, at)),
        }
    }

    /// A guest of which nobody asks anything.
    fn idle_guest(&self, server: &Server, at: Moment) -> Guest {
        let flavor = &self.flavors[server.flavor];
        let up = server.booted.map_or(0.0, |booted| at.since(booted).as_secs_f64());
        Guest {
            serving: self.serving(server),
            outcome: Outcome { narrow: 5.0, ..Outcome::default() },
            counts: Tally::default(),
            vcpus: flavor.vcpus,
            memory: 0.2 * f64::from(flavor.ram) * MIB,
            memory_total: f64::from(flavor.ram) * MIB,
            cpu_seconds: 0.004 * up * f64::from(flavor.vcpus),
            received: 90.0 * up,
            sent: 60.0 * up,
            disk_read: 3.1e8,
            disk_written: 1_900.0 * up,
            up,
            booted: server.booted,
        }
    }
}

const MIB: f64 = 1_048_576.0;

/// MiB in use: what the system takes, what each request under way takes, what leaks; never all of it.
fn memory(id: u64, ram: f64, up: f64, outcome: &Outcome, seat: &super::Seat) -> f64 {
    let own = 0.22 + 0.14 * unit(mix(id, 3));
    let warm = 0.08 * (1.0 - (-up / 5_400.0).exp());
    let breath = 0.008 * (up / 900.0 * (0.7 + 0.6 * unit(mix(id, 4)))).sin();
    let used = (own + warm + breath) * ram + 0.4 * outcome.inside + seat.flaw.lost * up / 3600.0;
    used.min(0.97 * ram)
}
