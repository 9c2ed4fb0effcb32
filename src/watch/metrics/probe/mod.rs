//! Our own health checks: each instance is asked from this host.
//!
//! Where instances are comes from the cloud, so it is not trusted: no credentials are sent, no redirect is followed,
//! and of an answer only the beginning is read. Checks are spread over the interval, so that they come evenly.
//!
//! Of how long they take, each check is told of its instance, and [percentiles](latency) of versions and services.

pub mod latency;
pub mod verdict;

use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};
use reqwest::Url;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::id::InstanceId;
use crate::config::metrics::{ProbeKind, Probes};
use crate::fleet::instance::{Instance, Status};
use crate::fleet::metric::{Lack, Meter, Reported};
use crate::fleet::service::Member;
use crate::fleet::{Fleet, ServiceKey};
use crate::watch::metrics::address;
use crate::watch::metrics::source::{Now, Source};
use crate::watch::metrics::web::{Way, Web};
use latency::Latencies;
use verdict::{Expectation, Seen};

/// Of an answer so much is read.
const MOST: usize = 64 << 10;

/// What is seen within so long is told together.
const TOGETHER: Duration = Duration::from_secs(1);

/// What is known between rounds.
pub(super) struct Prober {
    settings: Probes,
    web: Result<Web, Failure>,
    latencies: Latencies,
}

/// One check at a time, for whoever wants to know now.
pub struct Check {
    settings: Probes,
    web: Web,
    expectation: Expectation,
}

impl Check {
    /// By these settings; `None` where instances are not checked.
    pub fn new(settings: &Probes) -> Result<Option<Self>, Failure> {
        if !settings.enabled {
            return Ok(None);
        }
        let (web, expectation) = (web(settings)?, Expectation::read(settings)?);
        Ok(Some(Self { settings: settings.clone(), web, expectation }))
    }

    /// What an instance answers. One without an address that fits the rule answers nothing.
    pub async fn ask(&self, instance: &Instance) -> Seen {
        match host(&self.settings, instance) {
            Some(host) => check(&self.web, &self.settings, &self.expectation, &host).await,
            None => Seen::default(),
        }
    }
}

/// One instance to be checked.
struct Target {
    id: InstanceId,
    host: String,
    after: Duration,
}

impl Prober {
    pub(super) fn new(settings: Probes) -> Self {
        let web = web(&settings);
        Self { settings, web, latencies: Latencies::default() }
    }

    async fn ask(&mut self, Now { scene, fleet, out, .. }: Now<'_>) -> Result<Vec<Lack>, Failure> {
        let web = self.web.clone()?;
        let expectation = Expectation::read(&self.settings)?;
        let (targets, lacks) = self.targets(fleet);
        let began = Instant::now();
        let checks = targets.into_iter().map(|target| {
            let (web, settings, expectation) = (&web, &self.settings, &expectation);
            async move {
                tokio::time::sleep_until(began + target.after).await;
                let seen = check(web, settings, expectation, &target.host).await;
                (target.id, seen, scene.cloud_now())
            }
        });
        let mut checked = stream::iter(checks).buffer_unordered(usize::from(self.settings.at_once.max(1)));
        let (mut flush, mut over) = (Instant::now() + TOGETHER, false);
        let (mut measured, mut reported) = (Vec::new(), Vec::new());
        while !over {
            match tokio::time::timeout_at(flush, checked.next()).await {
                Ok(Some((id, seen, at))) => {
                    measured.extend(verdict::samples(&id, &seen, at));
                    count(&mut self.latencies, fleet, &id, seen.took, at);
                    reported.extend(seen.version.map(|version| Reported { instance: id, version }));
                    continue;
                }
                Ok(None) => over = true,
                Err(_) => flush = Instant::now() + TOGETHER,
            }
            out.samples(std::mem::take(&mut measured)).await;
            out.reported(std::mem::take(&mut reported)).await;
        }
        out.samples(self.latencies.samples(scene.cloud_now())).await;
        Ok(lacks)
    }

