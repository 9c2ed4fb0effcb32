//! Instances made anew in their place, and a release rolled out so, end to end.

use std::collections::BTreeSet;

use serde_json::Value;

use super::changing::{configure, did, instances, quick, text};
use super::sim::Cloud;

pub const FOLLOW: [&str; 4] = ["--yes", "--wait", "-o", "json"];

/// One whose instances are asked themselves.
pub fn asked() -> Cloud {
    let cloud = quick();
    let told = std::fs::read_to_string(&cloud.file).unwrap();
    let port = told.split("127.A.B.C:").nth(1).and_then(|rest| rest.split('/').next()).expect("guests that answer");
    let probes = "[metrics.probes]\nenabled = true\naddress = \"127.{2}.{3}.{4}\"";
    configure(&cloud, &format!("{probes}\nport = {port}\n"));
    cloud
}

fn told_of(cloud: &Cloud, name: &str) -> Value {
    cloud.run(&["instance", name, "-o", "json"]).with_code(0).json()["instance"].clone()
}

pub fn versions(cloud: &Cloud, service: &str) -> BTreeSet<String> {
    let all = cloud.run(&["instances", "-o", "json"]).with_code(0).json();
    let of_service = all["instances"].as_array().unwrap().iter().filter(|one| one["service"] == service);
    of_service.map(|one| text(&one["version"])).collect()
}

