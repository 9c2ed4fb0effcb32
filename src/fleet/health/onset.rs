//! Since when a load rises, and since when its capacity has been about to end: by the minutes of the last hour.
//!
//! A rise began when the load left what it had been: the last time that it was no more than in the hour that it is held
//! against. Its capacity is about to end since the minute at which the same rule would have said so, capacity being what
//! it is now. Older minutes are kept in coarser steps, which have no trend of ten minutes: of them nothing is told.

use std::time::Duration;

use super::past::{self, Then};
use super::quality::TWO_MINUTES;
use crate::base::clock::Timestamp;
use crate::fleet::Began;
use crate::series::statistics::mean;
use crate::series::{Series, Tier};

/// A trend that is lost for less is not over: trends waver.
const WAVERS: Duration = Duration::from_secs(300);

/// Less than this share above what it was is no rise, however even the load had been.
const LEAST: f64 = 0.01;

/// Since when the load lies beyond chance above `hour`; `chance` is how much a minute may.
pub(super) fn left(series: &Series, hour: f64, chance: f64) -> Option<Began> {
    let beyond = chance.max(LEAST * hour);
    past::above(series, hour + beyond, hour + beyond / 2.0, TWO_MINUTES)
}

/// Since when it is so by the level of some minutes and the trend of more, each with its minute and its mean; `so` is
/// told the level and the minutes of the trend.
pub(super) fn was(
    series: &Series,
    (level, trend): (usize, usize),
    so: impl Fn(f64, &[(f64, f64)]) -> Then,
) -> Option<Began> {
    let minutes: Vec<(Timestamp, f64)> = series.points(Tier::Minute).map(|(at, point)| (at, point.mean)).collect();
    let numbered: Vec<(f64, f64)> = minutes.iter().map(|(at, mean)| (at.as_second() as f64 / 60.0, *mean)).collect();
    let past = (0..minutes.len()).rev().map_while(|last| {
        let end = numbered[last].0;
        let within = |count: usize| &numbered[numbered.partition_point(|(at, _)| *at <= end - count as f64)..=last];
        // Before there are enough of them nobody knows.
        let whole = within(trend).first().is_some_and(|(first, _)| *first <= end + 1.0 - trend as f64);
        let values: Vec<f64> = within(level).iter().map(|(_, mean)| *mean).collect();
        Some((minutes[last].0, Tier::Minute, so(mean(&values)?, within(trend)))).filter(|_| whole)
    });
    past::began(past, WAVERS)
}
