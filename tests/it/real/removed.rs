//! Servers that leave the real cloud for good, behind a real balancer: removed, kept by an abort, and scaled in.

use serde_json::{Value, json};
use stackdeck::fleet::instance::Status;
use stackdeck::operation::Event;
use stackdeck::operation::record::Wait;

use super::balanced::{Balance, balance_over};
use super::bench::{Bench, QUICK};
use super::contract::real;
use super::made::{Made, conclude};
use crate::contract::raw::Raw;
use crate::contract::side::Side;

#[tokio::test]
async fn who_leaves_is_out_of_its_pool_and_gone_and_an_abort_keeps_it() {
    let Some(side) = real().await else { return };
    let networks = json!([{ "uuid": side.id("network") }]);
    let Some(bench) = Bench::within(3, &networks).await else { return };
    let made = Made::default();
    let outcome = one_after_another(&side, &bench, &made).await;
    conclude(&side.member.raw, &made, outcome).await;
}

async fn one_after_another(side: &Side, bench: &Bench, made: &Made) -> Result<(), String> {
    let raw = &side.member.raw;
    let balance = balance_over(side, bench, made).await?;
    removed(raw, bench, &balance).await?;
    kept(raw, bench, &balance).await?;
    scaled_in(raw, bench, &balance).await
}

/// Drained, switched off, out of its pool, deleted; and its port with it.
async fn removed(raw: &Raw, bench: &Bench, balance: &Balance) -> Result<(), String> {
    bench.home.write(".config/stackdeck/config.toml", &with_keep("1s"));
    let (id, name) = (bench.servers[0].as_str(), format!("{}-1", bench.service));
    bench.run(&["remove", id, "--yes", "--confirm", &name, "--wait"]).with_code(0);
    let there = raw.get("compute", &format!("/v2.1/servers/{id}"), None).await.status;
    let ports = raw.get("network", &format!("/v2.0/ports?device_id={id}"), None).await.json();
    let weights = weights(raw, balance).await;
    if there == 404 && ports["ports"] == Value::Array(Vec::new()) && weights == [1, 1] {
        return Ok(());
    }
    Err(format!("server: {there}, {ports}, weights: {weights:?}"))
}

/// While it is kept it can be had back, as it was.
async fn kept(raw: &Raw, bench: &Bench, balance: &Balance) -> Result<(), String> {
    bench.home.write(".config/stackdeck/config.toml", &with_keep("10min"));
    let (server, name) = (&bench.servers[1], format!("{}-2", bench.service));
    let before = bench.operation().id;
    bench.run(&["remove", server.as_str(), "--yes", "--confirm", &name]).with_code(0);
    let off = |record: &stackdeck::operation::Record| matches!(&record.event, Event::Waiting { wait: Wait::Holding, why, .. } if record.operation != before && why.contains("take requests"));
    let stopped = |records: &[stackdeck::operation::Record]| {
        let since = records.iter().position(
            |record| matches!(&record.event, Event::Reached { state, .. } if state.status == Status::Shutoff),
        );
        since.is_some_and(|since| records[since..].iter().any(off))
    };
    bench.records_when("it is kept", stopped).await;
    bench.run(&["operations", "abort", "last", "--wait"]).with_code(0);
    bench.until(server, &Status::Active).await;
    let weights = weights(raw, balance).await;
    if weights == [1, 1] { Ok(()) } else { Err(format!("put back: {weights:?}")) }
}

async fn scaled_in(raw: &Raw, bench: &Bench, balance: &Balance) -> Result<(), String> {
    bench.home.write(".config/stackdeck/config.toml", &with_keep("1s"));
    bench.run(&["scale", &bench.service, "--to", "1", "--yes", "--confirm", &bench.service, "--wait"]).with_code(0);
    let left = raw.get("compute", &format!("/v2.1/servers?name={}", bench.service), None).await.json();
    let weights = weights(raw, balance).await;
    let names = left["servers"].as_array().map_or(0, Vec::len);
    bench.assert_audited();
    if (names, &weights[..]) == (1, &[1][..]) { Ok(()) } else { Err(format!("{left}: {weights:?}")) }
}

fn with_keep(keep: &str) -> String {
    QUICK.replacen("[operations]\n", &format!("[operations]\nkeep = \"{keep}\"\n"), 1)
}

pub(super) async fn address(raw: &Raw, server: &str) -> Result<String, String> {
    let row = raw.get("compute", &format!("/v2.1/servers/{server}"), None).await.json();
    let of =
        |row: &Value| Some(row["server"]["addresses"].as_object()?.values().next()?[0]["addr"].as_str()?.to_owned());
    of(&row).ok_or_else(|| format!("no address: {row}"))
}

/// What the pool's members get.
pub(super) async fn weights(raw: &Raw, balance: &Balance) -> Vec<u64> {
    let told = raw.get("load-balancer", &format!("/v2/lbaas/pools/{}/members", balance.pool), None).await.json();
    told["members"].as_array().into_iter().flatten().filter_map(|member| member["weight"].as_u64()).collect()
}
