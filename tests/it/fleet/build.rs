//! Small clouds, put together in few words.

use std::sync::Arc;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::observation::Observation;
use stackdeck::fleet::instance::{ImageRef, Instance, PowerState};
use stackdeck::fleet::pool::{self, Balancer, Pool};
use stackdeck::fleet::service::{Finding, Fleet, Member, Service};
use stackdeck::fleet::sources::{FixedAddress, Image, Place, ServerGroup, Sources};
use stackdeck::fleet::{Rules, group};

use crate::support::instance::bare;

/// Noon, in the cloud.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// So many minutes before noon.
pub(crate) fn ago(minutes: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() - minutes * 60).unwrap()
}

/// An instance that is up, changed an hour ago; its id is its name.
pub(crate) fn instance(name: &str) -> Instance {
    Instance {
        power_state: Some(PowerState::Running),
        created: Some(ago(600)),
        updated: Some(ago(60)),
        ..bare(name, name, "demo")
    }
}

/// What a row may carry, in short.
pub(crate) trait Row {
    fn meta(self, key: &str, value: &str) -> Self;
    fn tag(self, tag: &str) -> Self;
    fn image(self, id: &str) -> Self;
    fn status(self, status: &str) -> Self;
    fn doing(self, task_state: &str, since: Timestamp) -> Self;
    fn power(self, power: PowerState) -> Self;
}

impl Row for Instance {
    fn meta(mut self, key: &str, value: &str) -> Self {
        self.metadata = self.metadata.iter().chain([(key, value)]).collect();
        self
    }

    fn tag(mut self, tag: &str) -> Self {
        self.tags.push(tag.into());
        self
    }

    fn image(mut self, id: &str) -> Self {
        self.image = ImageRef::Image(id.into());
        self
    }

    fn status(mut self, status: &str) -> Self {
        self.status = status.into();
        self
    }

    fn doing(mut self, task_state: &str, since: Timestamp) -> Self {
        self.task_state = Some(task_state.to_owned());
        self.updated = Some(since);
        self
    }

    fn power(mut self, power: PowerState) -> Self {
        self.power_state = Some(power);
        self
    }
}

/// A cloud whose sources have all answered, with nothing but these instances.
pub(crate) fn cloud(instances: impl IntoIterator<Item = Instance>) -> Sources {
    let mut sources = Sources {
        place: Place { cloud: "rig".into(), region: "RegionOne".into() },
        pools: Observation::of(Arc::default(), now()),
        ports: Observation::of(Arc::default(), now()),
        server_groups: Observation::of(Arc::default(), now()),
        ..Sources::default()
    };
    sources.instances = instances.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect();
    sources
}

/// The same cloud, before anything but Nova's list has answered.
pub(crate) fn unanswered(instances: impl IntoIterator<Item = Instance>) -> Sources {
    Sources {
        pools: Observation::default(),
        ports: Observation::default(),
        server_groups: Observation::default(),
        ..cloud(instances)
    }
}

pub(crate) fn never<T>(kind: FailureKind) -> Observation<T> {
    Observation { known: None, failure: Some(Failure::new(kind, "no")) }
}

/// A pool, its balancer and its members: `(address, status)`, all at port 8080 in subnet `s`.
pub(crate) fn pool(name: &str, members: &[(&str, &str)]) -> Pool {
    Pool {
        id: format!("id-{name}").as_str().into(),
        name: name.to_owned(),
        project: "demo".into(),
        balancers: vec![Balancer {
            id: format!("lb-of-{name}").as_str().into(),
            name: format!("lb-of-{name}"),
            vip_subnet: Some("vip".into()),
            provider: "amphora".into(),
            operating_status: "ONLINE".to_owned(),
            provisioning_status: "ACTIVE".to_owned(),
            updated: Some(ago(60)),
        }],
        operating_status: "ONLINE".to_owned(),
        provisioning_status: "ACTIVE".to_owned(),
        protocol: "HTTP".to_owned(),
        monitored: true,
        updated: Some(ago(60)),
        members: members.iter().map(|(address, status)| seat(address, status)).collect(),
    }
}

fn seat(address: &str, status: &str) -> pool::Member {
    pool::Member {
        id: format!("member-{address}").as_str().into(),
        name: "".into(),
        address: address.into(),
        port: 8080,
        subnet: Some("s".into()),
        weight: 1,
        operating_status: status.into(),
        provisioning_status: "ACTIVE".into(),
        admin_up: true,
        backup: false,
        updated: Some(ago(60)),
    }
}

/// The port of an instance at an address in subnet `s`.
pub(crate) fn port(instance: &str, address: &str) -> FixedAddress {
    FixedAddress { instance: instance.into(), subnet: "s".into(), address: address.into() }
}

/// A server group of these instances.
pub(crate) fn server_group(name: &str, members: &[&str]) -> ServerGroup {
    ServerGroup {
        id: format!("id-{name}").as_str().into(),
        name: name.to_owned(),
        policy: None,
        members: members.iter().map(|&id| id.into()).collect(),
    }
}

/// An image, with properties.
pub(crate) fn image(id: &str, name: &str, properties: &[(&str, &str)]) -> Arc<Image> {
    Arc::new(Image {
        id: id.into(),
        name: name.to_owned(),
        status: "active".to_owned(),
        properties: properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        created: None,
    })
}

/// These pools and ports, told just now.
pub(crate) trait Surroundings {
    fn pools(self, pools: Vec<Pool>) -> Self;
    fn ports(self, ports: Vec<FixedAddress>) -> Self;
    fn groups(self, groups: Vec<ServerGroup>) -> Self;
    fn images(self, images: Vec<Arc<Image>>) -> Self;
}

impl Surroundings for Sources {
    fn pools(mut self, pools: Vec<Pool>) -> Self {
        self.pools = Observation::of(Arc::new(pools), now());
        self
    }

    fn ports(mut self, ports: Vec<FixedAddress>) -> Self {
        self.ports = Observation::of(Arc::new(ports), now());
        self
    }

    fn groups(mut self, groups: Vec<ServerGroup>) -> Self {
        self.server_groups = Observation::of(Arc::new(groups), now());
        self
    }

    fn images(mut self, images: Vec<Arc<Image>>) -> Self {
        self.images = images.into_iter().map(|image| (image.id.clone(), Some(image))).collect();
        self
    }
}

/// Grouped at noon by the built-in rules, with nothing known before.
pub(crate) fn grouped(sources: &Sources) -> Fleet {
    group(sources, &Rules::default(), None, now())
}

/// The member with that id.
pub(crate) fn member<'f>(fleet: &'f Fleet, id: &str) -> &'f Member {
    fleet.member(&id.into()).unwrap_or_else(|| panic!("no {id}"))
}

/// The service of the instance with that id.
pub(crate) fn service_of<'f>(fleet: &'f Fleet, id: &str) -> &'f Service {
    &fleet.services[member(fleet, id).service]
}

/// The service with that name.
pub(crate) fn service<'f>(fleet: &'f Fleet, name: &str) -> &'f Service {
    fleet.services.iter().find(|service| &*service.key.name == name).unwrap_or_else(|| panic!("no {name}"))
}

/// Service name and source, of each instance: `payments-1: payments by name`.
pub(crate) fn names(fleet: &Fleet) -> Vec<String> {
    let line = |member: &Member| {
        let service = &fleet.services[member.service].key.name;
        format!("{}: {service} by {}", member.instance.id, member.named_by)
    };
    fleet.members.iter().map(line).collect()
}

/// Severity and title of each finding.
pub(crate) fn titles(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{:?} {}", finding.severity, finding.title)).collect()
}
