//! Who measures load: sources, each real, each optional, each at its own pace.
//!
//! Every source has a loop of its own ([`source`]), so one that hangs or fails keeps no other back; what it asks for all
//! instances it asks once. What to ask, and what an answer means, is in pure parts beside it. Samples go out as they
//! come, and how each source stands whenever that changes ([`states`]).
//!
//! # How many requests
//!
//! All sources, probes apart, take their turns from one [`mod@budget`]: with the default of 9 requests a minute, a project
//! of a thousand instances costs 30 a minute in all, as the instances take 12 and what is around them 9. A source
//! with more to ask than its turns allow asks each thing less often, and says for when each sample is.
//!
//! Without configuration Octavia, Gnocchi, Aetos and Nova are tried, as the catalog has them; a Prometheus, balancers' exporters
//! and probes want an address, and are off.
//!
//! Deliberately absent: keeping samples, and concluding anything from them.

mod address;
mod budget;
mod counter;
pub mod exporter;
mod gnocchi;
mod nova;
mod octavia;
pub mod probe;
pub mod prometheus;
mod scene;
mod source;
mod states;
mod web;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::base::clock::Clock;
pub use crate::config::metrics::Metrics as Settings;
use crate::config::metrics::OwnQueries;
use crate::fleet::Fleet;
use crate::fleet::metric::{Lack, Meter, MeterStanding, MeterState, Reported};
use crate::openstack::Reader;
use crate::watch::broken;
use crate::watch::handle::Attention;
use crate::watch::news::News;
use crate::watch::settings;
pub(super) use budget::Budget;
pub use gnocchi::means as gnocchi_means;
pub use octavia::plan as octavia_plan;
use scene::Scene;
pub(super) use scene::budget;
use source::{Outlet, Source, Told};
use states::States;

/// Samples that wait for the console: sources wait, not the memory.
const WAITING: usize = 16;

pub(super) struct Meters {
    scene: Arc<Scene>,
    news: mpsc::Sender<News>,
    /// To whoever knows what else is said of instances' versions.
    reports: mpsc::Sender<Vec<Reported>>,
}

impl Meters {
    pub(super) fn new(
        reader: Arc<dyn Reader>,
        settings: Arc<settings::Settings>,
        metrics: Settings,
        (clock, budget): (Clock, Arc<Budget>),
        (news, reports): (mpsc::Sender<News>, mpsc::Sender<Vec<Reported>>),
    ) -> Self {
        Self { scene: Arc::new(Scene { reader, settings, metrics, clock, budget }), news, reports }
    }

    /// Runs until it is stopped, or nobody listens any more.
    pub(super) async fn run(
        self,
        fleets: watch::Receiver<Option<Arc<Fleet>>>,
        attention: watch::Receiver<Attention>,
        stop: CancellationToken,
    ) {
        let (out, mut told) = mpsc::channel(WAITING);
        let mut loops = JoinSet::new();
        let sources = sources(&self.scene);
        let mut states =
            States::new(sources.iter().map(|source| (source.meter(), source.name(), source.every())), off(&self.scene));
        for (at, source) in sources.into_iter().enumerate() {
            let seat = source::Seat { fleets: fleets.clone(), attention: attention.clone() };
            loops.spawn(source::drive(source, Arc::clone(&self.scene), seat, Outlet::new(at, out.clone())));
        }
        drop(out);
        self.tell(states.news()).await;
        loop {
            let told = tokio::select! {
                () = stop.cancelled() => break,
                () = self.news.closed() => break,
                Some(ended) = loops.join_next() => {
                    if let Err(broke) = ended { broken::with(broke) }
                    continue;
                }
                told = told.recv() => told,
            };
            let Some(told) = told else { break stop.cancelled().await };
            let fleet = fleets.borrow().clone();
            self.take(told, fleet.as_deref(), &mut states).await;
        }
    }

