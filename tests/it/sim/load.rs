//! Load: capacity and queueing, counters that only grow, one story for a seed.

use std::time::Duration;

use stackdeck::sim::world::balancer::Balancer;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::load::queueing::{Work, outcome};
use stackdeck::sim::world::load::{Counts, Flaw, Serving, Tally, Who};
use stackdeck::sim::{Moment, Options, Scenario, Uid, World};

use super::client::still;

const OWNER: Caller = Caller { user: Uid(1), request: Uid(2), admin: true };
const MINUTE: Duration = Duration::from_secs(60);
const WORK: Work = Work { workers: 8.0, busy: 0.08, idle: 0.0, error: 0.0 };

fn balancer<'a>(world: &'a World, name: &str) -> &'a Balancer {
    world.balancer_named(name).unwrap()
}

/// What came to an application within the last so many minutes.
fn lately(world: &World, app: &str, minutes: u32) -> Tally {
    let app = world.load.named(app).unwrap();
    let total = |at: Moment| app.counts(at).total(Counts::ever);
    total(world.now()).since(&total(world.now().minus(MINUTE * minutes)))
}

fn mean(tally: &Tally) -> f64 {
    tally.took / (tally.ok + tally.failed)
}

#[test]
fn an_instance_bears_its_capacity_and_sheds_what_is_beyond() {
    assert!((WORK.capacity() - 100.0).abs() < 1e-9);
    let of = |rate: f64| outcome(rate, Serving::Serves, &WORK);
    for rate in 1..400 {
        let (less, more) = (of(f64::from(rate)), of(f64::from(rate + 1)));
        assert!((less.ok + less.shed - less.sent).abs() < 1e-6, "nothing is lost at {rate}");
        assert!(less.ok <= 100.0 + 1e-6 && more.ok >= less.ok - 1e-6, "at {rate}: {less:?}");
        assert!(more.mean >= less.mean - 1e-9 && more.shed >= less.shed - 1e-9, "at {rate}: {less:?} {more:?}");
        assert!(more.quantile(0.95) > 0.99 * less.quantile(0.95) && less.quantile(0.95) > less.quantile(0.5));
        assert!(less.cores <= 4.0, "no more than there are");
    }
    assert!(of(60.0).mean < 0.09 && of(60.0).shed < 1e-6, "at ease: {:?}", of(60.0));
    assert!(of(97.0).mean > 1.5 * of(60.0).mean, "near its end: {:?}", of(97.0));
    assert!((of(200.0).shed - 100.0).abs() < 1.0 && of(200.0).mean > 0.9, "twice too much: {:?}", of(200.0));
    assert_eq!(outcome(50.0, Serving::Refuses, &WORK).refused, 50.0);
}

#[test]
fn the_histogram_agrees_with_the_mean_and_the_rate() {
    for rate in [5.0, 50.0, 90.0, 99.0, 130.0] {
        let outcome = outcome(rate, Serving::Serves, &WORK);
        let spread = outcome.spread();
        assert!(spread.windows(2).all(|two| two[0] <= two[1] + 1e-9), "{spread:?}");
        assert!((spread[11] - rate).abs() < 1e-6, "all are in it");
        let (half, most) = (outcome.quantile(0.5), outcome.quantile(0.95));
        assert!(half < outcome.mean * 1.01 && most > outcome.mean, "{outcome:?}");
    }
}

#[test]
fn more_instances_really_help() {
    let mut world = World::new(still(Scenario::Outage));
    world.step(40 * MINUTE);
    let before = lately(&world, "gateway", 5);
    assert!(before.shed / before.sent > 0.05, "{before:?}");
    let (balancer, model) = {
        let place = world.balancers.all.iter().position(|balancer| balancer.name == "lb-gateway").unwrap();
        (place, world.balancers.all[place].pool.members[0].clone())
    };
    let per_instance = world.load.named("gateway").unwrap().demand.rate(world.now()) / 6.0;
    assert!(per_instance > 100.0, "{per_instance}");
    let served =
        |world: &World| world.server(model.server).map(|server| (server.project, server.flavor, server.image)).unwrap();
    let (project, flavor, image) = served(&world);
    for number in 7..13 {
        let wanted = stackdeck::sim::world::instance::NewServer {
            name: format!("edge-{number:02}"),
            flavor,
            image,
            network: Some(0),
            ..Default::default()
        };
        let id = world.create(project, wanted, &OWNER).unwrap();
        world.join_pool(balancer, id, 8080);
    }
    world.step(10 * MINUTE);
    let after = lately(&world, "gateway", 5);
    assert!(after.errors() / after.sent < 0.001, "{after:?}");
    assert!(mean(&after) < mean(&before) / 3.0, "{} {}", mean(&before), mean(&after));
}

