//! What Gnocchi's measures mean: answers as a Gnocchi 4.4 gave them.

use std::sync::Arc;

use serde_json::{Value, json};
use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::Fleet;
use stackdeck::fleet::metric::{Metric, Sample, Subject};
use stackdeck::openstack::metric::{Measures, Wanted, measures};
use stackdeck::watch::metrics::gnocchi_means::Means;

use super::super::cloud::MemoryCloud;
use super::scenery::{cloud, fleet_of};

fn at(time: &str) -> Timestamp {
    format!("2026-11-22T{time}Z").parse().expect("a time")
}

fn points(values: &[(&str, f64)]) -> Vec<Value> {
    values.iter().map(|(time, value)| json!([format!("2026-11-22T{time}+00:00"), 60.0, value])).collect()
}

async fn read(answer: Value, group_by: Option<&str>) -> Vec<Measures> {
    let memory = MemoryCloud::default();
    memory.fix("/aggregates", Ok(answer));
    let wanted = Wanted {
        kind: "instance",
        metrics: &["cpu"],
        group_by,
        step: 60.0,
        since: at("20:00:00"),
        project: None,
        of: &[],
    };
    measures(&memory, wanted).await.expect("an answer")
}

/// Of `web-1`, which has two virtual CPUs and 1024 MiB.
async fn of_web(metrics: Value) -> (Vec<Measures>, Arc<Fleet>) {
    (read(json!({ "measures": { "web-1": metrics } }), None).await, fleet_of(&cloud()).await)
}

fn values(samples: &[Sample], metric: Metric) -> Vec<(String, f64)> {
    let of = samples.iter().filter(|sample| sample.metric == metric);
    of.map(|sample| (sample.at.strftime("%H:%M:%S").to_string(), (sample.value * 1e6).round() / 1e6)).collect()
}

fn told(time: &str, value: f64) -> (String, f64) {
    (time.to_owned(), value)
}

#[tokio::test]
async fn cpu_time_becomes_a_share_of_all_virtual_cpus_over_the_steps_that_are_over() {
    let cpu = points(&[("20:40:00", 1e9), ("20:41:00", 61e9), ("20:42:00", 73e9), ("20:43:00", 73.1e9)]);
    let (answer, fleet) = of_web(json!({ "cpu": { "mean": cpu } })).await;
    let samples = Means::default().learn(&answer, 60.0, &fleet, at("20:43:30"), at("20:43:30"));
    assert_eq!(values(&samples, Metric::Cpu), [told("20:42:00", 0.5), told("20:43:00", 0.1)], "20:43 is not over");
    assert!(samples.iter().all(|sample| sample.subject == Subject::Instance("web-1".into())));
}

#[tokio::test]
async fn what_was_told_is_not_told_again_and_what_follows_is() {
    let first = points(&[("20:40:00", 0.0), ("20:41:00", 12e9), ("20:42:00", 24e9)]);
    let (answer, fleet) = of_web(json!({ "cpu": { "mean": first } })).await;
    let mut means = Means::default();
    assert_eq!(means.learn(&answer, 60.0, &fleet, at("20:42:30"), at("20:42:30")).len(), 1);
    let then = points(&[("20:41:00", 12e9), ("20:42:00", 24e9), ("20:43:00", 36e9), ("20:44:00", 36e9)]);
    let (answer, _) = of_web(json!({ "cpu": { "mean": then } })).await;
    let samples = means.learn(&answer, 60.0, &fleet, at("20:44:30"), at("20:44:30"));
    assert_eq!(values(&samples, Metric::Cpu), [told("20:43:00", 0.1), told("20:44:00", 0.1)]);
}

#[tokio::test]
async fn a_guest_that_began_anew_is_a_gap_and_never_below_zero() {
    let cpu = points(&[("20:40:00", 500e9), ("20:41:00", 512e9), ("20:42:00", 1e9), ("20:43:00", 13e9)]);
    let (answer, fleet) = of_web(json!({ "cpu": { "mean": cpu } })).await;
    let samples = Means::default().learn(&answer, 60.0, &fleet, at("20:50:00"), at("20:50:00"));
    assert_eq!(values(&samples, Metric::Cpu), [told("20:42:00", 0.1), told("20:44:00", 0.1)]);
}

