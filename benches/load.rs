//! How soon a rise of load is told, how often for nothing, and what a day of numbers takes: `cargo bench --bench load`.
//!
//! The same worlds as in `tests/it/fleet/incident`, more of them. `STACKDECK_SEEDS=5` lives fewer.

#![allow(unreachable_pub, unused_imports, dead_code, reason = "the tests beside it have uses for the rest")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a world that breaks ends it")]

#[path = "../tests/it/fleet/build.rs"]
mod build;
#[path = "../tests/it/support/instance.rs"]
mod instance;
#[path = "../tests/it/fleet/incident/world.rs"]
mod world;

/// Where the tests beside it have them.
mod fleet {
    pub(crate) use crate::build;
}
mod support {
    pub(crate) use crate::instance;
}

use std::time::Instant;

use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::Load;
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};
use stackdeck::series::Series;
use world::{BEFORE, days, incident};

fn main() {
    let seeds = std::env::var("STACKDECK_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    sizes();
    for before in BEFORE {
        let ends: Vec<(f64, f64)> = (0..seeds).map(|seed| incident(seed, before)).map(|end| (end.0, end.1)).collect();
        let latest = ends.iter().map(|(told, _)| *told).fold(0.0, f64::max);
        let shortest = ends.iter().map(|(told, left)| left - told).fold(f64::INFINITY, f64::min);
        println!("{before:?}, {seeds} seeds: told after {latest:.1} min at most, {shortest:.1} min ahead at least");
        assert!(shortest >= 5.0, "a rise is told five minutes before response times leave their target");
    }
    for (count, seed, every) in [(14, 1, 60), (14, 2, 60), (7, 3, 10)] {
        let began = Instant::now();
        let alarms = days(count, seed, every, every);
        let seconds = began.elapsed().as_secs_f64();
        println!("{count} days of 12 services, a value every {every} s: {} false alarms, {seconds:.0} s", alarms.len());
        alarms.iter().for_each(|alarm| println!("    {alarm}"));
        assert!(alarms.len() as i64 <= count / 7, "one false alarm a week at most");
    }
}

/// Bytes of a series, and of all that an instance may tell.
fn sizes() {
    let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
    let mut series = Series::default();
    println!("a series: {} bytes empty", series.bytes());
    for second in (0..26 * 3600).step_by(10) {
        series.put(at(second), second as f64);
        if second == 60 {
            println!("a series: {} bytes with a minute", series.bytes());
        }
    }
    println!("a series: {} bytes with a day", series.bytes());
    let metrics = Metric::ALL;
    let (mut load, instances) = (Load::default(), 100);
    let began = Instant::now();
    for instance in 0..instances {
        let subject = Subject::Instance(format!("{instance}").as_str().into());
        for metric in metrics {
            let sample = |minute: i64| Sample {
                subject: subject.clone(),
                metric,
                meter: Meter::Prometheus,
                at: at(minute * 60),
                value: 0.5,
            };
            load.take(&(0..26 * 60).map(sample).collect::<Vec<_>>(), at(26 * 3600));
        }
    }
    let count = instances * metrics.len() * 26 * 60;
    let nanos = began.elapsed().as_nanos() as f64 / count as f64;
    println!(
        "{} bytes for a day of {} metrics of an instance; {nanos:.0} ns a sample",
        load.bytes() / instances,
        metrics.len()
    );
}
