//! One grid of times for several series: so many columns over a range, each as wide as the others.
//!
//! Columns begin at multiples of their own width, whatever time it is: a graph that is drawn again a second later is
//! the same graph, and its cells do not travel.

use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::series::kept::{Series, number};
use crate::series::tier::{Point, Tier};

/// More than any terminal has.
const MOST_COLUMNS: usize = 10_000;

/// Columns of equal width, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Seconds since 1970 at which the first column begins.
    start: i64,
    /// Seconds of a column.
    step: i64,
    columns: usize,
}

/// No value stands for longer than this, however far apart its neighbours are: seconds.
const LONGEST: i64 = 3600;

/// In how many steps the next one comes, if these come at a steady pace there.
fn steady(told: &[(i64, Point)], at: usize) -> Option<i64> {
    let apart = |at: usize| Some(told.get(at + 1)?.0 - told.get(at)?.0);
    // Of the first, the pace after it is all that is known.
    let (ahead, pace) = (apart(at)?, apart(at.checked_sub(1).unwrap_or(at + 1))?);
    (ahead <= 2 * pace).then_some(ahead)
}

impl Grid {
    /// The last `range` in so many columns; `now` is in the last. Columns are whole seconds wide, so that the grid may
    /// reach back a little further than the range.
    pub fn last(range: Duration, columns: usize, now: Timestamp) -> Self {
        let seconds = range.as_secs().clamp(1, Tier::Quarter.span().unsigned_abs());
        let count = columns.clamp(1, MOST_COLUMNS);
        let step = i64::try_from(seconds.div_ceil(count as u64)).unwrap_or(1);
        let (columns, count) = (columns.min(MOST_COLUMNS), count as i64);
        let end = (now.as_second().div_euclid(step) + 1) * step;
        Self { start: end - step * count, step, columns }
    }

    /// How many columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How much time a column is.
    pub fn step(&self) -> Duration {
        Duration::from_secs(self.step.unsigned_abs())
    }

    /// When a column begins; the one after the last begins where the grid ends.
    pub fn time(&self, column: usize) -> Timestamp {
        Timestamp::from_second(self.begin(column)).unwrap_or_default()
    }

    /// The column that a time is in.
    pub fn column(&self, at: Timestamp) -> Option<usize> {
        let column = usize::try_from((at.as_second() - self.start).div_euclid(self.step)).ok()?;
        (column < self.columns).then_some(column)
    }

    fn begin(&self, column: usize) -> i64 {
        self.start + self.step * column.min(MOST_COLUMNS) as i64
    }
}

impl Series {
    /// What is known in each column, from the finest tier that reaches back to the first; `None` is a gap.
    ///
    /// A value stands for [`Series::stands`], so that a source that tells every five minutes draws a line and not dots.
    /// Where samples were further apart than they are now, as in a past that was fetched, each stands until the next,
    /// if that is not twice as far as the one before.
    pub fn on(&self, grid: &Grid) -> Vec<Option<Point>> {
        let Some((_, newest)) = self.newest() else { return vec![None; grid.columns] };
        let tier = self.tier_for(grid, newest);
        let stands = i64::try_from(self.stands().as_secs()).unwrap_or(i64::MAX);
        let (first, end) = (grid.start - stands.max(LONGEST), grid.begin(grid.columns));
        let told = self.steps(tier, number(first, tier)..number(end - 1, tier) + 1);
        let told: Vec<(i64, Point)> = told.collect();
        // Columns come one after the other, so whoever looks for their steps need not go back.
        let (mut from, mut to) = (0, 0);
        let known = (0..grid.columns).map(|column| {
            let begin = grid.begin(column);
            // A column narrower than a step has what the step has at its beginning.
            let (first, end) = (number(begin, tier), number(begin + grid.step - 1, tier) + 1);
            from += told[from..].iter().take_while(|(step, _)| *step < first).count();
            to += told[to..].iter().take_while(|(step, _)| *step < end).count();
            if from < to {
                return Point::fold(told[from..to].iter().map(|(_, point)| *point));
            }
            let last = from.checked_sub(1)?;
            let (step, point) = told[last];
            let newest = newest.as_second();
            let since = if number(newest, tier) == step { newest } else { step * tier.step() };
            let reach = steady(&told, last).map_or(stands, |steps| steps * tier.step());
            (begin <= since + reach).then(|| Point::of(point.mean))
        });
        known.collect()
    }

    fn tier_for(&self, grid: &Grid, newest: Timestamp) -> Tier {
        let reaches = |tier: &Tier| number(grid.start, *tier) > number(newest.as_second(), *tier) - tier.most() as i64;
        // A day of ten-second steps is never needed for a hundred columns, and is not there either.
        Tier::ALL.into_iter().find(reaches).unwrap_or(Tier::Quarter)
    }
}
