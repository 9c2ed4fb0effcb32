//! Aetos, as the simulated cloud has it in its catalog; and what queries of ours both it and Prometheus understand.

use serde_json::{Value, json};
use stackdeck::sim::{Options, Scenario};
use stackdeck::watch::metrics::prometheus::queries::{SETS, of_set, set};

use super::client::{Answer, Client, served, still};

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn asked(client: &Client, query: &str) -> Answer {
    client.get(&format!("/aetos/api/v1/query?query={}", encoded(query))).await
}

fn projects(body: &Value) -> Vec<&str> {
    let rows = body["data"]["result"].as_array().unwrap_or_else(|| panic!("{body}"));
    let mut projects: Vec<&str> = rows.iter().filter_map(|row| row["metric"]["project"].as_str()).collect();
    projects.sort_unstable();
    projects.dedup();
    projects
}

#[tokio::test]
async fn aetos_wants_a_token_and_tells_of_the_own_project_alone() {
    let cloud = served(Options { instances: 30, ..still(Scenario::Quiet) }).await;
    let anonymous = Client::anonymous(cloud.address().to_string());
    assert_eq!(asked(&anonymous, "ceilometer_memory_usage").await.status, 401);
    let admin = Client::oncall(&cloud).await;
    let body = asked(&admin, "ceilometer_memory_usage").await.json();
    assert!(projects(&body).len() > 1, "{body}");
    let client = Client::sign_in(&cloud, "dev", "day-shift", "bank-prod").await;
    let body = asked(&client, "ceilometer_memory_usage").await.json();
    assert_eq!(projects(&body).len(), 1, "{body}");
    let refused = client.post("/aetos/api/v1/query", &json!({})).await;
    assert_eq!((refused.status, refused.json()["error_message"]["faultcode"].as_str()), (405, Some("Client")));
    assert_eq!(client.get("/aetos/api/v1/query_range?query=up&start=1&end=2&step=1").await.status, 404);
    assert_eq!(client.get("/aetos/api/v1/query?query=up&time=1").await.status, 400);
    // The label is put before what it does not know, which then is no query.
    let odd = asked(&client, "nobody_tells_this").await;
    assert_eq!(odd.status, 400);
    assert!(odd.text.contains("parse error"), "{}", odd.text);
}

#[tokio::test]
async fn a_subquery_tells_the_past() {
    let cloud = served(Options { instances: 10, ..still(Scenario::Quiet) }).await;
    let client = Client::oncall(&cloud).await;
    let text = format!("({}\n)[3600s:60s]", of_set(set("ceilometer").unwrap(), 120));
    let body = asked(&client, &text).await.json();
    assert_eq!(body["data"]["resultType"], "matrix", "{body}");
    let rows = body["data"]["result"].as_array().unwrap();
    let marks: Vec<&str> = rows.iter().filter_map(|row| row["metric"]["stackdeck"].as_str()).collect();
    for mark in ["0", "1", "2", "3"] {
        assert!(marks.contains(&mark), "{mark}: {marks:?}");
    }
    assert!(rows.iter().all(|row| (55..=60).contains(&row["values"].as_array().unwrap().len())), "{body}");
    let first = rows[0]["values"][0][0].as_f64().unwrap();
    assert_eq!(first % 60.0, 0.0, "whole multiples of the step");
    let before = asked(&client, &format!("{text} offset 3600s")).await.json();
    let newest = before["data"]["result"][0]["values"].as_array().unwrap().last().unwrap()[0].as_f64().unwrap();
    assert!(newest <= first && newest > first - 120.0, "the hour before: {newest} {first}");
}

#[tokio::test]
async fn the_simulated_prometheus_understands_every_ready_made_set() {
    let cloud = served(Options { instances: 30, ..still(Scenario::Quiet) }).await;
    let client = Client::anonymous(cloud.address().to_string());
    for set in SETS {
        let query = encoded(&of_set(&set, 120));
        let answer = client.get(&format!("/prometheus/api/v1/query?query={query}")).await;
        assert_eq!(answer.status, 200, "{}: {}", set.name, answer.text);
        let rows = answer.json()["data"]["result"].as_array().unwrap().len();
        // One is of an exporter that this cloud has not.
        assert_eq!(rows > 0, set.name != "libvirt", "{}: {rows}", set.name);
    }
}
