//! Sign-in and the request path against the real cloud.

use serde_json::{Value, json};
use stackdeck::base::failure::FailureKind;
use stackdeck::openstack::auth::Method;
use stackdeck::openstack::auth::application_credential::{ApplicationCredential, Which};
use stackdeck::openstack::{Cloud, ConnectError, ConnectOptions, Microversion, Read, ServiceType, Wanted};

use super::{config, connect, options};

fn read(service: ServiceType, path: &str) -> Read {
    Read { service, path: path.to_owned(), query: Vec::new(), microversion: None, body: None }
}

fn servers() -> Read {
    let microversion = Some(Wanted { floor: Microversion(2, 1), best: Microversion(2, 100) });
    Read { microversion, query: vec![("limit".into(), "5".into())], ..read(ServiceType::COMPUTE, "/servers/detail") }
}

#[tokio::test]
async fn a_password_signs_in_and_reads() {
    let Some(cloud) = connect("rig-demo").await else { return };
    let facts = cloud.session();
    assert_eq!((facts.user.as_str(), facts.project.as_deref()), ("demo", Some("demo")));
    assert_eq!(facts.region, "RegionOne");
    assert!(facts.roles.iter().any(|role| role == "member"), "{facts:?}");
    let answer = cloud.read(servers()).await.expect("servers");
    assert_eq!(answer.microversion, Some(Microversion(2, 93)), "the rig's highest");
    assert!(answer.request_id.is_some() && answer.date.is_some());
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(body["servers"].as_array().expect("a list").len(), 5);
}

#[tokio::test]
async fn every_service_is_found_below_its_versioned_root() {
    let Some(cloud) = connect("rig-demo").await else { return };
    let paths = [
        (ServiceType::IMAGE, "/images"),
        (ServiceType::NETWORK, "/ports"),
        (ServiceType::LOAD_BALANCER, "/lbaas/loadbalancers"),
        (ServiceType("block-storage"), "/volumes"),
        (ServiceType("orchestration"), "/stacks"),
        (ServiceType("metric"), "/resource_type"),
        (ServiceType("alarming"), "/alarms"),
        (ServiceType::IDENTITY, "/auth/projects"),
    ];
    for (service, path) in paths {
        let answer = cloud.read(read(service, path)).await.unwrap_or_else(|failure| panic!("{service:?}: {failure:?}"));
        serde_json::from_slice::<Value>(&answer.body).expect("JSON");
    }
    let compute = cloud.endpoints().into_iter().find(|endpoint| endpoint.service_type == "image").expect("image");
    assert!(compute.used && compute.latency.is_some() && compute.requests_per_minute >= 1, "{compute:?}");
}

#[tokio::test]
async fn a_kept_token_needs_no_request_but_the_read() {
    let Some(config) = config("rig-demo") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let options = || ConnectOptions { token_cache: Some(folder.path().join("cache")), ..options() };
    let first = Cloud::connect(&config, options()).await.expect("sign-in");
    first.read(servers()).await.expect("servers");
    let mut without = config.clone();
    if let Method::Password(method) = &mut without.method {
        method.password = None;
    }
    let second = Cloud::connect(&without, options()).await.expect("the kept token");
    second.read(servers()).await.expect("servers");
    let identity =
        second.endpoints().into_iter().find(|endpoint| endpoint.service_type == "identity").expect("identity");
    assert_eq!(identity.requests_per_minute, 0);
}

#[tokio::test]
async fn an_application_credential_signs_in() {
    let Some(config) = config("rig-demo") else { return };
    let cloud = connect("rig-demo").await.expect("sign-in");
    let user = cloud.session().user_id;
    let http = reqwest::Client::new();
    let Method::Password(method) = &config.method else { panic!("a password") };
    let password = secrecy::ExposeSecret::expose_secret(method.password.as_ref().expect("a password"));
    let identity = json!({"methods": ["password"], "password": {"user": {"id": user.as_str(), "password": password}}});
    let scope = json!({"project": {"id": cloud.session().project_id.expect("a project").as_str()}});
    let auth = json!({"auth": {"identity": identity, "scope": scope}});
    let answer = http.post(format!("{}/auth/tokens", config.auth_url)).json(&auth).send().await.expect("a token");
    let token = answer.headers()["x-subject-token"].to_str().expect("text").to_owned();
    let url = format!("{}/users/{user}/application_credentials", config.auth_url);
    let name = format!("stackdeck-test-{:08x}", fastrand::u32(..));
    let made = http.post(&url).header("x-auth-token", &token).json(&json!({"application_credential": {"name": name}}));
    let made: Value = made.send().await.expect("an answer").json().await.expect("JSON");
    let made = &made["application_credential"];
    let text = |key: &str| made[key].as_str().expect("text").to_owned();

    let mut config = config.clone();
    let which = Which::Id(text("id"));
    config.method = Method::ApplicationCredential(ApplicationCredential { which, secret: text("secret").into() });
    let connected = Cloud::connect(&config, options()).await;
    let read = match &connected {
        Ok(cloud) => Some(cloud.read(servers()).await),
        Err(_) => None,
    };
    let elsewhere = Cloud::connect(&config, ConnectOptions { project: Some("small".into()), ..options() }).await;
    let deleted = http.delete(format!("{url}/{}", text("id"))).header("x-auth-token", &token).send().await;
    assert_eq!(deleted.expect("an answer").status().as_u16(), 204);
    assert_eq!(connected.expect("sign-in").session().project.as_deref(), Some("demo"));
    read.expect("signed in").expect("servers");
    let Err(ConnectError::Failed(failure)) = elsewhere else { panic!("its project is its own") };
    assert_eq!(failure.kind, FailureKind::Usage);
}

