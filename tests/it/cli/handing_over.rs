//! A plan that one saves and another starts: the same, or not at all.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::changing::{did, quick, text};
use super::sim::Cloud;
use crate::support::process::Ended;

/// Saves the plan of that verb.
fn save(cloud: &Cloud, words: &[&str]) -> PathBuf {
    let file = cloud.home.path().join("plan.json");
    let plan = format!("--plan={}", file.display());
    let told = cloud.run(&[words, &[&plan]].concat()).with_code(0);
    assert!(told.err.contains("--expect ") && told.err.contains("stackdeck apply"), "{}", told.err);
    file
}

fn apply(cloud: &Cloud, file: &std::path::Path, more: &[&str]) -> Ended {
    let file = file.display().to_string();
    cloud.run(&[&["apply", &file][..], more].concat())
}

/// Refused with that sentence, and nothing was written down.
#[track_caller]
fn refuses(cloud: &Cloud, file: &std::path::Path, more: &[&str], code: i32, why: &str) {
    let before = operations(cloud);
    let refused = apply(cloud, file, &[&["--yes"], more].concat()).with_code(code);
    assert!(refused.err.contains(why), "should say {why}:\n{}", refused.err);
    assert_eq!(operations(cloud), before, "nothing was approved");
}

fn operations(cloud: &Cloud) -> usize {
    let all = cloud.run(&["operations", "-o", "json"]).with_code(0).json();
    all["operations"].as_array().unwrap().len()
}

#[test]
fn the_same_plan_starts_and_its_record_names_who_planned_it() {
    let cloud = quick();
    let file = save(&cloud, &["restart", "payments-01", "batch-01"]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        std::fs::read_dir(cloud.home.path()).unwrap().flatten().filter(is_plan).count(),
        1,
        "none is left aside"
    );
    let saved: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let hash = text(&saved["hash"]);
    assert_eq!((&saved["schema"], hash.len()), (&json!(1), 64));
    let planned = apply(&cloud, &file, &["--plan"]).with_code(0).out;
    assert!(planned.contains("Restart 2 instances"), "{planned}");
    apply(&cloud, &file, &[]).with_code(2);
    let expect = ["--expect", &hash[..12], "--yes", "--wait", "-o", "json"];
    let told = apply(&cloud, &file, &expect).with_code(0).json();
    let expected = [
        "payments-01 · update member: weight 0 · done",
        "payments-01 · reboot SOFT · done",
        "payments-01 · update member: weight 1 · done",
        "batch-01 · reboot SOFT · done",
    ];
    assert_eq!(did(&told), expected);
    assert_eq!(told["operation"]["saved_plan"]["hash"], json!(hash));
    assert_eq!(told["operation"]["saved_plan"]["by"], saved["by"]);
    let shown = cloud.run(&["operations", "show"]).with_code(0).out;
    assert!(shown.contains(&format!("hash {}", &hash[..12])), "{shown}");
    cloud.run(&["audit", "--verify"]).with_code(0);
}

fn is_plan(entry: &std::fs::DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with("plan.json")
}

#[test]
fn what_differs_by_now_is_refused_and_told() {
    let cloud = quick();
    let file = save(&cloud, &["restart", "payments-01", "batch-01"]);
    cloud.run(&["drain", "payments-01", "--yes", "--wait"]).with_code(0);
    refuses(&cloud, &file, &[], 7, "since the plan was saved: payments-01: it was update member: weight 0, reboot");
    let told = apply(&cloud, &file, &["--plan"]).with_code(7).out;
    assert!(told.contains("against it: since the plan was saved"), "{told}");
    cloud.run(&["put-back", "payments-01", "--yes", "--wait"]).with_code(0);
    apply(&cloud, &file, &["--plan"]).with_code(0);
    cloud.run(&["remove", "batch-01", "--confirm", "batch-01", "--no-drain", "--wait"]).with_code(0);
    refuses(&cloud, &file, &[], 7, "since the plan was saved: batch-01 would not be changed any more");
}

#[test]
fn another_place_another_hash_and_another_hand_are_refused() {
    let cloud = quick();
    let file = save(&cloud, &["stop", "batch-01"]);
    let clouds = std::fs::read_to_string(&cloud.file).unwrap();
    let other = clouds.replace("  sim:", "  other:").split_once("  other:").map(|(_, rest)| rest.to_owned()).unwrap();
    std::fs::write(&cloud.file, format!("{clouds}\n  other:{other}")).unwrap();
    refuses(&cloud, &file, &["--cloud", "other"], 7, "The plan is for the cloud sim, and this is other");
    refuses(&cloud, &file, &["--region", "Elsewhere"], 7, "The plan is for the region RegionOne");
    refuses(&cloud, &file, &["--expect", "0123456789abcdef"], 7, "is another plan: its hash is");
    refuses(&cloud, &file, &["--expect", "0"], 2, "at least the first 8 characters");

    let saved = std::fs::read_to_string(&file).unwrap();
    let edited = saved.replace("\"verb\": \"stop\"", "\"verb\": \"lock\"");
    assert_ne!(edited, saved);
    std::fs::write(&file, edited).unwrap();
    refuses(&cloud, &file, &[], 7, "is not what was saved: its hash does not fit");
    // White space is nobody's change.
    let value: Value = serde_json::from_str(&saved).unwrap();
    std::fs::write(&file, value.to_string()).unwrap();
    apply(&cloud, &file, &["--yes", "--wait"]).with_code(0);
}

#[test]
fn what_is_no_plan_is_told_with_its_file_and_line() {
    let cloud = quick();
    let file = save(&cloud, &["stop", "batch-01"]);
    let saved = std::fs::read_to_string(&file).unwrap();
    for (wrong, code, why) in [
        (saved.replacen("\"made\": ", "\"made\": x", 1), 2, "plan.json:4"),
        (saved.replacen("\"made\": \"", "\"made\": \"never", 1), 2, "plan.json:4"),
        (saved[..saved.len() / 2].to_owned(), 2, "plan.json:"),
        ("{}".to_owned(), 2, "it has no `schema`"),
        (saved.replacen("\"schema\": 1", "\"schema\": 2", 1), 5, "was written by a newer Stackdeck"),
    ] {
        std::fs::write(&file, wrong).unwrap();
        refuses(&cloud, &file, &[], code, why);
    }
    refuses(&cloud, &cloud.home.path().join("none.json"), &[], 2, "none.json cannot be read");
    cloud.run(&["stop", "batch-01", "--plan=/nowhere/plan.json"]).with_code(2);
    let refused = cloud.home.path().join("refused.json");
    let plan = format!("--plan={}", refused.display());
    let told = cloud.run(&["scale", "payments", "--to", "0", &plan]).with_code(7);
    assert!(told.err.contains("Nothing was saved") && !refused.exists(), "{}", told.err);
}
