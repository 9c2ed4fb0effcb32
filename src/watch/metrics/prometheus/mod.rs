//! A Prometheus, or what speaks like one (Thanos, Mimir; Aetos in the catalog): what is now, and at the start what was.
//!
//! One request asks all queries of a set for all instances. A set that nothing has ever answered to is asked rarely: most
//! clouds have one or two of the exporters. What has answered once, and what a service's own queries ask, is asked in
//! each round: a Prometheus that starts anew tells no rates for a minute, and an idle service none at all.
//!
//! The near past comes with the first answer, what was before once everything else is told ([`past`]).

pub mod answer;
mod line;
pub mod meaning;
pub mod past;
pub mod queries;
pub mod whose;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::Failure;
use crate::base::nearest::nearest;
use crate::config::metrics::{OwnQueries, Prometheus as Settings};
use crate::fleet::metric::{Lack, Meter, Metric, Subject};
use crate::fleet::{Fleet, ServiceKey};
use crate::openstack::Reader;
use crate::watch::metrics::exporter::by_name;
use crate::watch::metrics::scene::Scene;
use crate::watch::metrics::source::{Now, Outlet, Source};
use answer::Answered;
use line::{Line, Road};
use meaning::{Meant, meant};
use past::Span;
use queries::{SETS, Unit};

/// A set that nothing has ever answered to is asked again this often.
const VACANT: Duration = Duration::from_secs(300);

/// What the one of the catalog is called.
pub(super) const AETOS: &str = "aetos";

/// The past is asked for so often at most: at first the fleet is known in part, its pools come later.
const FILLS: u32 = 3;

/// Clocks further apart than this are told, and reckoned with.
const SKEW: i64 = 30_000;

/// What is known between rounds.
pub(super) struct Prometheus {
    name: Arc<str>,
    settings: Arc<Settings>,
    own: Vec<(String, OwnQueries)>,
    past: Duration,
    road: Road,
    /// By set: when nothing answered to it last.
    vacant: BTreeMap<String, Timestamp>,
    /// Sets that something has answered to.
    present: BTreeSet<String>,
    /// By what is asked: whose past has been told.
    filled: BTreeMap<String, Filled>,
}

/// Whose past has been told, and how often it was asked for.
#[derive(Default)]
struct Filled {
    of: BTreeSet<Subject>,
    times: u32,
}

/// One request.
struct Ask {
    /// What it is called: a set, or a service.
    what: String,
    text: String,
    marks: Vec<(Metric, Unit)>,
    service: Option<ServiceKey>,
    /// What services' own queries tell, a set does not tell again: two sums of one thing would take turns.
    elsewhere: Arc<BTreeSet<(Subject, Metric)>>,
}

impl Ask {
    fn meant(&self, found: &Answered, fleet: &Fleet, skew: i64) -> Meant {
        let mut meant = meant(found, &self.marks, self.service.as_ref(), fleet, skew);
        meant.samples.retain(|sample| !self.elsewhere.contains(&(sample.subject.clone(), sample.metric)));
        meant
    }
}

impl Prometheus {
    pub(super) fn new(name: &str, settings: &Settings, own: Vec<(String, OwnQueries)>, past: Duration) -> Self {
        Self::by(Road::url(settings), name, settings.clone(), own, past)
    }

    /// The one of the catalog, with what Ceilometer tells: what has no project is for admins alone there.
    pub(super) fn behind_keystone(
        reader: Arc<dyn Reader>,
        every: Duration,
        own: Vec<(String, OwnQueries)>,
        past: Duration,
    ) -> Self {
        let settings = Settings { every, queries: vec!["ceilometer".to_owned()], ..Settings::default() };
        Self::by(Road::Catalog(reader), AETOS, settings, own, past)
    }

    fn by(road: Road, name: &str, settings: Settings, own: Vec<(String, OwnQueries)>, past: Duration) -> Self {
        let (vacant, present, filled) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Self { name: name.into(), settings: Arc::new(settings), own, past, road, vacant, present, filled }
    }

