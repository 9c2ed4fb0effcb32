//! Cumulative counts: what an application's instances have done since ever, since their boot, since the last reload of
//! their balancer. Sums of rates that are constant for a few seconds, so that no order of asking gives other numbers.

use std::time::Duration;

use super::Application;
use super::queueing::{BOUNDS, Outcome, outcome};
use super::seat::Seat;
use crate::sim::moment::Moment;

/// Rates are constant for so long, in milliseconds.
const CELL: i64 = 15_000;
/// And before the world began for so long: nobody was there to see more.
const LONG_CELL: i64 = 60_000;
/// A connection attempt that nobody answers is given up after so many seconds.
const GIVEN_UP: f64 = 5.0;

/// What an instance has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Requests that were sent to it.
    pub sent: f64,
    /// Answered 200.
    pub ok: f64,
    /// Answered 500.
    pub failed: f64,
    /// Answered 503 by itself.
    pub shed: f64,
    /// Refused, or nobody there.
    pub refused: f64,
    /// Seconds that its answers took, summed up.
    pub took: f64,
    /// Seconds that clients waited for answers that never came.
    pub lost: f64,
    /// Core seconds.
    pub cpu: f64,
    /// How many answers took at most so long.
    pub spread: [f64; BOUNDS.len() + 1],
}

impl Tally {
    /// So many seconds of what happens each second.
    fn add(&mut self, outcome: &Outcome, seconds: f64) {
        self.sent += outcome.sent * seconds;
        self.ok += outcome.ok * seconds;
        self.failed += outcome.failed * seconds;
        self.shed += outcome.shed * seconds;
        self.refused += outcome.refused * seconds;
        self.took += (outcome.ok + outcome.failed) * outcome.mean * seconds;
        self.lost += outcome.refused * GIVEN_UP * seconds;
        self.cpu += outcome.cores * seconds;
        for (sum, rate) in self.spread.iter_mut().zip(outcome.spread()) {
            *sum += rate * seconds;
        }
    }

    /// What has come since.
    #[must_use]
    pub fn since(&self, before: &Tally) -> Tally {
        let mut spread = self.spread;
        spread.iter_mut().zip(before.spread).for_each(|(now, before)| *now -= before);
        Tally {
            sent: self.sent - before.sent,
            ok: self.ok - before.ok,
            failed: self.failed - before.failed,
            shed: self.shed - before.shed,
            refused: self.refused - before.refused,
            took: self.took - before.took,
            lost: self.lost - before.lost,
            cpu: self.cpu - before.cpu,
            spread,
        }
    }

    /// Both.
    #[must_use]
    pub fn and(&self, other: &Tally) -> Tally {
        let mut spread = self.spread;
        spread.iter_mut().zip(other.spread).for_each(|(sum, more)| *sum += more);
        Tally {
            sent: self.sent + other.sent,
            ok: self.ok + other.ok,
            failed: self.failed + other.failed,
            shed: self.shed + other.shed,
            refused: self.refused + other.refused,
            took: self.took + other.took,
            lost: self.lost + other.lost,
            cpu: self.cpu + other.cpu,
            spread,
        }
    }

    /// Answers of the instance itself.
    pub fn answered(&self) -> f64 {
        self.ok + self.failed + self.shed
    }

    /// What clients were told was an error, whoever told it.
    pub fn errors(&self) -> f64 {
        self.failed + self.shed + self.refused
    }
}

/// The counts of one seat.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    ever: Tally,
    at_boot: Tally,
    at_reload: Tally,
}

impl Counts {
    /// So many seconds of what happens each second.
    pub(super) fn of(outcome: &Outcome, seconds: f64) -> Self {
        let mut counts = Self::default();
        counts.ever.add(outcome, seconds);
        counts
    }

    /// Since ever.
    pub fn ever(&self) -> Tally {
        self.ever
    }

    /// Since the guest's last boot: what its process and its hypervisor count.
    pub fn since_boot(&self) -> Tally {
        self.ever.since(&self.at_boot)
    }

    /// Since the balancer was last reloaded: what the balancer's own exporter counts.
    pub fn since_reload(&self) -> Tally {
        self.ever.since(&self.at_reload)
    }
}

/// All counts of an application at a time.
#[derive(Clone, Debug)]
pub struct Mark {
    pub(super) at: Moment,
    /// The epoch that holds, counted from the first ever.
    pub(super) epoch: usize,
    /// By seat.
    pub seats: Vec<Counts>,
    /// What nobody could be sent to.
    pub nobody: Counts,
}

impl Mark {
    /// Sums up all seats, and what came to none.
    pub fn total(&self, which: impl Fn(&Counts) -> Tally) -> Tally {
        self.seats.iter().map(&which).fold(which(&self.nobody), |sum, tally| sum.and(&tally))
    }
}

