//! The few troubles that the company has when one looks.

use std::time::Duration;

use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::instance::course::traceback;
use crate::sim::world::instance::state::{Power, VmState};
use crate::sim::world::instance::{Fault, Lock};

/// Lets all of them happen. Servers are found by name; one that a small company lacks is left out.
pub(super) fn befall(world: &mut World) {
    dead_host(world);
    no_valid_host(world);
    sick_members(world);
    disputed_version(world);
    locked(world);
    asleep(world);
    crashed(world);
    floating_addresses(world);
}

fn id_of(world: &World, name: &str) -> Option<Uid> {
    world.server_named(name).map(|server| server.id)
}

/// A host is down since a while, and a reboot on it hangs.
fn dead_host(world: &mut World) {
    let Some(place) = world.host_place("compute-07") else { return };
    let since = world.now.minus(Duration::from_secs(41 * 60));
    world.hosts[place].up = false;
    world.hosts[place].last_seen = Some(since);
    if let Some(drained) = world.host_place("compute-03") {
        world.hosts[drained].disabled = Some("kernel update CHG-20771".to_owned());
    }
    let stuck = world.servers.iter().position(|server| server.host == Some(place) && server.name.starts_with("fraud"));
    let Some(stuck) = stuck else { return };
    let server = &mut world.servers[stuck];
    server.task_state = Some("reboot_started");
    server.updated = since.plus(Duration::from_secs(180)).whole_second();
}

fn no_valid_host(world: &mut World) {
    let Some(id) = id_of(world, "tax-forms-06") else { return };
    let created = world.now.minus(Duration::from_secs(26 * 60)).whole_second();
    let message = "No valid host was found. There are not enough hosts available.".to_owned();
    world.edit_server(id, |server| {
        (server.vm, server.power, server.host) = (VmState::Error, Power::None, None);
        server.fault = Some(Fault { code: 500, details: traceback(&message), message, created });
        server.booted = None;
    });
    set_updated(world, id, 26 * 60);
    if let Some(place) = world.places.get(&id).copied() {
        for balancer in &mut world.balancers.all {
            balancer
                .pool
                .members
                .iter_mut()
                .filter(|member| member.server == id)
                .for_each(|member| member.judge("ERROR", created));
        }
        if let Some(first) = world.servers[place].history.first_mut() {
            first.message = Some("Error".to_owned());
            for event in &mut first.events {
                event.result = Some("Error");
                event.traceback = Some(traceback("No valid host was found."));
            }
        }
    }
}

/// tax-forms is nearly down, and one of the cards' members too.
fn sick_members(world: &mut World) {
    let since = world.now.minus(Duration::from_secs(23 * 60)).whole_second();
    for name in ["tax-forms-02", "tax-forms-03", "tax-forms-05", "cards-04"] {
        let Some(id) = id_of(world, name) else { continue };
        for balancer in &mut world.balancers.all {
            for member in balancer.pool.members.iter_mut().filter(|member| member.server == id) {
                member.sick = true;
                member.judge("ERROR", since);
            }
        }
    }
    let Some(id) = id_of(world, "quotes-11") else { return };
    for balancer in &mut world.balancers.all {
        for member in balancer.pool.members.iter_mut().filter(|member| member.server == id) {
            member.weight = 0;
            member.judge("DRAINING", since);
        }
    }
}

/// Metadata says one version, a tag says another.
fn disputed_version(world: &mut World) {
    let Some(id) = id_of(world, "cards-07") else { return };
    world.edit_server(id, |server| server.tags = vec!["version=5.0.1".to_owned()]);
    set_updated(world, id, 7 * 3600);
}

fn locked(world: &mut World) {
    let Some(id) = id_of(world, "ledger-02") else { return };
    let reason = Some("month-end close until the 25th, ask treasury".to_owned());
    world.edit_server(id, |server| server.lock = Some(Lock { by_admin: true, reason }));
    set_updated(world, id, 9 * 3600);
}

/// Batch sleeps in part; one of search's nodes is suspended.
fn asleep(world: &mut World) {
    for (name, age) in [("batch-04", 5 * 3600), ("batch-05", 5 * 3600 + 40), ("batch-09", 30 * 3600)] {
        let Some(id) = id_of(world, name) else { continue };
        world.edit_server(id, |server| (server.vm, server.power) = (VmState::Stopped, Power::Shutdown));
        set_updated(world, id, age);
    }
}

/// Nova says ACTIVE, the hypervisor says that it is off.
fn crashed(world: &mut World) {
    let Some(id) = id_of(world, "statements-03") else { return };
    world.edit_server(id, |server| server.power = Power::Shutdown);
    set_updated(world, id, 12 * 60);
}

fn floating_addresses(world: &mut World) {
    for place in 0..world.servers.len() {
        let server = &mut world.servers[place];
        if !server.name.starts_with("edge") {
            continue;
        }
        let Some(mut address) = server.addresses.first().copied() else { continue };
        address.floating = true;
        address.ip = u32::from_be_bytes([198, 51, 100, u8::try_from(20 + place % 200).unwrap_or(20)]);
        server.addresses.push(address);
    }
}

/// The row was last changed so many seconds ago.
fn set_updated(world: &mut World, id: Uid, seconds: u64) {
    let at = world.now.minus(Duration::from_secs(seconds)).whole_second();
    if let Some(place) = world.places.get(&id).copied() {
        let server = &mut world.servers[place];
        server.updated = at.max(server.created);
    }
}
