//! Somebody else at the same cloud: bare requests, as another tool would send them.

use reqwest::Method as Http;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use stackdeck::base::id::InstanceId;
use stackdeck::openstack::auth::Method;
use stackdeck::openstack::{Cloud, CloudConfig};

/// The microversion of every request: from 2.73 a lock keeps its reason.
const MICROVERSION: &str = "2.73";

pub(super) struct Other {
    http: reqwest::Client,
    token: String,
    keystone: String,
    nova: String,
}

impl Other {
    /// As the user of a configuration, by password. Who that is and where Nova is, a session has told.
    pub(super) async fn sign_in(config: &CloudConfig, cloud: &Cloud) -> Self {
        let http = reqwest::Client::new();
        let Method::Password(method) = &config.method else { panic!("a password") };
        let password = method.password.as_ref().expect("a password").expose_secret();
        let facts = cloud.session();
        let user = json!({ "id": facts.user_id.as_str(), "password": password });
        let scope = json!({ "project": { "id": facts.project_id.expect("a project").as_str() } });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let auth = json!({ "auth": { "identity": identity, "scope": scope } });
        let answer = http.post(format!("{}/auth/tokens", config.auth_url)).json(&auth).send().await.expect("a token");
        let token = answer.headers()["x-subject-token"].to_str().expect("text").to_owned();
        let nova = cloud.endpoints().into_iter().find(|endpoint| endpoint.service_type == "compute");
        let nova = nova.expect("nova").url.trim_end_matches('/').to_owned();
        Self { http, token, keystone: config.auth_url.clone(), nova }
    }

    /// The same somebody with connections of their own: those of one runtime do not work in another.
    pub(super) fn elsewhere(&self) -> Self {
        let (token, keystone, nova) = (self.token.clone(), self.keystone.clone(), self.nova.clone());
        Self { http: reqwest::Client::new(), token, keystone, nova }
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    fn request(&self, method: Http, url: String) -> reqwest::RequestBuilder {
        let version = format!("compute {MICROVERSION}");
        self.http.request(method, url).header("x-auth-token", &self.token).header("openstack-api-version", version)
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.request(Http::POST, format!("{}{path}", self.nova)).json(body).send().await;
        let answer = answer.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_slice(&answer.bytes().await.expect("a body")).unwrap_or(Value::Null)
    }

    /// Locks, stops, starts …
    pub(super) async fn act(&self, id: &InstanceId, call: &Value) {
        self.post(&format!("/servers/{id}/action"), call).await;
    }

    pub(super) async fn create(&self, image: &str, name: &str, service: &str, networks: &Value) -> InstanceId {
        let server = json!({ "name": name, "flavorRef": "1", "imageRef": image, "networks": networks,
            "metadata": { "service": service } });
        let made = self.post("/servers", &json!({ "server": server })).await;
        made["server"]["id"].as_str().expect("an id").into()
    }

    pub(super) async fn delete(&self, id: &InstanceId) {
        self.request(Http::DELETE, format!("{}/servers/{id}", self.nova)).send().await.expect("an answer");
    }

    /// What Nova answers to a bare request with that token.
    pub(super) async fn status_with(&self, token: &str) -> u16 {
        let request = self.http.get(format!("{}/servers?limit=1", self.nova)).header("x-auth-token", token);
        request.send().await.expect("an answer").status().as_u16()
    }

    /// Takes a token back: keystone knows it no more.
    pub(super) async fn revoke(&self, token: &str) {
        let request = self.request(Http::DELETE, format!("{}/auth/tokens", self.keystone));
        let answer = request.header("x-subject-token", token).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 204, "keystone takes a token back");
    }
}
