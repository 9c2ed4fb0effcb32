//! Several series on one grid made into one.
//!
//! A series that has not begun, or has ended, is not missed: instances come and go. One that is silent in between is
//! missed; where more than a fifth of those due are silent, the whole is a gap, not a dip. (Four fifths is what an
//! autoscaler should want to see before it takes anything away: `reference/rollouts-and-healing.md`, row 29.)

use crate::series::tier::Point;

/// What the whole is of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Their sum. Least and most are bounds: the parts need not have had theirs at one moment.
    Sum,
    /// Their mean; every part weighs the same. Least and most are those of any part.
    Mean,
}

/// The share of the parts due that must be known.
const ENOUGH: f64 = 0.8;

/// The whole of some parts, all on the same grid.
pub fn combine(parts: &[Vec<Option<Point>>], fold: Fold) -> Vec<Option<Point>> {
    let columns = parts.iter().map(Vec::len).max().unwrap_or(0);
    let due: Vec<Option<(usize, usize)>> = parts.iter().map(|part| span(part)).collect();
    let column = |column: usize| {
        let known = parts.iter().filter_map(|part| part.get(column).copied().flatten());
        let due = due.iter().flatten().filter(|(first, last)| (*first..=*last).contains(&column)).count();
        whole(known, due, fold)
    };
    (0..columns).map(column).collect()
}

/// One moment of several parts, of which so many are due.
pub fn whole(known: impl Iterator<Item = Point>, due: usize, fold: Fold) -> Option<Point> {
    let (sum, count, extremes) = known.fold((Point::of(0.0), 0_usize, None), |(sum, count, extremes), point| {
        let (min, max) = extremes.unwrap_or((point.min, point.max));
        let sum = Point { mean: sum.mean + point.mean, min: sum.min + point.min, max: sum.max + point.max };
        (sum, count + 1, Some((point.min.min(min), point.max.max(max))))
    });
    let (min, max) = extremes?;
    if (count as f64) < ENOUGH * due as f64 {
        return None;
    }
    Some(match fold {
        Fold::Sum => sum,
        Fold::Mean => Point { mean: sum.mean / count as f64, min, max },
    })
}

/// A mean of means, each with its weight; `None` where a mean has no weight, or all weigh nothing.
pub fn weighted(means: &[Vec<Option<Point>>], weights: &[Vec<Option<Point>>]) -> Vec<Option<Point>> {
    let columns = means.iter().map(Vec::len).max().unwrap_or(0);
    let due: Vec<Option<(usize, usize)>> = means.iter().map(|part| span(part)).collect();
    let at = |of: &[Option<Point>], column: usize| of.get(column).copied().flatten();
    let column = |column: usize| {
        let pairs = means.iter().zip(weights).map(|(mean, weight)| (at(mean, column), at(weight, column)));
        let due = due.iter().flatten().filter(|(first, last)| (*first..=*last).contains(&column)).count();
        mean_by_weight(pairs, due)
    };
    (0..columns).map(column).collect()
}

/// One moment of a mean of means. What weighs nothing needs no mean: nobody waited for an answer that nobody asked.
pub fn mean_by_weight(pairs: impl Iterator<Item = (Option<Point>, Option<Point>)>, due: usize) -> Option<Point> {
    let (mut sum, mut weights, mut told) = (0.0, 0.0, 0_usize);
    let mut extremes: Option<(f64, f64)> = None;
    for pair in pairs {
        match pair {
            (_, Some(weight)) if weight.mean <= 0.0 => told += 1,
            (Some(mean), Some(weight)) => {
                sum += mean.mean * weight.mean;
                weights += weight.mean;
                told += 1;
                let (min, max) = extremes.unwrap_or((mean.min, mean.max));
                extremes = Some((min.min(mean.min), max.max(mean.max)));
            }
            _ => {}
        }
    }
    let (min, max) = extremes?;
    ((told as f64) >= ENOUGH * due as f64).then(|| Point { mean: sum / weights, min, max })
}

/// The first and the last known column.
fn span(part: &[Option<Point>]) -> Option<(usize, usize)> {
    let first = part.iter().position(Option::is_some)?;
    let last = part.iter().rposition(Option::is_some)?;
    Some((first, last))
}
