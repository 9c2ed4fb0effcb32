//! A service of the real cloud that grows, has one replaced, and shrinks again, behind a real balancer: from two to five and
//! back to two.

use serde_json::{Value, json};

use super::balanced::{Balance, balance_over};
use super::bench::{Bench, QUICK};
use super::contract::real;
use super::made::{Made, conclude};
use super::removed::weights;
use crate::contract::raw::Raw;
use crate::contract::side::Side;

/// Who is made is there, and gone for good a second after it was switched off.
const KEEP: &str = "[operations]\nkeep = \"1s\"\n";

#[tokio::test]
async fn a_service_grows_from_two_to_five_has_one_replaced_and_shrinks_to_two_and_nothing_is_left_over() {
    let Some(side) = real().await else { return };
    let Some(bench) = Bench::within(2, &json!([{ "uuid": side.id("network") }])).await else { return };
    bench.home.write(".config/stackdeck/config.toml", &QUICK.replacen("[operations]\n", KEEP, 1));
    let made = Made::default();
    let outcome = there_and_back(&side, &bench, &made).await;
    let raw = &side.member.raw;
    remember(raw, &bench, &made).await;
    conclude(raw, &made, outcome).await;
}

async fn there_and_back(side: &Side, bench: &Bench, made: &Made) -> Result<(), String> {
    let raw = &side.member.raw;
    let balance = balance_over(side, bench, made).await?;
    bench.run(&["scale", &bench.service, "--to", "5", "--yes", "--wait"]).with_code(0);
    grown(raw, bench, &balance).await?;
    replaced(raw, bench, &balance).await?;
    bench.run(&["scale", &bench.service, "--to", "2", "--yes", "--confirm", &bench.service, "--wait"]).with_code(0);
    bench.assert_audited();
    let (servers, ports, weights) = (servers(raw, bench).await, ports(raw, bench).await, weights(raw, &balance).await);
    let kept: Vec<&str> = servers.iter().filter_map(|server| server["metadata"]["stackdeck-ports"].as_str()).collect();
    let expected = ports.iter().all(|port| port["device_id"] != "") && kept.len() <= 2;
    if servers.len() == 2 && weights == [1, 1] && expected {
        Ok(())
    } else {
        Err(format!("{servers:#?} {ports:#?} {weights:?}"))
    }
}

/// Each has its own port, named by its stamp, its sibling's metadata, and its share of the requests.
async fn grown(raw: &Raw, bench: &Bench, balance: &Balance) -> Result<(), String> {
    let operation = bench.operation();
    let stamp = format!("sd-{}-", operation.id);
    let servers = servers(raw, bench).await;
    let new: Vec<&Value> = servers
        .iter()
        .filter(|server| server["metadata"]["stackdeck"].as_str().is_some_and(|own| own.starts_with(&stamp)))
        .collect();
    let mut names: Vec<&str> = new.iter().filter_map(|server| server["name"].as_str()).collect();
    names.sort_unstable();
    let service = &bench.service;
    let expected: Vec<String> = (3..=5).map(|number| format!("{service}-{number}")).collect();
    let ports: Vec<Value> = ports(raw, bench)
        .await
        .into_iter()
        .filter(|port| port["name"].as_str().is_some_and(|name| name.starts_with(&stamp)))
        .collect();
    let bound = new.iter().all(|server| {
        let of =
            |port: &&Value| port["device_id"] == server["id"] && port["id"] == server["metadata"]["stackdeck-ports"];
        ports.iter().filter(of).count() == 1 && server["status"] == "ACTIVE"
    });
    let weights = weights(raw, balance).await;
    if names == expected && bound && ports.len() == 3 && weights == [1; 5] {
        return Ok(());
    }
    Err(format!("{names:?} {bound} {weights:?} {ports:#?}"))
}

/// Who is off is deleted when another serves in its place, made like it.
async fn replaced(raw: &Raw, bench: &Bench, balance: &Balance) -> Result<(), String> {
    let sick = bench.servers[0].as_str();
    bench.run(&["stop", sick, "--yes", "--wait"]).with_code(0);
    bench.run(&["replace", sick, "--yes", "--wait"]).with_code(0);
    let told = bench.run(&["operations", "show", "last", "-o", "md"]).with_code(0).out;
    if !["before it was deleted", " create req-", "Console log, its end"].iter().all(|kept| told.contains(kept)) {
        return Err(told);
    }
    let servers = servers(raw, bench).await;
    let mut names: Vec<&str> = servers.iter().filter_map(|server| server["name"].as_str()).collect();
    names.sort_unstable();
    let expected: Vec<String> = (2..=6).map(|number| format!("{}-{number}", bench.service)).collect();
    let gone = raw.get("compute", &format!("/v2.1/servers/{sick}"), None).await.status == 404;
    let weights = weights(raw, balance).await;
    if names == expected && gone && weights == [1; 5] {
        return Ok(());
    }
    Err(format!("{names:?}, gone: {gone}, {weights:?}"))
}

pub(super) async fn servers(raw: &Raw, bench: &Bench) -> Vec<Value> {
    let told = raw.get("compute", &format!("/v2.1/servers/detail?name={}", bench.service), None).await.json();
    told["servers"].as_array().cloned().unwrap_or_default()
}

/// The ports that were made here: other tests make theirs at the same time.
async fn ports(raw: &Raw, bench: &Bench) -> Vec<Value> {
    let told = raw.get("network", "/v2.0/ports?fields=id&fields=name&fields=device_id", None).await.json();
    let stamps = bench.stamps();
    let is_ours = |name: &str| stamps.iter().any(|stamp| name.starts_with(stamp));
    let ours = |port: &&Value| port["name"].as_str().is_some_and(is_ours);
    told["ports"].as_array().into_iter().flatten().filter(ours).cloned().collect()
}

/// Whoever is there goes away with the test, whatever came of it: first the servers, then their ports.
pub(super) async fn remember(raw: &Raw, bench: &Bench, made: &Made) {
    let servers = servers(raw, bench).await;
    let path = |kind: &str, id: &Value| format!("{kind}/{}", id.as_str().unwrap_or_default());
    let mut made = made.lock().expect("a lock");
    for server in &servers {
        let ports = server["metadata"]["stackdeck-ports"].as_str().into_iter().flat_map(|ports| ports.split(','));
        made.extend(ports.map(|port| ("network", format!("/v2.0/ports/{port}"))));
    }
    made.extend(servers.iter().map(|server| ("compute", path("/v2.1/servers", &server["id"]))));
}
