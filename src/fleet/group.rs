//! From what the cloud told to what it means.
//!
//! Each row by itself first ([`super::rows`]): its service's name, its version, its findings; then what only the service
//! as a whole can tell. Everything is indexed once: the cost grows with the number of instances.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::id::{ImageId, ProjectId};
use crate::fleet::census::{self, Census};
use crate::fleet::health::{self, nova, octavia};
use crate::fleet::map::{Map, Set};
use crate::fleet::name;
use crate::fleet::naming::{self, Naming};
use crate::fleet::pool::Pool;
use crate::fleet::rows::{Reading, Row};
use crate::fleet::rules::Rules;
use crate::fleet::seats::Seats;
use crate::fleet::service::{Finding, Fleet, Member, NamedBy, Service, ServiceKey, Severity, Standing};
use crate::fleet::sources::Sources;
use crate::fleet::version;

/// Groups the instances into services. The same input gives the same fleet, in whatever order it came. `previous` is
/// what held before: it decides only for instances whose sources have not all answered.
pub fn group(sources: &Sources, rules: &Rules, previous: Option<&Fleet>, now_in_the_cloud: Timestamp) -> Fleet {
    let seats = Seats::of(sources);
    let naming = Naming::new(sources, rules, &seats, previous);
    let (rows, members) = Reading { sources, rules, seats: &seats, naming, now: now_in_the_cloud }.all();
    let mut plan = Plan::new(sources, &seats, &rows);
    let doubts = Doubts::new(sources, &rows);
    let mut fleet = Fleet {
        services: Vec::with_capacity(plan.keys.len()),
        members,
        pools: plan.pools.clone(),
        images: image_names(sources),
        unseated: naming::unseated(sources),
    };
    for (at, key) in std::mem::take(&mut plan.keys).into_iter().enumerate() {
        let service = Draft {
            key,
            members: std::mem::take(&mut plan.members[at]),
            pools: std::mem::take(&mut plan.in_pools[at]),
        };
        for &member in &service.members {
            fleet.members[member].service = at;
        }
        let built = service.build(&mut fleet.members, &plan, &rows, &doubts, now_in_the_cloud);
        fleet.services.push(built);
    }
    fleet
}

/// Which services there are, and who and what belongs to each.
struct Plan {
    /// Sorted.
    keys: Vec<ServiceKey>,
    /// Members by service.
    members: Vec<Vec<usize>>,
    /// Pools by service.
    in_pools: Vec<BTreeSet<usize>>,
    /// Places that no instance has, by pool.
    strays: Map<usize, Vec<usize>>,
    pools: Arc<Vec<Pool>>,
}

