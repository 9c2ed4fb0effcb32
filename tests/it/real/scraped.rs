//! `top -o json` beside requests that are sent: a Prometheus scrapes what a balancer of the rig and its guests tell, and
//! what the shell tells of it must agree with what was sent. Then that Prometheus is killed, and the balancer's own
//! exporter goes on. Left out where the rig's guests do not run, or no Prometheus is installed.

use std::fmt::Write as _;
use std::io::BufReader;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use serde_json::{Deserializer, Value};
use stackdeck::base::clock::{Clock, Timestamp};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::bench::CLOUD;
use super::generator::{Balancer, DEADLINE, RATE, Sent, behind, send};
use super::prometheus::Prometheus;
use super::rig::Rig;
use crate::support::folder::Folder;
use crate::support::process::Home;

/// The service that is loaded: others are other tests'.
const SERVICE: &str = "ledger";

/// Requests that are sent. What a source told stands for half a minute after its death.
const SENT: u64 = 100 * RATE;

/// A rate is over twenty seconds: one that ends earlier than that after the first request is of less than all.
const SETTLED: Duration = Duration::from_secs(23);
/// So long the Prometheus lives.
const KILLED: Duration = Duration::from_secs(45);

/// Response times are told by the guests in buckets that end here, in milliseconds.
const BUCKETS: [f64; 8] = [5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0];

#[tokio::test]
async fn what_top_tells_agrees_with_what_was_sent_and_goes_on_when_a_source_dies() {
    let Some(rig) = Rig::here() else { return };
    behind(SERVICE, async |balancer| compared(&rig, balancer).await).await;
}

async fn compared(rig: &Rig, balancer: &Balancer) -> Result<(), String> {
    let Some(prometheus) = Prometheus::start(Folder::new(), &scraping(balancer)).await else { return Ok(()) };
    // A set that nothing answers to is asked rarely.
    prometheus.finds("rate(haproxy_backend_http_requests_total%5B20s%5D)").await?;
    let home = Home::new();
    home.clouds(&rig.clouds());
    home.write(".config/stackdeck/config.toml", &settings(&prometheus.url));
    let mut top = Top::start(&home, CLOUD, SERVICE);
    let by_prometheus = |block: &Block| block.requests().is_some_and(|(_, source, _)| source == "prometheus");
    let first = top.until("the pool's requests", by_prometheus).await?;
    let began = Clock::system().now();
    let sending = tokio::spawn(send(balancer.host.clone(), SENT));
    let mut told = vec![first];
    while Clock::system().now() < began + KILLED {
        told.push(top.next().await?);
    }
    drop(prometheus);
    let survived = top.until("the balancer's own word", Block::goes_on_without_prometheus).await;
    let sent = sending.await.map_err(|error| error.to_string())?;
    survived?;
    agree(&told, began, &sent)
}

/// HAProxy's own exporter, and the guests themselves.
fn scraping(balancer: &Balancer) -> String {
    let mut text = "global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n".to_owned();
    let guests: Vec<String> = balancer.members.iter().map(|host| format!("{host}:8080")).collect();
    let haproxy = format!("{}:19101", balancer.host);
    for (name, targets) in [("haproxy", vec![haproxy]), (SERVICE, guests)] {
        let targets = targets.join("', '");
        writeln!(text, "- {{ job_name: {name}, static_configs: [{{ targets: ['{targets}'] }}] }}").expect("a line");
    }
    text
}

fn settings(url: &str) -> String {
    let buckets = format!("http_request_duration_seconds_bucket{{job=\"{SERVICE}\"}}[20s]");
    format!(
        "[metrics]\nrequests = 600\n[metrics.octavia]\nenabled = false\n[metrics.gnocchi]\nenabled = false\n\
         [metrics.nova]\nenabled = false\n[metrics.balancers]\nenabled = true\naddress = \"127.{{2}}.{{3}}.{{4}}\"\n\
         port = 19102\nevery = \"2s\"\n[metrics.prometheus.rig]\nurl = \"{url}\"\nevery = \"1s\"\nwindow = \"20s\"\n\
         queries = [\"haproxy\"]\n[metrics.services.{SERVICE}]\nlatency = 'sum by (le) (rate({buckets}))'\n"
    )
}

