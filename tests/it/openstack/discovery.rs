//! Where services are, whatever catalog and version documents look like.

use serde_json::{Value, json};
use stackdeck::base::failure::FailureKind;
use stackdeck::openstack::clouds::Interface;
use stackdeck::openstack::{Cloud, ConnectError, ConnectOptions, Microversion, Read, ServiceType, Wanted};

use super::stub::{HOUR, Reply, Stub, answer, config, connect, get, grant, options, read, with};

/// A cloud with one more service; its discovery is the script's, all other paths answer.
async fn offering(kind: &'static str, path: &'static str, documents: &'static [(&'static str, &'static str)]) -> Stub {
    Stub::serve(move |request| {
        if request.path == "/v3/auth/tokens" {
            return grant(request, "token-1", HOUR, &[(kind, path)]);
        }
        match documents.iter().find(|(path, _)| *path == request.path) {
            Some((_, document)) => with(200, "Content-Type", "application/json", document),
            None if request.path.ends_with('/') => with(404, "Content-Type", "text/html", "<html>no</html>"),
            None => answer(200, &json!({})),
        }
    })
    .await
}

async fn asked(stub: &Stub, service: &'static str, path: &str) -> String {
    connect(stub).await.read(read(ServiceType(service), path)).await.expect("an answer");
    let seen = stub.seen();
    seen.iter().rfind(|request| request.path.ends_with(path)).expect("the read").path.clone()
}

#[tokio::test]
async fn an_unversioned_address_is_asked_and_inner_hosts_are_ignored() {
    let glance = r#"{"versions": [
        {"id": "v2.15", "status": "CURRENT", "links": [{"rel": "self", "href": "http://10.0.0.7:9292/v2/"}]},
        {"id": "v1.1", "status": "DEPRECATED", "links": [{"rel": "self", "href": "http://10.0.0.7:9292/v1/"}]}]}"#;
    let documents: &[(&str, &str)] = Box::leak(Box::new([("/image/", glance)]));
    let stub = offering("image", "/image", documents).await;
    assert_eq!(asked(&stub, "image", "/images").await, "/image/v2/images");
}

#[tokio::test]
async fn keystone_lists_its_versions_in_its_own_way() {
    let keystone = r#"{"versions": {"values": [{"id": "v3.14", "status": "stable",
        "links": [{"rel": "self", "href": "http://inner/v3/"}]}]}}"#;
    let documents: &[(&str, &str)] = Box::leak(Box::new([("/identity/", keystone)]));
    let stub = offering("identity", "/identity/", documents).await;
    assert_eq!(asked(&stub, "identity", "/projects").await, "/identity/v3/projects");
}

#[tokio::test]
async fn a_silent_service_is_where_it_always_is() {
    let usual = [
        ("image", "/images", "/v2/images"),
        ("network", "/ports", "/v2.0/ports"),
        ("load-balancer", "/lbaas/pools", "/v2/lbaas/pools"),
        ("metric", "/resource", "/v1/resource"),
        ("something-new", "/things", "/things"),
    ];
    for (kind, path, expected) in usual {
        let stub = offering(kind, "/svc", &[]).await;
        assert_eq!(asked(&stub, kind, path).await, format!("/svc{expected}"), "{kind}");
    }
}

#[tokio::test]
async fn a_version_in_the_catalog_is_believed() {
    for (kind, base) in [("network", "/net/v2.0"), ("image", "/v2"), ("orchestration", "/v1/p1")] {
        let stub = offering(kind, base, &[]).await;
        assert_eq!(asked(&stub, kind, "/things").await, format!("{base}/things"));
        let asked = stub.seen().iter().filter(|request| request.path.starts_with(base)).count();
        assert_eq!(asked, 1, "no discovery for {kind}");
    }
}

#[tokio::test]
async fn cinder_keeps_its_project_and_tells_its_range() {
    let cinder = r#"{"versions": [{"id": "v3.0", "status": "CURRENT", "version": "3.70", "min_version": "3.0",
        "links": [{"rel": "self", "href": "http://inner:8776/v3/"}]}]}"#;
    let documents: &[(&str, &str)] = Box::leak(Box::new([("/v3/", cinder)]));
    let stub = offering("volumev3", "/v3/p1", documents).await;
    let wanted = Some(Wanted { floor: Microversion(3, 3), best: Microversion(3, 60) });
    let service = ServiceType("block-storage");
    let volumes = Read { microversion: wanted, ..read(service, "/volumes") };
    let answer = connect(&stub).await.read(volumes).await.expect("an answer");
    assert_eq!(answer.microversion, Some(Microversion(3, 60)));
    let request = stub.seen().pop().expect("a request");
    assert_eq!(request.path, "/v3/p1/volumes");
    assert_eq!(request.header("openstack-api-version"), Some("volume 3.60"));
}