impl Plan {
    fn new(sources: &Sources, seats: &Seats, rows: &[Row<'_>]) -> Self {
        let pools = sources.pools.value().cloned().unwrap_or_default();
        let is_told = sources.ports.known.is_some() && naming::pending(sources).is_empty();
        let empty = if is_told { unfilled(&pools, seats) } else { Vec::new() };
        // Numbered as they are met, so that each name is looked up once; then renumbered in the order of keys.
        let mut met: Map<(&ProjectId, &str), usize> = Map::default();
        let mut number_of = |project, name| {
            let next = met.len();
            *met.entry((project, name)).or_insert(next)
        };
        let service_of: Vec<usize> = rows.iter().map(|row| number_of(row.project, &*row.named.name)).collect();
        let empty: Vec<(usize, usize)> =
            empty.into_iter().map(|(pool, project, name)| (pool, number_of(project, name))).collect();
        let mut order: Vec<((&ProjectId, &str), usize)> = met.into_iter().collect();
        order.sort_unstable();
        let mut place = vec![0; order.len()];
        for (at, (_, number)) in order.iter().enumerate() {
            place[*number] = at;
        }
        let mut plan = Self {
            keys: order.iter().map(|((project, name), _)| key(sources, project, name)).collect(),
            members: vec![Vec::new(); order.len()],
            in_pools: vec![BTreeSet::new(); order.len()],
            strays: Map::default(),
            pools: Arc::clone(&pools),
        };
        for (number, &met) in service_of.iter().enumerate() {
            let service = place[met];
            plan.members[service].push(number);
            plan.in_pools[service].extend(seats.of_instance(number).iter().map(|seat| seat.pool));
        }
        for (pool, number) in empty {
            plan.in_pools[place[number]].insert(pool);
        }
        for seat in &seats.strays {
            plan.strays.entry(seat.pool).or_default().push(seat.member);
        }
        plan
    }
}

fn image_names(sources: &Sources) -> BTreeMap<ImageId, Arc<str>> {
    let told = sources.images.values().flatten().filter(|image| !image.name.is_empty());
    told.map(|image| (image.id.clone(), Arc::from(image.name.as_str()))).collect()
}

fn key(sources: &Sources, project: &ProjectId, name: &str) -> ServiceKey {
    ServiceKey { place: sources.place.clone(), project: project.clone(), name: Arc::from(name) }
}

/// Pools in which no known instance sits: each still names a service, for all that one is empty.
fn unfilled<'a>(pools: &'a [Pool], seats: &Seats) -> Vec<(usize, &'a ProjectId, &'a str)> {
    let empty = pools.iter().enumerate().filter(|(at, _)| !seats.is_filled(*at));
    empty.map(|(at, pool)| (at, &pool.project, name::pool_stem(pool.title()))).collect()
}

/// What can still change in the grouping, by project.
struct Doubts<'a> {
    pending: Vec<(&'static str, NamedBy)>,
    /// The weakest name in each project: a source that could not have overruled it changes nothing there.
    weakest: Map<&'a ProjectId, NamedBy>,
    /// Projects with rows that say nothing of themselves.
    untold: Set<&'a ProjectId>,
}