    async fn ask(&mut self, Now { scene, fleet, out, .. }: Now<'_>) -> Result<Vec<Lack>, Failure> {
        let line = Line::new(&self.road, &self.settings)?;
        let (asks, mut lacks) = self.asks(fleet);
        let (now, all) = (scene.clock.now(), asks.len());
        let (mut answered, mut failed, mut told) = (false, None, false);
        let mut older = Vec::new();
        for ask in asks {
            // Who is not asked has not answered: else one that died would count as alive for as long.
            if self.vacant.get(&ask.what).is_some_and(|at| since(*at, now) < VACANT) {
                continue;
            }
            scene.budget.turn().await;
            match line.instant(&ask.text).await {
                Ok(found) if found.series.is_empty() => {
                    answered = true;
                    lacks.extend(ask.service.clone().map(|service| finds_nothing(&ask.what, service)));
                    if ask.service.is_none() && !self.present.contains(&ask.what) {
                        self.vacant.insert(ask.what, now);
                    }
                }
                Ok(found) => {
                    (answered, told) = (true, true);
                    self.vacant.remove(&ask.what);
                    self.present.insert(ask.what.clone());
                    let skew = skew(&found, scene.cloud_now());
                    let meant = ask.meant(&found, fleet, skew);
                    let filled = self.fill(&line, Told { scene, fleet, out, skew }, &ask, &meant).await;
                    lacks.extend(about(&ask, &found, skew, meant.samples.is_empty().then_some(meant.strangers)));
                    out.samples(meant.samples).await;
                    older.extend(filled.map(|known| (ask, known, skew)));
                }
                Err(failure) => {
                    let why =
                        failure.causes.iter().fold(failure.message.clone(), |text, cause| format!("{text}: {cause}"));
                    lacks.push(Lack { service: ask.service, why: format!("{}: {why}", ask.what), paste: None });
                    failed = failed.or(Some(failure));
                }
            }
        }
        // Once everybody's present is told: it is long, and nobody waits for it.
        for (ask, known, skew) in older {
            for span in past::older(self.past, series(&ask, fleet)) {
                self.tell_past(&line, Told { scene, fleet, out, skew }, &ask, (span, &known)).await;
            }
        }
        match failed {
            Some(failure) if !answered => return Err(failure),
            None if !told && all > 0 && self.vacant.len() == all => lacks.push(nothing_known()),
            _ => {}
        }
        Ok(lacks)
    }

    /// The near past of those of whom it has not been told: what is told now says who they are. Returns those of whom
    /// it had been told before.
    async fn fill(&mut self, line: &Line, told: Told<'_>, ask: &Ask, now: &Meant) -> Option<BTreeSet<Subject>> {
        let filled = self.filled.entry(ask.what.clone()).or_default();
        let is_new = now.samples.iter().any(|sample| !filled.of.contains(&sample.subject));
        if self.past.is_zero() || !is_new || filled.times >= FILLS {
            return None;
        }
        filled.times += 1;
        let known = filled.of.clone();
        let near = past::near(self.past, series(ask, told.fleet));
        let of = self.tell_past(line, told, ask, (near, &known)).await?;
        let filled = self.filled.entry(ask.what.clone()).or_default();
        filled.of.extend(of.into_iter().chain(now.samples.iter().map(|sample| sample.subject.clone())));
        Some(known)
    }

    /// Tells a part of the past, but not of those of whom it is known. Returns of whom it did.
    async fn tell_past(
        &self,
        line: &Line,
        Told { scene, fleet, out, skew }: Told<'_>,
        ask: &Ask,
        (span, known): (Span, &BTreeSet<Subject>),
    ) -> Option<BTreeSet<Subject>> {
        scene.budget.turn().await;
        let now = (scene.cloud_now().as_millisecond() + skew) / 1000;
        match line.range(&ask.text, span, now).await {
            Ok(found) => {
                let mut samples = ask.meant(&found, fleet, skew).samples;
                samples.retain(|sample| !known.contains(&sample.subject));
                let of = samples.iter().map(|sample| sample.subject.clone()).collect();
                out.samples(samples).await;
                Some(of)
            }
            Err(failure) => {
                tracing::warn!("Prometheus {} does not tell the past of {}: {failure}", self.name, ask.what);
                None
            }
        }
    }

