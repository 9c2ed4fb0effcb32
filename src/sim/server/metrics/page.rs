//! Pages in Prometheus' text format.

use std::fmt::Write as _;

use super::balancer::Sight;
use super::{Dialect, FAMILIES, Sample, Scope, guest};
use crate::sim::server::reply::Reply;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::instance::Server;
use crate::sim::world::load::Guest;

const TEXT: &str = "text/plain; version=0.0.4";

fn write(page: &mut String, name: &str, samples: Vec<Sample>) {
    for (labels, value) in samples {
        let labels: Vec<String> = labels.iter().map(|(name, label)| format!("{name}=\"{}\"", escaped(label))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        // A String takes every write.
        let _always = writeln!(page, "{name}{labels} {value}");
    }
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// What an application says of itself.
pub(in crate::sim::server) fn of_guest(world: &World, server: &Server, seen: &Guest) -> Reply {
    let mut page = String::new();
    for family in FAMILIES.iter().filter(|family| family.scope == Scope::App) {
        let _always = writeln!(page, "# TYPE {} {}", family.name, family.kind);
        for name in names(family.name, family.kind) {
            write(&mut page, &name, guest::values(world, server, seen, Scope::App, &name));
        }
    }
    Reply::bytes(200, TEXT, page.into_bytes())
}

/// The series of a family: a histogram has three names.
pub(super) fn names(name: &str, kind: &str) -> Vec<String> {
    match kind {
        "histogram" => ["_bucket", "_sum", "_count"].map(|end| format!("{name}{end}")).to_vec(),
        _ => vec![name.to_owned()],
    }
}

/// What a balancer's listener of protocol PROMETHEUS says, on every path.
pub(in crate::sim::server) fn of_balancer(world: &World, id: Uid) -> Reply {
    let mut page = String::new();
    let balancer = world.balancers.all.iter().find(|balancer| balancer.id == id);
    if let (Some(balancer), Some(app)) = (balancer, world.load.behind(id)) {
        let mark = app.counts(world.now());
        let sight = Sight::new(balancer, app, world.now(), &mark);
        let scopes = [Scope::Listener, Scope::Pool, Scope::Member];
        for family in FAMILIES.iter().filter(|family| scopes.contains(&family.scope)) {
            let name = Dialect::Octavia.name(family);
            let _always = writeln!(page, "# TYPE {name} {}", family.kind);
            write(&mut page, &name, sight.values(Dialect::Octavia, family.scope, family.name));
        }
    }
    Reply::bytes(200, TEXT, page.into_bytes()).with("cache-control", "no-cache")
}
