//! What stands around the instances: pools, ports, server groups, images, flavors. Each on an interval of its own.
//!
//! A service that is missing or refuses degrades by itself, with its reason, and is asked rarely from then on.

mod fetch;
mod pools;
mod timer;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{FlavorId, ImageId, InstanceId, ProjectId};
use crate::base::intern::Interner;
use crate::base::observation::Observation;
use crate::fleet::instance::{FlavorRef, ImageRef, Instance};
use crate::fleet::metric::Reported;
use crate::fleet::sources::{FixedAddress, Image, ServerGroup};
use crate::fleet::{Sources, pool, version};
use crate::openstack::{Reader, compute};
use crate::watch::convert;
use crate::watch::core::Done;
use crate::watch::settings::Settings;
use pools::Pools;
pub(super) use timer::Timer;

/// Something that was read beside the instances.
pub(super) enum Found {
    Pools(Result<Arc<Pools>, Failure>),
    Ports(Result<Vec<FixedAddress>, Failure>),
    /// Ports of some instances that are new.
    SomePorts(Vec<InstanceId>, Result<Vec<FixedAddress>, Failure>),
    Groups(Result<Vec<ServerGroup>, Failure>),
    /// Images by id, `None` for one that is gone; and why others could not be read.
    Images(Vec<(ImageId, Option<Image>)>, Option<Failure>),
    Flavors(Vec<(FlavorId, compute::Flavor)>, Option<Failure>),
    /// Versions that instances say themselves.
    Reported(Vec<Reported>),
}

/// Ports of new instances are read by themselves if there are at most so many; else all are.
const FEW: usize = 50;

#[derive(Default)]
struct Timers {
    pools: Timer,
    ports: Timer,
    groups: Timer,
    images: Timer,
    flavors: Timer,
}

pub(super) struct Surroundings {
    reader: Arc<dyn Reader>,
    settings: Arc<Settings>,
    known: Sources,
    pools: Arc<Pools>,
    flavors: HashMap<FlavorId, FlavorRef>,
    timers: Timers,
    /// Why images could not be read, if so.
    images_failed: Option<Failure>,
    wanted_images: BTreeSet<ImageId>,
    wanted_flavors: BTreeSet<FlavorId>,
    /// Instances that have addresses, and whose ports nobody has asked for yet.
    portless: BTreeSet<InstanceId>,
    /// Instances whose ports were asked for since the last full reading.
    asked: HashSet<InstanceId>,
}

impl Surroundings {
    pub(super) fn new(reader: Arc<dyn Reader>, settings: Arc<Settings>, known: Sources) -> Self {
        let known = Sources { instances: BTreeMap::new(), unconfirmed: BTreeSet::new(), ..known };
        Self {
            reader,
            settings,
            known,
            pools: Arc::default(),
            flavors: HashMap::new(),
            timers: Timers::default(),
            images_failed: None,
            wanted_images: BTreeSet::new(),
            wanted_flavors: BTreeSet::new(),
            portless: BTreeSet::new(),
            asked: HashSet::new(),
        }
    }

    /// What is known, without the instances.
    pub(super) fn known(&self) -> &Sources {
        &self.known
    }

    /// The flavors that rows name by id only (below 2.47).
    pub(super) fn flavors(&self) -> &HashMap<FlavorId, FlavorRef> {
        &self.flavors
    }

    /// Everything is read again at once.
    pub(super) fn refresh(&mut self) {
        let Timers { pools, ports, groups, .. } = &mut self.timers;
        [pools, ports, groups].into_iter().for_each(Timer::hurry);
    }

