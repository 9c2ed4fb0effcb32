//! What replacing an instance goes through, in the world itself: ports, images, members.

use std::time::Duration;

use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::World;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::instance::{NewServer, Server};
use stackdeck::sim::world::member::Wanted;
use stackdeck::sim::world::port::NewPort;
use stackdeck::sim::{Options, Scenario};

use super::client::still;

const OWNER: Caller = Caller { user: Uid(1), request: Uid(2), admin: false };

fn world() -> World {
    World::new(Options { instances: 60, ..still(Scenario::Quiet) })
}

fn model(world: &World) -> Server {
    world.server_named("payments-01").expect("a server").clone()
}

fn create(world: &mut World, port: Uid) -> Uid {
    let model = model(world);
    let wanted = NewServer {
        name: "sd-1".into(),
        image: model.image,
        flavor: model.flavor,
        ports: vec![port],
        ..NewServer::default()
    };
    world.create(model.project, wanted, &OWNER).expect("accepted")
}

/// Nova's API lets both pass while nobody has the port; who comes second fails, and takes the port from the first.
#[test]
fn of_two_servers_with_one_port_the_second_fails_and_the_first_loses_it() {
    let mut world = world();
    let project = model(&world).project;
    let port = world.create_port(project, NewPort { name: "sd-1".into(), ..NewPort::default() }).expect("a port");
    let (first, second) = (create(&mut world, port), create(&mut world, port));
    world.step(Duration::from_secs(60));
    let status = |id| world.server(id).expect("a server").status();
    let mut both = [status(first), status(second)];
    both.sort_unstable();
    assert_eq!(both, ["ACTIVE", "ERROR"]);
    assert_eq!(world.networks.ports[&port].device, None);
    assert!([first, second].iter().all(|id| world.server(*id).expect("a server").addresses.is_empty()));
}

#[test]
fn a_guest_is_what_it_was_until_its_rebuild_is_done() {
    let mut world = world();
    let server = model(&world);
    let before = world.runs(&server);
    let image = world.images.iter().find(|image| image.properties.get("version") != Some(&before.1));
    let image = image.expect("another version").id;
    world.rebuild(server.id, image, &OWNER).expect("accepted");
    let row = model(&world);
    assert_eq!((row.image, world.runs(&row)), (Some(image), before.clone()), "the row is ahead of the guest");
    world.step(Duration::from_secs(60));
    assert_ne!(world.runs(&model(&world)).1, before.1);
}

#[test]
fn what_runs_a_spoilt_image_errs() {
    let mut world = world();
    let server = model(&world);
    let error = |world: &World| {
        let (app, seat) = world.load.seat(server.id).expect("a seat");
        app.seats(world.now())[seat].flaw.error
    };
    assert!(error(&world) < 0.1);
    assert!(world.spoil_image(server.image.expect("an image")));
    world.step(Duration::from_secs(1));
    assert!(error(&world) > 0.3);
}

#[test]
fn a_plain_batch_takes_the_others_out() {
    let mut world = world();
    let pool = &world.balancer_named("lb-payments").expect("a balancer").pool;
    let (id, count, first) = (pool.id, pool.members.len(), pool.members[0].clone());
    let wanted = Wanted { ip: first.ip, port: first.port, weight: Some(7), ..Wanted::default() };
    world.update_members(id, std::slice::from_ref(&wanted), true).expect("accepted");
    assert!(world.update_members(id, std::slice::from_ref(&wanted), true).is_err(), "the tree is locked");
    world.step(Duration::from_secs(10));
    assert_eq!(world.balancer_named("lb-payments").expect("a balancer").pool.members.len(), count);
    world.update_members(id, &[wanted], false).expect("accepted");
    world.step(Duration::from_secs(10));
    let left = &world.balancer_named("lb-payments").expect("a balancer").pool.members;
    assert_eq!(left.iter().map(|member| (member.id, member.weight)).collect::<Vec<_>>(), [(first.id, 7)]);
}
