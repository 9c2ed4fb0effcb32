//! Which instance sits in which pool: by port and subnet, never by a bare address.
//!
//! Two projects may both have a 10.0.0.3. A member without a subnet of its own is reached from the balancer's VIP, so
//! the VIP's subnet is taken for it.

use crate::base::id::SubnetId;
use crate::fleet::map::Map;
use crate::fleet::pool::{self, Pool};
use crate::fleet::service::Seat;
use crate::fleet::sources::{FixedAddress, Sources};

/// Who sits where. Instances are told by their position in the list, which is the same all through one grouping.
#[derive(Default)]
pub(crate) struct Seats {
    /// All places, by instance, and each instance's in the order of the pools.
    all: Vec<Seat>,
    /// Where each instance's places begin in `all`; and at last where they end.
    begin: Vec<usize>,
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
        let mut seats = Self { filled: vec![false; pools.len()], ..Self::default() };
        let mut seated: Vec<(usize, Seat)> = Vec::with_capacity(ports.len());
        for (at, pool) in pools.iter().enumerate() {
            for (place, member) in pool.members.iter().enumerate() {
                let seat = Seat { pool: at, member: place };
                let Some(owner) = owner(pool, member, &owners) else {
                    seats.strays.push(seat);
                    continue;
                };
                seats.filled[at] = true;
                if let Owner::Listed(number) = owner {
                    seated.push((number, seat));
                }
            }
        }
        seats.sort(sources.instances.len(), &seated);
        seats
    }

    /// Puts the places into the order of the instances. The list is of numbers from a small range: counting is enough.
    fn sort(&mut self, instances: usize, seated: &[(usize, Seat)]) {
        let mut begin = vec![0; instances + 1];
        for (number, _) in seated {
            begin[number + 1] += 1;
        }
        for number in 0..instances {
            begin[number + 1] += begin[number];
        }
        let mut next = begin.clone();
        self.all = vec![Seat { pool: 0, member: 0 }; seated.len()];
        for &(number, seat) in seated {
            self.all[next[number]] = seat;
            next[number] += 1;
        }
        self.begin = begin;
    }

    /// The places of the instance at that position.
    pub(crate) fn of_instance(&self, number: usize) -> &[Seat] {
        match self.begin.get(number..number + 2) {
            Some(&[from, to]) => &self.all[from..to],
            _ => &[],
        }
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

fn owners<'a>(ports: &'a [FixedAddress], sources: &Sources) -> Owners<'a> {
    let mut ports: Vec<&FixedAddress> = ports.iter().collect();
    if !ports.is_sorted() {
        ports.sort_unstable();
    }
    // Both lists are in the order of the instances' ids: they are gone through side by side, and nothing is looked up.
    let mut listed = sources.instances.keys().enumerate().peekable();
    let mut owners = Owners::with_capacity_and_hasher(ports.len(), Default::default());
    for FixedAddress { instance, subnet, address } in ports {
        while listed.next_if(|(_, id)| *id < instance).is_some() {}
        let owner = match listed.peek() {
            Some((number, id)) if *id == instance => Owner::Listed(*number),
            _ => Owner::Unlisted,
        };
        owners.insert((subnet.as_str(), address), owner);
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