#[tokio::test]
async fn another_project_by_name_and_by_id() {
    let Some(config) = config("rig-demo") else { return };
    let there = ConnectOptions { project: Some("small".into()), ..options() };
    let by_name = Cloud::connect(&config, there).await.expect("sign-in").session();
    assert_eq!(by_name.project.as_deref(), Some("small"));
    let id = by_name.project_id.expect("an id").to_string();
    let by_id = Cloud::connect(&config, ConnectOptions { project: Some(id), ..options() }).await.expect("sign-in");
    assert_eq!(by_id.session().project.as_deref(), Some("small"));
}

#[tokio::test]
async fn the_whole_system_is_a_scope() {
    let Some(cloud) = connect("rig-system").await else { return };
    let facts = cloud.session();
    assert!(facts.system && facts.project.is_none(), "{facts:?}");
    cloud.read(read(ServiceType::IDENTITY, "/services")).await.expect("an admin may");
}

#[tokio::test]
async fn a_wrong_password_says_what_may_be_wrong() {
    let Some(config) = config("rig-demo") else { return };
    let wrong = ConnectOptions { password: Some("not-it-4711".to_owned().into()), ..options() };
    let Err(ConnectError::Failed(failure)) = Cloud::connect(&config, wrong).await else { panic!("refused") };
    assert_eq!(failure.kind, FailureKind::Auth);
    assert_eq!(failure.message, "Cloud rig-demo refuses demo of domain Default");
    assert!(failure.request_id.is_some() && failure.hints[0].contains("password is wrong"), "{failure:?}");
    assert!(!format!("{failure:?}").contains("4711"));
}

#[tokio::test]
async fn a_missing_password_is_wanted() {
    let Some(mut config) = config("rig-demo") else { return };
    if let Method::Password(method) = &mut config.method {
        method.password = None;
    }
    let wanted = Cloud::connect(&config, options()).await.expect_err("wanted");
    let whom = "demo of domain Default on cloud rig-demo".to_owned();
    assert_eq!(wanted, ConnectError::PasswordWanted { whom });
    let typed = ConnectOptions { password: Some("rig".to_owned().into()), ..options() };
    Cloud::connect(&config, typed).await.expect("sign-in");
}

#[tokio::test]
async fn a_dead_endpoint_is_named() {
    let Some(mut config) = config("rig-demo") else { return };
    config.endpoint_overrides.insert("compute".into(), "http://127.0.0.1:9/v2.1".into());
    let cloud = Cloud::connect(&config, options()).await.expect("sign-in");
    let failure = cloud.read(servers()).await.expect_err("nobody listens");
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Retry, "Cannot connect to http://127.0.0.1:9"));
    config.auth_url = "http://127.0.0.1:9/v3".into();
    let Err(ConnectError::Failed(failure)) = Cloud::connect(&config, options()).await else { panic!("dead") };
    assert_eq!(failure.message, "Cannot connect to http://127.0.0.1:9");
}

#[tokio::test]
async fn a_reader_is_told_what_the_role_may_not() {
    let Some(cloud) = connect("rig-reader").await else { return };
    cloud.read(servers()).await.expect("a reader reads");
    let failure = cloud.read(read(ServiceType::COMPUTE, "/os-services")).await.expect_err("for admins");
    assert_eq!(failure.kind, FailureKind::Forbidden);
    assert!(failure.message.starts_with("Policy doesn't allow"), "{failure:?}");
    assert_eq!(failure.place.as_deref(), Some("GET compute /os-services"));
    assert!(failure.request_id.is_some());
}

#[tokio::test]
async fn html_and_json_refusals_are_sentences() {
    let Some(cloud) = connect("rig-demo").await else { return };
    let image = read(ServiceType::IMAGE, "/images/00000000-0000-0000-0000-000000000000");
    let failure = cloud.read(image).await.expect_err("no such image");
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(!failure.message.contains('<') && failure.message.contains("00000000"), "{failure:?}");
    let network = read(ServiceType::NETWORK, "/networks/00000000-0000-0000-0000-000000000000");
    let failure = cloud.read(network).await.expect_err("no such network");
    assert!(failure.message.contains("could not be found"), "{failure:?}");
}
