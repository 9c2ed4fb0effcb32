//! `POST /v3/auth/tokens`.

use reqwest::{Method as Verb, Url};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::openstack::auth::Method;
use crate::openstack::auth::grant::{Body, Grant};
use crate::openstack::clouds::CloudConfig;
use crate::openstack::error::ConnectError;
use crate::openstack::health::Meter;
use crate::openstack::http::{Http, Incoming, Outgoing, complaint};

const PLACE: &str = "POST identity /auth/tokens";

/// Signs in with full credentials.
pub(crate) async fn sign_in(
    http: &Http,
    config: &CloudConfig,
    meter: &Meter,
    now: Timestamp,
    generation: u64,
) -> Result<Grant, ConnectError> {
    let body = request(config)?;
    let outgoing = Outgoing {
        method: Verb::POST,
        url: url(&config.auth_url)?,
        token: None,
        headers: Vec::new(),
        body: Some(body),
        // Two tokens do no more harm than one.
        repeatable: true,
        service: "identity",
        place: PLACE.to_owned(),
        meter: Some(meter),
    };
    let answer = http.send(&outgoing).await?;
    Ok(grant(http, config, &answer, now, generation)?)
}

fn request(config: &CloudConfig) -> Result<Vec<u8>, ConnectError> {
    let method = config.method.sign_in();
    let wanted = |_| ConnectError::PasswordWanted { whom: format!("{} on cloud {}", method.whom(), config.name) };
    let identity = method.identity().map_err(wanted)?;
    let scope = config.scope.json().filter(|_| method.takes_scope());
    let auth = match scope {
        Some(scope) => json!({ "auth": { "identity": identity, "scope": scope } }),
        None => json!({ "auth": { "identity": identity } }),
    };
    Ok(auth.to_string().into_bytes())
}

/// Below the configured URL, which may name the version or not.
fn url(auth_url: &str) -> Result<Url, Failure> {
    let root = auth_url.trim_end_matches('/');
    let versioned = match root.rsplit('/').next() {
        Some("v3") => root.to_owned(),
        Some("v2.0") => format!("{}/v3", root.trim_end_matches("/v2.0")),
        _ => format!("{root}/v3"),
    };
    Url::parse(&format!("{versioned}/auth/tokens"))
        .map_err(|_| Failure::new(FailureKind::Usage, "auth_url is not a URL"))
}

fn grant(
    http: &Http,
    config: &CloudConfig,
    answer: &Incoming,
    now: Timestamp,
    generation: u64,
) -> Result<Grant, Failure> {
    #[derive(Deserialize)]
    struct Wrapped {
        token: Body,
    }
    if !answer.success() {
        return Err(refused(config, complaint::failure(answer, "identity", PLACE)));
    }
    let secret = answer.header("x-subject-token").map(|text| SecretString::from(text.to_owned()));
    let body = serde_json::from_slice::<Wrapped>(&answer.body).ok();
    let (Some(secret), Some(Wrapped { token: body })) = (secret, body) else {
        let mut failure =
            Failure::new(FailureKind::Bug, format!("{} did not answer as keystone does", config.auth_url))
                .hint("Is auth_url right? It often ends in :5000/v3 or /identity/v3");
        failure.place = Some(PLACE.to_owned());
        return Err(failure);
    };
    Ok(Grant { secret, body, received: now, answered: http.now(), generation })
}

/// Keystone says the same of a wrong password and of a project without a role: say what it may be. Its 404 is never ours:
/// whoever asked for a server must not hear that the server is not found.
fn refused(config: &CloudConfig, failure: Failure) -> Failure {
    match (&config.method, failure.kind) {
        // So it calls a token that it does not know.
        (Method::Token(_), FailureKind::NotFound) | (_, FailureKind::Auth | FailureKind::Forbidden) => {
            unproven(config, failure)
        }
        (_, FailureKind::NotFound) => Failure { kind: FailureKind::Usage, ..failure }
            .hint("Is auth_url right? It often ends in :5000/v3 or /identity/v3"),
        _ => failure,
    }
}

fn unproven(config: &CloudConfig, failure: Failure) -> Failure {
    let method = config.method.sign_in();
    let whom = method.whom();
    let said = failure.message.clone();
    let message = format!("Cloud {} refuses {whom}", config.name);
    let hint = method.why_refused(&config.scope);
    Failure { kind: FailureKind::Auth, message, causes: vec![said], hints: Vec::new(), ..failure }.hint(hint)
}
