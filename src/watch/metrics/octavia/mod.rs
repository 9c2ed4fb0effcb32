//! Octavia's statistics: connections and bytes of each service, from its balancers' sums.

pub mod plan;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{BalancerId, PoolId};
use crate::fleet::metric::{Lack, Meter, Metric, Sample, Subject};
use crate::fleet::{Fleet, ServiceKey};
use crate::openstack::statistics::{self, Balancer, Listener, Statistics};
use crate::watch::metrics::counter::Sums;
use crate::watch::metrics::scene::Scene;
use crate::watch::metrics::source::{Now, Source};
use plan::{Plan, Target, plan};

/// An amphora tells its sums every ten seconds: sums that stand still for two and a half of these are believed.
const HOLD: Duration = Duration::from_secs(25);

/// Which balancers and listeners there are is asked again this often, and when the pools are others.
const RELIST: Duration = Duration::from_secs(300);

/// What is known between rounds.
pub(super) struct Octavia {
    every: Duration,
    listed: Option<Listed>,
    tallies: BTreeMap<ServiceKey, Tally>,
}

struct Listed {
    at: Timestamp,
    pools: BTreeSet<(PoolId, BalancerId)>,
    balancers: Vec<Balancer>,
    listeners: Vec<Listener>,
}

/// The sums of one service; those of other targets are other sums.
struct Tally {
    targets: Vec<Target>,
    each: BTreeMap<Target, Statistics>,
    sums: Sums<4>,
}

impl Octavia {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, listed: None, tallies: BTreeMap::new() }
    }

    async fn listed(&mut self, scene: &Scene, fleet: &Fleet) -> Result<&Listed, Failure> {
        let now = scene.clock.now();
        let pools = pools(fleet);
        let fresh = |listed: &Listed| listed.pools == pools && since(listed.at, now) < RELIST;
        let listed = match self.listed.take().filter(fresh) {
            Some(listed) => listed,
            None => {
                let project = scene.project();
                scene.budget.turn().await;
                let balancers = statistics::balancers(&scene.reader, project.as_ref()).await?;
                scene.budget.turn().await;
                let listeners = statistics::listeners(&scene.reader, project.as_ref()).await?;
                Listed { at: now, pools, balancers, listeners }
            }
        };
        Ok(self.listed.insert(listed))
    }

    async fn ask(&mut self, Now { scene, fleet, out, .. }: Now<'_>) -> Result<Vec<Lack>, Failure> {
        let listed = self.listed(scene, fleet).await?;
        let Plan { counts, mut lacks } = plan(&listed.balancers, &listed.listeners, fleet);
        lacks.extend((!counts.is_empty()).then(about_errors));
        self.tallies.retain(|service, _| counts.contains_key(service));
        let (mut answered, mut failed) = (counts.is_empty(), None);
        for (service, targets) in counts {
            match read(scene, &targets).await {
                Ok(each) => {
                    answered = true;
                    let at = scene.cloud_now();
                    let hold = scene.cloud_span(HOLD);
                    let tally = self.tallies.entry(service.clone()).or_insert_with(|| Tally::new(hold));
                    out.samples(tally.learn(&service, targets, each, at)).await;
                }
                Err(failure) => {
                    if failure.kind == FailureKind::NotFound {
                        self.listed = None;
                    }
                    lacks.push(Lack { service: Some(service), why: failure.message.clone(), paste: None });
                    failed = failed.or(Some(failure));
                }
            }
        }
        match failed {
            Some(failure) if !answered => Err(failure),
            _ => Ok(lacks),
        }
    }
}

impl Source for Octavia {
    fn meter(&self) -> Meter {
        Meter::Octavia
    }

    fn every(&self) -> Duration {
        self.every
    }

    fn round<'a>(&'a mut self, now: Now<'a>) -> BoxFuture<'a, Result<Vec<Lack>, Failure>> {
        Box::pin(self.ask(now))
    }
}

/// One after the other: Octavia need not answer all at once.
async fn read(scene: &Scene, targets: &[Target]) -> Result<BTreeMap<Target, Statistics>, Failure> {
    let mut each = BTreeMap::new();
    for target in targets {
        scene.budget.turn().await;
        let reader = &*scene.reader;
        let told = match target {
            Target::Balancer(id) => statistics::of_balancer(reader, id).await?,
            Target::Listener(id) => statistics::of_listener(reader, id).await?,
        };
        each.insert(target.clone(), told);
    }
    Ok(each)
}

fn pools(fleet: &Fleet) -> BTreeSet<(PoolId, BalancerId)> {
    let of = |pool: &crate::fleet::pool::Pool| {
        let id = pool.id.clone();
        let balancers: Vec<_> = pool.balancers.iter().map(|balancer| (id.clone(), balancer.id.clone())).collect();
        balancers
    };
    fleet.pools.iter().flat_map(of).collect()
}

impl Tally {
    fn new(hold: Duration) -> Self {
        Self { targets: Vec::new(), each: BTreeMap::new(), sums: Sums::new(hold) }
    }

    /// Takes what the targets have counted. One that began anew would be hidden in the sum of several.
    fn learn(
        &mut self,
        service: &ServiceKey,
        targets: Vec<Target>,
        each: BTreeMap<Target, Statistics>,
        at: Timestamp,
    ) -> Vec<Sample> {
        let anew = |(target, new): (&Target, &Statistics)| {
            self.each.get(target).is_some_and(|old| {
                let fell = |of: fn(&Statistics) -> Option<i64>| of(new) < of(old);
                fell(|sums| sums.total_connections.0) || fell(|sums| sums.bytes_in.0) || fell(|sums| sums.bytes_out.0)
            })
        };
        if self.targets != targets || each.iter().any(anew) {
            self.sums.forget();
        }
        (self.targets, self.each) = (targets, each);
        let sum = |of: fn(&Statistics) -> Option<i64>| {
            let all: Option<i64> = self.each.values().map(of).sum();
            all.map(|sum| sum as f64)
        };
        let active = sum(|told| told.active_connections.0);
        let sums = [
            sum(|told| told.total_connections.0),
            sum(|told| told.bytes_in.0),
            sum(|told| told.bytes_out.0),
            sum(|told| told.request_errors.0),
        ];
        let [connections, received, sent, errors] = sums;
        let told = [connections, received, sent, errors].map(Option::unwrap_or_default);
        let rates = self.sums.learn(at, told);
        let rate = |at: usize, was_told: Option<f64>| rates.and(was_told).and(rates.map(|rates| rates[at]));
        let samples = [
            (Metric::Active, active),
            (Metric::Connections, rate(0, connections)),
            (Metric::Received, rate(1, received)),
            (Metric::Sent, rate(2, sent)),
            // Only malformed requests are counted: none of these does not mean that nothing fails.
            (Metric::Errors, rate(3, errors).filter(|rate| *rate > 0.0)),
        ];
        let subject = Subject::Service(service.clone());
        let sample = |(metric, value): (Metric, Option<f64>)| {
            Some(Sample { subject: subject.clone(), metric, meter: Meter::Octavia, at, value: value? })
        };
        samples.into_iter().filter_map(sample).collect()
    }
}

/// What Octavia cannot tell of anybody.
fn about_errors() -> Lack {
    Lack {
        service: None,
        why: "Octavia counts connections, not requests, and no answers of the 500s".to_owned(),
        paste: None,
    }
}
