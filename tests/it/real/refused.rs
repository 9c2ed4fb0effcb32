//! A reader whose role refuses: a second Nova with the strict policies that `RIG_STRICT` would give to the rig's own.

use stackdeck::operation::Outcome;
use stackdeck::operation::change::Refusal;
use stackdeck::operation::fold::{Phase, Stage};
use stackdeck::operation::record::Verdict;
use stackdeck::operation::{Event, Record};

use super::bench::Bench;
use super::daemon::Daemon;
use super::rig::{Rig, asked};

fn reader(port: u16) -> String {
    format!(
        "  strict:\n    auth:\n      auth_url: http://127.0.0.1:5000/v3\n      username: demo-reader\n      \
         password: rig\n      project_name: demo\n      user_domain_name: Default\n      \
         project_domain_name: Default\n    region_name: RegionOne\n    \
         compute_endpoint_override: http://127.0.0.1:{port}/v2.1\n"
    )
}

fn refused(record: &Record) -> Option<&str> {
    match &record.event {
        Event::Answered { outcome: Outcome::Refused { why: Refusal::Forbidden, failure }, .. } => {
            failure.request_id.as_ref().map(stackdeck::base::id::RequestId::as_str)
        }
        _ => None,
    }
}

#[tokio::test]
async fn what_the_role_may_not_is_told_with_its_request_and_not_tried_again() {
    let Some(rig) = Rig::here() else { return };
    let mut nova = Daemon::strict_nova(&rig);
    let bench = Bench::of(2).await.expect("the same rig");
    bench.add_cloud(&reader(nova.port));
    nova.ready();

    let ended = bench.run_on("strict", &bench.line("restart", &["--yes", "--wait"])).with_code(8);
    let why = "the role may not: Policy doesn't allow os_compute_api:servers:reboot to be performed";
    assert!(ended.out.contains(why), "{ended:?}");
    let operation = bench.operation();
    assert_eq!(operation.stage, Stage::Finished(Verdict::Failed));
    let (first, second) = (&operation.steps[0], &operation.steps[1]);
    assert_eq!((&first.phase, first.attempts), (&Phase::Failed, 1));
    assert_eq!((&second.phase, second.attempts), (&Phase::Pending(None), 0), "the first failure ends it");

    let records = bench.records();
    let request = records.iter().find_map(refused).expect("a refusal with its request");
    assert!(ended.out.contains(request), "{ended:?}");
    assert_eq!(asked(&nova.log, &request.into(), "/action HTTP/1.1\" status: 403"), 1);
    let log = std::fs::read_to_string(&nova.log).expect("its log");
    assert_eq!(log.matches("\"POST ").count(), 1, "one call in all:\n{log}");
    for server in &bench.servers {
        assert_eq!(bench.times(server, "reboot").await, 0, "{server}");
    }
    bench.assert_audited();
}
