//! The journal among processes: many at once, killed ones, ones that may not write.
//!
//! The processes are this binary again: [`child`] is what they run, and what to do is in a variable.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use stackdeck::operation::Event;
use stackdeck::store::journal::Head;
use stackdeck::store::{Journal, Lease};

use super::{Folder, append, filled, id};
use crate::support::process::end;

const ROLE: &str = "STACKDECK_TEST_STORE";
const NOBODY: u32 = 65_534;

#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let [verb, number, count, state] = role.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{role}") };
    let (number, count, state) = (number.parse().unwrap(), count.parse().unwrap(), Path::new(state));
    match verb {
        "write" => write(state, number, count),
        "read" => match Journal::open_to_read(state) {
            Ok(Some(journal)) => say(&format!("read {}", journal.verify(None).unwrap().head)),
            Ok(None) => say("empty"),
            Err(failure) => say(&format!("failed {failure}")),
        },
        "hold" => {
            let _lease = Lease::take(state, &id(number)).unwrap().unwrap();
            say("returned 0");
            // Until it is killed, or whoever started it is gone.
            let _ = std::io::stdin().read_line(&mut String::new());
        }
        other => panic!("{other}"),
    }
}

/// On a line of its own; the test harness begins one and does not end it.
fn say(text: &str) {
    std::io::stdout().write_all(format!("\n{text}\n").as_bytes()).unwrap();
}

/// Says of each append that it has returned, before the next.
fn write(state: &Path, number: u32, count: u64) {
    let mut journal = match Journal::open(state) {
        Ok(journal) => journal,
        Err(failure) => return say(&format!("failed {failure}")),
    };
    for _ in 0..count {
        match append(&mut journal, number, &Event::Claimed { pid: std::process::id() }, None) {
            Ok(record) => say(&format!("returned {}", record.sequence)),
            Err(error) => return say(&format!("failed {error}")),
        }
    }
}

fn role(verb: &str, number: u32, count: u64, state: &Path) -> String {
    format!("{verb} {number} {count} {}", state.display())
}

/// This binary, as one of the processes; below a shell that sets a limit first.
fn command(before: &str, role: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &format!("{before} exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["store::processes::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn told<'a>(out: &'a str, word: &str) -> Vec<&'a str> {
    out.lines().filter_map(|line| line.strip_prefix(word)).map(str::trim).collect()
}

fn returned(out: &str) -> Vec<u64> {
    told(out, "returned ").iter().map(|number| number.parse().unwrap()).collect()
}

/// Reads until so many appends have returned.
fn wait_for(child: &mut Child, count: usize) -> (BufReader<std::process::ChildStdout>, String) {
    let (mut reader, mut out) = (BufReader::new(child.stdout.take().unwrap()), String::new());
    while returned(&out).len() < count {
        assert_ne!(reader.read_line(&mut out).unwrap(), 0, "it has ended: {out}");
    }
    (reader, out)
}

#[test]
fn three_processes_append_at_once_without_gap_or_loss() {
    let folder = Folder::new();
    let started: Vec<Child> =
        (1..=3).map(|number| command("", &role("write", number, 100, &folder.state())).spawn().unwrap()).collect();
    let mut all = Vec::new();
    for child in started {
        let out = child.wait_with_output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        let sequences = returned(&out);
        assert_eq!(sequences.len(), 100, "{out}{err}");
        assert!(sequences.is_sorted());
        all.extend(sequences);
    }
    all.sort_unstable();
    assert_eq!(all, (1..=300).collect::<Vec<u64>>());
    let journal = Journal::open_to_read(&folder.state()).unwrap().unwrap();
    assert_eq!(journal.verify(None).unwrap().head.sequence, 300);
    assert!((1..=3).all(|number| journal.records(&id(number)).unwrap().len() == 100));
}

#[test]
fn threads_append_at_once_from_an_empty_folder() {
    let folder = Folder::new();
    std::thread::scope(|scope| {
        for number in 1..=3 {
            let folder = &folder;
            scope.spawn(move || {
                let mut journal = folder.journal();
                for last in 0..20 {
                    append(&mut journal, number, &Event::Resumed, None)
                        .unwrap_or_else(|error| panic!("{number} after {last}: {error:?}"));
                }
            });
        }
    });
    assert_eq!(folder.journal().verify(None).unwrap().head.sequence, 60);
}

