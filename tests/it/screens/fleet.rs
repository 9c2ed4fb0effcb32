//! A believable fleet, made by hand: grouping has tests of its own, and what it says must not move these frames.

use std::collections::BTreeMap;
use std::sync::Arc;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::id::{InstanceId, PortId, RequestId, SubnetId, VolumeId};
use stackdeck::base::observation::Observation;
use stackdeck::fleet::Began;
use stackdeck::fleet::census::{self, Census};
use stackdeck::fleet::detail::{ConsoleLog, Detail, HistoryEntry, HistoryEvent, Port};
use stackdeck::fleet::instance::{Address, Fault, FlavorRef, ImageRef, Instance, Lock, PowerState, Status, VolumeRef};
use stackdeck::fleet::pool::{self, Pool};
use stackdeck::fleet::service::{
    Finding, Fleet, Member, NamedBy, Seat, Service, ServiceKey, Severity, Standing, VersionClaim,
};
use stackdeck::fleet::sources::Place;

/// What the rows of one service have in common.
struct Plan {
    name: &'static str,
    named_by: NamedBy,
    pool: Option<&'static str>,
    /// Version and how many run it.
    versions: &'static [(&'static str, usize)],
    flavor: (&'static str, u32, u32),
}

const PLANS: [Plan; 12] = [
    Plan {
        name: "api-gateway",
        named_by: NamedBy::Metadata,
        pool: Some("lb-edge"),
        versions: &[("7.4.1", 6)],
        flavor: ("m1.medium", 2, 4096),
    },
    Plan {
        name: "billing",
        named_by: NamedBy::Metadata,
        pool: None,
        versions: &[("2.9.0", 4)],
        flavor: ("m1.small", 1, 2048),
    },
    Plan {
        name: "catalogue",
        named_by: NamedBy::Stack,
        pool: Some("lb-catalogue"),
        versions: &[("5.0.2", 5), ("5.0.1", 1)],
        flavor: ("m1.medium", 2, 4096),
    },
    Plan {
        name: "invoices",
        named_by: NamedBy::Name,
        pool: None,
        versions: &[("1.1.0", 3)],
        flavor: ("m1.small", 1, 2048),
    },
    Plan {
        name: "ledger",
        named_by: NamedBy::Tag,
        pool: Some("lb-ledger"),
        versions: &[("2.0.1", 4)],
        flavor: ("m1.large", 4, 8192),
    },
    Plan { name: "mail-relay", named_by: NamedBy::Name, pool: None, versions: &[("", 2)], flavor: ("m1.tiny", 1, 512) },
    Plan {
        name: "notifications/worker",
        named_by: NamedBy::Metadata,
        pool: None,
        versions: &[("3.3.0", 5)],
        flavor: ("m1.small", 1, 2048),
    },
    Plan {
        name: "payments",
        named_by: NamedBy::Metadata,
        pool: Some("lb-payments"),
        versions: &[("1.4.2", 4), ("1.5.0", 2)],
        flavor: ("m1.large", 4, 8192),
    },
    Plan {
        name: "reports",
        named_by: NamedBy::ServerGroup,
        pool: None,
        versions: &[("0.18.3", 3)],
        flavor: ("m1.large", 4, 8192),
    },
    Plan {
        name: "search",
        named_by: NamedBy::Pool,
        pool: Some("lb-search"),
        versions: &[("8.11.0", 5)],
        flavor: ("m1.xlarge", 8, 16384),
    },
    Plan {
        name: "tax-forms",
        named_by: NamedBy::Metadata,
        pool: Some("lb-tax"),
        versions: &[("3.1.0", 3)],
        flavor: ("m1.medium", 2, 4096),
    },
    Plan {
        name: "users",
        named_by: NamedBy::Metadata,
        pool: Some("lb-users"),
        versions: &[("4.2.7", 4)],
        flavor: ("m1.medium", 2, 4096),
    },
];

/// A time of the fixture's day.
pub(crate) fn at(time: &str) -> Timestamp {
    format!("2026-11-20T{time}Z").parse().unwrap()
}

/// The place of everything here.
pub(crate) fn place() -> Place {
    Place { cloud: "prod-eu".into(), region: "RegionOne".into() }
}