    /// Looks which images, flavors and ports the instances name.
    pub(super) fn note(&mut self, rows: &BTreeMap<InstanceId, Arc<Instance>>) {
        self.wanted_images.clear();
        self.wanted_flavors.clear();
        self.portless.clear();
        let empty = Arc::default();
        let ports = self.known.ports.value().unwrap_or(&empty);
        let with_port: HashSet<&InstanceId> = ports.iter().map(|fixed| &fixed.instance).collect();
        for row in rows.values() {
            if let ImageRef::Image(id) = &row.image
                && !self.wanted_images.contains(id)
            {
                self.wanted_images.insert(id.clone());
            }
            if let (Some(id), None) = (&row.flavor.id, &row.flavor.name) {
                self.wanted_flavors.insert(id.clone());
            }
            if !row.addresses.is_empty() && !with_port.contains(&row.id) && !self.asked.contains(&row.id) {
                self.portless.insert(row.id.clone());
            }
        }
        self.known.images.retain(|id, _| self.wanted_images.contains(id));
        // After a rebuild it is something else that speaks.
        self.known.reported.retain(|id, _| rows.get(id).is_some_and(|row| !version::is_rebuilding(row)));
        let new_image = self.wanted_images.iter().any(|id| !self.known.images.contains_key(id));
        if new_image {
            self.timers.images.hurry();
        }
        if self.wanted_flavors.iter().any(|id| !self.flavors.contains_key(id)) {
            self.timers.flavors.hurry();
        }
        if !self.portless.is_empty() {
            self.timers.ports.hurry();
        }
    }

    /// Starts what is due; tells how long until the next is.
    pub(super) fn begin(&mut self, now: Timestamp, under_way: &mut JoinSet<Done>) -> Duration {
        let reader = Arc::clone(&self.reader);
        let project = self.project();
        let all_projects = self.settings.all_projects;
        if self.timers.pools.due(now) {
            self.timers.pools.begin();
            let (before, reader, project) = (Arc::clone(&self.pools), Arc::clone(&reader), project.clone());
            under_way.spawn(async move {
                let pools = before.read(&reader, project.as_ref(), now).await;
                Done::Found(Found::Pools(pools.map(Arc::new)))
            });
        }
        if self.timers.groups.due(now) {
            self.timers.groups.begin();
            under_way.spawn(fetch::groups(Arc::clone(&reader), all_projects));
        }
        if self.timers.ports.due(now) {
            self.timers.ports.begin();
            let few = std::mem::take(&mut self.portless);
            if self.known.ports.value().is_some() && (1..=FEW).contains(&few.len()) && self.timers.ports.hurried() {
                under_way.spawn(fetch::ports_of(Arc::clone(&reader), few.into_iter().collect()));
            } else {
                under_way.spawn(fetch::ports(Arc::clone(&reader), project));
            }
        }
        if self.timers.images.due(now) && !self.wanted_images.is_empty() {
            self.timers.images.begin();
            under_way.spawn(fetch::images(Arc::clone(&reader), self.images_to_read()));
        }
        let flavors: Vec<_> =
            self.wanted_flavors.iter().filter(|id| !self.flavors.contains_key(*id)).cloned().collect();
        if self.timers.flavors.due(now) && !flavors.is_empty() {
            self.timers.flavors.begin();
            under_way.spawn(fetch::flavors(reader, flavors));
        }
        self.until_next(now)
    }

    fn until_next(&self, now: Timestamp) -> Duration {
        let Timers { pools, ports, groups, images, flavors } = &self.timers;
        let mut timers = vec![pools, ports, groups];
        if !self.wanted_images.is_empty() {
            timers.push(images);
        }
        if !self.wanted_flavors.is_empty() {
            timers.push(flavors);
        }
        timers.into_iter().filter_map(|timer| timer.until(now)).min().unwrap_or(self.settings.intervals.slow)
    }

    /// Images that are not known yet; when all are, those that are not gone, to see what has changed.
    fn images_to_read(&self) -> Vec<ImageId> {
        let unknown: Vec<_> =
            self.wanted_images.iter().filter(|id| !self.known.images.contains_key(*id)).cloned().collect();
        if !unknown.is_empty() {
            return unknown;
        }
        self.known.images.iter().filter(|(_, image)| image.is_some()).map(|(id, _)| id.clone()).collect()
    }

    /// The project whose things are read: an admin's lists would show everybody's.
    fn project(&self) -> Option<ProjectId> {
        self.reader.session().project_id.filter(|_| !self.settings.all_projects)
    }

