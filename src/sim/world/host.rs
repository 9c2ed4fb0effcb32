//! Hosts: nova-compute and its kin, hypervisors, Neutron's agents.

use crate::sim::uid::Uid;
use crate::sim::world::World;

/// A machine of the cloud.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its number among nova's services, as ids were before 2.53.
    pub number: u32,
    /// Nova's ids of its service and of its hypervisor.
    pub service: Uid,
    /// Hypervisor's id.
    pub hypervisor: Uid,
    /// Neutron's id of its agent.
    pub agent: Uid,
    /// `nova-compute`, or a service of the control plane.
    pub binary: &'static str,
    /// Its availability zone.
    pub zone: &'static str,
    /// Its cell.
    pub cell: u8,
    /// Whether its daemon lives.
    pub up: bool,
    /// Whether the machine itself is lost, and with it every guest.
    pub dark: bool,
    /// When it was last heard of, if it is down.
    pub last_seen: Option<crate::sim::moment::Moment>,
    /// Why an operator has disabled it.
    pub disabled: Option<String>,
    /// An operator has declared it dead.
    pub forced_down: bool,
    /// Its address, last byte.
    pub address: u8,
    /// Virtual CPUs, memory in MiB.
    pub vcpus: u32,
    /// Memory in MiB.
    pub ram: u32,
}

impl Host {
    /// Whether it runs servers.
    pub fn computes(&self) -> bool {
        self.binary == "nova-compute"
    }

    /// Whether nova calls it up.
    pub fn alive(&self) -> bool {
        self.up && !self.forced_down
    }
}

impl World {
    /// The place of a compute host by its name.
    pub fn host_place(&self, name: &str) -> Option<usize> {
        self.hosts.iter().position(|host| host.name == name && host.computes())
    }

    /// A compute host dies or comes back. What was asked of it meanwhile waits in the queue and is done then.
    pub fn set_host_up(&mut self, name: &str, up: bool) -> bool {
        let Some(place) = self.host_place(name) else { return false };
        let was = std::mem::replace(&mut self.hosts[place].up, up);
        self.hosts[place].last_seen = (!up).then_some(self.now);
        self.hosts[place].dark = !up;
        self.balancers_miss(place);
        if up && !was {
            self.resume_courses_on(place);
        }
        true
    }

    /// A cell's database stops answering, or answers again.
    pub fn set_cell_down(&mut self, cell: u8, down: bool) {
        self.down_cells.retain(|other| *other != cell);
        if down {
            self.down_cells.push(cell);
        }
    }

    /// Whether the server of that place lies in a cell that is down.
    pub(in crate::sim) fn unreachable(&self, place: usize) -> bool {
        !self.down_cells.is_empty() && self.down_cells.contains(&self.servers[place].cell)
    }
}
