//! Days of the simulated company in seconds: how soon each scenario's trouble is told, and how often anything is told for
//! nothing: `cargo bench --bench company`.
//!
//! The world is stepped, and what its faces would tell is taken from its counts: requests, errors and response times
//! every ten seconds, as a balancer's exporter and a Prometheus have them; CPU and memory every minute, as Gnocchi has;
//! our own checks every twenty seconds. Then the observer looks as the console's does. On ordinary days all of it comes
//! once a minute: a week should not take a quarter of an hour. `STACKDECK_DAYS=1` lives fewer of them.

#![allow(unreachable_pub, dead_code, reason = "the tests beside it have uses for the rest")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a world that breaks ends it")]

#[path = "../tests/it/fleet/build.rs"]
mod build;
#[path = "../tests/it/support/instance.rs"]
mod instance;

/// Where the tests beside it have them.
mod support {
    pub(crate) use crate::instance;
}

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use build::{Row as _, cloud, instance};
use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::health::{Conclusion, Thresholds, Trouble};
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};
use stackdeck::fleet::service::{Fleet, Severity};
use stackdeck::fleet::{Condition, Rules, ServiceKey, group};
use stackdeck::series::Histogram;
use stackdeck::sim::world::World;
use stackdeck::sim::world::instance::Server;
use stackdeck::sim::world::load::queueing::BOUNDS;
use stackdeck::sim::world::load::{Counts, Mark, Serving, Tally};
use stackdeck::sim::{Moment, Options, Scenario, SimClock, Uid};

const STEP: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A scenario, of which service or instance something must be told, what, and how soon after it began.
const TROUBLES: [(Scenario, &str, &[Trouble], Duration); 4] = [
    (Scenario::Outage, "gateway", &[Trouble::LoadRising, Trouble::NearingCapacity], Duration::from_secs(12 * 60)),
    (Scenario::BadRelease, "payments", &[Trouble::Erroring, Trouble::Outlier, Trouble::Slow], Duration::from_secs(180)),
    (Scenario::Leak, "ledger", &[Trouble::Outlier, Trouble::Slow, Trouble::Saturated], Duration::from_secs(180)),
    (Scenario::DeadHost, "", &[Trouble::Unreachable, Trouble::Down, Trouble::Erroring], Duration::from_secs(120)),
];

fn main() {
    for (scenario, whose, troubles, deadline) in TROUBLES {
        detected(scenario, whose, troubles, deadline);
    }
    let days = std::env::var("STACKDECK_DAYS").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    for scenario in [Scenario::Quiet, Scenario::DailyPeak] {
        ordinary(scenario, days);
    }
}

/// Lives until the trouble is told, and says how long that took.
fn detected(scenario: Scenario, whose: &str, troubles: &[Trouble], deadline: Duration) {
    let began = Instant::now();
    let mut company = Company::found(scenario);
    // What stands before anything has happened, as far as the scenario begins later than the observer.
    while !company.is_in_trouble() {
        company.step(STEP);
    }
    let since = company.world.now();
    let told = loop {
        let told = company.step(STEP);
        let is_it = |of: &&Conclusion| {
            troubles.contains(&of.trouble)
                && of.about.service.as_ref().is_none_or(|key| whose.is_empty() || &*key.name == whose)
        };
        if let Some(found) = told.iter().find(is_it) {
            break found.clone();
        }
        let passed = company.world.now().since(since);
        assert!(passed <= deadline, "{scenario:?}: nothing was told within {deadline:?}: {:#?}", texts(&told));
    };
    let delay = company.world.now().since(since).as_secs();
    println!("{:12} told after {delay:4} s: {} ({:.1?})", scenario.name(), told.text, began.elapsed());
}

fn texts(told: &[Conclusion]) -> Vec<&str> {
    told.iter().map(|of| &*of.text).collect()
}

