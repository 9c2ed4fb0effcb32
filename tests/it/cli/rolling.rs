//! A release rolled out by others in the place of those that do not run it, end to end.

use std::collections::BTreeSet;

use super::changing::{did, instances};
use super::rebuilding::{FOLLOW, asked, versions};
use super::sim::Cloud;

const ROLLOUT: [&str; 4] = ["rollout", "service/payments", "--to", "1.5.0"];

fn names(cloud: &Cloud) -> BTreeSet<String> {
    instances(cloud, "payments").into_iter().map(|(name, _)| name).collect()
}

fn run(cloud: &Cloud, more: &[&str], code: i32) -> (String, Vec<String>) {
    let told = cloud.run(&[&ROLLOUT[..], more, &FOLLOW].concat()).with_code(code).json();
    (told["operation"]["state"].as_str().unwrap().to_owned(), did(&told))
}

#[test]
fn others_take_the_place_of_all_that_do_not_run_it_and_who_does_is_left_alone() {
    let cloud = asked();
    let before = names(&cloud);
    let one = ["rollout", "payments-01", "--to", "1.5.0", "--strategy", "rebuild", "--yes", "--wait"];
    cloud.run(&one).with_code(0);
    let (state, steps) = run(&cloud, &["--straight"], 0);
    assert_eq!(state, "done", "{steps:#?}");
    let of_one: Vec<&String> = steps.iter().filter(|step| step.starts_with("payments-01 ")).collect();
    assert!(!of_one.is_empty() && of_one.iter().all(|step| !step.ends_with("done")), "{steps:#?}");
    let deleted = |step: &&String| step.contains("delete server") && step.ends_with("done");
    assert_eq!(steps.iter().filter(deleted).count(), before.len() - 1, "{steps:#?}");
    let after = names(&cloud);
    assert_eq!((after.len(), after.intersection(&before).count()), (before.len(), 1), "{after:?}");
    assert!(after.contains("payments-01"), "who ran it already is who it was: {after:?}");
    assert_eq!(versions(&cloud, "payments"), BTreeSet::from(["1.5.0".to_owned()]));
    cloud.run(&["audit", "--verify"]).with_code(0);
}

#[test]
fn it_stops_when_the_first_serves_beside_the_others_and_an_abort_takes_that_away_again() {
    let cloud = asked();
    let before = names(&cloud);
    let read = cloud.run(&[&ROLLOUT[..], &["--plan"]].concat()).with_code(0).out;
    assert!(read.contains("It stops when the first new one serves beside the old ones"), "{read}");
    let stopped = cloud.run(&[&ROLLOUT[..], &["--yes", "--wait"]].concat()).with_code(9);
    assert!(format!("{}{}", stopped.out, stopped.err).contains("serves beside payments-0"), "{}", stopped.err);
    let beside = names(&cloud);
    assert_eq!((beside.len(), beside.is_superset(&before)), (before.len() + 1, true), "{beside:?}");
    assert_eq!(versions(&cloud, "payments").len(), 2);
    cloud.run(&["operations", "abort", "last", "--wait"]).with_code(0);
    assert_eq!(names(&cloud), before, "the fleet is as it was");
    let told = cloud.run(&["operations", "show", "last", "-o", "json"]).with_code(0).json();
    assert_eq!(told["operation"]["state"], "aborted");
}

#[test]
fn what_was_looked_at_is_let_go_on() {
    let cloud = asked();
    cloud.run(&[&ROLLOUT[..], &["--yes", "--wait"]].concat()).with_code(9);
    cloud.run(&["operations", "promote", "last", "--wait"]).with_code(0);
    assert_eq!(versions(&cloud, "payments"), BTreeSet::from(["1.5.0".to_owned()]));
}

/// At twenty times the speed; a balancer tells its figures.
const COMPARING: &str = "[operations]\npoll = \"1s\"\nmin_ready = \"5s\"\ndrain = \"5s\"\nanswering = \"5s\"\nbake = \"5s\"\n\
     analysis = \"60s\"\n[metrics.balancers]\nenabled = true\naddress = \"127.{2}.{3}.{4}\"\n";

#[test]
fn a_version_that_passes_its_checks_and_errs_is_found_by_its_figures_and_taken_away_again() {
    let cloud = Cloud::at_rate("busy", "60", "20");
    cloud.home.write(".config/stackdeck/config.toml", COMPARING);
    let of_cards = || instances(&cloud, "cards").into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let before = of_cards();
    let rollout = ["rollout", "service/cards", "--to", "5.1.0", "--straight"];
    let told = cloud.run(&[&rollout[..], &FOLLOW].concat()).with_code(8).json();
    assert_eq!(told["operation"]["state"], "failed");
    let why = cloud.run(&["operations", "show", "last"]).out;
    assert!(why.contains("does worse than the others: of "), "{why}");
    assert_eq!(of_cards(), before, "{why}");
}
