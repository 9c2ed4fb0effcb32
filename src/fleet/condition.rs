//! The condition of the fleet: how loaded it is, what is concluded from that, and how those who measure stand.
//!
//! Whoever watches a fleet keeps one of these: what was measured goes in as it comes, and a [look](Condition::look) every
//! ten seconds or so draws the conclusions. The console and the shell's verbs have the same one, so they say the same.
//! Where a look must keep nobody waiting it is [begun](Condition::begin) here and carried out elsewhere ([`Look`]).
//!
//! Deliberately absent: asking anybody, and what is wanted of services (the configuration).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::id::InstanceId;
use crate::fleet::health::{self, Conclusion, Memory, Scene, Thresholds, Wanted};
use crate::fleet::look::{Found, Look, Next, Seen, What};
use crate::fleet::map::Map;
use crate::fleet::metric::{MeterStanding, MeterState, Sample};
use crate::fleet::service::{Finding, Fleet, ServiceKey};
use crate::fleet::{Load, load};

/// Between two looks while there is news. Conclusions count time, not looks; sooner than a sample comes nothing is new.
const BEAT: Duration = Duration::from_secs(10);
/// Between two looks without news: what is no longer told is noticed by then.
const QUIET_BEAT: Duration = Duration::from_secs(60);

/// Load, conclusions and sources.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    load: Load,
    meters: Vec<MeterState>,
    concluded: Concluded,
    memory: Memory,
    looked: Option<Timestamp>,
    news: bool,
    /// Over whom the last look went that was carried out elsewhere.
    seen: Option<Arc<Fleet>>,
    /// It is not back yet.
    looking: bool,
}

/// Conclusions, and where those of each are.
#[derive(Clone, Debug, Default)]
pub(super) struct Concluded {
    all: Vec<Conclusion>,
    of_services: Map<ServiceKey, Vec<usize>>,
    of_instances: Map<InstanceId, Vec<usize>>,
}

impl Condition {
    /// Takes what was measured; `now` is the cloud's time.
    pub fn take(&mut self, samples: &[Sample], now: Timestamp) -> load::Taken {
        let taken = self.load.take(samples, now);
        self.news |= taken.kept > 0;
        taken
    }

    /// Takes how all those who measure stand. Who has fallen silent is told as that beside what it told last.
    pub fn hear(&mut self, meters: Vec<MeterState>, now: Timestamp) {
        for state in &meters {
            if let MeterStanding::Silent(_, failure) = &state.standing {
                self.load.fail(state.meter, failure.clone(), now);
            }
        }
        self.meters = meters;
        self.news = true;
    }

    /// The fleet is another one.
    pub fn outdate(&mut self) {
        self.news = true;
    }

    /// How long until a look is due; nothing when it is.
    pub fn rest(&self, now: Timestamp) -> Duration {
        let beat = if self.news { BEAT } else { QUIET_BEAT };
        self.looked.map_or(Duration::ZERO, |looked| beat.saturating_sub(since(looked, now)))
    }

