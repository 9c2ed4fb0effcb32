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
    if peers.len() < FEWEST {
        return None;
    }
    let middle = median(peers)?;
    let away = value - middle;
    if away == 0.0 {
        return Some(0.0);
    }
    let mad = spread(peers)?;
    if mad > 0.0 {
        return Some(0.6745 * away / mad);
    }
    let distances: Vec<f64> = peers.iter().map(|peer| (peer - middle).abs()).collect();
    Some(away / (1.253_314 * mean(&distances)?))
}
