//! Twenty thousand bad days: see `tests/it/simulation`. Says how many it lives in a second, and how they ended.
//!
//! `cargo bench --bench simulation`; `STACKDECK_SEEDS=100000` lives more, `STACKDECK_FIRST_SEED` begins elsewhere.

#![allow(unreachable_pub, unused_imports, dead_code, reason = "the tests beside it have uses for the rest")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a day that breaks a law ends it")]

#[path = "../tests/it/simulation/mod.rs"]
mod simulation;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// So many days are one thread's at a time.
const BATCH: u64 = 20;

fn main() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, count) = (number("STACKDECK_FIRST_SEED").unwrap_or(0), number("STACKDECK_SEEDS").unwrap_or(20_000));
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let ends = live(first, first + count, threads);
    let rate = count as f64 / began.elapsed().as_secs_f64();
    let seconds = began.elapsed().as_secs();
    println!("{count} days in {seconds} s on {threads} threads, {rate:.0} seeds a second: {ends:?}");
}

/// Each day is a world of its own: they are lived side by side.
fn live(first: u64, end: u64, threads: usize) -> BTreeMap<String, u64> {
    let next = AtomicU64::new(first);
    let batches = || {
        let mut ends: BTreeMap<String, u64> = BTreeMap::new();
        loop {
            let from = next.fetch_add(BATCH, Ordering::Relaxed);
            if from >= end {
                return ends;
            }
            simulation::days(from..end.min(from + BATCH))
                .into_iter()
                .for_each(|(how, many)| *ends.entry(how).or_default() += many);
        }
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(batches)).collect();
        let mut sum = BTreeMap::new();
        for (how, many) in all.into_iter().flat_map(|one| one.join().expect("a day broke a law: see above")) {
            *sum.entry(how).or_default() += many;
        }
        sum
    })
}
