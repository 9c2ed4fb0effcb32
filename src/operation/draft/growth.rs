//! New instances of a service: each made like one that serves, and put where the fewest of it are.
//!
//! The sibling is whoever would leave last: it serves, runs what most run, and is nobody else's. What Nova tells of it is
//! copied; its user data is not, as Nova gives that back to nobody but admins, and neither are its volumes.
//!
//! Source of the order of steps: `reference/rollouts-and-healing.md`, 13 (b), quiescent-safe orders.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::base::id::{NetworkId, PortId};
use crate::fleet::health::is_up;
use crate::fleet::instance::{ImageRef, Instance, Status};
use crate::fleet::mould::{self, Mould};
use crate::fleet::pool::{self, Pool};
use crate::fleet::service::{Fleet, Member, Service};
use crate::fleet::version::ITSELF;
use crate::operation::change::{Boot, FixedIp, Member as NewMember, NewPort, NewServer};
use crate::operation::draft::drawing::{Drawing, in_rotation};
use crate::operation::draft::naming::several;
use crate::operation::draft::release::{misfit, told_anew};
use crate::operation::draft::removal::first_to_leave;
use crate::operation::intent::{Aim, Intent, Verb};
use crate::operation::plan::{Step, Target};
use crate::operation::promise;
use crate::operation::sight::{Share, State};
use crate::operation::slot::{Membership, Slot};
use crate::operation::stamp;

/// Whom the new instances of a wish are made like: what these are made like is to be read before its plan is made.
pub fn likes(intent: &Intent, fleet: &Fleet) -> Vec<Arc<Instance>> {
    let service = |key| fleet.service(key).into_iter();
    let members: Vec<&Member> = match (intent.verb, &intent.aim) {
        (Verb::Scale, Aim::Service(key)) => {
            let grows = |service: &&Service| intent.size.is_some_and(|size| service.members.len() < size);
            service(key).filter(grows).filter_map(|service| sibling(fleet, service)).collect()
        }
        (_, Aim::Service(key)) if intent.replaces() => {
            service(key).flat_map(|service| &service.members).filter_map(|at| fleet.members.get(*at)).collect()
        }
        (_, Aim::Instances(ids)) if intent.replaces() => {
            let replaced: Vec<_> = ids.iter().filter_map(|id| fleet.member(id)).collect();
            // Of whoever is too ill to tell, another is asked.
            let services: BTreeSet<usize> = replaced.iter().map(|member| member.service).collect();
            let services = services.into_iter().filter_map(|at| fleet.services.get(at));
            replaced.into_iter().chain(services.filter_map(|service| sibling(fleet, service))).collect()
        }
        _ => Vec::new(),
    };
    let mut seen = HashSet::new();
    let once = members.into_iter().filter(|member| seen.insert(&member.instance.id));
    once.map(|member| Arc::clone(&member.instance)).collect()
}

/// Whom a new instance of the service is made like.
fn sibling<'f>(fleet: &'f Fleet, service: &'f Service) -> Option<&'f Member> {
    first_to_leave(fleet, service, service.members.len()).into_iter().last()
}

/// The ports that were made with an instance.
pub(super) fn ports_of(instance: &Instance) -> Vec<PortId> {
    let told = instance.metadata.get(stamp::PORTS).unwrap_or_default();
    told.split(',').filter(|id| !id.is_empty()).map(PortId::from).collect()
}

/// What all new instances of a plan share.
pub(super) struct Pattern<'f> {
    like: &'f Instance,
    mould: &'f Mould,
    boot: Boot,
    seats: Vec<(&'f Pool, &'f pool::Member, usize)>,
    version: Option<String>,
    /// What its metadata says of its version, where that is another than its sibling's.
    told: BTreeMap<String, String>,
}

