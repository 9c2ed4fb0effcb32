//! From instances up to versions and services, for each source that tells of instances alone.
//!
//! The sum goes on as a series of its own: when an instance goes, what it did yesterday stays in it. A past that
//! sources tell afterwards is added up too, of the instances that are there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Load;
use super::prefer::{Sharing, sharing};
use crate::base::clock::Timestamp;
use crate::fleet::health;
use crate::fleet::metric::{Meter, Metric, Subject};
use crate::fleet::service::{Fleet, Member};
use crate::series::combine::{Fold, combine, mean_by_weight, weighted, whole};
use crate::series::{Grid, Point, Series, Tier};

/// An instance of a whole, and whether it is up: one that is not has no load, and is not missed.
struct Part {
    subject: Subject,
    up: bool,
}

impl Load {
    pub(super) fn add_up(&mut self, fleet: &Fleet, now: Timestamp) {
        for service in &fleet.services {
            let members = || service.members.iter().map(|at| &fleet.members[*at]);
            self.add(&Subject::Service(service.key.clone()), &parts(members()), now);
            // One version alone is the service.
            for (version, _) in service.versions.iter().filter(|_| service.versions.len() > 1) {
                let Some(version) = version else { continue };
                let of = members().filter(|member| member.version.version.as_ref() == Some(version));
                self.add(&Subject::Version(service.key.clone(), Arc::clone(version)), &parts(of), now);
            }
        }
        for kept in self.kept.values_mut().flatten() {
            kept.filled = None;
        }
    }

    fn add(&mut self, whole: &Subject, parts: &[Part], now: Timestamp) {
        let known: BTreeSet<(Metric, Meter)> = parts.iter().flat_map(|part| self.known(&part.subject)).collect();
        for (metric, meter) in known {
            let told = self.find(whole, metric, meter, false).is_some_and(|kept| kept.series.is_fresh(now));
            if told || sharing(metric) == Sharing::None {
                continue;
            }
            let mut past = self.past(whole, parts, (metric, meter), now);
            let current = self.now(parts, metric, meter, now);
            if past.is_empty() && current.is_none() {
                continue;
            }
            let series = &mut self.kept_mut(whole, metric, meter, true).series;
            series.put_all(&mut past);
            if let Some((at, value)) = current {
                series.put(at, value);
            }
        }
    }

    /// What the parts' newest values make, as of the newest of them.
    fn now(&self, parts: &[Part], metric: Metric, meter: Meter, now: Timestamp) -> Option<(Timestamp, f64)> {
        let newest = |part: &Part, metric| self.part(part, metric, meter).filter(|one| one.is_fresh(now))?.newest();
        let up = || parts.iter().filter(|part| part.up);
        let at = up().filter_map(|part| newest(part, metric)).map(|(_, at)| at).max()?;
        let point = |part, metric| newest(part, metric).map(|(value, _)| Point::of(value));
        let due = up().count();
        let each = up().filter_map(|part| point(part, metric));
        let made = match sharing(metric) {
            Sharing::Sum => whole(each, due, Fold::Sum),
            Sharing::Mean => whole(each, due, Fold::Mean),
            Sharing::ByRequests => {
                mean_by_weight(up().map(|part| (point(part, metric), point(part, Metric::Requests))), due)
            }
            Sharing::None => None,
        };
        Some((at, made?.mean))
    }

    /// What the parts' pasts make, where something was told of them that the whole does not have.
    fn past(
        &self,
        whole: &Subject,
        parts: &[Part],
        (metric, meter): (Metric, Meter),
        now: Timestamp,
    ) -> Vec<(Timestamp, f64)> {
        let kept = parts.iter().filter_map(|part| self.find(&part.subject, metric, meter, false));
        let Some(filled) = kept.filter_map(|kept| kept.filled).min() else { return Vec::new() };
        let own = self.find(whole, metric, meter, true);
        let mut past = Vec::new();
        let mut until = now;
        // The finest first; each coarser tier for the times that the finer ones do not reach.
        for tier in Tier::ALL {
            if until <= filled {
                break;
            }
            let grid = Grid::last(span(tier), tier.most(), now);
            let known = own.map(|own| own.series.on(&grid)).unwrap_or_default();
            let made = self.columns(parts, metric, meter, &grid).into_iter().enumerate();
            let new = made.filter(|(column, _)| known.get(*column).is_none_or(Option::is_none));
            let new = new.filter_map(|(column, point)| Some((grid.time(column), point?.mean)));
            past.extend(new.filter(|(at, _)| *at < until && *at < now));
            until = until.min(grid.time(0));
        }
        past.sort_unstable_by_key(|(at, _)| *at);
        past
    }

    fn columns(&self, parts: &[Part], metric: Metric, meter: Meter, grid: &Grid) -> Vec<Option<Point>> {
        let all = |metric| -> Vec<Vec<Option<Point>>> {
            let on = |part| self.part(part, metric, meter).map(|series| series.on(grid));
            parts.iter().map(|part| on(part).unwrap_or_else(|| vec![None; grid.columns()])).collect()
        };
        match sharing(metric) {
            Sharing::Sum => combine(&all(metric), Fold::Sum),
            Sharing::Mean => combine(&all(metric), Fold::Mean),
            Sharing::ByRequests => weighted(&all(metric), &all(Metric::Requests)),
            Sharing::None => Vec::new(),
        }
    }

    fn part(&self, part: &Part, metric: Metric, meter: Meter) -> Option<&Series> {
        self.find(&part.subject, metric, meter, false).map(|kept| &kept.series)
    }
}

fn parts<'f>(members: impl Iterator<Item = &'f Member>) -> Vec<Part> {
    let part = |member: &Member| Part {
        subject: Subject::Instance(member.instance.id.clone()),
        up: health::is_up(&member.instance) && !member.unconfirmed,
    };
    members.map(part).collect()
}

fn span(tier: Tier) -> Duration {
    Duration::from_secs(tier.span().unsigned_abs())
}
