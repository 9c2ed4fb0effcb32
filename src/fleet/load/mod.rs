//! How loaded everything is, and how it got there: a series for each subject, metric and source.
//!
//! Whoever has read something calls [`Load::take`]; whoever has a new fleet calls [`Load::follow`]; everything else only
//! reads. Times are the cloud's. For one metric several sources may tell: [`prefer::order`] says who is believed, and a
//! source whose value no longer stands gives way to the next. Where sources tell of instances alone, the service and
//! each of its versions get a number from theirs ([`prefer::sharing`]) as time goes on, so that the past stays right
//! when instances go.
//!
//! Deliberately absent: how sources are asked (`watch`), and what the numbers mean ([`crate::fleet::health`]).

mod adding;
pub mod prefer;

pub use adding::Sums;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::observation::Observation;
use crate::fleet::Fleet;
use crate::fleet::map::{Map, Set};
use crate::fleet::metric::{Meter, Metric, Sample, Subject};
use crate::fleet::service::ServiceKey;
use crate::series::{Grid, Point, Put, Series};

/// How far ahead of the cloud's time a sample may be: clocks that are kept differ by less.
const AHEAD: Duration = Duration::from_secs(120);

/// A series for each subject, metric and source.
#[derive(Clone, Debug, Default)]
pub struct Load {
    kept: Map<Subject, Vec<Kept>>,
    /// Those of whom something was told that is not only the newest.
    filled: Set<Subject>,
    /// Those of whom anything was told since somebody asked that last.
    heard: Set<Subject>,
    /// Until when nothing is over, if nobody goes.
    lasts: Timestamp,
    /// How many samples each source's newest answer had, or why there was none.
    meters: BTreeMap<Meter, Observation<usize>>,
}

#[derive(Clone, Debug)]
struct Kept {
    metric: Metric,
    meter: Meter,
    /// From instances, not told as such.
    added_up: bool,
    /// Since when there is something in it that is not only the newest: whole services lack it until they follow.
    filled: Option<Timestamp>,
    series: Series,
}

/// A value and who told it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// In the metric's unit.
    pub value: f64,
    /// Who told it.
    pub meter: Meter,
    /// Whether it is made of what instances told.
    pub added_up: bool,
}

/// What is drawn of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// Who told it.
    pub meter: Meter,
    /// Whether it is made of what instances told; then least and most are bounds.
    pub added_up: bool,
    /// What is known in each column of the grid.
    pub columns: Vec<Option<Point>>,
}

/// What became of a batch of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Kept.
    pub kept: usize,
    /// Nothing new: told already, or too old to be kept.
    pub known: usize,
    /// Refused: more than two minutes ahead of the cloud's time.
    pub ahead: usize,
    /// Refused: less than zero, or not a finite number.
    pub odd: usize,
}

impl Load {
    /// Takes what a source told. A past is best told one thing after the other, each thing's samples together: then it
    /// does not matter that it comes after the present.
    pub fn take(&mut self, samples: &[Sample], now: Timestamp) -> Taken {
        let mut taken = Taken::default();
        let last = later(now, AHEAD);
        for same in samples.chunk_by(|a, b| key(a) == key(b)) {
            let Some(first) = same.first() else { continue };
            let mut batch: Vec<(Timestamp, f64)> = Vec::with_capacity(same.len());
            for sample in same {
                match sample {
                    Sample { value, .. } if !value.is_finite() || *value < 0.0 => taken.odd += 1,
                    Sample { at, .. } if *at > last => taken.ahead += 1,
                    Sample { at, value, .. } => batch.push((*at, *value)),
                }
            }
            if batch.is_empty() {
                continue;
            }
            let told = self.kept_mut(&first.subject, first.metric, first.meter, false);
            let series = &mut told.series;
            // It is from before a clock was put right.
            if series.newest().is_some_and(|(_, at)| at > last) {
                series.cut(last);
            }
            let newest = series.newest().map(|(_, at)| at);
            let oldest = batch.iter().map(|(at, _)| *at).min();
            let kept = match batch[..] {
                [(at, value)] => usize::from(matches!(series.put(at, value), Put::Newest | Put::Late)),
                _ => series.put_all(&mut batch),
            };
            let latest = series.newest().map_or(Timestamp::MIN, |(_, at)| at);
            if kept > 1 || (kept > 0 && oldest < newest) {
                told.filled = told.filled.into_iter().chain(oldest).min();
                self.filled.insert(first.subject.clone());
            }
            self.lasts = self.lasts.min(later(latest, adding::kept_for()));
            if kept > 0 && !self.heard.contains(&first.subject) {
                self.heard.insert(first.subject.clone());
            }
            taken.kept += kept;
            taken.known += batch.len() - kept;
        }
        let mut counts: BTreeMap<Meter, usize> = BTreeMap::new();
        for same in samples.chunk_by(|a, b| a.meter == b.meter) {
            *counts.entry(same[0].meter).or_default() += same.len();
        }
        for (meter, count) in counts {
            self.meters.entry(meter).or_default().learn(Ok(count), now);
        }
        taken
    }

