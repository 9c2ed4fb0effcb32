//! One series: what was told of one thing, newest in detail, older coarser.

use std::ops::Range;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::series::ring::Ring;
use crate::series::tier::{Coarse, Point, Tier};

/// How many distances between samples tell how often they come.
const DISTANCES: usize = 5;
/// How long a value stands at least, and for a series of which nobody knows yet how often it is told.
const STANDS: i64 = 30;
/// How many of its own periods a value stands.
const PERIODS: i64 = 2;

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The newest so far.
    Newest,
    /// Older than the newest; it filled a gap, or moved the least and the most of a coarser step.
    Late,
    /// That step was told already; nothing changed.
    Repeated,
    /// Older than all that is kept.
    TooOld,
    /// Less than zero, or not a finite number.
    Odd,
}

/// Values of one thing over time.
#[derive(Clone, Debug, Default)]
pub struct Series {
    full: Ring<f32>,
    coarse: [Ring<Coarse>; 3],
    newest: Option<Newest>,
    /// Seconds between samples that came in order, the last few; zero where there were not so many yet.
    distances: [u16; DISTANCES],
}

/// The newest sample, and the others of its step.
#[derive(Clone, Copy, Debug)]
struct Newest {
    millis: i64,
    value: f64,
    /// Of the samples of its step.
    sum: f64,
    count: u32,
}

impl Series {
    /// Takes one sample.
    ///
    /// - *In order*: it is the newest. Several within 10 s become their mean.
    /// - *Out of order, late*: within 15 min it fills its gap as if it had come in time. Later than that it fills a gap
    ///   of the finest tier that still holds its time; where that step is known it only widens least and most.
    /// - *Twice*: a step before the newest that is known stays as it is, so a batch that comes again changes nothing.
    /// - *Not a number, or less than zero*: refused.
    /// - *A clock that was put back*: its samples are late ones until it has caught up; what is kept stays.
    /// - *A clock that was put on*: the series moves on with it; whoever knows what time it is calls [`Series::cut`].
    pub fn put(&mut self, at: Timestamp, value: f64) -> Put {
        if !value.is_finite() || value < 0.0 {
            return Put::Odd;
        }
        let millis = at.as_millisecond();
        match self.newest {
            Some(newest) if millis == newest.millis => Put::Repeated,
            Some(newest) if millis < newest.millis => self.put_late(second(millis), value),
            _ => self.put_newest(millis, value),
        }
    }

    /// Takes many samples, in whatever order: what is too old for full step is gathered by the steps that still hold it,
    /// so that a past told afterwards has the same means as one told in time. How many changed something.
    pub fn put_all(&mut self, samples: &mut [(Timestamp, f64)]) -> usize {
        samples.sort_by_key(|(at, _)| *at);
        let mut rest = &*samples;
        let mut changed = 0;
        while let Some((at, value)) = rest.first() {
            let begin = second(at.as_millisecond());
            let tier = self.finest(begin);
            let of_step = |(at, _): &&(Timestamp, f64)| {
                let other = second(at.as_millisecond());
                tier != Tier::Full && number(other, tier) == number(begin, tier) && self.finest(other) == tier
            };
            let (step, later) = rest.split_at(rest.iter().take_while(of_step).count().max(1));
            let put = match step {
                [_] => self.put(*at, *value),
                _ => self.put_past(begin, step.iter().map(|(_, value)| *value)),
            };
            changed += if matches!(put, Put::Newest | Put::Late) { step.len() } else { 0 };
            rest = later;
        }
        changed
    }

    fn put_past(&mut self, second: i64, values: impl Iterator<Item = f64>) -> Put {
        let sound = values.filter(|value| value.is_finite() && *value >= 0.0);
        let Some(point) = Point::fold(sound.map(Point::of)) else { return Put::Odd };
        if self.fold_up(second, point) { Put::Late } else { Put::TooOld }
    }

