//! The inventory against a world that changes between any two requests.
//!
//! The world answers as Nova does: pages by marker, whole seconds, deleted rows only to `changes-since`, and a clock of
//! its own. Whatever happens in whatever order, the inventory has the world as it is once things are quiet and a sweep
//! has ended; and it has every change that Nova stamps after one more poll, without a sweep.

use std::time::Duration;

use proptest::prelude::*;
use stackdeck::base::clock::{Pace, Timestamp};
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::fleet::Instance;
use stackdeck::fleet::instance::Status;
use stackdeck::watch::CloudTime;
use stackdeck::watch::inventory::{Ask, Inventory, Told};

use super::cloud::server;
use super::inventory::row;

const PAGE: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    Create,
    Change(usize),
    /// A change that does not move `updated`: a tag.
    Tag(usize),
    Delete(usize),
    /// Deleted and archived: no list ever tells.
    Vanish(usize),
    Pass(u16),
    Poll,
    Sweep,
    /// One request, of whatever is due.
    Request,
    Fail,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Event::Create),
        3 => (0..20usize).prop_map(Event::Change),
        1 => (0..20usize).prop_map(Event::Tag),
        2 => (0..20usize).prop_map(Event::Delete),
        1 => (0..20usize).prop_map(Event::Vanish),
        3 => (0..4000u16).prop_map(Event::Pass),
        3 => Just(Event::Poll),
        1 => Just(Event::Sweep),
        6 => Just(Event::Request),
        1 => Just(Event::Fail),
    ]
}

struct World {
    /// Oldest first; the list is newest first.
    rows: Vec<Instance>,
    /// The wall, in milliseconds.
    now: i64,
    /// The cloud's clock is ahead by so much.
    skew: i64,
    dated: bool,
    made: usize,
}

impl World {
    fn cloud_second(&self) -> Timestamp {
        Timestamp::from_second((self.now + self.skew).div_euclid(1000)).unwrap()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now).unwrap()
    }

    fn alive(&self) -> impl Iterator<Item = &Instance> {
        self.rows.iter().filter(|row| row.status != Status::Deleted)
    }

    fn change(&mut self, at: usize, change: impl FnOnce(&mut Instance)) {
        let alive: Vec<usize> = (0..self.rows.len()).filter(|at| self.rows[*at].status != Status::Deleted).collect();
        if let Some(at) = alive.get(at % alive.len().max(1)) {
            change(&mut self.rows[*at]);
        }
    }

    fn happen(&mut self, event: &Event) {
        let second = self.cloud_second();
        match *event {
            Event::Create => {
                self.made += 1;
                let made = row(server(&format!("id-{:04}", self.made), "ACTIVE", "2026-11-22T08:00:00Z"));
                self.rows.push(Instance { updated: Some(second), ..made });
            }
            Event::Change(at) => self.change(at, |row| {
                row.progress = Some(row.progress.unwrap_or(0).wrapping_add(1));
                row.updated = Some(second);
            }),
            Event::Tag(at) => self.change(at, |row| row.tags.push("t".into())),
            Event::Delete(at) => self.change(at, |row| {
                row.status = Status::Deleted;
                row.updated = Some(second);
            }),
            Event::Vanish(at) if !self.rows.is_empty() => {
                self.rows.remove(at % self.rows.len());
            }
            Event::Pass(millis) => self.now += i64::from(millis),
            _ => {}
        }
    }

    fn page<'a>(&'a self, rows: impl Iterator<Item = &'a Instance>, marker: Option<&str>) -> Told {
        let mut rows: Vec<&Instance> = rows.collect();
        rows.sort_by(|a, b| b.id.cmp(&a.id));
        rows.retain(|row| marker.is_none_or(|marker| row.id.as_str() < marker));
        let rows: Vec<Instance> = rows.into_iter().take(PAGE).cloned().collect();
        let next = rows.last().filter(|_| rows.len() == PAGE).map(|row| row.id.as_str().to_owned());
        Told { rows, next, date: self.dated.then(|| self.cloud_second()), sent: self.wall(), took: Duration::ZERO }
    }

    fn answer(&self, ask: &Ask) -> Result<Told, Failure> {
        Ok(match ask {
            Ask::FirstScreen => self.page(self.alive(), None),
            Ask::Sweep(marker) => self.page(self.alive(), marker.as_deref()),
            Ask::Changes(since, marker) => {
                let changed = self.rows.iter().filter(|row| row.updated.unwrap().as_second() >= since.as_second());
                self.page(changed, marker.as_deref())
            }
            Ask::One(id) => match self.alive().find(|row| row.id == *id) {
                Some(row) => Told { rows: vec![row.clone()], sent: self.wall(), ..Told::default() },
                None => return Err(Failure::new(FailureKind::NotFound, "Not here")),
            },
        })
    }
}

