//! What is made in the simulated world: ports, instances, members of pools. In a simulation's plans a flavor and a network
//! go by their places in the world.

use std::net::Ipv4Addr;

use stackdeck::base::id::{ImageId, PoolId};
use stackdeck::operation::change::{Boot, FixedIp, Made, Member, NewPort, NewServer};
use stackdeck::operation::sight::{PortQuestion, PortSeen, Seek};
use stackdeck::operation::slot::{Membership, Slot};
use stackdeck::operation::{Share, State, Step, Target, promise, stamp};
use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::World;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::instance::{NewServer as Server, state::VmState};
use stackdeck::sim::world::member::Wanted;
use stackdeck::sim::world::network::{Port, dotted};
use stackdeck::sim::world::port::NewPort as Wish;
use stackdeck::sim::world::refusal::Refusal as No;

use super::cloud::state;

/// The steps that make one more like that one, with these places.
pub fn steps(world: &World, number: usize, like: Uid, places: &[Membership]) -> Vec<Step> {
    let image = state(world.server(like).unwrap()).image.unwrap();
    steps_from(world, number, like, places, image)
}

/// The same, made from that image.
pub fn steps_from(world: &World, number: usize, like: Uid, places: &[Membership], image: ImageId) -> Vec<Step> {
    let server = world.server(like).unwrap();
    let of = |at: usize, place: &Membership| {
        let share = Share { weight: 0, admin_up: true };
        Membership { member: promise::member(number, at), share, away: share, ..place.clone() }
    };
    let slot = Slot {
        number,
        target: Target { id: promise::server(number), name: format!("new-{number}"), service: "s".to_owned() },
        before: State { status: stackdeck::fleet::instance::Status::Build, ..State::gone() },
        past_lock: false,
        memberships: places.iter().enumerate().map(|(at, place)| of(at, place)).collect(),
        ports: vec![promise::port(number, 0)],
    };
    let network = server.addresses[0].network.to_string().as_str().into();
    let port = NewPort {
        network,
        name: "0".to_owned(),
        description: None,
        security_groups: None,
        fixed_ips: Vec::<FixedIp>::new(),
    };
    let new = NewServer {
        name: slot.target.name.clone(),
        boot: Boot::Image(image),
        flavor: server.flavor.to_string().as_str().into(),
        ports: slot.ports.clone(),
        key: None,
        metadata: std::iter::once((stamp::PORTS.to_owned(), slot.ports[0].to_string())).collect(),
        tags: Vec::new(),
        group: None,
        zone: None,
        description: None,
        user_data: None,
        config_drive: false,
    };
    let member = |place: &Membership| (place.pool.clone(), member(&promise::address(number, 0)));
    let members = slot.memberships.iter().map(member).collect();
    slot.made(new, vec![port], members)
}

fn member(address: &str) -> Member {
    Member {
        address: address.to_owned(),
        port: 8080,
        subnet: None,
        weight: 0,
        admin_state_up: true,
        backup: false,
        name: "new".to_owned(),
        tags: Vec::new(),
        monitor_address: None,
        monitor_port: None,
    }
}

/// Whom all this belongs to: whoever has the first server.
fn project(world: &World) -> Uid {
    world.servers().next().unwrap().project
}

pub fn make_port(world: &mut World, new: &NewPort) -> Result<Made, No> {
    let wish = Wish { network: new.network.as_str().parse().unwrap(), name: new.name.clone(), ..Wish::default() };
    let made = world.create_port(project(world), wish).map_err(|no| No::Forbidden(no.message))?;
    Ok(Made::Port(made.to_string().as_str().into()))
}

pub fn make_server(world: &mut World, new: &NewServer, caller: &Caller) -> Result<Made, No> {
    let ports: Vec<Uid> = new.ports.iter().map(|port| Uid::parse(port.as_str()).unwrap()).collect();
    for port in &ports {
        match world.networks.ports.get(port) {
            None => return Err(No::Bad(format!("Port {port} could not be found."))),
            Some(Port { device: Some(_), .. }) => return Err(No::Conflict(format!("Port {port} is still in use."))),
            Some(_) => {}
        }
    }
    let wanted = Server {
        name: new.name.clone(),
        flavor: new.flavor.as_str().parse().unwrap(),
        image: new.boot.image().and_then(|image| Uid::parse(image.as_str())),
        metadata: new.metadata.clone(),
        ports,
        ..Server::default()
    };
    let made = world.create(project(world), wanted, caller)?;
    Ok(Made::Server(made.to_string().as_str().into()))
}

pub fn add_member(world: &mut World, pool: &PoolId, member: &Member) -> Result<Made, No> {
    let wanted = Wanted {
        ip: member.address.parse::<Ipv4Addr>().unwrap().into(),
        port: member.port,
        weight: Some(member.weight),
        name: Some(member.name.clone()),
        ..Wanted::default()
    };
    let made = world.create_member(Uid::parse(pool.as_str()).unwrap(), &wanted)?;
    Ok(Made::Member(made.to_string().as_str().into()))
}

/// Who bears the stamp.
pub fn sought(world: &World, seek: &Seek) -> Option<Uid> {
    let mut bearing = stamped(world, &seek.stamp);
    bearing.next()
}

/// Every server with that stamp that is there.
pub fn stamped<'w>(world: &'w World, stamp: &'w str) -> impl Iterator<Item = Uid> + 'w {
    let bears = move |server: &&stackdeck::sim::world::instance::Server| {
        server.vm != VmState::Deleted && server.metadata.get(stamp::KEY).is_some_and(|own| own == stamp)
    };
    world.servers().filter(bears).map(|server| server.id)
}

pub fn port(world: &World, question: &PortQuestion) -> Option<PortSeen> {
    let port = match question {
        PortQuestion::Named(name) => world.networks.ports.values().find(|port| port.name == *name),
        PortQuestion::Id(id) => world.networks.ports.get(&Uid::parse(id.as_str()).unwrap()),
    }?;
    Some(PortSeen {
        id: port.id.to_string().as_str().into(),
        name: port.name.clone(),
        address: Some(dotted(port.ip).to_string()),
        device: port.device.map(|device| device.to_string().as_str().into()),
    })
}
