//! Ports that somebody makes before the server that they are for.

use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::instance::course::traceback;
use crate::sim::world::instance::{Address, Fault};

/// What a port shall be.
#[derive(Clone, Debug, Default)]
pub struct NewPort {
    /// Its network, by place.
    pub network: usize,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its security groups; the default one if none are said.
    pub groups: Option<Vec<Uid>>,
    /// Its address; the next one if none.
    pub ip: Option<u32>,
}

/// Why there is no port: neutron's type of the error, and its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPort {
    /// Such as `OverQuota`.
    pub kind: &'static str,
    /// The sentence.
    pub message: String,
}

impl World {
    /// Makes a port that nobody uses yet.
    pub fn create_port(&mut self, project: Uid, wanted: NewPort) -> Result<Uid, NoPort> {
        let used = self.networks.ports.values().filter(|port| port.project == project).count();
        let quota = self.identity.project(project).map_or(u64::MAX, |project| project.quota.ports);
        if u64::try_from(used).unwrap_or(u64::MAX) >= quota {
            return Err(NoPort { kind: "OverQuota", message: "Quota exceeded for resources: ['port'].".to_owned() });
        }
        let taken = |ip: u32| self.networks.ports.values().any(|port| port.ip == ip);
        if let Some(ip) = wanted.ip.filter(|ip| taken(*ip)) {
            let subnet = self.networks.all[wanted.network].subnet;
            let ip = crate::sim::world::network::dotted(ip);
            let message = format!("IP address {ip} already allocated in subnet {subnet}");
            return Err(NoPort { kind: "IpAddressAlreadyAllocated", message });
        }
        let id = self.add_port(wanted.network, project, None, "");
        if let Some(port) = self.networks.ports.get_mut(&id) {
            (port.name, port.description, port.groups, port.premade) =
                (wanted.name, wanted.description, wanted.groups, true);
            port.ip = wanted.ip.unwrap_or(port.ip);
        }
        Ok(id)
    }

    /// Deletes a port; a server that has it loses its address.
    pub fn delete_port(&mut self, id: Uid) -> bool {
        let Some(port) = self.networks.ports.remove(&id) else { return false };
        self.lose_address(port.device, id);
        true
    }

    /// A port belongs to nobody again.
    pub(in crate::sim) fn unbind_port(&mut self, id: Uid) {
        let now = self.now;
        let Some(port) = self.networks.ports.get_mut(&id) else { return };
        let device = port.device.take();
        (port.owner, port.status, port.updated) = ("", "DOWN", now);
        self.lose_address(device, id);
    }

    fn lose_address(&mut self, server: Option<Uid>, port: Uid) {
        let Some(place) = server.and_then(|id| self.places.get(&id).copied()) else { return };
        if self.servers[place].lives() {
            self.servers[place].addresses.retain(|address| address.port != port);
        }
    }

    /// Binds the ports that a server was made with. The API has looked whether they are free; who comes second here has
    /// passed that all the same. It fails, and what it lets go then is the other one's: so nova does it.
    pub(in crate::sim) fn bind_awaited(&mut self, place: usize) -> Result<(), Fault> {
        let (id, now) = (self.servers[place].id, self.now);
        for wanted in std::mem::take(&mut self.servers[place].awaited) {
            let device = self.networks.ports.get(&wanted).map(|port| port.device);
            if device != Some(None) {
                self.unbind_port(wanted);
                let message =
                    format!("Build of instance {id} aborted: Failed to allocate the network(s), not rescheduling.");
                return Err(Fault { code: 500, details: traceback(&message), message, created: now });
            }
            let Some(port) = self.networks.ports.get_mut(&wanted) else { continue };
            (port.device, port.owner, port.status, port.updated) = (Some(id), "compute:nova", "ACTIVE", now);
            let (network, ip, mac) = (port.network, port.ip, port.mac);
            self.servers[place].addresses.push(Address { network, ip, mac, floating: false, port: wanted });
        }
        Ok(())
    }
}