    fn asks(&self, fleet: &Fleet) -> (Vec<Ask>, Vec<Lack>) {
        let (own, elsewhere) = self.own_asks(fleet);
        let (mut asks, mut lacks) = (Vec::new(), Vec::new());
        let window = self.settings.window.as_secs().max(1);
        for name in &self.settings.queries {
            match queries::set(name) {
                Some(set) => asks.push(Ask {
                    what: set.name.to_owned(),
                    text: queries::of_set(set, window),
                    marks: set.queries.iter().map(|query| (query.metric, query.unit)).collect(),
                    service: None,
                    elsewhere: Arc::clone(&elsewhere),
                }),
                None => lacks.push(unknown_set(name)),
            }
        }
        asks.extend(own);
        (asks, lacks)
    }

    /// What services' own queries ask, and what they tell of whom.
    fn own_asks(&self, fleet: &Fleet) -> (Vec<Ask>, Arc<BTreeSet<(Subject, Metric)>>) {
        let (mut asks, mut told) = (Vec::new(), BTreeSet::new());
        for (name, own) in &self.own {
            let queries = queries::own_metrics(own);
            let Some(service) = by_name(fleet, name).filter(|_| !queries.is_empty()) else { continue };
            let marks: Vec<_> = queries.iter().map(|(metric, _)| (*metric, Unit::Own)).collect();
            told.extend(marks.iter().map(|(metric, _)| (Subject::Service(service.clone()), *metric)));
            let text = queries::joined(queries.into_iter().map(|(_, text)| text).enumerate());
            let elsewhere = Arc::default();
            asks.push(Ask { what: format!("service {name}"), text, marks, service: Some(service), elsewhere });
        }
        (asks, Arc::new(told))
    }
}

impl Source for Prometheus {
    fn meter(&self) -> Meter {
        Meter::Prometheus
    }

    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn every(&self) -> Duration {
        self.settings.every
    }

    fn round<'a>(&'a mut self, now: Now<'a>) -> BoxFuture<'a, Result<Vec<Lack>, Failure>> {
        Box::pin(self.ask(now))
    }
}

/// To whom the past is told, and of whom.
struct Told<'a> {
    scene: &'a Scene,
    fleet: &'a Fleet,
    out: &'a Outlet,
    skew: i64,
}

/// How many series an answer has at most, more or less.
fn series(ask: &Ask, fleet: &Fleet) -> usize {
    if ask.service.is_some() { ask.marks.len() } else { fleet.members.len() * ask.marks.len() }
}

/// How many milliseconds the server's clock is ahead of the cloud's, where that is worth a word.
fn skew(found: &Answered, now: Timestamp) -> i64 {
    let newest = found.series.iter().filter_map(|series| series.points.last()).map(|(at, _)| *at).max();
    let ahead = newest.map_or(0, |at| at.as_millisecond() - now.as_millisecond());
    if ahead.abs() > SKEW { ahead } else { 0 }
}

/// What is odd about an answer.
fn about(ask: &Ask, found: &Answered, skew: i64, strangers: Option<usize>) -> Vec<Lack> {
    let lack = |why: String| Lack { service: ask.service.clone(), why, paste: None };
    let mut lacks: Vec<Lack> = found
        .warnings
        .iter()
        .take(3)
        .map(|warning| lack(format!("{}: Prometheus warns: {warning}", ask.what)))
        .collect();
    if skew != 0 {
        let side = if skew > 0 { "ahead of" } else { "behind" };
        lacks.push(lack(format!("The clock of Prometheus is some {} s {side} the cloud's", skew.abs() / 10_000 * 10)));
    }
    if let Some(count) = strangers.filter(|count| *count > 0) {
        let what = &ask.what;
        lacks.push(lack(format!("{what}: none of {count} series has a label that names an instance or pool")));
    }
    lacks
}

fn unknown_set(name: &str) -> Lack {
    let known = SETS.map(|set| set.name);
    let meant = nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Lack { service: None, why: format!("`{name}` is no set of queries{meant}"), paste: None }
}

fn finds_nothing(what: &str, service: ServiceKey) -> Lack {
    Lack {
        service: Some(service),
        why: format!("{what}: Prometheus has nothing that its queries ask for"),
        paste: None,
    }
}

fn nothing_known() -> Lack {
    Lack {
        service: None,
        why: "Prometheus has no metrics of an exporter that Stackdeck knows".to_owned(),
        paste: Some(
            "[metrics.services.NAME]\nrequests = \"sum(rate(http_requests_total{app=\\\"NAME\\\"}[2m]))\"".to_owned(),
        ),
    }
}