#[test]
fn an_instance_is_made_anew_out_of_rotation_and_keeps_what_was_said_of_it() {
    let cloud = quick();
    let before = told_of(&cloud, "payments-01");
    let told = cloud.run(&[&["rebuild", "payments-01"][..], &FOLLOW].concat()).with_code(0).json();
    let expected = [
        "payments-01 · update member: weight 0 · done",
        "payments-01 · rebuild · done",
        "payments-01 · update member: weight 1 · done",
    ];
    assert_eq!(did(&told), expected);
    let after = told_of(&cloud, "payments-01");
    assert_eq!((&after["id"], &after["image"]), (&before["id"], &before["image"]));
    let (mut kept, had) = (after["metadata"].clone(), before["metadata"].clone());
    let stamp = kept.as_object_mut().unwrap().remove("stackdeck").expect("a stamp");
    assert_eq!(text(&stamp), format!("sd-{}-0", text(&told["operation"]["id"])));
    assert_eq!(kept, had, "what was set before stays");
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn a_release_is_rolled_out_to_whoever_does_not_run_it_and_each_is_asked() {
    let cloud = asked();
    cloud.run(&["rollout", "payments-01", "--to", "1.5.0", "--strategy", "rebuild", "--yes", "--wait"]).with_code(0);
    let both = BTreeSet::from(["1.4.2".to_owned(), "1.5.0".to_owned()]);
    assert_eq!(versions(&cloud, "payments"), both);
    let rollout = ["rollout", "service/payments", "--to", "v1.5.0", "--strategy", "rebuild"];
    let told = cloud.run(&[&rollout[..], &FOLLOW].concat()).with_code(0).json();
    assert_eq!(told["operation"]["state"], "done");
    let steps = did(&told);
    let rebuilt = |how: &str| steps.iter().filter(|step| step.contains("rebuild") && step.ends_with(how)).count();
    let others = instances(&cloud, "payments").len() - 1;
    assert_eq!((rebuilt("skipped"), rebuilt("done")), (1, others), "{steps:#?}");
    assert_eq!(versions(&cloud, "payments"), BTreeSet::from(["1.5.0".to_owned()]));
    // All of them say that they run it: nothing is touched.
    let again = cloud.run(&[&rollout[..], &FOLLOW].concat()).with_code(0).json();
    assert!(did(&again).iter().all(|step| step.ends_with("skipped")), "{again:#}");
}

#[test]
fn a_rollout_stops_behind_its_first_instance_until_it_is_promoted() {
    let cloud = asked();
    let rollout = ["rollout", "service/payments", "--to", "1.5.0", "--strategy", "rebuild"];
    let read = cloud.run(&[&rollout[..], &["--plan"]].concat()).with_code(0).out;
    assert!(read.contains("It stops behind the first until somebody has looked at it and lets it go on."), "{read}");
    let stopped = cloud.run(&[&rollout[..], &["--yes", "--wait"]].concat()).with_code(9);
    let said = format!("{}{}", stopped.out, stopped.err);
    assert!(said.contains("is done: look how it does, then let the others follow, or abort"), "{said}");
    assert!(said.contains("operations promote"), "{said}");
    assert_eq!(versions(&cloud, "payments").len(), 2, "one of them has it");
    // Meanwhile nobody else takes away from the service; to lock another instance of it is nobody's loss.
    let names: Vec<String> = instances(&cloud, "payments").into_iter().map(|(name, _)| name).collect();
    for (words, why) in [(["restart", "service/payments"], "at payments-0"), (["drain", &names[1]], "is at payments-0")]
    {
        let refused = cloud.run(&[&words[..], &["--yes"]].concat()).with_code(7);
        assert!(
            refused.err.contains(why) && refused.err.contains("Roll out 1.5.0 to service payments"),
            "{}",
            refused.err
        );
    }
    cloud.run(&["operations", "promote", "last", "--wait"]).with_code(0);
    cloud.run(&["restart", "service/payments", "--yes", "--wait"]).with_code(0);
    assert_eq!(versions(&cloud, "payments"), BTreeSet::from(["1.5.0".to_owned()]));
}

#[test]
fn what_nobody_can_prove_ends_as_incomplete() {
    let cloud = quick();
    let rollout = ["rollout", "payments-01", "--to", "payments-1.5.0", "--strategy", "rebuild"];
    let read = cloud.run(&[&rollout[..], &["--plan"]].concat()).with_code(0).out;
    assert!(read.contains("no instance is asked for its version, so this ends as incomplete"), "{read}");
    assert!(read.contains("1.5.0 is image payments-1.5.0 ("), "{read}");
    assert!(read.contains("What is on the root disk is lost"), "{read}");
    let told = cloud.run(&[&rollout[..], &FOLLOW].concat()).with_code(8).json();
    assert_eq!(told["operation"]["state"], "incomplete");
}

#[test]
fn a_worker_reads_the_settings_that_the_plan_was_made_with() {
    let cloud = asked();
    let usual = std::fs::read_to_string(cloud.home.path().join(".config/stackdeck/config.toml")).unwrap();
    let other = cloud.home.write("elsewhere/own.toml", &usual);
    configure(&cloud, "");
    let other = other.display().to_string();
    let rollout =
        ["--config", &other, "rollout", "payments-01", "--to", "1.5.0", "--strategy", "rebuild", "--yes", "--wait"];
    cloud.run(&rollout).with_code(0);
}

#[test]
fn a_release_that_is_not_there_is_told_with_those_that_are() {
    let cloud = quick();
    let unknown = cloud.run(&["rollout", "service/payments", "--to", "1.5.1", "--plan"]).with_code(4);
    let lines = ["No image is the release 1.5.1 of payments", "Did you mean 1.5.0?", "The newest are 1.5.0, 1.4.2"];
    for line in lines {
        assert!(unknown.err.contains(line), "{line}: {}", unknown.err);
    }
    let mixed = cloud.run(&["rollout", "payments-01", "auth-01", "--to", "1.5.0", "--plan"]).with_code(2);
    assert!(mixed.err.contains("A release is of one service"), "{}", mixed.err);
}

#[test]
fn who_serves_alone_is_made_anew_only_when_a_downtime_is_accepted() {
    let cloud = quick();
    let names: Vec<String> = instances(&cloud, "payments").into_iter().map(|(name, _)| name).collect();
    for name in &names[1..] {
        cloud.run(&["stop", name, "--yes", "--wait"]).with_code(0);
    }
    let refused = cloud.run(&["rebuild", &names[0], "--yes"]).with_code(7);
    assert!(refused.err.contains("serves alone") && refused.err.contains("--accept-downtime"), "{}", refused.err);
    let told = cloud.run(&[&["rebuild", &names[0], "--accept-downtime"][..], &FOLLOW].concat()).with_code(0).json();
    assert_eq!(did(&told), [format!("{} · rebuild · done", names[0])]);
}
