//! What is left at the end of a day, and what would be thought of it: who serves is never taken for an orphan, and what an
//! operation could not take away again always is.

use stackdeck::operation::fold::{Operation, Phase};
use stackdeck::operation::orphans::{Held, Known, Sitting, Stamped, Thing, judge};
use stackdeck::operation::{Change, OperationId, Share, Step, stamp};
use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::World;
use stackdeck::sim::world::instance::state::VmState;

/// What is wrong with how things were judged. Where others have meddled it is only looked whether anybody would be hurt.
pub fn misjudged(world: &World, operation: &Operation, meddled: bool) -> Vec<String> {
    let found = stamped(world, operation);
    let known = Known::from([(operation.id.clone(), operation.clone())]);
    let fates = judge(&found, &known, |id| is_there(world, id.as_str()));
    let mut broken = Vec::new();
    for (one, fate) in found.iter().zip(&fates) {
        let (whole, serves) = (is_whole(operation, one.slot), one.seats.iter().any(|seat| !seat.away));
        let lives = is_there(world, one.id());
        if fate.is_orphan() && (serves && !one.is_lone() || whole && lives && !meddled) {
            broken.push(format!("{} {} serves and is taken for an orphan: {fate:?}", one.kind(), one.id()));
        }
        let stays = serves || whole || !makes(operation, one.slot) || may_stay(operation, one.slot);
        if operation.is_over() && !meddled && !stays && !fate.is_orphan() {
            broken.push(format!("{} {} was left and is taken for {fate:?}", one.kind(), one.id()));
        }
    }
    broken
}

fn stamped(world: &World, operation: &Operation) -> Vec<Stamped> {
    let servers = world.servers().filter(|server| server.vm != VmState::Deleted).filter_map(|server| {
        let (of, slot) = stamp::read(server.metadata.get(stamp::KEY)?)?;
        let ips: Vec<u32> = server.addresses.iter().map(|address| address.ip).collect();
        let (thing, name) = (Thing::Server(server.id.to_string().as_str().into()), server.name.clone());
        Some(bearing(world, thing, name, (of, slot), &ips))
    });
    let ports = world.networks.ports.values().filter_map(|port| {
        let (of, slot, number) = stamp::read_port(&port.name)?;
        let held = port.device.map_or(Held::Nobody, |device| Held::Instance(device.to_string().as_str().into()));
        let thing = Thing::Port { id: port.id.to_string().as_str().into(), number, held };
        Some(bearing(world, thing, port.name.clone(), (of, slot), &[port.ip]))
    });
    servers.chain(ports).filter(|one| one.operation == operation.id).collect()
}

fn bearing(world: &World, thing: Thing, name: String, (operation, slot): (OperationId, usize), ips: &[u32]) -> Stamped {
    let members = world.balancers.all.iter().flat_map(|balancer| &balancer.pool.members);
    let seats = members.filter(|member| ips.contains(&member.ip)).map(|member| Sitting {
        member: member.id.to_string().as_str().into(),
        pool: "pool".to_owned(),
        away: Share { weight: member.weight, admin_up: member.enabled }.is_away(),
    });
    // Somebody sets the workers' clock on some days.
    Stamped { thing, name, operation, slot, created: None, addresses: Vec::new(), seats: seats.collect() }
}

fn is_there(world: &World, id: &str) -> bool {
    let server = Uid::parse(id).and_then(|id| world.server(id));
    server.is_some_and(|server| server.vm != VmState::Deleted)
}

/// Whether an instance is made there, and not only brought to another image.
fn makes(operation: &Operation, slot: usize) -> bool {
    let mut steps = operation.plan.steps.iter().filter(|step| step.slot == slot);
    steps.any(|step| matches!(step.change, Change::CreateServer(_)))
}

/// Whether all is done that was to be done in the slot.
fn is_whole(operation: &Operation, slot: usize) -> bool {
    let steps = operation.plan.steps.iter().zip(&operation.steps);
    let mut ahead = steps.filter(|(step, _)| step.slot == slot && !step.undoes);
    ahead.all(|(_, of)| matches!(of.phase, Phase::Passed | Phase::Skipped))
}

/// Whether what was made there may stay all the same: in the place of one that could not be brought back, or since there
/// was no way back any more.
fn may_stay(operation: &Operation, slot: usize) -> bool {
    let steps = || operation.plan.steps.iter().enumerate().filter(|(_, step)| step.slot == slot);
    let undone = |step: &Step| step.undoes && matches!(step.change, Change::DeleteServer { .. });
    let left = |at: usize| operation.is_passed_over(at) || operation.steps[at].phase == Phase::Skipped;
    steps().any(|(_, step)| step.instead_of.is_some()) && steps().any(|(at, step)| undone(step) && left(at))
}