impl Drawing<'_> {
    /// So many more.
    pub(super) fn grow(&mut self, fleet: &Fleet, service: &Service, count: usize) {
        let name = &service.key.name;
        let Some(mould) = self.intent.moulds.first().cloned() else {
            return self.object(None, format!("it was not read what a new instance of {name} is made like"));
        };
        let Some(like) = fleet.member(&mould.like) else {
            return self.object(None, format!("whom a new instance of {name} was to be made like is gone: look again"));
        };
        self.room(&mould, like, count);
        let Some(pattern) = self.pattern(fleet, like, &mould) else { return };
        let mut zones = Zones::of(fleet, service);
        for _ in 0..count {
            let name = self.name_after(&like.instance.name, fleet);
            let steps = self.made(&pattern, &service.key.name, name, zones.emptiest().as_deref());
            self.steps.extend(steps);
        }
    }

    /// What the quotas allow.
    pub(super) fn room(&mut self, mould: &Mould, like: &Member, count: usize) {
        if let Some(room) = mould.room.filter(|room| *room < count) {
            let (more, name) = (several(room, "instance"), &like.instance.name);
            self.object(None, format!("the quotas of the project allow {more} more like {name}"));
        }
    }

    /// A name that follows a sibling's: `payments-07` behind `payments-06`, whoever has that; none is given twice.
    pub(super) fn name_after(&self, like: &str, fleet: &Fleet) -> String {
        let digits = like.len() - like.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
        let (stem, width) = match digits {
            0 => (format!("{like}-"), 2),
            digits => (like[..like.len() - digits].to_owned(), digits),
        };
        let taken = fleet.members.iter().map(|member| member.instance.name.as_str());
        let taken = taken.chain(self.steps.iter().map(|step| step.target.name.as_str()));
        let last = taken.filter_map(|name| name.strip_prefix(stem.as_str())?.parse::<u64>().ok()).max();
        format!("{stem}{:0width$}", last.unwrap_or_default().saturating_add(1))
    }

    /// What is copied; `None` where something speaks against it, which is then said.
    pub(super) fn pattern<'f>(
        &mut self,
        fleet: &'f Fleet,
        member: &'f Member,
        mould: &'f Mould,
    ) -> Option<Pattern<'f>> {
        let like = &*member.instance;
        let target = Target { id: like.id.clone(), name: like.name.clone(), service: String::new() };
        if self.is_unseated(fleet, like) || self.is_owned(&target, like) {
            return None;
        }
        let release = self.intent.release.as_ref();
        if let Some(why) = release.and_then(|release| misfit(release, like)) {
            self.object(Some(&like.id), format!("{} {why}", like.name));
            return None;
        }
        let boot = match (&like.image, release) {
            (ImageRef::Image(_) | ImageRef::Untold, Some(release)) => Boot::Image(release.image.clone()),
            (ImageRef::Image(image), None) => Boot::Image(image.clone()),
            (ImageRef::Volume, _) => {
                self.object(Some(&like.id), format!("{} boots from a volume, which is not copied", like.name));
                return None;
            }
            (ImageRef::Untold, None) => {
                self.object(Some(&like.id), format!("Nova does not tell what {} was made from", like.name));
                return None;
            }
        };
        if mould.ports.is_empty() {
            self.object(Some(&like.id), format!("Neutron shows no port of {}", like.name));
            return None;
        }
        let mut seats = Vec::new();
        for (pool, seat) in fleet.memberships(member) {
            let at = mould.ports.iter().position(|port| port.addresses.iter().any(|one| **one == *seat.address));
            let Some(at) = at else {
                let text = format!(
                    "{} is in {} by {}, which is none of its own addresses",
                    like.name,
                    pool.title(),
                    seat.address
                );
                self.object(Some(&like.id), text);
                return None;
            };
            seats.push((pool, seat, at));
        }
        // What only metadata says is copied with it, and proves nothing.
        let own = member.version.version.as_ref().filter(|_| member.version.said_by == Some(ITSELF));
        let version = release.map_or_else(|| own.map(ToString::to_string), |release| release.version.clone());
        Some(Pattern { like, mould, boot, seats, version, told: told_anew(release, member) })
    }

    pub(super) fn made(&self, pattern: &Pattern<'_>, service: &str, name: String, zone: Option<&str>) -> Vec<Step> {
        let number = self.steps.last().map_or(0, |step| step.slot + 1);
        let ports: Vec<PortId> = (0..pattern.mould.ports.len()).map(|at| promise::port(number, at)).collect();
        let places = pattern.seats.iter().enumerate();
        let slot = Slot {
            number,
            target: Target { id: promise::server(number), name, service: service.to_owned() },
            // It comes from nothing, and whatever it is on its way is no drift.
            before: State { status: Status::Build, ..State::gone() },
            past_lock: false,
            memberships: places.map(|(at, (pool, seat, _))| pattern.place(number, at, pool, seat)).collect(),
            ports,
        };
        let members = pattern.seats.iter().zip(&slot.memberships);
        let members = members.map(|((pool, seat, port), place)| {
            (pool.id.clone(), new_member(seat, &slot.target.name, promise::address(number, *port), place.away))
        });
        let (server, ports) = (pattern.server(&slot, zone), pattern.ports());
        let steps = slot.made(server, ports, members.collect());
        steps.into_iter().map(|step| step.awaiting(pattern.version.as_deref())).collect()
    }
}

