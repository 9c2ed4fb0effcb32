//! A service under load, and an observer of it.
//!
//! A service is c instances good for 100 requests a second each: a queue with exponential arrivals and service times
//! (M/M/c), whose response times follow from Erlang's formula. Requests are counted as a Poisson stream would be, with
//! noise that lasts. Everything comes from one seed.

use std::collections::BTreeMap;

use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::health::{Conclusion, Memory, Scene, Thresholds, Trouble, Wanted, conclude};
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};
use stackdeck::fleet::service::{Fleet, Severity};
use stackdeck::fleet::{Load, ServiceKey};

use crate::fleet::build::{cloud, grouped, instance, now};

const DAY: i64 = 24 * 3600;
const EACH: f64 = 100.0;

/// A stream of numbers that a seed decides.
struct Dice(u64);

impl Dice {
    /// Evenly between 0 and 1 (SplitMix64).
    fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Around 0, with a deviation of 1 (the sum of twelve).
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.even()).sum::<f64>() - 6.0
    }
}

/// The 95th percentile of the response time of a queue, seconds; `None` once it grows without bound.
pub(crate) fn p95(load: f64, instances: usize) -> Option<f64> {
    let (offered, servers) = (load / EACH, instances as f64);
    if offered >= servers {
        return None;
    }
    // Erlang B by recursion, then C: the share that waits.
    let blocked = (1..=instances).fold(1.0, |b, n| offered * b / (n as f64 + offered * b));
    let waits = blocked / (1.0 - offered / servers * (1.0 - blocked));
    // P(T > t) = e^-μt + C (e^-(cμ-λ)t - e^-μt) μ / (μ - (cμ-λ)), bisected.
    let (mu, drain) = (EACH, servers * EACH - load);
    let beyond = |t: f64| {
        let apart = mu - drain;
        let waiting = if apart.abs() < 1e-6 {
            mu * t * (-mu * t).exp()
        } else {
            mu / apart * ((-drain * t).exp() - (-mu * t).exp())
        };
        (-mu * t).exp() + waits * waiting
    };
    let (mut low, mut high) = (0.0, 60.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if beyond(middle) > 0.05 { low = middle } else { high = middle }
    }
    Some(high)
}

/// A service under load, and what is seen of it.
struct Service {
    key: ServiceKey,
    instances: usize,
    dice: Dice,
    /// Noise that lasts: a share of the load.
    drift: f64,
    /// Whether someone measures how busy its processors are.
    busy: bool,
}

impl Service {
    /// What was measured in the `seconds` before `at`, under that load.
    fn measured(&mut self, at: Timestamp, load: f64, seconds: f64, samples: &mut Vec<Sample>) -> f64 {
        // Half of it is left after 70 s.
        let kept = (-seconds / 100.0).exp();
        self.drift = self.drift * kept + 0.015 * (1.0 - kept * kept).sqrt() * self.dice.bell();
        let load = load * (1.0 + self.drift);
        let counted = (load * seconds + (load * seconds).sqrt() * self.dice.bell()).max(0.0) / seconds;
        let slow = p95(load, self.instances).unwrap_or(10.0).min(10.0) * (1.0 + 0.03 * self.dice.bell());
        let subject = Subject::Service(self.key.clone());
        let mut tell = |metric, value| {
            samples.push(Sample { subject: subject.clone(), metric, meter: Meter::Prometheus, at, value });
        };
        tell(Metric::Requests, counted);
        tell(Metric::ResponseP95, slow);
        if self.busy {
            tell(Metric::Cpu, (load / (self.instances as f64 * EACH)).min(1.0) * (1.0 + 0.02 * self.dice.bell()));
        }
        slow
    }
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

/// Fleet, load and memory of an observer.
struct Observer {
    fleet: Fleet,
    load: Load,
    memory: Memory,
    wanted: BTreeMap<ServiceKey, Wanted>,
    thresholds: Thresholds,
}

impl Observer {
    fn of(services: &[(&str, usize)]) -> Self {
        let rows =
            services.iter().flat_map(|(name, count)| (1..=*count).map(move |at| instance(&format!("{name}-{at:02}"))));
        Self {
            fleet: grouped(&cloud(rows)),
            load: Load::default(),
            memory: Memory::default(),
            wanted: BTreeMap::new(),
            thresholds: Thresholds::default(),
        }
    }

    fn service(&self, number: usize, instances: usize, seed: u64, busy: bool) -> Service {
        let service = &self.fleet.services[number];
        Service { key: service.key.clone(), instances, dice: Dice(seed), drift: 0.0, busy }
    }

    fn look(&mut self, at: Timestamp) -> Vec<Conclusion> {
        let Self { fleet, load, wanted, thresholds, memory } = self;
        let scene = Scene { fleet, load, wanted, thresholds, now: at };
        let (conclusions, kept) = conclude(&scene, std::mem::take(memory));
        *memory = kept;
        conclusions
    }
}

/// What is known before the incident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Before {
    /// Whether yesterday is.
    pub(crate) yesterday: bool,
    /// Whether processors are measured.
    pub(crate) busy: bool,
    /// Whether someone configured what an instance is good for.
    pub(crate) configured: bool,
}