/// The fleet: a dozen services, a few in trouble.
pub(crate) fn fleet() -> Fleet {
    let mut rows: Vec<(usize, Member)> = Vec::new();
    for (service, plan) in PLANS.iter().enumerate() {
        let versions = plan.versions.iter().flat_map(|(version, count)| std::iter::repeat_n(*version, *count));
        for (number, version) in versions.enumerate() {
            rows.push((service, member(plan, service, number + 1, version)));
        }
    }
    rows.iter_mut().for_each(|(_, member)| trouble(member));
    rows.sort_by(|one, two| one.1.instance.id.cmp(&two.1.instance.id));
    let services = PLANS.iter().enumerate().map(|(at, plan)| service(at, plan, &rows)).collect();
    let mut members: Vec<Member> = rows.into_iter().map(|(_, member)| member).collect();
    let pool = payments_pool();
    for member in members.iter_mut().filter(|member| member.instance.name.starts_with("payments-")) {
        let seat = pool.members.iter().position(|seat| *seat.name == *member.instance.name);
        member.seats = seat.map(|at| Seat { pool: 0, member: at }).into_iter().collect();
    }
    Fleet { services, members, pools: Arc::new(vec![pool]), ..Fleet::default() }
}

fn payments_pool() -> Pool {
    let member = |number: usize| pool::Member {
        id: format!("9e00000{number}-0000-4000-8000-000000000000").as_str().into(),
        name: format!("payments-{number:02}").into(),
        address: format!("10.20.7.{}", number + 10).into(),
        port: 8080,
        subnet: Some(SubnetId::from("5b1e0000-6d1f-4b5e-8a77-1d9a3c1f0001")),
        weight: 10,
        operating_status: if number == 5 { "ERROR" } else { "ONLINE" }.into(),
        provisioning_status: "ACTIVE".into(),
        admin_up: true,
        backup: false,
        updated: None,
    };
    Pool {
        id: "9001f00d-0000-4000-8000-000000000000".into(),
        name: "lb-payments".to_owned(),
        project: "8f1c44d0b0a74c7c9d1f6f3f0f0a5a11".into(),
        balancers: vec![pool::Balancer {
            id: "1b000001-0000-4000-8000-000000000000".into(),
            name: "lb-payments".to_owned(),
            vip_subnet: None,
            provider: "amphora".to_owned(),
            operating_status: "DEGRADED".to_owned(),
            provisioning_status: "ACTIVE".to_owned(),
            updated: None,
        }],
        operating_status: "DEGRADED".to_owned(),
        provisioning_status: "ACTIVE".to_owned(),
        protocol: "HTTP".to_owned(),
        monitored: true,
        updated: None,
        members: (1..=6).map(member).collect(),
    }
}

/// A fleet of as many instances as wanted, all in one service: what is drawn must not depend on it.
pub(crate) fn large(count: usize) -> Fleet {
    let mut members: Vec<Member> = (0..count)
        .map(|number| {
            let mut member = member(&PLANS[0], 0, number + 1, "7.4.1");
            Arc::make_mut(&mut member.instance).id =
                format!("{number:08x}-0000-4000-8000-000000000000").as_str().into();
            member
        })
        .collect();
    members.sort_by(|one, two| one.instance.id.cmp(&two.instance.id));
    let rows: Vec<(usize, Member)> = members.into_iter().map(|member| (0, member)).collect();
    let services = vec![service(0, &PLANS[0], &rows)];
    let members = rows.into_iter().map(|(_, member)| member).collect();
    Fleet { services, members, pools: Arc::default(), ..Fleet::default() }
}

/// The id of a service's member by its number.
pub(crate) fn id(service: &str, number: usize) -> InstanceId {
    let at = PLANS.iter().position(|plan| plan.name == service).unwrap();
    instance_id(at, number)
}

fn instance_id(service: usize, number: usize) -> InstanceId {
    // Ids in another order than names, as in life.
    let head = (service * 7919 + number * 104_729) % 0xffff_ffff;
    format!("{head:08x}-51ce-4d0e-9a{service:02x}-{number:012x}").as_str().into()
}

