//! Which instance sits in which pool: by port and subnet, never by a bare address.
//!
//! Two projects may both have a 10.0.0.3. A member without a subnet of its own is reached from the balancer's VIP, so
//! the VIP's subnet is taken for it.

use crate::base::id::{InstanceId, SubnetId};
use crate::fleet::map::Map;
use crate::fleet::pool::{self, Pool};
use crate::fleet::service::Seat;
use crate::fleet::sources::{Port, Sources};

/// Who sits where. Instances are told by their position in the list, which is the same all through one grouping.
#[derive(Default)]
pub(crate) struct Seats {
    by_instance: Vec<Vec<Seat>>,
    /// Pools in which at least one instance sits.
    filled: Vec<bool>,
    /// Places that no instance has.
    pub(crate) strays: Vec<Seat>,
}

impl Seats {
    /// Matches every member of every pool. Nobody sits anywhere until both pools and ports are known.
    pub(crate) fn of(sources: &Sources) -> Self {
        let (Some(pools), Some(ports)) = (sources.pools.value(), sources.ports.value()) else { return Self::default() };
        if pools.is_empty() {
            return Self::default();
        }
        let owners = owners(ports, sources);
        let by_instance = vec![Vec::new(); sources.instances.len()];
        let mut seats = Self { filled: vec![false; pools.len()], by_instance, strays: Vec::new() };
        for (at, pool) in pools.iter().enumerate() {
            for (place, member) in pool.members.iter().enumerate() {
                let seat = Seat { pool: at, member: place };
                let Some(owner) = owner(pool, member, &owners) else {
                    seats.strays.push(seat);
                    continue;
                };
                seats.filled[at] = true;
                if let Owner::Listed(number) = owner {
                    seats.by_instance[number].push(seat);
                }
            }
        }
        seats
    }

    /// The places of the instance at that position.
    pub(crate) fn of_instance(&self, number: usize) -> &[Seat] {
        self.by_instance.get(number).map_or(&[], Vec::as_slice)
    }

    /// Whether an instance sits in that pool.
    pub(crate) fn is_filled(&self, pool: usize) -> bool {
        self.filled.get(pool).copied().unwrap_or_default()
    }
}

/// Whose an address is.
#[derive(Clone, Copy)]
enum Owner {
    /// The instance at that position.
    Listed(usize),
    /// One that Neutron knows and Nova's list has not come to yet.
    Unlisted,
}

type Owners<'a> = Map<(&'a str, &'a str), Owner>;

fn owners<'a>(ports: &'a [Port], sources: &Sources) -> Owners<'a> {
    let listed: Map<&InstanceId, usize> =
        sources.instances.keys().enumerate().map(|(number, id)| (id, number)).collect();
    let mut owners = Owners::with_capacity_and_hasher(ports.len(), Default::default());
    for port in ports {
        let Some(instance) = &port.instance else { continue };
        let owner = listed.get(instance).map_or(Owner::Unlisted, |number| Owner::Listed(*number));
        for (subnet, address) in &port.fixed {
            owners.insert((subnet.as_str(), address), owner);
        }
    }
    owners
}

fn owner(pool: &Pool, member: &pool::Member, owners: &Owners<'_>) -> Option<Owner> {
    owners.get(&(subnet(pool, member)?.as_str(), &*member.address)).copied()
}

/// The subnet that a member is in, as far as it is told.
pub(crate) fn subnet<'a>(pool: &'a Pool, member: &'a pool::Member) -> Option<&'a SubnetId> {
    member.subnet.as_ref().or_else(|| pool.balancers.iter().find_map(|balancer| balancer.vip_subnet.as_ref()))
}
