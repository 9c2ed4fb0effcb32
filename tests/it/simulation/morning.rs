//! How a day begins: the world, the approved plans, and nothing done yet.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use stackdeck::base::id::InstanceId;
use stackdeck::fleet::release::Release;
use stackdeck::fleet::sources::Place;
use stackdeck::operation::change::Rebuild;
use stackdeck::operation::slot::{Membership, Slot};
use stackdeck::operation::{
    Actor, Aim, Change, Event, Gate, Intent, OperationId, Plan, Share, Step, Strategy, Target, Verb,
};
use stackdeck::sim::clock::SimClock;
use stackdeck::sim::moment::Moment;
use stackdeck::sim::scenario::Scenario;
use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::world::{Options, World};
use stackdeck::store::journal::Entry;
use stackdeck::store::memory::MemoryJournal;

use super::cloud::state;
use super::day::Day;
use super::laws;
use super::making;
use super::scene::{Errand, Scene, Strand, Strike};

/// When every day begins.
const MORNING: i64 = 1_795_000_000_000;
/// The version of an image that nobody runs yet.
const NEW: &str = "9.9.9";
/// What may take long.
pub const COURSES: [Course; 7] = [
    Course::RebootSoft,
    Course::RebootHard,
    Course::Stop,
    Course::Start,
    Course::Rebuild,
    Course::Delete,
    Course::Build,
];
/// How many seconds a second console may lag behind the first.
const LAG: u64 = 120;
/// Longer than a calm day takes, and shorter than an approval holds.
const LONG: u64 = 1_800;

/// The world, the approved plans, and nothing done yet.
pub fn morning(day: &Day, fuse: Option<(u32, Strike)>) -> Scene {
    let options = Options {
        instances: day.instances,
        seed: day.seed,
        clock: SimClock::stepped(Moment::from_millis(MORNING)),
        ..Options::new(Scenario::Quiet)
    };
    let mut world = World::new(options);
    if day.healthy {
        let lost: Vec<String> = world.hosts.iter().filter(|host| !host.up).map(|host| host.name.clone()).collect();
        for name in &lost {
            world.set_host_up(name, true);
        }
        world.balancers.quota = usize::MAX;
    }
    let mut dice = fastrand::Rng::with_seed(day.seed);
    let targets = choose(&mut world, day);
    if let Some(length) = day.held {
        for course in COURSES {
            world.hold(course, length);
        }
    }
    let mut journal = MemoryJournal::new();
    let mut wanted = vec![(day.verb, targets.clone())];
    // The other console's targets overlap: the last of ours comes first.
    wanted.extend(day.rival.map(|verb| (verb, targets.iter().rev().take(2).copied().collect())));
    wanted.extend(day.again.then_some((day.verb, targets)));
    let strands: Vec<Strand> = wanted
        .into_iter()
        .map(|(verb, targets)| approve(&world, day, verb, targets, &mut dice, &mut journal))
        .collect();
    let mut errands = vec![(world.now(), 0, Errand::Start)];
    if strands.len() > 1 {
        let later = if day.again { LONG } else { dice.u64(0..LAG) };
        errands.push((world.now().plus(Duration::from_secs(later)), 1, Errand::Start));
    }
    let mut scene = Scene {
        day: day.clone(),
        world,
        dice,
        journal,
        strands,
        workers: Vec::new(),
        errands,
        late: Vec::new(),
        executed: Vec::new(),
        seen: HashMap::new(),
        masked: None,
        silent: None,
        meddled: false,
        stolen: false,
        expired: false,
        full: None,
        skew: 0,
        fuse,
        passed: 0,
        looks: 0,
        broken: Vec::new(),
    };
    (0..scene.strands.len()).for_each(|strand| laws::of_records(&mut scene, strand));
    scene
}

fn approve(
    world: &World,
    day: &Day,
    verb: Verb,
    targets: Vec<Uid>,
    dice: &mut fastrand::Rng,
    journal: &mut MemoryJournal,
) -> Strand {
    let at = world.now().timestamp();
    let id = OperationId::new(at, dice.u128(..));
    let by = Actor { user: "anna".to_owned(), ..Actor::default() };
    let event = Event::Approved { plan: Box::new(plan(world, day, verb, &targets)) };
    journal.append(Entry { operation: &id, at, by: &by, event: &event }, None).unwrap();
    Strand { id, targets, holder: None, reader: laws::Reader::default() }
}

/// Members of one pool, in the state that the verb is for.
fn choose(world: &mut World, day: &Day) -> Vec<Uid> {
    let pools = world.balancers.all.iter();
    let largest = pools.max_by_key(|balancer| balancer.pool.members.len()).unwrap();
    let targets: Vec<Uid> = largest.pool.members.iter().map(|member| member.server).take(day.targets).collect();
    let caller = Caller { user: Uid(3), request: Uid(9), admin: false };
    for target in &targets {
        match day.verb {
            Verb::Start => world.ask(*target, Course::Stop, &caller).unwrap(),
            Verb::Unlock => world.lock(*target, None, &caller).unwrap(),
            Verb::PutBack => {
                for place in memberships(world, *target) {
                    let [pool, member] = [place.pool.as_str(), place.member.as_str()].map(|id| Uid::parse(id).unwrap());
                    world.weigh_member(pool, member, 0).unwrap();
                    world.step(Duration::from_secs(30));
                }
            }
            Verb::Restart(_) | Verb::Stop | Verb::Lock | Verb::Drain | Verb::Quarantine => {}
            Verb::Rebuild | Verb::RollOut | Verb::RollBack | Verb::Scale | Verb::Remove | Verb::Replace => {}
        }
    }
    let (owner, now) = (Uid(1), world.now());
    world.add_image("novelty", NEW, owner, now);
    world.step(Duration::from_secs(300));
    targets
}

