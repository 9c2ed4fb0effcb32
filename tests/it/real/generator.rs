//! Load of our own on the real cloud: a balancer over instances of one service, and requests to it that are counted.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

use super::contract::real;
use super::made::{Made, id, take_away, until};
use crate::contract::raw::Raw;

/// The balancer of the rig falls silent for two minutes now and then.
pub(super) const DEADLINE: Duration = Duration::from_secs(300);

/// Requests a second.
pub(super) const RATE: u64 = 20;

/// Where a balancer's HAProxy tells of itself.
const EXPORTER: u16 = 19101;

/// A test is begun so often. The rig's HAProxy may begin anew some seconds after its balancer was made.
const TURNS: usize = 3;

/// A balancer whose HAProxy serves.
pub(super) struct Balancer {
    /// As Octavia knows it.
    pub(super) id: String,
    /// Its VIP, as it is reached from here.
    pub(super) host: String,
    /// Its members, as they are reached from here.
    pub(super) members: Vec<String>,
}

/// What was sent.
pub(super) struct Sent {
    /// How many requests were answered well.
    pub(super) answered: u64,
    /// How long each of them took, the quickest first.
    pub(super) took: Vec<Duration>,
    /// In which seconds those were sent that were not.
    pub(super) lost: Vec<u64>,
}

impl Sent {
    /// In seconds.
    pub(super) fn mean(&self) -> f64 {
        self.took.iter().map(Duration::as_secs_f64).sum::<f64>() / self.took.len() as f64
    }
}

/// Runs a test at a balancer over instances of a service, and takes the balancer away. Nothing runs without the guests.
///
/// An HAProxy that begins anew loses what it had counted, as an amphora's does. What fails then, fails for that: it is
/// begun again, with a balancer of its own.
pub(super) async fn behind(service: &str, test: impl AsyncFn(&Balancer) -> Result<(), String>) {
    let Some(side) = real().await else { return };
    if !guests_are_up().await {
        return;
    }
    for turn in 1..=TURNS {
        let made = Made::default();
        let (outcome, began_anew) = attempt(&side.member.raw, &made, service, &test).await;
        let left = take_away(&side.member.raw, &made).await;
        assert_eq!(left, [""; 0], "everything was taken away");
        if outcome.is_ok() || !began_anew || turn == TURNS {
            return assert_eq!(outcome, Ok(()));
        }
    }
}

/// What came of a test, and whether the balancer's HAProxy began anew meanwhile.
async fn attempt(
    raw: &Raw,
    made: &Made,
    service: &str,
    test: impl AsyncFn(&Balancer) -> Result<(), String>,
) -> (Result<(), String>, bool) {
    let balancer = match balancer(raw, made, service).await {
        Ok(balancer) => balancer,
        Err(why) => return (Err(why), false),
    };
    let before = began(&balancer).await;
    let outcome = test(&balancer).await;
    (outcome, began(&balancer).await != before)
}

/// When the balancer's HAProxy began, as it tells itself.
async fn began(balancer: &Balancer) -> Option<String> {
    let told = get(&format!("{}:{EXPORTER}", balancer.host), "/metrics").await?;
    told.lines().find(|line| line.starts_with("haproxy_process_start_time_seconds")).map(str::to_owned)
}

/// Whether the rig's guests answer.
pub(super) async fn guests_are_up() -> bool {
    TcpStream::connect("127.0.0.1:8079").await.is_ok()
}