/// Lives days on which nothing happens, and counts what is told for nothing.
fn ordinary(scenario: Scenario, days: u32) {
    let began = Instant::now();
    let mut company = Company::found(scenario);
    let mut alarms = Vec::new();
    let mut standing = BTreeSet::new();
    let settled = company.world.now().plus(10 * MINUTE);
    let end = company.world.now().plus(DAY * days);
    while company.world.now() < end {
        let told = company.step(MINUTE);
        let now: BTreeSet<String> = told.iter().map(|of| format!("{:?} {:?}", of.trouble, of.about)).collect();
        if company.world.now() > settled {
            let new = told.iter().filter(|of| !standing.contains(&format!("{:?} {:?}", of.trouble, of.about)));
            alarms.extend(new.map(|of| format!("{} {}", company.world.now().timestamp(), of.text)));
        }
        standing = now;
    }
    println!("{:12} {days} days: {} told for nothing ({:.1?})", scenario.name(), alarms.len(), began.elapsed());
    alarms.iter().for_each(|alarm| println!("    {alarm}"));
    assert!(alarms.len() as u32 <= days.div_ceil(7), "one false alarm a week at most");
}

/// A company, and who observes it.
struct Company {
    world: World,
    condition: Condition,
    fleet: Fleet,
    /// Counts of each application as of the step before.
    before: HashMap<String, Mark>,
    seconds: u64,
}

impl Company {
    /// With the day before, as a Prometheus has it.
    fn found(scenario: Scenario) -> Self {
        let start = Moment::from_millis(1_795_338_000_000);
        let world = World::new(Options { clock: SimClock::stepped(start), ..Options::new(scenario) });
        let mut company =
            Self { fleet: fleet(&world), world, condition: Condition::default(), before: HashMap::new(), seconds: 0 };
        company.read_the_past();
        company
    }

    fn read_the_past(&mut self) {
        let now = self.world.now();
        let times: Vec<Moment> = (0..=25 * 60).rev().map(|minutes| now.minus(MINUTE * minutes)).collect();
        let mut samples = Vec::new();
        for app in self.world.load.apps.iter().filter(|app| app.balancer.is_some()) {
            let mut before: Option<Mark> = None;
            app.walk(times.iter().copied(), |at, mark| {
                if let (Some(before), Some(key)) = (&before, key(&self.fleet, &app.name, app.project)) {
                    of_service(&key, before, mark, MINUTE, at.timestamp(), &mut samples);
                }
                before = Some(mark.clone());
            });
        }
        samples.sort_by_key(|sample| sample.at);
        self.condition.take(&samples, now.timestamp());
    }

    /// Whether the scenario's own trouble is there.
    fn is_in_trouble(&self) -> bool {
        match self.world.options().scenario {
            Scenario::DeadHost => self.world.hosts.iter().any(|host| host.dark),
            Scenario::BadRelease => {
                let runs = |server: &Server| self.world.runs(server).1 == "1.5.1" && self.serves(server);
                self.world.servers().any(|server| server.name.starts_with("payments") && runs(server))
            }
            _ => true,
        }
    }

    /// Time passes. What is told then, of warnings and worse.
    fn step(&mut self, by: Duration) -> Vec<Conclusion> {
        self.world.step(by);
        self.seconds += by.as_secs();
        let now = self.world.now().timestamp();
        self.fleet = fleet(&self.world);
        let samples = self.measured(now, by);
        self.condition.take(&samples, now);
        self.condition.look(&self.fleet, &BTreeMap::new(), &Thresholds::default(), now);
        let told = self.condition.conclusions().iter();
        told.filter(|of| of.severity >= Severity::Warning).cloned().collect()
    }

    fn measured(&mut self, now: Timestamp, over: Duration) -> Vec<Sample> {
        let mut samples = Vec::new();
        let at = self.world.now();
        for app in self.world.load.apps.iter().filter(|app| app.balancer.is_some()) {
            let mark = app.counts(at);
            let name = format!("{} of {}", app.name, app.project);
            if let (Some(before), Some(key)) = (self.before.get(&name), key(&self.fleet, &app.name, app.project)) {
                of_service(&key, before, &mark, over, now, &mut samples);
                for (seat, id) in app.roster.iter().enumerate() {
                    let counts = |mark: &Mark| mark.seats.get(seat).map(Counts::ever).unwrap_or_default();
                    let counted = counts(&mark).since(&counts(before));
                    let subject = Subject::Instance(id.to_string().as_str().into());
                    requests(&subject, Meter::Balancer, &counted, over, now, &mut samples);
                }
            }
            self.before.insert(name, mark);
        }
        if self.seconds.is_multiple_of(20) {
            self.checked(now, &mut samples);
        }
        if self.seconds.is_multiple_of(60) {
            self.used(now, &mut samples);
        }
        samples
    }

