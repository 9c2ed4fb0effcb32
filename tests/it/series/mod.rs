//! Numbers over time.

mod compared;
mod counters;
mod graphs;
mod histograms;
mod keeping;

use std::time::Duration;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;
use stackdeck::base::clock::Timestamp;
use stackdeck::series::{Series, Tier};

/// So many seconds after midnight.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second("2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap().as_second() + seconds).unwrap()
}

/// Told these values at these seconds, one after the other.
fn told(samples: impl IntoIterator<Item = (i64, f64)>) -> Series {
    let mut series = Series::default();
    for (seconds, value) in samples {
        series.put(at(seconds), value);
    }
    series
}

/// Begin in seconds after midnight, mean, least and most of the known steps.
fn steps(series: &Series, tier: Tier) -> Vec<(i64, f64, f64, f64)> {
    let midnight = at(0).as_second();
    let line = |(begin, point): (Timestamp, stackdeck::series::Point)| {
        (begin.as_second() - midnight, point.mean, point.min, point.max)
    };
    series.points(tier).map(line).collect()
}

fn is_near(one: f64, other: f64, share: f64) -> bool {
    (one - other).abs() <= share * one.abs().max(other.abs()).max(1e-12)
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// The same cases each time.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::default() }
}
