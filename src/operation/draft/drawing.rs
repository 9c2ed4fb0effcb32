//! What is done to each target, and what speaks against it.

use std::collections::{BTreeMap, HashSet};

use crate::base::id::{InstanceId, MemberId};
use crate::fleet::health::is_up;
use crate::fleet::health::octavia::takes_requests;
use crate::fleet::instance::{Instance, Status};
use crate::fleet::owner::owner;
use crate::fleet::pool::{self, Pool};
use crate::fleet::service::{Fleet, Member, Service, Standing};
use crate::operation::change::Change;
use crate::operation::draft::{Guard, Objection, growth};
use crate::operation::intent::{Aim, Intent, QUARANTINE, Reboot, Verb};
use crate::operation::plan::{Gate, Step, Target};
use crate::operation::sight::{Share, State};
use crate::operation::slot::{Membership, Slot};
use crate::operation::state::{self, Fit};

pub(super) struct Drawing<'a> {
    pub(super) intent: &'a Intent,
    pub(super) guard: &'a Guard,
    pub(super) steps: Vec<Step>,
    pub(super) objections: Vec<Objection>,
    pub(super) notes: Vec<Objection>,
    /// Members that the targets before have taken out of rotation.
    away: HashSet<MemberId>,
}

/// A target, with its places behind balancers as the fleet knows them.
pub(super) struct Place<'f> {
    pub(super) slot: Slot,
    pools: Vec<(&'f Pool, &'f pool::Member)>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(intent: &'a Intent, guard: &'a Guard) -> Self {
        let (objections, notes) = (Vec::new(), Vec::new());
        Self { intent, guard, steps: Vec::new(), objections, notes, away: HashSet::new() }
    }

    pub(super) fn object(&mut self, target: Option<&InstanceId>, text: String) {
        self.objections.push(Objection { target: target.cloned(), text });
    }

    pub(super) fn note(&mut self, target: &Target, text: String) {
        self.notes.push(Objection { target: Some(target.id.clone()), text });
    }

    pub(super) fn aim<'f>(&mut self, intent: &Intent, fleet: &'f Fleet) -> Option<&'f Service> {
        match &intent.aim {
            Aim::Instances(_) if intent.verb == Verb::Scale => {
                self.object(None, "a service is scaled, not its instances".to_owned());
                None
            }
            Aim::Instances(ids) => {
                self.named(ids, fleet);
                None
            }
            Aim::Service(key) => {
                let Some(service) = fleet.service(key) else {
                    self.object(None, format!("service {} is not there any more", key.name));
                    return None;
                };
                self.standing(service);
                if intent.verb == Verb::Scale {
                    self.scale(fleet, service);
                    return Some(service);
                }
                for member in service.members.iter().filter_map(|at| fleet.members.get(*at)) {
                    self.target(fleet, member);
                }
                Some(service)
            }
        }
    }

    /// These, in this order.
    pub(super) fn named(&mut self, ids: &[InstanceId], fleet: &Fleet) {
        for id in ids {
            match fleet.member(id) {
                Some(member) => self.target(fleet, member),
                None => self.object(Some(id), format!("{id} is not there any more")),
            }
        }
    }

    fn standing(&mut self, service: &Service) {
        let name = &service.key.name;
        match &service.standing {
            Standing::Settled => {}
            Standing::Provisional(waiting) => self.object(
                None,
                format!(
                    "{name} is provisional: {} has not answered, so its instances are not surely known",
                    waiting.join(", ")
                ),
            ),
            Standing::Ambiguous(pools) => {
                self.object(None, format!("{name} is ambiguous: its instances are in {}", pools.join(" and ")));
            }
            Standing::Empty => self.object(None, format!("{name} has no instances")),
        }
    }

    pub(super) fn target(&mut self, fleet: &Fleet, member: &Member) {
        let instance = &member.instance;
        if member.unconfirmed {
            let text = format!("{} was missing from the last list: it may be gone", instance.name);
            return self.object(Some(&instance.id), text);
        }
        if self.moves_members() && self.is_unseated(fleet, instance) {
            return;
        }
        let place = self.place(fleet, member);
        let id = instance.id.clone();
        let reason = self.intent.lock_reason();
        let steps = match self.intent.verb {
            Verb::Restart(how) => self.restart(&place, how),
            Verb::Stop => self.alone(&place, Change::Stop { server: id }),
            Verb::Start => self.alone(&place, Change::Start { server: id }),
            Verb::Lock => self.alone(&place, Change::Lock { server: id, reason }),
            Verb::Unlock => self.alone(&place, Change::Unlock { server: id }),
            Verb::Drain => self.drain(&place),
            Verb::PutBack => self.put_back(&place),
            Verb::Quarantine => self.quarantine(&place),
            Verb::Rebuild => self.rebuild(&place, member, is_alone(fleet, member)),
            Verb::RollOut | Verb::RollBack => self.roll_out(fleet, place, member),
            Verb::Remove if self.intent.left.is_some() => self.orphan(fleet, &place, member),
            Verb::Remove | Verb::Scale => self.removal(&place, member),
            Verb::Replace => self.replacement(fleet, place, member),
        };
        self.steps.extend(steps);
    }

    /// Whether nobody knows which balancers it is behind; that is objected to.
    pub(super) fn is_unseated(&mut self, fleet: &Fleet, instance: &Instance) -> bool {
        let [first, ..] = fleet.unseated[..] else { return false };
        let text = format!("{first} has not answered: it is not known which balancers {} is behind", instance.name);
        self.object(Some(&instance.id), text);
        true
    }

    /// Whether it has to be known who is behind which balancer. Who is in a hurry can restart without.
    fn moves_members(&self) -> bool {
        match self.intent.verb {
            _ if self.intent.deletes() => true,
            Verb::Restart(_) | Verb::Rebuild | Verb::RollOut | Verb::RollBack => !self.intent.undrained,
            verb => matches!(verb, Verb::Drain | Verb::PutBack | Verb::Quarantine),
        }
    }

    fn place<'f>(&self, fleet: &'f Fleet, member: &'f Member) -> Place<'f> {
        let (instance, before) = (&member.instance, State::of(&member.instance));
        let service = fleet.services.get(member.service);
        // A lock changes nothing that a pool could tell.
        let gated = !matches!(self.intent.verb, Verb::Lock | Verb::Unlock);
        let pools: Vec<_> = fleet.memberships(member).filter(|_| gated).collect();
        let last = self.steps.last().map(|step| step.slot + 1);
        let slot = Slot {
            number: last.unwrap_or_default(),
            target: Target {
                id: instance.id.clone(),
                name: instance.name.clone(),
                service: service.map(|service| service.key.name.to_string()).unwrap_or_default(),
            },
            past_lock: self.guard.admin && before.locked == Some(true),
            before,
            memberships: pools.iter().map(|(pool, seat)| membership(pool, seat)).collect(),
            ports: growth::ports_of(instance),
        };
        Place { slot, pools }
    }

    /// Whether somebody else owns it; that is objected to.
    pub(super) fn is_owned(&mut self, target: &Target, instance: &Instance) -> bool {
        let owner = owner(instance);
        if let Some(owner) = &owner {
            let text = format!("{} belongs to {owner}, which would not know of it: change it there", target.name);
            self.object(Some(&target.id), text);
        }
        owner.is_some()
    }

    /// Whether the instance takes this change; what there is to say, is said.
    pub(super) fn fits(&mut self, slot: &Slot, change: &Change) -> bool {
        let (target, before) = (&slot.target, &slot.before);
        let name = &target.name;
        match state::fit(change, before, slot.past_lock) {
            Fit::Already(why) => {
                self.note(target, format!("{name} {why}: it is left as it is"));
                return false;
            }
            Fit::Never(why) => {
                self.object(Some(&target.id), format!("{name} {why}{}", self.wanted(change, before)));
                return false;
            }
            Fit::Busy(why) => self.note(target, format!("{name} {why}: that is waited for first")),
            Fit::Now if slot.past_lock && !matches!(change, Change::Unlock { .. }) => {
                let reason = before.lock_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
                self.note(target, format!("{name} is locked{reason}: the lock does not hold an admin"));
            }
            Fit::Now => {}
        }
        true
    }

    fn alone(&mut self, place: &Place<'_>, change: Change) -> Vec<Step> {
        if self.fits(&place.slot, &change) { vec![place.slot.step(change, Gate::Well)] } else { Vec::new() }
    }

    /// Out of rotation meanwhile, wherever others take the requests.
    fn restart(&mut self, place: &Place<'_>, how: Reboot) -> Vec<Step> {
        let change = Change::Reboot { server: place.slot.target.id.clone(), how };
        if !self.fits(&place.slot, &change) {
            return Vec::new();
        }
        let places = self.draining(place);
        place.slot.drained(change, &places)
    }

    /// Where it is taken out of rotation for a while: wherever others take the requests.
    pub(super) fn draining(&mut self, place: &Place<'_>) -> Vec<Membership> {
        let (slot, mut places) = (&place.slot, Vec::new());
        let drains = !self.intent.undrained;
        for (pool, seat, one) in place.seats().filter(|(pool, seat, _)| drains && takes_requests(pool, seat)) {
            if self.others(pool, seat) > 0 {
                places.push(one.clone());
            } else {
                let (name, pool) = (&slot.target.name, pool.title());
                self.note(&slot.target, format!("{name} alone takes requests in {pool}: it is not drained there"));
            }
        }
        places
    }

    /// In how many pools nobody else takes requests.
    pub(super) fn alone_in(&self, place: &Place<'_>) -> usize {
        let taking = place.seats().filter(|(pool, seat, _)| takes_requests(pool, seat));
        taking.filter(|(pool, seat, _)| self.others(pool, seat) == 0).count()
    }

    fn drain(&mut self, place: &Place<'_>) -> Vec<Step> {
        let Place { slot, pools } = place;
        let name = &slot.target.name;
        if pools.is_empty() {
            self.object(Some(&slot.target.id), format!("{name} is behind no balancer: there is nothing to drain"));
            return Vec::new();
        }
        let places = self.leaving(place);
        if places.is_empty() {
            self.note(&slot.target, format!("{name} is out of rotation already: it is left as it is"));
        }
        slot.drain(&places)
    }

    /// Where it is in rotation. That it is the last there is objected to, unless that is accepted.
    pub(super) fn leaving(&mut self, place: &Place<'_>) -> Vec<Membership> {
        let mut places = Vec::new();
        for (pool, seat, one) in place.seats().filter(|(.., one)| !one.share.is_away()) {
            // Where another comes first, nobody is the last.
            let alone = !self.intent.replaces() && self.others(pool, seat) == 0;
            if takes_requests(pool, seat) && alone && !self.intent.downtime {
                let (name, pool) = (&place.slot.target.name, pool.title());
                let text = format!("{name} is the last that takes requests in {pool}: without it nobody does");
                self.object(Some(&place.slot.target.id), text);
            }
            places.push(one.clone());
        }
        self.away.extend(places.iter().map(|one| one.member.clone()));
        places
    }

    /// How many others of the pool take requests.
    fn others(&self, pool: &Pool, seat: &pool::Member) -> usize {
        let stays =
            |one: &&pool::Member| one.id != seat.id && !self.away.contains(&one.id) && takes_requests(pool, one);
        pool.members.iter().filter(stays).count()
    }

    fn put_back(&mut self, place: &Place<'_>) -> Vec<Step> {
        let Place { slot, .. } = place;
        let (target, before) = (&slot.target, &slot.before);
        let name = &target.name;
        let places: Vec<Membership> =
            place.seats().filter(|(.., one)| one.share.is_away()).map(|(.., one)| one.clone()).collect();
        let aside = before.lock_reason.as_ref().is_some_and(|reason| reason.starts_with(QUARANTINE));
        if places.is_empty() && !aside {
            let what = if place.pools.is_empty() { "is behind no balancer" } else { "is in rotation already" };
            self.note(target, format!("{name} {what}: it is left as it is"));
            return Vec::new();
        }
        if !places.is_empty() && before.status != Status::Active {
            self.object(Some(&target.id), format!("{name} is {}; to serve it must be ACTIVE", before.text()));
            return Vec::new();
        }
        if before.locked == Some(true) && !aside {
            self.note(target, format!("{name} is locked: that is left as it is"));
        }
        let unlock = aside.then(|| slot.step(Change::Unlock { server: target.id.clone() }, Gate::Open));
        unlock.into_iter().chain(slot.put_back(&places)).collect()
    }

    fn quarantine(&mut self, place: &Place<'_>) -> Vec<Step> {
        let slot = &place.slot;
        let lock = Change::Lock { server: slot.target.id.clone(), reason: self.intent.lock_reason() };
        let places = self.leaving(place);
        let mut steps = slot.drain(&places);
        if slot.before.locked != Some(true) {
            steps.push(slot.step(lock, Gate::Open));
        }
        let name = &slot.target.name;
        if steps.is_empty() {
            self.note(&slot.target, format!("{name} is out of rotation and locked already: it is left as it is"));
        } else if place.pools.is_empty() {
            self.note(&slot.target, format!("{name} is behind no balancer: it is locked, and goes on as it does"));
        }
        steps
    }

    /// What would have to be so instead.
    fn wanted(&self, change: &Change, before: &State) -> String {
        if before.locked == Some(true) {
            return String::new();
        }
        let allowed = state::allowed(change).iter().map(Status::as_str).collect::<Vec<_>>();
        format!("; {} wants {}", self.intent.verb.word(), allowed.join(" or "))
    }
}

