//! From instances up to versions and services, for each source that tells of instances alone.
//!
//! The sum goes on as a series of its own: when an instance goes, what it did yesterday stays in it. A past that
//! sources tell afterwards is added up too, of the instances that are there.
//!
//! What is to be added is worked out from the load as it is ([`Load::sums`]), which may take a while; adding it
//! ([`Load::add`]) takes none.

use std::sync::Arc;
use std::time::Duration;

use super::prefer::{Sharing, sharing};
use super::{Kept, Known, Load, later};
use crate::base::clock::{Timestamp, since};
use crate::base::id::InstanceId;
use crate::fleet::health::{self, Anew};
use crate::fleet::map::Set;
use crate::fleet::metric::{Meter, Metric, Subject};
use crate::fleet::service::{Fleet, Member};
use crate::series::combine::{Fold, combine, mean_by_weight, weighted, whole};
use crate::series::{Grid, Point, Series, Tier};

/// How long what an instance told outlives the instance. Samples may come before Nova lists it.
const GONE: Duration = Duration::from_secs(5 * 60);

/// How long anything else is kept.
pub(super) fn kept_for() -> Duration {
    span(Tier::Quarter)
}

/// What services and versions get from their instances, and whose series are over.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    all: Vec<Sum>,
    over: Option<Over>,
    now: Timestamp,
}

/// Whose series are over, and how old a value of theirs may be; and until when nobody else's are.
#[derive(Clone, Debug)]
struct Over {
    whose: Vec<(Subject, Duration)>,
    until: Timestamp,
}

#[derive(Clone, Debug)]
struct Sum {
    whole: Subject,
    metric: Metric,
    meter: Meter,
    past: Vec<(Timestamp, f64)>,
    current: Option<(Timestamp, f64)>,
}

/// An instance of a whole, and whether it is up: one that is not has no load, and is not missed.
#[derive(Clone, Copy)]
struct Part<'a> {
    known: Known<'a>,
    up: bool,
}

impl Load {
    /// What the fleet's instances add up to, of those services alone of whose instances anything is new. An instance's
    /// series are over five minutes after it has gone; any other when its last value is older than all that is kept.
    pub fn sums(&self, fleet: &Fleet, now: Timestamp, anew: Option<&Anew>) -> Sums {
        let is_new = |service: usize| anew.is_none_or(|anew| anew.has(service));
        let part = |member: &Member| Part {
            known: self.of(&Subject::Instance(member.instance.id.clone())),
            up: health::is_up(&member.instance) && !member.unconfirmed,
        };
        let over = (anew.is_none_or(Anew::has_strangers) || now > self.lasts).then(|| self.over(fleet, now));
        let mut sums = Sums { all: Vec::new(), over, now };
        for (_, service) in fleet.services.iter().enumerate().filter(|(at, _)| is_new(*at)) {
            let members: Vec<Part<'_>> = service.members.iter().map(|at| part(&fleet.members[*at])).collect();
            self.sum(&Subject::Service(service.key.clone()), &members, &mut sums);
            // One version alone is the service.
            for (version, _) in service.versions.iter().filter(|_| service.versions.len() > 1) {
                let Some(version) = version else { continue };
                let is = |at: &usize| fleet.members[*at].version.version.as_ref() == Some(version);
                let members = service.members.iter().zip(&members).filter(|(at, _)| is(at));
                let members: Vec<Part<'_>> = members.map(|(_, part)| *part).collect();
                self.sum(&Subject::Version(service.key.clone(), Arc::clone(version)), &members, &mut sums);
            }
        }
        sums
    }

    /// Adds what was worked out, and forgets what is over.
    pub fn add(&mut self, sums: Sums) {
        if let Some(over) = &sums.over {
            self.lasts = over.until;
        }
        for (subject, most) in sums.over.into_iter().flat_map(|over| over.whose) {
            let Some(kept) = self.kept.get_mut(&subject) else { continue };
            kept.retain(|kept| age(kept, sums.now) <= most);
            if kept.is_empty() {
                self.kept.remove(&subject);
            }
        }
        for mut sum in sums.all {
            let series = &mut self.kept_mut(&sum.whole, sum.metric, sum.meter, true).series;
            series.put_all(&mut sum.past);
            if let Some((at, value)) = sum.current {
                series.put(at, value);
            }
        }
        for subject in std::mem::take(&mut self.filled) {
            self.kept.get_mut(&subject).into_iter().flatten().for_each(|kept| kept.filled = None);
        }
    }

    fn over(&self, fleet: &Fleet, now: Timestamp) -> Over {
        let there: Set<&InstanceId> = fleet.members.iter().map(|member| &member.instance.id).collect();
        let gone = |subject: &Subject| matches!(subject, Subject::Instance(id) if !there.contains(id));
        let mut over = Over { whose: Vec::new(), until: Timestamp::MAX };
        for (subject, kept) in &self.kept {
            let most = if gone(subject) { GONE } else { kept_for() };
            let (ended, lasting): (Vec<&Kept>, Vec<&Kept>) = kept.iter().partition(|kept| age(kept, now) > most);
            if !ended.is_empty() {
                over.whose.push((subject.clone(), most));
            }
            let newest = lasting.into_iter().filter_map(|kept| kept.series.newest()).map(|(_, at)| at).min();
            over.until = newest.map_or(over.until, |newest| over.until.min(later(newest, most)));
        }
        over
    }

