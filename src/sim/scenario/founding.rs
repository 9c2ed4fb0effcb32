//! Founds the company: projects, people, hosts, networks, images, servers, balancers. Seeded: the same every time.

use std::collections::BTreeMap;
use std::time::Duration;

use super::company::{DIVISION_SIZE, DIVISIONS, FLAVORS, Labels, TRADES, Trade};
use super::demand;
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::identity::{Credential, Project, Quota, Role, User};
use crate::sim::world::image::Flavor;
use crate::sim::world::instance::{Attachment, NewServer, ServerGroup};

/// Servers per compute host.
const PER_HOST: usize = 14;
const DAY: u64 = 86_400;

/// A server that is about to be there.
struct Draft {
    trade: &'static Trade,
    division: usize,
    ordinal: usize,
    version: &'static str,
    created: Moment,
}

/// One service of one division.
#[derive(Clone, Copy)]
struct Site {
    group: Option<Uid>,
    stack: Uid,
    balancer: Option<usize>,
    app: usize,
    placed: usize,
}

pub(super) fn found(world: &mut World) {
    found_identity(world);
    let [main, test] = [project_id(world, "bank-prod"), project_id(world, "bank-test")];
    found_flavors(world);
    found_hosts(world);
    let created = world.now.minus(Duration::from_secs(300 * DAY));
    let app = world.add_network("app-net", main, created);
    world.add_network("edge-net", main, created);
    let lab = world.add_network("test-net", test, created);
    let images = found_images(world, main);
    let count = world.options.instances;
    let oncall = user_id(world, "oncall");
    let drafts = draft(world, count);
    settle(world, drafts, &images, main, oncall, app);
    let few = (count / 12).min(12);
    let mut trial = draft(world, few);
    let newest = world.servers.last().map_or(world.now, |server| server.created);
    trial.iter_mut().for_each(|draft| draft.created = newest.plus(Duration::from_secs(60)));
    settle(world, trial, &images, test, oncall, lab);
}

fn project_id(world: &World, name: &str) -> Uid {
    world.identity.project_named(name).map_or(Uid(0), |project| project.id)
}

fn user_id(world: &World, name: &str) -> Uid {
    world.identity.user_named(name).map_or(Uid(0), |user| user.id)
}

fn found_identity(world: &mut World) {
    let count = world.options.instances as u64;
    let large = Quota {
        instances: 200.max(count + count / 4),
        cores: 2000.max(count * 6),
        ram: 8_000_000.max(count * 40_000),
        ports: 500.max(count * 2),
    };
    let small = Quota { instances: 20, cores: 60, ram: 200_000, ports: 100 };
    for (name, quota) in [("bank-prod", large), ("bank-test", small), ("platform", small)] {
        let id = world.fresh_uid();
        world.identity.projects.push(Project { id, name: name.to_owned(), quota });
    }
    let [main, test, platform] = ["bank-prod", "bank-test", "platform"].map(|name| project_id(world, name));
    let people = [
        ("oncall", "night-shift", vec![(main, Role::Admin), (test, Role::Member)], false),
        ("dev", "day-shift", vec![(main, Role::Member), (test, Role::Member)], false),
        ("auditor", "look-only", vec![(main, Role::Reader)], false),
        ("admin", "keys-to-all", vec![(main, Role::Admin), (test, Role::Admin), (platform, Role::Admin)], true),
    ];
    for (name, password, roles, system) in people {
        let id = world.fresh_uid();
        let (name, password) = (name.to_owned(), password.to_owned());
        world.identity.users.push(User { id, name, password, roles, system });
    }
    let (id, user) = (world.fresh_uid(), user_id(world, "oncall"));
    let (name, secret) = ("pipeline".to_owned(), "let-me-in-quietly".to_owned());
    world.identity.credentials.push(Credential { id, name, secret, user, project: main, role: Role::Member });
}

fn found_flavors(world: &mut World) {
    for (at, (name, vcpus, ram, disk)) in FLAVORS.into_iter().enumerate() {
        world.flavors.push(Flavor { id: (at + 1).to_string(), name: name.to_owned(), vcpus, ram, disk });
    }
}

