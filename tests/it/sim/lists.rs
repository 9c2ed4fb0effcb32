//! Lists: pages, filters, changes-since, and cells that are down.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use stackdeck::sim::world::instance::course::Course;
use stackdeck::sim::world::instance::history::Caller;
use stackdeck::sim::{Options, Scenario, Served, Uid};

use super::client::{Client, served, still};

fn ids(body: &Value) -> Vec<String> {
    body["servers"].as_array().unwrap().iter().map(|server| server["id"].as_str().unwrap().to_owned()).collect()
}

fn below(address: &str, href: &Value) -> Option<String> {
    href.as_str().map(|href| href.strip_prefix(&format!("http://{address}")).unwrap().to_owned())
}

async fn walk(client: &Client, first: &str) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let body = client.get(&path).await.json();
        all.extend(ids(&body));
        next = below(&client.address, &body["servers_links"][0]["href"]);
    }
    all
}

#[tokio::test]
async fn pages_together_are_the_whole_list_newest_first() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let whole = client.get("/compute/v2.1/servers/detail").await.json();
    assert_eq!(whole["servers"].as_array().unwrap().len(), 150);
    assert_eq!(whole.get("servers_links"), None);
    let created: Vec<&str> =
        whole["servers"].as_array().unwrap().iter().map(|one| one["created"].as_str().unwrap()).collect();
    assert!(created.is_sorted_by(|a, b| a >= b));
    assert_eq!(walk(&client, "/compute/v2.1/servers/detail?limit=40").await, ids(&whole));
    // A last page that is exactly full still links on, to an empty one.
    assert_eq!(walk(&client, "/compute/v2.1/servers?limit=50").await, ids(&whole));
    let last = client.get("/compute/v2.1/servers?limit=150").await.json();
    let next = below(&client.address, &last["servers_links"][0]["href"]).unwrap();
    assert_eq!(client.get(&next).await.json(), serde_json::json!({"servers": []}));
}

#[tokio::test]
async fn limits_and_markers_are_checked() {
    let cloud = served(Options { instances: 1200, ..still(Scenario::Quiet) }).await;
    let client = Client::oncall(&cloud).await;
    for limit in ["", "?limit=1000", "?limit=5000"] {
        let body = client.get(&format!("/compute/v2.1/servers{limit}")).await.json();
        assert_eq!(body["servers"].as_array().unwrap().len(), 1000);
        assert!(body["servers_links"][0]["href"].is_string());
    }
    assert_eq!(client.get("/compute/v2.1/servers?limit=0").await.json(), serde_json::json!({"servers": []}));
    let minus = client.get("/compute/v2.1/servers?limit=-1").await;
    assert_eq!(minus.status, 400);
    assert!(minus.text.contains("'-1' does not match '^[0-9]*$'"), "{}", minus.text);
    let marker = client.get("/compute/v2.1/servers?marker=abc").await;
    assert_eq!(marker.json()["badRequest"]["message"], "marker [abc] not found");
    let colour = client.get("/compute/v2.1/servers?colour=red").await;
    assert_eq!(colour.json()["badRequest"]["message"], "'colour' does not match any of the regexes: '^_'");
    assert_eq!(client.at("2.1").get("/compute/v2.1/servers?colour=red").await.status, 200);
    assert_eq!(client.get("/compute/v2.1/servers?status=BOGUS").await.status, 400);
    let empty = client.at("2.37").get("/compute/v2.1/servers?status=BOGUS").await;
    assert_eq!(empty.json(), serde_json::json!({"servers": []}));
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let count =
        async |query: &str| ids(&client.get(&format!("/compute/v2.1/servers/detail?{query}")).await.json()).len();
    assert_eq!(count("name=payments").await, 14, "a regular expression, not a match");
    assert_eq!(count("name=%5Epayments-0%5B12%5D%24").await, 2);
    assert_eq!(count("tags=service%3Dquotes").await, 18);
    assert_eq!(count("metadata=%7B%22service%22%3A%22ledger%22%7D").await, 8);
    assert_eq!(count("status=SHUTOFF").await, 3);
    assert_eq!(count("status=ERROR").await, 1);
    let all = ids(&client.get("/compute/v2.1/servers?all_tenants=1").await.json());
    assert_eq!(all.len(), 162, "with those of bank-test");
}

