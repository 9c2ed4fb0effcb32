//! What is asked of the company's services, and how they bear it.

use std::time::Duration;

use super::Scenario;
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::load::demand::{Demand, mix};
use crate::sim::world::load::{Application, Business, Flaw, Who};

/// Of each trade: milliseconds of work a request costs, how full its instances are at the day's peak in hundredths,
/// bytes of a request and of an answer, requests over one connection.
const BUSINESS: [(&str, u16, u16, u16, u32, u16); 15] = [
    ("payments", 42, 56, 1_900, 2_600, 6),
    ("ledger", 40, 54, 2_300, 4_100, 20),
    ("tax-forms", 60, 21, 1_200, 38_000, 3),
    ("fraud", 120, 58, 5_200, 900, 30),
    ("quotes", 18, 52, 700, 5_800, 8),
    ("auth", 25, 46, 1_100, 1_700, 1),
    ("statements", 150, 38, 900, 90_000, 2),
    ("onboarding", 80, 33, 6_500, 12_000, 4),
    ("fx-rates", 12, 48, 500, 1_400, 12),
    ("cards", 35, 53, 1_600, 2_200, 6),
    ("search", 55, 49, 800, 16_000, 15),
    ("notifications", 30, 40, 1_500, 300, 25),
    ("batch", 400, 47, 9_000, 3_000, 1),
    ("gateway", 80, 60, 1_300, 7_400, 5),
    ("reporting", 200, 35, 1_000, 140_000, 2),
];

/// Opens an application, which nobody serves yet.
pub(super) fn open(world: &mut World, name: &str, trade: &str, project: Uid, balancer: Option<Uid>) -> usize {
    let found = BUSINESS.iter().find(|(other, ..)| *other == trade).unwrap_or(&BUSINESS[0]);
    let (_, work, _, received, sent, kept_alive) = *found;
    let business = Business {
        work: f64::from(work) / 1000.0,
        received: f64::from(received),
        sent: f64::from(sent),
        kept_alive: f64::from(kept_alive),
    };
    let seed =
        name.bytes().fold(mix(world.options.seed, world.load.apps.len() as u64), |sum, byte| mix(sum, byte.into()));
    let ahead = hours_ahead(world.options.scenario, world.now);
    let demand = Demand { peak: 0.0, ahead, swing: 1.0, noise: 1.0, repeats: Vec::new(), seed };
    let mut app = Application::new(name.to_owned(), project, business, demand, world.now);
    app.balancer = balancer;
    world.load.apps.push(app);
    world.load.apps.len() - 1
}

/// How much later it is where the company is: so that a scenario begins at its hour, whenever one looks.
fn hours_ahead(scenario: Scenario, now: Moment) -> Duration {
    let day = 86_400_000;
    let begins = match scenario {
        Scenario::Quiet => return Duration::from_secs(3600),
        Scenario::DailyPeak => 8.25,
        _ => 9.75,
    };
    let ahead = ((begins * 3_600_000.0) as i64 - now.as_millis()).rem_euclid(day);
    Duration::from_millis(u64::try_from(ahead).unwrap_or(0))
}

/// Sets how much is asked of everybody, lets the scenario's own trouble begin, and writes the day before.
pub(super) fn befall(world: &mut World) {
    let trial = world.identity.project_named("bank-test").map(|project| project.id);
    for place in 0..world.load.apps.len() {
        let capacity = capacity(world, place);
        let app = &mut world.load.apps[place];
        let full = BUSINESS.iter().find(|(trade, ..)| app.name.starts_with(trade)).map_or(40, |(_, _, full, ..)| *full);
        let tried = if Some(app.project) == trial { 0.1 } else { 1.0 };
        app.demand.peak = capacity * f64::from(full) / 100.0 * tried;
    }
    match world.options.scenario {
        Scenario::Busy | Scenario::SlowApi | Scenario::DownCell => {
            leak(world);
            let slower = Flaw { slow: 1.45, error: 0.02, ..Flaw::default() };
            world.flaw("payments", Who::Version("1.5.0".to_owned()), slower);
            bad_release(world);
        }
        Scenario::Leak => leak(world),
        Scenario::BadRelease => {
            world.flaw("payments", Who::Version("1.5.1".to_owned()), BAD);
        }
        Scenario::Outage => {
            let capacity =
                world.load.apps.iter().position(|app| app.name == "gateway").map(|place| capacity(world, place));
            if let Some(app) = world.load.apps.iter_mut().find(|app| app.name == "gateway") {
                // Four hundred requests a second on six that bear a hundred each, night and day.
                app.demand.peak = capacity.unwrap_or(0.0) * 2.0 / 3.0;
                (app.demand.swing, app.demand.noise) = (0.0, 0.4);
            }
            world.repeat_calls("gateway", 0.02);
        }
        Scenario::Quiet | Scenario::DailyPeak | Scenario::DeadHost => {}
    }
    world.write_past();
}

/// A version that passes every check, and errs.
const BAD: Flaw = Flaw { slow: 1.6, error: 0.12, ..Flaw::NONE };

/// Built this morning, and run by nobody yet: whoever rolls it out finds out.
fn bad_release(world: &mut World) {
    let Some(project) = world.identity.project_named("bank-prod").map(|project| project.id) else { return };
    world.add_image("cards", "5.1.0", project, world.now.minus(Duration::from_secs(7200)).whole_second());
    world.flaw("cards", Who::Version("5.1.0".to_owned()), BAD);
}

/// One of the ledger's instances has leaked since it booted this night: slower each hour, and fuller.
fn leak(world: &mut World) {
    let Some(id) = world.server_named("ledger-04").map(|server| server.id) else { return };
    let booted = world.now.minus(Duration::from_secs(7 * 3600 + 1260));
    if let Some(place) = world.places.get(&id).copied() {
        let server = &mut world.servers[place];
        server.booted = server.booted.map(|before| before.max(booted));
    }
    world.flaw("ledger", Who::Server(id), Flaw { leak: 0.0075, lost: 850.0, ..Flaw::default() });
}

/// Requests a second that all of an application's servers can do when nothing is wrong.
fn capacity(world: &World, place: usize) -> f64 {
    let app = &world.load.apps[place];
    let workers = app.roster.iter().filter_map(|id| world.server(*id));
    let workers: f64 = workers.map(|server| 2.0 * f64::from(world.flavors[server.flavor].vcpus)).sum();
    workers / app.business.work
}