#[tokio::test]
async fn novas_range_is_found_at_the_unversioned_root_too() {
    let root = r#"{"versions": [{"id": "v2.0", "status": "SUPPORTED", "version": "", "min_version": "",
          "links": [{"rel": "self", "href": "http://inner/v2/"}]},
        {"id": "v2.1", "status": "CURRENT", "version": "2.79", "min_version": "2.1",
          "links": [{"rel": "self", "href": "http://inner/v2.1/"}]}]}"#;
    let documents: &[(&str, &str)] = Box::leak(Box::new([("/compute/", root)]));
    let stub = offering("image", "/v2", documents).await;
    let wanted = Some(Wanted { floor: Microversion(2, 26), best: Microversion(2, 96) });
    let answer = connect(&stub).await.read(Read { microversion: wanted, ..get("/servers") }).await.expect("an answer");
    assert_eq!(answer.microversion, Some(Microversion(2, 79)));
}

#[tokio::test]
async fn a_service_that_is_down_is_asked_again_later() {
    let down = std::sync::atomic::AtomicUsize::new(0);
    let stub = Stub::serve(move |request| match request.path.as_str() {
        "/v3/auth/tokens" => grant(request, "token-1", HOUR, &[("metric", "/metric")]),
        "/metric/" if down.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 3 => answer(503, &json!({})),
        "/metric/" => answer(200, &json!({"versions": [{"id": "v1.0", "status": "CURRENT", "links": [{"rel": "self", "href": "http://x/v1/"}]}]})),
        _ => answer(200, &json!({})),
    })
    .await;
    let cloud = connect(&stub).await;
    let resources = || read(ServiceType("metric"), "/resource");
    assert_eq!(cloud.read(resources()).await.expect_err("down").kind, FailureKind::Retry);
    cloud.read(resources()).await.expect("an answer");
    assert_eq!(stub.seen().pop().expect("a request").path, "/metric/v1/resource");
}

#[tokio::test]
async fn the_catalog_is_chosen_from_by_region_interface_and_override() {
    let stub = offering("network", "/v2.0", &[]).await;
    let mut config = config(&stub);
    let failure = connect(&stub).await.read(read(ServiceType::LOAD_BALANCER, "/x")).await.expect_err("none");
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert_eq!(failure.message, "The catalog of stub has no load-balancer in region RegionOne");

    let elsewhere = ConnectOptions { region: Some("RegionOen".into()), ..options() };
    let Err(ConnectError::Failed(failure)) = Cloud::connect(&config, elsewhere).await else { panic!("no such region") };
    assert_eq!(failure.message, "Cloud stub has no region RegionOen");
    assert_eq!(failure.hints, ["RegionOne may be meant"]);

    config.interfaces = vec![Interface::Admin, Interface::Internal];
    let cloud = Cloud::connect(&config, options()).await.expect("sign-in");
    assert_eq!(cloud.endpoints()[0].url, "http://10.255.0.1:1", "no admin endpoint: the next of the order");

    config.endpoint_overrides.insert("network".into(), format!("{}/mine/v2.0/", stub.url));
    let cloud = Cloud::connect(&config, options()).await.expect("sign-in");
    cloud.read(read(ServiceType::NETWORK, "/ports")).await.expect("an answer");
    assert_eq!(stub.seen().pop().expect("a request").path, "/mine/v2.0/ports");
}

#[tokio::test]
async fn a_token_without_catalog_can_still_ask_keystone() {
    let stub = Stub::serve(|request| match request.path.as_str() {
        "/v3/auth/tokens" => Reply::Answer {
            status: 201,
            headers: vec![("X-Subject-Token", "token-1".into())],
            body: json!({"token": {"user": {"id": "u1", "name": "alice"}}}).to_string().into(),
        },
        _ => answer(200, &Value::Null),
    })
    .await;
    let mut config = config(&stub);
    config.scope = stackdeck::openstack::auth::Scope::Unscoped;
    let cloud = Cloud::connect(&config, options()).await.expect("sign-in");
    assert_eq!(cloud.session().project, None);
    cloud.read(read(ServiceType::IDENTITY, "/auth/projects")).await.expect("an answer");
    let failure = cloud.read(get("/servers")).await.expect_err("no catalog");
    assert_eq!(failure.message, "The token is for no project, so it has no catalog");
}
