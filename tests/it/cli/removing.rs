//! Instances that come and that leave for good, end to end: removed by name, and a service that grows and shrinks.

use serde_json::Value;

use super::changing::{configure, did, instances, quick, text};
use super::sim::Cloud;
use crate::support::process::until;

/// It stays switched off for as long as a test needs to change its mind.
const LONG: &str = "keep = \"1h\"\n";
const SHORT: &str = "keep = \"200ms\"\n";

fn cloud(keep: &str) -> Cloud {
    let cloud = quick();
    configure(&cloud, keep);
    cloud
}

fn names(cloud: &Cloud, service: &str) -> Vec<String> {
    instances(cloud, service).into_iter().map(|(name, _)| name).collect()
}

/// What came of it, step by step, without what undoes.
fn removed(cloud: &Cloud, words: &[&str]) -> Vec<String> {
    let told = cloud.run(&[words, &["--yes", "--wait", "-o", "json"]].concat()).with_code(0).json();
    did(&told).into_iter().filter(|step| !step.contains("undo: ")).collect()
}

#[test]
fn who_is_removed_leaves_its_pools_is_switched_off_and_gone() {
    let cloud = cloud(SHORT);
    let expected = [
        "payments-02 · update member: weight 0 · done",
        "payments-02 · os-stop · done",
        "payments-02 · delete member · done",
        "payments-02 · delete server · done",
    ];
    assert_eq!(removed(&cloud, &["remove", "payments-02", "--confirm", "payments-02"]), expected);
    assert!(!names(&cloud, "payments").contains(&"payments-02".to_owned()));
    // At once is: without a way back. Who is behind no balancer has none to leave.
    let batch = removed(&cloud, &["remove", "batch-01", "--confirm", "batch-01", "--no-drain"]);
    assert_eq!(batch, ["batch-01 · delete server · done"]);
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn nobody_is_removed_whose_name_was_not_typed_nor_the_last_nor_another_owners() {
    let cloud = cloud(SHORT);
    let unsaid = cloud.run(&["remove", "payments-01", "--yes"]).with_code(2);
    assert!(unsaid.err.contains("This wants a name typed: payments-01"), "{}", unsaid.err);
    let read = cloud.run(&["remove", "payments-01", "--plan"]).with_code(0).out;
    for told in ["os-stop", "so long an abort brings it back", "are lost"] {
        assert!(read.contains(told), "{told}: {read}");
    }
    let all = cloud.run(&["scale", "payments", "--to", "0", "--plan"]).with_code(7).out;
    assert!(all.contains("is the last that takes requests in"), "{all}");
    let accepted = cloud.run(&["scale", "payments", "--to", "0", "--plan", "--accept-downtime"]).with_code(0).out;
    assert!(accepted.contains("payments is to be typed: --confirm payments"), "{accepted}");
}

#[test]
fn an_abort_while_it_is_kept_brings_it_back() {
    let cloud = cloud(LONG);
    cloud.run(&["remove", "payments-01", "--yes", "--confirm", "payments-01"]).with_code(0);
    let shown = |so: &dyn Fn(&Value) -> bool| {
        let told = cloud.run(&["operations", "show", "last", "-o", "json"]).json();
        so(&told["operation"]).then_some(told)
    };
    let stopped = |step: &Value| step["call"] == "os-stop" && step["result"] == "reached";
    until("it is off", || shown(&|told| told["steps"].as_array().is_some_and(|steps| steps.iter().any(stopped))));
    cloud.run(&["operations", "abort", "last"]);
    let told = until("it is back", || shown(&|told| told["state"] == "aborted"));
    let undone: Vec<String> = did(&told).into_iter().filter(|step| step.contains("undo: ")).collect();
    let expected = ["payments-01 · undo: os-start · done", "payments-01 · undo: update member: weight 1 · done"];
    assert_eq!(undone, expected);
    let there = cloud.run(&["instance", "payments-01", "-o", "json"]).with_code(0).json();
    assert_eq!(text(&there["instance"]["status"]), "ACTIVE");
    // Whoever takes over reads it all in one piece.
    let told = cloud.run(&["operations", "show", "last", "-o", "md"]).with_code(0).out;
    assert!(told.starts_with("# Remove payments-01: aborted\n\n- Operation: 01"), "{told}");
    let row = "| payments-01 | undo: os-start | done | ";
    for part in [row, "\n## Records\n", "approved by", "asks to abort", "| req-"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let refused = cloud.run(&["operations", "-o", "md"]).with_code(2);
    assert!(refused.err.contains("stackdeck operations show ID -o md"), "{}", refused.err);
}

#[test]
fn a_service_shrinks_by_whoever_serves_least() {
    let cloud = cloud(SHORT);
    cloud.run(&["stop", "payments-02", "--yes", "--wait"]).with_code(0);
    let before = names(&cloud, "payments");
    let to = (before.len() - 1).to_string();
    let words = ["scale", "payments", "--to", &to, "--confirm", "payments"];
    let left = removed(&cloud, &words);
    assert!(left.iter().all(|step| step.starts_with("payments-02 · ")), "who is off goes first: {left:?}");
    let after: Vec<String> = before.into_iter().filter(|name| name != "payments-02").collect();
    assert_eq!(names(&cloud, "payments"), after);
    let idle = cloud.run(&[&words[..], &["--yes"]].concat()).with_code(0);
    assert!(idle.out.contains(&format!("payments has {to} instances already")), "{}{}", idle.out, idle.err);
}

#[test]
fn a_service_grows_by_instances_like_its_own_and_shrinks_to_what_it_was() {
    let cloud = cloud(SHORT);
    let before = names(&cloud, "payments");
    let count = before.len();
    let to = (count + 1).to_string();
    let plan = cloud.run(&["scale", "payments", "--to", &to, "--plan"]).with_code(0).out;
    for told in [
        "Made like payments-0",
        "create server from image",
        "in az",
        "taken away again",
        "Copied: flavor",
        "The quotas have room",
    ] {
        assert!(plan.contains(told), "{told}: {plan}");
    }
    assert!(!plan.contains("@server"), "what is only promised is nobody's business: {plan}");
    let made = removed(&cloud, &["scale", "payments", "--to", &to]);
    let calls: Vec<&str> = made.iter().map(|step| step.split(" · ").nth(1).unwrap()).collect();
    assert!(made.iter().all(|step| step.ends_with("done")), "{made:?}");
    assert!(calls[0].starts_with("create port in network "), "{calls:?}");
    assert!(calls[1].starts_with("create server"), "{calls:?}");
    assert!(calls[2].starts_with("create member: 10."), "{calls:?}");
    assert_eq!(calls[3..], ["update member: weight 1"]);
    let new = names(&cloud, "payments").into_iter().find(|name| !before.contains(name)).unwrap();
    let there = cloud.run(&["instance", &new, "-o", "json"]).with_code(0).json();
    let stamp = text(&there["instance"]["metadata"]["stackdeck"]);
    assert!(stamp.starts_with("sd-01") && stamp.ends_with("-0"), "{stamp}");
    // Its port was made for it, and goes with it.
    let gone = removed(&cloud, &["remove", &new, "--confirm", &new]);
    assert_eq!(gone.last(), Some(&format!("{new} · delete port · done")), "{gone:?}");
    assert_eq!(names(&cloud, "payments"), before);
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn nothing_is_made_that_the_quotas_have_no_room_for() {
    let cloud = cloud(SHORT);
    let more = cloud.run(&["scale", "payments", "--to", "900", "--plan"]).with_code(7).out;
    assert!(more.contains("the quotas of the project allow"), "{more}");
}

#[test]
fn who_is_replaced_leaves_when_another_like_it_serves() {
    let cloud = cloud(SHORT);
    let before = names(&cloud, "payments");
    let steps = removed(&cloud, &["replace", "payments-02"]);
    let told: Vec<(&str, &str)> = steps.iter().map(|step| step.split_once(" · ").unwrap()).collect();
    let new = told[0].0.to_owned();
    assert!(steps.iter().all(|step| step.ends_with("done")), "{steps:?}");
    assert_eq!(told.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [[new.as_str(); 4], ["payments-02"; 4]].concat());
    assert!(told[3].1.starts_with("update member: weight 1"), "it serves before the other leaves: {steps:?}");
    assert!(told[7].1.starts_with("delete server"), "{steps:?}");
    let mut expected: Vec<String> = before.into_iter().filter(|name| name != "payments-02").collect();
    expected.push(new);
    expected.sort_unstable();
    assert_eq!(names(&cloud, "payments"), expected);
    let told = cloud.run(&["operations", "show", "last", "-o", "md"]).with_code(0).out;
    for kept in ["## payments-02 before it was deleted", "History:", " create req-", "Console log, its end:", "```"] {
        assert!(told.contains(kept), "{kept}: {told}");
    }
    cloud.run(&["audit", "--verify"]).with_code(0);
}
