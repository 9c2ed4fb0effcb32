//! A bare client, so that a cloud is seen as it is and not as the product reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use stackdeck::openstack::auth::Method;
use stackdeck::openstack::{CloudConfig, SessionFacts};

pub(crate) struct Raw {
    http: reqwest::Client,
    token: String,
    /// What signing in answered.
    pub(crate) granted: Value,
    /// Service types and where their version documents are.
    roots: BTreeMap<String, String>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeSet<String>,
    /// Without its parameters.
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl Raw {
    pub(super) async fn sign_in(config: &CloudConfig, facts: &SessionFacts) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let http = http.timeout(Duration::from_secs(60)).build().expect("a client");
        let answer = http.post(format!("{}/auth/tokens", config.auth_url)).json(&password(config, facts)).send().await;
        let answer = answer.expect("an answer");
        let token = answer.headers()["x-subject-token"].to_str().expect("text").to_owned();
        let granted: Value = answer.json().await.expect("JSON");
        let catalog = granted["token"]["catalog"].as_array().expect("a catalog");
        let roots = catalog.iter().filter_map(|entry| Some((entry["type"].as_str()?.to_owned(), root(entry)?)));
        Self { roots: roots.collect(), http, token, granted }
    }

    /// Reads a path below a service's unversioned root.
    pub(crate) async fn get(&self, service: &str, path: &str, microversion: Option<&str>) -> Answer {
        let mut request = self.http.get(format!("{}{path}", self.roots[service])).header("x-auth-token", &self.token);
        if let Some(version) = microversion {
            request = request.header("openstack-api-version", format!("compute {version}"));
        }
        let answer = request.send().await.expect("an answer");
        let headers = answer.headers().keys().map(|name| name.as_str().to_owned()).collect();
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().to_owned();
        let status = answer.status().as_u16();
        Answer { status, headers, kind, text: answer.text().await.expect("a body") }
    }

    /// Makes something; what was answered, or why not.
    pub(crate) async fn post(&self, service: &str, path: &str, body: &Value) -> Result<Value, String> {
        let request = self.http.post(format!("{}{path}", self.roots[service])).header("x-auth-token", &self.token);
        let answer = request.json(body).send().await.map_err(|error| error.to_string())?;
        let (status, text) = (answer.status(), answer.text().await.map_err(|error| error.to_string())?);
        if !status.is_success() {
            return Err(format!("POST {path}: {status} {text}"));
        }
        serde_json::from_str(&text).map_err(|error| format!("POST {path}: {error}"))
    }

    /// Deletes something; whether it is gone.
    pub(crate) async fn delete(&self, service: &str, path: &str) -> bool {
        let request = self.http.delete(format!("{}{path}", self.roots[service])).header("x-auth-token", &self.token);
        request.send().await.is_ok_and(|answer| answer.status() == 404)
    }
}

/// A catalog URL without its version.
fn root(entry: &Value) -> Option<String> {
    let url = entry["endpoints"][0]["url"].as_str()?.trim_end_matches('/');
    Some(url.trim_end_matches("/v2.1").trim_end_matches("/v3").to_owned())
}

fn password(config: &CloudConfig, facts: &SessionFacts) -> Value {
    let Method::Password(method) = &config.method else { panic!("a password") };
    let word = method.password.as_ref().expect("a password").expose_secret();
    let user = json!({ "id": facts.user_id.as_str(), "password": word });
    let scope = json!({ "project": { "id": facts.project_id.as_ref().expect("a project").as_str() } });
    let identity = json!({ "methods": ["password"], "password": { "user": user } });
    json!({ "auth": { "identity": identity, "scope": scope } })
}