impl Pattern<'_> {
    fn place(&self, slot: usize, number: usize, pool: &Pool, seat: &pool::Member) -> Membership {
        let back = in_rotation(pool, seat);
        let away = if pool.heeds_weights() { Share { weight: 0, ..back } } else { Share { admin_up: false, ..back } };
        Membership { pool: pool.id.clone(), member: promise::member(slot, number), share: away, away, back }
    }

    fn ports(&self) -> Vec<NewPort> {
        let new = |(number, port): (usize, &mould::Port)| NewPort {
            network: NetworkId::clone(&port.network),
            name: number.to_string(),
            description: None,
            security_groups: Some(port.security_groups.clone()),
            fixed_ips: port.subnets.iter().map(|subnet| FixedIp { subnet: subnet.clone(), address: None }).collect(),
        };
        self.mould.ports.iter().enumerate().map(new).collect()
    }

    fn server(&self, slot: &Slot, zone: Option<&str>) -> NewServer {
        let mut metadata: BTreeMap<String, String> =
            self.like.metadata.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        metadata.remove(stamp::KEY);
        metadata.extend(self.told.clone());
        let ports: Vec<&str> = slot.ports.iter().map(PortId::as_str).collect();
        metadata.insert(stamp::PORTS.to_owned(), ports.join(","));
        NewServer {
            name: slot.target.name.clone(),
            boot: self.boot.clone(),
            flavor: self.mould.flavor.clone(),
            ports: slot.ports.clone(),
            key: self.like.key_name.as_deref().map(str::to_owned),
            metadata,
            tags: self.like.tags.iter().map(ToString::to_string).collect(),
            group: self.like.server_groups.first().map(|id| id.as_str().into()),
            zone: zone.map(str::to_owned),
            description: None,
            user_data: None,
            config_drive: false,
        }
    }
}

/// Like the sibling's place, at another address, and with a share of nothing yet.
fn new_member(seat: &pool::Member, name: &str, address: String, share: Share) -> NewMember {
    NewMember {
        address,
        port: seat.port,
        subnet: seat.subnet.clone(),
        weight: share.weight,
        admin_state_up: share.admin_up,
        backup: seat.backup,
        name: name.to_owned(),
        tags: Vec::new(),
        monitor_address: None,
        monitor_port: None,
    }
}

/// How many of a service stand in each zone that it stands in.
struct Zones(BTreeMap<Arc<str>, usize>);

impl Zones {
    fn of(fleet: &Fleet, service: &Service) -> Self {
        let mut zones = BTreeMap::new();
        let members = service.members.iter().filter_map(|at| fleet.members.get(*at));
        for member in members {
            let Some(zone) = &member.instance.zone else { continue };
            // Who is down counts for nothing, and its zone is still one of the service's.
            *zones.entry(Arc::clone(zone)).or_default() += usize::from(is_up(&member.instance));
        }
        Self(zones)
    }

    /// The zone with the fewest, which has one more from then on.
    fn emptiest(&mut self) -> Option<Arc<str>> {
        let (zone, count) = self.0.iter_mut().min_by_key(|(_, count)| **count)?;
        *count += 1;
        Some(Arc::clone(zone))
    }
}
