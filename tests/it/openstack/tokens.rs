//! How often we sign in: exactly as often as the token's life demands.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use stackdeck::base::clock::Clock;
use stackdeck::base::failure::FailureKind;
use stackdeck::openstack::auth::application_credential::{ApplicationCredential, Which};
use stackdeck::openstack::auth::password::User;
use stackdeck::openstack::auth::token::Token;
use stackdeck::openstack::auth::totp::Totp;
use stackdeck::openstack::auth::{DomainRef, Method};
use stackdeck::openstack::{Cloud, ConnectError, ConnectOptions, ServiceType};

use super::stub::{HOUR, Reply, Stub, answer, config, connect, get, grant, nova, options, read, start};
use crate::support::folder::Folder;

/// A cloud whose tokens are numbered; the script sees every other request and the number of the newest token.
async fn numbered(life: Duration, script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Stub {
    let logins = AtomicUsize::new(0);
    Stub::serve(move |request| match request.path.as_str() {
        "/v3/auth/tokens" => {
            let number = logins.fetch_add(1, Ordering::SeqCst) + 1;
            grant(request, &format!("token-{number}"), life, &[("alarming", "/v2")])
        }
        "/compute/v2.1/" => nova("2.93"),
        _ => script(request.header("x-auth-token").unwrap_or_default(), logins.load(Ordering::SeqCst)),
    })
    .await
}

fn unauthorized() -> Reply {
    answer(
        401,
        &json!({"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}),
    )
}

#[tokio::test]
async fn logins_follow_the_tokens_life_and_never_loop() {
    // Renewed when a tenth of the life is left: 4 hours hold so many lives, and the first sign-in comes on top.
    for (minutes, logins) in [(5, 54), (30, 9), (60, 5)] {
        let stub = numbered(Duration::from_secs(minutes * 60), |_, _| answer(200, &json!({}))).await;
        let clock = Clock::manual(start());
        let options = ConnectOptions { clock: clock.clone(), ..options() };
        let cloud = Cloud::connect(&config(&stub), options).await.expect("sign-in");
        for _ in 0..480 {
            clock.advance(Duration::from_secs(30));
            cloud.read(get("/servers")).await.expect("an answer");
        }
        assert_eq!(stub.logins(), logins, "tokens of {minutes} minutes");
    }
}

#[tokio::test]
async fn a_token_that_is_dead_on_arrival_makes_no_loop() {
    let stub = numbered(Duration::ZERO, |_, _| answer(200, &json!({}))).await;
    let cloud = connect(&stub).await;
    for _ in 0..20 {
        cloud.read(get("/servers")).await.expect("an answer");
    }
    assert_eq!(stub.logins(), 1);
}

#[tokio::test]
async fn a_revoked_token_is_renewed_once_for_ten_who_wait() {
    let revoked = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&revoked);
    let stub = numbered(HOUR, move |token, _| match token {
        "token-1" if now.load(Ordering::SeqCst) => unauthorized(),
        _ => answer(200, &json!({})),
    })
    .await;
    let cloud = connect(&stub).await;
    cloud.read(get("/servers")).await.expect("an answer");
    revoked.store(true, Ordering::SeqCst);
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let cloud = cloud.clone();
            tokio::spawn(async move { cloud.read(get("/servers")).await })
        })
        .collect();
    for read in waiting {
        read.await.expect("no panic").expect("an answer after the renewal");
    }
    assert_eq!(stub.logins(), 2);
    let refused = stub.seen().iter().filter(|request| request.header("x-auth-token") == Some("token-1")).count();
    assert!(stub.count("/compute/v2.1/servers") <= 1 + 10 + 10, "each is repeated once: {refused} were refused");
}

#[tokio::test]
async fn a_401_that_means_forbidden_costs_one_login_in_all() {
    let stub = numbered(HOUR, |_, _| {
        answer(401, &json!({"error_message": {"faultcode": "Client", "faultstring": "You are not authorized to create action: log://", "debuginfo": null}}))
    })
    .await;
    let cloud = connect(&stub).await;
    for _ in 0..5 {
        let failure = cloud.read(read(ServiceType("alarming"), "/alarms")).await.expect_err("refused");
        assert_eq!(failure.kind, FailureKind::Forbidden);
        assert_eq!(failure.message, "You are not authorized to create action: log://");
    }
    assert_eq!(stub.logins(), 2, "one to find out that the token is not at fault");
    assert_eq!(stub.count("/v2/alarms"), 6, "one of the five was repeated");
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_living_token_in_use() {
    let logins = AtomicUsize::new(0);
    let stub = Stub::serve(move |request| match request.path.as_str() {
        "/v3/auth/tokens" if logins.fetch_add(1, Ordering::SeqCst) == 0 => grant(request, "token-1", HOUR, &[]),
        "/v3/auth/tokens" => answer(500, &json!({"error": {"code": 500, "message": "down", "title": "x"}})),
        "/compute/v2.1/" => nova("2.93"),
        _ => answer(200, &json!({})),
    })
    .await;
    let clock = Clock::manual(start());
    let options = ConnectOptions { clock: clock.clone(), ..options() };
    let cloud = Cloud::connect(&config(&stub), options).await.expect("sign-in");
    clock.advance(Duration::from_secs(55 * 60));
    for _ in 0..10 {
        cloud.read(get("/servers")).await.expect("the old token is still good");
    }
    assert_eq!(stub.logins(), 2, "keystone is left alone for a while");
    clock.advance(Duration::from_secs(6 * 60));
    let failure = cloud.read(get("/servers")).await.expect_err("now it is over");
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Retry, "down"));
}

