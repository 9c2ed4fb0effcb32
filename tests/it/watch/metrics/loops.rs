//! The sources' loops: they tell samples and how they stand, and no failure of one is another's.

use stackdeck::base::failure::FailureKind;
use stackdeck::fleet::metric::{Meter, MeterStanding, MeterState, Metric};
use stackdeck::watch::metrics::Settings;

use super::scenery::{OFTEN, cloud, measure, of_service, stats, until_meters, until_sample};

const WEB: &str = "/lbaas/loadbalancers/bw/stats";
const PAY: &str = "/lbaas/loadbalancers/bp/stats";

fn octavia() -> Settings {
    let mut settings = Settings { requests: 6000, ..Settings::default() };
    settings.octavia.every = OFTEN;
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
    let active = until_sample(&mut news, |sample| of_service(sample, "web", Metric::Active)).await;
    assert_eq!((active.value, active.meter), (3.0, Meter::Octavia));
    cloud.fix(WEB, Ok(stats(1100, 5500)));
    let connections = until_sample(&mut news, |sample| of_service(sample, "web", Metric::Connections)).await;
    assert!(connections.value > 0.0);
    cloud.fix(WEB, Ok(stats(1300, 6500)));
    let sent = until_sample(&mut news, |sample| of_service(sample, "web", Metric::Sent)).await;
    assert!(sent.value > 0.0 && sent.value.is_finite());
    let states = until_meters(&mut news, |states| answers(states, Meter::Octavia)).await;
    assert!(states[0].lacks.iter().any(|lack| lack.why.contains("no answers of the 500s")), "{states:?}");
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

#[tokio::test]
async fn turns_bound_what_is_asked_however_often_it_is_due() {
    let cloud = cloud();
    cloud.fix(WEB, Ok(stats(1, 1)));
    cloud.fix(PAY, Ok(stats(1, 1)));
    let settings = Settings { requests: 6, ..octavia() };
    let (_handle, mut news) = measure(&cloud, settings);
    // Two lists and two balancers, twice over, are what six turns allow at most until the seventh is due.
    until_sample(&mut news, |sample| of_service(sample, "pay", Metric::Active)).await;
    until_sample(&mut news, |sample| of_service(sample, "web", Metric::Active)).await;
    let _none = tokio::time::timeout(OFTEN * 20, until_sample(&mut news, |_| true)).await;
    let asked = cloud.asked("/stats") + cloud.asked("/lbaas/listeners");
    assert!(asked <= 6, "{asked}");
}
