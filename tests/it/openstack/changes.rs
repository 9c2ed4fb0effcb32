//! The calls that change a cloud: what is sent, once, and what is not sent at all.

use serde_json::{Value, json};
use stackdeck::base::failure::FailureKind;
use stackdeck::base::id::InstanceId;
use stackdeck::openstack::Cloud;
use stackdeck::operation::change::{Boot, Claim, FixedIp, Made, Member, NewPort, NewServer, Rebuild, Refusal, Sealed};
use stackdeck::operation::{Change, Outcome};
use stackdeck::store::AppendError;

use super::stub::{HOUR, Reply, Request, Stub, answer, connect, grant, nova};
use crate::support::permits::{enclosing, permit};

const SERVICES: [(&str, &str); 3] = [("network", "/network"), ("load-balancer", "/lb"), ("image", "/image")];

/// A cloud with this Nova and this Octavia; what changes it is the script's.
async fn cloud(compute: &'static str, balancing: &'static str, script: fn(&Request) -> Reply) -> (Stub, Cloud) {
    let stub = Stub::serve(move |request| match (request.method.as_str(), request.path.as_str()) {
        (_, "/v3/auth/tokens") => grant(request, "token-1", HOUR, &SERVICES),
        (_, "/compute/v2.1/") => nova(compute),
        (_, "/lb/") => answer(200, &json!({"versions": [{"id": "v2.0"}, {"id": balancing}]})),
        (_, "/network/") => answer(200, &json!({"versions": [{"id": "v2.0"}]})),
        (_, "/image/") => answer(300, &json!({"versions": [{"id": "v2.15"}]})),
        _ => script(request),
    })
    .await;
    let cloud = connect(&stub).await;
    (stub, cloud)
}

fn changing(stub: &Stub) -> Vec<Request> {
    stub.seen().into_iter().filter(|one| one.method != "GET" && !one.path.starts_with("/v3/auth")).collect()
}

/// Makes a change against a new cloud, and tells what was sent: method, path, microversion and body.
async fn sent(change: Change, text: Option<&str>) -> (String, String, Option<String>, Value) {
    let (stub, cloud) = cloud("2.96", "v2.26", |_| answer(202, &json!({}))).await;
    let outcome = cloud.perform(enclosing(change, text).expect("announced")).await;
    assert!(matches!(outcome, Outcome::Accepted { status: 202, .. }), "{outcome:?}");
    let [one] = <[Request; 1]>::try_from(changing(&stub)).expect("one request");
    let version = one.header("openstack-api-version").map(str::to_owned);
    let body = serde_json::from_str(&one.body).unwrap_or(Value::Null);
    (one.method.clone(), one.path.clone(), version, body)
}

fn member() -> Member {
    Member {
        address: "10.0.0.7".into(),
        port: 8080,
        subnet: Some("subnet-1".into()),
        weight: 0,
        admin_state_up: true,
        backup: false,
        name: "sd-1".into(),
        tags: vec!["sd-1".into()],
        monitor_address: None,
        monitor_port: Some(9000),
    }
}

fn server() -> NewServer {
    NewServer {
        name: "sd-1".into(),
        boot: Boot::Image("image-1".into()),
        flavor: "2".into(),
        ports: vec!["port-1".into()],
        key: None,
        metadata: [("service".to_owned(), "payments".to_owned())].into(),
        tags: Vec::new(),
        group: None,
        zone: None,
        description: None,
        user_data: None,
        config_drive: false,
    }
}

#[tokio::test]
async fn members_are_sent_whole() {
    let whole = json!({"address": "10.0.0.7", "protocol_port": 8080, "subnet_id": "subnet-1", "weight": 0, "name": "sd-1",
        "admin_state_up": true, "backup": false, "tags": ["sd-1"], "monitor_port": 9000});
    let add = Change::AddMember { pool: "pool-1".into(), member: Box::new(member()) };
    let (method, path, _, body) = sent(add, None).await;
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/lb/v2/lbaas/pools/pool-1/members"));
    assert_eq!(body, json!({"member": whole}));
    let many = Change::SetMembers { pool: "pool-1".into(), members: vec![member()] };
    let (method, path, _, body) = sent(many, None).await;
    assert_eq!((method.as_str(), path.as_str()), ("PUT", "/lb/v2/lbaas/pools/pool-1/members?additive_only=true"));
    assert_eq!(body, json!({"members": [whole]}));
}