#[tokio::test]
async fn a_kept_token_is_private_and_can_be_switched_off() {
    let stub = numbered(HOUR, |_, _| answer(200, &json!({}))).await;
    let home = Folder::new();
    let folder = home.path().join("tokens");
    let clock = Clock::manual(start());
    let kept = || ConnectOptions { token_cache: Some(folder.clone()), clock: clock.clone(), ..options() };
    let cloud = Cloud::connect(&config(&stub), kept()).await.expect("sign-in");
    cloud.read(get("/servers")).await.expect("an answer");
    assert_eq!(fs::metadata(&folder).expect("the folder").permissions().mode() & 0o777, 0o700);
    let files = two_files(&folder).await;
    for file in &files {
        assert_eq!(fs::metadata(file).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    let before = stub.seen().len();
    let again = Cloud::connect(&config(&stub), kept()).await.expect("the kept token");
    again.read(get("/servers")).await.expect("an answer");
    assert_eq!(stub.seen().len() - before, 1, "neither sign-in nor discovery");

    let mut other = config(&stub);
    other.scope = stackdeck::openstack::auth::Scope::System;
    Cloud::connect(&other, kept()).await.expect("sign-in");
    assert_eq!(stub.logins(), 2, "another scope is another token");
    for file in &files {
        fs::write(file, "{ torn").expect("written");
    }
    Cloud::connect(&config(&stub), kept()).await.expect("sign-in");
    assert_eq!(stub.logins(), 3, "a torn file is no file");
    clock.advance(Duration::from_secs(58 * 60));
    Cloud::connect(&config(&stub), kept()).await.expect("sign-in");
    assert_eq!(stub.logins(), 4, "a kept token near its end is not used");
    Cloud::connect(&config(&stub), ConnectOptions { token_cache: None, ..kept() }).await.expect("sign-in");
    assert_eq!(stub.logins(), 5, "switched off");
}

#[tokio::test]
async fn a_token_of_somebody_else_is_another_key_and_a_new_sign_in_may_be_wanted() {
    let stub = numbered(HOUR, |_, _| answer(200, &json!({}))).await;
    let home = Folder::new();
    let kept = || ConnectOptions { token_cache: Some(home.path().join("tokens")), ..options() };
    let given = |text: &str| {
        let mut config = config(&stub);
        config.method = Method::Token(Token(text.to_owned().into()));
        config
    };
    Cloud::connect(&given("anna's"), kept()).await.expect("sign-in");
    Cloud::connect(&given("anna's"), kept()).await.expect("the kept token");
    assert_eq!(stub.logins(), 1);
    Cloud::connect(&given("bo's"), kept()).await.expect("sign-in");
    assert_eq!(stub.logins(), 2, "what was got for one token is not used for another");
    let anew = ConnectOptions { anew: true, ..kept() };
    Cloud::connect(&given("bo's"), anew).await.expect("sign-in");
    assert_eq!(stub.logins(), 3, "the kept one may be no good");
    let text = std::fs::read_dir(home.path().join("tokens")).expect("a folder").map(|entry| {
        let path = entry.expect("a file").path();
        fs::read_to_string(&path).unwrap_or_default()
    });
    assert!(text.into_iter().all(|text| !text.contains("anna's") && !text.contains("bo's")), "the key is no secret");
}

#[tokio::test]
async fn a_token_that_was_handed_over_goes_before_a_kept_one() {
    let stub = numbered(HOUR, |token, _| answer(200, &json!({ "by": token }))).await;
    let home = Folder::new();
    let kept = || ConnectOptions { token_cache: Some(home.path().join("tokens")), ..options() };
    Cloud::connect(&config(&stub), kept()).await.expect("sign-in");
    let other = Cloud::connect(&config(&stub), options()).await.expect("sign-in");
    let grant = Some(other.grant());
    let worker = Cloud::connect(&config(&stub), ConnectOptions { grant, ..kept() }).await.expect("a token");
    let answer = worker.read(get("/servers")).await.expect("an answer");
    let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!((stub.logins(), &body["by"]), (2, &json!("token-2")));
}

/// Keystone says 404 of a token that it does not know: read as an answer about a server, that server would be gone.
#[tokio::test]
async fn a_dead_token_never_says_that_a_server_is_gone() {
    for status in [404, 403, 401] {
        let logins = AtomicUsize::new(0);
        let stub = Stub::serve(move |request| match request.path.as_str() {
            "/v3/auth/tokens" if logins.fetch_add(1, Ordering::SeqCst) == 0 => grant(request, "first", HOUR, &[]),
            "/v3/auth/tokens" => {
                answer(status, &json!({"error": {"code": status, "message": "Failed to validate token"}}))
            }
            "/compute/v2.1/" => nova("2.93"),
            _ => unauthorized(),
        })
        .await;
        let mut config = config(&stub);
        config.method = Method::Token(Token("given".to_owned().into()));
        let cloud = Cloud::connect(&config, options()).await.expect("sign-in");
        let failure = cloud.read(get("/servers/f473")).await.expect_err("no token");
        assert_eq!(failure.kind, FailureKind::Auth, "{status}: {failure:?}");
        assert_eq!(failure.causes, ["Failed to validate token"], "{status}");
    }
}

#[tokio::test]
async fn a_keystone_that_is_not_there_says_nothing_of_a_server_either() {
    let stub = Stub::serve(|_| answer(404, &json!({"error": {"code": 404, "message": "Not here"}}))).await;
    let Err(ConnectError::Failed(failure)) = Cloud::connect(&config(&stub), options()).await else { panic!("no") };
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Usage, "Not here"));
    assert!(failure.hints[0].contains("auth_url"));
}

