//! A Prometheus: its answers, whose series are, and the loop over a local one.

use std::time::Duration;

use serde_json::{Value, json};
use stackdeck::base::clock::{Clock, Pace, Timestamp};
use stackdeck::base::failure::FailureKind;
use stackdeck::config::metrics::{OwnQueries, Prometheus};
use stackdeck::fleet::Fleet;
use stackdeck::fleet::metric::{Meter, MeterStanding, MeterState, Metric, Sample, Subject};
use stackdeck::watch::News;
use stackdeck::watch::metrics::Settings;
use stackdeck::watch::metrics::prometheus::answer::{Answered, read};
use stackdeck::watch::metrics::prometheus::meaning::{Meant, meant};
use stackdeck::watch::metrics::prometheus::queries::{SETS, Unit, of_set, own_metrics};

use super::scenery::{OFTEN, cloud, fleet_of, measure, measure_at, of_service, until, until_meters, until_sample};
use super::server::Local;
use crate::support::folder::Folder;

const NOW: f64 = 1_700_000_000.5;

fn vector(rows: Vec<(Value, &str)>) -> String {
    let rows: Vec<Value> =
        rows.into_iter().map(|(labels, value)| json!({ "metric": labels, "value": [NOW, value] })).collect();
    json!({ "status": "success", "data": { "resultType": "vector", "result": rows } }).to_string()
}

fn answered(text: &str) -> Answered {
    read(200, text.as_bytes()).expect("a success")
}

#[test]
fn values_that_are_no_numbers_are_not_told() {
    let labels = json!({ "stackdeck": "0" });
    let text =
        vector(vec![(labels.clone(), "NaN"), (labels.clone(), "+Inf"), (labels.clone(), "x"), (labels, "1.5e-3")]);
    let points: Vec<usize> = answered(&text).series.iter().map(|series| series.points.len()).collect();
    assert_eq!(points, [0, 0, 0, 1]);
}

#[test]
fn ranges_scalars_warnings_and_odd_rows_are_read() {
    let text = json!({ "status": "success", "warnings": ["one store did not answer"], "infos": ["x"], "data": {
        "resultType": "matrix", "result": [
            { "metric": { "a": "b" }, "values": [[1, "1"], [2.5, "NaN"], [4, "3"], ["x", "1"], null] },
            { "metric": null, "histogram": [1, {}] }, 7 ] } });
    let read = answered(&text.to_string());
    assert_eq!(read.warnings, ["one store did not answer"]);
    assert_eq!(read.series.len(), 2);
    assert_eq!(read.series[0].points.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [1.0, 3.0]);
    let scalar = json!({ "status": "success", "data": { "resultType": "scalar", "result": [NOW, "4"] } });
    assert_eq!(answered(&scalar.to_string()).series[0].points[0].1, 4.0);
}

#[test]
fn refusals_say_what_helps() {
    let refused = json!({ "status": "error", "errorType": "bad_data", "error": "1:5: parse error" });
    let failure = read(400, refused.to_string().as_bytes()).unwrap_err();
    assert_eq!((failure.kind, failure.causes[0].as_str()), (FailureKind::Usage, "1:5: parse error"));
    let busy = json!({ "status": "error", "errorType": "timeout", "error": "query timed out" });
    assert_eq!(read(503, busy.to_string().as_bytes()).unwrap_err().kind, FailureKind::Retry);
    for (status, kind) in [
        (401, FailureKind::Auth),
        (403, FailureKind::Forbidden),
        (404, FailureKind::NotFound),
        (302, FailureKind::Usage),
        (502, FailureKind::Retry),
        (200, FailureKind::Usage),
    ] {
        assert_eq!(read(status, b"<html>").unwrap_err().kind, kind, "{status}");
    }
    let strings = json!({ "status": "success", "data": { "resultType": "string", "result": [1, "x"] } });
    assert_eq!(read(200, strings.to_string().as_bytes()).unwrap_err().kind, FailureKind::Usage);
}

const MARKS: [(Metric, Unit); 3] =
    [(Metric::Cpu, Unit::Cpus), (Metric::Received, Unit::Own), (Metric::Memory, Unit::Mebibytes)];