fn caller() -> Caller {
    Caller { user: Uid(1), request: Uid(2), admin: true }
}

fn id_of(cloud: &Served, name: &str) -> Uid {
    cloud.world(|world| world.server_named(name).unwrap().id)
}

#[tokio::test]
async fn changes_since_tells_what_moved_and_what_went() {
    let cloud = served(still(Scenario::Quiet)).await;
    let client = Client::oncall(&cloud).await;
    let since = "/compute/v2.1/servers/detail?changes-since=2026-11-22T09:00:05Z";
    cloud.world(|world| world.step(Duration::from_secs(10)));
    assert!(ids(&client.get(since).await.json()).is_empty());
    let (rebooted, deleted, tagged) = (id_of(&cloud, "auth-01"), id_of(&cloud, "auth-02"), id_of(&cloud, "auth-03"));
    cloud.world(|world| {
        world.ask(rebooted, Course::RebootSoft, &caller()).unwrap();
        world.delete(deleted, &caller()).unwrap();
        world.set_tags(tagged, vec!["blue".to_owned()]).unwrap();
        world.step(Duration::from_secs(60));
    });
    let body = client.get(since).await.json();
    let found: BTreeSet<String> = ids(&body).into_iter().collect();
    assert_eq!(found, BTreeSet::from([rebooted.to_string(), deleted.to_string()]), "a tag does not move `updated`");
    let gone = body["servers"].as_array().unwrap().iter().find(|one| one["id"] == deleted.to_string()).unwrap();
    assert_eq!(gone["status"], "DELETED");
    assert!(gone["OS-SRV-USG:terminated_at"].is_string());
    assert_eq!(client.get(&format!("/compute/v2.1/servers/{deleted}")).await.status, 404);
    assert_eq!(ids(&client.get("/compute/v2.1/servers/detail").await.json()).len(), 149);
    let future = client.get("/compute/v2.1/servers/detail?changes-since=2036-01-01T00:00:00").await;
    assert!(ids(&future.json()).is_empty());
    // A marker that was deleted still works.
    assert_eq!(client.get(&format!("/compute/v2.1/servers?marker={deleted}")).await.status, 200);
}

#[tokio::test]
async fn servers_of_a_cell_that_is_down_are_told_of_by_a_bare_list_alone() {
    let cloud = served(still(Scenario::DownCell)).await;
    let client = Client::oncall(&cloud).await;
    let bare = client.get("/compute/v2.1/servers/detail").await.json();
    let rows = bare["servers"].as_array().unwrap();
    assert_eq!(rows.len(), 150);
    let unknown: Vec<&Value> = rows.iter().filter(|row| row["status"] == "UNKNOWN").collect();
    assert!(unknown.len() > 20, "{}", unknown.len());
    let keys: Vec<&String> = unknown[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["created", "id", "links", "status", "tenant_id"]);
    let seen = 150 - unknown.len();
    for (client, query) in
        [(&client, "?limit=1000"), (&client, "?name=."), (&client, "?sort_key=created_at"), (&client.at("2.68"), "")]
    {
        let body = client.get(&format!("/compute/v2.1/servers/detail{query}")).await.json();
        assert_eq!(ids(&body).len(), seen, "{query}");
    }
    let lost = unknown[0]["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/compute/v2.1/servers?marker={lost}")).await.status, 500);
    assert_eq!(client.get(&format!("/compute/v2.1/servers/{lost}")).await.json()["server"]["status"], "UNKNOWN");
    assert_eq!(client.at("2.68").get(&format!("/compute/v2.1/servers/{lost}")).await.status, 500);
    cloud.world(|world| world.set_cell_down(2, false));
    let well = client.get("/compute/v2.1/servers/detail").await.json();
    assert!(well["servers"].as_array().unwrap().iter().all(|row| row["status"] != "UNKNOWN"));
}