fn member(plan: &Plan, service: usize, number: usize, version: &str) -> Member {
    let (flavor, vcpus, ram) = plan.flavor;
    let zone = ["az-1", "az-2", "az-3"][number % 3];
    let instance = Instance {
        id: instance_id(service, number),
        name: format!("{}-{number:02}", plan.name.replace('/', "-")),
        project: "8f1c44d0b0a74c7c9d1f6f3f0f0a5a11".into(),
        user: Some("deploy".into()),
        status: Status::Active,
        task_state: None,
        vm_state: Some("active".into()),
        power_state: Some(PowerState::Running),
        created: Some(at(&format!("{:02}:{:02}:00", 1 + service % 9, number % 50))),
        updated: Some(at(&format!("{:02}:{:02}:30", 1 + service % 9, number % 50 + 1))),
        launched: Some(at(&format!("{:02}:{:02}:20", 1 + service % 9, number % 50))),
        image: ImageRef::Image(format!("5e0e7a2c-0000-4000-8000-0000000000{service:02x}").as_str().into()),
        flavor: FlavorRef {
            id: None,
            name: Some(flavor.into()),
            vcpus: Some(vcpus),
            ram_mib: Some(ram),
            disk_gib: Some(20),
        },
        addresses: vec![Address {
            network: "app-net".into(),
            address: format!("10.20.{service}.{}", number + 10).into(),
            floating: false,
            mac: Some(format!("fa:16:3e:00:{service:02x}:{number:02x}").into()),
            port: None,
        }],
        metadata: [("service", plan.name), ("version", version), ("team", "payments-team")].into_iter().collect(),
        tags: vec!["env=prod".into(), "tier=1".into()],
        fault: None,
        locked: Some(Lock { locked: false, reason: None }),
        volumes: vec![],
        server_groups: vec![],
        zone: Some(zone.into()),
        host: None,
        host_id: Some("7b1a".into()),
        key_name: Some("deploy".into()),
        description: None,
        progress: None,
        security_groups: vec!["default".into(), "app".into()],
    };
    let claim = VersionClaim {
        key: None,
        version: (!version.is_empty()).then(|| version.into()),
        said_by: (!version.is_empty()).then_some("metadata"),
        disputed: vec![],
    };
    Member {
        instance: Arc::new(instance),
        service,
        named_by: plan.named_by,
        version: claim,
        findings: vec![],
        seats: vec![],
        unconfirmed: false,
    }
}

fn trouble(member: &mut Member) {
    let name = member.instance.name.clone();
    let instance = Arc::make_mut(&mut member.instance);
    let mut find = |severity, title, evidence: &str, since: &str| {
        let (evidence, since) = (evidence.to_owned(), Some(Began::exactly(at(since))));
        member.findings.push(Finding { severity, title, evidence, since, instance: Some(instance.id.clone()) });
    };
    match name.as_str() {
        "payments-02" => {
            instance.status = Status::Reboot;
            instance.task_state = Some("reboot_started".to_owned());
            find(Severity::Busy, "rebooting", "Nova: task state reboot_started for 40 s", "14:31:20");
        }
        "payments-05" => {
            find(
                Severity::Warning,
                "member down",
                "Octavia: member 10.20.7.15:8080 of lb-payments is ERROR",
                "14:18:02",
            );
        }
        "tax-forms-01" | "tax-forms-03" => {
            instance.status = Status::Error;
            instance.power_state = Some(PowerState::NoState);
            instance.fault = Some(Fault {
                code: 500,
                message: "No valid host was found. There are not enough hosts available.".to_owned(),
                details: None,
                created: Some(at("13:58:11")),
            });
            let evidence = "Nova: ERROR, fault 500: No valid host was found. There are not enough hosts available.";
            find(Severity::Critical, "error", evidence, "13:58:11");
        }
        "reports-02" => {
            instance.status = Status::Shutoff;
            instance.power_state = Some(PowerState::Shutdown);
            find(Severity::Warning, "stopped", "Nova: SHUTOFF, 2 others of the service run", "09:12:40");
        }
        "mail-relay-02" => {
            instance.status = Status::Unknown;
            instance.power_state = None;
            find(Severity::Unknown, "cell down", "Nova: UNKNOWN, its cell does not answer", "14:30:05");
        }
        _ => {}
    }
}

