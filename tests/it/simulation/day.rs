//! A day: what is wished, and what goes wrong. Everything follows from one seed.

use std::time::Duration;

use stackdeck::operation::Verb;

/// How one day goes.
#[derive(Clone, Debug)]
pub struct Day {
    /// Everything random in it.
    pub seed: u64,
    /// What is done.
    pub verb: Verb,
    /// To how many.
    pub targets: usize,
    /// Of a hundred calls, how many are not sent at all.
    pub unsent: u8,
    /// Of a hundred calls, how many lose their answer.
    pub lost: u8,
    /// Of a hundred lost ones, how many are executed only later.
    pub late: u8,
    /// Of a hundred looks, how many fail.
    pub blind: u8,
    /// Of a hundred looks after a call, how many still show what was before.
    pub stale: u8,
    /// Of a thousand seams that are passed, at how many the worker dies.
    pub deadly: u16,
    /// Of a thousand waits, during how many a colleague does something to a target.
    pub meddling: u16,
    /// Of a thousand waits, during how many somebody asks to abort.
    pub aborting: u16,
    /// The history of instances may not be read.
    pub no_history: bool,
    /// There is no balancer to look at.
    pub no_pools: bool,
    /// How long a reboot, stop or start takes; what the world likes when nothing is said.
    pub held: Option<Duration>,
    /// The token expires in the middle, and somebody has to hand over a new one.
    pub expiring: bool,
}

impl Day {
    /// A day on which nothing goes wrong.
    pub fn calm(verb: Verb, targets: usize) -> Self {
        Self {
            seed: 1,
            verb,
            targets,
            unsent: 0,
            lost: 0,
            late: 0,
            blind: 0,
            stale: 0,
            deadly: 0,
            meddling: 0,
            aborting: 0,
            no_history: false,
            no_pools: false,
            held: None,
            expiring: false,
        }
    }

    /// The day of that seed. Half of all troubles are away on any one day, so that each is also met alone.
    pub fn of_seed(seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut share = |most: u8| if dice.bool() { dice.u8(0..=most) } else { 0 };
        let (unsent, lost, late, blind, stale) = (share(30), share(60), share(50), share(30), share(30));
        let mut rarely = |most: u16| if dice.u8(0..4) == 0 { dice.u16(0..=most) } else { 0 };
        let (meddling, aborting, deadly) = (rarely(10), rarely(10), rarely(60).max(rarely(60)));
        Self {
            seed,
            verb: Verb::ALL[dice.usize(0..Verb::ALL.len())],
            targets: dice.usize(1..=4),
            unsent,
            lost,
            late,
            blind,
            stale,
            deadly,
            meddling,
            aborting,
            no_history: dice.u8(0..8) == 0,
            no_pools: dice.u8(0..4) == 0,
            held: (dice.u8(0..6) == 0).then(|| Duration::from_secs(dice.u64(1..900))),
            expiring: dice.u8(0..10) == 0,
        }
    }
}
