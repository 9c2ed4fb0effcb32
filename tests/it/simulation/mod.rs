//! Thousands of bad days: the worker's own loop on a clock that a test moves, a journal in memory, and `sim`'s world
//! called directly. Answers are lost, the worker dies at any point, the cloud is slow, silent or odd, and colleagues
//! work beside it. After every event the [laws](laws) are asserted.
//!
//! One seed is one day, wholly determined by it. `STACKDECK_SEED=17 cargo test simulation::days` replays one and prints
//! what happened; `STACKDECK_SEEDS=20000` lives more of them.

mod cloud;
mod course;
mod day;
mod laws;
mod points;

use std::io::Write as _;

use course::live;
use day::Day;

/// How many days `cargo test` lives.
const DAYS: u64 = 500;

#[test]
fn days_end_well_whatever_happens_in_them() {
    if let Some(seed) = number("STACKDECK_SEED") {
        let ended = live(&Day::of_seed(seed));
        writeln!(std::io::stdout(), "{}", ended.story()).unwrap();
        return ended.assert(seed);
    }
    let days = number("STACKDECK_SEEDS").unwrap_or(DAYS);
    let began = std::time::Instant::now();
    let mut kinds = std::collections::BTreeMap::<String, u64>::new();
    for seed in 0..days {
        let ended = live(&Day::of_seed(seed));
        ended.assert(seed);
        *kinds.entry(ended.word()).or_default() += 1;
    }
    if days != DAYS {
        writeln!(
            std::io::stdout(),
            "{days} days, {:.0} a second: {kinds:?}",
            days as f64 / began.elapsed().as_secs_f64()
        )
        .unwrap();
    }
    // A simulation in which everything always ends the same way proves nothing.
    assert!(kinds.len() >= 3, "the days are all alike: {kinds:?}");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
