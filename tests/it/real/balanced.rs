//! Balancers of the real cloud whose members can be changed.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::bench::Bench;
use super::made::{Made, id, until};
use super::removed::address;
use super::rig::Rig;
use crate::contract::raw::Raw;
use crate::contract::side::Side;

/// A balancer with a listener, a monitored pool behind it, and a spare pool; both empty.
pub(super) struct Balance {
    /// As Octavia knows it.
    pub(super) id: String,
    /// Where it serves.
    pub(super) vip: String,
    /// Its listener.
    pub(super) listener: String,
    /// The listener's pool.
    pub(super) pool: String,
    /// A pool that no listener uses.
    pub(super) spare: String,
    /// Where its members are.
    pub(super) subnet: String,
    /// Lets its members be changed so long as it lives.
    pub(super) octavia: Octavia,
}

impl Balance {
    /// Adds who serves at these addresses, on the guests' port.
    pub(super) async fn add(&self, raw: &Raw, addresses: &[String]) -> Result<(), String> {
        let path = format!("pools/{}/member", self.pool);
        for address in addresses {
            let member = json!({ "address": address, "subnet_id": self.subnet, "protocol_port": 8080 });
            part_at(raw, &self.id, &path, "member", &json!({ "member": member })).await?;
        }
        Ok(())
    }
}

/// Makes a balancer piece by piece: from one body, Octavia's no-op driver leaves the pool pending for ever.
pub(super) async fn balance(side: &Side, made: &Made) -> Result<Balance, String> {
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
    let octavia = Octavia::lenient(&Rig::here().ok_or("the rig")?, &balancer);
    let row = raw.get("load-balancer", &format!("/v2/lbaas/loadbalancers/{balancer}"), None).await.json();
    let vip = row["loadbalancer"]["vip_address"].as_str().ok_or("a VIP")?.to_owned();
    Ok(Balance { id: balancer, vip, listener, pool, spare, subnet, octavia })
}

/// Octavia's own tables.
///
/// The rig's network driver imagines a port for each amphora, and fails as soon as a member is added or removed: the
/// member ends in ERROR. So long as this lives, the balancer's amphora is not asked for its ports while it is changed.
pub(super) struct Octavia {
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

    pub(super) fn run(&self, statement: &str) {
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
    part_at(raw, balancer, kind, kind, body).await
}

async fn part_at(raw: &Raw, balancer: &str, place: &str, kind: &str, body: &Value) -> Result<String, String> {
    let path = format!("/v2/lbaas/loadbalancers/{balancer}");
    let active = |row: &Value| row["loadbalancer"]["provisioning_status"] == "ACTIVE";
    until(raw, "load-balancer", &path, active).await?;
    let made = id(&raw.post("load-balancer", &format!("/v2/lbaas/{place}s"), body).await?, kind)?;
    until(raw, "load-balancer", &path, active).await?;
    Ok(made)
}

/// A balancer with all servers of the bench behind it.
pub(super) async fn balance_over(side: &Side, bench: &Bench, made: &Made) -> Result<Balance, String> {
    let raw = &side.member.raw;
    let balance = balance(side, made).await?;
    let mut addresses = Vec::new();
    for server in &bench.servers {
        addresses.push(address(raw, server.as_str()).await?);
    }
    balance.add(raw, &addresses).await?;
    Ok(balance)
}
