//! A release rolled out by others in the place of the old ones, behind a real balancer and under traffic: one that is ill is
//! taken away again, one that is well takes the place of all, and no request fails.

use std::fs;

use serde_json::{Value, json};

use super::balanced::{Balance, balance};
use super::bench::Bench;
use super::contract::real;
use super::generator::{RATE, answers, guests_are_up, here, send};
use super::grown::{remember, servers};
use super::made::{Made, take_away};
use super::removed::{address, weights};
use super::traffic::{all_answered, over, run};
use crate::contract::raw::Raw;
use crate::contract::side::Side;

/// How an operation waits: short, and longer than any request here; nobody is given long to become well.
const SETTINGS: &str = "[operations]\npoll = \"300ms\"\ndrain = \"3s\"\nanswering = \"6s\"\nmin_ready = \"2s\"\nbake = \"1s\"\n\
     healthy = \"20s\"\n[metrics.probes]\nenabled = true\naddress = \"127.{2}.{3}.{4}\"\n";
/// Longer than both rollouts take.
const SECONDS: u64 = 120;

#[tokio::test]
async fn a_release_that_is_ill_is_taken_away_and_one_that_is_well_takes_all_places_and_no_request_fails() {
    let Some(side) = real().await else { return };
    if !guests_are_up().await {
        return;
    }
    let Some(bench) = Bench::within(2, &json!([{ "uuid": side.id("network") }])).await else { return };
    bench.home.write(".config/stackdeck/config.toml", SETTINGS);
    let made = Made::default();
    let outcome = rolled_out(&side, &bench, &made).await;
    let raw = &side.member.raw;
    remember(raw, &bench, &made).await;
    let left = take_away(raw, &made).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(left, [""; 0], "everything was taken away");
}

async fn rolled_out(side: &Side, bench: &Bench, made: &Made) -> Result<(), String> {
    let raw = &side.member.raw;
    let balance = balance(side, made).await?;
    let mut addresses = Vec::new();
    for server in &bench.servers {
        addresses.push(address(raw, server.as_str()).await?);
    }
    balance.add(raw, &addresses).await?;
    let host = here(&json!(balance.vip))?;
    answers(&format!("{host}:80"), "/", "").await?;
    let image = other_image(raw, bench).await?;
    let sending = tokio::spawn(send(host, SECONDS * RATE));
    ill(raw, bench, &balance, &image).await?;
    well(raw, bench, &balance, &image).await?;
    let sent = sending.await.map_err(|error| error.to_string())?;
    all_answered(&sent, SECONDS * RATE)
}

/// The new one never says that it is well: both old ones serve as before, and nothing is left of it.
async fn ill(raw: &Raw, bench: &Bench, balance: &Balance, image: &Image) -> Result<(), String> {
    let before = names(&servers(raw, bench).await);
    let rule = bench.rig.path(&format!("guests/{}", bench.service));
    let _ = fs::create_dir_all(bench.rig.path("guests"));
    fs::write(&rule, format!("name={}-3 health=503\n", bench.service)).map_err(|error| error.to_string())?;
    let told = roll_out(bench, &image.id).await;
    let _ = fs::remove_file(&rule);
    let (told, after) = (told?, names(&servers(raw, bench).await));
    let state = &told["operation"]["state"];
    let weights = weights(raw, balance).await;
    if state == "failed" && after == before && weights == [1, 1] {
        return Ok(());
    }
    Err(format!("{before:?}, then {after:?}, {weights:?}: {told:#}"))
}

/// Two others are there, with the release, and behind the balancer.
async fn well(raw: &Raw, bench: &Bench, balance: &Balance, image: &Image) -> Result<(), String> {
    let told = roll_out(bench, &image.id).await?;
    let servers = servers(raw, bench).await;
    let expected: Vec<String> = (3..=4).map(|number| format!("{}-{number}", bench.service)).collect();
    let made = servers.iter().all(|server| server["image"]["id"] == image.id && server["status"] == "ACTIVE");
    let (state, weights) = (&told["operation"]["state"], weights(raw, balance).await);
    for server in &servers {
        let host = here(&json!(address(raw, server["id"].as_str().unwrap_or_default()).await?))?;
        answers(&format!("{host}:8080"), "/version", &image.version).await?;
    }
    // The image is another service's: it is booted, and tells no version of this one that could be proved.
    if state == "incomplete" && names(&servers) == expected && made && weights == [1, 1] {
        return Ok(());
    }
    Err(format!("{:?}, {weights:?}: {told:#}", names(&servers)))
}

/// To its end; what is told of it then.
async fn roll_out(bench: &Bench, image: &str) -> Result<Value, String> {
    let words = ["rollout", "--service", &bench.service, "--to", image, "--straight", "--yes"];
    run(&bench.home, &[&words[..], &["-o", "json"]].concat())?;
    over(&bench.home).await
}

fn names(servers: &[Value]) -> Vec<String> {
    let mut names: Vec<String> =
        servers.iter().filter_map(|server| server["name"].as_str().map(str::to_owned)).collect();
    names.sort_unstable();
    names
}

struct Image {
    id: String,
    version: String,
}

/// An image with another version than the one that the servers were made from.
async fn other_image(raw: &Raw, bench: &Bench) -> Result<Image, String> {
    let servers = servers(raw, bench).await;
    let images = raw.get("image", "/v2/images", None).await.json();
    let all = images["images"].as_array().ok_or("there are no images")?;
    let own = all.iter().find(|image| image["id"] == servers[0]["image"]["id"]).ok_or("an image of no server")?;
    let other = |image: &&Value| image["version"].is_string() && image["version"] != own["version"];
    let other = all.iter().find(other).ok_or("there is one version alone")?;
    let text = |field: &str| other[field].as_str().unwrap_or_default().to_owned();
    Ok(Image { id: text("id"), version: text("version") })
}