fn request(inventory: &mut Inventory, world: &World) -> bool {
    let Some(ask) = inventory.next() else { return false };
    match world.answer(&ask) {
        Ok(told) => {
            inventory.learn(&ask, told).unwrap();
        }
        Err(failure) => {
            inventory.failed(&ask, &failure);
        }
    }
    true
}

fn settle(inventory: &mut Inventory, world: &World) {
    for _ in 0..2000 {
        if !request(inventory, world) {
            return;
        }
    }
    panic!("it asks for ever: {:?}", inventory.next());
}

fn run(events: &[Event], skew: i64, dated: bool) -> (Inventory, World) {
    let mut world = World { rows: Vec::new(), now: 1_800_000_000_000, skew, dated, made: 0 };
    let mut inventory = Inventory::new(
        std::collections::BTreeMap::new(),
        std::collections::BTreeSet::new(),
        CloudTime::new(Pace::REAL, Duration::from_secs(30)),
    );
    for event in events {
        world.happen(event);
        match event {
            Event::Poll => inventory.want_poll(),
            Event::Sweep => inventory.want_sweep(),
            Event::Request => {
                request(&mut inventory, &world);
            }
            Event::Fail => {
                if let Some(ask) = inventory.next() {
                    inventory.failed(&ask, &Failure::new(FailureKind::Retry, "The cloud is down"));
                }
            }
            _ => {}
        }
    }
    (inventory, world)
}

fn seen(inventory: &Inventory) -> Vec<Instance> {
    inventory.rows().values().map(|row| Instance::clone(row)).collect()
}

fn truth(world: &World) -> Vec<Instance> {
    let mut rows: Vec<Instance> = world.alive().cloned().collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_a_reconcile_it_has_the_world(
        events in prop::collection::vec(event(), 0..120),
        skew in -100_000..100_000i64,
        dated in any::<bool>(),
    ) {
        let (mut inventory, world) = run(&events, skew, dated);
        settle(&mut inventory, &world);
        inventory.want_sweep();
        settle(&mut inventory, &world);
        prop_assert_eq!(seen(&inventory), truth(&world));
        prop_assert!(inventory.unconfirmed().is_empty());
    }

    #[test]
    fn a_poll_alone_never_loses_a_change_that_nova_stamps(
        events in prop::collection::vec(event(), 0..120),
        skew in -100_000..100_000i64,
        dated in any::<bool>(),
    ) {
        let stamped = |event: &Event| !matches!(event, Event::Tag(_) | Event::Vanish(_));
        let events: Vec<Event> = events.into_iter().filter(stamped).collect();
        let (mut inventory, world) = run(&events, skew, dated);
        settle(&mut inventory, &world);
        // What a walk that was under way has read before the last events, the next poll mends.
        inventory.want_poll();
        settle(&mut inventory, &world);
        if inventory.complete() {
            prop_assert_eq!(seen(&inventory), truth(&world));
        }
    }
}