#[test]
fn the_users_outage_takes_its_course() {
    let mut world = World::new(still(Scenario::Outage));
    let rate = |world: &World| lately(world, "gateway", 1).sent / 60.0;
    world.step(MINUTE);
    assert!((rate(&world) - 400.0).abs() < 25.0, "{}", rate(&world));
    let p95 = |world: &World| {
        let (outcomes, _) = world.load.named("gateway").unwrap().outcomes_at(world.now());
        outcomes[0].quantile(0.95)
    };
    let at_ease = p95(&world);
    world.step(9 * MINUTE);
    assert!((rate(&world) / 400.0 - 1.2).abs() < 0.06, "two hundredths a minute: {}", rate(&world));
    assert!(p95(&world) < 2.0 * at_ease, "the rise comes well before the pain");
    world.step(20 * MINUTE);
    assert!(p95(&world) > 5.0 * at_ease, "{} {}", at_ease, p95(&world));
    assert!(lately(&world, "gateway", 1).shed > 0.0);
    assert!(world.mend("gateway"));
    world.step(2 * MINUTE);
    assert!((rate(&world) - 400.0).abs() < 25.0, "{}", rate(&world));
}

#[test]
fn the_day_has_its_peak_and_its_night() {
    let world = World::new(still(Scenario::DailyPeak));
    let app = world.load.named("payments").unwrap();
    let hours: Vec<f64> = (0..24).map(|hour| app.demand.rate(world.now().minus(MINUTE * 60 * hour))).collect();
    let (most, least) =
        hours.iter().fold((0.0f64, f64::MAX), |(most, least), rate| (most.max(*rate), least.min(*rate)));
    assert!(most > 4.0 * least, "{hours:?}");
    let (outcomes, unserved) = app.outcomes_at(world.now());
    assert!(unserved == 0.0 && outcomes.iter().all(|outcome| outcome.fullness < 0.75), "healthy at its peak too");
    let past = app.counts(world.now().minus(MINUTE * 60 * 20)).total(Counts::ever);
    assert!(past.sent > 1e6, "it has served before there were measures");
}

#[test]
fn a_stopped_member_fails_its_share_until_the_monitor_takes_it_out() {
    let mut world = World::new(still(Scenario::DailyPeak));
    let member = balancer(&world, "lb-payments").pool.members[3].clone();
    let members = balancer(&world, "lb-payments").pool.members.len() as f64;
    let seat = world.load.seat(member.server).unwrap().1;
    world.hold(Course::Stop, Duration::from_secs(1));
    world.ask(member.server, Course::Stop, &OWNER).unwrap();
    world.step(Duration::from_secs(5));
    let (outcomes, _) = world.load.named("payments").unwrap().outcomes_at(world.now());
    let sent: f64 = outcomes.iter().map(|outcome| outcome.sent).sum();
    assert!((outcomes[seat].refused / sent - 1.0 / members).abs() < 0.01, "{:?}", outcomes[seat]);
    world.step(MINUTE);
    let (outcomes, _) = world.load.named("payments").unwrap().outcomes_at(world.now());
    assert_eq!((outcomes[seat].sent, outcomes[seat].refused), (0.0, 0.0));
    assert_eq!(balancer(&world, "lb-payments").pool.operating(), "DEGRADED");
    let lost = lately(&world, "payments", 2);
    assert!(lost.refused > 0.0 && lost.refused < 0.05 * lost.sent, "{lost:?}");
}

#[test]
fn weights_are_respected_and_a_drained_member_takes_nothing() {
    let mut world = World::new(still(Scenario::DailyPeak));
    let (pool, members) = {
        let pool = &balancer(&world, "lb-payments").pool;
        (pool.id, pool.members.clone())
    };
    world.weigh_member(pool, members[0].id, 0).unwrap();
    world.step(MINUTE);
    world.weigh_member(pool, members[1].id, 3).unwrap();
    world.step(MINUTE);
    let app = world.load.named("payments").unwrap();
    let (outcomes, _) = app.outcomes_at(world.now());
    let sent = |member: usize| outcomes[world.load.seat(members[member].server).unwrap().1].sent;
    assert_eq!(sent(0), 0.0);
    assert!((sent(1) / sent(2) - 3.0).abs() < 1e-6);
    let since_reload = app.counts(world.now()).total(Counts::since_reload);
    let ever = app.counts(world.now()).total(Counts::ever);
    assert!(
        since_reload.sent < ever.sent / 100.0 && since_reload.sent > 0.0,
        "a change begins the exporter's counts anew"
    );
}

#[test]
fn a_dead_host_hangs_and_its_members_go() {
    let mut world = World::new(still(Scenario::DeadHost));
    world.step(MINUTE);
    assert!(world.hosts.iter().any(|host| host.dark), "one is lost");
    let lost: Vec<Uid> = world
        .servers()
        .filter(|server| server.host.is_some_and(|host| world.hosts[host].dark))
        .map(|server| server.id)
        .collect();
    assert!(!lost.is_empty());
    world.step(MINUTE);
    for balancer in world.balancers.all.iter().filter(|balancer| balancer.pool.monitor.is_some()) {
        for member in balancer.pool.members.iter().filter(|member| lost.contains(&member.server)) {
            assert_eq!(member.operating, "ERROR", "{}", member.name);
        }
    }
}

