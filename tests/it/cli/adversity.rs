//! What may happen to the real binary while it changes something: its state folder cannot be written or is a newer
//! program's, its own file is replaced, the clock is set, the disk fills up, others do the same at the same time.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use stackdeck::base::clock::Clock;

use super::changing::{instances, quick, text};
use super::operations::{kill, restart_two, show, slow};
use super::sim::Cloud;
use crate::support::process::{Ended, end, until};

const STATE: &str = ".local/state/stackdeck";
const NOBODY: u32 = 65_534;

fn state(cloud: &Cloud) -> PathBuf {
    cloud.home.path().join(STATE)
}

/// How often Nova was asked for a restart of this one, by its own history.
fn reboots(cloud: &Cloud, name: &str) -> usize {
    let (_, id) = instances(cloud, "batch").into_iter().find(|(known, _)| known == name).unwrap();
    let told = cloud.run(&["instance", &id, "-o", "json"]).with_code(0).json();
    told["history"]["value"].as_array().unwrap().iter().filter(|entry| entry["verb"] == "reboot").count()
}

/// Both were restarted, each by one call, and the records hold.
#[track_caller]
fn both_once(cloud: &Cloud, operation: &Value) {
    assert_eq!(operation["state"], "done", "{operation}");
    for target in operation["steps"].as_array().unwrap() {
        assert_eq!((&target["result"], &target["attempts"]), (&json!("done"), &json!(1)), "{target}");
    }
    assert_eq!([reboots(cloud, "batch-01"), reboots(cloud, "batch-02")], [1, 1]);
    cloud.run(&["audit", "--verify"]).with_code(0);
}

/// All files below a folder, and what is in them; but not where readers of the journal meet.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    let files =
        all.map(walkdir::DirEntry::into_path).filter(|file| file.extension().is_none_or(|ends| ends != "db-shm"));
    files.map(|file| (file.clone(), std::fs::read(&file).unwrap())).collect()
}

#[test]
fn a_newer_programs_state_folder_is_refused_and_left_alone() {
    let cloud = quick();
    cloud.run(&["lock", "batch-01", "--yes", "--wait"]).with_code(0);
    let journal = rusqlite::Connection::open(state(&cloud).join("journal.db")).unwrap();
    journal.pragma_update(None, "user_version", 2).unwrap();
    journal.pragma_update_and_check(None, "wal_checkpoint", "TRUNCATE", |_| Ok(())).unwrap();
    drop(journal);
    let before = files(&state(&cloud));
    let plan = cloud.run(&["unlock", "batch-01", "--plan", "-o", "json"]).with_code(7).json();
    assert_eq!(plan["plan"]["may_start"], false);
    for objection in
        [&text(&plan["plan"]["objections"][0]["text"]), &cloud.run(&["unlock", "batch-01", "--yes"]).with_code(7).err]
    {
        assert!(objection.contains("written by a newer Stackdeck: its format is 2, this one's is 1"), "{objection}");
    }
    for verb in ["resume", "abort"] {
        cloud.run(&["operations", verb, "last"]).with_code(7);
    }
    // What is there can be read.
    assert!(cloud.run(&["operations"]).with_code(0).out.contains("Lock batch-01"));
    cloud.run(&["audit", "--verify"]).with_code(0);
    assert_eq!(files(&state(&cloud)), before, "something was written");
    let told = cloud.run(&["instance", "batch-01", "-o", "json"]).with_code(0).json();
    assert!(!told["history"]["value"].to_string().contains("unlock"), "{told}");
}

/// The same command by somebody who may not write in the state folder.
fn by_nobody(cloud: &Cloud, arguments: &[&str]) -> Ended {
    let mut command = cloud.home.command();
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    end(command.args(arguments))
}

