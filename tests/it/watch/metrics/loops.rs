//! The sources' loops: they tell samples and how they stand, and no failure of one is another's.

use std::time::Duration;

use serde_json::json;
use stackdeck::base::failure::FailureKind;
use stackdeck::fleet::metric::{Meter, MeterStanding, MeterState, Metric, Sample};
use stackdeck::watch::News;
use stackdeck::watch::metrics::Settings;
use tokio::sync::mpsc::Receiver;

use super::super::cloud::{MemoryCloud, server};
use super::scenery::{OFTEN, cloud, measure, of_service, stats, until_meters, until_sample};

const WEB: &str = "/lbaas/loadbalancers/bw/stats";
const PAY: &str = "/lbaas/loadbalancers/bp/stats";

fn octavia() -> Settings {
    let mut settings = Settings { requests: 6000, ..Settings::default() };
    settings.octavia.every = OFTEN;
    settings.gnocchi.enabled = false;
    settings.aetos.enabled = false;
    settings
}

fn answers(states: &[MeterState], meter: Meter) -> bool {
    let state = states.iter().find(|state| state.meter == meter);
    state.is_some_and(|state| matches!(state.standing, MeterStanding::Answers(_)) && !state.services.is_empty())
}

#[tokio::test]
async fn octavias_sums_become_rates_of_the_services_behind_its_pools() {
    let cloud = cloud();
    cloud.fix(WEB, Ok(stats(1000, 5000)));
    cloud.fix(PAY, Ok(stats(10, 50)));
    let (_handle, mut news) = measure(&cloud, octavia());
    let states = until_meters(&mut news, |states| answers(states, Meter::Octavia)).await;
    assert!(states[0].lacks.iter().any(|lack| lack.why.contains("no answers of the 500s")), "{states:?}");
    let active = until_sample(&mut news, |sample| of_service(sample, "web", Metric::Active)).await;
    assert_eq!((active.value, active.meter), (3.0, Meter::Octavia));
    cloud.fix(WEB, Ok(stats(1100, 5500)));
    let connections = until_sample(&mut news, |sample| of_service(sample, "web", Metric::Connections)).await;
    assert!(connections.value > 0.0);
    cloud.fix(WEB, Ok(stats(1300, 6500)));
    let sent = until_sample(&mut news, |sample| of_service(sample, "web", Metric::Sent)).await;
    assert!(sent.value > 0.0 && sent.value.is_finite());
}

#[tokio::test]
async fn one_balancer_that_fails_costs_its_own_service_alone() {
    let cloud = cloud();
    cloud.fix(WEB, Err(FailureKind::Retry));
    cloud.fix(PAY, Ok(stats(10, 50)));
    let (_handle, mut news) = measure(&cloud, octavia());
    until_sample(&mut news, |sample| of_service(sample, "pay", Metric::Active)).await;
    let lacking = |states: &[MeterState]| {
        let names: Vec<_> = states[0].lacks.iter().filter_map(|lack| lack.service.as_ref()).collect();
        answers(states, Meter::Octavia) && names.len() == 1 && &*names[0].name == "web"
    };
    until_meters(&mut news, lacking).await;
}

#[tokio::test]
async fn a_cloud_without_octavia_is_told_once_and_asked_rarely() {
    let cloud = cloud();
    cloud.fix("/lbaas/loadbalancers", Err(FailureKind::Unsupported));
    let (_handle, mut news) = measure(&cloud, octavia());
    let states = until_meters(&mut news, |states| matches!(states[0].standing, MeterStanding::Silent(..))).await;
    assert!(matches!(&states[0].standing, MeterStanding::Silent(_, why) if why.kind == FailureKind::Unsupported));
}

/// Both services have been measured, in whatever order.
async fn until_both(news: &mut Receiver<News>) {
    let (mut web, mut pay) = (false, false);
    let both = |sample: &Sample| {
        web |= of_service(sample, "web", Metric::Active);
        pay |= of_service(sample, "pay", Metric::Active);
        web && pay
    };
    until_sample(news, both).await;
}