/// A balancer over three instances of a service, once it serves and Octavia counts.
async fn balancer(raw: &Raw, made: &Made, service: &str) -> Result<Balancer, String> {
    let servers = raw.get("compute", &format!("/v2.1/servers/detail?name={service}-00"), None).await.json();
    let ports = raw.get("network", "/v2.0/ports", None).await.json();
    let fixed = |server: &Value| {
        let own = ports["ports"].as_array()?.iter().find(|port| port["device_id"] == server["id"])?;
        Some(own["fixed_ips"][0].clone())
    };
    let up = servers["servers"].as_array().into_iter().flatten().filter(|server| server["status"] == "ACTIVE");
    let fixed: Vec<Value> = up.filter_map(fixed).take(3).collect();
    let subnet = fixed.first().ok_or("no server of the service is up")?["subnet_id"].clone();
    let member = |fixed: &Value| json!({ "address": fixed["ip_address"], "subnet_id": subnet, "protocol_port": 8080 });
    let name = format!("sd-test-{:08x}", fastrand::u32(..));
    let members: Vec<Value> = fixed.iter().map(member).collect();
    let pool = json!({ "name": name, "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "members": members });
    let listener = json!({ "name": name, "protocol": "HTTP", "protocol_port": 80, "default_pool": pool });
    let body = json!({ "loadbalancer": { "name": name, "vip_subnet_id": subnet, "listeners": [listener] } });
    let id = id(&raw.post("load-balancer", "/v2/lbaas/loadbalancers", &body).await?, "loadbalancer")?;
    made.lock().expect("a lock").push(("load-balancer", format!("/v2/lbaas/loadbalancers/{id}?cascade=true")));
    let path = format!("/v2/lbaas/loadbalancers/{id}");
    let row = until(raw, "load-balancer", &path, |row| row["loadbalancer"]["provisioning_status"] == "ACTIVE").await?;
    let host = here(&row["loadbalancer"]["vip_address"])?;
    let members = fixed.iter().map(|fixed| here(&fixed["ip_address"])).collect::<Result<_, _>>()?;
    let balancer = Balancer { id, host, members };
    serves(raw, &balancer).await?;
    Ok(balancer)
}

/// 10.A.B.C of the cloud is 127.A.B.C here.
pub(super) fn here(address: &Value) -> Result<String, String> {
    let rest = address.as_str().and_then(|address| address.strip_prefix("10."));
    rest.map(|rest| format!("127.{rest}")).ok_or_else(|| format!("{address} is not within 10.0.0.0/8"))
}

/// Waits until the balancer serves, and Octavia has counted what was asked meanwhile.
async fn serves(raw: &Raw, balancer: &Balancer) -> Result<(), String> {
    let address = format!("{}:80", balancer.host);
    answers(&address, "/", "").await?;
    let path = format!("/v2/lbaas/loadbalancers/{}/stats", balancer.id);
    until(raw, "load-balancer", &path, |row| row["stats"]["total_connections"].as_u64() > Some(0)).await.map(drop)
}

/// Waits until a GET is answered by 200, and by that text.
pub(super) async fn answers(address: &str, path: &str, text: &str) -> Result<(), String> {
    let deadline = Instant::now() + DEADLINE;
    while get(address, path).await.is_none_or(|body| !body.contains(text)) {
        if Instant::now() > deadline {
            return Err(format!("{address}{path} does not answer"));
        }
        sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}

/// One request on a connection of its own; what came, where it was answered by 200.
async fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    answer.starts_with(b"HTTP/1.1 200").then(|| String::from_utf8_lossy(&answer).into_owned())
}

/// Sends so many to a balancer at a steady rate, however slow the answers are.
pub(super) async fn send(host: String, count: u64) -> Sent {
    let address = format!("{host}:80");
    let mut due = interval(Duration::from_millis(1000 / RATE));
    let (mut under_way, first) = (JoinSet::new(), Instant::now());
    for _ in 0..count {
        due.tick().await;
        let address = address.clone();
        under_way.spawn(async move {
            let began = Instant::now();
            (began.duration_since(first), get(&address, "/").await.map(|_| began.elapsed()))
        });
    }
    let (mut took, mut lost) = (Vec::new(), Vec::new());
    for (at, outcome) in under_way.join_all().await {
        match outcome {
            Some(length) => took.push(length),
            None => lost.push(at.as_secs()),
        }
    }
    took.sort();
    lost.sort_unstable();
    Sent { answered: took.len() as u64, took, lost }
}
