//! A server that is locked: before the plan, and between the plan and its call; by ourselves and by somebody else.

use std::time::Duration;

use serde_json::json;
use stackdeck::operation::fold::{Phase, Stage};
use stackdeck::operation::record::Verdict;

use super::bench::{Bench, CLOUD};
use crate::terminal::pty::{Options, Terminal};

#[tokio::test]
async fn a_locked_server_is_refused_and_nothing_is_asked_of_nova() {
    let Some(bench) = Bench::of(1).await else { return };
    bench.run(&bench.line("lock", &["--yes", "--wait"])).with_code(0);
    let refused = bench.run(&bench.line("restart", &["--yes", "--wait"])).with_code(7);
    assert!(refused.err.contains("locked") || refused.out.contains("locked"), "{refused:?}");
    assert_eq!(bench.times(&bench.servers[0], "reboot").await, 0);
    bench.run(&bench.line("lock", &["--yes", "--wait"])).with_code(0);
    assert_eq!(bench.times(&bench.servers[0], "lock").await, 1, "it is locked already");
    bench.run(&bench.line("unlock", &["--yes", "--wait"])).with_code(0);
    bench.assert_audited();
}

#[tokio::test]
async fn anothers_lock_is_an_objection_with_its_reason_and_is_not_taken_away() {
    let Some(bench) = Bench::of(1).await else { return };
    let server = &bench.servers[0];
    bench.admin.act(server, &json!({ "lock": { "locked_reason": "disk swap, ask Bo" } })).await;
    let plan = bench.run(&bench.line("restart", &["--plan", "-o", "json"])).with_code(7).json();
    let text = plan["plan"]["objections"][0]["text"].as_str().expect("an objection");
    assert_eq!(text, format!("{}-1 is locked: disk swap, ask Bo", bench.service));
    assert_eq!(plan["plan"]["objections"][0]["instance_id"], server.as_str());

    // Only who locked it, or an admin, may unlock it: Nova says so, and that is told.
    let ended = bench.run(&bench.line("unlock", &["--yes", "--wait"])).with_code(8);
    assert!(ended.out.contains("the role may not: Policy doesn't allow os_compute_api:os-lock-server"), "{ended:?}");
    let operation = bench.operation();
    let [request] = operation.steps[0].requests.as_slice() else { panic!("{operation:#?}") };
    assert_eq!(bench.rig.asked(request, &format!("POST /v2.1/servers/{server}/action HTTP/1.1\" status: 403")), 1);
    assert_eq!(bench.times(server, "reboot").await, 0);
    bench.assert_audited();
}

#[tokio::test]
async fn a_lock_between_the_plan_and_the_call_is_told_and_nothing_is_lost() {
    let Some(bench) = Bench::of(2).await else { return };
    let line = [&["--cloud", CLOUD][..], &bench.line("restart", &["--wait"])].concat();
    let mut terminal = Terminal::start(&bench.home, &Options { arguments: &line, ..Options::default() });
    terminal.wait("Start? [y/N]");
    bench.admin.act(&bench.servers[1], &json!({ "lock": { "locked_reason": "disk swap" } })).await;
    terminal.send("y\r");
    assert_eq!(terminal.ended(Duration::from_secs(30)), Ok(8));

    let operation = bench.operation();
    assert_eq!(operation.stage, Stage::Finished(Verdict::Failed), "{operation:#?}");
    let (first, second) = (&operation.steps[0], &operation.steps[1]);
    assert_eq!((&first.phase, first.attempts), (&Phase::Passed, 1));
    let told = format!("{}-2 is locked: disk swap", bench.service);
    assert_eq!((&second.phase, second.attempts, second.remark.as_str()), (&Phase::Failed, 0, told.as_str()));
    assert_eq!(bench.times(&bench.servers[0], "reboot").await, 1);
    assert_eq!(bench.times(&bench.servers[1], "reboot").await, 0);

    bench.admin.act(&bench.servers[1], &json!({ "unlock": null })).await;
    bench.run(&["restart", bench.servers[1].as_str(), "--yes", "--wait"]).with_code(0);
    bench.assert_traced(&bench.operation()).await;
    assert_eq!(bench.times(&bench.servers[1], "reboot").await, 1);
    bench.assert_audited();
}
