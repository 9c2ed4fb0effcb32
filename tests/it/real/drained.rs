//! Restarts behind a real balancer, under traffic: who is restarted is out of rotation, so no request fails. Left out
//! where the rig's guests do not run.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::balanced::{Balance, balance};
use super::bench::CLOUD;
use super::contract::real;
use super::generator::{Balancer, RATE, Sent, answers, guests_are_up, here, send};
use super::made::{Made, take_away};
use super::rig::Rig;
use crate::contract::side::Side;
use crate::support::process::{Ended, Home};

/// The service that is restarted: others are other tests'.
const SERVICE: &str = "auth";

/// Short, and longer than any request here.
const WAITS: &str = "[operations]\npoll = \"300ms\"\ndrain = \"3s\"\nanswering = \"6s\"\nmin_ready = \"2s\"\n";

/// How long requests are sent: longer than a restart takes.
const SECONDS: u64 = 60;

/// While this lives, the service's guests take a third of a second for each answer, and four to boot. HAProxy sends a request that
/// nobody has taken to another member; it cannot mend one that was half answered.
struct Slow(PathBuf);

impl Slow {
    fn new(rig: &Rig) -> Self {
        let file = rig.path(&format!("guests/sd-test-{:08x}", fastrand::u32(..)));
        fs::create_dir_all(rig.path("guests")).expect("a folder");
        fs::write(&file, format!("service={SERVICE} latency=300 boot=4\n")).expect("a file");
        Self(file)
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_restart_behind_a_balancer_loses_no_request() {
    let (Some(side), Some(rig)) = (real().await, Rig::here()) else { return };
    if !guests_are_up().await {
        return;
    }
    let raw = &side.member.raw;
    let made = Made::default();
    let outcome = match served(&side, &made).await {
        Ok((balance, balancer, name)) => {
            let outcome = restarted(&rig, balancer, &name).await;
            drop(balance);
            outcome
        }
        Err(why) => Err(why),
    };
    let left = take_away(raw, &made).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(left, [""; 0], "everything was taken away");
}

/// A balancer over three instances, once it serves; and one of them, by name.
async fn served(side: &Side, made: &Made) -> Result<(Balance, Balancer, String), String> {
    let raw = &side.member.raw;
    let servers = raw.get("compute", &format!("/v2.1/servers/detail?name={SERVICE}-00&limit=3"), None).await.json();
    let servers = servers["servers"].as_array().ok_or("there are no servers")?;
    let address =
        |server: &Value| Some(server["addresses"].as_object()?.values().next()?[0]["addr"].as_str()?.to_owned());
    let members: Vec<String> = servers.iter().filter_map(address).collect();
    let name = servers.first().and_then(|server| server["name"].as_str()).ok_or("a server has no name")?;
    let balance = balance(side, made).await?;
    balance.add(raw, &members).await?;
    let host = here(&json!(balance.vip))?;
    answers(&format!("{host}:80"), "/", "").await?;
    let balancer = Balancer { id: balance.id.clone(), host, members };
    Ok((balance, balancer, name.to_owned()))
}

async fn restarted(rig: &Rig, balancer: Balancer, name: &str) -> Result<(), String> {
    let _slow = Slow::new(rig);
    let home = Home::new();
    home.clouds(&rig.clouds());
    home.write(".config/stackdeck/config.toml", WAITS);
    let name = name.to_owned();
    let sending = tokio::spawn(async move { send(&balancer, SECONDS * RATE).await });
    let restart = tokio::task::spawn_blocking(move || run(&home, &["restart", &name]));
    let ended = restart.await.map_err(|error| error.to_string())?;
    let sent = sending.await.map_err(|error| error.to_string())?;
    calls(&ended)?;
    all_answered(&sent)
}

fn run(home: &Home, words: &[&str]) -> Ended {
    home.run([&["--cloud", CLOUD], words, &["--yes", "--wait", "-o", "json"]].concat())
}

/// Drained, restarted and put back, each by one call.
fn calls(ended: &Ended) -> Result<(), String> {
    let told: Value = serde_json::from_str(&ended.out).map_err(|error| format!("{error}: {}", ended.err))?;
    let steps = told["operation"]["steps"].as_array().ok_or("there are no steps")?;
    let calls: Vec<(&str, &str, u64)> = steps
        .iter()
        .map(|step| {
            let text = |field: &str| step[field].as_str().unwrap_or_default();
            (text("call"), text("result"), step["attempts"].as_u64().unwrap_or_default())
        })
        .collect();
    let wanted = [("update member: weight 0", "done"), ("reboot SOFT", "done"), ("update member: weight 1", "done")];
    let done = calls.iter().map(|(call, result, _)| (*call, *result)).eq(wanted);
    if done { Ok(()) } else { Err(format!("{calls:?}: {}", ended.out)) }
}

fn all_answered(sent: &Sent) -> Result<(), String> {
    let wanted = SECONDS * RATE;
    if sent.answered == wanted { Ok(()) } else { Err(format!("{} of {wanted} were answered", sent.answered)) }
}