#[tokio::test]
async fn of_a_member_only_what_changes_is_sent() {
    let set = |weight, admin_state_up| Change::SetMember {
        pool: "pool-1".into(),
        member: "member-1".into(),
        weight,
        admin_state_up,
    };
    for (change, wanted) in [
        (set(Some(0), None), json!({"weight": 0})),
        (set(None, Some(false)), json!({"admin_state_up": false})),
        (set(Some(9), Some(true)), json!({"weight": 9, "admin_state_up": true})),
    ] {
        let (method, path, _, body) = sent(change, None).await;
        assert_eq!((method.as_str(), path.as_str()), ("PUT", "/lb/v2/lbaas/pools/pool-1/members/member-1"));
        assert_eq!(body, json!({"member": wanted}));
    }
    let remove = Change::RemoveMember { pool: "pool-1".into(), member: "../x".into() };
    let (method, path, _, body) = sent(remove, None).await;
    assert_eq!((method.as_str(), path.as_str()), ("DELETE", "/lb/v2/lbaas/pools/pool-1/members/..%2Fx"));
    assert_eq!(body, Value::Null);
    let switch = Change::SwitchListener { listener: "listener-1".into(), pool: "pool-2".into() };
    let (method, path, _, body) = sent(switch, None).await;
    assert_eq!((method.as_str(), path.as_str()), ("PUT", "/lb/v2/lbaas/listeners/listener-1"));
    assert_eq!(body, json!({"listener": {"default_pool_id": "pool-2"}}));
}

/// An Octavia that does not know `additive_only` would remove all others.
#[tokio::test]
async fn an_octavia_that_is_too_old_gets_no_batch() {
    for version in ["v2.10", "v2.9", "v2"] {
        let (stub, cloud) = cloud("2.93", version, |_| answer(202, &json!({}))).await;
        let many = Change::SetMembers { pool: "pool-1".into(), members: vec![member()] };
        let outcome = cloud.perform(permit(many)).await;
        let Outcome::Refused { why: Refusal::Unsupported, failure } = outcome else { panic!("{version}: {outcome:?}") };
        assert!(failure.message.starts_with("This needs load-balancer v2.11"), "{failure:?}");
        assert!(changing(&stub).is_empty(), "{version}: nothing was sent");
    }
}

#[tokio::test]
async fn a_server_is_made_at_the_lowest_microversion_that_has_all() {
    let plain = json!({"name": "sd-1", "flavorRef": "2", "networks": [{"port": "port-1"}], "imageRef": "image-1",
        "metadata": {"service": "payments"}});
    let (method, path, version, body) = sent(Change::CreateServer(Box::new(server())), None).await;
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/compute/v2.1/servers"));
    assert_eq!((version.as_deref(), body), (Some("compute 2.1"), json!({"server": plain})));

    let described = NewServer { description: Some("by stackdeck".into()), ..server() };
    assert_eq!(sent(Change::CreateServer(Box::new(described)), None).await.2.as_deref(), Some("compute 2.19"));

    let secret = "#cloud-config\n";
    let rich = NewServer {
        boot: Boot::NewVolume { image: "image-1".into(), size: 20, delete_on_termination: true, kind: None },
        key: Some("ops".into()),
        tags: vec!["sd-1".into()],
        group: Some("group-1".into()),
        zone: Some("az-2".into()),
        user_data: Some(Sealed::of(secret)),
        config_drive: true,
        ..server()
    };
    let (_, _, version, body) = sent(Change::CreateServer(Box::new(rich)), Some(secret)).await;
    let mapping = json!({"boot_index": 0, "uuid": "image-1", "source_type": "image", "destination_type": "volume",
        "volume_size": 20, "delete_on_termination": true});
    let inner = json!({"name": "sd-1", "flavorRef": "2", "networks": [{"port": "port-1"}], "metadata": {"service": "payments"},
        "block_device_mapping_v2": [mapping], "key_name": "ops", "tags": ["sd-1"], "availability_zone": "az-2",
        "user_data": "I2Nsb3VkLWNvbmZpZwo=", "config_drive": true});
    assert_eq!(version.as_deref(), Some("compute 2.52"));
    assert_eq!(body, json!({"server": inner, "os:scheduler_hints": {"group": "group-1"}}));
}

