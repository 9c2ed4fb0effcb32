//! The one request path: what is sent again, what is not, and how far patience goes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use stackdeck::base::failure::FailureKind;
use stackdeck::openstack::{Cloud, CloudConfig, ConnectOptions, Limits, Read, ServiceType};

use super::stub::{Reply, Stub, answer, cloud_stub, config, connect, get, options, read, with};

/// Says `first` to the first request that is not sign-in or discovery, and 200 to all later ones.
async fn once(first: impl Fn() -> Reply + Send + Sync + 'static) -> (Stub, Cloud) {
    let sent = AtomicUsize::new(0);
    let stub = cloud_stub(move |_| match sent.fetch_add(1, Ordering::SeqCst) {
        0 => first(),
        _ => answer(200, &json!({"ok": true})),
    })
    .await;
    let cloud = connect(&stub).await;
    (stub, cloud)
}

#[tokio::test]
async fn passing_troubles_are_tried_again() {
    let troubles: [fn() -> Reply; 7] = [
        || Reply::Reset,
        || Reply::Cut,
        || answer(429, &json!({})),
        || answer(502, &json!({})),
        || answer(503, &json!({})),
        || answer(504, &json!({})),
        || with(503, "Retry-After", "0", ""),
    ];
    for (number, trouble) in troubles.into_iter().enumerate() {
        let (stub, cloud) = once(trouble).await;
        cloud.read(get("/servers")).await.unwrap_or_else(|failure| panic!("{number}: {failure:?}"));
        assert_eq!(stub.count("/compute/v2.1/servers"), 2, "{number}");
    }
}

#[tokio::test]
async fn a_read_by_post_may_be_repeated() {
    let (stub, cloud) = once(|| Reply::Reset).await;
    let body = Some(json!({"os-getConsoleOutput": {"length": 50}}));
    cloud.read(Read { body, ..get("/servers/1/action") }).await.expect("an answer");
    let posts: Vec<_> = stub.seen().into_iter().filter(|request| request.path.ends_with("/action")).collect();
    assert_eq!(posts.len(), 2);
    assert!(posts.iter().all(|post| post.method == "POST" && post.body.contains("os-getConsoleOutput")));
}

#[tokio::test]
async fn lasting_troubles_are_not() {
    for status in [400, 403, 404, 409, 500] {
        let (stub, cloud) = once(move || answer(status, &json!({}))).await;
        cloud.read(get("/servers")).await.expect_err("refused");
        assert_eq!(stub.count("/compute/v2.1/servers"), 1, "{status}");
    }
}

#[tokio::test]
async fn attempts_are_bounded() {
    let stub = cloud_stub(|_| answer(503, &json!({}))).await;
    let failure = connect(&stub).await.read(get("/servers")).await.expect_err("down");
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Retry, "compute answered 503"));
    assert_eq!(stub.count("/compute/v2.1/servers"), 3);
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let (_stub, cloud) = once(|| with(429, "Retry-After", "1", "")).await;
    let began = Instant::now();
    cloud.read(get("/servers")).await.expect("an answer");
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn nobody_waits_for_an_hour() {
    let (stub, cloud) = once(|| with(503, "Retry-After", "3600", "")).await;
    cloud.read(get("/servers")).await.expect_err("later");
    assert_eq!(stub.count("/compute/v2.1/servers"), 1);
}

#[tokio::test]
async fn cinders_quota_is_no_pause() {
    let says = r#"{"overLimit": {"code": 413, "message": "VolumeLimitExceeded: Maximum number of volumes allowed (3) exceeded", "retryAfter": "0"}}"#;
    let (stub, cloud) = once(move || with(413, "Retry-After", "0", says)).await;
    let failure = cloud.read(get("/volumes")).await.expect_err("quota");
    assert_eq!(failure.kind, FailureKind::Quota);
    assert_eq!(stub.count("/compute/v2.1/volumes"), 1);
}

#[tokio::test]
async fn a_hanging_service_is_given_up() {
    let stub = cloud_stub(|_| Reply::Hang).await;
    let read = Duration::from_millis(80);
    let limits = Limits { read, total: Duration::from_millis(400), attempts: 2, ..options().limits };
    let cloud = Cloud::connect(&config(&stub), ConnectOptions { limits, ..options() }).await.expect("sign-in");
    let failure = cloud.read(get("/servers")).await.expect_err("silence");
    assert_eq!(failure.kind, FailureKind::Retry);
    assert_eq!(failure.message, format!("{} has not answered for 0.08 s", stub.url));
    assert_eq!(failure.place.as_deref(), Some("GET compute /servers"));
}

