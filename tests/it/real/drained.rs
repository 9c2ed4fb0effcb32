//! A restart behind a real balancer, under traffic: who is restarted is out of rotation, so no request fails.

use serde_json::Value;

use super::traffic::{Scene, name, under_traffic};

#[tokio::test]
async fn a_restart_behind_a_balancer_loses_no_request() {
    let scene = Scene { service: "auth", instances: 3, latency: 300, seconds: 60, settings: "" };
    under_traffic(scene, |servers| vec!["restart".to_owned(), name(&servers[0])], calls).await;
}

/// Drained, restarted and put back, each by one call.
fn calls(told: &Value) -> Result<(), String> {
    let steps = told["operation"]["steps"].as_array().ok_or("there are no steps")?;
    let text = |step: &Value, field: &str| step[field].as_str().unwrap_or_default().to_owned();
    let calls: Vec<_> = steps.iter().map(|step| (text(step, "call"), text(step, "result"))).collect();
    let wanted = [("update member: weight 0", "done"), ("reboot SOFT", "done"), ("update member: weight 1", "done")];
    let done = calls.iter().map(|(call, result)| (&**call, &**result)).eq(wanted);
    if done { Ok(()) } else { Err(format!("{calls:?}: {told:#}")) }
}
