//! What happens to the company while one looks: restarts, a slow rollout, a flapping member, scaling. All of it follows
//! from the seed and the clock.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Scenario;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::agenda::Event;
use crate::sim::world::instance::course::Course;
use crate::sim::world::instance::history::Caller;
use crate::sim::world::instance::state::VmState;
use crate::sim::world::instance::{NewServer, Server};

/// Where the company's life is.
#[derive(Debug, Default)]
pub(in crate::sim) struct Life {
    happened: u64,
    flapping: bool,
    extra: Vec<Uid>,
    /// The patch number that the rollout brings.
    patch: u32,
}

pub(super) fn begin(world: &mut World) {
    // A bad release brings a version that nobody has yet, and no other after it.
    let patch = u32::from(world.options.scenario == Scenario::BadRelease);
    world.life = Some(Life { patch, ..Life::default() });
    world.agenda.note(world.now.plus(Duration::from_millis(1500)), Event::Life);
}

/// One happening, and the note for the next.
pub(in crate::sim) fn live(world: &mut World) {
    let Some(mut life) = world.life.take() else { return };
    life.happened += 1;
    match world.options.scenario {
        Scenario::BadRelease => roll_out_one(world, &mut life),
        Scenario::DeadHost => lose_a_host(world, &life),
        _ => happen(world, &mut life),
    }
    world.life = Some(life);
    // On a fast clock less often, so that people can follow: a few seconds of theirs apart.
    let slower = (world.options.clock.rate() / 5.0).clamp(1.0, 100.0);
    // A release takes its time: somebody might look at what it does.
    let slower = if world.options.scenario == Scenario::BadRelease { slower * 4.0 } else { slower };
    let pause = Duration::from_millis(world.rng.u64(8_000..24_000)).mul_f64(slower);
    world.agenda.note(world.now.plus(pause), Event::Life);
}

/// The second time that something happens, a host is lost; it is not the one with the fewest guests.
fn lose_a_host(world: &mut World, life: &Life) {
    if life.happened == 2 {
        world.set_host_up("compute-04", false);
    }
}

fn happen(world: &mut World, life: &mut Life) {
    match life.happened % 8 {
        1 | 5 => roll_out_one(world, life),
        2 | 6 => restart_one(world),
        3 => flap(world, life),
        4 => wake_or_sleep(world),
        7 => scale(world, life),
        _ => restart_one(world),
    }
}

fn caller(world: &mut World) -> Caller {
    let request = world.fresh_uid();
    let user = world.identity.user_named("dev").map_or(Uid(0), |user| user.id);
    Caller { user, request, admin: false }
}

/// How long colleagues keep their hands off what somebody else works at.
const GIVES_WAY: Duration = Duration::from_secs(1800);

/// What a server is called without its number: of what belongs together.
fn stem(name: &str) -> &str {
    name.rsplit_once('-').map_or(name, |(stem, _)| stem)
}

/// What somebody who is not one of the colleagues has changed of late.
fn others_work(world: &World) -> BTreeSet<&str> {
    let dev = world.identity.user_named("dev").map_or(Uid(0), |user| user.id);
    let theirs = |server: &&Server| {
        let newest = server.history.iter().rev().find(|entry| entry.user != dev);
        newest.is_some_and(|entry| world.now.since(entry.start) < GIVES_WAY)
    };
    world.servers().filter(theirs).map(|server| stem(&server.name)).collect()
}

fn at_ease(world: &World, wanted: impl Fn(&str) -> bool) -> Vec<Uid> {
    let theirs = others_work(world);
    let calm = |server: &&Server| {
        server.vm == VmState::Active
            && server.task_state.is_none()
            && server.under_way.is_none()
            && server.lock.is_none()
            && server.host.is_some_and(|host| world.hosts[host].up)
    };
    let left = |server: &&Server| !theirs.contains(stem(&server.name));
    world.servers().filter(calm).filter(left).filter(|server| wanted(&server.name)).map(|server| server.id).collect()
}

fn restart_one(world: &mut World) {
    let quiet = ["tax-forms", "ledger", "statements-03"];
    let candidates = at_ease(world, |name| !quiet.iter().any(|prefix| name.starts_with(prefix)));
    let Some(id) = world.rng.choice(candidates) else { return };
    let course = if world.rng.u8(0..5) == 0 { Course::RebootHard } else { Course::RebootSoft };
    let caller = caller(world);
    // A refusal here is the cloud's own business: then nothing happens this time.
    let _refused = world.ask(id, course, &caller);
}

/// The next payments server gets the new version; when all have it, a newer one comes.
fn roll_out_one(world: &mut World, life: &mut Life) {
    let version = format!("1.5.{}", life.patch);
    let name = format!("payments-{version}");
    let project = world.identity.project_named("bank-prod").map_or(Uid(0), |project| project.id);
    let image = match world.image_named(&name) {
        Some(image) => image.id,
        None => world.add_image("payments", &version, project, world.now.whole_second()),
    };
    let ours = at_ease(world, |name| name.starts_with("payments-"));
    let behind =
        |id: &Uid| world.server(*id).is_some_and(|server| server.project == project && server.image != Some(image));
    let Some(id) = ours.into_iter().find(|id| behind(id)) else {
        if world.options.scenario != Scenario::BadRelease {
            life.patch += 1;
        }
        return;
    };
    let caller = caller(world);
    if world.rebuild(id, image, &caller).is_ok() {
        let _refused = world.set_metadata(id, "version", Some(&version));
    }
}

fn flap(world: &mut World, life: &mut Life) {
    life.flapping = !life.flapping;
    if let Some(id) = world.server_named("quotes-05").map(|server| server.id) {
        world.set_sick(id, life.flapping);
    }
}

fn wake_or_sleep(world: &mut World) {
    let sleeping = world.servers().find(|server| {
        server.vm == VmState::Stopped
            && server.task_state.is_none()
            && server.host.is_some_and(|host| world.hosts[host].up)
    });
    let (id, course) = match sleeping.map(|server| server.id) {
        Some(id) if world.rng.bool() => (Some(id), Course::Start),
        _ => (at_ease(world, |name| name.starts_with("batch-")).pop(), Course::Stop),
    };
    let caller = caller(world);
    if let Some(id) = id {
        let _refused = world.ask(id, course, &caller);
    }
}

/// Quotes grows by one up to three more, then shrinks again.
fn scale(world: &mut World, life: &mut Life) {
    let caller = caller(world);
    let Some(model) = world.server_named("quotes-01") else { return };
    let (project, flavor, image) = (model.project, model.flavor, model.image);
    let (metadata, tags) = (model.metadata.clone(), model.tags.clone());
    let network = model.addresses.first().map(|address| address.network);
    if life.extra.len() >= 3 {
        for id in life.extra.drain(..) {
            world.leave_pools(id);
            let _refused = world.delete(id, &caller);
        }
        return;
    }
    let name = format!("quotes-{}", 90 + life.extra.len());
    let wanted = NewServer { name, flavor, image, network, metadata, tags, ..NewServer::default() };
    let Ok(id) = world.create(project, wanted, &caller) else { return };
    life.extra.push(id);
    if let Some(balancer) = world.balancers.all.iter().position(|balancer| balancer.name == "lb-quotes") {
        let port = world.options.guest_port;
        world.join_pool(balancer, id, port);
    }
}
