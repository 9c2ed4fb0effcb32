//! Microversions: right for every Nova from 2.1 to 2.100, and never a 406.

use serde_json::json;
use stackdeck::base::failure::FailureKind;
use stackdeck::openstack::microversion::{choose, parse};
use stackdeck::openstack::{Cloud, ConnectOptions, Microversion, Read, ServiceType, Wanted};

use super::stub::{HOUR, Reply, Request, Stub, answer, config, get, grant, nova, options};
use crate::support::folder::Folder;

const COMPUTE: ServiceType = ServiceType::COMPUTE;

fn v(minor: u16) -> Microversion {
    Microversion(2, minor)
}

#[test]
fn every_nova_gets_what_it_takes() {
    for highest in 1..=100 {
        for floor in 1..=100 {
            for best in floor..=100 {
                let wanted = Wanted { floor: v(floor), best: v(best) };
                match choose(COMPUTE, wanted, Some((v(1), v(highest))), None) {
                    Ok(Some(chosen)) => {
                        assert!(chosen >= v(floor) && chosen <= v(highest) && chosen <= v(best));
                        assert!(chosen == v(best) || chosen == v(highest), "the best that both know");
                    }
                    Ok(None) => panic!("nova has microversions"),
                    Err(failure) => {
                        assert!(highest < floor, "{highest} {floor} {best}");
                        assert_eq!(failure.kind, FailureKind::Unsupported);
                    }
                }
            }
        }
    }
}

#[test]
fn a_failure_says_what_is_needed_and_what_there_is() {
    let wanted = Wanted { floor: v(26), best: v(90) };
    let failure = choose(COMPUTE, wanted, Some((v(1), v(25))), None).expect_err("too old");
    assert_eq!(failure.message, "This needs compute 2.26 to 2.90; this cloud offers 2.1 to 2.25");
    let newer = choose(COMPUTE, Wanted { floor: v(1), best: v(10) }, Some((v(40), v(99))), None).expect_err("too new");
    assert_eq!(newer.message, "This needs compute 2.1 to 2.10; this cloud offers 2.40 to 2.99");
}

#[test]
fn the_user_may_cap_it() {
    let range = Some((v(1), v(93)));
    let wanted = Wanted { floor: v(26), best: v(90) };
    assert_eq!(choose(COMPUTE, wanted, range, Some(v(60))), Ok(Some(v(60))));
    assert_eq!(choose(COMPUTE, wanted, range, Some(v(99))), Ok(Some(v(90))));
    let failure = choose(COMPUTE, wanted, range, Some(v(20))).expect_err("capped");
    assert_eq!(failure.message, "The configuration lets compute use 2.20 at most, and this needs 2.26");
    assert_eq!(failure.hints, ["Raise compute_default_microversion, or remove it"]);
}

#[test]
fn a_service_without_microversions_is_asked_without() {
    assert_eq!(choose(ServiceType::IMAGE, Wanted { floor: v(1), best: v(9) }, None, None), Ok(None));
    choose(ServiceType::IMAGE, Wanted { floor: v(2), best: v(9) }, None, None).expect_err("it has none");
}

#[test]
fn only_numbers_are_microversions() {
    assert_eq!(parse("2.90"), Some(v(90)));
    for wrong in ["", "2", "latest", "2.x", "v2.1", "2.1.3"] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
}

/// A nova whose highest microversion is this, which refuses what is above it as nova does.
async fn strict(highest: u16) -> Stub {
    Stub::serve(move |request| match request.path.as_str() {
        "/v3/auth/tokens" => grant(request, "token-1", HOUR, &[]),
        "/compute/v2.1/" => nova(&v(highest).to_string()),
        _ => refuse_above(request, highest),
    })
    .await
}

fn refuse_above(request: &Request, highest: u16) -> Reply {
    let sent = request.header("openstack-api-version").and_then(|text| parse(text.strip_prefix("compute ")?));
    match sent {
        Some(sent) if sent > v(highest) => answer(406, &json!({"computeFault": {"code": 406, "message": "too new"}})),
        _ => answer(200, &json!({})),
    }
}

fn list() -> Read {
    Read { microversion: Some(Wanted { floor: v(1), best: v(96) }), ..get("/servers") }
}

#[tokio::test]
async fn old_novas_are_told_in_their_own_header_too() {
    for (highest, sent, legacy) in [(1, 1, true), (26, 26, true), (27, 27, false), (100, 96, false)] {
        let stub = strict(highest).await;
        let cloud = Cloud::connect(&config(&stub), options()).await.expect("sign-in");
        let answer = cloud.read(list()).await.expect("an answer");
        assert_eq!(answer.microversion, Some(v(sent)));
        let request = stub.seen().pop().expect("a request");
        assert_eq!(request.header("openstack-api-version"), Some(format!("compute {}", v(sent)).as_str()));
        assert_eq!(request.header("x-openstack-nova-api-version").is_some(), legacy, "{highest}");
    }
}

#[tokio::test]
async fn a_cloud_that_went_back_is_looked_at_anew() {
    let folder = Folder::new();
    let kept = || ConnectOptions { token_cache: Some(folder.path().to_owned()), ..options() };
    let highest = std::sync::Arc::new(std::sync::atomic::AtomicU16::new(96));
    let now = std::sync::Arc::clone(&highest);
    let stub = Stub::serve(move |request| {
        let highest = now.load(std::sync::atomic::Ordering::SeqCst);
        match request.path.as_str() {
            "/v3/auth/tokens" => grant(request, "token-1", HOUR, &[]),
            "/compute/v2.1/" => nova(&v(highest).to_string()),
            _ => refuse_above(request, highest),
        }
    })
    .await;
    Cloud::connect(&config(&stub), kept()).await.expect("sign-in").read(list()).await.expect("an answer");
    highest.store(79, std::sync::atomic::Ordering::SeqCst);
    let cloud = Cloud::connect(&config(&stub), kept()).await.expect("sign-in");
    assert_eq!(cloud.read(list()).await.expect("an answer").microversion, Some(v(79)));
    assert_eq!(cloud.read(list()).await.expect("an answer").microversion, Some(v(79)));
    assert_eq!(stub.count("/compute/v2.1/servers"), 1 + 2 + 1);
}