/// From all that can be known to as little as a service without any history has.
pub(crate) const BEFORE: [Before; 4] = [
    Before { yesterday: true, busy: true, configured: false },
    Before { yesterday: true, busy: false, configured: false },
    Before { yesterday: false, busy: true, configured: false },
    Before { yesterday: false, busy: false, configured: false },
];

/// Minutes after its begin at which the rise was told, and at which the 95th percentile left its target.
pub(crate) fn incident(seed: u64, before: Before) -> (f64, f64, Vec<Conclusion>) {
    let mut observer = Observer::of(&[("payments", 6)]);
    let mut payments = observer.service(0, 6, seed, before.busy);
    // Twice what it takes on a quiet day: little, so that it is left early.
    let target = 2.0 * p95(400.0, 6).unwrap();
    let per_instance = before.configured.then_some(EACH);
    let wanted = Wanted { p95: Some(target), per_instance, ..Wanted::default() };
    observer.wanted.insert(payments.key.clone(), wanted);
    let mut samples = Vec::new();
    if before.yesterday {
        (-DAY - 7200..-4500).step_by(300).for_each(|at| {
            payments.measured(later(at), 400.0, 300.0, &mut samples);
        });
    }
    let (mut told, mut left, mut over) = (None, None, 0);
    let mut first = Vec::new();
    for at in (-4500..25 * 60).step_by(10) {
        let minutes = (at as f64 / 60.0).max(0.0);
        let slow = payments.measured(later(at), 400.0 * (1.0 + 0.02 * minutes), 10.0, &mut samples);
        observer.load.take(&samples, later(at));
        samples.clear();
        if at < -600 {
            continue;
        }
        let conclusions = observer.look(later(at));
        let alarms: Vec<Conclusion> = conclusions.into_iter().filter(|of| of.severity >= Severity::Warning).collect();
        let rise =
            alarms.iter().any(|of| of.trouble == Trouble::LoadRising && of.about.service == Some(payments.key.clone()));
        if at <= 0 {
            assert_eq!(alarms, [], "seed {seed}, {before:?}, {at} s: before anything happened");
        } else if rise && told.is_none() {
            (told, first) = (Some(minutes), alarms);
        }
        // Three samples in a row.
        over = if slow > target { over + 1 } else { 0 };
        if over == 3 && left.is_none() {
            left = Some(minutes);
        }
    }
    (told.expect("the rise is told"), left.expect("the target is left"), first)
}

/// A day's load: a broad peak by day, a sharper one in the evening, a weekend, each day a little different.
fn ordinary(number: usize, seconds: i64, day: (f64, f64)) -> f64 {
    let (scale, shift) = day;
    let hour = (seconds as f64 / 3600.0 + number as f64 / 3.0 + shift).rem_euclid(24.0);
    let peak = |at: f64, width: f64| (-((hour - at) / width).powi(2) / 2.0).exp();
    let weekend = if (seconds / DAY).rem_euclid(7) >= 5 { 0.6 } else { 1.0 };
    (0.25 + weekend * scale * (0.4 * peak(11.0, 2.5) + 0.25 * peak(19.5, 1.2))) * 600.0
}

const NAMES: [&str; 12] = [
    "api",
    "basket",
    "catalog",
    "documents",
    "export",
    "fees",
    "gateway",
    "history",
    "identity",
    "journal",
    "kyc",
    "ledger",
];

/// Alarms of some days over twelve services, as text; half of them are measured how busy they are. A
/// value comes `every` so many seconds, and is looked at in steps of `look`.
pub(crate) fn days(days: i64, seed: u64, every: i64, look: i64) -> Vec<String> {
    // One instance of six processors each: the queue is the same, and there is less to look at.
    let mut observer = Observer::of(&NAMES.map(|name| (name, 1)));
    let service = |number| observer.service(number, 6, seed * 100 + number as u64, number % 2 == 0);
    let mut services: Vec<Service> = (0..NAMES.len()).map(service).collect();
    let mut dice = Dice(seed);
    let mut day = [(1.0, 0.0); 12];
    let (mut alarms, mut standing): (Vec<String>, Vec<_>) = (Vec::new(), Vec::new());
    for at in (0..days * DAY).step_by(every as usize) {
        if at % DAY == 0 {
            day.fill_with(|| (1.0 + 0.05 * dice.bell(), 0.1 * dice.bell()));
        }
        let mut samples = Vec::new();
        for (number, service) in services.iter_mut().enumerate() {
            service.measured(later(at), ordinary(number, at, day[number]), every as f64, &mut samples);
        }
        observer.load.take(&samples, later(at));
        if at % look != 0 {
            continue;
        }
        let told = observer.look(later(at)).into_iter().filter(|of| of.severity >= Severity::Warning);
        let told: Vec<_> = told.map(|of| ((of.trouble, of.about.clone()), of.text)).collect();
        for (of, text) in &told {
            if !standing.contains(of) {
                alarms.push(format!(
                    "day {} {:02}:{:02} {:?}: {text}",
                    at / DAY,
                    at % DAY / 3600,
                    at % 3600 / 60,
                    of.0
                ));
            }
        }
        standing = told.into_iter().map(|(of, _)| of).collect();
    }
    alarms
}