fn agree(told: &[Block], began: Timestamp, sent: &Sent) -> Result<(), String> {
    let of_prometheus = told.iter().filter_map(Block::requests).filter(|(_, source, _)| source == "prometheus");
    let mut rates: Vec<(Timestamp, f64)> = of_prometheus.map(|(rate, _, at)| (at, rate)).collect();
    rates.retain(|(at, _)| *at > began + SETTLED);
    rates.dedup_by_key(|(at, _)| *at);
    let mean = rates.iter().map(|(_, rate)| rate).sum::<f64>() / rates.len() as f64;
    let wanted = RATE as f64 * sent.answered as f64 / SENT as f64;
    if rates.len() < 8 || (mean - wanted).abs() > 0.02 * wanted {
        return Err(format!("{wanted} a second were answered, told were {rates:?}"));
    }
    // The guest's own part of the time is within what the whole took; either is known as well as a bucket is narrow.
    let median = told.iter().filter_map(|block| block.load()["response_p50_ms"].as_f64()).next_back();
    let whole = sent.took[sent.took.len() / 2].as_secs_f64() * 1000.0;
    let above = BUCKETS.into_iter().find(|end| *end >= whole).unwrap_or(f64::INFINITY);
    if !median.is_some_and(|median| (10.0..=above).contains(&median)) {
        return Err(format!("half of the answers took {whole} ms, told were {median:?}"));
    }
    Ok(())
}

/// What `top` prints at once.
pub(super) struct Block(pub(super) Value);

impl Block {
    pub(super) fn load(&self) -> &Value {
        &self.0["services"][0]["load"]
    }

    /// Who tells of a metric now.
    pub(super) fn teller(&self, metric: &str) -> Option<&str> {
        let mut sources = self.load()["sources"].as_array()?.iter();
        sources.find(|source| source["metric"] == metric)?["source"].as_str()
    }

    /// Whether that source is told to be silent, and why.
    pub(super) fn is_silent(&self, name: &str) -> bool {
        let mut sources = self.0["sources"].as_array().into_iter().flatten().filter(|source| source["source"] == name);
        sources.any(|source| source["standing"] == "silent" && source["failure"]["message"].is_string())
    }

    /// How many a second, who says so, and when it was measured.
    fn requests(&self) -> Option<(f64, String, Timestamp)> {
        let source = self.load()["sources"].as_array()?.iter().find(|source| source["metric"] == "requests")?;
        let rate = self.load()["requests_per_second"].as_f64()?;
        Some((rate, source["source"].as_str()?.to_owned(), source["as_of"].as_str()?.parse().ok()?))
    }

    fn goes_on_without_prometheus(&self) -> bool {
        let sources = self.0["sources"].as_array().into_iter().flatten();
        let mut prometheus = sources.filter(|source| source["source"] == "prometheus" && source["name"] == "rig");
        let is_told = |source: &Value| source["standing"] == "silent" && source["failure"]["message"].is_string();
        let rate = self.requests().filter(|(_, source, _)| source == "balancer").map(|(rate, _, _)| rate);
        prometheus.any(is_told) && rate.is_some_and(|rate| (rate - RATE as f64).abs() < 0.25 * RATE as f64)
    }
}

/// The binary's `top`, block by block.
pub(super) struct Top {
    child: Child,
    blocks: UnboundedReceiver<Value>,
    _reader: JoinHandle<()>,
}

impl Top {
    pub(super) fn start(home: &Home, cloud: &str, service: &str) -> Self {
        let arguments = ["--cloud", cloud, "top", service, "--every", "1s", "-o", "json"];
        let mut child = home.command().args(arguments).stdout(Stdio::piped()).spawn().expect("the binary");
        let out: ChildStdout = child.stdout.take().expect("its output");
        let (send, blocks) = unbounded_channel();
        let reader = tokio::task::spawn_blocking(move || {
            for block in Deserializer::from_reader(BufReader::new(out)).into_iter().map_while(Result::ok) {
                if send.send(block).is_err() {
                    return;
                }
            }
        });
        Self { child, blocks, _reader: reader }
    }

    async fn next(&mut self) -> Result<Block, String> {
        let block = timeout_at(Instant::now() + DEADLINE, self.blocks.recv()).await;
        Ok(Block(block.map_err(|_| "nothing more came of top")?.ok_or("top has ended")?))
    }

    pub(super) async fn until(&mut self, what: &str, so: impl Fn(&Block) -> bool) -> Result<Block, String> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let block = self.next().await?;
            if so(&block) {
                return Ok(block);
            }
            if Instant::now() > deadline {
                return Err(format!("{what} did not come: {}", block.0));
            }
        }
    }
}

impl Drop for Top {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _gone = self.child.wait();
    }
}