    /// A source could not be read.
    pub fn fail(&mut self, meter: Meter, failure: Failure, now: Timestamp) {
        self.meters.entry(meter).or_default().learn(Err(failure), now);
    }

    /// How many samples each source's newest answer had, and why the newest attempt brought none.
    pub fn meters(&self) -> &BTreeMap<Meter, Observation<usize>> {
        &self.meters
    }

    /// Keeps up with the fleet: adds instances up to versions and services, and forgets what is gone.
    pub fn follow(&mut self, fleet: &Fleet, now: Timestamp) {
        let sums = self.sums(fleet, now, None);
        self.add(sums);
    }

    /// Those of whom anything was told since this was asked last.
    pub(crate) fn take_heard(&mut self) -> Set<Subject> {
        std::mem::take(&mut self.heard)
    }

    /// The newest value by the most believed source whose value still stands; when none does, the newest of all. Its
    /// failure is that source's.
    pub fn current(&self, subject: &Subject, metric: Metric, now: Timestamp) -> Observation<Reading> {
        let Some(kept) = self.chosen(subject, metric, now) else {
            let failures = prefer::order(metric).into_iter().filter_map(|meter| self.meters.get(&meter));
            return Observation { known: None, failure: failures.filter_map(|of| of.failure.clone()).next() };
        };
        let reading = |value| Reading { value, meter: kept.meter, added_up: kept.added_up };
        let known = kept.series.newest().map(|(value, at)| (reading(value), at));
        let failure = self.meters.get(&kept.meter).and_then(|meter| meter.failure.clone());
        Observation { known, failure }
    }

