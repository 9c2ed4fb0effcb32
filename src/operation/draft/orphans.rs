//! Orphans that are removed: at once and by their ids, each with what was made for it.
//!
//! None of them serves, so nobody is drained and nothing is kept. What serves after all, or bears another stamp by now, is
//! left out, and noted; whatever happens between the plan and the call, the worker sees.

use crate::base::id::{PoolId, PortId};
use crate::fleet::pool;
use crate::fleet::service::{Fleet, Member};
use crate::operation::change::Change;
use crate::operation::draft::Objection;
use crate::operation::draft::drawing::{Drawing, Place, membership};
use crate::operation::orphans::{Left, LeftPort};
use crate::operation::plan::{Gate, Mark, Step, Target};
use crate::operation::promise;
use crate::operation::sight::State;
use crate::operation::slot::{Membership, Slot};

impl Drawing<'_> {
    /// An instance, its places in pools that get nothing, and its ports.
    pub(super) fn orphan(&mut self, fleet: &Fleet, place: &Place<'_>, member: &Member) -> Vec<Step> {
        let (slot, instance) = (&place.slot, &*member.instance);
        let (id, name) = (&slot.target.id, &slot.target.name);
        let Some(left) = &self.intent.left else { return Vec::new() };
        let Some(stamp) = slot.before.stamp.clone().filter(|stamp| left.has_set(stamp)) else {
            let text =
                format!("{name} does not bear the stamp of operation {}: it is no orphan", left.operation.short());
            self.note(&slot.target, text);
            return Vec::new();
        };
        if self.is_owned(&slot.target, instance) || !self.fits(slot, &Change::DeleteServer { server: id.clone() }) {
            return Vec::new();
        }
        let serves = |member, away| !(away && left.members.contains(member));
        if let Some((pool, ..)) = place.seats().find(|(.., one)| serves(&one.member, one.share.is_away())) {
            self.note(&slot.target, format!("{name} is in {}: it is no orphan", pool.title()));
            return Vec::new();
        }
        self.volumes(place, instance);
        let own = |port: &&LeftPort| port.device.as_ref() == Some(id);
        let ports: Vec<PortId> = left.ports.iter().filter(own).map(|port| port.id.clone()).collect();
        let addresses = instance.addresses.iter().map(|address| address.address.to_string()).collect();
        let (mark, pools) = (Mark { stamp, addresses }, pools(fleet, member, left));
        Slot { ports, ..slot.clone() }.deleted().into_iter().map(|step| marked(step, &mark, &pools)).collect()
    }

    /// Ports that nobody has.
    pub(super) fn lone_ports(&mut self, fleet: &Fleet) {
        let Some(left) = &self.intent.left else { return };
        let lone: Vec<&LeftPort> = left.ports.iter().filter(|port| port.device.is_none()).collect();
        if let ([first, ..], false) = (&fleet.unseated[..], lone.is_empty()) {
            let text = format!("{first} has not answered: it is not known whether a pool has the ports' addresses");
            return self.object(None, text);
        }
        for port in lone {
            let number = self.steps.last().map_or(0, |step| step.slot + 1);
            // The instance that has it is none yet, or none any more.
            let target = Target { id: promise::server(number), name: port.name.clone(), service: port.service.clone() };
            let (before, ports) = (State::gone(), vec![port.id.clone()]);
            let slot = Slot { number, target, before, past_lock: false, memberships: seats(fleet, port, left), ports };
            let mark = Mark { stamp: port.stamp.clone(), addresses: port.addresses.clone() };
            let pools = there(fleet, left.pools.clone());
            let mut steps = slot.deleted();
            steps.retain(|step| step.change.server().is_none());
            self.steps.extend(steps.into_iter().map(|step| marked(step, &mark, &pools)));
        }
        if self.steps.is_empty() && self.objections.is_empty() {
            let text = format!("operation {} has left nothing behind", left.operation.short());
            self.notes.push(Objection { target: None, text });
        }
    }
}

fn marked(step: Step, mark: &Mark, pools: &[PoolId]) -> Step {
    Step { gate: Gate::Open, orphan: Some(mark.clone()), pools: pools.to_vec(), ..step }
}

/// The places in pools that the operation has made for a port. Nobody answers there.
fn seats(fleet: &Fleet, port: &LeftPort, left: &Left) -> Vec<Membership> {
    let at = |member: &&pool::Member| port.addresses.iter().any(|address| **address == *member.address);
    let own = |member: &&pool::Member| at(member) && left.members.contains(&member.id);
    let all = fleet.pools.iter().flat_map(|pool| pool.members.iter().map(move |member| (pool, member)));
    all.filter(|(_, member)| own(member)).map(|(pool, member)| membership(pool, member)).collect()
}

/// The pools that it could be in by the time of the call: those of its operation, and those of its service.
fn pools(fleet: &Fleet, member: &Member, left: &Left) -> Vec<PoolId> {
    let service = fleet.services.get(member.service).into_iter().flat_map(|service| &service.members);
    let others = service.filter_map(|at| fleet.members.get(*at)).flat_map(|other| fleet.memberships(other));
    let mut pools: Vec<PoolId> = others.map(|(pool, _)| pool.id.clone()).chain(left.pools.clone()).collect();
    pools.sort_unstable();
    pools.dedup();
    there(fleet, pools)
}

/// Those that are there: one that is gone has no members to look at.
fn there(fleet: &Fleet, mut pools: Vec<PoolId>) -> Vec<PoolId> {
    pools.retain(|id| fleet.pools.iter().any(|pool| pool.id == *id));
    pools
}
