//! Sources of load against the real services: an HAProxy that Octavia's objects drive, instances that answer, Gnocchi.
//! What they tell must agree with what was sent. Left out where the rig's guests do not run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use stackdeck::base::clock::{Clock, Timestamp};
use stackdeck::fleet::metric::{Meter, Metric, Reported, Sample, Subject};
use stackdeck::watch::metrics::Settings as Metrics;
use stackdeck::watch::{self, News, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, interval, sleep};

use super::contract::real;
use super::made::{Made, id, take_away, until};
use crate::contract::raw::Raw;

const DEADLINE: Duration = Duration::from_secs(120);

/// The service that is loaded: others are other tests'.
const SERVICE: &str = "search";

/// Requests that are sent, and how many a second.
const SENT: u64 = 300;
const RATE: u64 = 20;

/// 10.A.B.C of the cloud is 127.A.B.C here.
const TEMPLATE: &str = "127.{2}.{3}.{4}";

#[tokio::test]
async fn what_is_told_agrees_with_what_was_sent() {
    let Some(side) = real().await else { return };
    if TcpStream::connect("127.0.0.1:8079").await.is_err() {
        return;
    }
    let raw = &side.member.raw;
    let made = Made::default();
    let outcome = match balancer(raw, &made).await {
        Ok((address, balancer)) => {
            let cloud = side.member.cloud.clone();
            measured(raw, cloud, &address, &balancer).await
        }
        Err(why) => Err(why),
    };
    let left = take_away(raw, &made).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(left, [""; 0], "everything was taken away");
}