    fn sum(&self, whole: &Subject, parts: &[Part<'_>], sums: &mut Sums) {
        let now = sums.now;
        let own = self.of(whole);
        for (metric, meter) in told_by(parts) {
            let told = own.find(metric, meter, false).is_some_and(|kept| kept.series.is_fresh(now));
            if told || sharing(metric) == Sharing::None {
                continue;
            }
            let past = past(own, parts, (metric, meter), now);
            let current = current(parts, metric, meter, now);
            if !past.is_empty() || current.is_some() {
                sums.all.push(Sum { whole: whole.clone(), metric, meter, past, current });
            }
        }
    }
}

fn age(kept: &Kept, now: Timestamp) -> Duration {
    kept.series.newest().map_or(Duration::MAX, |(_, at)| since(at, now))
}

/// What is told of any of them, and by whom.
fn told_by(parts: &[Part<'_>]) -> Vec<(Metric, Meter)> {
    let mut told: Vec<(Metric, Meter)> = Vec::new();
    for kept in parts.iter().flat_map(|part| part.known.0) {
        if !told.contains(&(kept.metric, kept.meter)) {
            told.push((kept.metric, kept.meter));
        }
    }
    told.sort_unstable();
    told
}

/// What the parts' newest values make, as of the newest of them.
fn current(parts: &[Part<'_>], metric: Metric, meter: Meter, now: Timestamp) -> Option<(Timestamp, f64)> {
    let newest = |part: &Part<'_>, metric| part.series(metric, meter).filter(|one| one.is_fresh(now))?.newest();
    let up = || parts.iter().filter(|part| part.up);
    let told: Vec<Option<(f64, Timestamp)>> = up().map(|part| newest(part, metric)).collect();
    let at = told.iter().flatten().map(|(_, at)| *at).max()?;
    let due = told.len();
    let each = || told.iter().map(|told| told.map(|(value, _)| Point::of(value)));
    let weights = || up().map(|part| newest(part, Metric::Requests).map(|(value, _)| Point::of(value)));
    let made = match sharing(metric) {
        Sharing::Sum => whole(each().flatten(), due, Fold::Sum),
        Sharing::Mean => whole(each().flatten(), due, Fold::Mean),
        Sharing::ByRequests => mean_by_weight(each().zip(weights()), due),
        Sharing::None => None,
    };
    Some((at, made?.mean))
}

/// What the parts' pasts make, where something was told of them that the whole does not have.
fn past(own: Known<'_>, parts: &[Part<'_>], (metric, meter): (Metric, Meter), now: Timestamp) -> Vec<(Timestamp, f64)> {
    let kept = parts.iter().filter_map(|part| part.known.find(metric, meter, false));
    let Some(filled) = kept.filter_map(|kept| kept.filled).min() else { return Vec::new() };
    let own = own.find(metric, meter, true);
    let mut past = Vec::new();
    let mut until = now;
    // The finest first; each coarser tier for the times that the finer ones do not reach.
    for tier in Tier::ALL {
        if until <= filled {
            break;
        }
        let grid = Grid::last(span(tier), tier.most(), now);
        let known = own.map(|own| own.series.on(&grid)).unwrap_or_default();
        let made = columns(parts, metric, meter, &grid).into_iter().enumerate();
        let new = made.filter(|(column, _)| known.get(*column).is_none_or(Option::is_none));
        let new = new.filter_map(|(column, point)| Some((grid.time(column), point?.mean)));
        past.extend(new.filter(|(at, _)| *at < until && *at < now));
        until = until.min(grid.time(0));
    }
    past.sort_unstable_by_key(|(at, _)| *at);
    past
}

fn columns(parts: &[Part<'_>], metric: Metric, meter: Meter, grid: &Grid) -> Vec<Option<Point>> {
    let all = |metric| -> Vec<Vec<Option<Point>>> {
        let on = |part: &Part<'_>| part.series(metric, meter).map(|series| series.on(grid));
        parts.iter().map(|part| on(part).unwrap_or_else(|| vec![None; grid.columns()])).collect()
    };
    match sharing(metric) {
        Sharing::Sum => combine(&all(metric), Fold::Sum),
        Sharing::Mean => combine(&all(metric), Fold::Mean),
        Sharing::ByRequests => weighted(&all(metric), &all(Metric::Requests)),
        Sharing::None => Vec::new(),
    }
}

impl<'a> Part<'a> {
    fn series(&self, metric: Metric, meter: Meter) -> Option<&'a Series> {
        self.known.find(metric, meter, false).map(|kept| &kept.series)
    }
}

fn span(tier: Tier) -> Duration {
    Duration::from_secs(tier.span().unsigned_abs())
}