    async fn take(&self, (at, told): (usize, Told), fleet: Option<&Fleet>, states: &mut States) {
        let now = self.scene.clock.now();
        match told {
            Told::Samples(samples) if samples.is_empty() => {}
            Told::Samples(samples) => {
                states.measured(at, &samples, fleet, now);
                self.tell(News::Samples(samples)).await;
            }
            Told::Reported(reported) if reported.is_empty() => {}
            // Nobody listens any more: the loop ends at its next turn.
            Told::Reported(reported) => drop(self.reports.send(reported).await),
            Told::Round(outcome) => {
                if states.round(at, outcome, now) {
                    self.tell(states.news()).await;
                }
            }
        }
    }

    async fn tell(&self, news: News) {
        // Nobody listens any more: the loop ends at its next turn.
        let _ = self.news.send(news).await;
    }
}

/// Every source that is switched on.
fn sources(scene: &Scene) -> Vec<Box<dyn Source>> {
    let Settings { octavia, gnocchi, aetos, nova, balancers, prometheus, probes, services, past, .. } = &scene.metrics;
    let own = |is_own: &dyn Fn(&OwnQueries) -> bool| {
        let own = services.iter().filter(|(_, own)| is_own(own));
        own.map(|(service, own)| (service.clone(), own.clone())).collect()
    };
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    if octavia.enabled {
        sources.push(Box::new(octavia::Octavia::new(octavia.every)));
    }
    if balancers.enabled || !balancers.exporters.is_empty() {
        sources.push(Box::new(exporter::Exporters::new(balancers.clone())));
    }
    for (at, (name, one)) in prometheus.iter().enumerate() {
        // A service that names no Prometheus means the first.
        let own = own(&|own| own.prometheus == *name || (own.prometheus.is_empty() && at == 0));
        sources.push(Box::new(prometheus::Prometheus::new(name, one, own, *past)));
    }
    // Both have what Ceilometer tells.
    let has_gnocchi = || scene.reader.endpoints().iter().any(|endpoint| endpoint.service_type == "metric");
    if aetos.enabled && !prometheus.contains_key(prometheus::AETOS) && !(gnocchi.enabled && has_gnocchi()) {
        let own =
            own(&|own| own.prometheus == prometheus::AETOS || (own.prometheus.is_empty() && prometheus.is_empty()));
        let reader = Arc::clone(&scene.reader);
        sources.push(Box::new(prometheus::Prometheus::behind_keystone(reader, aetos.every, own, *past)));
    }
    if gnocchi.enabled {
        sources.push(Box::new(gnocchi::Gnocchi::new(gnocchi.every, *past)));
    }
    if nova.enabled {
        sources.push(Box::new(nova::Nova::new(nova.every)));
    }
    if probes.enabled {
        sources.push(Box::new(probe::Prober::new(probes.clone())));
    }
    sources
}

/// What nobody has switched on, with a line to paste.
fn off(scene: &Scene) -> Vec<MeterState> {
    let Settings { balancers, prometheus, probes, .. } = &scene.metrics;
    let off = |meter, why: &str, paste: &str| MeterState {
        meter,
        name: Arc::default(),
        standing: MeterStanding::Off(Lack { service: None, why: why.to_owned(), paste: Some(paste.to_owned()) }),
        services: Vec::new(),
        lacks: Vec::new(),
    };
    let mut states = Vec::new();
    if !balancers.enabled && balancers.exporters.is_empty() {
        let why = "Requests, answers in the 500s and response times come from the balancers' own exporters";
        states.push(off(Meter::Balancer, why, "[metrics.balancers]\nenabled = true"));
    }
    if prometheus.is_empty() {
        let why = "A Prometheus can tell of every instance and service, and what was before";
        states.push(off(Meter::Prometheus, why, "[metrics.prometheus.main]\nurl = \"http://HOST:9090\""));
    }
    if !probes.enabled {
        let why = "Health checks from this host tell whether instances answer, how fast, and which version they run";
        states.push(off(Meter::Probe, why, "[metrics.probes]\nenabled = true\nport = 8080\npath = \"/health\""));
    }
    states
}