/// A balancer over three instances of the service: where it answers, and its id.
async fn balancer(raw: &Raw, made: &Made) -> Result<(String, String), String> {
    let servers = raw.get("compute", &format!("/v2.1/servers/detail?name={SERVICE}-00"), None).await.json();
    let ports = raw.get("network", "/v2.0/ports", None).await.json();
    let fixed = |server: &Value| {
        let own = ports["ports"].as_array()?.iter().find(|port| port["device_id"] == server["id"])?;
        Some(own["fixed_ips"][0].clone())
    };
    let up = servers["servers"].as_array().into_iter().flatten().filter(|server| server["status"] == "ACTIVE");
    let members: Vec<Value> = up.filter_map(fixed).take(3).collect();
    let subnet = members.first().ok_or("no server of the service is up")?["subnet_id"].clone();
    let member = |fixed: &Value| json!({ "address": fixed["ip_address"], "subnet_id": subnet, "protocol_port": 8080 });
    let name = format!("sd-test-{:08x}", fastrand::u32(..));
    let members: Vec<Value> = members.iter().map(member).collect();
    let pool = json!({ "name": name, "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "members": members });
    let listener = json!({ "name": name, "protocol": "HTTP", "protocol_port": 80, "default_pool": pool });
    let body = json!({ "loadbalancer": { "name": name, "vip_subnet_id": subnet, "listeners": [listener] } });
    let balancer = id(&raw.post("load-balancer", "/v2/lbaas/loadbalancers", &body).await?, "loadbalancer")?;
    made.lock().expect("a lock").push(("load-balancer", format!("/v2/lbaas/loadbalancers/{balancer}?cascade=true")));
    let path = format!("/v2/lbaas/loadbalancers/{balancer}");
    let row = until(raw, "load-balancer", &path, |row| row["loadbalancer"]["provisioning_status"] == "ACTIVE").await?;
    let vip = row["loadbalancer"]["vip_address"].as_str().ok_or("the balancer has no address")?;
    let rest = vip.strip_prefix("10.").ok_or("the VIP is not within 10.0.0.0/8")?;
    Ok((format!("127.{rest}:80"), balancer))
}

/// One request on a connection of its own; whether it was answered by 200.
async fn get(address: String) -> bool {
    let answered = async {
        let mut stream = TcpStream::connect(&address).await.ok()?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        answer.starts_with(b"HTTP/1.1 200").then_some(())
    };
    answered.await.is_some()
}

/// Waits until the balancer serves, and Octavia has counted all that was asked meanwhile.
async fn serves(raw: &Raw, address: &str, balancer: &str) -> Result<(), String> {
    let deadline = Instant::now() + DEADLINE;
    while !get(address.to_owned()).await {
        if Instant::now() > deadline {
            return Err(format!("{address} does not serve"));
        }
        sleep(Duration::from_millis(300)).await;
    }
    let path = format!("/v2/lbaas/loadbalancers/{balancer}/stats");
    until(raw, "load-balancer", &path, |row| row["stats"]["total_connections"].as_u64() > Some(0)).await.map(drop)
}

async fn measured(raw: &Raw, cloud: stackdeck::openstack::Cloud, address: &str, balancer: &str) -> Result<(), String> {
    serves(raw, address, balancer).await?;
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
    let mut ledger =
        Ledger { news, told: BTreeMap::new(), last: BTreeMap::new(), other: Vec::new(), versions: Vec::new() };
    let both = [(Meter::Octavia, Metric::Active), (Meter::Balancer, Metric::Active)];
    ledger.until("both count", |ledger| both.iter().all(|key| ledger.told.contains_key(key))).await?;
    let sending = tokio::spawn(send(address.to_owned()));
    let counts = [(Meter::Octavia, Metric::Connections), (Meter::Balancer, Metric::Requests)];
    let whole = |ledger: &Ledger| counts.iter().all(|key| ledger.sum(key) >= 0.98 * SENT as f64);
    let waited = ledger.until("all are counted", whole).await;
    let answered = sending.await.map_err(|error| error.to_string())?;
    let sums: Vec<f64> = counts.iter().map(|key| ledger.sum(key)).collect();
    waited.map_err(|why| format!("{why}: {answered} were answered, told were {sums:?}"))?;
    if sums.iter().any(|sum| (sum - answered as f64).abs() > 0.02 * answered as f64) {
        return Err(format!("{answered} were answered, told were {sums:?}"));
    }
    let has = |ledger: &Ledger, meter, metric, fits: fn(f64) -> bool| {
        ledger.other.iter().any(|sample| sample.meter == meter && sample.metric == metric && fits(sample.value))
    };
    ledger.until("Gnocchi's CPU", |own| has(own, Meter::Gnocchi, Metric::Cpu, |cpu| cpu > 0.0 && cpu < 1.5)).await?;
    ledger
        .until("Gnocchi's memory", |own| has(own, Meter::Gnocchi, Metric::Memory, |of| of > 0.0 && of <= 1.0))
        .await?;
    ledger.until("a probe", |own| has(own, Meter::Probe, Metric::ProbeUp, |up| up == 1.0)).await?;
    ledger.until("response times", |own| has(own, Meter::Balancer, Metric::ResponseMean, |mean| mean > 0.0)).await?;
    ledger.until("a version", |own| !own.versions.is_empty()).await
}

/// Sends at a steady rate, however slow the answers are; how many were answered well.
async fn send(address: String) -> u64 {
    let answered = Arc::new(Mutex::new(0));
    let mut due = interval(Duration::from_millis(1000 / RATE));
    let mut under_way = tokio::task::JoinSet::new();
    for _ in 0..SENT {
        due.tick().await;
        let (address, answered) = (address.clone(), Arc::clone(&answered));
        under_way.spawn(async move {
            if get(address).await {
                *answered.lock().expect("a lock") += 1;
            }
        });
    }
    while under_way.join_next().await.is_some() {}
    *answered.lock().expect("a lock")
}

/// What the watch has told so far.
struct Ledger {
    news: Receiver<News>,
    /// Of the loaded service: rates times the time that each is over.
    told: BTreeMap<(Meter, Metric), f64>,
    last: BTreeMap<(Meter, Metric), Timestamp>,
    other: Vec<Sample>,
    versions: Vec<Reported>,
}

impl Ledger {
    fn sum(&self, key: &(Meter, Metric)) -> f64 {
        self.told.get(key).copied().unwrap_or_default()
    }

    async fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) -> Result<(), String> {
        let deadline = Instant::now() + DEADLINE;
        while !so(self) {
            let news = tokio::time::timeout_at(deadline, self.news.recv()).await;
            match news.map_err(|_| format!("{what} did not come"))?.ok_or("the watch has ended")? {
                News::Samples(samples) => samples.into_iter().for_each(|sample| self.enter(sample)),
                News::Reported(reported) => self.versions.extend(reported),
                _ => {}
            }
        }
        Ok(())
    }

    /// A rate is over the time since the rate before it; the first since the first look, which told only what is active.
    fn enter(&mut self, sample: Sample) {
        let is_loaded = matches!(&sample.subject, Subject::Service(key) if &*key.name == SERVICE);
        if !is_loaded || sample.metric == Metric::ResponseMean {
            return self.other.push(sample);
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