    /// What is known of a subject: for whoever wants to know several things of it.
    pub fn of(&self, subject: &Subject) -> Known<'_> {
        Known(self.kept.get(subject).map_or(&[], Vec::as_slice))
    }

    /// What is known of a metric in each column, by the source that [`Load::current`] takes; `None` when nothing ever
    /// was. One graph has one source: two that disagree would draw a step that never was.
    pub fn graph(&self, subject: &Subject, metric: Metric, grid: &Grid, now: Timestamp) -> Option<Graph> {
        let kept = self.chosen(subject, metric, now)?;
        Some(Graph { meter: kept.meter, added_up: kept.added_up, columns: kept.series.on(grid) })
    }

    /// The series that [`Load::current`] takes, and its source.
    pub fn series(&self, subject: &Subject, metric: Metric, now: Timestamp) -> Option<(Meter, &Series)> {
        self.of(subject).series(metric, now)
    }

    /// A metric by that source alone, told of the subject itself before added up.
    pub fn by(&self, subject: &Subject, metric: Metric, meter: Meter) -> Option<&Series> {
        self.of(subject).by(metric, meter)
    }

    /// Whether nothing was ever told.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether anything is kept of a subject.
    pub fn is_known(&self, subject: &Subject) -> bool {
        self.kept.contains_key(subject)
    }

    /// What is known of a subject, and by whom.
    pub fn known(&self, subject: &Subject) -> impl Iterator<Item = (Metric, Meter)> + '_ {
        self.kept.get(subject).into_iter().flatten().map(|kept| (kept.metric, kept.meter))
    }

    /// When anything was last told of a subject, and whether anything told of it still stands.
    pub fn heard(&self, subject: &Subject, now: Timestamp) -> Option<(Timestamp, bool)> {
        self.of(subject).heard(now)
    }

    /// The versions of a service of which anything is kept, also those that no instance runs any more; sorted.
    pub fn versions(&self, service: &ServiceKey) -> Vec<Arc<str>> {
        let version = |subject: &Subject| match subject {
            Subject::Version(key, version) if key == service => Some(Arc::clone(version)),
            _ => None,
        };
        let mut versions: Vec<Arc<str>> = self.kept.keys().filter_map(version).collect();
        versions.sort_unstable_by(|a, b| crate::fleet::version::compare(a, b));
        versions
    }

    /// Bytes that it takes, without the ids, which the fleet has anyway.
    pub fn bytes(&self) -> usize {
        let of = |kept: &Vec<Kept>| {
            let spare = (kept.capacity() - kept.len()) * size_of::<Kept>();
            let each = |kept: &Kept| kept.series.bytes() + size_of::<Kept>() - size_of::<Series>();
            spare + kept.iter().map(each).sum::<usize>()
        };
        let table = self.kept.capacity() * (size_of::<(Subject, Vec<Kept>)>() + 1);
        size_of::<Self>() + table + self.kept.values().map(of).sum::<usize>()
    }

    /// Of several sources the one that is believed now.
    fn chosen(&self, subject: &Subject, metric: Metric, now: Timestamp) -> Option<&Kept> {
        self.of(subject).chosen(metric, now)
    }

    fn kept_mut(&mut self, subject: &Subject, metric: Metric, meter: Meter, added_up: bool) -> &mut Kept {
        let kept = self.kept.entry(subject.clone()).or_default();
        let is = |kept: &Kept| (kept.metric, kept.meter, kept.added_up) == (metric, meter, added_up);
        let at = kept.iter().position(is).unwrap_or_else(|| {
            kept.reserve_exact(1);
            kept.push(Kept { metric, meter, added_up, filled: None, series: Series::default() });
            kept.len() - 1
        });
        &mut kept[at]
    }
}

/// What is known of one subject.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a>(&'a [Kept]);

impl<'a> Known<'a> {
    /// Every series.
    pub(crate) fn all(self) -> impl Iterator<Item = &'a Series> {
        self.0.iter().map(|kept| &kept.series)
    }

    /// Nothing.
    pub(crate) fn nothing() -> Self {
        Self(&[])
    }

    /// Whether nothing is.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// As [`Load::series`].
    pub fn series(self, metric: Metric, now: Timestamp) -> Option<(Meter, &'a Series)> {
        self.chosen(metric, now).map(|kept| (kept.meter, &kept.series))
    }

    /// As [`Load::by`].
    pub fn by(self, metric: Metric, meter: Meter) -> Option<&'a Series> {
        let of = |added_up: bool| self.find(metric, meter, added_up);
        of(false).or_else(|| of(true)).map(|kept| &kept.series)
    }

    /// As [`Load::heard`].
    pub fn heard(self, now: Timestamp) -> Option<(Timestamp, bool)> {
        let heard = self.0.iter().filter_map(|kept| {
            let (_, at) = kept.series.newest()?;
            Some((at, kept.series.is_fresh(now)))
        });
        heard.reduce(|one, other| (one.0.max(other.0), one.1 || other.1))
    }

    fn chosen(self, metric: Metric, now: Timestamp) -> Option<&'a Kept> {
        let mut of_metric = self.0.iter().filter(|kept| kept.metric == metric);
        let first = of_metric.next()?;
        // Most have one source: nobody else can be believed.
        let Some(second) = of_metric.next() else { return Some(first) };
        [first, second].into_iter().chain(of_metric).min_by_key(|kept| {
            let newest = kept.series.newest().map(|(_, at)| at);
            let stands = kept.series.is_fresh(now);
            // Of those that no longer stand the newest.
            let age = if stands { None } else { newest };
            (!stands, Reverse(age), prefer::rank(metric, kept.meter), kept.added_up)
        })
    }

    fn find(self, metric: Metric, meter: Meter, added_up: bool) -> Option<&'a Kept> {
        let is = |kept: &&Kept| (kept.metric, kept.meter, kept.added_up) == (metric, meter, added_up);
        self.0.iter().find(is)
    }
}

fn key(sample: &Sample) -> (&Subject, Metric, Meter) {
    (&sample.subject, sample.metric, sample.meter)
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
