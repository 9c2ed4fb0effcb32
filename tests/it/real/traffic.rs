//! Traffic through a real balancer while something is done to those behind it. Left out where the rig's guests do not
//! run.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::balanced::{Balance, balance};
use super::bench::CLOUD;
use super::contract::real;
use super::generator::{Balancer, DEADLINE, RATE, Sent, answers, guests_are_up, here, send};
use super::made::{Made, conclude};
use super::rig::Rig;
use crate::contract::side::Side;
use crate::support::process::Home;

/// How an operation waits: short, and longer than any request here.
const WAITS: &str = "[operations]\npoll = \"300ms\"\ndrain = \"3s\"\nanswering = \"6s\"\nmin_ready = \"2s\"\n";

/// Whose instances serve: other services are other tests'.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub service: &'static str,
    pub instances: usize,
    /// How long a guest works at a request, in milliseconds. It works at two at a time: of those that are left in rotation
    /// none may fall behind [`RATE`].
    pub latency: u64,
    /// How long requests are sent: longer than what is done takes.
    pub seconds: u64,
    /// What else is configured.
    pub settings: &'static str,
}

/// While this lives, the service's guests take that long for each answer, and four seconds to boot. HAProxy sends a request that
/// nobody has taken to another member; it cannot mend one that was half answered.
struct Slow(PathBuf);

impl Slow {
    fn new(rig: &Rig, Scene { service, latency, .. }: Scene) -> Self {
        let file = rig.path(&format!("guests/sd-test-{:08x}", fastrand::u32(..)));
        fs::create_dir_all(rig.path("guests")).expect("a folder");
        fs::write(&file, format!("service={service} latency={latency} boot=4\n")).expect("a file");
        Self(file)
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Puts a balancer before some instances, does that to them while requests come, and tells what it said. Fails when a
/// request was not answered.
pub(super) async fn under_traffic(
    scene: Scene,
    words: impl FnOnce(&[Value]) -> Vec<String>,
    so: impl FnOnce(&Value) -> Result<(), String>,
) {
    let (Some(side), Some(rig)) = (real().await, Rig::here()) else { return };
    if !guests_are_up().await {
        return;
    }
    let made = Made::default();
    let outcome = match served(&side, &made, scene).await {
        Ok((balance, balancer, servers)) => {
            let outcome = done(&rig, scene, balancer, words(&servers), so).await;
            drop(balance);
            outcome
        }
        Err(why) => Err(why),
    };
    conclude(&side.member.raw, &made, outcome).await;
}

/// A balancer over the instances, once it serves; and what Nova tells of them.
async fn served(side: &Side, made: &Made, scene: Scene) -> Result<(Balance, Balancer, Vec<Value>), String> {
    let raw = &side.member.raw;
    let path = format!("/v2.1/servers/detail?name={}-00&limit={}", scene.service, scene.instances);
    let servers = raw.get("compute", &path, None).await.json();
    let servers = servers["servers"].as_array().ok_or("there are no servers")?;
    let address =
        |server: &Value| Some(server["addresses"].as_object()?.values().next()?[0]["addr"].as_str()?.to_owned());
    let members: Vec<String> = servers.iter().filter_map(address).collect();
    let balance = balance(side, made).await?;
    balance.add(raw, &members).await?;
    let host = here(&json!(balance.vip))?;
    answers(&format!("{host}:80"), "/", "").await?;
    let balancer = Balancer { id: balance.id.clone(), host, members };
    Ok((balance, balancer, servers.clone()))
}

/// What a server is called.
pub(super) fn name(server: &Value) -> String {
    server["name"].as_str().unwrap_or_default().to_owned()
}

async fn done(
    rig: &Rig,
    scene: Scene,
    balancer: Balancer,
    words: Vec<String>,
    so: impl FnOnce(&Value) -> Result<(), String>,
) -> Result<(), String> {
    let _slow = Slow::new(rig, scene);
    let home = Home::new();
    home.clouds(&rig.clouds());
    home.write(".config/stackdeck/config.toml", &format!("{WAITS}{}", scene.settings));
    let sending = tokio::spawn(send(balancer.host.clone(), scene.seconds * RATE));
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--yes", "-o", "json"]).collect();
    run(&home, &words)?;
    let told = over(&home).await?;
    let sent = sending.await.map_err(|error| error.to_string())?;
    so(&told)?;
    all_answered(&sent, scene.seconds * RATE)
}

pub(super) fn run(home: &Home, words: &[&str]) -> Result<Value, String> {
    let ended = home.run([&["--cloud", CLOUD], words].concat());
    serde_json::from_str(&ended.out).map_err(|error| format!("{error}: {}{}", ended.out, ended.err))
}

/// What is told of the operation when it is over.
pub(super) async fn over(home: &Home) -> Result<Value, String> {
    let began = Instant::now();
    loop {
        let told = run(home, &["operations", "show", "last", "-o", "json"])?;
        let state = told["operation"]["state"].as_str().unwrap_or_default();
        if !matches!(state, "approved" | "running") {
            return Ok(told);
        }
        if began.elapsed() > DEADLINE {
            return Err(format!("it does not end: {told:#}"));
        }
        sleep(Duration::from_secs(1)).await;
    }
}

pub(super) fn all_answered(sent: &Sent, wanted: u64) -> Result<(), String> {
    let told = || format!("{} of {wanted} were answered; lost in the seconds {:?}", sent.answered, sent.lost);
    if sent.answered == wanted { Ok(()) } else { Err(told()) }
}
