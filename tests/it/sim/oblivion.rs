//! Deleted servers are told of for a while, then forgotten, and nobody else is touched by that.

use std::time::Duration;

use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::instance::oblivion::MOST;
use stackdeck::sim::{Scenario, Uid, World};

use super::client::{Client, served, still};

const OWNER: Caller = Caller { user: Uid(1), request: Uid(2), admin: false };
const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn an_hour_after_its_end_a_server_is_forgotten_and_others_go_on() {
    let mut world = World::new(still(Scenario::Quiet));
    let first = world.server_named("auth-01").unwrap().id;
    let others: Vec<(Uid, String, u32)> = world
        .servers()
        .filter(|server| server.id != first)
        .map(|server| (server.id, server.name.clone(), server.number))
        .collect();
    world.delete(first, &OWNER).unwrap();
    world.step(MINUTE);
    assert_eq!(world.server(first).unwrap().status(), "DELETED");
    world.step(58 * MINUTE);
    let (last, ..) = others.last().unwrap();
    world.hold(Course::RebootSoft, 10 * MINUTE);
    world.ask(*last, Course::RebootSoft, &OWNER).unwrap();
    assert!(world.server(first).is_some(), "59 minutes");
    world.step(2 * MINUTE);
    assert!(world.server(first).is_none(), "61 minutes");
    for (id, name, number) in &others {
        let server = world.server(*id).unwrap();
        assert_eq!((&server.id, &server.name, &server.number), (id, name, number));
    }
    assert_eq!(world.server(*last).unwrap().status(), "REBOOT");
    world.step(10 * MINUTE);
    assert_eq!(world.server(*last).unwrap().status(), "ACTIVE", "its course has found it at its new place");
}

#[tokio::test]
async fn however_many_go_at_once_no_more_than_so_many_are_kept() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let lives = cloud.world(|world| world.servers().count());
    for _ in 0..MOST / 100 + 5 {
        cloud.world(|world| {
            world.shift(100);
            world.step(Duration::from_secs(1));
        });
    }
    let mut told = 0;
    let mut path = "/compute/v2.1/servers?deleted=1&limit=1000".to_owned();
    loop {
        let page = client.at("2.1").get(&path).await.json();
        told += page["servers"].as_array().unwrap().len();
        let Some(next) = page["servers_links"][0]["href"].as_str() else { break };
        path = next.split_once(&client.address).unwrap().1.to_owned();
    }
    assert!((MOST / 2..=MOST).contains(&told), "{told}");
    assert_eq!(cloud.world(|world| world.servers().count()), lives);
}
