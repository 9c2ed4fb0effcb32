//! What an operation has left behind on the real cloud: listed by the doctor, removed by `operations clean`, and nothing else.

use serde_json::{Value, json};
use stackdeck::base::id::ImageId;
use stackdeck::fleet::instance::Status;
use stackdeck::operation::Change;

use super::bench::Bench;
use super::contract::real;
use super::grown::{remember, servers};
use super::made::{Made, id, take_away};
use crate::contract::raw::Raw;
use crate::contract::side::Side;

#[tokio::test]
async fn what_came_twice_is_listed_and_cleaned_and_who_serves_stays() {
    let Some(side) = real().await else { return };
    let Some(bench) = Bench::within(1, &json!([{ "uuid": side.id("network") }])).await else { return };
    let made = Made::default();
    let outcome = cleaned(&side, &bench, &made).await;
    let raw = &side.member.raw;
    remember(raw, &bench, &made).await;
    let left = take_away(raw, &made).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(left, [""; 0], "everything was taken away");
}

async fn cleaned(side: &Side, bench: &Bench, made: &Made) -> Result<(), String> {
    let raw = &side.member.raw;
    bench.run(&["scale", &bench.service, "--to", "2", "--yes", "--wait"]).with_code(0);
    if !orphans(bench).is_empty() {
        return Err(format!("what was made to stay is none: {:#?}", orphans(bench)));
    }
    let operation = bench.operation();
    let stamp = format!("sd-{}-0", operation.id);
    let Some(Change::CreateServer(new)) = operation.plan.steps.get(1).map(|step| &step.change) else {
        return Err(format!("{:#?}", operation.plan.steps));
    };
    let own: Vec<Value> = servers(raw, bench).await;
    // Somebody has asked twice: a port that nobody has, and a server with a port of its own.
    let lone = port(raw, side, made, &stamp).await?;
    let second = port(raw, side, made, &stamp).await?;
    let wanted = json!({ "server": {
        "name": new.name, "imageRef": new.boot.image().map(ImageId::as_str), "flavorRef": new.flavor.as_str(),
        "networks": [{ "port": second }], "metadata": { "service": bench.service, "stackdeck": stamp },
    } });
    let twin = id(&raw.post("compute", "/v2.1/servers", &wanted).await?, "server")?;
    made.lock().map_err(|_| "a lock")?.push(("compute", format!("/v2.1/servers/{twin}")));
    bench.until(&twin.as_str().into(), &Status::Active).await;
    let told = orphans(bench);
    let line = format!("operations clean {}", operation.id.short());
    for thing in [&lone, &second, &twin] {
        if !told.iter().any(|check| check.contains(thing.as_str()) && check.contains(&line)) {
            return Err(format!("{thing} is not listed: {told:#?}"));
        }
    }
    let words = ["operations", "clean", operation.id.short(), "--yes", "--confirm", &new.name, "--wait"];
    bench.run(&words).with_code(0);
    bench.assert_audited();
    for (service, path) in [
        ("compute", format!("/v2.1/servers/{twin}")),
        ("network", format!("/v2.0/ports/{lone}")),
        ("network", format!("/v2.0/ports/{second}")),
    ] {
        if raw.get(service, &path, None).await.status != 404 {
            return Err(format!("{path} is still there"));
        }
    }
    let names = |all: &[Value]| all.iter().map(|one| one["id"].to_string()).collect::<Vec<_>>();
    let (before, after) = (names(&own), names(&servers(raw, bench).await));
    if before == after && orphans(bench).is_empty() { Ok(()) } else { Err(format!("{before:?}, then {after:?}")) }
}

async fn port(raw: &Raw, side: &Side, made: &Made, stamp: &str) -> Result<String, String> {
    let wanted = json!({ "port": { "network_id": side.id("network"), "name": format!("{stamp}-0") } });
    let port = id(&raw.post("network", "/v2.0/ports", &wanted).await?, "port")?;
    made.lock().map_err(|_| "a lock")?.push(("network", format!("/v2.0/ports/{port}")));
    Ok(port)
}

/// What the doctor lists as orphans of this journal. Other tests make things at the same time, from their own.
fn orphans(bench: &Bench) -> Vec<String> {
    let told = bench.run(&["doctor", "-o", "json"]).with_code(0).json();
    let checks = told["checks"].as_array().cloned().unwrap_or_default();
    let ours = checks.iter().filter(|check| check["part"] == "orphans");
    ours.map(ToString::to_string).filter(|check| check.contains("operations clean")).collect()
}