    /// Takes what was found; tells whether anything is different now.
    pub(super) fn learn(&mut self, found: Found, now: Timestamp, interner: &mut Interner) -> bool {
        let every = self.settings.intervals;
        match found {
            Found::Pools(outcome) => {
                self.timers.pools.end(now, outcome.as_ref().err().map(|failure| failure.kind), every.pools);
                let outcome = outcome.map(|pools| {
                    self.pools = pools;
                    self.pools.pools()
                });
                observe::<Vec<pool::Pool>>(&mut self.known.pools, outcome, now)
            }
            Found::Ports(outcome) => {
                self.timers.ports.end(now, outcome.as_ref().err().map(|failure| failure.kind), every.slow);
                self.asked.clear();
                observe(&mut self.known.ports, outcome, now)
            }
            Found::SomePorts(ids, outcome) => {
                self.timers.ports.end(now, outcome.as_ref().err().map(|failure| failure.kind), every.slow);
                self.learn_some_ports(ids, outcome, now)
            }
            Found::Groups(outcome) => {
                self.timers.groups.end(now, outcome.as_ref().err().map(|failure| failure.kind), every.slow);
                observe(&mut self.known.server_groups, outcome, now)
            }
            Found::Images(images, failure) => {
                self.timers.images.end(now, failure.as_ref().map(|failure| failure.kind), every.reconcile);
                self.images_failed = failure;
                self.learn_images(images)
            }
            Found::Flavors(flavors, failure) => {
                self.timers.flavors.end(now, failure.map(|failure| failure.kind), every.reconcile);
                let told = flavors.into_iter().map(|(id, told)| (id, convert::flavor(told, interner)));
                self.flavors.extend(told);
                false
            }
            Found::Reported(reported) => reported.into_iter().fold(false, |changed, Reported { instance, version }| {
                let known = self.known.reported.insert(instance, Arc::clone(&version));
                changed | (known != Some(version))
            }),
        }
    }

    fn learn_some_ports(
        &mut self,
        ids: Vec<InstanceId>,
        outcome: Result<Vec<FixedAddress>, Failure>,
        now: Timestamp,
    ) -> bool {
        let outcome = outcome.map(|fresh| {
            let known = self.known.ports.value().cloned().unwrap_or_default();
            let kept = known.iter().filter(|fixed| !ids.contains(&fixed.instance)).cloned();
            let mut all: Vec<FixedAddress> = kept.chain(fresh).collect();
            all.sort_unstable();
            all
        });
        self.asked.extend(ids);
        observe(&mut self.known.ports, outcome, now)
    }

    fn learn_images(&mut self, images: Vec<(ImageId, Option<Image>)>) -> bool {
        let mut changed = false;
        for (id, image) in images {
            let known = self.known.images.get(&id);
            if known.is_none_or(|known| known.as_deref() != image.as_ref()) {
                self.known.images.insert(id, image.map(Arc::new));
                changed = true;
            }
        }
        changed
    }

    /// What is missing and why.
    pub(super) fn missing(&self) -> Vec<(&'static str, Failure)> {
        let Sources { pools, ports, server_groups, .. } = &self.known;
        let all = [
            ("load-balancer", pools.failure.as_ref()),
            ("network", ports.failure.as_ref()),
            ("server-groups", server_groups.failure.as_ref()),
            ("image", self.images_failed.as_ref()),
        ];
        all.into_iter().filter_map(|(name, failure)| failure.map(|failure| (name, failure.clone()))).collect()
    }
}

/// Takes an outcome; tells whether value or failure are different now. An equal value is kept, and its memory shared.
fn observe<T: PartialEq>(seen: &mut Observation<Arc<T>>, outcome: Result<T, Failure>, now: Timestamp) -> bool {
    if let Err(failure) = &outcome
        && !matches!(failure.kind, FailureKind::Unsupported)
    {
        tracing::warn!(place = failure.place.as_deref(), "reading what is around the instances failed: {failure}");
    }
    let failed_before = seen.failure.as_ref().map(|failure| failure.kind);
    let outcome = match (outcome, seen.value()) {
        (Ok(value), Some(known)) if **known == value => Ok(Arc::clone(known)),
        (outcome, _) => outcome.map(Arc::new),
    };
    let same = match (&outcome, seen.value()) {
        (Ok(value), Some(known)) => Arc::ptr_eq(value, known) && failed_before.is_none(),
        (Ok(_), None) => false,
        (Err(failure), _) => failed_before == Some(failure.kind),
    };
    seen.learn(outcome, now);
    !same
}
