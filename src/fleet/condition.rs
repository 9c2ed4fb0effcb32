//! The condition of the fleet: how loaded it is, what is concluded from that, and how those who measure stand.
//!
//! Whoever watches a fleet keeps one of these: what was measured goes in as it comes, and a [look](Condition::look) every
//! ten seconds or so draws the conclusions. The console and the shell's verbs have the same one, so they say the same.
//!
//! Deliberately absent: asking anybody, and what is wanted of services (the configuration).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::id::InstanceId;
use crate::fleet::health::{self, Conclusion, Memory, Scene, Thresholds, Wanted};
use crate::fleet::map::Map;
use crate::fleet::metric::{MeterStanding, MeterState, Reported, Sample};
use crate::fleet::service::{Finding, Fleet, ServiceKey};
use crate::fleet::{Load, load};

/// Between two looks while there is news. Conclusions count time, not looks; sooner than a sample comes nothing is new.
const BEAT: Duration = Duration::from_secs(10);
/// A look goes over every instance: a second more for so many of them, that keys and processors are spared.
const EACH: usize = 250;
/// Between two looks without news: what is no longer told is noticed by then.
const QUIET_BEAT: Duration = Duration::from_secs(60);

/// Load, conclusions and sources.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    load: Load,
    meters: Vec<MeterState>,
    conclusions: Vec<Conclusion>,
    of_services: Map<ServiceKey, Vec<usize>>,
    of_instances: Map<InstanceId, Vec<usize>>,
    memory: Memory,
    reported: Map<InstanceId, Reported>,
    looked: Option<Timestamp>,
    news: bool,
    /// How many there were at the last look.
    instances: usize,
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

    /// Takes the versions that instances say themselves.
    pub fn note(&mut self, reported: Vec<Reported>) {
        for one in reported {
            self.reported.insert(one.instance.clone(), one);
        }
    }

    /// The version that an instance last said itself.
    pub fn reported(&self, id: &InstanceId) -> Option<&Reported> {
        self.reported.get(id)
    }

    /// The fleet is another one.
    pub fn outdate(&mut self) {
        self.news = true;
    }

    /// How long until a look is due; nothing when it is.
    pub fn rest(&self, now: Timestamp) -> Duration {
        let beat = BEAT + Duration::from_secs((self.instances / EACH) as u64);
        let beat = if self.news { beat } else { beat.max(QUIET_BEAT) };
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
        (self.looked, self.news, self.instances) = (Some(now), false, fleet.members.len());
        self.load.follow(fleet, now);
        self.reported.retain(|id, _| fleet.member(id).is_some());
        let scene = Scene { fleet, load: &self.load, wanted, thresholds, now };
        let (conclusions, memory) = health::conclude(&scene, std::mem::take(&mut self.memory));
        self.memory = memory;
        let changed = conclusions != self.conclusions;
        if changed {
            self.conclusions = conclusions;
            self.index();
        }
        changed
    }

    /// The same fleet with what is concluded among its findings.
    pub fn judged(&self, fleet: &Arc<Fleet>) -> Arc<Fleet> {
        if self.conclusions.is_empty() {
            return Arc::clone(fleet);
        }
        let mut judged = Fleet::clone(fleet);
        for member in &mut judged.members {
            let own = self.of_instance(&member.instance.id).map(Conclusion::finding);
            add(&mut member.findings, own);
        }
        for service in &mut judged.services {
            add(&mut service.findings, self.of_service(&service.key).map(of_whole));
        }
        Arc::new(judged)
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
        &self.conclusions
    }

    /// What is concluded of a service and of its instances, the worst first.
    pub fn of_service(&self, key: &ServiceKey) -> impl Iterator<Item = &Conclusion> {
        self.pick(self.of_services.get(key))
    }

    /// What is concluded of an instance, the worst first.
    pub fn of_instance(&self, id: &InstanceId) -> impl Iterator<Item = &Conclusion> {
        self.pick(self.of_instances.get(id))
    }

    fn pick<'a>(&'a self, places: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a Conclusion> {
        places.into_iter().flatten().filter_map(|at| self.conclusions.get(*at))
    }

    fn index(&mut self) {
        (self.of_services, self.of_instances) = (Map::default(), Map::default());
        for (at, conclusion) in self.conclusions.iter().enumerate() {
            if let Some(key) = &conclusion.about.service {
                self.of_services.entry(key.clone()).or_default().push(at);
            }
            if let Some(id) = &conclusion.about.instance {
                self.of_instances.entry(id.clone()).or_default().push(at);
            }
        }
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
