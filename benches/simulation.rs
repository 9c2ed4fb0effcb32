//! Twenty thousand bad days: see `tests/it/simulation`. Says how many it lives in a second, and how they ended.
//!
//! `cargo bench --bench simulation`; `STACKDECK_SEEDS=100000` lives more, `STACKDECK_FIRST_SEED` begins elsewhere.

#![allow(unreachable_pub, unused_imports, dead_code, reason = "the tests beside it have uses for the rest")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a day that breaks a law ends it")]

#[path = "../tests/it/simulation/mod.rs"]
mod simulation;

use std::time::Instant;

fn main() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, count) = (number("STACKDECK_FIRST_SEED").unwrap_or(0), number("STACKDECK_SEEDS").unwrap_or(20_000));
    let began = Instant::now();
    let ends = simulation::days(first..first + count);
    let rate = count as f64 / began.elapsed().as_secs_f64();
    let seconds = began.elapsed().as_secs();
    println!("{count} days in {seconds} s, {rate:.0} a second: {ends:?}");
}
