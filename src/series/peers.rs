//! How far one is from its peers.
//!
//! The modified z-score of Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (ASQC, 1993), as in NIST's
//! e-Handbook, 1.3.5.17: `0.6745 (x - median) / MAD`; they take what is beyond 3.5 as an outlier. Where more than half
//! of the peers are equal the MAD is zero, and the mean distance stands in: `(x - median) / (1.2533 × mean distance)`.

use crate::series::statistics::{mean, median, spread};

/// Fewer peers than this make no crowd.
pub const FEWEST: usize = 3;

/// The score of a value among its peers, itself not among them: positive above, negative below. `None` with fewer than
/// three peers. When all peers are equal, any other value is infinitely far.
pub fn score(value: f64, peers: &[f64]) -> Option<f64> {
    Crowd::of(peers).map(|crowd| crowd.score(value))
}

/// What some peers have in common, for whoever holds several values against them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crowd {
    /// Their median.
    pub middle: f64,
    /// What a distance is taken by, and divided by.
    scale: (f64, f64),
}

impl Crowd {
    /// `None` of fewer than three.
    pub fn of(peers: &[f64]) -> Option<Self> {
        if peers.len() < FEWEST {
            return None;
        }
        let middle = median(peers)?;
        let mad = spread(peers)?;
        if mad > 0.0 {
            return Some(Self { middle, scale: (0.6745, mad) });
        }
        let distances: Vec<f64> = peers.iter().map(|peer| (peer - middle).abs()).collect();
        Some(Self { middle, scale: (1.0, 1.253_314 * mean(&distances)?) })
    }

    /// As [`score`].
    pub fn score(&self, value: f64) -> f64 {
        let away = value - self.middle;
        if away == 0.0 { 0.0 } else { self.scale.0 * away / self.scale.1 }
    }
}
