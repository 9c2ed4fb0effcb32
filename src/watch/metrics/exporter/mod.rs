//! The balancers' own exporters: requests, answers and times, as HAProxy itself counts them.
//!
//! Octavia's are found by their listeners of protocol PROMETHEUS, others are named in the configuration.

pub mod balancing;
pub mod exposition;
pub mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::Url;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::config::metrics::Balancers;
use crate::fleet::metric::{Lack, Meter};
use crate::fleet::{Fleet, ServiceKey};
use crate::openstack::statistics::{self, Balancer, Listener};
use crate::watch::metrics::address;
use crate::watch::metrics::scene::Scene;
use crate::watch::metrics::source::{Now, Source};
use crate::watch::metrics::web::{Way, Web, shown};
use balancing::Balancing;

/// Which exporters there are is asked again this often.
const RELIST: Duration = Duration::from_secs(300);

/// An answer takes at most so long, and has at most so many bytes: a balancer with a thousand members tells 5 MB.
const DEADLINE: Duration = Duration::from_secs(5);
const MOST: usize = 16 << 20;

/// A listener of this protocol tells metrics.
const EXPORTER: &str = "PROMETHEUS";

/// What is known between rounds.
pub(super) struct Exporters {
    settings: Balancers,
    web: Result<Web, Failure>,
    listed: Option<(Timestamp, Vec<Exporter>)>,
    known: BTreeMap<Url, Balancing>,
}

#[derive(Clone, Debug)]
struct Exporter {
    url: Url,
    /// Whose all of its pools are, where the configuration says.
    service: Option<Arc<str>>,
}

impl Exporters {
    pub(super) fn new(settings: Balancers) -> Self {
        Self { settings, web: Web::new(&Way::default(), DEADLINE, MOST), listed: None, known: BTreeMap::new() }
    }

    async fn list(&mut self, scene: &Scene) -> Result<Vec<Exporter>, Failure> {
        let now = scene.clock.now();
        if let Some((_, listed)) = self.listed.as_ref().filter(|(at, _)| since(*at, now) < RELIST) {
            return Ok(listed.clone());
        }
        let mut exporters = self.named()?;
        match self.found(scene).await {
            Ok(found) => exporters.extend(found),
            // Without Octavia those are all there is that are named, or were found before.
            Err(failure) => {
                let before = self.listed.take().map(|(_, listed)| listed).filter(|listed| !listed.is_empty());
                exporters = before.unwrap_or(exporters);
                if exporters.is_empty() && failure.kind != FailureKind::Unsupported {
                    return Err(failure);
                }
            }
        }
        self.listed = Some((now, exporters.clone()));
        Ok(exporters)
    }

    fn named(&self) -> Result<Vec<Exporter>, Failure> {
        let one = |(url, service): &(String, Option<String>)| {
            Ok(Exporter { url: named(url)?, service: service.as_deref().map(Arc::from) })
        };
        self.settings.exporters.values().map(one).collect()
    }

    async fn found(&self, scene: &Scene) -> Result<Vec<Exporter>, Failure> {
        if !self.settings.enabled {
            return Ok(Vec::new());
        }
        let project = scene.project();
        scene.budget.turn().await;
        let balancers = statistics::balancers(&scene.reader, project.as_ref()).await?;
        scene.budget.turn().await;
        let listeners = statistics::listeners(&scene.reader, project.as_ref()).await?;
        let urls = balancers.iter().filter_map(|balancer| of_balancer(&self.settings, balancer, &listeners));
        Ok(urls.map(|url| Exporter { url, service: None }).collect())
    }

    async fn ask(&mut self, Now { scene, fleet, out, .. }: Now<'_>) -> Result<Vec<Lack>, Failure> {
        let exporters = self.list(scene).await?;
        let web = self.web.clone()?;
        self.known.retain(|url, _| exporters.iter().any(|exporter| exporter.url == *url));
        if exporters.is_empty() {
            return Ok(vec![none_found()]);
        }
        let (mut lacks, mut failed, mut answered) = (Vec::new(), None, false);
        for exporter in exporters {
            scene.budget.turn().await;
            match fetch(&web, &exporter.url).await {
                Ok(text) => {
                    answered = true;
                    let service = exporter.service.as_deref().and_then(|name| by_name(fleet, name));
                    let known = self.known.entry(exporter.url).or_default();
                    let lines = exposition::lines(&text);
                    out.samples(known.learn(lines, service.as_ref(), fleet, scene.cloud_now())).await;
                }
                Err(failure) => {
                    lacks.push(Lack { service: None, why: failure.message.clone(), paste: None });
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

impl Source for Exporters {
    fn meter(&self) -> Meter {
        Meter::Balancer
    }

    fn every(&self) -> Duration {
        self.settings.every
    }

    fn round<'a>(&'a mut self, now: Now<'a>) -> BoxFuture<'a, Result<Vec<Lack>, Failure>> {
        Box::pin(self.ask(now))
    }
}

fn named(url: &str) -> Result<Url, Failure> {
    Url::parse(url).map_err(|_| Failure::new(FailureKind::Usage, format!("metrics.exporters: `{url}` is not a URL")))
}

/// Where a balancer's own exporter is, if it has one.
fn of_balancer(settings: &Balancers, balancer: &Balancer, listeners: &[Listener]) -> Option<Url> {
    let template = Some(settings.address.as_str()).filter(|template| !template.is_empty());
    let host = balancer.vip_address.as_deref().and_then(|vip| address::fill(template, vip))?;
    let id = balancer.id.as_deref().unwrap_or_default();
    let feeds = |listener: &&Listener| {
        let mut of = listener.loadbalancers.0.iter().filter_map(|of| of.0.as_ref());
        of.any(|of| of.id.as_deref() == Some(id))
    };
    let tells = |listener: &&Listener| listener.protocol.as_deref() == Some(EXPORTER);
    let own = listeners.iter().filter(tells).filter(feeds);
    let told = own.filter_map(|listener| listener.protocol_port.get::<u16>()).min();
    let port = Some(settings.port).filter(|port| *port > 0).or(told)?;
    Url::parse(&format!("http://{host}:{port}/metrics")).ok()
}

async fn fetch(web: &Web, url: &Url) -> Result<String, Failure> {
    let answer = web.get(url).await?;
    if answer.status != 200 {
        let message = format!("{} answered {}", shown(url), answer.status);
        return Err(Failure::new(FailureKind::Retry, message));
    }
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

/// The service of that name; none where there are two.
pub(super) fn by_name(fleet: &Fleet, name: &str) -> Option<ServiceKey> {
    let mut named = fleet.services.iter().filter(|service| *service.key.name == *name);
    named.next().filter(|_| named.next().is_none()).map(|service| service.key.clone())
}

fn none_found() -> Lack {
    Lack {
        service: None,
        why: "No load balancer has a listener of protocol PROMETHEUS".to_owned(),
        paste: Some(
            "openstack loadbalancer listener create --protocol PROMETHEUS --protocol-port 8088 LOADBALANCER".to_owned(),
        ),
    }
}