/// Lets nobody write in the state folder: root by not being root, anybody else by the mode.
fn seal(cloud: &Cloud) {
    let (root, state) = (rustix::process::geteuid().is_root(), state(cloud));
    for entry in walkdir::WalkDir::new(cloud.home.path()).into_iter().flatten() {
        if root {
            chown(entry.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    for entry in walkdir::WalkDir::new(&state).into_iter().flatten() {
        let mode = if entry.file_type().is_dir() { 0o500 } else { 0o400 };
        std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn a_state_folder_that_cannot_be_written_is_told_with_the_plan() {
    let cloud = quick();
    cloud.run(&["lock", "batch-01", "--yes", "--wait"]).with_code(0);
    seal(&cloud);
    let before = files(&state(&cloud));
    let plan = by_nobody(&cloud, &["unlock", "batch-01", "--plan", "-o", "json"]).with_code(7).json();
    let objection = text(&plan["plan"]["objections"][0]["text"]);
    assert!(objection.contains("journal.db cannot be written"), "{objection}");
    let refused = by_nobody(&cloud, &["unlock", "batch-01", "--yes"]).with_code(7);
    assert!(refused.err.contains("cannot be written"), "{}", refused.err);
    assert!(by_nobody(&cloud, &["operations"]).with_code(0).out.contains("Lock batch-01"), "it can be read");
    assert_eq!(files(&state(&cloud)), before);
    std::fs::set_permissions(state(&cloud), std::fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(cloud.run(&["instance", "batch-01", "-o", "json"]).with_code(0).json()["instance"]["locked"], true);
}

/// The binary under a name of its own, that may be replaced.
fn copied(cloud: &Cloud) -> PathBuf {
    let (from, to) = (env!("CARGO_BIN_EXE_stackdeck"), cloud.home.path().join("stackdeck"));
    // A link is as good as a copy, and a hundred megabytes cheaper; but not across file systems.
    if std::fs::hard_link(from, &to).is_err() {
        std::fs::copy(from, &to).unwrap();
    }
    to
}

fn command_of(cloud: &Cloud, program: &Path, arguments: &[&str]) -> Command {
    let plain = cloud.home.command();
    let mut command = Command::new(program);
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(cloud.home.path()).stdin(std::process::Stdio::null()).args(arguments);
    command
}

#[test]
fn a_binary_that_is_replaced_or_removed_does_not_disturb_its_workers() {
    for replaced in [true, false] {
        let cloud = slow();
        let program = copied(&cloud);
        let run = |arguments: &[&str]| end(&mut command_of(&cloud, &program, arguments));
        run(&["restart", "batch-01", "batch-02", "--yes"]).with_code(0);
        until("the first call to be accepted", || (show(&cloud)["steps"][0]["result"] == "accepted").then_some(()));
        cloud.home.supplant(&program, replaced);
        cloud.run(&["operations", "watch"]).with_code(0);
        both_once(&cloud, &show(&cloud));
    }
}

#[test]
fn a_worker_is_started_by_a_program_whose_file_is_gone() {
    let cloud = quick();
    let program = copied(&cloud);
    // It removes its own file as soon as it runs, and before it starts the worker: the shell becomes the program.
    let mut shell =
        command_of(&cloud, Path::new("/bin/sh"), &["-c", "exec 3<\"$0\"; rm \"$0\"; exec /proc/self/fd/3 \"$@\""]);
    let ended = end(shell.arg(&program).args(["lock", "batch-01", "--yes", "--wait"])).with_code(0);
    assert!(!program.exists(), "its file is gone");
    assert!(ended.out.contains("done"), "{}", ended.out);
}

#[test]
fn a_clock_that_was_set_between_two_workers_repeats_nothing_and_waits_for_nothing() {
    for shift in ["-PT50M", "PT50M"] {
        let cloud = slow();
        let running = restart_two(&cloud);
        kill(&running);
        until("the worker to be missed", || (show(&cloud)["state"] == "interrupted").then_some(()));
        // The next worker is told another time than the one before it, as after a clock was set.
        let wall = Clock::system().now();
        let set = wall + shift.parse::<jiff::SignedDuration>().unwrap();
        let (pace, folder) = (format!("--pace={wall}/{set}/1"), state(&cloud));
        let id = text(&running["id"]);
        cloud.run(&["worker", &id, "--state", &folder.display().to_string(), &pace]).with_code(0);
        let operation = show(&cloud);
        assert_eq!(operation["claims"], 2);
        both_once(&cloud, &operation);
    }
}

#[test]
fn of_two_workers_for_one_operation_the_second_leaves_again() {
    let cloud = slow();
    let running = restart_two(&cloud);
    let (id, folder) = (text(&running["id"]), state(&cloud).display().to_string());
    for _ in 0..2 {
        cloud
            .run(&["worker", &id, "--state", &folder, "--pace=2026-01-01T00:00:00Z/2026-01-01T00:00:00Z/1"])
            .with_code(0);
    }
    let resumed = cloud.run(&["operations", "resume", "last", "--wait"]).with_code(0);
    assert!(resumed.out.contains("drives it already"), "{}", resumed.out);
    let operation = show(&cloud);
    assert_eq!(operation["claims"], 1);
    both_once(&cloud, &operation);
}

#[test]
fn of_two_consoles_at_the_same_instances_one_is_refused_however_close_they_come() {
    let cloud = slow();
    let ended = std::thread::scope(|scope| {
        let one = scope.spawn(|| cloud.run(&["restart", "batch-01", "batch-02", "--yes", "--wait"]));
        let other = scope.spawn(|| cloud.run(&["restart", "batch-02", "batch-01", "--yes", "--wait"]));
        [one, other].map(|one| one.join().unwrap())
    });
    let refused: Vec<_> = ended.iter().filter(|ended| ended.code != Some(0)).collect();
    let [refused] = refused[..] else { panic!("{} were refused", refused.len()) };
    assert!(refused.err.contains("wait for its end, or abort it"), "{}", refused.err);
    assert_eq!([reboots(&cloud, "batch-01"), reboots(&cloud, "batch-02")], [1, 1]);
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn a_disk_that_fills_up_under_a_worker_stops_it_until_there_is_room() {
    let cloud = slow();
    // No file may grow beyond 48 KiB, or 96 where a shell counts in other blocks; the signal for that is ignored.
    let line = "trap '' XFSZ; ulimit -f 96; exec \"$0\" \"$@\"";
    let mut shell = command_of(&cloud, Path::new("/bin/sh"), &["-c", line, env!("CARGO_BIN_EXE_stackdeck")]);
    end(shell.args(["restart", "batch-01", "batch-02", "--yes"]));
    let stopped = until("the worker to give up", || Some(show(&cloud)).filter(|now| now["state"] != "running"));
    assert!(stopped["state"] == "interrupted" || stopped["state"] == "approved", "{stopped}");
    let log = state(&cloud).join(format!("operations/{}.log", text(&stopped["id"])));
    let said = std::fs::read_to_string(log).unwrap();
    assert!(said.contains("cannot be written"), "the worker's log tells why it stopped: {said}");
    cloud.run(&["operations", "resume", "last", "--wait"]).with_code(0);
    both_once(&cloud, &show(&cloud));
}
