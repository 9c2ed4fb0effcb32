//! Thousands of bad days: the worker's own loop on a clock that a test moves, a journal in memory, and `sim`'s world
//! called directly. Answers are lost, workers die at any point, the cloud is slow, silent or odd, and colleagues work
//! beside it: two consoles want different things of the same instances, somebody removes a lock file, starts a second
//! worker, or sets the clock; the disk fills up. After every event the [laws] are asserted.
//!
//! One seed is one day, wholly determined by it. `STACKDECK_SEED=17 cargo test simulation::days` replays one and prints
//! what happened.

mod cloud;
pub mod course;
pub mod day;
#[cfg(test)]
mod failures;
mod fate;
mod laws;
mod making;
mod morning;
#[cfg(test)]
mod points;
mod remains;
mod scene;
mod seams;

use std::collections::BTreeMap;

use course::live;
use day::Day;

/// Lives the days of these seeds, and counts how they ended. Fails at the first that broke a law.
pub fn days(seeds: std::ops::Range<u64>) -> BTreeMap<String, u64> {
    let mut ends = BTreeMap::new();
    for seed in seeds {
        let ended = live(&Day::of_seed(seed));
        ended.assert(seed);
        *ends.entry(ended.word()).or_default() += 1;
    }
    ends
}

/// How many days `cargo test` lives; `cargo bench --bench simulation` lives more of them.
#[cfg(test)]
const DAYS: u64 = 500;

#[test]
fn days_end_well_whatever_happens_in_them() {
    use std::io::Write as _;
    if let Some(seed) = std::env::var("STACKDECK_SEED").ok().and_then(|seed| seed.parse().ok()) {
        let ended = live(&Day::of_seed(seed));
        writeln!(std::io::stdout(), "{}", ended.story()).unwrap();
        return ended.assert(seed);
    }
    let ends = days(0..DAYS);
    // A simulation in which everything always ends the same way proves nothing.
    assert!(ends.len() >= 3, "the days are all alike: {ends:?}");
}