/// Token and versions, and nothing left aside. The versions are written behind the read's back.
async fn two_files(folder: &Path) -> Vec<PathBuf> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
        let files: Vec<PathBuf> = entries.collect();
        if files.len() == 2 && files.iter().all(|file| file.extension().is_some_and(|end| end == "json")) {
            return files;
        }
        assert!(Instant::now() < deadline, "{files:?}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_scope_is_sent_unless_the_credential_has_its_own() {
    let stub = numbered(HOUR, |_, _| answer(200, &json!({}))).await;
    let mut config = config(&stub);
    Cloud::connect(&config, options()).await.expect("sign-in");
    config.method = Method::Token(Token("given".to_owned().into()));
    Cloud::connect(&config, options()).await.expect("sign-in");
    let which = Which::Id("c1".into());
    config.method = Method::ApplicationCredential(ApplicationCredential { which, secret: "s".to_owned().into() });
    Cloud::connect(&config, options()).await.expect("sign-in");
    let bodies: Vec<serde_json::Value> = stub
        .seen()
        .iter()
        .filter(|r| r.path == "/v3/auth/tokens")
        .map(|r| serde_json::from_str(&r.body).expect("JSON"))
        .collect();
    assert_eq!(bodies[0]["auth"]["scope"], json!({"project": {"name": "shop", "domain": {"name": "Default"}}}));
    assert_eq!(bodies[0]["auth"]["identity"]["methods"], json!(["password"]));
    assert_eq!(bodies[1]["auth"]["identity"]["token"], json!({"id": "given"}));
    assert!(bodies[1]["auth"]["scope"].is_object());
    assert_eq!(bodies[2]["auth"]["identity"]["application_credential"], json!({"id": "c1", "secret": "s"}));
    assert_eq!(bodies[2]["auth"].get("scope"), None);
}

#[tokio::test]
async fn a_passcode_is_asked_for_and_serves_once() {
    let stub = numbered(HOUR, |_, _| answer(200, &json!({}))).await;
    let mut config = config(&stub);
    let user = User::Name("alice".into(), DomainRef::Name("Default".into()));
    config.method = Method::Totp(Totp { user, passcode: None });
    match Cloud::connect(&config, options()).await {
        Err(ConnectError::PasswordWanted { whom }) => {
            assert!(whom.starts_with("alice of domain Default (TOTP passcode)"), "{whom}");
        }
        other => panic!("{other:?}"),
    }
    let typed = ConnectOptions { password: Some("012345".to_owned().into()), ..options() };
    Cloud::connect(&config, typed).await.expect("sign-in");
    let seen = stub.seen();
    let body: serde_json::Value = serde_json::from_str(&seen[0].body).expect("JSON");
    // As keystone's plugin reads it: the passcode stands within the user.
    let user = json!({"name": "alice", "domain": {"name": "Default"}, "passcode": "012345"});
    assert_eq!(body["auth"]["identity"], json!({"methods": ["totp"], "totp": {"user": user}}));
    assert_eq!(body["auth"]["scope"], json!({"project": {"name": "shop", "domain": {"name": "Default"}}}));
}

#[tokio::test]
async fn what_is_not_keystone_is_said() {
    let stub = Stub::serve(|_| answer(200, &json!({"hello": 1}))).await;
    let Err(ConnectError::Failed(failure)) = Cloud::connect(&config(&stub), options()).await else { panic!("no") };
    assert_eq!(failure.message, format!("{}/v3 did not answer as keystone does", stub.url));
    assert!(failure.hints[0].contains("auth_url"));
}

#[tokio::test]
async fn a_token_tells_what_time_it_is_in_the_cloud() {
    let stub = super::stub::cloud_stub(|_| super::stub::answer(200, &serde_json::json!({}))).await;
    let cloud = super::stub::connect(&stub).await;
    let issued = "2026-01-01T00:00:00Z".parse().expect("a time");
    assert_eq!(cloud.session().issued, Some((issued, super::stub::start())));
}