#[test]
fn a_leak_grows_since_the_boot_and_a_reboot_ends_it() {
    let mut world = World::new(still(Scenario::Leak));
    let id = world.server_named("ledger-04").unwrap().id;
    let now = |world: &World| world.guest_now(world.server(id).unwrap()).unwrap();
    let peer = world.guest_now(world.server_named("ledger-05").unwrap()).unwrap();
    let first = now(&world);
    assert!(first.outcome.mean > 1.8 * peer.outcome.mean, "{:?} {:?}", first.outcome, peer.outcome);
    world.step(60 * MINUTE);
    let later = now(&world);
    assert!(later.memory > first.memory + 5e8 && later.cpu_seconds > first.cpu_seconds);
    world.ask(id, Course::RebootHard, &OWNER).unwrap();
    world.step(2 * MINUTE);
    let anew = now(&world);
    assert!(anew.memory < first.memory && anew.outcome.mean < 1.2 * peer.outcome.mean, "{anew:?}");
    assert!(anew.cpu_seconds < 600.0 && anew.counts.sent < first.counts.sent, "its counts begin anew");
}

#[test]
fn a_bad_release_fails_more_with_each_instance_that_runs_it() {
    let mut world = World::new(still(Scenario::BadRelease));
    let before = lately(&world, "payments", 10);
    assert!(before.failed == 0.0);
    world.step(6 * MINUTE);
    let soon = lately(&world, "payments", 1).failed / lately(&world, "payments", 1).sent;
    world.step(12 * MINUTE);
    let later = lately(&world, "payments", 1).failed / lately(&world, "payments", 1).sent;
    assert!(soon > 0.0 && later > 1.5 * soon && later < 0.13, "{soon} {later}");
}

#[test]
fn flaws_of_a_version_and_of_all_add_up() {
    let mut world = World::new(still(Scenario::DailyPeak));
    assert!(!world.flaw("nobody", Who::All, Flaw::default()));
    assert!(world.flaw("fx-rates", Who::All, Flaw { wait: 0.1, ..Flaw::default() }));
    assert!(world.flaw("fx-rates", Who::Version("3.2.0".to_owned()), Flaw { slow: 2.0, ..Flaw::default() }));
    let app = world.load.named("fx-rates").unwrap();
    for (id, seat) in app.roster.iter().zip(app.seats(world.now())) {
        let old = world.runs(world.server(*id).unwrap()).1 == "3.2.0";
        assert_eq!((seat.flaw.wait, seat.flaw.slow), (0.1, if old { 2.0 } else { 1.0 }));
    }
}

#[test]
fn counters_only_grow_and_do_not_depend_on_when_one_asks() {
    let options = || Options { instances: 60, ..still(Scenario::Busy) };
    let (mut asked, mut unasked) = (World::new(options()), World::new(options()));
    let names: Vec<String> = asked.balancers.all.iter().map(|balancer| balancer.name.clone()).collect();
    let mut last = vec![stackdeck::sim::world::load::Stats::default(); names.len()];
    for turn in 0..60u64 {
        let by = Duration::from_millis(1_000 + turn * 373 % 47_000);
        asked.step(by);
        unasked.step(by);
        for (balancer, last) in asked.balancers.all.iter().zip(&mut last) {
            let now = asked.stats_of(balancer);
            assert!(now.bytes_in >= last.bytes_in && now.bytes_out >= last.bytes_out, "{last:?} {now:?}");
            assert!(now.total_connections >= last.total_connections && now.request_errors >= last.request_errors);
            *last = now;
        }
    }
    for (one, other) in asked.load.apps.iter().zip(&unasked.load.apps) {
        let (one_total, other_total) = (one.counts(asked.now()), other.counts(unasked.now()));
        let (one_total, other_total) = (one_total.total(Counts::ever), other_total.total(Counts::ever));
        assert!((one_total.sent - other_total.sent).abs() < 1e-6 * one_total.sent.max(1.0), "{}", one.name);
        assert!((one_total.took - other_total.took).abs() < 1e-6 * one_total.took.max(1.0), "{}", one.name);
    }
}

#[test]
fn the_demo_is_in_visible_trouble_from_the_first_second() {
    let world = World::new(still(Scenario::Busy));
    let lately = lately(&world, "ledger", 10);
    assert!(lately.shed / lately.sent > 0.005, "{lately:?}");
    let app = world.load.named("ledger").unwrap();
    let (outcomes, _) = app.outcomes_at(world.now());
    let worst = (0..outcomes.len()).max_by(|a, b| outcomes[*a].mean.total_cmp(&outcomes[*b].mean)).unwrap();
    assert_eq!(world.server(app.roster[worst]).unwrap().name, "ledger-04");
}
