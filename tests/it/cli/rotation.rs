//! Out of rotation and back, end to end: drained restarts, drain, put back, quarantine.

use super::changing::{self, instances, quick};
use super::sim::Cloud;

const FOLLOW: [&str; 4] = ["--yes", "--wait", "-o", "json"];

/// What came of it, step by step.
fn did(cloud: &Cloud, arguments: &[&str]) -> Vec<String> {
    changing::did(&cloud.run(&[arguments, &FOLLOW].concat()).with_code(0).json())
}

/// Whether it is locked, and what whoever would change it is told.
fn lock(cloud: &Cloud, name: &str) -> (bool, String) {
    let locked = cloud.run(&["instance", name, "-o", "json"]).with_code(0).json()["instance"]["locked"] == true;
    (locked, cloud.run(&["stop", name, "--plan"]).out)
}

#[test]
fn an_instance_behind_a_balancer_is_restarted_out_of_rotation_unless_told_otherwise() {
    let cloud = quick();
    let drained = [
        "payments-01 · update member: weight 0 · done",
        "payments-01 · reboot SOFT · done",
        "payments-01 · update member: weight 1 · done",
    ];
    assert_eq!(did(&cloud, &["restart", "payments-01"]), drained);
    assert_eq!(did(&cloud, &["restart", "payments-01", "--no-drain"]), ["payments-01 · reboot SOFT · done"]);
    assert_eq!(did(&cloud, &["restart", "batch-01"]), ["batch-01 · reboot SOFT · done"], "nobody sends it requests");
    let read = cloud.run(&["restart", "payments-02", "--plan"]).with_code(0).out;
    assert!(read.contains("Out of rotation for 0 s before it"), "{read}");
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn who_is_drained_leaves_the_last_one_alone_and_comes_back() {
    let cloud = quick();
    assert_eq!(did(&cloud, &["drain", "payments-01"]), ["payments-01 · update member: weight 0 · done"]);
    let again = cloud.run(&["drain", "payments-01", "--yes"]).with_code(0);
    assert!(again.out.contains("is out of rotation already"), "{}{}", again.out, again.err);
    for verb in ["drain", "quarantine"] {
        let last = cloud.run(&[verb, "payments-02", "--yes"]).with_code(7);
        assert!(last.err.contains("is the last that takes requests in"), "{}", last.err);
    }
    let alone = cloud.run(&["restart", "payments-02", "--plan"]).with_code(0).out;
    assert!(alone.contains("alone takes requests") && !alone.contains("weight 0"), "{alone}");
    assert_eq!(did(&cloud, &["put-back", "payments-01"]), ["payments-01 · update member: weight 1 · done"]);
    let there = cloud.run(&["put-back", "payments-01", "--yes"]).with_code(0);
    assert!(there.out.contains("is in rotation already"), "{}{}", there.out, there.err);
    let nowhere = cloud.run(&["drain", "batch-01", "--yes"]).with_code(7);
    assert!(nowhere.err.contains("behind no balancer"), "{}", nowhere.err);
}

#[test]
fn all_of_a_service_is_never_drained_at_once() {
    let cloud = quick();
    let names: Vec<String> = instances(&cloud, "payments").into_iter().map(|(name, _)| name).collect();
    let all: Vec<&str> = ["drain"].into_iter().chain(names.iter().map(String::as_str)).chain(["--yes"]).collect();
    let refused = cloud.run(&all).with_code(7);
    assert!(refused.err.contains(&format!("{} is the last", names.last().unwrap())), "{}", refused.err);
}

#[test]
fn what_is_quarantined_is_locked_with_the_reason_until_it_is_put_back() {
    let cloud = quick();
    let set_aside = ["payments-01 · update member: weight 0 · done", "payments-01 · lock · done"];
    assert_eq!(did(&cloud, &["quarantine", "payments-01", "--reason", "leaks"]), set_aside);
    let (locked, told) = lock(&cloud, "payments-01");
    assert!(locked && told.contains("is locked (quarantine: leaks)"), "{told}");
    let back = ["payments-01 · unlock · done", "payments-01 · update member: weight 1 · done"];
    assert_eq!(did(&cloud, &["put-back", "payments-01"]), back);
    assert!(!lock(&cloud, "payments-01").0);
    // A lock that means something else is somebody's own.
    cloud.run(&["lock", "payments-01", "--reason", "mine", "--yes", "--wait"]).with_code(0);
    did(&cloud, &["drain", "payments-01"]);
    assert_eq!(did(&cloud, &["put-back", "payments-01"]), ["payments-01 · update member: weight 1 · done"]);
    let (locked, told) = lock(&cloud, "payments-01");
    assert!(locked && told.contains("is locked (mine)"), "{told}");
}
