//! The calls that change a cloud, made on the real one with what the test makes for them and takes away again.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use futures_util::FutureExt as _;
use serde_json::{Value, json};

use super::contract::real;
use super::made::{Made, id, take_away, until};
use super::rig::Rig;
use crate::contract::changing::members::{self, Balanced};
use crate::contract::changing::{leases, servers};
use crate::contract::raw::Raw;
use crate::contract::side::Side;

/// Runs a test, and takes away what was made also if it fails.
async fn tidily(side: &Side, made: &Made, test: impl Future<Output = ()>) {
    let outcome = AssertUnwindSafe(test).catch_unwind().await;
    let left = take_away(&side.member.raw, made).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
    assert_eq!(left, [""; 0], "everything was taken away");
}

#[tokio::test]
async fn members_and_listeners_change_as_they_must() {
    let Some(side) = real().await else { return };
    let made = Made::default();
    tidily(&side, &made, async {
        let balanced = balanced(&side, &made).await.expect("a balancer");
        members::all(&side, &balanced).await;
    })
    .await;
}

#[tokio::test]
async fn servers_and_their_ports_come_and_go_as_they_must() {
    let Some(side) = real().await else { return };
    let made = Made::default();
    tidily(&side, &made, servers::all(&side, &|service, path| made.lock().expect("a lock").push((service, path))))
        .await;
}

/// A true compare-and-swap: a hundred rounds here, and as many as `STACKDECK_LEASE_ROUNDS` says by hand.
#[tokio::test]
async fn leases_are_claimed_once() {
    let Some(side) = real().await else { return };
    let rounds = std::env::var("STACKDECK_LEASE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let made = Made::default();
    tidily(&side, &made, async {
        let note = |service, path| made.lock().expect("a lock").push((service, path));
        leases::one(&side, &note).await;
        leases::race(&side, rounds, &|_, _| {}).await;
    })
    .await;
}

/// Makes a balancer piece by piece: from one body, Octavia's no-op driver leaves the pool pending for ever.
async fn balanced(side: &Side, made: &Made) -> Result<Balanced, String> {
    let raw = &side.member.raw;
    let name = format!("sd-test-{:08x}", fastrand::u32(..));
    let network = raw.get("network", &format!("/v2.0/networks/{}", side.id("network")), None).await.json();
    let subnet = network["network"]["subnets"][0].as_str().ok_or("a subnet")?.to_owned();
    let body = json!({ "loadbalancer": { "name": name, "vip_subnet_id": subnet } });
    let balancer = id(&raw.post("load-balancer", "/v2/lbaas/loadbalancers", &body).await?, "loadbalancer")?;
    made.lock().expect("a lock").push(("load-balancer", format!("/v2/lbaas/loadbalancers/{balancer}?cascade=true")));
    let listener =
        json!({ "listener": { "name": name, "protocol": "HTTP", "protocol_port": 80, "loadbalancer_id": balancer } });
    let listener = part(raw, &balancer, "listener", &listener).await?;
    let pool = json!({ "name": name, "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN" });
    let with = |key: &str, value: &str| {
        let mut pool = pool.clone();
        pool[key] = json!(value);
        json!({ "pool": pool })
    };
    let spare = part(raw, &balancer, "pool", &with("loadbalancer_id", &balancer)).await?;
    let pool = part(raw, &balancer, "pool", &with("listener_id", &listener)).await?;
    let monitor = json!({ "healthmonitor": { "pool_id": pool, "type": "HTTP", "delay": 2, "timeout": 1, "max_retries": 1,
        "max_retries_down": 2, "url_path": "/health" } });
    part(raw, &balancer, "healthmonitor", &monitor).await?;
    let octavia = Arc::new(Octavia::lenient(&Rig::here().ok_or("the rig")?, &balancer));
    let id = |text: &str| text.to_owned();
    Ok(Balanced {
        balancer: id(&balancer).into(),
        listener: id(&listener).into(),
        pool: id(&pool).into(),
        spare: id(&spare).into(),
        subnet: id(&subnet).into(),
        addresses: addresses(raw).await,
        port: 8080,
        mark: Box::new(move |status| {
            octavia.run(&format!("UPDATE load_balancer SET provisioning_status = '{status}' WHERE id = '{balancer}'"));
        }),
    })
}

/// Octavia's own tables.
///
/// The rig's network driver imagines a port for each amphora, and fails as soon as a member is added or removed: the
/// member ends in ERROR. So long as this lives, the balancer's amphora is not asked for its ports while it is changed.
struct Octavia {
    socket: PathBuf,
    trigger: String,
}

impl Octavia {
    fn lenient(rig: &Rig, balancer: &str) -> Self {
        let trigger = format!("sd_test_{}", balancer.replace('-', "_"));
        let octavia = Self { socket: rig.path("run/mysql.sock"), trigger };
        octavia.run(&format!(
            "CREATE TRIGGER {} AFTER UPDATE ON load_balancer FOR EACH ROW UPDATE amphora
             SET status = IF(NEW.provisioning_status = 'PENDING_UPDATE', 'BOOTING', 'ALLOCATED')
             WHERE load_balancer_id = NEW.id AND NEW.id = '{balancer}' AND status IN ('ALLOCATED', 'BOOTING')",
            octavia.trigger
        ));
        octavia
    }

    fn run(&self, statement: &str) {
        let mut client = Command::new("mariadb");
        client.arg("-uroot").arg("-S").arg(&self.socket).args(["octavia", "-e", statement]);
        assert!(client.status().expect("mariadb").success(), "{statement}");
    }
}

impl Drop for Octavia {
    fn drop(&mut self) {
        self.run(&format!("DROP TRIGGER IF EXISTS {}", self.trigger));
    }
}

/// Makes a part of a balancer when it takes one, and waits until it is there.
async fn part(raw: &Raw, balancer: &str, kind: &str, body: &Value) -> Result<String, String> {
    let path = format!("/v2/lbaas/loadbalancers/{balancer}");
    let active = |row: &Value| row["loadbalancer"]["provisioning_status"] == "ACTIVE";
    until(raw, "load-balancer", &path, active).await?;
    let made = id(&raw.post("load-balancer", &format!("/v2/lbaas/{kind}s"), body).await?, kind)?;
    until(raw, "load-balancer", &path, active).await?;
    Ok(made)
}

/// Where two guests answer, and one address that nobody has.
async fn addresses(raw: &Raw) -> [String; 3] {
    let servers = raw.get("compute", "/v2.1/servers/detail?name=payments&status=ACTIVE&limit=2", None).await.json();
    let of = |place: usize| {
        let nets = servers["servers"][place]["addresses"].as_object().expect("networks");
        nets.values().next().expect("one")[0]["addr"].as_str().expect("an address").to_owned()
    };
    [of(0), of(1), "10.10.255.250".to_owned()]
}
