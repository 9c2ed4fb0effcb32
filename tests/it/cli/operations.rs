//! Operations and their records: listed, followed, resumed, aborted, audited.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::changing::{configure, instances, quick, text};
use super::sim::Cloud;
use crate::support::process::{Home, end, until};

/// A cloud in which a restart takes two seconds.
pub(super) fn slow() -> Cloud {
    let cloud = Cloud::at_rate("quiet", "20", "10");
    configure(&cloud, "");
    cloud
}

pub(super) fn show(cloud: &Cloud) -> Value {
    cloud.run(&["operations", "show", "-o", "json"]).with_code(0).json()["operation"].clone()
}

/// Starts to restart both, and returns when the first call is under way.
pub(super) fn restart_two(cloud: &Cloud) -> Value {
    let started = cloud.run(&["restart", "batch-01", "batch-02", "--yes", "-o", "json"]).with_code(0).json();
    assert_eq!(started["records"][0]["kind"], "approved");
    until("the first call to be accepted", || {
        let operation = show(cloud);
        (operation["steps"][0]["result"] == "accepted").then_some(operation)
    })
}

/// What the doctor says of a part of the state.
fn check<'a>(doctor: &'a Value, subject: &str) -> &'a Value {
    let mut of_state = doctor["checks"].as_array().unwrap().iter().filter(|check| check["part"] == "state");
    of_state.find(|check| check["subject"] == subject).unwrap_or_else(|| panic!("no {subject} in {doctor}"))
}

pub(super) fn kill(operation: &Value) {
    let pid = i32::try_from(operation["worker_pid"].as_i64().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

#[test]
fn a_killed_worker_is_interrupted_and_goes_on_without_repeating() {
    let cloud = slow();
    let running = restart_two(&cloud);
    assert_eq!((&running["state"], &running["claims"]), (&json!("running"), &json!(1)));
    kill(&running);
    until("the worker to be missed", || (show(&cloud)["state"] == "interrupted").then_some(()));
    let watched = cloud.run(&["operations", "watch"]).with_code(9);
    assert!(watched.err.contains("operations resume"), "{}", watched.err);
    let list = cloud.run(&["operations"]).with_code(0);
    assert!(list.out.contains("interrupted"), "{}", list.out);
    let doctor = cloud.run(&["doctor", "-o", "json"]).with_code(0).json();
    let found = check(&doctor, "operations");
    assert_eq!(found["verdict"], "warning", "{found}");
    assert!(found.to_string().contains("interrupted") && found.to_string().contains("operations resume"), "{found}");
    cloud.run(&["operations", "resume", "--read-only"]).with_code(5);
    let id = text(&running["id"]);
    let ended = cloud.run(&["operations", "resume", &id[20..], "--wait", "-o", "json"]).with_code(0).json();
    let operation = &ended["operation"];
    assert_eq!((&operation["state"], &operation["claims"]), (&json!("done"), &json!(2)));
    for target in operation["steps"].as_array().unwrap() {
        assert_eq!((&target["result"], &target["attempts"]), (&json!("done"), &json!(1)), "{target}");
        assert_eq!(target["request_ids"].as_array().unwrap().len(), 1, "called once: {target}");
    }
    let (_, id) = &instances(&cloud, "batch")[0];
    let history = cloud.run(&["instance", id, "-o", "json"]).with_code(0).json()["history"]["value"].clone();
    let reboots = history.as_array().unwrap().iter().filter(|entry| entry["verb"] == "reboot").count();
    assert_eq!(reboots, 1, "{history}");
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn a_worker_keeps_nothing_open_that_whoever_started_it_had_open() {
    let cloud = slow();
    let lock = cloud.home.write("rollout.lock", "");
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", "exec 9>>rollout.lock; exec \"$0\" restart batch-01 --yes"]).arg(env!("CARGO_BIN_EXE_stackdeck"));
    end(shell.env_clear().env("HOME", cloud.home.path()).current_dir(cloud.home.path())).with_code(0);
    let worker = until("the worker to run", || show(&cloud)["worker_pid"].as_i64());
    let open = std::fs::read_dir(format!("/proc/{worker}/fd")).expect("it runs for two seconds");
    let open: Vec<_> = open.filter_map(|one| std::fs::read_link(one.ok()?.path()).ok()).collect();
    assert!(!open.is_empty() && !open.contains(&lock), "{open:?}");
}

#[test]
fn an_abort_sees_the_call_to_its_end_and_begins_no_other() {
    let cloud = slow();
    restart_two(&cloud);
    let ended = cloud.run(&["operations", "abort", "last", "--wait"]).with_code(0);
    assert!(ended.out.contains("asks to abort"), "{}", ended.out);
    let operation = show(&cloud);
    assert_eq!(operation["state"], "aborted");
    let results = [&operation["steps"][0]["result"], &operation["steps"][1]["result"]];
    assert_eq!(results, [&json!("reached"), &json!("pending")], "{operation}");
    // It was restarted: when it ended is known, and so is what was not waited for.
    let first = &operation["steps"][0];
    assert!(first["ended"].is_string() && text(&first["because"]).contains("was not waited for"), "{first}");
    for verb in ["resume", "abort"] {
        let over = cloud.run(&["operations", verb, "last"]).with_code(7);
        assert!(over.err.contains("is over: aborted"), "{}", over.err);
    }
    cloud.run(&["operations", "watch", "last"]).with_code(9);
}

#[test]
fn an_interrupted_one_can_be_aborted() {
    let cloud = slow();
    kill(&restart_two(&cloud));
    until("the worker to be missed", || (show(&cloud)["state"] == "interrupted").then_some(()));
    cloud.run(&["operations", "abort", "last", "--wait"]).with_code(0);
    let operation = show(&cloud);
    assert_eq!((&operation["state"], &operation["steps"][1]["attempts"]), (&json!("aborted"), &json!(0)));
}

#[test]
fn what_failed_has_its_exit_code_and_the_reason() {
    let cloud = slow();
    configure(&cloud, "settle = \"100ms\"\n");
    let ended = cloud.run(&["restart", "batch-01", "batch-02", "--yes", "--wait"]).with_code(8);
    assert!(ended.out.contains("is still REBOOT"), "{}", ended.out);
    let operation = show(&cloud);
    assert_eq!(operation["state"], "failed");
    assert_eq!([&operation["steps"][0]["result"], &operation["steps"][1]["result"]], ["failed", "pending"]);
    let text = cloud.run(&["operations", "show"]).with_code(0).out;
    assert!(text.contains("failed") && text.contains("is still REBOOT"), "{text}");
}

#[test]
fn the_fields_of_an_operation_are_those_of_the_readme() {
    let cloud = quick();
    cloud.run(&["lock", "batch-01", "--yes", "--wait"]).with_code(0);
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let told = |begins: &str, row: &Value| {
        let line = readme.lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("{begins}"));
        for field in row.as_object().unwrap().keys() {
            let told = [format!("`{field}`"), format!("`{field}[]`")].iter().any(|name| line.contains(name));
            assert!(told, "{begins} does not tell {field}");
        }
    };
    let list = cloud.run(&["operations", "list", "-n", "1", "-o", "json"]).with_code(0).json();
    told("| `operations` |", &list["operations"][0]);
    told("| each of `steps[]` |", &list["operations"][0]["steps"][0]);
    let plan = cloud.run(&["unlock", "batch-01", "--plan", "-o", "json"]).with_code(0).json();
    told("| `restart` and others", &plan["plan"]);
    let audit = cloud.run(&["audit", "-o", "json"]).with_code(0).json();
    told("| `audit` |", &audit["records"][0]);
    let verified = cloud.run(&["audit", "--verify", "-o", "json"]).with_code(0).json();
    told("| `audit --verify` |", &verified["verified"]);
}