    /// The finest tier that keeps a second.
    fn finest(&self, second: i64) -> Tier {
        let keeps = |tier: &Tier| match self.ring(*tier) {
            Some(ring) => ring.holds(number(second, *tier), tier.most()),
            None => self.full.holds(number(second, *tier), tier.most()),
        };
        Tier::ALL.into_iter().find(keeps).unwrap_or(Tier::Quarter)
    }

    /// Forgets what is after that time: a clock was wrong, this one or the teller's.
    pub fn cut(&mut self, last: Timestamp) {
        let last = second(last.as_millisecond());
        if self.newest.is_none_or(|newest| second(newest.millis) <= last) {
            return;
        }
        self.full.cut(number(last, Tier::Full));
        for (ring, tier) in self.coarse.iter_mut().zip(&Tier::ALL[1..]) {
            ring.cut(number(last, *tier));
        }
        let Some((at, point)) = Tier::ALL.iter().find_map(|tier| self.points(*tier).next_back()) else {
            *self = Self::default();
            return;
        };
        let millis = at.as_millisecond();
        self.newest = Some(Newest { millis, value: point.mean, sum: point.mean, count: 1 });
        // The coarser steps had some of what is gone.
        self.fold_up(second(millis), point);
    }

    /// The newest sample.
    pub fn newest(&self) -> Option<(f64, Timestamp)> {
        self.newest.map(|newest| (newest.value, time(newest.millis)))
    }

    /// How often it is told: the median of the last distances.
    pub fn period(&self) -> Option<Duration> {
        let mut sorted = self.distances;
        sorted.sort_unstable();
        // Those that are not known yet come first.
        let known = &sorted[sorted.iter().take_while(|seconds| **seconds == 0).count()..];
        known.get(known.len() / 2).map(|seconds| Duration::from_secs(u64::from(*seconds)))
    }

    /// How long a value stands before its absence is a gap: twice as long as samples are usually apart.
    pub fn stands(&self) -> Duration {
        let period = self.period().map_or(0, |period| period.as_secs());
        Duration::from_secs((period * PERIODS as u64).max(STANDS as u64))
    }