fn found_hosts(world: &mut World) {
    let computes = (world.options.instances / PER_HOST + 1).max(8);
    let control =
        ["nova-scheduler", "nova-conductor"].map(|binary| (format!("ctl-{}", &binary[5..6]), binary, "internal"));
    let compute = (1..=computes).map(|at| (format!("compute-{at:02}"), "nova-compute", ["az1", "az2", "az3"][at % 3]));
    let all: Vec<_> = control.into_iter().chain(compute).collect();
    for (at, (name, binary, zone)) in all.into_iter().enumerate() {
        let [service, hypervisor, agent] = std::array::from_fn(|_| world.fresh_uid());
        world.hosts.push(Host {
            name,
            number: u32::try_from(at + 2).unwrap_or(u32::MAX),
            service,
            hypervisor,
            agent,
            binary,
            zone,
            cell: if at % 3 == 2 { 2 } else { 1 },
            up: true,
            dark: false,
            last_seen: None,
            disabled: None,
            forced_down: false,
            address: u8::try_from(11 + at % 240).unwrap_or(11),
            vcpus: 128,
            ram: 786_432,
        });
    }
}

fn found_images(world: &mut World, owner: Uid) -> BTreeMap<(&'static str, &'static str), Uid> {
    let mut images = BTreeMap::new();
    let mut age = 260 * DAY;
    for trade in &TRADES {
        for (version, _) in trade.versions.iter().rev() {
            age -= 8 * DAY;
            let created = world.now.minus(Duration::from_secs(age)).whole_second();
            images.insert((trade.name, *version), world.add_image(trade.name, version, owner, created));
        }
    }
    images
}

/// Who will be there: shares as the table says, oldest first, as nova's database would have them.
fn draft(world: &mut World, count: usize) -> Vec<Draft> {
    let divisions = count.div_ceil(DIVISION_SIZE).clamp(1, DIVISIONS.len());
    let mut drafts = Vec::with_capacity(count);
    let mut ordinals = vec![0usize; divisions * TRADES.len()];
    let total: usize = TRADES.iter().map(|trade| trade.share).sum();
    for at in 0..count {
        let (division, within) = (at % divisions, at / divisions);
        let size = (count - division).div_ceil(divisions).max(1);
        let mut left = within * total / size;
        let mut place = 0;
        while place + 1 < TRADES.len() && left >= TRADES[place].share {
            left -= TRADES[place].share;
            place += 1;
        }
        let trade = &TRADES[place];
        let ordinal = &mut ordinals[division * TRADES.len() + place];
        *ordinal += 1;
        let version = pick_version(trade, *ordinal);
        let age = Duration::from_secs(world.rng.u64(3 * 3600..200 * DAY));
        drafts.push(Draft { trade, division, ordinal: *ordinal, version, created: world.now.minus(age) });
    }
    drafts.sort_by_key(|draft| draft.created);
    drafts
}

/// Versions in turn, so that even a small service shows its mix.
fn pick_version(trade: &Trade, ordinal: usize) -> &'static str {
    let tenth = u32::try_from(ordinal * 7 % 10).unwrap_or(0);
    let mut passed = 0;
    for (version, share) in trade.versions {
        passed += share;
        if tenth < passed {
            return version;
        }
    }
    trade.versions[0].0
}