async fn mean(rows: Vec<(Value, &str)>) -> (Meant, std::sync::Arc<Fleet>) {
    let fleet = fleet_of(&cloud()).await;
    (meant(&answered(&vector(rows)), &MARKS, None, &fleet, 0), fleet)
}

fn told(meant: &Meant) -> Vec<(String, Metric, f64)> {
    let subject = |sample: &Sample| match &sample.subject {
        Subject::Service(key) => key.name.to_string(),
        Subject::Instance(id) => id.to_string(),
        other => panic!("{other:?}"),
    };
    meant.samples.iter().map(|sample| (subject(sample), sample.metric, sample.value)).collect()
}

#[tokio::test]
async fn labels_lead_to_instances_by_id_name_and_address() {
    let row = |labels: Value| (labels, "10");
    let (meant, _) = mean(vec![
        row(json!({ "stackdeck": "1", "instance_id": "web-1", "instance": "compute7:9177" })),
        row(json!({ "stackdeck": "1", "instance": "10.0.0.2:9100" })),
        row(json!({ "stackdeck": "1", "nodename": "web-pay-1" })),
        row(json!({ "stackdeck": "1", "instance": "10.9.9.9:9100" })),
        row(json!({ "stackdeck": "1", "instance_id": "" })),
        row(json!({ "stackdeck": "9", "instance_id": "web-1" })),
        row(json!({ "instance_id": "web-1" })),
    ])
    .await;
    let expected = [("pay-1", 10.0), ("web-1", 10.0), ("web-2", 10.0)];
    assert_eq!(told(&meant), expected.map(|(id, value)| (id.to_owned(), Metric::Received, value)));
    assert_eq!(meant.strangers, 2, "a label that is empty, and an address of nobody");
}

#[tokio::test]
async fn a_pool_leads_to_its_one_service_and_a_member_to_its_instance() {
    let (meant, _) = mean(vec![
        (json!({ "stackdeck": "1", "pool": "pw:listener" }), "4"),
        (json!({ "stackdeck": "1", "pool": "pw:other" }), "5"),
        (json!({ "stackdeck": "1", "pool": "unknown:x" }), "5"),
        (json!({ "stackdeck": "1", "member": "m-10.0.0.3" }), "6"),
    ])
    .await;
    assert_eq!(told(&meant), [("web".to_owned(), Metric::Received, 9.0), ("pay-1".to_owned(), Metric::Received, 6.0)]);
}

#[tokio::test]
async fn parts_are_added_up_and_two_words_for_one_thing_are_not() {
    let (meant, _) = mean(vec![
        (json!({ "stackdeck": "1", "resource": "web-1", "device": "a" }), "1"),
        (json!({ "stackdeck": "1", "resource": "web-1", "device": "b" }), "2"),
        (json!({ "stackdeck": "0", "resource": "web-1", "job": "a" }), "1"),
        (json!({ "stackdeck": "0", "resource": "web-1", "job": "b" }), "0.5"),
        (json!({ "stackdeck": "2", "resource": "web-1" }), "256"),
    ])
    .await;
    let own = |metric, value| ("web-1".to_owned(), metric, value);
    assert_eq!(told(&meant), [own(Metric::Cpu, 0.5), own(Metric::Memory, 0.25), own(Metric::Received, 3.0)]);
}

#[tokio::test]
async fn a_servers_clock_that_is_ahead_is_reckoned_with() {
    let fleet = fleet_of(&cloud()).await;
    let text = vector(vec![(json!({ "stackdeck": "1", "instance_id": "web-1" }), "1")]);
    let meant = meant(&answered(&text), &MARKS, None, &fleet, 90_000);
    assert_eq!(meant.samples[0].at, Timestamp::from_millisecond(1_700_000_000_500 - 90_000).unwrap());
}

#[test]
fn every_set_is_one_query_whose_series_say_what_they_are() {
    for set in &SETS {
        let text = of_set(set, 120);
        assert!(!text.contains("$w"), "{text}");
        assert_eq!(text.matches("label_replace((").count(), set.queries.len());
        assert_eq!(text.matches('(').count(), text.matches(')').count(), "{text}");
    }
}