#[test]
fn an_audit_lists_what_is_asked_for_and_verifies_all() {
    let cloud = quick();
    let lock = |verb: &str| {
        let told = cloud.run(&[verb, "batch-01", "--yes", "--wait", "-o", "json"]).with_code(0).json();
        text(&told["operation"]["id"])
    };
    let (first, second) = (lock("lock"), lock("unlock"));
    let audit = |arguments: &[&str]| {
        let told = cloud.run(&[&["audit", "-o", "json"], arguments].concat()).with_code(0).json();
        told["records"].as_array().unwrap().iter().map(|record| text(&record["operation_id"])).collect::<Vec<_>>()
    };
    let (all, of_first) = (audit(&[]), audit(&["--operation", &first]));
    assert!(!of_first.is_empty() && of_first.iter().all(|id| *id == first), "{of_first:?}");
    assert_eq!(audit(&["--operation", "last"]).len() + of_first.len(), all.len());
    assert!(audit(&["--operation", "last"]).iter().all(|id| *id == second));
    for (arguments, whole) in [
        (["--since", "1h"], true),
        (["--since", "2020-01-01"], true),
        (["--since", "2999-01-01T00:00:00Z"], false),
        (["--actor", "oncall"], true),
        (["--actor", "oncall@Default"], true),
        (["--actor", "nobody-of-that-name"], false),
    ] {
        assert_eq!(audit(&arguments).len(), if whole { all.len() } else { 0 }, "{arguments:?}");
    }
    let none = cloud.run(&["audit", "--actor", "nobody-of-that-name"]).with_code(0);
    assert!(none.out.starts_with("Nothing is recorded that fits\n"), "{}", none.out);
    let named = cloud.run(&["audit", "--operation", &first]).with_code(0);
    assert!(named.out.contains("batch-01") && named.out.contains("Journal head"), "{}", named.out);
    for wrong in [["--operation", "nothing-like-it"], ["--since", "yesterday"]] {
        let ended = cloud.run(&[&["audit"], &wrong[..]].concat());
        assert!(ended.code != Some(0) && !ended.err.is_empty(), "{wrong:?}: {}", ended.err);
    }
    let both = cloud.run(&["audit", "--verify", "--operation", &first]).with_code(2);
    assert!(both.err.contains("--verify"), "a chain is verified whole: {}", both.err);
}