    /// Our own checks.
    fn checked(&self, now: Timestamp, samples: &mut Vec<Sample>) {
        for server in self.world.servers().filter(|server| server.status() == "ACTIVE") {
            let subject = Subject::Instance(server.id.to_string().as_str().into());
            let value = f64::from(u8::from(self.serves(server)));
            samples.push(Sample { subject, metric: Metric::ProbeUp, meter: Meter::Probe, at: now, value });
        }
    }

    fn serves(&self, server: &Server) -> bool {
        let seat = self.world.load.seat(server.id).and_then(|(app, seat)| app.seats(self.world.now()).get(seat));
        // Who bears no load has no seat.
        seat.is_none_or(|seat| seat.serving == Serving::Serves)
    }

    /// CPU and memory, as Gnocchi tells them.
    fn used(&self, now: Timestamp, samples: &mut Vec<Sample>) {
        let servers: Vec<&Server> = self.world.servers().collect();
        let at = self.world.now();
        let guests = self.world.guests_over(&servers, &[at.minus(MINUTE), at]);
        for (server, guests) in servers.iter().zip(guests) {
            let subject = Subject::Instance(server.id.to_string().as_str().into());
            let mut tell = |metric, meter, value| {
                samples.push(Sample { subject: subject.clone(), metric, meter, at: now, value });
            };
            let (Some(before), Some(guest)) = (guests[0], guests[1]) else { continue };
            let busy = (guest.cpu_seconds - before.cpu_seconds).max(0.0) / 60.0 / f64::from(guest.vcpus);
            tell(Metric::Cpu, Meter::Gnocchi, busy);
            tell(Metric::Memory, Meter::Gnocchi, guest.memory / guest.memory_total);
        }
    }
}

/// As Nova lists it.
fn fleet(world: &World) -> Fleet {
    let row = |server: &Server| {
        let service = world.load.seat(server.id).map_or("none", |(app, _)| &*app.name);
        let mut row = instance(&server.name).meta("service", service).status(server.status());
        (row.id, row.project) = (server.id.to_string().as_str().into(), server.project.to_string().as_str().into());
        row.meta("version", &world.runs(server).1)
    };
    let sources = cloud(world.servers().map(row));
    group(&sources, &Rules::default(), None, world.now().timestamp())
}

fn key(fleet: &Fleet, name: &str, project: Uid) -> Option<ServiceKey> {
    let project = project.to_string();
    let own = |key: &&ServiceKey| &*key.name == name && key.project.as_str() == project;
    fleet.services.iter().map(|service| &service.key).find(own).cloned()
}

/// What a Prometheus tells of a service over so much time.
fn of_service(key: &ServiceKey, before: &Mark, now: &Mark, over: Duration, at: Timestamp, samples: &mut Vec<Sample>) {
    let counted = now.total(Counts::ever).since(&before.total(Counts::ever));
    let subject = Subject::Service(key.clone());
    requests(&subject, Meter::Prometheus, &counted, over, at, samples);
    let buckets = BOUNDS.into_iter().chain([f64::INFINITY]).zip(counted.spread);
    if let Some(value) = Histogram::new(buckets).and_then(|histogram| histogram.quantile(0.95)) {
        samples.push(Sample { subject, metric: Metric::ResponseP95, meter: Meter::Prometheus, at, value });
    }
}

/// Requests, errors and the mean of the response times.
fn requests(
    subject: &Subject,
    meter: Meter,
    counted: &Tally,
    over: Duration,
    at: Timestamp,
    samples: &mut Vec<Sample>,
) {
    let seconds = over.as_secs_f64();
    let mut tell = |metric, value| samples.push(Sample { subject: subject.clone(), metric, meter, at, value });
    tell(Metric::Requests, counted.sent / seconds);
    tell(Metric::Errors, counted.errors() / seconds);
    if counted.answered() > 0.0 {
        tell(Metric::ResponseMean, counted.took / counted.answered());
    }
}
