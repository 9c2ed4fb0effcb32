//! The script of faults, from the handle and over HTTP.

use std::time::{Duration, Instant};

use serde_json::json;
use stackdeck::sim::fault::{Odd, hostile_names};
use stackdeck::sim::{Bend, Fault, Scenario};

use super::client::{Client, served, still};

const LIST: &str = "/compute/v2.1/servers/detail";

#[tokio::test]
async fn an_error_has_its_services_shape_and_its_count() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    cloud.fault(Fault::new("/compute/*", Bend::retry_after(503, 7)).after(1).times(2));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(client.get(LIST).await.status);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    for (code, key) in
        [(413, "overLimit"), (429, "overLimit"), (500, "computeFault"), (409, "conflictingRequest"), (403, "forbidden")]
    {
        cloud.fault(Fault::new("/compute/*", Bend::status(code)).times(1));
        let answer = client.get(LIST).await;
        assert_eq!((answer.status, answer.json()[key]["code"].as_u64()), (code, Some(u64::from(code))));
        assert_eq!(answer.header("retry-after"), None);
    }
    cloud.fault(Fault::new("/network/*", Bend::retry_after(503, 7)).times(1));
    let answer = client.get("/network/v2.0/ports").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("7")));
    assert!(answer.json()["NeutronError"]["message"].is_string());
    cloud.fault(Fault::new("/load-balancer/*", Bend::status(500)).times(1));
    assert_eq!(client.get("/load-balancer/v2/lbaas/pools").await.json()["faultcode"], "Server");
    cloud.fault(Fault::new("/image/*", Bend::status(500)).times(1));
    assert!(client.get("/image/v2/images").await.text.starts_with("<html>"));
    cloud.fault(Fault::new("/identity/*", Bend::status(500)).times(1));
    assert_eq!(client.get("/identity/v3/auth/projects").await.json()["error"]["code"], 500);
    assert_eq!(client.get("/image/v2/images").await.status, 200);
}

#[tokio::test]
async fn a_reset_comes_before_or_after_the_deed() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let id = cloud.world(|world| world.server_named("auth-01").unwrap().id);
    let (path, body) = (format!("/compute/v2.1/servers/{id}/action"), json!({"os-stop": null}));
    let state = || cloud.world(|world| world.server(id).unwrap().task_state);
    cloud.fault(Fault::new("*/action", Bend::ResetBefore).times(1));
    assert!(client.send("POST", &path, Some(&body)).await.is_err());
    assert_eq!(state(), None);
    cloud.fault(Fault::new("*/action", Bend::ResetAfter).times(1));
    assert!(client.send("POST", &path, Some(&body)).await.is_err());
    assert_eq!(state(), Some("powering-off"));
    let told = cloud.ledger(|ledger| {
        ledger.entries().rev().take(2).map(|entry| (entry.status, entry.executed)).collect::<Vec<_>>()
    });
    assert_eq!(told, [(0, true), (0, false)]);
}

#[tokio::test]
async fn tokens_expire_when_told_and_when_their_time_is_over() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    cloud.fault(Fault::new("/compute/*", Bend::ExpireTokens).times(1));
    assert_eq!(client.get(LIST).await.status, 401);
    let client = Client::oncall(&cloud).await;
    assert_eq!(client.get(LIST).await.status, 200);
    cloud.world(|world| world.step(Duration::from_secs(3599)));
    assert_eq!(client.get(LIST).await.status, 200);
    cloud.world(|world| world.step(Duration::from_secs(1)));
    assert_eq!(client.get(LIST).await.status, 401);
}

#[tokio::test]
async fn pages_shift_between_requests() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    cloud.fault(Fault::new(format!("{LIST}?*marker=*"), Bend::Shift(5)).times(1));
    let first = client.get(&format!("{LIST}?limit=10")).await.json();
    let marker = first["servers"][9]["id"].as_str().unwrap();
    let second = client.get(&format!("{LIST}?limit=10&marker={marker}")).await;
    assert_eq!(second.status, 200);
    // What was first has gone, and what is new is not on the second page.
    let again = client.get(&format!("{LIST}?limit=10")).await.json();
    assert_ne!(first["servers"], again["servers"]);
    assert!(!second.text.contains("shifted-"));
}

#[tokio::test]
async fn odd_values_are_put_into_good_answers() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let odd = |key: &str, value, every| Bend::Odd(Odd { key: key.to_owned(), value, every });
    cloud.fault(Fault::new(LIST, odd("status", None, None)).times(1));
    let body = client.get(LIST).await.json();
    assert!(body["servers"].as_array().unwrap().iter().all(|row| row.get("status").is_none()));
    cloud.fault(Fault::new(LIST, odd("flavor", Some(json!(["what"])), Some(2))).times(1));
    let body = client.get(LIST).await.json();
    assert_eq!((&body["servers"][0]["flavor"], body["servers"][1]["flavor"].is_object()), (&json!(["what"]), true));
    for name in hostile_names() {
        cloud.fault(Fault::new(LIST, odd("name", Some(json!(name)), None)).times(1));
        assert_eq!(client.get(LIST).await.json()["servers"][3]["name"], json!(name));
    }
}

#[tokio::test]
async fn latency_and_pace_delay_an_answer_and_hanging_never_ends() {
    let options = stackdeck::sim::Options { pace: Duration::from_millis(2), ..still(Scenario::Quiet) };
    let cloud = served(options).await;
    let client = Client::oncall(&cloud).await;
    let began = Instant::now();
    assert_eq!(client.get(&format!("{LIST}?limit=50")).await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(100), "{:?}", began.elapsed());
    cloud.fault(Fault::new(LIST, Bend::latency(Duration::from_millis(120))).times(1));
    let began = Instant::now();
    client.get(&format!("{LIST}?limit=1")).await;
    assert!(began.elapsed() >= Duration::from_millis(120), "{:?}", began.elapsed());
    cloud.fault(Fault::new(LIST, Bend::Hang).times(1));
    assert!(tokio::time::timeout(Duration::from_millis(150), client.get(LIST)).await.is_err());
    assert_eq!(client.get(&format!("{LIST}?limit=1")).await.status, 200, "the others are served meanwhile");
}

#[tokio::test]
async fn another_process_has_the_same_handles() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let fault = json!({"path": "/compute/*", "count": 1, "bend": {"status": {"code": 500}}});
    assert_eq!(client.post("/sim/faults", &fault).await.status, 200);
    assert_eq!(client.get(LIST).await.status, 500);
    assert_eq!(client.get(LIST).await.status, 200);
    let wrong = client.post("/sim/faults", &json!({"path": "/compute/*", "bend": "explode"})).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("explode"), "{}", wrong.text);
    assert_eq!(client.post("/sim/clock/step", &json!({"seconds": 60})).await.status, 200);
    assert_eq!(client.get("/sim/health").await.json()["now"], "2026-11-22T09:01:00Z");
    let ledger = client.get("/sim/ledger").await.json();
    assert_eq!(ledger["counts"]["GET /compute/v2.1/servers/detail"], 2);
    assert_eq!(client.send("DELETE", "/sim/ledger", None).await.unwrap().status, 200);
    assert_eq!(client.get("/sim/ledger").await.json()["total"], 0);
    assert_eq!(client.post("/sim/servers/auth-01", &json!({"sick": true})).await.status, 200);
    assert_eq!(client.get("/sim/nothing").await.status, 400);
}
