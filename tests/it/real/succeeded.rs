//! A release rolled out by others in the place of the old ones, behind a real balancer and under traffic: one that is ill is
//! taken away again, one that is well takes the place of all, and no request fails. One that passes its checks and errs is
//! found by its balancer's figures. And what is well can be rolled back.

use std::fs;

use serde_json::{Value, json};

use super::balanced::{Balance, balance_over};
use super::bench::Bench;
use super::contract::real;
use super::generator::{RATE, answers, guests_are_up, here, send};
use super::grown::{remember, servers};
use super::made::{Made, conclude};
use super::removed::{address, weights};
use super::traffic::{all_answered, over, run};
use crate::contract::raw::Raw;
use crate::contract::side::Side;

/// How an operation waits: short, and longer than any request here; nobody is given long to become well.
const SETTINGS: &str = "[operations]\npoll = \"300ms\"\ndrain = \"3s\"\nanswering = \"6s\"\nmin_ready = \"2s\"\nbake = \"1s\"\n\
     healthy = \"20s\"\nanalysis = \"30s\"\n[metrics.balancers]\nenabled = true\naddress = \"127.{2}.{3}.{4}\"\nport = 19102\n\
     [metrics.probes]\nenabled = true\naddress = \"127.{2}.{3}.{4}\"\n";
/// Longer than the three take that fail nobody.
const SECONDS: u64 = 220;
/// Longer than that takes which errs: a hundred requests of a third of them have to come, twice.
const ERRING: u64 = 60;

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
    conclude(raw, &made, outcome).await;
}

async fn rolled_out(side: &Side, bench: &Bench, made: &Made) -> Result<(), String> {
    let raw = &side.member.raw;
    let balance = balance_over(side, bench, made).await?;
    let host = here(&json!(balance.vip))?;
    answers(&format!("{host}:80"), "/", "").await?;
    let (own, image) = images(raw, bench).await?;
    let sending = tokio::spawn(send(host.clone(), ERRING * RATE));
    errs(raw, bench, &balance, &image).await?;
    let sent = sending.await.map_err(|error| error.to_string())?;
    let failed = ERRING * RATE - sent.answered as u64;
    if failed == 0 || failed > ERRING * RATE / 10 {
        return Err(format!("{failed} failed of a version that errs for some of them"));
    }
    let sending = tokio::spawn(send(host, SECONDS * RATE));
    ill(raw, bench, &balance, &image).await?;
    well(raw, bench, &balance, &image).await?;
    back(raw, bench, &balance, &own).await?;
    let sent = sending.await.map_err(|error| error.to_string())?;
    all_answered(&sent, SECONDS * RATE)
}

/// The new one answers every check, and three in ten requests with an error.
async fn errs(raw: &Raw, bench: &Bench, balance: &Balance, image: &Image) -> Result<(), String> {
    let told = taken_away(raw, bench, balance, image, "error=0.3").await?;
    let worse = told.to_string().contains("does worse than the others: of ");
    if worse { Ok(()) } else { Err(format!("{told:#}")) }
}

/// The new one never says that it is well.
async fn ill(raw: &Raw, bench: &Bench, balance: &Balance, image: &Image) -> Result<(), String> {
    taken_away(raw, bench, balance, image, "health=503").await.map(drop)
}

/// Both old ones serve as before, and nothing is left of a new one that is so.
async fn taken_away(raw: &Raw, bench: &Bench, balance: &Balance, image: &Image, so: &str) -> Result<Value, String> {
    let before = names(&servers(raw, bench).await);
    let rule = bench.rig.path(&format!("guests/{}", bench.service));
    let _ = fs::create_dir_all(bench.rig.path("guests"));
    fs::write(&rule, format!("name={}-3 {so}\n", bench.service)).map_err(|error| error.to_string())?;
    let told = roll_out(bench, &image.id).await;
    let _ = fs::remove_file(&rule);
    let (told, after) = (told?, names(&servers(raw, bench).await));
    let state = &told["operation"]["state"];
    let weights = weights(raw, balance).await;
    if state == "failed" && after == before && weights == [1, 1] {
        return Ok(told);
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

/// Two others are there, of what ran before all that.
async fn back(raw: &Raw, bench: &Bench, balance: &Balance, own: &Image) -> Result<(), String> {
    let before = names(&servers(raw, bench).await);
    run(&bench.home, &["rollback", "--service", &bench.service, "--yes", "-o", "json"])?;
    let told = over(&bench.home).await?;
    let servers = servers(raw, bench).await;
    let made = servers.iter().all(|server| server["image"]["id"] == own.id && server["status"] == "ACTIVE");
    let others = names(&servers).iter().all(|name| !before.contains(name));
    let (state, weights) = (&told["operation"]["state"], weights(raw, balance).await);
    // As above: nobody could prove the version.
    if state == "incomplete" && servers.len() == 2 && made && others && weights == [1, 1] {
        return Ok(());
    }
    Err(format!("{before:?}, then {:?}, {weights:?}: {told:#}", names(&servers)))
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

/// The image that the servers were made from, and one with another version.
async fn images(raw: &Raw, bench: &Bench) -> Result<(Image, Image), String> {
    let servers = servers(raw, bench).await;
    let images = raw.get("image", "/v2/images", None).await.json();
    let all = images["images"].as_array().ok_or("there are no images")?;
    let own = all.iter().find(|image| image["id"] == servers[0]["image"]["id"]).ok_or("an image of no server")?;
    let other = |image: &&Value| image["version"].is_string() && image["version"] != own["version"];
    let other = all.iter().find(other).ok_or("there is one version alone")?;
    let text = |image: &Value, field: &str| image[field].as_str().unwrap_or_default().to_owned();
    let known = |image: &Value| Image { id: text(image, "id"), version: text(image, "version") };
    Ok((known(own), known(other)))
}
