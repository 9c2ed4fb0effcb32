//! The calls that change a cloud: they run unchanged against the simulated one and a real one, with what a fixture of
//! each has made for them.

pub(crate) mod leases;
pub(crate) mod members;
pub(crate) mod servers;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use stackdeck::base::clock::{Clock, Pace};
use stackdeck::operation::change::{Made, Refusal};
use stackdeck::operation::{Change, Outcome};
use stackdeck::sim::world::World;
use stackdeck::sim::world::load::Serving;
use stackdeck::sim::{Options, Scenario, Served, SimClock};

use tokio::time::{Instant, sleep};

use super::side::Side;
use crate::support::permits::permit;
use members::Balanced;

const DEADLINE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(100);

/// Where what was made is noted, service and path, so that it is taken away also when a test fails.
pub(crate) type Note<'a> = &'a (dyn Fn(&'static str, String) + Sync);

/// Makes a change that must be accepted; what was made.
async fn accepted(side: &Side, change: Change, status: u16) -> Option<Made> {
    match side.member.cloud.perform(permit(change.clone())).await {
        Outcome::Accepted { status: told, request_id, made, .. } => {
            assert_eq!(told, status, "{change}");
            assert!(request_id.is_some(), "{change}");
            made
        }
        other => panic!("{change}: {other:?}"),
    }
}

/// Makes a change that must be refused, with where and by which request; why.
async fn refused(side: &Side, change: Change) -> Refusal {
    match side.member.cloud.perform(permit(change.clone())).await {
        Outcome::Refused { why, failure } => {
            assert!(failure.request_id.is_some() && failure.place.is_some(), "{failure:?}");
            why
        }
        other => panic!("{change}: {other:?}"),
    }
}

async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !so().await {
        assert!(Instant::now() < deadline, "in time: {what}");
        sleep(PAUSE).await;
    }
}

/// The simulated cloud, ten times as fast as a real one.
async fn simulated() -> (Side, Arc<Served>) {
    let wall = Clock::system();
    let pace = Pace::scaled(wall.now(), wall.now(), 10.0);
    let clock = SimClock::paced(wall, pace);
    let (side, served) = Side::simulated_with(Options { clock, ..Options::new(Scenario::Quiet) }).await;
    (side, Arc::new(served))
}

#[tokio::test]
async fn members_and_listeners_change_as_they_must() {
    let (side, served) = simulated().await;
    members::all(&side, &balanced(&served)).await;
}

#[tokio::test]
async fn servers_and_their_ports_come_and_go_as_they_must() {
    let (side, _served) = simulated().await;
    servers::all(&side, &|_, _| {}).await;
}

#[tokio::test]
async fn leases_are_claimed_once() {
    let (side, _served) = simulated().await;
    leases::one(&side, &|_, _| {}).await;
    leases::race(&side, 10, &|_, _| {}).await;
}

/// A balancer of the company's, and servers that are not behind it.
fn balanced(served: &Arc<Served>) -> Balanced {
    let text = |id: &dyn ToString| id.to_string();
    let (shared, port) = (Arc::clone(served), served.world(|world| world.options().guest_port));
    served.world(|world| {
        let place = place_of(world);
        let spare = world.add_spare_pool(place, "sd-test-spare");
        let balancer = &world.balancers.all[place];
        let behind = |ip: u32| balancer.pool.members.iter().any(|member| member.ip == ip);
        let others = world.servers().filter(|server| world.serving(server) == Serving::Serves);
        let mut others = others.filter_map(|server| Some(server.addresses.first()?.ip)).filter(|ip| !behind(*ip));
        let mut next = || Ipv4Addr::from(others.next().expect("a server")).to_string();
        let network = &world.networks.all[balancer.network];
        Balanced {
            balancer: text(&balancer.id).into(),
            listener: text(&balancer.listener.id).into(),
            pool: text(&balancer.pool.id).into(),
            spare: text(&spare).into(),
            subnet: text(&network.subnet).into(),
            addresses: [next(), next(), Ipv4Addr::from(network.base + 65_000).to_string()],
            port,
            mark: Box::new(move |status| {
                shared.world(|world| {
                    let place = place_of(world);
                    world.balancers.all[place].provisioning = status;
                });
            }),
        }
    })
}

fn place_of(world: &World) -> usize {
    world.balancers.all.iter().position(|balancer| balancer.name == "lb-payments").expect("a balancer")
}