#[tokio::test]
async fn who_lets_us_wait_is_known_before_it_is_given_up() {
    let stub = cloud_stub(|request| match request.path.as_str() {
        "/compute/v2.1/hangs" => Reply::Hang,
        _ => answer(200, &json!({})),
    })
    .await;
    let clock = stackdeck::base::clock::Clock::manual(super::stub::start());
    let limits = Limits { concurrency: 2, ..options().limits };
    let options = ConnectOptions { clock: clock.clone(), limits, ..options() };
    let cloud = Cloud::connect(&config(&stub), options).await.expect("sign-in");
    cloud.read(get("/servers")).await.expect("an answer");
    assert_eq!(cloud.silences(), []);
    let asked = |cloud: Cloud| tokio::spawn(async move { cloud.read(get("/hangs")).await });
    let reads: Vec<_> = (0..3).map(|_| asked(cloud.clone())).collect();
    let waited = async {
        while stub.count("/compute/v2.1/hangs") < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waited).await.expect("two are under way, one waits for its turn");
    clock.advance(Duration::from_secs(7));
    let silences = cloud.silences();
    assert_eq!(silences.len(), 1, "one for each endpoint: {silences:?}");
    assert_eq!((silences[0].service.as_str(), silences[0].place.as_str()), ("compute", "GET compute /hangs"));
    assert_eq!(silences[0].since, super::stub::start());
    for read in reads {
        read.abort();
        assert!(read.await.expect_err("given up").is_cancelled());
    }
    assert_eq!(cloud.silences(), []);
}

#[tokio::test]
async fn the_total_deadline_holds_for_all_attempts() {
    let stub = cloud_stub(|_| Reply::Hang).await;
    let limits = Limits { total: Duration::from_millis(150), ..options().limits };
    let cloud = Cloud::connect(&config(&stub), ConnectOptions { limits, ..options() }).await.expect("sign-in");
    let began = Instant::now();
    cloud.read(get("/servers")).await.expect_err("silence");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn requests_at_once_are_bounded() {
    let stub = cloud_stub(|_| Reply::Hang).await;
    let other = Stub::serve(|_| answer(200, &json!({}))).await;
    let overrides = [("network".to_owned(), format!("{}/v2.0", other.url))];
    let config = CloudConfig { endpoint_overrides: overrides.into(), ..config(&stub) };
    let limits = Limits { concurrency: 2, ..options().limits };
    let cloud = Cloud::connect(&config, ConnectOptions { limits, ..options() }).await.expect("sign-in");
    let reads: Vec<_> = (0..6)
        .map(|_| {
            let cloud = cloud.clone();
            tokio::spawn(async move { cloud.read(get("/flavors")).await })
        })
        .collect();
    let two = async {
        while stub.count("/compute/v2.1/flavors") < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), two).await.expect("two are under way");
    // Another endpoint has a bound of its own; while it answers so often, the others here could have come.
    for _ in 0..20 {
        cloud.read(read(ServiceType::NETWORK, "/ports")).await.expect("an answer");
    }
    assert_eq!(stub.count("/compute/v2.1/flavors"), 2, "the others wait for their turn");
    reads.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let stub = cloud_stub(|_| answer(200, &json!("x".repeat(3 << 20)))).await;
    let limits = Limits { body: 2 << 20, ..options().limits };
    let cloud = Cloud::connect(&config(&stub), ConnectOptions { limits, ..options() }).await.expect("sign-in");
    let failure = cloud.read(get("/servers")).await.expect_err("too big");
    assert_eq!(failure.message, "compute sent an answer of more than 2 MiB");
    assert_eq!(stub.count("/compute/v2.1/servers"), 1);
}

#[tokio::test]
async fn a_packed_body_is_unpacked() {
    const PACKED: [u8; 35] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 78, 45, 42, 75, 45, 42, 86, 178, 82, 136, 142, 173, 5, 0, 34, 10,
        41, 172, 15, 0, 0, 0,
    ];
    let stub = cloud_stub(|request| {
        assert_eq!(request.header("accept-encoding"), Some("gzip"));
        Reply::Answer { status: 200, headers: vec![("Content-Encoding", "gzip".into())], body: PACKED.to_vec() }
    })
    .await;
    let answer = connect(&stub).await.read(get("/servers")).await.expect("an answer");
    assert_eq!(answer.body, br#"{"servers": []}"#);
}