    /// Whether the newest value still stands.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.newest.is_some_and(|newest| {
            let age = now.as_millisecond() - newest.millis;
            age <= STANDS * 1000 || age <= i64::try_from(self.stands().as_millis()).unwrap_or(i64::MAX)
        })
    }

    /// The known steps of a tier, oldest first, each with the time when it begins.
    pub fn points(&self, tier: Tier) -> impl DoubleEndedIterator<Item = (Timestamp, Point)> + '_ {
        self.numbered(tier, i64::MIN..i64::MAX)
    }

    /// The known steps of a tier with these numbers.
    fn numbered(&self, tier: Tier, numbers: Range<i64>) -> impl DoubleEndedIterator<Item = (Timestamp, Point)> + '_ {
        self.steps(tier, numbers).map(move |(number, point)| (begin(number, tier), point))
    }

    /// The same, each with its number.
    pub(crate) fn steps(
        &self,
        tier: Tier,
        Range { start, end }: Range<i64>,
    ) -> impl DoubleEndedIterator<Item = (i64, Point)> + '_ {
        let (oldest, newest) = match self.ring(tier) {
            Some(ring) => (ring.oldest(), ring.newest()),
            None => (self.full.oldest(), self.full.newest()),
        };
        let numbers = oldest.unwrap_or(0).max(start)..newest.map_or(0, |newest| newest + 1).min(end);
        numbers.filter_map(move |number| Some((number, self.point(tier, number)?)))
    }

    /// The known steps of a tier that begin within `from..to`.
    pub fn within(&self, tier: Tier, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, Point)> + '_ {
        // The first step that begins no earlier, and the first that begins no earlier than the end.
        let at = |time: Timestamp| {
            let second = time.as_second() + i64::from(time.subsec_nanosecond() > 0);
            second.div_euclid(tier.step()) + i64::from(second.rem_euclid(tier.step()) > 0)
        };
        self.numbered(tier, at(from)..at(to))
    }

    /// The known past, newest first, each time by the finest tier that still holds it, and by none finer than that. A
    /// coarser step of which finer ones tell a part is left out: it would seem to tell of all its time.
    pub fn back(&self, finest: Tier) -> impl Iterator<Item = (Timestamp, Tier, Point)> + '_ {
        let tiers = Tier::ALL.into_iter().filter(move |tier| *tier >= finest);
        let steps = tiers.flat_map(|tier| self.points(tier).rev().map(move |(at, point)| (at, tier, point)));
        let mut earliest = Timestamp::MAX;
        steps.filter(move |(at, tier, _)| {
            let earlier = earliest == Timestamp::MAX || at.as_second() + tier.step() <= earliest.as_second();
            earliest = if earlier { *at } else { earliest };
            earlier
        })
    }

    /// What is known of the step of a tier that is at that time.
    pub fn at(&self, tier: Tier, time: Timestamp) -> Option<Point> {
        self.point(tier, number(time.as_second(), tier))
    }

    /// Bytes that it takes, all told.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.full.bytes() + self.coarse.iter().map(Ring::bytes).sum::<usize>()
    }

    pub(crate) fn point(&self, tier: Tier, number: i64) -> Option<Point> {
        match self.ring(tier) {
            Some(ring) => ring.point(number),
            None => self.full.point(number),
        }
    }

    fn ring(&self, tier: Tier) -> Option<&Ring<Coarse>> {
        (tier as usize).checked_sub(1).and_then(|at| self.coarse.get(at))
    }

    fn put_newest(&mut self, millis: i64, value: f64) -> Put {
        let second = second(millis);
        let step = number(second, Tier::Full);
        let same = self.newest.filter(|newest| number(self::second(newest.millis), Tier::Full) == step);
        if let Some(newest) = self.newest {
            self.learn(millis - newest.millis);
        }
        let (sum, count) = same.map_or((0.0, 0), |newest| (newest.sum, newest.count));
        let newest = Newest { millis, value, sum: sum + value, count: count + 1 };
        self.newest = Some(newest);
        let mean = newest.sum / f64::from(newest.count);
        if let Some(cell) = self.full.cell(step, Tier::Full.most()) {
            *cell = mean as f32;
        }
        self.fold_up(second, Point::of(mean));
        Put::Newest
    }

    fn put_late(&mut self, second: i64, value: f64) -> Put {
        let step = number(second, Tier::Full);
        if self.full.point(step).is_some() {
            return Put::Repeated;
        }
        if let Some(cell) = self.full.cell(step, Tier::Full.most()) {
            *cell = value as f32;
        }
        if self.fold_up(second, Point::of(value)) { Put::Late } else { Put::TooOld }
    }

    /// Makes the coarser steps around a second anew from the finer ones, where these are all still there; whether any
    /// tier keeps that time.
    fn fold_up(&mut self, second: i64, told: Point) -> bool {
        let mut kept = false;
        for (at, pair) in Tier::ALL.windows(2).enumerate() {
            let (finer, tier) = (pair[0], pair[1]);
            let number = number(second, tier);
            let ratio = tier.step() / finer.step();
            let steps = number * ratio..(number + 1) * ratio;
            let whole = match at.checked_sub(1) {
                None => self.full.holds(steps.start, finer.most()),
                Some(below) => self.coarse[below].holds(steps.start, finer.most()),
            };
            let folded = if whole { Point::fold(steps.filter_map(|step| self.point(finer, step))) } else { None };
            let Some(cell) = self.coarse[at].cell(number, tier.most()) else { continue };
            *cell = folded.map_or_else(|| cell.widened(told), Coarse::of);
            kept = true;
        }
        kept
    }

    fn learn(&mut self, millis: i64) {
        let seconds = u16::try_from((millis + 500) / 1000).unwrap_or(u16::MAX).max(1);
        self.distances.rotate_left(1);
        self.distances[DISTANCES - 1] = seconds;
    }
}

/// The number of the step that a second is in.
pub(crate) fn number(second: i64, tier: Tier) -> i64 {
    second.div_euclid(tier.step())
}

fn begin(number: i64, tier: Tier) -> Timestamp {
    time(number * tier.step() * 1000)
}

fn second(millis: i64) -> i64 {
    millis.div_euclid(1000)
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}
