//! A token that is no good any more while an operation runs: it has expired, or somebody has taken it back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use stackdeck::base::clock::Timestamp;
use stackdeck::operation::record::{Pause, Wait};
use stackdeck::operation::{Event, Operation, Record};
use tokio::time::{Instant, sleep};

use super::bench::{Bench, CLOUD, DEADLINE};
use super::daemon::Daemon;
use super::held::begun;
use super::other::Other;
use super::rig::Rig;
use super::{config, connect};

/// The tokens that are kept in the home: secret, and expiry.
fn kept(bench: &Bench) -> Vec<(String, Timestamp)> {
    let folder = bench.home.path().join(".cache/stackdeck/tokens");
    let files = std::fs::read_dir(&folder).expect("the kept tokens").map(|entry| entry.expect("an entry").path());
    let tokens = files.filter(|path| path.to_string_lossy().contains("/token-"));
    let read = |file: PathBuf| {
        let kept: Value = serde_json::from_slice(&std::fs::read(file).expect("the token")).expect("JSON");
        let text = |pointer: &str| kept.pointer(pointer).and_then(Value::as_str).expect("text").to_owned();
        (text("/value/secret"), text("/value/body/expires_at").parse().expect("a time"))
    };
    tokens.map(read).collect()
}

/// The token that the shell has signed in with, and its worker with it.
fn handed_over(bench: &Bench) -> (String, Timestamp) {
    // On a slow machine a brief one has been renewed meanwhile.
    kept(bench).into_iter().min_by_key(|(_, expires)| *expires).expect("a token is kept")
}

/// The worker has got another one.
fn assert_renewed(bench: &Bench, first: &str) {
    assert!(kept(bench).iter().any(|(secret, _)| secret != first), "nobody has signed in again");
}

/// Restarts all by that cloud; returns when Nova is at the first, which then stays in its task state for so long.
async fn start_held(bench: &Bench, cloud: &str, long: Duration) {
    let held = bench.rig.hold_reboots(long).await;
    bench.run_on(cloud, &bench.line("restart", &["--yes"])).with_code(0);
    begun(bench, &bench.servers[0]).await;
    drop(held);
}

/// Takes a token back. Nova would trust what it knows of it for five minutes more, and keystone what it has just read:
/// all that is kept beside the database goes.
async fn take_back(bench: &Bench, token: &str) {
    bench.admin.revoke(token).await;
    let mut memcached = TcpStream::connect("127.0.0.1:11211").expect("memcached");
    let mut refusals = 0;
    let began = Instant::now();
    // Whoever was just asking may put it back after Nova has refused it once.
    while refusals < 3 {
        assert!(began.elapsed() < DEADLINE, "Nova does not forget a token");
        if bench.other.status_with(token).await == 401 {
            refusals += 1;
            sleep(Duration::from_millis(100)).await;
        } else {
            refusals = 0;
            write!(memcached, "flush_all\r\n").expect("a request");
            BufReader::new(&memcached).read_line(&mut String::new()).expect("an answer");
        }
    }
}

fn is_paused(records: &[Record]) -> bool {
    matches!(records.last().map(|record| &record.event), Some(Event::Paused { pause: Pause::Credentials, .. }))
}

/// One worker from the beginning to the end, that never lost sight of the cloud.
fn assert_undisturbed(operation: &Operation, records: &[Record]) {
    assert_eq!(operation.claims, 1);
    let disturbed =
        |event: &Event| matches!(event, Event::Paused { .. } | Event::Waiting { wait: Wait::Blind | Wait::Lost, .. });
    assert!(!records.iter().any(|record| disturbed(&record.event)), "{records:#?}");
}

async fn assert_once_each(bench: &Bench, operation: &Operation) {
    bench.assert_traced(operation).await;
    for server in &bench.servers {
        assert_eq!(bench.times(server, "reboot").await, 1, "{server}");
    }
    bench.assert_audited();
}

#[tokio::test]
async fn a_token_that_expires_in_the_middle_is_renewed() {
    let Some(rig) = Rig::here() else { return };
    let mut keystone = Daemon::brief_keystone(&rig, 12);
    let bench = Bench::of(3).await.expect("the same rig");
    bench.add_cloud(&format!(
        "  brief:\n    auth:\n      auth_url: http://127.0.0.1:{}/v3\n      username: demo\n      password: rig\n      \
         project_name: demo\n      user_domain_name: Default\n      project_domain_name: Default\n    \
         region_name: RegionOne\n",
        keystone.port
    ));
    keystone.ready();
    start_held(&bench, "brief", Duration::from_secs(13)).await;
    let (first, expires) = handed_over(&bench);
    let operation = bench.done_after(None).await;
    let records = bench.records();
    let reached = records.iter().find(|record| matches!(record.event, Event::Reached { .. })).expect("an end");
    assert!(reached.at > expires, "the token has expired in the middle");
    assert_renewed(&bench, &first);
    assert_undisturbed(&operation, &records);
    assert_once_each(&bench, &operation).await;
}

#[tokio::test]
async fn a_token_that_is_taken_back_in_the_middle_is_renewed() {
    let Some(bench) = Bench::of(3).await else { return };
    start_held(&bench, CLOUD, Duration::from_secs(10)).await;
    let (first, _) = handed_over(&bench);
    take_back(&bench, &first).await;
    let operation = bench.done_after(None).await;
    assert_renewed(&bench, &first);
    assert_undisturbed(&operation, &bench.records());
    assert_once_each(&bench, &operation).await;
}

/// Somebody who has nothing but a token.
fn token_alone(token: &str) -> String {
    format!(
        "  token:\n    auth_type: token\n    auth:\n      auth_url: http://127.0.0.1:5000/v3\n      token: {token}\n      \
         project_name: demo\n      project_domain_name: Default\n    region_name: RegionOne\n"
    )
}

#[tokio::test]
async fn an_operation_whose_token_cannot_be_renewed_waits_for_another_one() {
    let Some(bench) = Bench::of(3).await else { return };
    bench.add_cloud(&token_alone(bench.other.token()));
    start_held(&bench, "token", Duration::from_secs(10)).await;
    // First the one that renews: the worker asks several times a second.
    take_back(&bench, bench.other.token()).await;
    take_back(&bench, &handed_over(&bench).0).await;
    let records = bench.records_when("it pauses", is_paused).await;
    let called = records.iter().filter(|record| matches!(record.event, Event::Announced(_))).count();
    assert_eq!(called, 1, "{records:#?}");
    let shown = bench.run(&["operations", "show", "last"]).with_code(0).out;
    assert!(shown.contains("paused: credentials"), "{shown}");
    let refused = bench.run(&["operations", "resume", "last", "--wait"]).with_code(3);
    assert!(refused.err.contains("Cloud token refuses the holder of the token"), "{refused:?}");
    assert_eq!(bench.records().len(), records.len(), "nothing was asked with a token that is no good");

    let again = Other::sign_in(&config(CLOUD).expect("the rig"), &connect(CLOUD).await.expect("the rig")).await;
    bench.add_cloud(&token_alone(again.token()));
    bench.run(&["operations", "resume", "last", "--wait"]).with_code(0);
    let operation = bench.done_after(None).await;
    assert_eq!(operation.claims, 2);
    assert_once_each(&bench, &operation).await;
}
