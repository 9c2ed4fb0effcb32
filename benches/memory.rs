//! What a day of series takes of all instances: `cargo bench --bench memory`.
//!
//! Filled as the console fills it: sample by sample, with a look every ten seconds, which adds instances up to services
//! and draws conclusions. Each case is a process of its own, since memory that was freed once is not given back. Told
//! are resident memory beyond the fleet's own, and what the series say of themselves, MB.
//!
//! Beyond an hour only steps of five minutes and more are kept. So the day is told every five minutes and its end every
//! ten seconds: what is kept of it takes as much as if all had been told every ten seconds, and the bench less time.

#![allow(unreachable_pub, reason = "the tests share the instance")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

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

/// Instances of one service.
const EACH: usize = 80;
/// What is kept, and two hours more: then every tier is full.
const DAY: i64 = 28 * 3600;
/// How long at its end everything is told every ten seconds: the finest tier, and each that is made of it, have all.
const DENSE: i64 = 75 * 60;

/// Who tells, and what of an instance.
const TOLD: [(Meter, &[Metric]); 4] = [
    (
        Meter::Gnocchi,
        &[Metric::Cpu, Metric::Memory, Metric::Received, Metric::Sent, Metric::DiskRead, Metric::DiskWritten],
    ),
    (Meter::Probe, &[Metric::ProbeUp, Metric::ProbeTime]),
    (
        Meter::Balancer,
        &[
            Metric::Requests,
            Metric::Errors,
            Metric::Connections,
            Metric::Active,
            Metric::ResponseMean,
            Metric::Received,
            Metric::Sent,
        ],
    ),
    (
        Meter::Prometheus,
        &[
            Metric::Cpu,
            Metric::Memory,
            Metric::Received,
            Metric::Sent,
            Metric::DiskRead,
            Metric::DiskWritten,
            Metric::Requests,
            Metric::Errors,
            Metric::ResponseMean,
        ],
    ),
];

/// How many of those tell: without configuration Gnocchi alone does.
const CASES: [(usize, &str); 3] =
    [(1, "Gnocchi"), (3, "Gnocchi, health checks, balancers"), (4, "all of these and Prometheus")];

fn main() -> std::io::Result<()> {
    let arguments: Vec<usize> = std::env::args().filter_map(|text| text.parse().ok()).collect();
    if let [instances, tellers] = arguments[..] {
        fill(instances, tellers);
        return Ok(());
    }
    println!("{:>9} {:>7} {:>12} {:>12} {:>12}", "instances", "series", "resident MB", "series MB", "bytes each");
    for (tellers, who) in CASES {
        for instances in [1_000, 10_000] {
            let this = std::env::current_exe()?;
            let told = Command::new(this).args([instances.to_string(), tellers.to_string()]).output()?.stdout;
            println!("{}  {who}", String::from_utf8_lossy(&told).trim_end());
        }
    }
    Ok(())
}

fn fill(instances: usize, tellers: usize) {
    let fleet = Arc::new(group(&sources(instances), &Rules::default(), None, at(0)));
    let mut condition = Arc::new(Condition::default());
    let before = resident();
    let coarse = (0..DAY - DENSE).step_by(300);
    let mut series = 0;
    for second in coarse.chain((DAY - DENSE..DAY).step_by(10)) {
        series = 0;
        for (meter, metrics) in &TOLD[..tellers] {
            // Each round of a source is an answer of its own.
            let samples = samples(&fleet, second, *meter, metrics);
            series += samples.len();
            for piece in samples.chunks(500) {
                Arc::make_mut(&mut condition).take(piece, at(second));
            }
        }
        look(&mut condition, &fleet, at(second + 1));
    }
    let (grown, own) = (resident() - before, condition.load().bytes());
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    let each = own / series.max(1);
    println!("{instances:>9} {series:>7} {:>12.1} {:>12.1} {each:>12}", megabytes(grown), megabytes(own));
}

/// Bytes that are in memory, by what the system says.
fn resident() -> usize {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kibibytes = told.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    kibibytes.unwrap_or(0) << 10
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

fn sources(instances: usize) -> Sources {
    let services = instances.div_ceil(EACH);
    let row = |number: usize| {
        let name = format!("service{}x-{:03}", number % services, number / services);
        let id = format!("{:08x}-5c1e-4d63-9a6b-{number:012x}", number.wrapping_mul(2_654_435_761) % (1 << 32));
        Instance { created: Some(at(-86_400)), ..instance::bare(&id, &name, "22a6b1c2d3e4f5") }
    };
    Sources {
        place: Place { cloud: "bench".into(), region: "RegionOne".into() },
        instances: (0..instances).map(row).map(|row| (row.id.clone(), Arc::new(row))).collect(),
        pools: Observation::of(Arc::default(), at(0)),
        ports: Observation::of(Arc::default(), at(0)),
        server_groups: Observation::of(Arc::default(), at(0)),
        ..Sources::default()
    }
}

/// What one source tells of a moment.
fn samples(fleet: &Fleet, second: i64, meter: Meter, metrics: &[Metric]) -> Vec<Sample> {
    let one = |number: usize, subject: &Subject, metric: Metric| {
        let noise = ((number as i64 * 7919 + second / 10 * 104_729) % 1000) as f64 / 10_000.0;
        let value = if metric == Metric::ProbeUp { 1.0 } else { 0.2 + noise };
        Sample { subject: subject.clone(), metric, meter, at: at(second), value }
    };
    let of_one = |(number, member): (usize, &stackdeck::fleet::service::Member)| {
        let subject = Subject::Instance(member.instance.id.clone());
        metrics.iter().map(|metric| one(number, &subject, *metric)).collect::<Vec<_>>()
    };
    fleet.members.iter().enumerate().flat_map(of_one).collect()
}
