//! Nova's diagnostics of the instances that somebody looks at, slowly: each is a call to its hypervisor.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::fleet::Fleet;
use crate::fleet::instance::Status;
use crate::fleet::metric::{Lack, Meter, Metric, Sample, Subject};
use crate::openstack::diagnostics::{Diagnostics, diagnostics};
use crate::watch::metrics::counter::Sums;
use crate::watch::metrics::source::{Now, Source};

/// In one round at most so many are asked.
const MOST: usize = 12;

/// What is known between rounds.
pub(super) struct Nova {
    every: Duration,
    known: BTreeMap<InstanceId, Known>,
}

/// What one instance has used, and when it was asked.
struct Known {
    asked: Timestamp,
    sums: Sums<5>,
}

impl Nova {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, known: BTreeMap::new() }
    }

    /// Those that were not asked for a while: the followed one first, then whoever was asked longest ago.
    fn due<'a>(&self, watched: impl Iterator<Item = &'a InstanceId>, now: Timestamp) -> Vec<&'a InstanceId> {
        let asked = |id: &InstanceId| self.known.get(id).map(|known| known.asked);
        let is_due = |id: &&InstanceId| asked(id).is_none_or(|asked| since(asked, now) >= self.every.mul_f64(0.9));
        let mut due: Vec<(usize, &InstanceId)> = watched.enumerate().filter(|(_, id)| is_due(id)).collect();
        due.sort_by_key(|(at, id)| (*at > 0, asked(id)));
        due.into_iter().map(|(_, id)| id).collect()
    }

    async fn ask(&mut self, now: Now<'_>) -> Result<Vec<Lack>, Failure> {
        let Now { scene, fleet, out, watched } = now;
        self.known.retain(|id, _| watched.contains(id));
        let up = watched.iter().filter(|id| is_up(fleet, id));
        for id in self.due(up, scene.clock.now()).into_iter().take(MOST) {
            scene.budget.turn().await;
            let began = scene.clock.now();
            match diagnostics(&*scene.reader, id).await {
                Ok(told) => {
                    let new = || Known { asked: began, sums: Sums::new(Duration::ZERO) };
                    let known = self.known.entry(id.clone()).or_insert_with(new);
                    known.asked = began;
                    out.samples(samples(id, &told, &mut known.sums, fleet, scene.cloud_now())).await;
                }
                // It stopped, or is gone, or is being moved.
                Err(failure) if matches!(failure.kind, FailureKind::NotFound | FailureKind::Conflict) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(Vec::new())
    }
}

impl Source for Nova {
    fn meter(&self) -> Meter {
        Meter::Nova
    }

    fn every(&self) -> Duration {
        self.every
    }

    fn follows(&self) -> bool {
        true
    }

    fn round<'a>(&'a mut self, now: Now<'a>) -> BoxFuture<'a, Result<Vec<Lack>, Failure>> {
        Box::pin(self.ask(now))
    }
}

fn is_up(fleet: &Fleet, id: &InstanceId) -> bool {
    fleet.member(id).is_some_and(|member| member.instance.status == Status::Active)
}

/// What a server used since it was asked before.
fn samples(id: &InstanceId, told: &Diagnostics, sums: &mut Sums<5>, fleet: &Fleet, at: Timestamp) -> Vec<Sample> {
    let cpus = fleet.member(id).and_then(|member| member.instance.flavor.vcpus).filter(|cpus| *cpus > 0);
    let each = [told.cpu, told.received, told.sent, told.disk_read, told.disk_written];
    let rates = sums.learn(at, each.map(Option::unwrap_or_default));
    let rate = |at: usize| rates.and_then(|rates| each[at].map(|_| rates[at]));
    let values = [
        (Metric::Cpu, rate(0).zip(cpus).map(|(rate, cpus)| rate / 1e9 / f64::from(cpus))),
        (Metric::Memory, told.memory),
        (Metric::Received, rate(1)),
        (Metric::Sent, rate(2)),
        (Metric::DiskRead, rate(3)),
        (Metric::DiskWritten, rate(4)),
    ];
    let sample = |(metric, value): (Metric, Option<f64>)| {
        Some(Sample { subject: Subject::Instance(id.clone()), metric, meter: Meter::Nova, at, value: value? })
    };
    values.into_iter().filter_map(sample).collect()
}