#[tokio::test]
async fn a_rebuild_says_what_it_needs() {
    let plain = || Rebuild {
        server: "server-1".into(),
        image: "image-2".into(),
        metadata: [("a".to_owned(), "b".to_owned())].into(),
        description: None,
        user_data: None,
        volume_backed: false,
    };
    let (method, path, version, body) = sent(Change::Rebuild(Box::new(plain())), None).await;
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/compute/v2.1/servers/server-1/action"));
    assert_eq!(version.as_deref(), Some("compute 2.1"));
    assert_eq!(body, json!({"rebuild": {"imageRef": "image-2", "metadata": {"a": "b"}}}));
    let described = Rebuild { description: Some("d".into()), ..plain() };
    assert_eq!(sent(Change::Rebuild(Box::new(described)), None).await.2.as_deref(), Some("compute 2.19"));
    let seeded = Rebuild { user_data: Some(Sealed::of("x")), ..plain() };
    let (_, _, version, body) = sent(Change::Rebuild(Box::new(seeded)), Some("x")).await;
    assert_eq!((version.as_deref(), &body["rebuild"]["user_data"]), (Some("compute 2.57"), &json!("eA==")));
    let on_volume = Change::Rebuild(Box::new(Rebuild { volume_backed: true, ..plain() }));
    assert_eq!(sent(on_volume.clone(), None).await.2.as_deref(), Some("compute 2.93"));

    let (stub, cloud) = cloud("2.92", "v2.26", |_| answer(202, &json!({}))).await;
    let outcome = cloud.perform(permit(on_volume)).await;
    assert!(matches!(outcome, Outcome::Refused { why: Refusal::Unsupported, .. }), "{outcome:?}");
    assert!(changing(&stub).is_empty(), "it would keep the volume's content without a word");
}

