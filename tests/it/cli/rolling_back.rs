//! A service brought back to what ran before, as the journal tells, end to end.

use std::collections::BTreeSet;

use super::changing::instances;
use super::rebuilding::{FOLLOW, asked, versions};
use super::sim::Cloud;

const OLD: &str = "1.4.2";
const NEW: &str = "1.5.0";

fn rolled_out() -> Cloud {
    let cloud = asked();
    let rollout = ["rollout", "service/payments", "--to", NEW, "--straight", "--yes", "--wait"];
    cloud.run(&rollout).with_code(0);
    cloud
}

fn runs(cloud: &Cloud, version: &str) {
    assert_eq!(versions(cloud, "payments"), BTreeSet::from([version.to_owned()]));
}

#[test]
fn a_service_is_rolled_back_without_a_stop_to_what_all_of_it_ran() {
    let cloud = rolled_out();
    runs(&cloud, NEW);
    let plan = cloud.run(&["rollback", "payments", "--plan"]).with_code(0).out;
    for told in [
        "Roll back service payments (2 instances) to 1.4.2",
        "payments runs 1.5.0 (",
        "Back to 1.4.2: all ran it before operation ",
    ] {
        assert!(plan.contains(told), "{told}:\n{plan}");
    }
    assert!(!plan.contains("until somebody has looked at it") && !plan.contains("is compared"), "{plan}");
    let told = cloud.run(&[&["rollback", "payments"][..], &FOLLOW].concat()).with_code(0).json();
    assert_eq!((&told["operation"]["state"], &told["operation"]["verb"]), (&"done".into(), &"rollback".into()));
    runs(&cloud, OLD);
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn a_rollout_that_waits_behind_its_first_is_ended_and_taken_back_in_one_go() {
    let cloud = asked();
    let rollout = ["rollout", "service/payments", "--to", NEW, "--strategy", "rebuild", "--yes", "--wait"];
    cloud.run(&rollout).with_code(9);
    assert_eq!(versions(&cloud, "payments").len(), 2);
    let early = cloud.run(&["operations", "revert", "last", "--plan"]).with_code(7).err;
    assert!(early.contains("what would be taken back is not known yet"), "{early}");
    let revert = ["operations", "revert", "last", "--strategy", "rebuild", "--yes", "--wait"];
    cloud.run(&revert).with_code(0);
    runs(&cloud, OLD);
}

#[test]
fn what_nobody_tells_is_no_way_back_and_what_runs_already_is_none_either() {
    let cloud = asked();
    let unknown = cloud.run(&["rollback", "payments", "--plan"]).with_code(4).err;
    for told in ["No rollout in this journal tells what payments ran before", "--to RELEASE"] {
        assert!(unknown.contains(told), "{unknown}");
    }
    let (one, _) = instances(&cloud, "payments").remove(0);
    cloud.run(&["restart", &one, "--yes", "--wait"]).with_code(0);
    let none = cloud.run(&["operations", "revert", "last", "--plan"]).with_code(7).err;
    assert!(none.contains("brought no service to a release"), "{none}");
    cloud.run(&["rollout", "service/payments", "--to", NEW, "--straight", "--yes", "--wait"]).with_code(0);
    let id = cloud.run(&["operations", "show", "last", "-o", "json"]).json()["operation"]["id"].clone();
    let id = id.as_str().unwrap();
    cloud.run(&["rollback", "payments", "--before", id, "--yes", "--wait"]).with_code(0);
    let again = cloud.run(&["operations", "revert", id, "--yes"]).with_code(0);
    assert!(format!("{}{}", again.out, again.err).contains("runs 1.4.2 already"), "{}{}", again.out, again.err);
    let other = cloud.run(&["rollback", "auth", "--before", id, "--plan"]).with_code(7).err;
    assert!(other.contains("was of payments, not of auth"), "{other}");
}
