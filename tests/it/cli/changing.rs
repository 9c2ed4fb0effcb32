//! The verbs that change something, end to end: the real binary, its worker, a simulated cloud.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::sim::Cloud;
use crate::support::process::{Ended, Home};

/// Short waits, on a cloud whose time runs fast.
pub(super) const QUICK: &str = "[operations]\npoll = \"50ms\"\nmin_ready = \"200ms\"\ndrain = \"200ms\"\nanswering = \"200ms\"\nbake = \"200ms\"\n";

/// A cloud in which a restart takes half a second.
pub(super) fn quick() -> Cloud {
    let cloud = Cloud::at_rate("quiet", "20", "60");
    configure(&cloud, "");
    cloud
}

pub(super) fn configure(cloud: &Cloud, more: &str) {
    cloud.home.write(".config/stackdeck/config.toml", &format!("{QUICK}{more}"));
}

/// The names of a service's instances, and their ids.
pub(super) fn instances(cloud: &Cloud, service: &str) -> Vec<(String, String)> {
    let all = cloud.run(&["instances", "-o", "json"]).with_code(0).json();
    let of_service = all["instances"].as_array().unwrap().iter().filter(|one| one["service"] == service);
    of_service.map(|one| (text(&one["name"]), text(&one["id"]))).collect()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// What an operation did, step by step: the target, the call without its image, how it went.
pub(super) fn did(told: &Value) -> Vec<String> {
    let steps = told["operation"]["steps"].as_array().unwrap().iter();
    let call = |step: &Value| text(&step["call"]).split(" from").next().unwrap().to_owned();
    let line = |step: &Value| format!("{} · {} · {}", text(&step["name"]), call(step), text(&step["result"]));
    steps.map(line).collect()
}

fn state(cloud: &Cloud, name: &str) -> (String, Value) {
    let one = cloud.run(&["instance", name, "-o", "json"]).with_code(0).json();
    (text(&one["instance"]["status"]), one["instance"]["locked"].clone())
}

fn journal(home: &Home) -> PathBuf {
    home.path().join(".local/state/stackdeck/journal.db")
}

#[track_caller]
fn says(ended: &Ended, what: &str) {
    assert!(ended.err.contains(what), "should say {what}:\n{}\n{}", ended.err, ended.out);
}

#[test]
fn every_verb_comes_to_its_end_and_names_the_clouds_requests() {
    let cloud = quick();
    for (arguments, call, status, locked) in [
        (vec!["restart", "batch-01"], "reboot SOFT", "ACTIVE", false),
        (vec!["restart", "batch-01", "--hard"], "reboot HARD", "ACTIVE", false),
        (vec!["stop", "batch-01"], "os-stop", "SHUTOFF", false),
        (vec!["start", "batch-01"], "os-start", "ACTIVE", false),
        (vec!["lock", "batch-01", "--reason", "night shift"], "lock", "ACTIVE", true),
        (vec!["unlock", "batch-01"], "unlock", "ACTIVE", false),
    ] {
        let line = [&arguments[..], &["--yes", "--wait", "-o", "json", "--ticket", "CHG-7"]].concat();
        let told = cloud.run(&line).with_code(0).json();
        let (operation, records) = (&told["operation"], told["records"].as_array().unwrap());
        assert_eq!((&operation["state"], &operation["verb"]), (&json!("done"), &json!(arguments[0])), "{told}");
        assert_eq!((&operation["ticket"], &operation["by"]["cloud_user"]), (&json!("CHG-7"), &json!("oncall@Default")));
        let target = &operation["steps"][0];
        assert_eq!(
            (&target["call"], &target["result"], &target["name"]),
            (&json!(call), &json!("done"), &json!("batch-01"))
        );
        assert!(target["request_ids"][0].as_str().unwrap().starts_with("req-"), "{target}");
        assert_eq!(records.first().unwrap()["kind"], "approved");
        assert_eq!(records.last().unwrap()["kind"], "finished");
        assert!(
            told["journal_head"].as_str().unwrap().starts_with(&format!("{}:", records.last().unwrap()["sequence"]))
        );
        let (now, lock) = state(&cloud, "batch-01");
        assert_eq!(
            (now.as_str(), lock["locked"].as_bool().or(lock.as_bool()).unwrap_or_default()),
            (status, locked),
            "{arguments:?} {lock}"
        );
    }
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn people_follow_record_by_record_to_the_result_and_the_head() {
    let cloud = quick();
    let ended = cloud.run(&["restart", "service/payments", "--yes", "--wait"]).with_code(0);
    for line in
        ["Restart service payments (2 instances)", "worker   outlives this login", "accepted: 202", "Journal head "]
    {
        assert!(ended.out.contains(line), "{line}:\n{}", ended.out);
    }
    let at = |what: &str| ended.out.find(what).unwrap_or_else(|| panic!("{what}:\n{}", ended.out));
    assert!(at("1/2  payments-01  done") < at("2/2  payments-02  calls"), "one after another:\n{}", ended.out);
    assert!(!ended.out.contains('\u{1b}'), "no colour into a pipe");
    assert_eq!(ended.err, "");
}

#[test]
fn a_plan_changes_nothing_and_says_whether_it_could_start() {
    let cloud = quick();
    let told = cloud.run(&["restart", "service/payments", "--plan", "-o", "json"]).with_code(0).json();
    let plan = &told["plan"];
    assert_eq!((&plan["may_start"], &plan["verb"], &plan["confirm"]), (&json!(true), &json!("restart"), &Value::Null));
    assert_eq!((&told["schema"], &told["scope"]["cloud"]), (&json!(1), &json!("sim")));
    let names: Vec<String> = plan["steps"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
    let each = |name| std::iter::repeat_n(name, 3);
    assert!(names.iter().map(String::as_str).eq(each("payments-01").chain(each("payments-02"))), "drained: {names:?}");
    let read = cloud.run(&["restart", "service/payments", "--plan"]).with_code(0).out;
    assert!(read.contains("2 of 2 members take requests now, 1 while one is away."), "{read}");
    let lock = cloud.run(&["lock", "batch-01", "--reason", "night shift", "--plan"]).with_code(0).out;
    assert!(lock.contains("reason   night shift"), "{lock}");
    let refused = cloud.run(&["start", "batch-01", "batch-02", "--plan", "-o", "json"]).with_code(0).json();
    assert_eq!(refused["plan"]["nothing_to_do"], true, "both run already: {refused}");
    let whole = cloud.run(&["stop", "--service", "payments", "--plan", "-o", "json"]).with_code(0).json();
    assert_eq!(whole["plan"]["confirm"], "payments");
    assert!(!journal(&cloud.home).exists(), "a plan leaves no trace");
}

#[test]
fn nothing_is_started_unasked() {
    let cloud = quick();
    says(&cloud.run(&["restart", "batch-01"]).with_code(2), "no terminal");
    says(&cloud.run(&["stop", "service/batch", "--yes"]).with_code(2), "--confirm batch");
    says(&cloud.run(&["stop", "service/batch", "--yes", "--confirm", "bach"]).with_code(2), "batch, not bach");
    says(&cloud.run(&["restart", "batch-01", "--yes", "--read-only"]).with_code(5), "read-only");
    cloud.run(&["restart", "batch-01", "--plan", "--read-only"]).with_code(5);
    configure(&cloud, "ticket = \"required\"\n[clouds.sim]\nprotected = true\n");
    says(&cloud.run(&["restart", "batch-01", "--confirm", "batch"]).with_code(2), "--ticket");
    says(&cloud.run(&["restart", "batch-01", "--yes", "--ticket", "CHG-1"]).with_code(2), "--confirm batch");
    assert!(!journal(&cloud.home).exists(), "what was not approved is not in the journal");
    let started = cloud.run(&["lock", "batch-01", "--ticket", "CHG-1", "--confirm", "batch", "-w"]).with_code(0);
    assert!(started.out.contains("ticket    CHG-1"), "{}", started.out);
}

#[test]
fn who_is_meant_is_said_exactly() {
    let cloud = quick();
    for (arguments, code, hint) in [
        (vec!["restart", "batch-03", "--plan"], 4, "batch-0"),
        (vec!["restart", "payments", "--plan"], 2, "service/payments"),
        (vec!["restart", "service/paymets", "--plan"], 4, "service/payments"),
        (vec!["restart", "service/zzzzzzzz", "--plan"], 4, "lists all"),
        (vec!["restart", "service/batch", "payments-01", "--plan"], 2, "by itself"),
        (vec!["restart", "service/batch", "service/payments", "--plan"], 2, "by itself"),
        (vec!["restart", "--plan"], 2, "TARGET"),
        (vec!["restart", "batch-01", "--service", "batch", "--plan"], 2, "cannot be used"),
        (vec!["restrat", "batch-01"], 2, "restart"),
    ] {
        says(&cloud.run(&arguments).with_code(code), hint);
    }
    let twice = cloud.run(&["restart", "batch-01", "batch-01", "batch-02", "--plan", "-o", "json"]).with_code(0).json();
    assert_eq!(twice["plan"]["steps"].as_array().unwrap().len(), 2, "nobody is restarted twice");
}

#[test]
fn a_lock_holds_a_member_and_is_told_with_its_reason() {
    let cloud = quick();
    cloud.run(&["lock", "batch-01", "--reason", "do not touch", "--yes", "--wait"]).with_code(0);
    let file = std::fs::read_to_string(&cloud.file).unwrap();
    std::fs::write(&cloud.file, file.replace("oncall", "dev").replace("night-shift", "day-shift")).unwrap();
    let refused = cloud.run(&["stop", "batch-01", "batch-02", "--yes"]).with_code(7);
    says(&refused, "batch-01 is locked: do not touch");
    says(&refused, "The other targets can be done");
    let plan = cloud.run(&["stop", "batch-01", "--plan", "-o", "json"]).with_code(7).json();
    assert_eq!((&plan["plan"]["may_start"], &plan["plan"]["title"]), (&json!(false), &json!("Stop batch-01")));
    assert!(text(&plan["plan"]["objections"][0]["text"]).contains("locked"), "{plan}");
    assert_eq!(state(&cloud, "batch-02").0, "ACTIVE");
}

#[test]
fn what_is_so_already_is_no_failure() {
    let cloud = quick();
    let ended = cloud.run(&["start", "batch-01", "--yes", "--wait"]).with_code(0);
    assert!(ended.out.contains("There is nothing to do"), "{}", ended.out);
    assert!(!journal(&cloud.home).exists());
}

#[test]
fn a_token_that_shall_be_kept_nowhere_is_not() {
    let cloud = quick();
    let ended = cloud.run(&["--no-token-cache", "lock", "batch-01", "--yes", "--wait"]).with_code(0);
    assert!(!ended.out.contains("sign-in"), "the worker knows the password: {}", ended.out);
    let log = std::fs::read_dir(cloud.home.path().join(".local/state/stackdeck/operations")).unwrap();
    assert!(log.count() >= 1);
    assert!(!cloud.home.path().join(".cache/stackdeck/tokens").exists(), "no token is left on the disk");
}

#[test]
fn a_token_that_was_kept_is_handed_to_a_worker_that_knows_no_password() {
    let cloud = quick();
    cloud.run(&["instances"]).with_code(0);
    let text = std::fs::read_to_string(&cloud.file).unwrap();
    let without: String =
        text.lines().filter(|line| !line.contains("password:")).map(|line| format!("{line}\n")).collect();
    assert_ne!(text.trim_end(), without.trim_end());
    std::fs::write(&cloud.file, without).unwrap();
    let told = cloud.run(&["restart", "batch-01", "--yes", "--wait"]).with_code(0).out;
    assert!(told.contains("sign-in  with your token, which lasts another"), "{told}");
}

#[test]
fn a_demo_has_a_journal_of_its_own() {
    let home = Home::new();
    home.write(
        ".config/stackdeck/config.toml",
        "state_dir = \"/nowhere\"\n[operations]\npoll = \"1s\"\nmin_ready = \"1s\"\n",
    );
    let demo = |arguments: &[&str]| home.run([&["--demo=quiet", "--instances", "20"], arguments].concat());
    let ended = demo(&["lock", "batch-01", "--yes", "--wait"]).with_code(0);
    assert!(ended.out.contains("`stackdeck --demo=quiet --instances 20 operations watch"), "{}", ended.out);
    let told = demo(&["operations", "show", "-o", "json"]).with_code(0).json();
    assert_eq!(told["operation"]["state"], "done");
    assert!(!journal(&home).exists(), "nothing of a demo is beside what is real");
    super::sim::end_demo(&home, "quiet-20");
}
