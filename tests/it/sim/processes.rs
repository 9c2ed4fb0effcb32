//! The simulated cloud as a process of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use stackdeck::sim::Scenario;
use stackdeck::sim::process::{Attached, Demo, start_or_attach};

use super::client::Client;
use crate::support::folder::Folder;

fn demo(dir: &Folder, scenario: Scenario, idle: Duration) -> Demo {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_stackdeck"));
    Demo { program, folder: dir.path().join(scenario.name()), scenario, instances: 20, rate: 20.0, idle }
}

/// Ends a demo when its test ends, however it ends.
struct Ending(String);

impl Ending {
    fn of(attached: &Attached) -> Self {
        Self(attached.address.to_string())
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        use std::io::{Read as _, Write as _};
        if let Ok(mut stream) = std::net::TcpStream::connect(&self.0) {
            let _gone = stream
                .write_all(b"POST /sim/end HTTP/1.1\r\nHost: sim\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _gone = stream.read_to_end(&mut Vec::new());
        }
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} did not come to be");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_demo_is_started_once_and_found_again() {
    let dir = Folder::new();
    let first = start_or_attach(&demo(&dir, Scenario::Quiet, Duration::from_secs(60))).unwrap();
    let _end = Ending::of(&first);
    assert!(first.started);
    let again = start_or_attach(&demo(&dir, Scenario::Quiet, Duration::from_secs(60))).unwrap();
    assert_eq!((again.started, again.address, &again.clouds), (false, first.address, &first.clouds));
    assert_eq!(again.pace, first.pace);
    let text = std::fs::read_to_string(&first.clouds).unwrap();
    assert!(text.starts_with("# ") && text.contains("sim:") && text.contains(&first.address.to_string()), "{text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&first.clouds).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let health = Client::anonymous(first.address.to_string()).get("/sim/health").await.json();
    assert_eq!((health["instances"].as_u64(), health["rate"].as_f64()), (Some(20), Some(20.0)));
    let session = |pid: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().nth(3).unwrap().to_owned()
    };
    assert_ne!(session(&health["pid"].to_string()), session("self"), "it is in a session of its own");
    let other = start_or_attach(&demo(&dir, Scenario::Busy, Duration::from_secs(60))).unwrap();
    let _end_too = Ending::of(&other);
    assert_ne!(other.address, first.address, "another scenario is another process");
}

#[test]
fn clouds_that_start_together_do_not_answer_for_each_others_guests() {
    let dir = Folder::new();
    let all = [Scenario::Quiet, Scenario::Busy, Scenario::DailyPeak, Scenario::SlowApi];
    let demos = all.map(|scenario| demo(&dir, scenario, Duration::from_secs(60)));
    let start = |demo| std::thread::spawn(move || start_or_attach(&demo).unwrap());
    let started: Vec<Attached> = demos.map(start).into_iter().map(|starting| starting.join().unwrap()).collect();
    let _ends: Vec<Ending> = started.iter().map(Ending::of).collect();
    let ports: std::collections::BTreeSet<u64> = started.iter().map(guests).collect();
    assert_eq!(ports.len(), all.len(), "each has a port of its own: {ports:?}");
}

fn guests(demo: &Attached) -> u64 {
    let card = std::fs::read(demo.clouds.with_file_name("sim.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&card).unwrap()["guests"].as_u64().unwrap()
}

#[tokio::test]
async fn a_demo_ends_when_nobody_asks_and_is_replaced_when_it_is_gone() {
    let dir = Folder::new();
    let wanted = demo(&dir, Scenario::Quiet, Duration::from_millis(300));
    let first = start_or_attach(&wanted).unwrap();
    until("the demo's end", || !first.clouds.exists()).await;
    let card = first.clouds.with_file_name("sim.json");
    assert!(!card.exists());
    // What a killed one leaves behind is found out.
    let stale = format!(
        r#"{{"address":"{}","pid":1,"build":"x","scenario":"quiet","instances":20,"rate":20.0,"origin":"2026-11-22T09:00:00Z"}}"#,
        first.address
    );
    std::fs::write(&card, stale).unwrap();
    let second = start_or_attach(&Demo { idle: Duration::from_secs(60), ..wanted }).unwrap();
    let _end = Ending::of(&second);
    assert!(second.started);
}

#[tokio::test]
async fn a_demo_of_another_build_is_replaced() {
    let dir = Folder::new();
    let wanted = demo(&dir, Scenario::Quiet, Duration::from_secs(60));
    let first = start_or_attach(&wanted).unwrap();
    let _end = Ending::of(&first);
    let card = first.clouds.with_file_name("sim.json");
    let text = std::fs::read_to_string(&card).unwrap();
    let build = text.lines().find(|line| line.contains("build")).unwrap().to_owned();
    std::fs::write(&card, text.replace(&build, "  \"build\": \"older\",")).unwrap();
    let second = start_or_attach(&wanted).unwrap();
    let _end_too = Ending::of(&second);
    assert!(second.started);
    assert!(std::net::TcpStream::connect(first.address).is_err(), "the old one has ended");
}

#[tokio::test]
async fn serving_alone_writes_clouds_and_takes_them_away_again() {
    let dir = Folder::new();
    let file = dir.path().join("clouds.yaml");
    let mut child = Command::new(env!("CARGO_BIN_EXE_stackdeck"))
        .args(["sim", "--scenario", "quiet", "--instances", "5", "--clouds"])
        .arg(&file)
        .env("HOME", dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    let address = line.trim().strip_prefix("Serving quiet at http://").unwrap().split('/').next().unwrap();
    assert!(std::fs::read_to_string(&file).unwrap().contains(address));
    assert_eq!(Client::anonymous(address).get("/compute/").await.status, 200);
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(!file.exists());
}