fn plan(world: &World, day: &Day, verb: Verb, targets: &[Uid]) -> Plan {
    let steps = targets.iter().enumerate().flat_map(|(number, target)| steps(world, day, verb, number, *target));
    let ids = targets.iter().map(|target| target.to_string().as_str().into()).collect();
    Plan {
        schema: Plan::SCHEMA,
        place: Place::default(),
        project: "p".into(),
        project_name: None,
        intent: Intent {
            undrained: day.undrained,
            release: verb.brings_release().then(|| release(world)),
            strategy: if day.replaces { Strategy::Replace } else { Strategy::Rebuild },
            ..Intent::new(verb, Aim::Instances(ids))
        },
        title: "a day".to_owned(),
        limits: day.limits,
        checkpoint: verb == Verb::RollOut && day.looked_at,
        lifted: Vec::new(),
        waived: Vec::new(),
        former: None,
        approval: None,
        saved: None,
        steps: steps.collect(),
    }
}

fn steps(world: &World, day: &Day, verb: Verb, number: usize, target: Uid) -> Vec<Step> {
    let server = world.server(target).unwrap();
    let id: InstanceId = target.to_string().as_str().into();
    let about_pools = matches!(verb, Verb::Drain | Verb::PutBack | Verb::Quarantine);
    let gated = about_pools || !day.no_pools && !matches!(verb, Verb::Lock | Verb::Unlock);
    let slot = Slot {
        number,
        target: Target { id: id.clone(), name: server.name.clone(), service: "s".to_owned() },
        before: state(server),
        past_lock: false,
        memberships: if gated { memberships(world, target) } else { Vec::new() },
        ports: Vec::new(),
    };
    let lock = |server| Change::Lock { server, reason: None };
    match verb {
        Verb::Restart(how) => {
            let places = if day.undrained { &[][..] } else { &slot.memberships[..] };
            slot.drained(Change::Reboot { server: id, how }, places)
        }
        Verb::RollOut | Verb::RollBack if day.replaces => {
            let made = making::steps_from(world, number, target, &slot.memberships, release(world).image);
            let made = made.into_iter().map(|step| step.awaiting(Some(NEW))).collect();
            slot.succeeded(made, leaving(day, &slot))
        }
        Verb::Rebuild | Verb::RollOut | Verb::RollBack => {
            let places = if day.undrained { &[][..] } else { &slot.memberships[..] };
            rebuilt(world, verb, &slot, places)
        }
        Verb::Scale => making::steps(world, number, target, &slot.memberships),
        Verb::Remove => leaving(day, &slot),
        Verb::Replace => {
            let mut made = making::steps(world, 2 * number, target, &slot.memberships);
            made[0].instead_of = Some(id);
            made.into_iter().chain(leaving(day, &Slot { number: 2 * number + 1, ..slot })).collect()
        }
        Verb::Stop => vec![slot.step(Change::Stop { server: id }, Gate::Well)],
        Verb::Start => vec![slot.step(Change::Start { server: id }, Gate::Well)],
        Verb::Lock => vec![slot.step(lock(id), Gate::Well)],
        Verb::Unlock => vec![slot.step(Change::Unlock { server: id }, Gate::Well)],
        Verb::Drain => slot.drain(&slot.memberships),
        Verb::PutBack => slot.put_back(&slot.memberships),
        Verb::Quarantine => {
            let lock = slot.step(lock(id), Gate::Open);
            slot.drain(&slot.memberships).into_iter().chain([lock]).collect()
        }
    }
}

fn leaving(day: &Day, slot: &Slot) -> Vec<Step> {
    if day.undrained { slot.deleted() } else { slot.removed(&slot.memberships) }
}

fn release(world: &World) -> Release {
    let image = world.image_named(&format!("novelty-{NEW}")).unwrap();
    Release {
        image: image.id.to_string().as_str().into(),
        name: image.name.clone(),
        version: Some(NEW.to_owned()),
        status: image.status.to_owned(),
        min_disk_gib: 0,
        min_ram_mib: 0,
        created: None,
    }
}

/// Made anew from its own image, or from the new one.
fn rebuilt(world: &World, verb: Verb, slot: &Slot, places: &[Membership]) -> Vec<Step> {
    let server = slot.target.id.clone();
    let image = if verb.brings_release() { release(world).image } else { slot.before.image.clone().unwrap() };
    let rebuild =
        Rebuild { server, image, metadata: BTreeMap::new(), description: None, user_data: None, volume_backed: false };
    let version = verb.brings_release().then(|| NEW.to_owned());
    let steps = slot.drained(Change::Rebuild(Box::new(rebuild)), places);
    steps.into_iter().map(|step| Step { version: version.clone(), ..step }).collect()
}

fn memberships(world: &World, target: Uid) -> Vec<Membership> {
    let pools = world.balancers.all.iter().map(|balancer| &balancer.pool);
    let seats = pools.flat_map(|pool| pool.members.iter().map(move |member| (pool, member)));
    let ours = seats.filter(|(_, member)| member.server == target);
    ours.map(|(pool, member)| {
        let share = Share { weight: member.weight, admin_up: member.enabled };
        Membership {
            pool: pool.id.to_string().as_str().into(),
            member: member.id.to_string().as_str().into(),
            share,
            away: Share { weight: 0, ..share },
            back: Share { weight: member.weight.max(1), admin_up: true },
        }
    })
    .collect()
}
