//! Sources of load against the real services: an HAProxy that Octavia's objects drive, instances that answer, Gnocchi.
//! What they tell must agree with what was sent. Left out where the rig's guests do not run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use stackdeck::base::clock::{Clock, Timestamp};
use stackdeck::base::id::InstanceId;
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};
use stackdeck::watch::metrics::Settings as Metrics;
use stackdeck::watch::{self, News, Settings};
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use crate::contract::raw::Raw;
use crate::contract::side::Side;

use super::contract::real;
use super::generator::{Balancer, DEADLINE, behind, send};

/// The service that is loaded: others are other tests'.
const SERVICE: &str = "search";

/// Requests that are sent.
const SENT: u64 = 300;

/// 10.A.B.C of the cloud is 127.A.B.C here.
const TEMPLATE: &str = "127.{2}.{3}.{4}";

/// Of so many instances' CPU and memory at least what is told is held against what Gnocchi has.
const HELD: usize = 3;

/// So far apart both may be: a measure that came late belongs to a step that was told already.
const NEAR: f64 = 0.01;

#[tokio::test]
async fn what_is_told_agrees_with_what_was_sent() {
    let Some(side) = real().await else { return };
    behind(SERVICE, async |balancer| measured(&side, balancer).await).await;
}

async fn measured(side: &Side, balancer: &Balancer) -> Result<(), String> {
    let cloud = side.member.cloud.clone();
    let mut metrics = Metrics { requests: 600, past: Duration::ZERO, ..Metrics::default() };
    metrics.octavia.every = Duration::from_secs(2);
    metrics.balancers.enabled = true;
    metrics.balancers.every = Duration::from_secs(2);
    (metrics.balancers.address, metrics.balancers.port) = (TEMPLATE.to_owned(), 19102);
    metrics.gnocchi.every = Duration::from_secs(5);
    metrics.probes.enabled = true;
    metrics.probes.address = TEMPLATE.to_owned();
    let settings = Settings { metrics: Some(metrics), ..Settings::default() };
    let (_handle, news) = watch::start(cloud, settings, Clock::system(), None);
    let mut ledger = Ledger::new(news);
    let both = [(Meter::Octavia, Metric::Active), (Meter::Balancer, Metric::Active)];
    ledger.until("both count", |ledger| both.iter().all(|key| ledger.told.contains_key(key))).await?;
    let sending = tokio::spawn(send(balancer.host.clone(), SENT));
    let counts = [(Meter::Octavia, Metric::Connections), (Meter::Balancer, Metric::Requests)];
    let whole = |ledger: &Ledger| counts.iter().all(|key| ledger.sum(key) >= 0.98 * SENT as f64);
    let waited = ledger.until("all are counted", whole).await;
    let sent = sending.await.map_err(|error| error.to_string())?;
    let answered = sent.answered;
    let sums: Vec<f64> = counts.iter().map(|key| ledger.sum(key)).collect();
    waited.map_err(|why| format!("{why}: {answered} were answered, told were {sums:?}"))?;
    if sums.iter().any(|sum| (sum - answered as f64).abs() > 0.02 * answered as f64) {
        return Err(format!("{answered} were answered, told were {sums:?}"));
    }
    for metric in [Metric::Cpu, Metric::Memory] {
        ledger.until("what Gnocchi has", |own| own.by_gnocchi(metric).len() >= HELD).await?;
        agree(&side.member.raw, metric, &ledger.by_gnocchi(metric)).await?;
    }
    let is_up = |sample: &Sample| (sample.meter, sample.metric, sample.value) == (Meter::Probe, Metric::ProbeUp, 1.0);
    ledger.until("a probe", |own| own.other.iter().any(is_up)).await?;
    let told = ledger.response.ok_or("no response time was told")?;
    // What the balancer waited, to the rounding of its milliseconds and with the latest requests counting more; a guest
    // works 20 ms, and the whole took longer.
    if !(0.018..=1.25 * sent.mean() + 0.005).contains(&told) {
        return Err(format!("answers took {} s, told were {told} s", sent.mean()));
    }
    ledger.until("a version", |own| own.itself).await
}