#[test]
fn what_an_append_returned_for_survives_a_kill() {
    let folder = Folder::new();
    let mut kept = 0;
    for round in 1..=3 {
        let mut child = command("", &role("write", round, u64::MAX, &folder.state())).spawn().unwrap();
        let (mut reader, mut out) = wait_for(&mut child, 5);
        child.kill().unwrap();
        std::io::Read::read_to_string(&mut reader, &mut out).unwrap();
        child.wait().unwrap();
        let sequences = returned(&out);
        let mut journal = folder.journal();
        let head = journal.verify(None).unwrap().head.sequence;
        let last = *sequences.last().unwrap();
        assert!(head == last || head == last + 1, "returned up to {last}, kept up to {head}");
        assert_eq!(sequences, (kept + 1..=last).collect::<Vec<u64>>());
        kept = append(&mut journal, 9, &Event::Resumed, None).unwrap().sequence;
        assert_eq!(kept, head + 1);
    }
}

#[test]
fn a_disk_that_takes_no_more_leaves_nothing_half_there() {
    let folder = Folder::new();
    drop(filled(&folder));
    // A file may not grow beyond 32 KiB, or 64 where a shell counts in other blocks; the signal for that is ignored.
    let out = end(&mut command("trap '' XFSZ; ulimit -f 64;", &role("write", 3, 100_000, &folder.state()))).out;
    let failed = told(&out, "failed ");
    assert!(failed.len() == 1 && failed[0].contains("cannot be written: the disk"), "{out}");
    let sequences = returned(&out);
    assert!(!sequences.is_empty(), "{out}");
    let mut journal = folder.journal();
    assert_eq!(journal.verify(None).unwrap().head.sequence, *sequences.last().unwrap());
    let next = append(&mut journal, 3, &Event::Resumed, sequences.last().copied()).unwrap();
    assert_eq!(next.sequence, sequences.last().unwrap() + 1);
    journal.verify(None).unwrap();
}

/// Lets nobody write in the folder: as root, by being nobody; as anybody else, by the mode.
fn seal(folder: &Folder) -> Option<u32> {
    let root = rustix::process::geteuid().is_root();
    let state = folder.state();
    let files = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().path());
    for (path, mode) in files.map(|file| (file, 0o400)).chain([(state.clone(), 0o500)]) {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        if root {
            chown(&path, Some(NOBODY), None).unwrap();
        }
    }
    if root {
        chown(state.parent().unwrap(), Some(NOBODY), None).unwrap();
    }
    root.then_some(NOBODY)
}

fn as_user(user: Option<u32>, role: &str) -> String {
    let mut command = command("", role);
    if let Some(user) = user {
        command.uid(user).current_dir("/");
    }
    end(&mut command).out
}

/// Opens the folder again, so that it can be removed.
fn unseal(folder: &Folder) {
    fs::set_permissions(folder.state(), fs::Permissions::from_mode(0o700)).unwrap();
}

fn reads(folder: &Folder, head: &Head) {
    let user = seal(folder);
    let read = as_user(user, &role("read", 1, 0, &folder.state()));
    let written = as_user(user, &role("write", 1, 1, &folder.state()));
    unseal(folder);
    assert_eq!(told(&read, "read "), [head.to_string()], "{read}");
    let failed = told(&written, "failed ");
    assert!(failed.len() == 1 && failed[0].contains("read-only for you"), "{written}");
}

#[test]
fn a_folder_that_cannot_be_written_can_be_read() {
    let folder = Folder::new();
    let head = filled(&folder).head().unwrap();
    reads(&folder, &head);
}

#[test]
fn a_folder_that_cannot_be_written_can_be_read_with_what_a_crash_has_left() {
    let (busy, folder) = (Folder::new(), Folder::new());
    let journal = filled(&busy);
    fs::create_dir(folder.state()).unwrap();
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        fs::copy(busy.state().join(name), folder.state().join(name)).unwrap();
    }
    assert!(fs::metadata(folder.state().join("journal.db-wal")).unwrap().len() > 0);
    reads(&folder, &journal.head().unwrap());
}

#[test]
fn a_lease_ends_with_its_process() {
    let folder = Folder::new();
    let mut child = command("", &role("hold", 1, 0, &folder.state())).spawn().unwrap();
    let _out = wait_for(&mut child, 1);
    assert!(Lease::take(&folder.state(), &id(1)).unwrap().is_none());
    let holder = Lease::holder(&folder.state(), &id(1)).unwrap().unwrap();
    assert_eq!(holder.pid, child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(Lease::holder(&folder.state(), &id(1)).unwrap(), None);
    assert!(Lease::take(&folder.state(), &id(1)).unwrap().is_some());
}
