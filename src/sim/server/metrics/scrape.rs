//! What a Prometheus has scraped: every series of a name, at the times at which it looked.

use std::collections::BTreeMap;

use super::balancer::Sight;
use super::{Dialect, FAMILIES, Family, Labels, Scope, guest, page};
use crate::sim::moment::Moment;
use crate::sim::world::World;
use crate::sim::world::balancer::Balancer;
use crate::sim::world::instance::Server;
use crate::sim::world::load::{Counts, Tally};
use crate::sim::world::network::dotted;

/// Milliseconds from one look to the next.
pub(super) const EVERY: i64 = 15_000;

/// One series: labels without its name, and a value for each time, if it was told then.
pub(super) struct Series {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) values: Vec<Option<f64>>,
}

/// Which name of which family, and how it is spelt.
struct Asked {
    family: &'static Family,
    dialect: Option<Dialect>,
    name: String,
}

/// All names there are.
pub(super) fn names() -> Vec<String> {
    let mut all = vec!["up".to_owned()];
    for family in FAMILIES {
        match family.scope {
            Scope::Listener | Scope::Pool | Scope::Member => {
                all.extend([Dialect::Octavia, Dialect::Haproxy].map(|dialect| dialect.name(family)));
            }
            _ => all.extend(page::names(family.name, family.kind)),
        }
    }
    all.sort();
    all
}

fn find(name: &str) -> Option<Asked> {
    FAMILIES.iter().find_map(|family| match family.scope {
        Scope::Listener | Scope::Pool | Scope::Member => {
            let spelt =
                [Dialect::Octavia, Dialect::Haproxy].into_iter().find(|dialect| dialect.name(family) == name)?;
            Some(Asked { family, dialect: Some(spelt), name: family.name.to_owned() })
        }
        _ => {
            let whole = page::names(family.name, family.kind).into_iter().find(|whole| whole == name)?;
            Some(Asked { family, dialect: None, name: whole })
        }
    })
}

/// Every series of a name whose labels please, at times that only go on.
pub(super) fn series(world: &World, name: &str, times: &[Moment], pleases: &dyn Fn(&str, &str) -> bool) -> Vec<Series> {
    let mut found = Found { all: BTreeMap::new(), times: times.len(), pleases };
    if name == "up" {
        guests(world, times, Scope::App, &mut found, &|_, _, up| vec![(Vec::new(), up)]);
        guests(world, times, Scope::Node, &mut found, &|_, _, up| vec![(Vec::new(), up)]);
        return found.finish();
    }
    let Some(asked) = find(name) else { return Vec::new() };
    let scope = asked.family.scope;
    if scope == Scope::Recorded {
        record(world, times, &mut found);
        return found.finish();
    }
    match asked.dialect {
        Some(dialect) => {
            for balancer in world.balancers.all.iter().filter(|balancer| balancer.exporter.is_some()) {
                scrape_balancer(world, balancer, dialect, &asked, times, &mut found);
            }
        }
        None => {
            let tell = |server: &Server, seen: &crate::sim::world::load::Guest, up: f64| {
                if up > 0.0 { guest::values(world, server, seen, scope, &asked.name) } else { Vec::new() }
            };
            guests(world, times, scope, &mut found, &tell);
        }
    }
    found.finish()
}

type Tell<'a> = dyn Fn(&Server, &crate::sim::world::load::Guest, f64) -> Vec<super::Sample> + 'a;

fn guests(world: &World, times: &[Moment], scope: Scope, found: &mut Found<'_>, tell: &Tell<'_>) {
    let targets: Vec<(&Server, Labels)> = world
        .servers
        .iter()
        .filter_map(|server| Some((server, guest::target(world, server, scope)?)))
        .filter(|(_, labels)| labels.iter().all(|(name, label)| (found.pleases)(name, label)))
        .collect();
    let servers: Vec<&Server> = targets.iter().map(|(server, _)| *server).collect();
    for ((server, target), looks) in targets.iter().zip(world.guests_over(&servers, times)) {
        for (at, look) in looks.iter().enumerate() {
            let Some(look) = look else { continue };
            let up = f64::from(u8::from(guest::told(look, scope)));
            for (labels, value) in tell(server, look, up) {
                found.put(target, labels, at, value);
            }
        }
    }
}

/// What each application's instances told, summed up: so that nobody has to do that for a day whenever he asks.
fn record(world: &World, times: &[Moment], found: &mut Found<'_>) {
    for app in &world.load.apps {
        let project = world.identity.project(app.project).map_or(String::new(), |project| project.name.clone());
        let target: Labels = vec![("project_name", project), ("service", app.name.clone())];
        if !target.iter().all(|(name, label)| (found.pleases)(name, label)) {
            continue;
        }
        let mut counted = Vec::new();
        app.walk(times.iter().copied(), |_, mark| counted.push(mark.total(Counts::ever)));
        for (bucket, (own, _)) in guest::spread(&Tally::default()).into_iter().enumerate() {
            let labels = target.iter().cloned().chain(own).map(|(name, label)| (name.to_owned(), label)).collect();
            let values = counted.iter().map(|counts| Some(counts.spread[bucket].floor()));
            found.all.insert(labels, values.collect());
        }
    }
}

fn scrape_balancer(
    world: &World,
    balancer: &Balancer,
    dialect: Dialect,
    asked: &Asked,
    times: &[Moment],
    found: &mut Found<'_>,
) {
    let Some(app) = world.load.behind(balancer.id) else { return };
    let job = if dialect == Dialect::Octavia { "octavia" } else { "haproxy" };
    let instance = format!("{}:{}", dotted(balancer.vip), crate::sim::server::doors::exporter_port(world));
    let target: Labels = vec![("job", job.to_owned()), ("instance", instance)];
    if !target.iter().all(|(name, label)| (found.pleases)(name, label)) {
        return;
    }
    let mut turn = 0;
    app.walk(times.iter().copied(), |at, mark| {
        let sight = Sight::new(balancer, app, at, mark);
        for (labels, value) in sight.values(dialect, asked.family.scope, &asked.name) {
            found.put(&target, labels, turn, value);
        }
        turn += 1;
    });
}

/// Series on their way.
struct Found<'a> {
    all: BTreeMap<BTreeMap<String, String>, Vec<Option<f64>>>,
    times: usize,
    pleases: &'a dyn Fn(&str, &str) -> bool,
}

impl Found<'_> {
    fn put(&mut self, target: &Labels, own: Labels, at: usize, value: f64) {
        if !own.iter().all(|(name, label)| (self.pleases)(name, label)) {
            return;
        }
        let labels = target.iter().cloned().chain(own).map(|(name, label)| (name.to_owned(), label)).collect();
        let times = self.times;
        self.all.entry(labels).or_insert_with(|| vec![None; times])[at] = Some(value);
    }

    fn finish(self) -> Vec<Series> {
        self.all.into_iter().map(|(labels, values)| Series { labels, values }).collect()
    }
}