    /// All instances that are up and have an address, spread over the interval by dice.
    fn targets(&self, fleet: &Fleet) -> (Vec<Target>, Vec<Lack>) {
        let Probes { every, deadline, .. } = &self.settings;
        let room = every.saturating_sub(*deadline);
        let (mut targets, mut lost) = (Vec::new(), Vec::<ServiceKey>::new());
        for member in &fleet.members {
            if member.instance.status != Status::Active {
                continue;
            }
            match host(&self.settings, &member.instance) {
                Some(host) => {
                    let after = room.mul_f64(fastrand::f64());
                    targets.push(Target { id: member.instance.id.clone(), host, after });
                }
                None => lost.extend(fleet.services.get(member.service).map(|service| service.key.clone())),
            }
        }
        targets.sort_by_key(|target| target.after);
        lost.dedup();
        let why = "An instance has no address that fits the rule of [metrics.probes]";
        let lack = |service| Lack { service: Some(service), why: why.to_owned(), paste: None };
        (targets, lost.into_iter().map(lack).collect())
    }
}

impl Source for Prober {
    fn meter(&self) -> Meter {
        Meter::Probe
    }

    fn every(&self) -> Duration {
        self.settings.every
    }

    fn round<'a>(&'a mut self, now: Now<'a>) -> BoxFuture<'a, Result<Vec<Lack>, Failure>> {
        Box::pin(self.ask(now))
    }
}

fn web(settings: &Probes) -> Result<Web, Failure> {
    let proxy = Some(settings.proxy.clone()).filter(|proxy| !proxy.is_empty());
    Web::new(&Way { cacert: None, proxy, fresh: true }, settings.deadline, MOST)
}

/// Where an instance is asked.
fn host(settings: &Probes, instance: &Instance) -> Option<String> {
    let Probes { network, six, floating, address, .. } = settings;
    let network = Some(network.as_str()).filter(|network| !network.is_empty());
    let template = Some(address.as_str()).filter(|template| !template.is_empty());
    address::choose(instance, network, *six, *floating).and_then(|host| address::fill(template, host))
}

/// Counts a check's length into its service's and version's percentiles.
fn count(latencies: &mut Latencies, fleet: &Fleet, id: &InstanceId, took: Option<Duration>, at: Timestamp) {
    let service = |member: &Member| fleet.services.get(member.service);
    let known = fleet.member(id).and_then(|member| Some((member, service(member)?)));
    if let (Some((member, service)), Some(took)) = (known, took) {
        latencies.count(&service.key, member.version.version.as_ref(), took, at);
    }
}

async fn check(web: &Web, settings: &Probes, expectation: &Expectation, host: &str) -> Seen {
    match settings.kind {
        ProbeKind::Tcp => tcp(settings, host).await,
        ProbeKind::Http | ProbeKind::Https => http(web, settings, expectation, host).await,
    }
}

async fn tcp(settings: &Probes, host: &str) -> Seen {
    let began = Instant::now();
    let connect = TcpStream::connect(format!("{host}:{}", settings.port));
    let up = matches!(tokio::time::timeout(settings.deadline, connect).await, Ok(Ok(_)));
    Seen { up, took: up.then(|| began.elapsed()), version: None }
}

async fn http(web: &Web, settings: &Probes, expectation: &Expectation, host: &str) -> Seen {
    let scheme = if settings.kind == ProbeKind::Https { "https" } else { "http" };
    let url = |path: &str| Url::parse(&format!("{scheme}://{host}:{}{path}", settings.port)).ok();
    let Some(health) = url(&settings.path) else { return Seen::default() };
    let Ok(answer) = web.get(&health).await else { return Seen::default() };
    let up = expectation.fits(answer.status, &answer.body);
    let mut seen = Seen { up, took: Some(answer.took), version: None };
    if let Some(version) = Some(settings.version_path.as_str()).filter(|path| !path.is_empty()).and_then(url)
        && let Ok(answer) = web.get(&version).await
        && answer.status == 200
    {
        seen.version = verdict::version(&answer.body).map(Into::into);
    }
    seen
}