impl<'f> Place<'f> {
    /// The same, in the slot behind.
    pub(super) fn behind(mut self) -> Self {
        self.slot.number += 1;
        self
    }

    pub(super) fn seats(&self) -> impl Iterator<Item = (&'f Pool, &'f pool::Member, &Membership)> {
        self.pools.iter().zip(&self.slot.memberships).map(|((pool, seat), one)| (*pool, *seat, one))
    }
}

/// Whether it is up and nobody else of its service is.
pub(super) fn is_alone(fleet: &Fleet, member: &Member) -> bool {
    let Some(service) = fleet.services.get(member.service) else { return true };
    let members = service.members.iter().filter_map(|at| fleet.members.get(*at));
    let mut up = members.filter(|member| is_up(&member.instance)).map(|member| &member.instance.id);
    up.next() == Some(&member.instance.id) && up.next().is_none()
}

pub(super) fn membership(pool: &Pool, seat: &pool::Member) -> Membership {
    let share = Share { weight: seat.weight, admin_up: seat.admin_up };
    let away = if pool.heeds_weights() { Share { weight: 0, ..share } } else { Share { admin_up: false, ..share } };
    let back = if share.is_away() { in_rotation(pool, seat) } else { share };
    Membership { pool: pool.id.clone(), member: seat.id.clone(), share, away, back }
}

/// What it gets that is put back, when nobody says what it had: its own weight, else what most others have.
pub(super) fn in_rotation(pool: &Pool, seat: &pool::Member) -> Share {
    let mut weights: BTreeMap<u16, usize> = BTreeMap::new();
    for other in pool.members.iter().filter(|other| other.id != seat.id && other.weight > 0) {
        *weights.entry(other.weight).or_default() += 1;
    }
    let usual = weights.into_iter().max_by_key(|(_, count)| *count).map_or(1, |(weight, _)| weight);
    Share { weight: if seat.weight > 0 { seat.weight } else { usual }, admin_up: true }
}
