//! Freezes, end to end: refused with the reason, lifted by one person with a reason, told in the record.

use serde_json::json;
use stackdeck::operation::{Event, OperationId, Plan};
use stackdeck::store::{Entry, Journal};

use super::changing::{configure, quick, text};
use super::sim::Cloud;

/// One that holds for as long as anybody runs tests.
const FROZEN: &str = "[[operations.freeze]]\nname = \"year end\"\nreason = \"the books are closed\"\n\
     from = \"2020-01-01\"\nto = \"2100-01-01\"\n";

fn frozen() -> Cloud {
    let cloud = quick();
    configure(&cloud, FROZEN);
    cloud
}

const WHY: &str = "the freeze year end holds until Fri 2100-01-01 00:00 UTC (the books are closed)";

#[test]
fn what_does_not_pass_is_refused_with_the_reason_and_what_passes_is_done() {
    let cloud = frozen();
    let planned = cloud.run(&["stop", "batch-01", "--plan"]).with_code(7).out;
    assert!(planned.contains(&format!("against it: {WHY}")), "{planned}");
    let refused = cloud.run(&["stop", "batch-01", "--yes"]).with_code(7).err;
    assert!(refused.contains(WHY) && refused.contains("--break-glass REASON"), "{refused}");
    cloud.run(&["restart", "batch-01", "--yes", "--wait"]).with_code(0);
    let elsewhere = FROZEN.replace("name =", "clouds = [\"another\"]\nname =");
    configure(&cloud, &elsewhere);
    cloud.run(&["stop", "batch-01", "--plan"]).with_code(0);
}

#[test]
fn broken_glass_lifts_it_and_the_record_says_so() {
    let cloud = frozen();
    let glass = ["stop", "batch-01", "--break-glass", "the room is on fire"];
    let planned = cloud.run(&[&glass[..], &["--plan"]].concat()).with_code(0).out;
    assert!(planned.contains("glass    break-glass: the room is on fire; lifts the freeze year end"), "{planned}");
    assert!(planned.contains("note: the freeze year end is lifted by break-glass"), "{planned}");
    let told = cloud.run(&[&glass[..], &["--yes", "--wait", "-o", "json"]].concat()).with_code(0).json();
    let operation = &told["operation"];
    assert_eq!(operation["break_glass"], json!("the room is on fire"));
    assert_eq!(operation["lifted_freezes"], json!(["year end"]));
    let due = "break-glass: the room is on fire; lifts the freeze year end; to be reviewed by 20";
    let shown = cloud.run(&["operations", "show"]).with_code(0).out;
    assert!(shown.contains(&format!("exception {due}")), "{shown}");
    let handed = cloud.run(&["operations", "show", "-o", "md"]).with_code(0).out;
    assert!(handed.contains(&format!("- Exception: {due}")), "{handed}");
    let audit = cloud.run(&["audit"]).with_code(0).out;
    assert!(audit.contains("break-glass: the room is on fire"), "{audit}");
    cloud.run(&["audit", "--verify"]).with_code(0);
    for reason in ["", "  ", &"x".repeat(256)] {
        cloud.run(&["start", "batch-01", "--break-glass", reason, "--plan"]).with_code(2);
    }
}

#[test]
fn what_was_approved_before_a_freeze_does_not_begin_in_it() {
    let cloud = quick();
    cloud.run(&["stop", "batch-01", "--yes", "--wait"]).with_code(0);
    let state = cloud.home.path().join(".local/state/stackdeck");
    let mut journal = Journal::open(&state).unwrap();
    let ran = journal.operations(1).unwrap().remove(0).unwrap().id;
    let first = journal.records(&ran).unwrap().remove(0);
    let Event::Approved { plan } = first.event else { panic!("{first:?}") };
    let approved = Event::Approved { plan: Box::new(Plan { title: "Approved before".into(), ..*plan }) };
    let operation = OperationId::new(first.at, 9);
    journal.append(Entry { operation: &operation, at: first.at, by: &first.by, event: &approved }, None).unwrap();
    configure(&cloud, FROZEN);
    let refused = cloud.run(&["operations", "resume", "last"]).with_code(7).err;
    assert!(refused.contains("does not begin now") && refused.contains(WHY), "{refused}");
    // Nor by a worker that somebody starts who knows of no freeze.
    let (state, pace) = (state.display().to_string(), "1970-01-01T00:00:00Z/1970-01-01T00:00:00Z/1");
    let worker = cloud.run(&["worker", operation.as_str(), "--state", &state, "--pace", pace]).with_code(7).err;
    assert!(worker.contains(WHY), "{worker}");
    assert_eq!(journal.records(&operation).unwrap().len(), 1, "nothing was begun");
    cloud.run(&["operations", "abort", "last", "--wait"]).with_code(0);
}

#[test]
fn a_rollout_behind_its_checkpoint_waits_for_the_end_of_a_freeze() {
    // Without questions to the instances themselves: it ends as incomplete.
    let cloud = quick();
    cloud
        .run(&["rollout", "service/payments", "--to", "1.5.0", "--strategy", "rebuild", "--yes", "--wait"])
        .with_code(9);
    configure(&cloud, FROZEN);
    let refused = cloud.run(&["operations", "promote", "last"]).with_code(7).err;
    assert!(refused.contains(WHY) && refused.contains("plan it anew with --break-glass"), "{refused}");
    let before = cloud.run(&["operations", "show", "-o", "json"]).with_code(0).json();
    assert_eq!(text(&before["operation"]["state"]), "paused");
    assert!(before["records"].as_array().unwrap().iter().all(|record| record["kind"] != "asked"), "{before}");
    configure(&cloud, "");
    cloud.run(&["operations", "promote", "last", "--wait"]).with_code(8);
}