#[tokio::test]
async fn results_and_requests_carry_what_the_logs_need() {
    let stub = cloud_stub(|_| Reply::Answer {
        status: 200,
        headers: vec![
            ("X-Openstack-Request-Id", "req-0001".into()),
            ("Date", "Sun, 22 Nov 2026 08:24:26 GMT".into()),
            ("Link", "<http://x/next>; rel=\"next\"".into()),
        ],
        body: b"[]".to_vec(),
    })
    .await;
    let cloud = connect(&stub).await;
    let query = vec![("name".to_owned(), "^a b&c$".to_owned())];
    let answer = cloud.read(Read { query, ..get("/servers") }).await.expect("an answer");
    assert_eq!(answer.request_id.expect("theirs").as_str(), "req-0001");
    assert_eq!(answer.date.expect("a date").to_string(), "2026-11-22T08:24:26Z");
    assert_eq!(answer.link.as_deref(), Some("<http://x/next>; rel=\"next\""));
    let request = stub.seen().pop().expect("a request");
    assert_eq!(request.path, "/compute/v2.1/servers?name=%5Ea+b%26c%24");
    assert_eq!(request.header("x-auth-token"), Some("token-1"));
    assert_eq!(request.header("user-agent"), Some(concat!("stackdeck/", env!("CARGO_PKG_VERSION"))));
    let ours = request.header("x-openstack-request-id").expect("ours");
    assert!(ours.len() == 40 && ours.starts_with("req-") && ours.as_bytes()[18] == b'4', "{ours}");
}

#[tokio::test]
async fn a_redirect_keeps_the_token_on_its_own_host_only() {
    let elsewhere = Stub::serve(|_| answer(200, &json!({"there": true}))).await;
    let there = format!("{}/stolen", elsewhere.url);
    let stub = cloud_stub(move |request| match request.path.as_str() {
        "/compute/v2.1/near" => with(302, "Location", "/compute/v2.1/here", ""),
        "/compute/v2.1/far" => with(301, "Location", &there, ""),
        "/compute/v2.1/round" => with(302, "Location", "/compute/v2.1/round", ""),
        _ => answer(200, &json!({"here": true})),
    })
    .await;
    let cloud = connect(&stub).await;
    cloud.read(get("/near")).await.expect("an answer");
    assert_eq!(stub.seen().pop().expect("a request").header("x-auth-token"), Some("token-1"));
    cloud.read(get("/far")).await.expect("an answer");
    assert_eq!(elsewhere.seen().len(), 1);
    assert_eq!(elsewhere.seen()[0].header("x-auth-token"), None, "another port is another place");
    let failure = cloud.read(get("/round")).await.expect_err("no end");
    assert_eq!(failure.message, "compute redirects without end");
}

#[tokio::test]
async fn endpoints_tell_how_they_have_answered() {
    let stub = cloud_stub(|request| match request.path.as_str() {
        "/compute/v2.1/servers" => answer(200, &json!({})),
        _ => answer(404, &json!({"itemNotFound": {"code": 404, "message": "No such thing."}})),
    })
    .await;
    let clock = stackdeck::base::clock::Clock::manual(super::stub::start());
    let cloud =
        Cloud::connect(&config(&stub), ConnectOptions { clock: clock.clone(), ..options() }).await.expect("sign-in");
    for _ in 0..3 {
        cloud.read(get("/servers")).await.expect("an answer");
    }
    cloud.read(get("/nothing")).await.expect_err("not there");
    let compute = cloud.endpoints().remove(0);
    assert_eq!((compute.service_type.as_str(), compute.name.as_str()), ("compute", "the-compute"));
    assert_eq!(compute.requests_per_minute, 5, "discovery, three lists, one miss");
    assert!(compute.used && compute.latency.is_some());
    assert_eq!(compute.version.as_deref(), Some("v2.1"));
    let (failure, at) = compute.last_failure.expect("a failure");
    assert_eq!((failure.message.as_str(), at), ("No such thing", super::stub::start()));
    clock.advance(Duration::from_secs(61));
    assert_eq!(cloud.endpoints()[0].requests_per_minute, 0);
}