#[tokio::test]
async fn turns_bound_what_is_asked_however_often_it_is_due() {
    let cloud = cloud();
    cloud.fix(WEB, Ok(stats(1, 1)));
    cloud.fix(PAY, Ok(stats(1, 1)));
    let settings = Settings { requests: 12, ..octavia() };
    let (_handle, mut news) = measure(&cloud, settings);
    // Due it is every 20 ms: without turns there would be a hundred requests.
    until_both(&mut news).await;
    let _none = tokio::time::timeout(OFTEN * 50, until_sample(&mut news, |_| false)).await;
    let asked = cloud.asked("/stats") + cloud.asked("/lbaas/listeners");
    assert!((30..=30 + 12 + 1).contains(&asked), "{asked}");
}

#[tokio::test]
async fn who_measures_services_is_first_asked_when_the_pools_are_known() {
    let cloud = cloud();
    cloud.fix(WEB, Ok(stats(1, 1)));
    cloud.fix(PAY, Ok(stats(1, 1)));
    let mut settings = octavia();
    settings.octavia.every = Duration::from_secs(3600);
    let (_handle, mut news) = measure(&cloud, settings);
    until_both(&mut news).await;
}

#[tokio::test]
async fn gnocchis_measures_come_with_their_past_and_each_once() {
    let cloud = cloud();
    let policy = json!({ "definition": [{ "granularity": "0:01:00", "timespan": "1 day, 0:00:00" },
                                        { "granularity": "0:05:00", "timespan": "30 days, 0:00:00" }] });
    let example = json!([{ "id": "web-1", "metrics": { "other": "x", "memory.usage": "m-1" } }]);
    cloud.fix("/search/resource/instance", Ok(example));
    cloud.fix("/metric/m-1", Ok(json!({ "name": "memory.usage", "archive_policy": policy })));
    let memory = json!([["2020-01-01T08:00:00+00:00", 60.0, 512.0], ["2020-01-01T08:00:00+00:00", 300.0, 256.0]]);
    let web = json!({ "memory.usage": { "mean": memory } });
    cloud.fix("/aggregates", Ok(json!({ "measures": { "web-1": web } })));
    let mut settings = Settings { requests: 6000, ..Settings::default() };
    (settings.octavia.enabled, settings.aetos.enabled) = (false, false);
    let (_handle, mut news) = measure(&cloud, settings);
    let past = until_sample(&mut news, |sample| sample.metric == Metric::Memory).await;
    assert_eq!((past.value, past.meter), (0.25, Meter::Gnocchi), "the coarse past comes first");
    let states = until_meters(&mut news, |states| answers(states, Meter::Gnocchi)).await;
    assert_eq!(states[0].services.len(), 1);
    assert!(cloud.asked("granularity=300") == 1 && cloud.asked("granularity=60") == 1);
}

#[tokio::test]
async fn thousands_of_instances_are_asked_for_part_by_part_at_steps_that_can_be_kept_up_with() {
    let ids: Vec<String> = (0..2500).map(|number| format!("web-{number:04}")).collect();
    let cloud = MemoryCloud::with(ids.iter().map(|id| server(id, "ACTIVE", "2026-11-22T08:00:00Z")));
    let policy = json!({ "definition": [{ "granularity": "0:01:00", "timespan": "1 day, 0:00:00" },
                                        { "granularity": "0:05:00", "timespan": "30 days, 0:00:00" }] });
    cloud.fix("/search/resource/instance", Ok(json!([{ "id": "web-0001", "metrics": { "cpu": "m-1" } }])));
    cloud.fix("/metric/m-1", Ok(json!({ "name": "cpu", "archive_policy": policy })));
    cloud.fix("/aggregates", Ok(json!({ "measures": {} })));
    // All that services are made of is known: nobody waits for it.
    cloud.fix("/ports", Ok(json!({ "ports": [] })));
    cloud.fix("/os-server-groups", Ok(json!({ "server_groups": [] })));
    cloud.fix("/lbaas/pools", Ok(json!({ "pools": [] })));
    // Five turns are there at once: two to look, one for each part.
    let mut settings = Settings { requests: 5, ..Settings::default() };
    settings.octavia.enabled = false;
    let (_handle, mut news) = measure(&cloud, settings);
    let answers = |state: &MeterState| matches!(state.standing, MeterStanding::Answers(_));
    let gnocchi = |states: &[MeterState]| states.iter().any(|state| state.meter == Meter::Gnocchi && answers(state));
    until_meters(&mut news, gnocchi).await;
    assert_eq!((cloud.asked("/aggregates"), cloud.asked("granularity=300")), (3, 3));
    for id in &ids {
        assert_eq!(cloud.asked(&format!("\"{id}\"")), 1, "{id}");
    }
}