#[tokio::test]
async fn a_step_that_is_missing_is_no_zero() {
    let cpu = points(&[("20:40:00", 0.0), ("20:43:00", 36e9)]);
    let (answer, fleet) = of_web(json!({ "cpu": { "mean": cpu } })).await;
    let samples = Means::default().learn(&answer, 60.0, &fleet, at("20:50:00"), at("20:50:00"));
    assert_eq!(values(&samples, Metric::Cpu), [told("20:44:00", 0.1)], "over the three minutes that it took");
}

#[tokio::test]
async fn memory_is_a_share_of_the_flavors() {
    let memory = points(&[("20:40:00", 256.0), ("20:41:00", 512.0)]);
    let (answer, fleet) = of_web(json!({ "memory.usage": { "mean": memory } })).await;
    let samples = Means::default().learn(&answer, 60.0, &fleet, at("20:50:00"), at("20:50:00"));
    assert_eq!(values(&samples, Metric::Memory), [told("20:41:00", 0.25), told("20:42:00", 0.5)]);
}

#[tokio::test]
async fn odd_values_and_strangers_cost_only_themselves() {
    let (_, fleet) = of_web(json!({})).await;
    let odd = json!([
        ["2026-11-22T20:40:00+00:00", 60.0, null],
        ["then", 60.0, 1.0],
        [1],
        "x",
        ["2026-11-22T20:41:00+00:00", 300.0, 9.0],
        ["2026-11-22T20:42:00+00:00", 60.0, 512.0]
    ]);
    let answer = json!({ "measures": {
        "web-1": { "memory.usage": { "mean": odd }, "nonsense": { "mean": [] }, "cpu": null },
        "web-2": [], "gone": { "memory.usage": { "mean": points(&[("20:40:00", 1.0)]) } } } });
    let answer = read(answer, None).await;
    let samples = Means::default().learn(&answer, 60.0, &fleet, at("20:50:00"), at("20:50:00"));
    assert_eq!(values(&samples, Metric::Memory), [told("20:43:00", 0.5)]);
    assert_eq!(samples.len(), 1);
}

#[tokio::test]
async fn interfaces_of_one_instance_are_added_up() {
    let part = |from: f64| json!({ "network.incoming.bytes": { "mean": points(&[("20:40:00", from), ("20:41:00", from + 6000.0)]) } });
    let answer = json!([
        { "group": { "instance_id": "web-1" }, "measures": { "measures": { "if-a": part(0.0), "if-b": part(1e9) } } },
        { "group": { "instance_id": "web-2" }, "measures": { "measures": { "if-c": part(5.0) } } },
        { "group": { "instance_id": null }, "measures": { "measures": { "if-d": part(5.0) } } },
    ]);
    let answer = read(answer, Some("instance_id")).await;
    let fleet = fleet_of(&cloud()).await;
    let samples = Means::default().learn(&answer, 60.0, &fleet, at("20:50:00"), at("20:50:00"));
    let of = |id: &str| {
        let own = samples.iter().filter(|sample| sample.subject == Subject::Instance(id.into()));
        own.map(|sample| (sample.metric, sample.value)).collect::<Vec<_>>()
    };
    assert_eq!(of("web-1"), [(Metric::Received, 200.0)]);
    assert_eq!(of("web-2"), [(Metric::Received, 100.0)]);
}

#[tokio::test]
async fn the_past_ends_where_finer_steps_begin() {
    let memory = points(&[("20:40:00", 256.0), ("20:41:00", 512.0), ("20:42:00", 512.0)]);
    let (answer, fleet) = of_web(json!({ "memory.usage": { "mean": memory } })).await;
    let mut means = Means::default();
    let samples = means.learn(&answer, 60.0, &fleet, at("20:50:00"), at("20:41:30"));
    assert_eq!(values(&samples, Metric::Memory), [told("20:41:00", 0.25)]);
    let samples = means.learn(&answer, 60.0, &fleet, at("20:50:00"), at("20:50:00"));
    assert_eq!(values(&samples, Metric::Memory), [told("20:42:00", 0.5), told("20:43:00", 0.5)]);
}