#[tokio::test]
async fn ports_and_records_are_sent_as_they_were_planned() {
    let port = NewPort {
        network: "net-1".into(),
        name: "sd-1".into(),
        description: None,
        security_groups: Some(Vec::new()),
        fixed_ips: vec![FixedIp { subnet: "subnet-1".into(), address: Some("10.0.0.9".into()) }],
    };
    let (method, path, _, body) = sent(Change::CreatePort(Box::new(port)), None).await;
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/network/v2.0/ports"));
    let fixed = json!([{"subnet_id": "subnet-1", "ip_address": "10.0.0.9"}]);
    let wanted = json!({"network_id": "net-1", "name": "sd-1", "security_groups": [], "fixed_ips": fixed});
    assert_eq!(body, json!({ "port": wanted }));

    let claim = Claim {
        image: "image-9".into(),
        name: "sd-lease payments".into(),
        properties: [("sd_holder".to_owned(), "anna".to_owned())].into(),
        tags: vec!["sd-lease".into()],
    };
    let (method, path, _, body) = sent(Change::ClaimLease(claim), None).await;
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/image/v2/images"));
    let wanted = json!({"id": "image-9", "name": "sd-lease payments", "visibility": "private", "tags": ["sd-lease"],
        "sd_holder": "anna"});
    assert_eq!(body, wanted);

    let (stub, cloud) = cloud("2.96", "v2.26", |_| answer(200, &json!({}))).await;
    let properties = [("sd_expires".to_owned(), "2026".to_owned())].into();
    let renewed = cloud.perform(permit(Change::RenewLease { image: "image-9".into(), properties })).await;
    assert!(matches!(renewed, Outcome::Accepted { status: 200, .. }), "{renewed:?}");
    let [patch] = <[Request; 1]>::try_from(changing(&stub)).expect("one request");
    assert_eq!((patch.method.as_str(), patch.path.as_str()), ("PATCH", "/image/v2/images/image-9"));
    assert_eq!(patch.header("content-type"), Some("application/openstack-images-v2.1-json-patch"));
    assert_eq!(patch.body, r#"[{"op":"replace","path":"/sd_expires","value":"2026"}]"#);
}

/// Whatever comes back or not, a create is sent once.
#[tokio::test]
async fn nothing_is_made_twice() {
    type Script = fn(&Request) -> Reply;
    let replies: [(Script, &str); 6] = [
        (|_| Reply::Reset, "lost"),
        (|_| Reply::Cut, "lost"),
        (|_| answer(500, &json!({})), "lost"),
        (|_| answer(503, &json!({})), "lost"),
        (|_| answer(504, &json!({})), "lost"),
        (|_| answer(429, &json!({})), "unsent"),
    ];
    for (number, (reply, wanted)) in replies.into_iter().enumerate() {
        let (stub, cloud) = cloud("2.93", "v2.26", reply).await;
        let outcome = cloud.perform(permit(Change::CreateServer(Box::new(server())))).await;
        let class = match &outcome {
            Outcome::Lost { .. } => "lost",
            Outcome::Unsent { .. } => "unsent",
            _ => "else",
        };
        assert_eq!((class, changing(&stub).len()), (wanted, 1), "{number}: {outcome:?}");
    }
}

#[tokio::test]
async fn what_was_made_is_told_and_its_password_is_not() {
    let reply = |_: &Request| answer(202, &json!({"server": {"id": "server-9", "adminPass": "hunter2-4711"}}));
    let (_stub, cloud) = cloud("2.93", "v2.26", reply).await;
    let outcome = cloud.perform(permit(Change::CreateServer(Box::new(server())))).await;
    assert_eq!(outcome.made(), Some(&Made::Server("server-9".into())));
    let kept = serde_json::to_string(&outcome).expect("JSON");
    assert!(!kept.contains("4711") && !format!("{outcome:?}").contains("4711"), "{kept}");
    assert_eq!(serde_json::from_str::<Outcome>(&kept).expect("it reads"), outcome);
}

/// Nova repeats a body that it does not understand.
#[tokio::test]
async fn user_data_is_in_no_failure() {
    let reply = |request: &Request| {
        let text = format!("Invalid input for field/attribute server. Value: {}. 'x' is too long", request.body);
        answer(400, &json!({"badRequest": {"code": 400, "message": text}}))
    };
    let secret = "s3cr3t-of-the-guest-4711";
    let new =
        NewServer { name: "s".into(), metadata: Default::default(), user_data: Some(Sealed::of(secret)), ..server() };
    let (_stub, cloud) = cloud("2.93", "v2.26", reply).await;
    let permit = enclosing(Change::CreateServer(Box::new(new)), Some(secret)).expect("announced");
    assert!(!format!("{permit:?}").contains("4711"), "nor in its permit");
    let outcome = cloud.perform(permit).await;
    let Outcome::Refused { why: Refusal::Other, failure } = outcome else { panic!("{outcome:?}") };
    assert_eq!(failure.message, "What the cloud said repeats the user data, and is not kept");
}

/// A digest without its text, a text without its digest, another text: none of them is even announced.
#[test]
fn only_what_was_planned_is_enclosed() {
    let sealed = || {
        let new = NewServer { user_data: Some(Sealed::of("planned")), ..server() };
        Change::CreateServer(Box::new(new))
    };
    let plain = || Change::CreateServer(Box::new(server()));
    for (change, text) in [(sealed(), None), (sealed(), Some("changed")), (plain(), Some("planned"))] {
        let refused = enclosing(change, text).expect_err("refused");
        let AppendError::Failed(failure) = refused else { panic!("{refused:?}") };
        assert_eq!(failure.kind, FailureKind::Conflict);
        assert!(!failure.message.contains("planned\"") && !failure.message.contains("changed\""), "{failure:?}");
    }
    assert!(enclosing(sealed(), Some("planned")).is_ok() && enclosing(plain(), None).is_ok());
}

/// Records of a program that knew five calls still read.
#[test]
fn records_of_before_read_as_ever() {
    for text in [
        r#"{"call":"reboot","server":"7d3c","how":"soft"}"#,
        r#"{"call":"stop","server":"7d3c"}"#,
        r#"{"call":"lock","server":"7d3c","reason":null}"#,
    ] {
        let change: Change = serde_json::from_str(text).expect("it reads");
        assert_eq!(serde_json::to_string(&change).expect("JSON"), text);
        assert_eq!(change.server().map(InstanceId::as_str), Some("7d3c"));
    }
    let accepted = r#"{"outcome":"accepted","status":202,"request_id":"req-1","took":"312ms"}"#;
    let outcome: Outcome = serde_json::from_str(accepted).expect("it reads");
    assert_eq!(outcome.made(), None);
    assert_eq!(serde_json::to_string(&outcome).expect("JSON"), accepted);
}
