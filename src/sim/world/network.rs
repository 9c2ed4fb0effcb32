//! Networks, subnets and ports.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;

/// A network with its one subnet.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its id.
    pub id: Uid,
    /// Its name.
    pub name: String,
    /// Whose.
    pub project: Uid,
    /// Its subnet's id.
    pub subnet: Uid,
    /// The first address of its /16.
    pub base: u32,
    /// How many addresses were given out.
    pub given: u32,
    /// When it was made.
    pub created: Moment,
}

/// A port.
#[derive(Clone, Debug)]
pub struct Port {
    /// Its id.
    pub id: Uid,
    /// Its name; mostly empty.
    pub name: String,
    /// Its network, by place.
    pub network: usize,
    /// Whose.
    pub project: Uid,
    /// Its fixed address.
    pub ip: u32,
    /// Its MAC, the last three bytes.
    pub mac: u32,
    /// What it belongs to; empty for none.
    pub device: Option<Uid>,
    /// `compute:nova`, `Octavia`, or empty.
    pub owner: &'static str,
    /// ACTIVE, DOWN, BUILD.
    pub status: &'static str,
    /// When it was made.
    pub created: Moment,
    /// When it was last changed.
    pub updated: Moment,
    /// Its description.
    pub description: String,
    /// Its security groups, if not the default one.
    pub groups: Option<Vec<Uid>>,
    /// Somebody made it for a server, and it outlives that.
    pub premade: bool,
}

/// An address in dots.
pub fn dotted(ip: u32) -> Ipv4Addr {
    Ipv4Addr::from(ip)
}

/// A MAC address as neutron writes it.
pub fn mac_text(mac: u32) -> String {
    let [_, a, b, c] = mac.to_be_bytes();
    format!("fa:16:3e:{a:02x}:{b:02x}:{c:02x}")
}

/// Everything of neutron's.
#[derive(Debug, Default)]
pub struct Networks {
    /// All networks.
    pub all: Vec<Network>,
    /// All ports, in neutron's own order.
    pub ports: BTreeMap<Uid, Port>,
    /// The default security group per project.
    pub security_groups: Vec<(Uid, Uid)>,
}

impl Networks {
    /// The default security group of a project.
    pub fn security_group(&self, project: Uid) -> Option<Uid> {
        self.security_groups.iter().find(|(owner, _)| *owner == project).map(|(_, group)| *group)
    }
}

impl World {
    /// Makes a network with a /16 of its own.
    pub fn add_network(&mut self, name: &str, project: Uid, created: Moment) -> usize {
        let (id, subnet) = (self.fresh_uid(), self.fresh_uid());
        let place = self.networks.all.len();
        let base = u32::from_be_bytes([10, 20 + u8::try_from(place % 200).unwrap_or(0), 0, 0]);
        self.networks.all.push(Network { id, name: name.to_owned(), project, subnet, base, given: 10, created });
        if self.networks.security_group(project).is_none() {
            let group = self.fresh_uid();
            self.networks.security_groups.push((project, group));
        }
        place
    }

    /// Makes a port with the network's next address.
    pub fn add_port(&mut self, network: usize, project: Uid, device: Option<Uid>, owner: &'static str) -> Uid {
        let id = self.fresh_uid();
        let mac = self.rng.u32(0..1 << 24);
        let net = &mut self.networks.all[network];
        net.given += 1;
        let ip = net.base + net.given % 65_000;
        let (name, now) = (String::new(), self.now);
        let status = if device.is_some() { "ACTIVE" } else { "DOWN" };
        let (description, groups, premade) = (String::new(), None, false);
        let port = Port {
            id,
            name,
            network,
            project,
            ip,
            mac,
            device,
            owner,
            status,
            created: now,
            updated: now,
            description,
            groups,
            premade,
        };
        self.networks.ports.insert(id, port);
        id
    }
}
