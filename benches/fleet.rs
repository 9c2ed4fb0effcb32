//! How long it takes to make ten thousand instances into services: `cargo bench --bench fleet`.
//!
//! Plain timing, the median and the best of many rounds: what is wanted is one number in milliseconds, not a curve.

#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use stackdeck::base::clock::Timestamp;
use stackdeck::base::intern::Interner;
use stackdeck::base::observation::Observation;
use stackdeck::base::text::sanitise;
use stackdeck::fleet::diff::diff;
use stackdeck::fleet::instance::{FlavorRef, ImageRef, Instance, PowerState, Status};
use stackdeck::fleet::pool::{self, Pool};
use stackdeck::fleet::sources::{FixedAddress, Image, Place, Sources};
use stackdeck::fleet::{Rules, group};

const INSTANCES: usize = 10_000;
const SERVICES: usize = 120;
const ROUNDS: usize = 60;
const STATES: [&str; 10] =
    ["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "SHUTOFF", "ERROR", "REBOOT"];

fn main() {
    let now = Timestamp::UNIX_EPOCH;
    let rules = Rules::default();
    let own: Rules = toml_rules();
    println!("{INSTANCES} instances, {SERVICES} services; median and best of {ROUNDS}");
    for (title, metadata, pools, rules) in [
        ("named by metadata, versions by metadata", true, false, &rules),
        ("named by name, nothing else", false, false, &rules),
        ("named by pool, versions by image, every tenth in trouble", false, true, &rules),
        ("the same, with three rules of one's own before it", false, true, &own),
    ] {
        let sources = sources(metadata, pools);
        measure(title, || group(black_box(&sources), rules, None, now));
    }
    let sources = sources(false, true);
    let fleet = group(&sources, &rules, None, now);
    measure("the same fleet again, with the one before", || group(black_box(&sources), &rules, Some(&fleet), now));
    let waiting = Sources { pools: Observation::default(), ..sources.clone() };
    measure("pools not answered yet, the last grouping held", || group(black_box(&waiting), &rules, Some(&fleet), now));
    measure("difference of two equal fleets", || diff(black_box(&fleet), black_box(&fleet)));
    let names: Vec<&str> = fleet.members.iter().map(|member| member.instance.name.as_str()).collect();
    measure("sanitise all names", || names.iter().map(|name| sanitise(black_box(name)).len()).sum::<usize>());
}

fn measure<T>(title: &str, mut round: impl FnMut() -> T) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            black_box(round());
            started.elapsed()
        })
        .collect();
    times.sort();
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("{:7.2} ms {:7.2} ms  {title}", millis(times[ROUNDS / 2]), millis(times[0]));
}

fn toml_rules() -> Rules {
    let texts = r#"{"rules": [
        {"name": "db-*", "service": "databases"},
        {"name_regex": "^(?<app>[a-z]+)_(\\d+)$", "service": "{app}"},
        {"metadata": {"team": "*"}, "service": "{stem}"}
    ]}"#;
    serde_json::from_str(texts).unwrap_or_default()
}

fn sources(metadata: bool, pooled: bool) -> Sources {
    let at = Timestamp::UNIX_EPOCH;
    let mut texts = Interner::default();
    let instances = (0..INSTANCES).map(|number| {
        let mut row = instance(number, metadata);
        row.share(|text| texts.share(text));
        Arc::new(row)
    });
    let mut ports: Vec<FixedAddress> = (0..INSTANCES).map(port).collect();
    ports.sort_unstable();
    let pools = if pooled { (0..SERVICES).map(pool).collect() } else { Vec::new() };
    Sources {
        place: Place { cloud: "bench".into(), region: "RegionOne".into() },
        instances: instances.map(|row| (row.id.clone(), row)).collect(),
        pools: Observation::of(Arc::new(pools), at),
        ports: Observation::of(Arc::new(ports), at),
        server_groups: Observation::of(Arc::default(), at),
        images: (0..SERVICES).map(|service| (image(service).id.clone(), Some(Arc::new(image(service))))).collect(),
        ..Sources::default()
    }
}

fn instance(number: usize, metadata: bool) -> Instance {
    let service = number % SERVICES;
    let told = [("service", format!("service{service}x")), ("version", format!("1.{}.0", number % 3))];
    Instance {
        id: id(number).into(),
        name: format!("service{service}x-{:03}", number / SERVICES),
        project: "22a6b1c2d3e4f5".into(),
        user: None,
        status: Status::from(STATES[number % STATES.len()]),
        task_state: None,
        vm_state: Some("active".into()),
        power_state: Some(PowerState::Running),
        created: Some(Timestamp::UNIX_EPOCH),
        updated: Some(Timestamp::UNIX_EPOCH),
        launched: None,
        image: ImageRef::Image(image(service).id),
        flavor: FlavorRef {
            id: None,
            name: Some("m1.small".into()),
            vcpus: Some(1),
            ram_mib: Some(512),
            disk_gib: None,
        },
        addresses: Vec::new(),
        metadata: told.into_iter().filter(|_| metadata).collect(),
        tags: vec!["rig-seed".into()],
        fault: None,
        locked: None,
        volumes: Vec::new(),
        server_groups: Vec::new(),
        zone: Some("nova".into()),
        host: None,
        host_id: None,
        key_name: None,
        description: None,
        progress: None,
        security_groups: Vec::new(),
    }
}

/// Ids in another order than names, as in life.
fn id(number: usize) -> String {
    format!("{:08x}-0000-4000-8000-{number:012x}", number.wrapping_mul(2_654_435_761) & 0xffff_ffff)
}

fn address(number: usize) -> Box<str> {
    format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255).into()
}

fn port(number: usize) -> FixedAddress {
    FixedAddress { instance: id(number).into(), subnet: "subnet".into(), address: address(number).into() }
}

fn pool(service: usize) -> Pool {
    let members = (service..INSTANCES).step_by(SERVICES).map(|number| pool::Member {
        id: format!("member-{number}").into(),
        name: "".into(),
        address: address(number).into(),
        port: 8080,
        subnet: Some("subnet".into()),
        weight: 1,
        operating_status: if number % 10 == 3 { "ERROR" } else { "ONLINE" }.into(),
        provisioning_status: "ACTIVE".into(),
        admin_up: true,
        backup: false,
        updated: None,
    });
    Pool {
        id: format!("pool-{service}").into(),
        name: format!("service{service}x"),
        project: "22a6b1c2d3e4f5".into(),
        balancers: Vec::new(),
        operating_status: "DEGRADED".to_owned(),
        provisioning_status: "ACTIVE".to_owned(),
        protocol: "HTTP".to_owned(),
        monitored: true,
        updated: None,
        members: members.collect(),
    }
}

fn image(service: usize) -> Image {
    Image {
        id: format!("image-{service}").into(),
        name: format!("service{service}x-1.4.2"),
        status: "active".to_owned(),
        properties: BTreeMap::new(),
        created: None,
    }
}
