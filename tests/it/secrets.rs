//! The search for secrets finds them: or all that it never found would prove nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Stdio;

use stackdeck::base::clock::Timestamp;
use stackdeck::operation::{Actor, Event, OperationId};
use stackdeck::store::Journal;
use stackdeck::store::journal::Entry;

use crate::support::folder::Folder;
use crate::support::process::{Home, until};
use crate::support::secrets;

/// The password of the simulated cloud, which every test knows.
const PASSWORD: &str = "night-shift";
/// What a token looks like.
const TOKEN: &str = "gAAAAABn-a-token-of-somebody";
/// A secret that stands in this folder's `clouds.yaml` alone.
const OWN: &str = "only-in-this-folder";

fn clouds(folder: &Path) {
    let text = format!("clouds:\n  a:\n    auth: {{username: u, application_credential_secret: \"{OWN}\"}}\n");
    std::fs::write(folder.join("clouds.yaml"), text).unwrap();
}

fn file(folder: &Path, name: &str, secret: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("something, {secret}, and more")).unwrap();
}

fn journal(folder: &Path, secret: &str) {
    let (operation, at) = (OperationId::new(Timestamp::UNIX_EPOCH, 7), Timestamp::UNIX_EPOCH);
    let by = Actor { ticket: Some(format!("CHG {secret}")), ..Actor::default() };
    let mut journal = Journal::open(&folder.join("state")).unwrap();
    journal.append(Entry { operation: &operation, at, by: &by, event: &Event::Resumed }, None).unwrap();
    // As a worker that was killed leaves it: what it wrote last is in the write-ahead log.
    std::mem::forget(journal);
}

#[test]
fn a_planted_secret_is_found_wherever_it_is_left() {
    for secret in [PASSWORD, TOKEN, OWN] {
        for plant in [
            (|folder, secret| file(folder, "state/stackdeck.log", secret)) as fn(&Path, &str),
            |folder, secret| file(folder, "state/operations/01ABC.log", secret),
            |folder, secret| file(folder, "cache/prod-00.snapshot", secret),
            |folder, secret| file(folder, "config/config.toml", secret),
            |folder, secret| file(folder, &format!("{secret}.txt"), "nothing"),
            journal,
        ] {
            let folder = Folder::new();
            clouds(&folder);
            assert_eq!(secrets::left_in(&folder), [""; 0], "nothing is planted yet");
            plant(&folder, secret);
            let found = secrets::left_in(&folder);
            assert!(!found.is_empty(), "{secret} was not found in {:?}", std::fs::read_dir(&folder).unwrap());
            assert!(
                !found.concat().contains(secret) || found.concat().contains(".txt"),
                "the report tells it: {found:?}"
            );
            let fails = catch_unwind(AssertUnwindSafe(|| drop(folder)));
            assert!(fails.is_err(), "a test with a secret in its folder fails by itself");
        }
    }
}

#[test]
fn what_people_write_themselves_and_kept_tokens_are_at_home() {
    let folder = Folder::new();
    clouds(&folder);
    for name in ["tokens/token-00ff.json", "openstack/clouds.yaml", "openstack/secure.yml"] {
        file(&folder, name, TOKEN);
        file(&folder, name, PASSWORD);
    }
    assert_eq!(secrets::left_in(&folder), [""; 0]);
}

#[test]
fn what_is_printed_is_searched() {
    for secret in [PASSWORD, TOKEN] {
        let fails = catch_unwind(|| secrets::none_in("standard output", format!("so: {secret}").as_bytes()));
        assert!(fails.is_err(), "{secret}");
    }
    secrets::none_in("standard output", b"nothing of that kind");
}

#[test]
fn the_arguments_of_our_processes_are_searched() {
    let home = Home::new();
    let mut command = home.command();
    command.args(["sim", "--scenario", "quiet", "--instances", "1", "--clouds"]).arg(home.path().join("clouds.yaml"));
    let mut child = command.arg("--rate").arg("1").stdout(Stdio::null()).spawn().unwrap();
    let line = until("the arguments of the process", || {
        // Between its fork and its exec a process has none.
        secrets::arguments().find(|(pid, _)| *pid == child.id()).map(|(_, line)| line).filter(|line| !line.is_empty())
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.windows(8).any(|part| part == b"--clouds"), "{}", String::from_utf8_lossy(&line));
    let fails = catch_unwind(|| secrets::none_in("arguments", b"stackdeck\0--password\0night-shift\0"));
    assert!(fails.is_err());
}

/// Pictures and screens are in the repository: what was drawn in a test, and what the documentation shows.
#[test]
fn no_secret_is_in_a_snapshot_or_a_picture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut searched = 0;
    for entry in walkdir::WalkDir::new(root.join("tests")).into_iter().chain(walkdir::WalkDir::new(root.join("docs"))) {
        let Ok(entry) = entry else { continue };
        let kept = entry.path().extension().is_some_and(|ends| ends == "snap" || ends == "svg" || ends == "txt");
        if kept && entry.file_type().is_file() {
            secrets::none_in(&entry.path().display().to_string(), &std::fs::read(entry.path()).unwrap());
            searched += 1;
        }
    }
    assert!(searched > 20, "{searched} snapshots were searched");
}

#[test]
fn every_folder_of_a_test_is_one_that_is_searched() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let sources = walkdir::WalkDir::new(&tests)
        .into_iter()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|ends| ends == "rs"));
    let making = ["temp", "file::"].concat();
    for entry in sources {
        let name = entry.path().strip_prefix(&tests).unwrap().to_string_lossy().into_owned();
        // A sign-in at the real cloud keeps tokens there and nothing else; what a worker is handed is written down.
        if ["support/folder.rs", "real/sign_in.rs", "worker/launch.rs"].contains(&name.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert!(!text.contains(&making), "{name} makes a folder that is not searched: use support::folder::Folder");
    }
}
