//! What is asked of an application: a rate of requests that follows the day, with noise, and with clients that repeat.
//!
//! It is a function of the time and of nothing else, so that the past can be asked as well as the present.

use std::f64::consts::TAU;
use std::time::Duration;

use crate::sim::moment::Moment;

/// The hours at which most is going on, how wide each hill is in hours, and how high.
const HILLS: [(f64, f64, f64); 3] = [(10.4, 2.1, 0.80), (15.1, 2.4, 0.74), (20.0, 1.9, 0.26)];
/// What goes on in the deepest night, of the day's peak.
const NIGHT: f64 = 0.16;
/// Waves of noise: seconds, and how high. None divides another, so that they never line up.
const WAVES: [(f64, f64); 5] = [(41.0, 0.012), (173.0, 0.018), (611.0, 0.022), (2_287.0, 0.022), (7_919.0, 0.015)];
const HOUR: f64 = 3_600_000.0;

/// How many requests a second are asked of an application, at any time.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Requests a second at the day's peak.
    pub peak: f64,
    /// How much later the company's clock is than ours.
    pub ahead: Duration,
    /// How much of the day's rise and fall it shows: 1 all of it, 0 none.
    pub swing: f64,
    /// How high the noise is: 1 as usual.
    pub noise: f64,
    /// Clients that repeat their calls.
    pub repeats: Vec<Repeat>,
    /// Its noise follows from it.
    pub seed: u64,
}

/// A client that repeats its calls, and the repeated ones again.
#[derive(Clone, Copy, Debug)]
pub struct Repeat {
    /// Since when.
    pub from: Moment,
    /// Until when, if it has stopped.
    pub until: Option<Moment>,
    /// What it adds with each minute, of the rate that there would be without it.
    pub each_minute: f64,
}

impl Demand {
    /// Requests a second at a time.
    pub fn rate(&self, at: Moment) -> f64 {
        let local = at.plus(self.ahead).as_millis() as f64;
        let day = 1.0 - self.swing * (1.0 - of_day((local / HOUR).rem_euclid(24.0)));
        self.peak * day * self.unrest(at) * self.repeated(at)
    }

    /// What the noise makes of it; 1 on average.
    fn unrest(&self, at: Moment) -> f64 {
        let seconds = at.as_millis() as f64 / 1000.0;
        let mut sum = 1.0;
        for (place, (period, height)) in WAVES.into_iter().enumerate() {
            let own = mix(self.seed, place as u64);
            let (stretch, phase) = (0.8 + 0.4 * unit(own), TAU * unit(mix(own, 1)));
            sum += self.noise * height * (TAU * seconds / (period * stretch) + phase).sin();
        }
        // And what no wave is: another value every few seconds.
        sum + self.noise * 0.025 * (unit(mix(self.seed, at.as_millis().div_euclid(5_000) as u64)) - 0.5)
    }

    fn repeated(&self, at: Moment) -> f64 {
        let since = |repeat: &Repeat| {
            let over = repeat.until.is_some_and(|until| at >= until);
            let minutes = at.since(repeat.from).as_secs_f64() / 60.0;
            if over { 0.0 } else { repeat.each_minute * minutes }
        };
        1.0 + self.repeats.iter().map(since).sum::<f64>()
    }
}

/// How much of the peak there is at an hour of the company's day.
fn of_day(hour: f64) -> f64 {
    let hills: f64 = HILLS
        .into_iter()
        .map(|(top, width, height)| {
            let apart = (hour - top).abs();
            let apart = apart.min(24.0 - apart) / width;
            height * (-0.5 * apart * apart).exp()
        })
        .sum();
    (NIGHT + hills).min(1.0)
}

/// A number that looks random and is not: the same for the same two.
pub(in crate::sim) fn mix(a: u64, b: u64) -> u64 {
    let mut mixed = a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The same as a number from 0 to 1.
pub(in crate::sim) fn unit(mixed: u64) -> f64 {
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}