impl Application {
    /// Shows the counts at times that only go on. Times before the window are taken as its start.
    pub fn walk(&self, times: impl IntoIterator<Item = Moment>, mut see: impl FnMut(Moment, &Mark)) {
        let mut times = times.into_iter();
        let Some(first) = times.next() else { return };
        let mut mark = self.mark_before(first);
        for at in std::iter::once(first).chain(times) {
            self.bring(&mut mark, at);
            see(at, &mark);
        }
    }

    /// The counts at a time.
    pub fn counts(&self, at: Moment) -> Mark {
        let mut mark = self.mark_before(at);
        self.bring(&mut mark, at);
        mark
    }

    fn mark_before(&self, at: Moment) -> Mark {
        let marks = self.marks.borrow();
        let place = marks.partition_point(|mark| mark.at <= at);
        marks[place.saturating_sub(1)].clone()
    }

    /// Brings counts on to a time, and keeps those at full hours.
    fn bring(&self, mark: &mut Mark, to: Moment) {
        self.enter(mark);
        while mark.at < to {
            let next = self.epoch(mark.epoch + 1).map_or(to, |epoch| epoch.from.min(to));
            let until = next.min(hour_after(mark.at));
            self.sum_up(mark, until);
            self.enter(mark);
            self.keep(mark);
        }
    }

    /// Goes on within one epoch.
    fn sum_up(&self, mark: &mut Mark, to: Moment) {
        let Some(epoch) = self.epoch(mark.epoch) else { return };
        let mut outcomes = Vec::with_capacity(epoch.seats.len());
        while mark.at < to {
            let (start, length) = self.cell(mark.at);
            let end = to.min(Moment::from_millis(start + length));
            let seconds = end.since(mark.at).as_secs_f64();
            let unserved = self.outcomes(&epoch.seats, self.middle(mark.at), &mut outcomes);
            for (counts, outcome) in mark.seats.iter_mut().zip(&outcomes) {
                counts.ever.add(outcome, seconds);
            }
            mark.nobody.ever.sent += unserved * seconds;
            mark.nobody.ever.refused += unserved * seconds;
            mark.at = end;
        }
    }

    /// What becomes of the requests at a time; returns how many there is nobody for.
    pub(super) fn outcomes(&self, seats: &[Seat], at: Moment, into: &mut Vec<Outcome>) -> f64 {
        let rate = self.demand.rate(at);
        let shares: f64 = seats.iter().map(|seat| seat.share).sum();
        into.clear();
        into.extend(seats.iter().map(|seat| {
            let sent = if shares > 0.0 { rate * seat.share / shares } else { 0.0 };
            outcome(sent, seat.serving, &self.work(seat, at))
        }));
        if shares > 0.0 { 0.0 } else { rate }
    }

    /// Enters the epochs that have begun: boots and reloads begin counts anew.
    fn enter(&self, mark: &mut Mark) {
        while let (Some(before), Some(next)) = (self.epoch(mark.epoch), self.epoch(mark.epoch + 1)) {
            if next.from > mark.at {
                return;
            }
            mark.seats.resize(next.seats.len(), Counts::default());
            for (place, (counts, seat)) in mark.seats.iter_mut().zip(&next.seats).enumerate() {
                if before.seats.get(place).and_then(|seat| seat.booted) != seat.booted {
                    counts.at_boot = counts.ever;
                }
                if before.reloads != next.reloads {
                    counts.at_reload = counts.ever;
                }
            }
            if before.reloads != next.reloads {
                mark.nobody.at_reload = mark.nobody.ever;
            }
            mark.epoch += 1;
        }
    }

    /// Start and length of the cell that a time lies in.
    fn cell(&self, at: Moment) -> (i64, i64) {
        let length = if at < self.founded { LONG_CELL } else { CELL };
        (at.as_millis().div_euclid(length) * length, length)
    }

    /// The middle of the cell that a time lies in: what is true there is true of the whole cell.
    pub(super) fn middle(&self, at: Moment) -> Moment {
        let (start, length) = self.cell(at);
        Moment::from_millis(start + length / 2)
    }

    fn keep(&self, mark: &Mark) {
        let mut marks = self.marks.borrow_mut();
        let newest = marks.last().is_none_or(|last| last.at < mark.at);
        if newest && hour_after(mark.at).minus(HOUR) == mark.at {
            marks.push(mark.clone());
        }
    }
}

pub(super) const HOUR: Duration = Duration::from_secs(3600);

fn hour_after(at: Moment) -> Moment {
    Moment::from_millis((at.as_millis().div_euclid(3_600_000) + 1) * 3_600_000)
}

/// The next moment at which rates may change.
pub(super) fn next_cell(at: Moment) -> Moment {
    Moment::from_millis((at.as_millis() + CELL - 1).div_euclid(CELL) * CELL)
}