    /// Keeps up with the fleet and draws the conclusions anew; `now` is the cloud's time. Tells whether they are others
    /// than before.
    pub fn look(
        &mut self,
        fleet: &Fleet,
        wanted: &BTreeMap<ServiceKey, Wanted>,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> bool {
        self.begun(now);
        self.seen = None;
        self.load.take_heard();
        self.load.follow(fleet, now);
        let scene = Scene { fleet, load: &self.load, wanted, thresholds, now };
        let (conclusions, memory) = health::conclude(&scene, std::mem::take(&mut self.memory));
        self.memory = memory;
        let differ = self.differ(conclusions);
        let changed = differ.is_some();
        self.concluded = differ.unwrap_or(std::mem::take(&mut self.concluded));
        changed
    }

    /// Begins a look that is carried out elsewhere. What is known by now must not change before it has come back
    /// ([`Condition::go_on`]): else all of it had to be copied.
    pub fn begin(
        self: &mut Arc<Self>,
        fleet: &Arc<Fleet>,
        wanted: BTreeMap<ServiceKey, Wanted>,
        thresholds: Thresholds,
        now: Timestamp,
    ) -> Look {
        let own = Arc::make_mut(self);
        own.begun(now);
        let heard = own.load.take_heard();
        let same = own.seen.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, fleet));
        (own.seen, own.looking) = (Some(Arc::clone(fleet)), true);
        let memory = std::mem::take(&mut own.memory);
        let seen = Seen { fleet: Arc::clone(fleet), wanted, thresholds, now, heard: same.then_some(heard) };
        Look::new(Arc::clone(self), seen, memory)
    }

    /// Whether a look is being carried out elsewhere.
    pub fn is_looking(&self) -> bool {
        self.looking
    }

    /// Takes what a step of a look has found. A look over another fleet than ours was begun elsewhere, and is dropped.
    pub fn go_on(self: &mut Arc<Self>, found: Found) -> Next {
        let Found { seen, memory, what } = found;
        if !self.looking || self.seen.as_ref().is_none_or(|fleet| !Arc::ptr_eq(fleet, &seen.fleet)) {
            return Next::Done(None);
        }
        let own = Arc::make_mut(self);
        match what {
            What::Sums(sums, anew) => {
                own.load.add(sums);
                Next::Look(Box::new(Look::conclude(Arc::clone(self), seen, memory, anew)))
            }
            What::Concluded(changed) => {
                (own.memory, own.looking) = (memory, false);
                Next::Done(changed.map(|(concluded, judged)| {
                    own.concluded = concluded;
                    (seen.fleet, judged)
                }))
            }
        }
    }

    fn begun(&mut self, now: Timestamp) {
        (self.looked, self.news) = (Some(now), false);
    }

    /// What is concluded now, where that is something else than before.
    pub(super) fn differ(&self, conclusions: Vec<Conclusion>) -> Option<Concluded> {
        (conclusions != self.concluded.all).then(|| Concluded::of(conclusions))
    }

    /// The same fleet with what is concluded among its findings.
    pub fn judged(&self, fleet: &Arc<Fleet>) -> Arc<Fleet> {
        self.concluded.judged(fleet)
    }

    /// A series for each subject, metric and source.
    pub fn load(&self) -> &Load {
        &self.load
    }

    /// Those who measure, and how they stand.
    pub fn meters(&self) -> &[MeterState] {
        &self.meters
    }

    /// What is concluded, the worst first.
    pub fn conclusions(&self) -> &[Conclusion] {
        &self.concluded.all
    }

    /// What is concluded of a service and of its instances, the worst first.
    pub fn of_service(&self, key: &ServiceKey) -> impl Iterator<Item = &Conclusion> {
        self.concluded.of_service(key)
    }

    /// The conclusion behind a finding of a service or of one of its instances; nothing where it is of a row.
    pub fn behind(&self, service: &ServiceKey, finding: &Finding) -> Option<&Conclusion> {
        let is = |told: &&Conclusion| told.about.instance == finding.instance && told.text == finding.evidence;
        self.of_service(service).find(is)
    }

    /// What one could do next about a finding.
    pub fn advice<'a>(&'a self, service: &ServiceKey, finding: &Finding) -> Option<&'a str> {
        self.behind(service, finding).map(|told| &*told.advice).or_else(|| health::advice(finding.title))
    }

    /// What is concluded of an instance, the worst first.
    pub fn of_instance(&self, id: &InstanceId) -> impl Iterator<Item = &Conclusion> {
        self.concluded.of_instance(id)
    }
}

impl Concluded {
    fn of(all: Vec<Conclusion>) -> Self {
        let mut concluded = Self { all, ..Self::default() };
        for (at, conclusion) in concluded.all.iter().enumerate() {
            if let Some(key) = &conclusion.about.service {
                concluded.of_services.entry(key.clone()).or_default().push(at);
            }
            if let Some(id) = &conclusion.about.instance {
                concluded.of_instances.entry(id.clone()).or_default().push(at);
            }
        }
        concluded
    }

    pub(super) fn judged(&self, fleet: &Arc<Fleet>) -> Arc<Fleet> {
        if self.all.is_empty() {
            return Arc::clone(fleet);
        }
        let mut judged = Fleet::clone(fleet);
        for member in judged.members.iter_mut().filter(|_| !self.of_instances.is_empty()) {
            let own = self.of_instance(&member.instance.id).map(Conclusion::finding);
            add(&mut member.findings, own);
        }
        for service in &mut judged.services {
            add(&mut service.findings, self.of_service(&service.key).map(of_whole));
        }
        Arc::new(judged)
    }

    fn of_service(&self, key: &ServiceKey) -> impl Iterator<Item = &Conclusion> {
        self.pick(self.of_services.get(key))
    }

    fn of_instance(&self, id: &InstanceId) -> impl Iterator<Item = &Conclusion> {
        self.pick(self.of_instances.get(id))
    }

    fn pick<'a>(&'a self, places: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a Conclusion> {
        places.into_iter().flatten().filter_map(|at| self.all.get(*at))
    }
}

/// As a finding of the service, whomever of it it is about.
fn of_whole(conclusion: &Conclusion) -> Finding {
    let one = conclusion.about.instance.is_some();
    let title = if one { conclusion.trouble.title_of_one() } else { conclusion.trouble.title() };
    Finding { title, ..conclusion.finding() }
}

fn add(findings: &mut Vec<Finding>, concluded: impl Iterator<Item = Finding>) {
    let before = findings.len();
    findings.extend(concluded);
    if findings.len() > before {
        health::sort(findings);
    }
}
