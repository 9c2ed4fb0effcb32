//! A reboot that stays in its task state: it is waited for, once, and for no longer than was configured.

use std::time::Duration;

use serde_json::json;
use stackdeck::base::clock::since;
use stackdeck::base::id::InstanceId;
use stackdeck::openstack::compute;
use stackdeck::operation::fold::{Operation, Phase, Stage};
use stackdeck::operation::record::{Verdict, Wait};
use stackdeck::operation::{Event, Record};
use tokio::time::{Instant, sleep};

use super::bench::{Bench, DEADLINE, QUICK, is_finished};

/// Waits until the hypervisor has begun: by then it has read how long it shall take.
pub(super) async fn begun(bench: &Bench, server: &InstanceId) {
    let began = Instant::now();
    loop {
        let row = compute::server(&bench.cloud, server).await.expect("the server");
        if row.task_state.as_deref() == Some("reboot_started") {
            // The task state is written right before the hypervisor is asked.
            return sleep(Duration::from_millis(500)).await;
        }
        assert!(began.elapsed() < DEADLINE, "it does not restart: {row:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

fn waits(records: &[Record], wanted: Wait) -> bool {
    records.iter().any(|record| matches!(record.event, Event::Waiting { wait, .. } if wait == wanted))
}

/// When the record came that is so.
fn at(records: &[Record], so: impl Fn(&Event) -> bool) -> stackdeck::base::clock::Timestamp {
    records.iter().find(|record| so(&record.event)).unwrap_or_else(|| panic!("{records:#?}")).at
}

#[tokio::test]
async fn a_held_reboot_is_waited_for_and_so_is_somebody_elses() {
    let Some(bench) = Bench::of(2).await else { return };
    let held = bench.rig.hold_reboots(Duration::from_secs(4)).await;
    bench.run(&bench.line("restart", &["--yes"])).with_code(0);
    begun(&bench, &bench.servers[0]).await;
    // The worker comes to the second while another tool restarts it.
    held.change(Duration::from_secs(20));
    bench.other.act(&bench.servers[1], &json!({ "reboot": { "type": "SOFT" } })).await;
    bench.records_when("it waits", |records| waits(records, Wait::Settling)).await;
    begun(&bench, &bench.servers[1]).await;
    drop(held);
    let operation = bench.done_after(None).await;
    let busy = |event: &Event| matches!(event, Event::Waiting { step: 1, wait: Wait::Busy, .. });
    at(&bench.records(), busy);
    bench.assert_traced(&operation).await;
    assert_eq!(bench.times(&bench.servers[0], "reboot").await, 1);
    assert_eq!(bench.times(&bench.servers[1], "reboot").await, 2, "theirs and ours");
    bench.assert_audited();
}

#[tokio::test]
async fn the_end_of_a_held_reboot_is_seen_when_it_comes_and_not_before() {
    let Some(bench) = Bench::of(1).await else { return };
    let long = Duration::from_secs(4);
    let held = bench.rig.hold_reboots(long).await;
    bench.run(&bench.line("restart", &["--yes"])).with_code(0);
    begun(&bench, &bench.servers[0]).await;
    drop(held);
    let operation = bench.done_after(None).await;
    let records = bench.records();
    let answered = at(&records, |event| matches!(event, Event::Answered { .. }));
    let reached = at(&records, |event| matches!(event, Event::Reached { .. }));
    assert!(since(answered, reached) >= long, "{records:#?}");
    bench.assert_traced(&operation).await;
    assert_eq!(bench.times(&bench.servers[0], "reboot").await, 1);
    bench.assert_audited();
}

#[tokio::test]
async fn a_reboot_that_takes_longer_than_is_waited_is_told_as_that() {
    let Some(bench) = Bench::of(2).await else { return };
    bench.home.write(".config/stackdeck/config.toml", &QUICK.replace("[watch]", "settle = \"1s\"\n[watch]"));
    let held = bench.rig.hold_reboots(Duration::from_secs(8)).await;
    bench.run(&bench.line("restart", &["--yes"])).with_code(0);
    begun(&bench, &bench.servers[0]).await;
    drop(held);
    let operation = Operation::fold(&bench.records_when("the end", is_finished).await).expect("an operation");
    assert_eq!(operation.stage, Stage::Finished(Verdict::Failed), "{operation:#?}");
    let (first, second) = (&operation.steps[0], &operation.steps[1]);
    assert_eq!((&first.phase, first.attempts), (&Phase::Failed, 1));
    let told = format!("{}-1 is still REBOOT (reboot", bench.service);
    assert!(first.remark.starts_with(&told) && first.remark.ends_with(") after the longest wait"), "{first:?}");
    assert_eq!((&second.phase, second.attempts), (&Phase::Pending(None), 0), "the first failure ends it");
    bench.run(&["operations", "watch", "last"]).with_code(8);

    // Nova ends what it has begun, whoever has stopped looking.
    bench.until(&bench.servers[0], &stackdeck::fleet::instance::Status::Active).await;
    assert_eq!(bench.times(&bench.servers[0], "reboot").await, 1);
    assert_eq!(bench.times(&bench.servers[1], "reboot").await, 0);
    bench.assert_audited();
}
