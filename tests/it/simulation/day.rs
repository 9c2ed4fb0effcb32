//! A day: what is wished, and what goes wrong. Everything follows from one seed.

use std::time::Duration;

use stackdeck::operation::{Limits, Reboot, Verb};

use super::fate::Trial;

/// How many instances a world has where nobody says more.
const USUAL: usize = 24;

/// How one day goes.
#[derive(Clone, Debug)]
pub struct Day {
    /// Everything random in it.
    pub seed: u64,
    /// What is done.
    pub verb: Verb,
    /// To how many.
    pub targets: usize,
    /// How many instances the world has.
    pub instances: usize,
    /// No host is lost, and there is room for everything: on all other days one is, and may not be.
    pub healthy: bool,
    /// What a second console wants meanwhile, of some of the same instances.
    pub rival: Option<Verb>,
    /// The same plan is approved a second time, and begun when the first is over.
    pub again: bool,
    /// How long is waited for what.
    pub limits: Limits,
    /// Of a hundred calls, how many are not sent at all.
    pub unsent: u8,
    /// Of a hundred calls, how many take their time.
    pub slow: u8,
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
    /// Of a thousand seams, at how many somebody asks to abort.
    pub aborting: u16,
    /// Of a thousand seams, at how many somebody asks to resume, and starts a worker, though there is one.
    pub nagging: u16,
    /// Of a thousand seams, at how many the lock file is removed, and a second worker takes the operation over.
    pub thieving: u16,
    /// Of a thousand seams, at how many the disk fills up.
    pub filling: u16,
    /// Of a thousand seams, at how many the wall's clock is set to another time.
    pub jumping: u16,
    /// The history of instances may not be read.
    pub no_history: bool,
    /// There is no balancer to look at.
    pub no_pools: bool,
    /// Restarts do not drain first.
    pub undrained: bool,
    /// Rollouts stop behind their first target.
    pub looked_at: bool,
    /// Rollouts make others in the place of their targets.
    pub replaces: bool,
    /// Whether who is new errs, as the balancers tell; `None` where they tell nothing.
    pub errs: Option<bool>,
    /// How long a reboot, stop or start takes; what the world likes when nothing is said.
    pub held: Option<Duration>,
    /// The token expires in the middle, and somebody has to hand over a new one.
    pub expiring: bool,
    /// What befalls one step's call, whatever the dice say.
    pub trial: Option<Trial>,
}

impl Day {
    /// A day on which nothing goes wrong.
    pub fn calm(verb: Verb, targets: usize) -> Self {
        Self {
            seed: 1,
            verb,
            targets,
            instances: USUAL,
            healthy: false,
            rival: None,
            again: false,
            limits: Limits::default(),
            unsent: 0,
            slow: 0,
            lost: 0,
            late: 0,
            blind: 0,
            stale: 0,
            deadly: 0,
            meddling: 0,
            aborting: 0,
            nagging: 0,
            thieving: 0,
            filling: 0,
            jumping: 0,
            no_history: false,
            no_pools: false,
            undrained: false,
            looked_at: false,
            replaces: false,
            errs: None,
            held: None,
            expiring: false,
            trial: None,
        }
    }

    /// The same with short holds at the gates: fewer points that are all alike.
    pub fn brisk(verb: Verb, targets: usize) -> Self {
        let (short, moment) = (Duration::from_secs(10), Duration::from_secs(4));
        let limits = Limits {
            min_ready: short,
            drain: moment,
            answering: moment,
            keep: short,
            bake: short,
            analysis: 2 * short,
            ..Limits::default()
        };
        // The two restarts differ in nothing else that a worker decides: one stands for each way.
        let undrained = verb == Verb::Restart(Reboot::Hard);
        Self { limits, undrained, ..Self::calm(verb, targets) }
    }

    /// What is left of it when all troubles are over.
    #[must_use]
    pub fn calmed(&self) -> Self {
        let calm = Self::calm(self.verb, self.targets);
        Self {
            instances: self.instances,
            healthy: self.healthy,
            no_history: self.no_history,
            no_pools: self.no_pools,
            undrained: self.undrained,
            looked_at: self.looked_at,
            replaces: self.replaces,
            errs: self.errs,
            limits: self.limits,
            rival: self.rival,
            ..calm
        }
    }

    /// The day of that seed. Half of all troubles are away on any one day, so that each is also met alone.
    pub fn of_seed(seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut share = |most: u8| if dice.bool() { dice.u8(0..=most) } else { 0 };
        let (unsent, lost, late, blind, stale, slow) =
            (share(30), share(60), share(50), share(30), share(30), share(30));
        let mut rarely = |most: u16| if dice.u8(0..4) == 0 { dice.u16(0..=most) } else { 0 };
        let (meddling, aborting, deadly) = (rarely(10), rarely(6), rarely(60).max(rarely(60)));
        let (nagging, thieving, filling, jumping) = (rarely(30), rarely(20), rarely(20), rarely(20));
        Self {
            seed,
            verb: Verb::ALL[dice.usize(0..Verb::ALL.len())],
            targets: dice.usize(1..=4),
            instances: USUAL,
            healthy: false,
            rival: (dice.u8(0..4) == 0).then(|| Verb::ALL[dice.usize(0..Verb::ALL.len())]),
            again: false,
            limits: Limits::default(),
            unsent,
            slow,
            lost,
            late,
            blind,
            stale,
            deadly,
            meddling,
            aborting,
            nagging,
            thieving,
            filling,
            jumping,
            no_history: dice.u8(0..8) == 0,
            no_pools: dice.u8(0..4) == 0,
            undrained: dice.bool(),
            looked_at: seed.is_multiple_of(2),
            replaces: seed.is_multiple_of(3),
            errs: [Some(true), Some(false), None, None][(seed / 3 % 4) as usize],
            held: (dice.u8(0..6) == 0).then(|| Duration::from_secs(dice.u64(1..900))),
            expiring: dice.u8(0..10) == 0,
            trial: None,
        }
    }
}