fn service(at: usize, plan: &Plan, rows: &[(usize, Member)]) -> Service {
    let mut members: Vec<usize> = (0..rows.len()).filter(|row| rows[*row].0 == at).collect();
    members.sort_by(|one, two| rows[*one].1.instance.name.cmp(&rows[*two].1.instance.name));
    let mine = || members.iter().map(|row| &rows[*row].1);
    let mut versions: BTreeMap<Option<Arc<str>>, usize> = BTreeMap::new();
    mine().for_each(|member| *versions.entry(member.version.version.clone()).or_default() += 1);
    let mut versions: Vec<_> = versions.into_iter().collect();
    versions.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let serves = |member: &&Member| {
        member.instance.status == Status::Active && member.findings.iter().all(|found| found.title != "member down")
    };
    let mut findings: Vec<Finding> = mine().flat_map(|member| member.findings.clone()).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let project = "8f1c44d0b0a74c7c9d1f6f3f0f0a5a11".into();
    let pool = payments_pool();
    let taking =
        plan.pool.iter().map(|name| census::taking(Some(&pool).filter(|pool| pool.title() == *name).into_iter()));
    let taking = taking.collect();
    Service {
        key: ServiceKey { place: place(), project, name: plan.name.into() },
        census: Census::of(&versions, mine(), taking),
        ready: mine().filter(serves).count(),
        standing: Standing::Settled,
        versions,
        findings,
        pools: plan.pool.into_iter().map(Into::into).collect(),
        members,
    }
}

/// What is known of the member of a service that is in trouble, looked into.
pub(crate) fn detail(fleet: &Fleet, id: &InstanceId) -> Detail {
    let instance = Arc::clone(&fleet.member(id).unwrap().instance);
    let now = at("14:31:58");
    let address = instance.addresses[0].address.clone();
    let port = Port {
        id: PortId::from("0d2c9a3e-6d1f-4b5e-8a77-1d9a3c1f0001"),
        instance: Some(id.clone()),
        fixed: vec![(SubnetId::from("5b1e0000-6d1f-4b5e-8a77-1d9a3c1f0001"), address)],
        mac: instance.addresses[0].mac.clone().unwrap(),
        status: "ACTIVE".to_owned(),
        network: "app-net".to_owned(),
        name: String::new(),
    };
    let volume = VolumeRef {
        id: VolumeId::from("c0ffee00-6d1f-4b5e-8a77-1d9a3c1f0001"),
        delete_on_termination: Some(false),
        device: Some("/dev/vdb".to_owned()),
    };
    let lines = [
        "[    0.000000] Linux version 6.1.0-28-cloud-amd64",
        "[    1.204411] EXT4-fs (vda1): mounted filesystem",
        "cloud-init[612]: Cloud-init v. 23.4.4 running 'modules:final'",
        "payments[844]: listening on 0.0.0.0:8080",
        "payments[844]: WARN upstream ledger answered 503, retrying",
        "\u{1b}[31mpayments[844]: ERROR upstream ledger gave up\u{1b}[0m",
    ];
    let console = ConsoleLog { lines: lines.iter().map(|line| Box::from(*line)).collect(), truncated: true };
    Detail {
        raw: Observation::of(format!("{{\n  \"id\": \"{id}\",\n  \"name\": \"{}\"\n}}", instance.name).into(), now),
        instance: Observation::of(instance, now),
        ports: Observation::of(vec![port], now),
        volumes: Observation::of(vec![volume], now),
        history: Observation::of(history(), now),
        console: Observation::of(console, now),
    }
}

fn history() -> Vec<HistoryEntry> {
    let entry = |verb: &str, request: &str, started: &str, message: Option<&str>| HistoryEntry {
        verb: verb.to_owned(),
        request_id: Some(RequestId::from(format!("req-{request}-7d0c-4b8e-9c2a-0b6d5f7c1e2d").as_str())),
        user: Some("deploy".into()),
        started: Some(at(started)),
        message: message.map(str::to_owned),
        events: vec![],
    };
    let mut reboot = entry("reboot", "8c1f04aa", "14:31:20", None);
    reboot.events = vec![HistoryEvent {
        name: "compute_reboot_instance".to_owned(),
        result: None,
        started: Some(at("14:31:21")),
        finished: None,
        traceback: None,
        host: None,
    }];
    vec![reboot, entry("lock", "11d0b3c7", "13:02:44", Some("Error")), entry("create", "5a90e1f2", "08:01:02", None)]
}