impl<'a> Doubts<'a> {
    fn new(sources: &Sources, rows: &[Row<'a>]) -> Self {
        let mut doubts = Self { pending: naming::pending(sources), weakest: Map::default(), untold: Set::default() };
        if doubts.pending.is_empty() && !rows.iter().any(|row| row.named.untold) {
            return doubts;
        }
        for Row { project, named, .. } in rows {
            let weakest = doubts.weakest.entry(project).or_insert(named.named_by);
            *weakest = named.named_by.max(*weakest);
            if named.untold {
                doubts.untold.insert(project);
            }
        }
        doubts
    }

    /// The sources whose answer may still move instances into or out of the project's services.
    fn about(&self, project: &ProjectId) -> Vec<Arc<str>> {
        let weakest = self.weakest.get(project);
        let pending = self.pending.iter().filter(|(_, from)| weakest.is_some_and(|weakest| weakest >= from));
        let mut sources: BTreeSet<&str> = pending.map(|(source, _)| *source).collect();
        if self.untold.contains(project) {
            sources.insert("compute");
        }
        sources.into_iter().map(Arc::from).collect()
    }
}

/// A service that is being put together.
struct Draft {
    key: ServiceKey,
    members: Vec<usize>,
    pools: BTreeSet<usize>,
}

impl Draft {
    fn build(
        mut self,
        all: &mut [Member],
        plan: &Plan,
        rows: &[Row<'_>],
        doubts: &Doubts<'_>,
        now: Timestamp,
    ) -> Service {
        // Their positions are in the order of their ids.
        self.members.sort_unstable_by_key(|&at| (rows[at].title, at));
        let ready = self.members.iter().filter(|&&at| rows[at].serves).count();
        let count = self.members.len();
        for &at in &self.members {
            let member = &mut all[at];
            if !rows[at].serves {
                member.findings.extend(nova::at_rest_among_peers(&member.instance, ready, count));
            }
            health::sort(&mut member.findings);
        }
        let versions = versions(&self.members, all);
        let (pools, taking) = self.pools(&plan.pools);
        let census = Census::of(&versions, self.members.iter().map(|&at| &all[at]), taking);
        Service {
            standing: self.standing(rows, doubts),
            findings: self.findings(all, plan, ready, now),
            versions,
            pools,
            census,
            ready,
            key: self.key,
            members: self.members,
        }
    }

    fn standing(&self, rows: &[Row<'_>], doubts: &Doubts<'_>) -> Standing {
        if self.members.is_empty() {
            return Standing::Empty;
        }
        let awaited = doubts.about(&self.key.project);
        if !awaited.is_empty() {
            return Standing::Provisional(awaited);
        }
        let between: BTreeSet<&Arc<str>> = self.members.iter().flat_map(|&at| &rows[at].named.ambiguous).collect();
        match between.is_empty() {
            true => Standing::Settled,
            false => Standing::Ambiguous(between.into_iter().cloned().collect()),
        }
    }

    /// What its pools are called, and how many members of each take requests.
    fn pools(&self, pools: &[Pool]) -> (Vec<Arc<str>>, Vec<(usize, usize)>) {
        let mut by_name: BTreeMap<&str, Vec<&Pool>> = BTreeMap::new();
        for pool in self.pools.iter().map(|&at| &pools[at]) {
            by_name.entry(pool.title()).or_default().push(pool);
        }
        by_name.into_iter().map(|(name, pools)| (Arc::from(name), census::taking(pools.into_iter()))).unzip()
    }

    /// The service's own findings, and of its instances' the worst of each sort.
    fn findings(&self, all: &[Member], plan: &Plan, ready: usize, now: Timestamp) -> Vec<Finding> {
        let mut findings: Vec<Finding> = nothing_serves(&self.members, all, ready).into_iter().collect();
        for &at in &self.pools {
            let pool = &plan.pools[at];
            findings.extend(octavia::of_pool(pool, now));
            let strays = plan.strays.get(&at).into_iter().flatten();
            findings.extend(strays.map(|&member| octavia::of_stray(pool, &pool.members[member])));
        }
        // A balancer with several pools is found once for each.
        health::sort(&mut findings);
        findings.dedup();
        let mut worst: BTreeMap<&str, &Finding> = BTreeMap::new();
        for found in self.members.iter().flat_map(|&at| &all[at].findings) {
            let kept = worst.entry(found.title).or_insert(found);
            if found.severity > kept.severity {
                *kept = found;
            }
        }
        findings.extend(worst.into_values().cloned());
        health::sort(&mut findings);
        findings
    }
}

/// How many run each version: most first, and of as many the newest first.
fn versions(members: &[usize], all: &[Member]) -> Vec<(Option<Arc<str>>, usize)> {
    let mut counts: Map<&Option<Arc<str>>, usize> = Map::default();
    for &at in members {
        *counts.entry(&all[at].version.version).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(version, count)| (version.clone(), count)).collect();
    counts.sort_unstable_by(|(a, many), (b, others)| {
        let newer = match (a, b) {
            (Some(a), Some(b)) => version::compare(b, a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        others.cmp(many).then(newer)
    });
    counts
}

fn nothing_serves(members: &[usize], all: &[Member], ready: usize) -> Option<Finding> {
    if ready > 0 || members.is_empty() {
        return None;
    }
    let count = members.len();
    let told = |at: &&usize| health::is_told(&all[**at]);
    let at_rest = |at: &usize| nova::rest(&all[*at].instance.status).is_some();
    let (severity, title, evidence) = if members.iter().all(at_rest) {
        (Severity::Warning, "stopped", format!("Nova: all {count} instances were put to rest"))
    } else if members.iter().filter(told).count() == 0 {
        (
            Severity::Unknown,
            "unknown",
            format!("Nova: of none of its {count} instances can it be told whether it serves"),
        )
    } else {
        (Severity::Critical, "down", format!("none of its {count} instances serves"))
    };
    Some(Finding { severity, title, evidence, since: None, instance: None })
}