/// Whether what was told of instances is what Gnocchi has of them: asked for metric by metric, and reckoned here.
async fn agree(raw: &Raw, metric: Metric, told: &BTreeMap<InstanceId, Vec<(Timestamp, f64)>>) -> Result<(), String> {
    for (id, told) in told {
        let server = raw.get("compute", &format!("/v2.1/servers/{id}"), Some("2.47")).await;
        // It was another test's, and is gone.
        if server.status == 404 {
            continue;
        }
        let server = server.json();
        let flavor = &server["server"]["flavor"];
        let (name, unit) = match metric {
            // Nanoseconds of all processors; a minute of them all is 1.
            Metric::Cpu => ("cpu", 6e10 * flavor["vcpus"].as_f64().ok_or("no processors")?),
            _ => ("memory.usage", flavor["ram"].as_f64().ok_or("no memory")?),
        };
        let path = format!("/v1/resource/instance/{id}/metric/{name}/measures?granularity=60&aggregation=mean");
        let measures = raw.get("metric", &path, None).await.json();
        let mean = |ending: i64| {
            let began = |point: &&Value| second(&point[0]) == Some(ending - 60);
            measures.as_array()?.iter().find(began)?[2].as_f64()
        };
        for (at, told) in told {
            let step = mean(at.as_second());
            let grown = match metric {
                Metric::Cpu => step.zip(mean(at.as_second() - 60)).map(|(step, before)| step - before),
                _ => step,
            };
            let has = grown.ok_or_else(|| format!("Gnocchi has no {name} of {id} until {at}"))? / unit;
            if has <= 0.0 || (told - has).abs() > NEAR * has {
                return Err(format!("{name} of {id} until {at}: told was {told}, Gnocchi has {has}"));
            }
        }
    }
    Ok(())
}

fn second(time: &Value) -> Option<i64> {
    Some(time.as_str()?.parse::<Timestamp>().ok()?.as_second())
}

/// What the watch has told so far.
struct Ledger {
    news: Receiver<News>,
    /// Of the loaded service: rates times the time that each is over.
    told: BTreeMap<(Meter, Metric), f64>,
    last: BTreeMap<(Meter, Metric), Timestamp>,
    /// Its mean response time.
    response: Option<f64>,
    other: Vec<Sample>,
    /// An instance has said itself which version it is.
    itself: bool,
}

impl Ledger {
    fn new(news: Receiver<News>) -> Self {
        let (told, last) = (BTreeMap::new(), BTreeMap::new());
        Self { news, told, last, response: None, other: Vec::new(), itself: false }
    }

    fn sum(&self, key: &(Meter, Metric)) -> f64 {
        self.told.get(key).copied().unwrap_or_default()
    }

    /// What Gnocchi told of instances.
    fn by_gnocchi(&self, metric: Metric) -> BTreeMap<InstanceId, Vec<(Timestamp, f64)>> {
        let mut told: BTreeMap<InstanceId, Vec<(Timestamp, f64)>> = BTreeMap::new();
        for sample in self.other.iter().filter(|one| (one.meter, one.metric) == (Meter::Gnocchi, metric)) {
            if let Subject::Instance(id) = &sample.subject {
                told.entry(id.clone()).or_default().push((sample.at, sample.value));
            }
        }
        told
    }

    async fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) -> Result<(), String> {
        let deadline = Instant::now() + DEADLINE;
        while !so(self) {
            let news = tokio::time::timeout_at(deadline, self.news.recv()).await;
            match news.map_err(|_| format!("{what} did not come"))?.ok_or("the watch has ended")? {
                News::Samples(samples) => samples.into_iter().for_each(|sample| self.enter(sample)),
                News::Fleet { fleet, .. } => {
                    self.itself |= fleet.members.iter().any(|member| member.version.said_by == Some("itself"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A rate is over the time since the rate before it; the first since the first look, which told only what is active.
    fn enter(&mut self, sample: Sample) {
        let is_loaded = matches!(&sample.subject, Subject::Service(key) if &*key.name == SERVICE);
        if !is_loaded {
            return self.other.push(sample);
        }
        if sample.metric == Metric::ResponseMean {
            self.response = Some(sample.value);
            return;
        }
        let key = (sample.meter, sample.metric);
        let first = self.last.get(&(sample.meter, Metric::Active)).copied();
        if sample.metric == Metric::Active {
            // Only the first look is of interest.
            self.last.entry(key).or_insert(sample.at);
            self.told.insert(key, sample.value);
        } else if let Some(before) = self.last.get(&key).copied().or(first) {
            let seconds = (sample.at.as_millisecond() - before.as_millisecond()) as f64 / 1000.0;
            *self.told.entry(key).or_default() += sample.value * seconds;
            self.last.insert(key, sample.at);
        }
    }
}
