//! Which instance sits in which pool: by port and subnet, never by a bare address.
//!
//! Two projects may both have a 10.0.0.3. A member without a subnet of its own is reached from the balancer's VIP, so
//! the VIP's subnet is taken for it.

use std::collections::HashMap;

use crate::base::id::{InstanceId, SubnetId};
use crate::fleet::pool::{self, Pool};
use crate::fleet::service::Seat;
use crate::fleet::sources::{Port, Sources};

/// Who sits where.
#[derive(Default)]
pub(crate) struct Seats<'a> {
    by_instance: HashMap<&'a InstanceId, Vec<Seat>>,
    /// Pools in which at least one instance sits.
    filled: Vec<bool>,
    /// Places that no instance has.
    pub(crate) strays: Vec<Seat>,
}

impl<'a> Seats<'a> {
    /// Matches every member of every pool. Nobody sits anywhere until both pools and ports are known.
    pub(crate) fn of(sources: &'a Sources) -> Self {
        let (Some(pools), Some(ports)) = (sources.pools.value(), sources.ports.value()) else { return Self::default() };
        if pools.is_empty() {
            return Self::default();
        }
        let owners = owners(ports);
        let mut seats = Self { filled: vec![false; pools.len()], ..Self::default() };
        for (at, pool) in pools.iter().enumerate() {
            for (place, member) in pool.members.iter().enumerate() {
                let seat = Seat { pool: at, member: place };
                let Some(id) = owner(pool, member, &owners) else {
                    seats.strays.push(seat);
                    continue;
                };
                // Neutron may know an instance that Nova's list has not come to yet.
                seats.filled[at] = true;
                if sources.instances.contains_key(id) {
                    seats.by_instance.entry(id).or_default().push(seat);
                }
            }
        }
        seats
    }

    /// The places of that instance.
    pub(crate) fn of_instance(&self, id: &InstanceId) -> &[Seat] {
        self.by_instance.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether an instance sits in that pool.
    pub(crate) fn is_filled(&self, pool: usize) -> bool {
        self.filled.get(pool).copied().unwrap_or_default()
    }
}

type Owners<'a> = HashMap<(&'a str, &'a str), &'a InstanceId>;

fn owners(ports: &[Port]) -> Owners<'_> {
    let mut owners = Owners::with_capacity(ports.len());
    for port in ports {
        let Some(instance) = &port.instance else { continue };
        for (subnet, address) in &port.fixed {
            owners.insert((subnet.as_str(), address), instance);
        }
    }
    owners
}

fn owner<'a>(pool: &Pool, member: &pool::Member, owners: &Owners<'a>) -> Option<&'a InstanceId> {
    owners.get(&(subnet(pool, member)?.as_str(), &*member.address)).copied()
}

/// The subnet that a member is in, as far as it is told.
pub(crate) fn subnet<'a>(pool: &'a Pool, member: &'a pool::Member) -> Option<&'a SubnetId> {
    member.subnet.as_ref().or_else(|| pool.balancers.iter().find_map(|balancer| balancer.vip_subnet.as_ref()))
}
