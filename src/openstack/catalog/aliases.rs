//! Official service types and the other names that catalogs and files use: the service-types authority's data, as far
//! as clouds use it, and the telemetry services that it leaves out.

const ALIASES: [(&str, &[&str]); 24] = [
    ("accelerator", &[]),
    ("alarming", &["alarm"]),
    ("application-container", &["container"]),
    ("backup", &[]),
    ("baremetal", &["bare-metal"]),
    ("baremetal-introspection", &[]),
    ("block-storage", &["volumev3", "volumev2", "volume", "block-store"]),
    ("clustering", &["resource-cluster", "cluster"]),
    ("compute", &["computev21", "compute-v21"]),
    ("container-infrastructure-management", &["container-infrastructure", "container-infra"]),
    ("dns", &[]),
    ("event", &["events"]),
    ("identity", &["identityv3"]),
    ("image", &[]),
    ("instance-ha", &["ha"]),
    ("key-manager", &[]),
    ("load-balancer", &["loadbalancer"]),
    ("metric", &["metrics"]),
    ("network", &["networking"]),
    ("object-store", &["object-storage"]),
    ("orchestration", &["heat"]),
    ("placement", &[]),
    ("resource-optimization", &["infra-optim"]),
    ("shared-file-system", &["sharev2", "share"]),
];

/// The official type of an alias; a name that is not known stands for itself.
pub fn official(name: &str) -> &str {
    let known = ALIASES.iter().find(|(official, aliases)| *official == name || aliases.contains(&name));
    known.map_or(name, |(official, _)| official)
}

/// The names under which a catalog may list an official type, the best first.
pub fn names(official: &str) -> impl Iterator<Item = &str> {
    let aliases = ALIASES.iter().find(|(known, _)| *known == official).map(|(_, aliases)| *aliases);
    std::iter::once(official).chain(aliases.unwrap_or_default().iter().copied())
}