#[test]
fn an_operation_names_its_project_and_domain() {
    let cloud = quick();
    cloud.run(&["lock", "batch-01", "--yes", "--wait"]).with_code(0);
    let operation = show(&cloud);
    assert_eq!((&operation["project"], &operation["project_domain"]), (&json!("bank-prod"), &json!("Default")));
    let told = cloud.run(&["operations", "show"]).with_code(0).out;
    let on = format!("on        sim / bank-prod@Default ({}) / RegionOne", text(&operation["project_id"]));
    assert!(told.contains(&on), "{told}");
}

#[test]
fn nothing_was_done_yet_is_told() {
    let home = Home::new();
    assert_eq!(home.run(["operations"]).with_code(0).out, "There are no operations yet\n");
    assert_eq!(home.run(["audit"]).with_code(0).out, "Nothing is recorded yet\n");
    let verified = home.run(["audit", "--verify"]).with_code(4);
    assert!(verified.err.contains("There is no journal in"), "a wrong folder is not green: {}", verified.err);
    assert!(home.run(["operations", "show"]).with_code(4).err.contains("no operations yet"));
    assert!(home.run(["audit", "--expect", "7"]).with_code(2).err.contains("SEQUENCE:HASH"));
    let gone = home.run(["audit", "--expect", &format!("3:{}", "a".repeat(64))]).with_code(10);
    assert!(gone.out.contains("Record 1 is missing"), "{}", gone.out);
    assert!(!home.path().join(".local/state/stackdeck").exists(), "to look makes nothing");
}

#[test]
fn whoever_tampers_is_found() {
    let cloud = quick();
    cloud.run(&["lock", "batch-01", "--yes", "--wait"]).with_code(0);
    let first = cloud.run(&["audit", "-o", "json"]).with_code(0).json();
    let head = text(&first["journal_head"]);
    cloud.run(&["unlock", "batch-01", "--yes", "--wait"]).with_code(0);
    let verified = cloud.run(&["audit", "--expect", &head]).with_code(0);
    assert!(verified.out.contains("Up to the expected head"), "{}", verified.out);
    let exported = cloud.run(&["audit", "--export"]).with_code(0).out;
    let lines: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.windows(2).all(|pair| pair[1]["previous"] == pair[0]["hash"]), "{exported}");

    let file = cloud.home.path().join(".local/state/stackdeck/journal.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.execute_batch("DROP TRIGGER record_is_not_changed; DROP TRIGGER record_is_not_removed").unwrap();
    let last = u32::try_from(lines.len()).unwrap();
    database.execute("DELETE FROM record WHERE sequence = ?1", [last]).unwrap();
    cloud.run(&["audit", "--verify"]).with_code(0);
    let head = format!("{last}:{}", text(&lines[lines.len() - 1]["hash"]));
    let cut = cloud.run(&["audit", "--expect", &head, "-o", "json"]).with_code(10).json();
    assert_eq!((&cut["verified"]["whole"], &cut["verified"]["first_wrong"]), (&json!(false), &json!(last)));
    database.execute("UPDATE record SET actor = replace(actor, 'oncall', 'nobody') WHERE sequence = 3", []).unwrap();
    let doctor = cloud.run(&["doctor", "-o", "json"]).with_code(7).json();
    assert_eq!(
        (&check(&doctor, "journal")["verdict"], &check(&doctor, "chain")["verdict"]),
        (&json!("ok"), &json!("problem"))
    );
    // Of two operations one is damaged: the list has the other, and names the record.
    let listed = cloud.run(&["operations"]).with_code(0);
    assert!(listed.out.contains("Unlock batch-01"), "{}", listed.out);
    assert!(listed.out.contains("unreadable") && listed.out.contains("record 3 of the journal"), "{}", listed.out);
    let listed = cloud.run(&["operations", "-o", "json"]).with_code(0);
    assert_eq!(listed.json()["operations"].as_array().unwrap().len(), 1, "{}", listed.out);
    assert!(listed.err.contains("record 3 of the journal is damaged"), "{}", listed.err);
    let changed = cloud.run(&["audit", "--verify"]).with_code(10);
    assert!(changed.out.starts_with("Record 3 was changed"), "{}", changed.out);
    let listed = cloud.run(&["audit"]).with_code(1);
    assert!(listed.err.contains("record 3 of the journal is damaged"), "{}", listed.err);
    assert_eq!(
        cloud.run(&["audit", "--export"]).with_code(0).out.lines().count(),
        lines.len() - 1,
        "the evidence stays readable"
    );
}
