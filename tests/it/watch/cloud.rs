//! A cloud in memory: answers reads from a table of servers, and counts them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use stackdeck::base::awaited::Silence;
use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::openstack::{Answer, CloudError, EndpointHealth, Read, Reader, SessionFacts};

/// What the cloud holds, and what was asked of it.
#[derive(Default)]
pub struct Held {
    /// By id: the row as Nova sends it.
    pub servers: BTreeMap<String, Value>,
    /// Answers by path, before anything else.
    pub fixed: BTreeMap<String, Result<Value, FailureKind>>,
    /// Every read, as `path?query`, and its body where it has one.
    pub asked: Vec<String>,
    /// Everything fails with this.
    pub down: Option<FailureKind>,
    /// What `Date` says.
    pub date: Option<Timestamp>,
    /// When the token was issued, by the cloud's clock and by ours.
    pub issued: Option<(Timestamp, Timestamp)>,
    /// The read of this path panics.
    pub breaks: Option<&'static str>,
    /// Requests that are said to be under way.
    pub silences: Vec<Silence>,
}

/// A cloud in memory. Clones share it.
#[derive(Clone, Default)]
pub struct MemoryCloud(pub Arc<Mutex<Held>>);

impl MemoryCloud {
    pub fn with(servers: impl IntoIterator<Item = Value>) -> Self {
        let cloud = Self::default();
        servers.into_iter().for_each(|server| cloud.put(server));
        cloud
    }

    pub fn put(&self, server: Value) {
        let id = server["id"].as_str().unwrap().to_owned();
        self.0.lock().unwrap().servers.insert(id, server);
    }

    pub fn fix(&self, path: &str, answer: Result<Value, FailureKind>) {
        self.0.lock().unwrap().fixed.insert(path.to_owned(), answer);
    }

    /// How many reads had this in them.
    pub fn asked(&self, part: &str) -> usize {
        self.0.lock().unwrap().asked.iter().filter(|read| read.contains(part)).count()
    }

    fn answer(&self, read: &Read) -> Result<Value, CloudError> {
        let mut held = self.0.lock().unwrap();
        if held.breaks == Some(read.path.as_str()) {
            drop(held);
            panic!("a fault of our own");
        }
        let query: Vec<String> = read.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = read.body.as_ref().map_or_else(String::new, |body| format!(" {body}"));
        held.asked.push(format!("{}?{}{body}", read.path, query.join("&")));
        if let Some(kind) = held.down {
            return Err(Failure::new(kind, "The cloud is down"));
        }
        if let Some(fixed) = held.fixed.get(&read.path) {
            return fixed.clone().map_err(|kind| Failure::new(kind, "Scripted"));
        }
        if read.path == "/servers/detail" {
            return Ok(json!({ "servers": list(&held, read) }));
        }
        if let Some(server) = read.path.strip_prefix("/servers/").and_then(|id| held.servers.get(id))
            && server["status"] != "DELETED"
        {
            return Ok(json!({ "server": server }));
        }
        Err(Failure::new(FailureKind::NotFound, "Not here"))
    }
}

fn list(held: &Held, read: &Read) -> Vec<Value> {
    let get = |name: &str| read.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let since = get("changes-since");
    let rows = held.servers.values().filter(|server| match since {
        Some(since) => server["updated"].as_str().unwrap() >= since,
        None => server["status"] != "DELETED",
    });
    rows.take(get("limit").map_or(usize::MAX, |limit| limit.parse().unwrap())).cloned().collect()
}

impl Reader for MemoryCloud {
    fn read(&self, read: Read) -> BoxFuture<'_, Result<Answer, CloudError>> {
        let body = self.answer(&read);
        let date = self.0.lock().unwrap().date;
        Box::pin(async move {
            Ok(Answer {
                body: body?.to_string().into_bytes(),
                status: 200,
                request_id: None,
                date,
                took: Duration::ZERO,
                link: None,
                microversion: None,
            })
        })
    }

    fn session(&self) -> SessionFacts {
        SessionFacts { issued: self.0.lock().unwrap().issued, ..session() }
    }

    fn endpoints(&self) -> Vec<EndpointHealth> {
        Vec::new()
    }

    fn silences(&self) -> Vec<Silence> {
        self.0.lock().unwrap().silences.clone()
    }
}

/// Somebody, somewhere.
pub fn session() -> SessionFacts {
    SessionFacts {
        cloud: "memory".to_owned(),
        auth_url: "http://127.0.0.1/v3".to_owned(),
        user_id: "u".into(),
        user: "someone".to_owned(),
        project_id: Some("p".into()),
        project: Some("demo".to_owned()),
        system: false,
        roles: Vec::new(),
        region: "RegionOne".to_owned(),
        regions: Vec::new(),
        insecure: false,
        expires: None,
        issued: None,
        renews: true,
        project_domain: None,
    }
}

/// A row with a few keys.
pub fn server(id: &str, status: &str, updated: &str) -> Value {
    json!({ "id": id, "name": format!("web-{id}"), "tenant_id": "p", "status": status, "updated": updated,
            "created": "2026-11-22T08:00:00Z", "image": { "id": "img" }, "addresses": {} })
}
