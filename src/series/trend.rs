//! Whether numbers rise, how fast, and whether that may be chance.
//!
//! Slope: the median of the slopes of all pairs (Theil 1950, Sen 1968), which a few wild values do not move. Chance: the
//! test of Mann (1945) and Kendall, whose score is normal from about ten points on; ties are taken into account.

use crate::series::statistics::median;

/// A line through points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// How much it rises for one step of x.
    pub slope: f64,
    /// What the line is at the last x.
    pub last: f64,
    /// Mann and Kendall's score: above 2.3 a rise is chance once in a hundred times.
    pub score: f64,
}

/// The trend of some points; `None` of fewer than three, or when all have the same x.
pub fn trend(points: &[(f64, f64)]) -> Option<Trend> {
    if points.len() < 3 {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len() * (points.len() - 1) / 2);
    let mut balance = 0.0;
    for (at, (x, y)) in points.iter().enumerate() {
        for (later, other) in &points[at + 1..] {
            if later != x {
                slopes.push((other - y) / (later - x));
                balance += if other == y { 0.0 } else { (other - y).signum() * (later - x).signum() };
            }
        }
    }
    let slope = median(&slopes)?;
    let end = points.iter().map(|(x, _)| *x).fold(f64::NEG_INFINITY, f64::max);
    let last = median(&points.iter().map(|(x, y)| y + slope * (end - x)).collect::<Vec<_>>())?;
    Some(Trend { slope, last, score: score(balance, points) })
}

fn score(balance: f64, points: &[(f64, f64)]) -> f64 {
    let variance = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0) / 18.0;
    let mut values: Vec<f64> = points.iter().map(|(_, y)| *y).collect();
    values.sort_unstable_by(f64::total_cmp);
    let ties: f64 = values.chunk_by(|a, b| a == b).map(|same| variance(same.len() as f64)).sum();
    let spread = (variance(points.len() as f64) - ties).max(0.0).sqrt();
    if spread == 0.0 || balance == 0.0 { 0.0 } else { (balance - balance.signum()) / spread }
}