#[test]
fn a_histogram_becomes_three_quantiles_and_an_empty_query_none() {
    let own = OwnQueries { latency: "h".to_owned(), errors: "e".to_owned(), ..OwnQueries::default() };
    let metrics: Vec<Metric> = own_metrics(&own).into_iter().map(|(metric, _)| metric).collect();
    assert_eq!(metrics, [Metric::Errors, Metric::ResponseP50, Metric::ResponseP95, Metric::ResponseP99]);
    assert_eq!(own_metrics(&own)[2].1, "histogram_quantile(0.95, h)");
}

fn settings(url: String) -> Settings {
    let mut settings = Settings { requests: 6000, ..Settings::default() };
    settings.octavia.enabled = false;
    settings.gnocchi.enabled = false;
    settings.aetos.enabled = false;
    settings.nova.enabled = false;
    let queries = vec!["libvirt".to_owned(), "nod".to_owned()];
    let one = Prometheus { url, every: OFTEN, queries, ..Prometheus::default() };
    settings.prometheus.insert("main".to_owned(), one);
    settings
}

fn form(request: &str) -> &str {
    request.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn lacks(states: &[MeterState]) -> String {
    let own = states.iter().filter(|state| state.meter == Meter::Prometheus);
    own.flat_map(|state| &state.lacks).map(|lack| format!("{}\n", lack.why)).collect()
}

#[tokio::test]
async fn the_past_is_asked_once_and_what_is_now_in_each_round() {
    let row = json!({ "stackdeck": "0", "instance_id": "web-1" });
    let local = Local::serve(move |request, _| {
        let past = json!({ "metric": row, "values": [[1_600_000_000, "0.25"], [1_600_000_060, "0.5"]] });
        let range = json!({ "status": "success", "data": { "resultType": "matrix", "result": [past] } });
        let is_range = request.starts_with("POST /sub/api/v1/query_range ");
        (200, if is_range { range.to_string() } else { vector(vec![(row.clone(), "0.75")]) })
    })
    .await;
    let (_handle, mut news) = measure(&cloud(), settings(format!("{}/sub/", local.url)));
    let (mut values, mut said) = (Vec::new(), String::new());
    let seen = until(&mut news, |news| {
        match news {
            News::Samples(samples) => values.extend(samples.into_iter().map(|sample| sample.value)),
            News::Meters(states) => said = lacks(&states),
            _ => {}
        }
        (values.len() >= 6 && !said.is_empty()).then(|| (values.clone(), said.clone()))
    });
    let (values, said) = seen.await;
    assert_eq!(values[..3], [0.25, 0.5, 0.75], "the near past comes first");
    assert_eq!(values[3..5], [0.25, 0.5], "and what was before comes last");
    assert!(values[5..].iter().all(|value| *value == 0.75));
    let ranges = local.seen().iter().filter(|request| request.contains("query_range")).count();
    assert_eq!(ranges, 2, "the near past and what was before");
    assert!(said.contains("`nod` is no set of queries; did you mean `node`?"), "{said}");
    assert!(said.contains("behind the cloud's"), "{said}");
}

#[tokio::test]
async fn the_past_is_as_long_in_a_cloud_whose_time_passes_faster() {
    let row = json!({ "stackdeck": "0", "instance_id": "web-1" });
    let local = Local::serve(move |_, _| (200, vector(vec![(row.clone(), "0.75")]))).await;
    let start = Clock::system().now();
    let settings = Settings { past: Duration::from_secs(6 * 3600), ..settings(local.url.clone()) };
    let (_handle, mut news) = measure_at(Pace::scaled(start, start, 20.0), &cloud(), settings);
    until_sample(&mut news, |sample| sample.value == 0.75).await;
    let asked = local.seen().into_iter().find(|request| request.contains("query_range")).unwrap();
    let of = |name: &str| {
        let value = form(&asked).split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap();
        value.parse::<f64>().unwrap()
    };
    assert_eq!(of("end") - of("start"), 6.0 * 3600.0 - 60.0, "graphs show the cloud's hours");
}

#[tokio::test]
async fn what_is_older_than_six_hours_is_asked_last_and_a_quarter_of_an_hour_apart() {
    let own = json!({ "stackdeck": "0" });
    let local = Local::serve(move |_, _| (200, vector(vec![(own.clone(), "0.75")]))).await;
    let mut settings = settings(local.url.clone());
    for name in ["web", "pay"] {
        let own = OwnQueries { requests: format!("of_{name}"), ..OwnQueries::default() };
        settings.services.insert(name.to_owned(), own);
    }
    let (_handle, mut news) = measure(&cloud(), settings);
    until_meters(&mut news, |states| {
        let answers = |state: &MeterState| matches!(state.standing, MeterStanding::Answers(_));
        states.iter().any(|state| state.meter == Meter::Prometheus && answers(state))
    })
    .await;
    let ranges: Vec<String> = local.seen().into_iter().filter(|request| request.contains("query_range")).collect();
    let of = |name: &str| {
        let own = ranges.iter().filter(|request| form(request).contains(&format!("of_{name}")));
        own.map(|request| form(request).rsplit("step=").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((of("web"), of("pay")), (vec!["60".to_owned(), "900".to_owned()], of("web")));
    let steps: Vec<bool> = ranges.iter().map(|request| request.contains("step=900")).collect();
    assert!(steps.is_sorted(), "nobody's present waits for anybody's yesterday: {steps:?}");
}

#[tokio::test]
async fn a_services_own_queries_are_one_request_and_its_samples() {
    let local = Local::serve(|request, _| {
        let all = [("0", "12"), ("1", "0.5")].map(|(mark, value)| (json!({ "stackdeck": mark }), value));
        let own = form(request).contains("mine");
        (200, vector(if own { all.to_vec() } else { Vec::new() }))
    })
    .await;
    let mut settings = settings(local.url.clone());
    let own = OwnQueries { requests: "mine".to_owned(), latency: "h".to_owned(), ..OwnQueries::default() };
    settings.services.insert("web".to_owned(), own);
    let (_handle, mut news) = measure(&cloud(), settings);
    until_sample(&mut news, |sample| of_service(sample, "web", Metric::Requests) && sample.value == 12.0).await;
    until_sample(&mut news, |sample| of_service(sample, "web", Metric::ResponseP50) && sample.value == 0.5).await;
}

#[tokio::test]
async fn what_answered_once_and_a_services_own_queries_are_asked_on_though_nothing_answers() {
    let local = Local::serve(|request, count| {
        let value = if form(request).contains("mine") { "12" } else { "0.5" };
        let row = (json!({ "stackdeck": "0", "instance_id": "web-1" }), value);
        let is_silent = (1..8).contains(&count);
        (200, vector(if is_silent { Vec::new() } else { vec![row] }))
    })
    .await;
    let mut settings = settings(local.url.clone());
    settings.services.insert("web".to_owned(), OwnQueries { requests: "mine".to_owned(), ..OwnQueries::default() });
    settings.past = Duration::ZERO;
    let (_handle, mut news) = measure(&cloud(), settings);
    until_sample(&mut news, |sample| sample.metric == Metric::Cpu).await;
    let said = "service web: Prometheus has nothing that its queries ask for";
    until_meters(&mut news, |states| lacks(states).contains(said)).await;
    until_sample(&mut news, |sample| of_service(sample, "web", Metric::Requests) && sample.value == 12.0).await;
    until_sample(&mut news, |sample| sample.metric == Metric::Cpu).await;
}

#[tokio::test]
async fn a_prometheus_that_dies_is_silent_though_a_set_is_not_asked_for_as_nothing_answered_to_it() {
    let local = Local::serve(|request, count| match form(request).contains("mine") {
        _ if count > 3 => (503, String::new()),
        true => (200, vector(vec![(json!({ "stackdeck": "0" }), "12")])),
        false => (200, vector(Vec::new())),
    })
    .await;
    let mut settings = settings(local.url.clone());
    settings.services.insert("web".to_owned(), OwnQueries { requests: "mine".to_owned(), ..OwnQueries::default() });
    settings.past = Duration::ZERO;
    let (_handle, mut news) = measure(&cloud(), settings);
    until_sample(&mut news, |sample| of_service(sample, "web", Metric::Requests)).await;
    until_meters(&mut news, |states| {
        let silent = |state: &MeterState| matches!(state.standing, MeterStanding::Silent(..));
        states.iter().any(|state| state.meter == Meter::Prometheus && silent(state))
    })
    .await;
}

#[tokio::test]
async fn a_query_that_is_refused_costs_itself_alone_and_its_error_is_told() {
    let local = Local::serve(|request, _| {
        if form(request).contains("mine") {
            return (400, json!({ "status": "error", "errorType": "bad_data", "error": "no such thing" }).to_string());
        }
        (200, vector(vec![(json!({ "stackdeck": "0", "instance_id": "web-1" }), "0.75")]))
    })
    .await;
    let mut settings = settings(local.url.clone());
    settings.services.insert("web".to_owned(), OwnQueries { requests: "mine".to_owned(), ..OwnQueries::default() });
    let (_handle, mut news) = measure(&cloud(), settings);
    until_sample(&mut news, |sample| sample.metric == Metric::Cpu).await;
    let states = until_meters(&mut news, |states| lacks(states).contains("no such thing")).await;
    let standing = &states.iter().find(|state| state.meter == Meter::Prometheus).unwrap().standing;
    assert!(matches!(standing, MeterStanding::Answers(_)), "{standing:?}");
}

#[tokio::test]
async fn credentials_are_sent_and_never_to_where_a_redirect_leads() {
    let folder = Folder::new();
    let file = folder.path().join("token");
    std::fs::write(&file, "open-sesame\n").unwrap();
    let local = Local::serve(|_, _| (302, String::new())).await;
    let mut settings = settings(local.url.clone());
    settings.prometheus.get_mut("main").unwrap().token_file = Some(file);
    let (_handle, mut news) = measure(&cloud(), settings);
    let is_silent = |states: &[MeterState]| {
        states
            .iter()
            .any(|state| state.meter == Meter::Prometheus && matches!(state.standing, MeterStanding::Silent(..)))
    };
    let states = until_meters(&mut news, is_silent).await;
    assert!(!format!("{states:?}").contains("open-sesame"));
    let seen = local.seen();
    assert!(seen[0].to_lowercase().contains("authorization: bearer open-sesame"), "{seen:?}");
    assert!(seen.iter().all(|request| !request.contains("/elsewhere")), "{seen:?}");
}

/// The one that the catalog has.
#[tokio::test]
async fn aetos_is_asked_through_the_catalog_and_tells_the_past_by_a_subquery() {
    let cloud = cloud();
    let labels = |mark: &str| json!({ "stackdeck": mark, "resource": "web-1" });
    let now: Value = serde_json::from_str(&vector(vec![(labels("0"), "0.5"), (labels("1"), "512")])).expect("JSON");
    cloud.fix("/api/v1/query", Ok(now));
    let mut settings = Settings { requests: 6000, ..Settings::default() };
    (settings.octavia.enabled, settings.gnocchi.enabled, settings.nova.enabled) = (false, false, false);
    settings.aetos.every = OFTEN;
    let (_handle, mut news) = measure(&cloud, settings);
    let of = |metric| {
        move |sample: &Sample| {
            sample.metric == metric && matches!(&sample.subject, Subject::Instance(id) if id.as_str() == "web-1")
        }
    };
    let cpu = until_sample(&mut news, of(Metric::Cpu)).await;
    assert_eq!((cpu.value, cpu.meter), (0.25, Meter::Prometheus), "half a processor of two");
    let named = |states: &[MeterState]| {
        let state = states.iter().find(|state| &*state.name == "aetos");
        state.is_some_and(|state| matches!(state.standing, MeterStanding::Answers(_)))
    };
    until_meters(&mut news, named).await;
    assert!(cloud.asked(")[21540s:60s] offset 60s") > 0, "the near past");
    assert!(cloud.asked(")[72000s:900s] offset 21600s") > 0, "and what was before");
}

#[tokio::test]
async fn a_cloud_without_aetos_is_one_without() {
    let cloud = cloud();
    cloud.fix("/api/v1/query", Err(FailureKind::Unsupported));
    let settings = Settings { requests: 6000, ..Settings::default() };
    let (_handle, mut news) = measure(&cloud, settings);
    let silent = |states: &[MeterState]| {
        let state = states.iter().find(|state| &*state.name == "aetos");
        state.is_some_and(
            |state| matches!(&state.standing, MeterStanding::Silent(_, why) if why.kind == FailureKind::Unsupported),
        )
    };
    until_meters(&mut news, silent).await;
}
