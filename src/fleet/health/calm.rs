//! What was found the last time, so that only what may be otherwise by now is looked at again.
//!
//! The instances of a service are left alone while nothing is told of any of them, none is under suspicion, and time
//! alone changes nothing: every reading of a series stands until its newest value is too old, or its oldest leaves a
//! window. A service as a whole is always looked at: that costs little.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::quality::{FAILURES, FULLNESS, RESPONSES};
use super::scene::{Scene, Wanted};
use super::serving::{Answer, State};
use super::thresholds::Thresholds;
use crate::base::clock::{Timestamp, since};
use crate::fleet::load::Known;
use crate::fleet::map::Set;
use crate::fleet::metric::Subject;
use crate::fleet::service::{Member, ServiceKey};
use crate::series::{Series, Tier};

/// The times over which instances are read, seconds.
const WINDOWS: [u64; 3] = [RESPONSES, FAILURES, FULLNESS];

/// What the last look found of instances.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Calm {
    at: Timestamp,
    wanted: BTreeMap<ServiceKey, Wanted>,
    thresholds: Thresholds,
    /// Whether the observer was cut off.
    pub(super) cut_off: bool,
    /// What each member's checks said.
    pub(super) answers: Vec<Answer>,
    /// What all witnesses said of each.
    pub(super) states: Vec<State>,
    /// Of the instances of each service: when any was heard last, and whether anything still stood.
    pub(super) heard: Vec<Option<(Timestamp, bool)>>,
    /// Until when the instances of each service may be left alone; `None` if not.
    until: Vec<Option<Timestamp>>,
}

/// Of which services the instances are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Anew {
    which: Vec<bool>,
    everything: bool,
    /// Someone was heard who is not of the fleet.
    strangers: bool,
}

impl Anew {
    /// Of all.
    pub(crate) fn everything(scene: &Scene<'_>) -> Self {
        Self { which: vec![true; scene.fleet.services.len()], everything: true, strangers: true }
    }

    /// Whether anybody may have been told of who is not of the fleet.
    pub(crate) fn has_strangers(&self) -> bool {
        self.strangers
    }

    /// Whether nothing may be left alone.
    pub(crate) fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether those of that service are.
    pub(crate) fn has(&self, service: usize) -> bool {
        self.which.get(service).copied().unwrap_or(true)
    }
}

impl Calm {
    /// Of which services the instances must be looked at, if it is the same fleet and that was heard since.
    pub(super) fn anew(&self, scene: &Scene<'_>, heard: &Set<Subject>) -> Anew {
        let Scene { fleet, wanted, thresholds, now, .. } = scene;
        let same = self.until.len() == fleet.services.len() && self.states.len() == fleet.members.len();
        if !same || *now < self.at || *wanted != &self.wanted || *thresholds != &self.thresholds {
            return Anew::everything(scene);
        }
        let mut which: Vec<bool> = self.until.iter().map(|until| until.is_none_or(|until| *now > until)).collect();
        let mut strangers = false;
        for subject in heard {
            let Subject::Instance(id) = subject else { continue };
            match fleet.member(id) {
                Some(member) => which[member.service] = true,
                None => strangers = true,
            }
        }
        Anew { which, everything: false, strangers }
    }

    /// After a look.
    pub(super) fn settle(&mut self, scene: &Scene<'_>, known: &[Known<'_>], anew: &Anew, held: &Set<ServiceKey>) {
        (self.at, self.thresholds) = (scene.now, scene.thresholds.clone());
        self.wanted.clone_from(scene.wanted);
        self.until.resize(scene.fleet.services.len(), None);
        for (at, service) in scene.fleet.services.iter().enumerate().filter(|(at, _)| anew.has(*at)) {
            let members = service.members.iter().map(|at| stands_until(scene, &scene.fleet.members[*at], known[*at]));
            let versions = service.versions.iter().filter_map(|(version, _)| version.as_ref());
            let versions = versions.map(|version| Subject::Version(service.key.clone(), Arc::clone(version)));
            // Where these are told themselves nothing is added up; their last moment counts, too.
            let own = versions.map(|version| scene.load.of(&version)).chain([scene.service(service)]);
            let own = own.flat_map(|known| known.all().filter_map(|series| fresh_until(series, scene.now)));
            let until = members.chain(own).min().unwrap_or(Timestamp::MAX);
            self.until[at] = (!held.contains(&service.key)).then_some(until);
        }
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The last moment at which its newest value stands, if it does now.
fn fresh_until(series: &Series, now: Timestamp) -> Option<Timestamp> {
    let (_, at) = series.newest().filter(|_| series.is_fresh(now))?;
    Some(later(at, series.stands()))
}

/// The last moment at which an instance looks as it does now, if nothing is told of it.
fn stands_until(scene: &Scene<'_>, member: &Member, known: Known<'_>) -> Timestamp {
    let grace = scene.thresholds.grace;
    let born = member.instance.launched.or(member.instance.created);
    let young = born.filter(|born| since(*born, scene.now) < grace);
    let grown = young.map(|born| later(born, grace.saturating_sub(Duration::from_millis(1))));
    let widest = scene.before(Duration::from_secs(FULLNESS));
    let read = known.all().flat_map(|series| {
        let fresh = fresh_until(series, scene.now);
        let steps = series.within(Tier::Full, widest, Timestamp::MAX);
        let leaves = steps.flat_map(move |(at, _)| WINDOWS.map(|window| later(at, Duration::from_secs(window))));
        fresh.into_iter().chain(leaves.filter(|leaves| *leaves >= scene.now))
    });
    grown.into_iter().chain(read).min().unwrap_or(Timestamp::MAX)
}
