//! What it takes to keep up with ten thousand instances that are measured each minute: `cargo bench --bench looks`.
//!
//! Plain timing, the median and the worst of many rounds, milliseconds.

#![allow(unreachable_pub, reason = "the tests share the instance")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use stackdeck::base::clock::Timestamp;
use stackdeck::base::observation::Observation;
use stackdeck::fleet::health::Thresholds;
use stackdeck::fleet::instance::Instance;
use stackdeck::fleet::look::Next;
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};
use stackdeck::fleet::sources::{Place, Sources};
use stackdeck::fleet::{Condition, Fleet, Rules, group};

#[path = "../tests/it/support/instance.rs"]
mod instance;

const INSTANCES: usize = 10_000;
const SERVICES: usize = 120;
const METRICS: [Metric; 4] = [Metric::Cpu, Metric::Memory, Metric::Received, Metric::Sent];
const MINUTES: i64 = 30;

fn main() {
    let fleet = Arc::new(group(&sources(), &Rules::default(), None, at(0)));
    let mut condition = Arc::new(Condition::default());
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for minute in 0..MINUTES {
        let samples = samples(&fleet, minute);
        measure(&mut times, "1 to take a minute's samples", || {
            Arc::make_mut(&mut condition).take(&samples, at(minute * 60 + 5))
        });
        for second in [10, 20, 30, 40, 50, 60] {
            let what = match second {
                10 => "2 a look after them",
                _ => "3 a look without any",
            };
            measure(&mut times, what, || look(&mut condition, &fleet, at(minute * 60 + second)));
        }
        measure(&mut times, "4 to lay the conclusions over the fleet", || condition.judged(&fleet));
    }
    println!("{INSTANCES} instances, {SERVICES} services, {MINUTES} minutes; median and worst, ms");
    println!("{} conclusions, {} MiB", condition.conclusions().len(), condition.load().bytes() >> 20);
    for (what, mut times) in times {
        times.sort();
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        println!("{:8.2} {:8.2}  {what}", millis(times[times.len() / 2]), millis(times[times.len() - 1]));
    }
}

fn measure<T>(times: &mut BTreeMap<&'static str, Vec<Duration>>, what: &'static str, round: impl FnOnce() -> T) {
    let began = Instant::now();
    std::hint::black_box(round());
    times.entry(what).or_default().push(began.elapsed());
}

/// Step by step, as the console does elsewhere.
fn look(condition: &mut Arc<Condition>, fleet: &Arc<Fleet>, at: Timestamp) {
    let mut look = condition.begin(fleet, BTreeMap::new(), Thresholds::default(), at);
    while let Next::Look(next) = condition.go_on(look.carry_out()) {
        look = *next;
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap_or_default()
}

fn sources() -> Sources {
    let row = |number: usize| {
        let name = format!("service{}x-{:03}", number % SERVICES, number / SERVICES);
        let id = format!("{:08x}-5c1e-4d63-9a6b-{number:012x}", number.wrapping_mul(2_654_435_761) % (1 << 32));
        Instance { created: Some(at(-86_400)), ..instance::bare(&id, &name, "22a6b1c2d3e4f5") }
    };
    Sources {
        place: Place { cloud: "bench".into(), region: "RegionOne".into() },
        instances: (0..INSTANCES).map(row).map(|row| (row.id.clone(), Arc::new(row))).collect(),
        pools: Observation::of(Arc::default(), at(0)),
        ports: Observation::of(Arc::default(), at(0)),
        server_groups: Observation::of(Arc::default(), at(0)),
        ..Sources::default()
    }
}

/// What Gnocchi tells of a minute: one thing after the other. Every thousandth instance is full.
fn samples(fleet: &Fleet, minute: i64) -> Vec<Sample> {
    let one = |number: usize, id: &stackdeck::base::id::InstanceId, metric: Metric| {
        let noise = ((number as i64 * 7919 + minute * 104_729) % 1000) as f64 / 10_000.0;
        let value = if number.is_multiple_of(1000) { 0.9 } else { 0.2 } + noise;
        // Another id than the fleet's, as it comes from another answer.
        let subject = Subject::Instance(id.as_str().into());
        Sample { subject, metric, meter: Meter::Gnocchi, at: at(minute * 60), value }
    };
    let members = fleet.members.iter().enumerate();
    members.flat_map(|(number, member)| METRICS.map(|metric| one(number, &member.instance.id, metric))).collect()
}