fn settle(
    world: &mut World,
    drafts: Vec<Draft>,
    images: &BTreeMap<(&'static str, &'static str), Uid>,
    project: Uid,
    user: Uid,
    network: usize,
) {
    let mut sites: BTreeMap<(usize, &'static str), Site> = BTreeMap::new();
    let computes: Vec<usize> = (0..world.hosts.len()).filter(|at| world.hosts[*at].computes()).collect();
    for (at, draft) in drafts.into_iter().enumerate() {
        let key = (draft.division, draft.trade.name);
        let mut site = match sites.get(&key) {
            Some(site) => *site,
            None => found_site(world, &draft, project, user, network),
        };
        let name = name_of(world, &draft);
        let (metadata, tags) = labels_of(&draft, site.stack);
        let image = images.get(&(draft.trade.name, draft.version)).copied();
        let flavor = draft.trade.flavor;
        let (network, group) = (Some(network), site.group);
        let wanted = NewServer { name, flavor, image, network, metadata, tags, group, ..NewServer::default() };
        let place = world.found(project, user, wanted, draft.created, computes[at % computes.len()]);
        let id = world.servers[place].id;
        world.take_seat(site.app, id);
        if let Some(balancer) = site.balancer {
            world.add_member(balancer, place, 8080);
        }
        if draft.trade.labels == Labels::Group || draft.trade.name == "ledger" {
            attach_volume(world, place);
        }
        site.placed += 1;
        sites.insert(key, site);
    }
}

fn found_site(world: &mut World, draft: &Draft, project: Uid, user: Uid, network: usize) -> Site {
    let name = service_name(draft);
    let group = (draft.trade.labels == Labels::Group).then(|| {
        let id = world.fresh_uid();
        world.groups.push(ServerGroup { id, name: name.clone(), project, user, policy: "anti-affinity" });
        id
    });
    let stack = world.fresh_uid();
    let balancer = draft.trade.balanced.then(|| {
        let monitored = draft.trade.name != "auth";
        world.add_balancer(&format!("lb-{name}"), project, network, monitored)
    });
    if let Some(place) = balancer {
        // The pool bears the service's name: where nothing else says it, the pool does.
        world.balancers.all[place].pool.name.clone_from(&name);
    }
    let behind = balancer.map(|place| world.balancers.all[place].id);
    let app = demand::open(world, &name, draft.trade.name, project, behind);
    Site { group, stack, balancer, app, placed: 0 }
}

fn attach_volume(world: &mut World, place: usize) {
    let [volume, attachment, mapping] = std::array::from_fn(|_| world.fresh_uid());
    let device = "/dev/vdb".to_owned();
    let tag = Some("data".to_owned());
    world.servers[place].volumes.push(Attachment {
        volume,
        attachment,
        mapping,
        device,
        tag,
        delete_on_termination: false,
    });
}

fn service_name(draft: &Draft) -> String {
    let division = DIVISIONS[draft.division];
    if division.is_empty() { draft.trade.name.to_owned() } else { format!("{}-{division}", draft.trade.name) }
}

fn name_of(world: &mut World, draft: &Draft) -> String {
    let ordinal = draft.ordinal;
    match draft.trade.labels {
        Labels::Suffix => {
            // Letters and digits in turn, so that no tail reads as a word or as a word with a number.
            let mut tail = |at: usize| if at.is_multiple_of(2) { world.rng.lowercase() } else { world.rng.digit(10) };
            let tail: String = (0..5).map(&mut tail).collect();
            format!("{}-{tail}", service_name(draft))
        }
        Labels::Group => format!("idx{}-node-{ordinal:02}", DIVISIONS[draft.division]),
        Labels::Pool => format!("edge{}-{ordinal:02}", DIVISIONS[draft.division]),
        _ if !draft.trade.roles.is_empty() => {
            let role = draft.trade.roles[ordinal % draft.trade.roles.len()];
            format!("{}-{role}-{ordinal:02}", service_name(draft))
        }
        _ => format!("{}-{ordinal:02}", service_name(draft)),
    }
}

fn labels_of(draft: &Draft, stack: Uid) -> (BTreeMap<String, String>, Vec<String>) {
    let (service, version) = (service_name(draft), draft.version);
    let mut pairs: Vec<(&str, String)> = vec![("env", "prod".to_owned())];
    let mut tags = Vec::new();
    match draft.trade.labels {
        Labels::Service => pairs.extend([("service", service), ("version", version.to_owned())]),
        Labels::App => pairs.extend([("app", service), ("version", version.to_owned())]),
        Labels::Tag => tags.extend([format!("service={service}"), format!("version={version}")]),
        Labels::Stack => pairs.extend([("metering.stack", stack.to_string()), ("version", version.to_owned())]),
        Labels::Container => pairs.push(("tag", format!("registry.bank.example/{service}:{version}"))),
        Labels::Name | Labels::Suffix | Labels::Group | Labels::Pool => {}
    }
    if !draft.trade.roles.is_empty() {
        pairs.push(("role", draft.trade.roles[draft.ordinal % draft.trade.roles.len()].to_owned()));
    }
    (pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(), tags)
}
