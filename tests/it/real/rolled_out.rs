//! A release rolled out to instances behind a real balancer, under traffic: each is made anew from another image, answers
//! as that version, and no request fails.

use serde_json::Value;

use super::traffic::{Scene, name, under_traffic};

/// The rig's guests answer here.
const ASKED: &str = "[metrics.probes]\nenabled = true\naddress = \"127.{2}.{3}.{4}\"\n";
const INSTANCES: usize = 3;
#[tokio::test]
async fn a_release_rolled_out_behind_a_balancer_loses_no_request_and_each_instance_says_that_it_runs_it() {
    let scene = Scene { service: "payments", instances: INSTANCES, latency: 100, seconds: 90, settings: ASKED };
    under_traffic(scene, to_the_other, rolled_out).await;
}

/// The rig has two releases of payments; a rollout writes down which one it brought.
fn to_the_other(servers: &[Value]) -> Vec<String> {
    let release = if servers[0]["metadata"]["version"] == "1.5.0" { "1.4.2" } else { "1.5.0" };
    let to = ["--to", release, "--strategy", "rebuild", "--straight"].map(str::to_owned);
    ["rollout".to_owned()].into_iter().chain(servers.iter().map(name)).chain(to).collect()
}

fn rolled_out(told: &Value) -> Result<(), String> {
    let steps = told["operation"]["steps"].as_array().ok_or("there are no steps")?;
    let text = |step: &Value, field: &str| step[field].as_str().unwrap_or_default().to_owned();
    let rebuilds = steps.iter().filter(|step| text(step, "call").starts_with("rebuild"));
    let results: Vec<String> = rebuilds.map(|step| text(step, "result")).collect();
    let over = results.len() == INSTANCES && results.iter().all(|result| result == "done" || result == "skipped");
    let done = text(&told["operation"], "state") == "done" && over;
    if done { Ok(()) } else { Err(format!("{told:#}")) }
}
