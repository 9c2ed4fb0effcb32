//! Our own health checks: what answers mean, and the loop over local instances.

use std::time::Duration;

use serde_json::json;
use stackdeck::config::metrics::{ProbeKind, Probes};
use stackdeck::fleet::metric::{Meter, MeterStanding, Metric, Sample, Subject};
use stackdeck::fleet::service::Member;
use stackdeck::watch::News;
use stackdeck::watch::metrics::Settings;
use stackdeck::watch::metrics::probe::verdict::{Expectation, version};

use super::scenery::{OFTEN, cloud, measure, until, until_meters, until_sample};
use super::server::Local;

fn expects(status: &str, body: &str) -> Result<Expectation, stackdeck::base::failure::Failure> {
    Expectation::read(&Probes { status: status.to_owned(), body: body.to_owned(), ..Probes::default() })
}

#[test]
fn what_is_well_is_a_range_of_status_and_a_pattern() {
    let plain = expects("200-299", "").unwrap();
    assert!(plain.fits(204, b"") && !plain.fits(302, b"") && !plain.fits(503, b"ok"));
    let exact = expects("503", "\"state\": *\"up\"").unwrap();
    assert!(
        exact.fits(503, b"{\"state\":  \"up\"}") && !exact.fits(503, b"{}") && !exact.fits(200, b"\"state\":\"up\"")
    );
    assert!(expects("two hundred", "").is_err() && expects("200", "(").is_err());
}

#[test]
fn a_version_is_a_field_or_one_short_word() {
    for (body, told) in [
        ("{\"service\": \"x\", \"version\": \"1.5.0\"}", Some("1.5.0")),
        ("\"2.0\"", Some("2.0")),
        ("1.5.0\n", Some("1.5.0")),
        ("1.50", Some("1.50")),
        ("v1.2-rc3", Some("v1.2-rc3")),
        ("{\"build\": 1}", None),
        ("{\"version\": null}", None),
        ("[]", None),
        ("", None),
        ("two words", None),
        ("<html>", None),
        ("\u{1b}[31m1.0", None),
    ] {
        assert_eq!(version(body.as_bytes()).as_deref(), told, "{body}");
    }
    assert_eq!(version(&[0xff, 0xfe]), None);
    assert_eq!(version("1".repeat(65).as_bytes()), None);
}

/// Every instance is reached at the local server.
fn settings(port: u16) -> Settings {
    let mut settings = Settings::default();
    settings.octavia.enabled = false;
    settings.gnocchi.enabled = false;
    settings.nova.enabled = false;
    settings.probes = Probes {
        enabled: true,
        every: OFTEN,
        port,
        address: "127.0.0.1".to_owned(),
        deadline: Duration::from_secs(5),
        ..Probes::default()
    };
    settings
}

fn is(sample: &Sample, id: &str, metric: Metric, value: f64) -> bool {
    sample.subject == Subject::Instance(id.into()) && sample.metric == metric && sample.value == value
}

#[tokio::test]
async fn an_instance_that_answers_is_up_and_tells_its_version() {
    let local = Local::serve(|request, _| {
        let version = json!({ "service": "web", "version": "1.5.0" }).to_string();
        (200, if request.starts_with("GET /version ") { version } else { "well".to_owned() })
    })
    .await;
    let (_handle, mut news) = measure(&cloud(), settings(local.port));
    let itself = |member: &Member| member.version.said_by == Some("itself");
    let said = until(&mut news, |news| match news {
        News::Fleet { fleet, .. } => fleet.member(&"pay-1".into()).filter(|member| itself(member)).cloned(),
        _ => None,
    });
    assert_eq!(said.await.version.version.as_deref(), Some("1.5.0"));
    until_sample(&mut news, |sample| is(sample, "web-1", Metric::ProbeUp, 1.0)).await;
    until_sample(&mut news, |sample| sample.metric == Metric::ProbeTime && sample.value > 0.0).await;
    let seen = local.seen().join("\n").to_lowercase();
    assert!(!seen.contains("authorization") && !seen.contains("cookie") && !seen.contains("x-auth-token"), "{seen}");
}

#[tokio::test]
async fn an_answer_that_is_not_well_is_down_with_its_time_and_no_redirect_is_followed() {
    let local = Local::serve(|_, _| (302, String::new())).await;
    let (_handle, mut news) = measure(&cloud(), settings(local.port));
    until_sample(&mut news, |sample| is(sample, "web-1", Metric::ProbeUp, 0.0)).await;
    until_sample(&mut news, |sample| sample.metric == Metric::ProbeTime).await;
    assert!(local.seen().iter().all(|request| !request.contains("/elsewhere")));
}

#[tokio::test]
async fn the_checks_of_all_instances_of_a_service_make_its_percentiles() {
    let local = Local::serve(|_, _| (200, "well".to_owned())).await;
    let (_handle, mut news) = measure(&cloud(), settings(local.port));
    let of_service = |sample: &Sample| matches!(&sample.subject, Subject::Service(key) if &*key.name == "web");
    until_sample(&mut news, |sample| of_service(sample) && sample.metric == Metric::ProbeP50).await;
    until_sample(&mut news, |sample| of_service(sample) && sample.metric == Metric::ProbeP95 && sample.value > 0.0)
        .await;
}

#[tokio::test]
async fn more_than_a_little_of_an_answer_is_not_read() {
    let local = Local::serve(|_, _| (200, "x".repeat(1 << 20))).await;
    let (_handle, mut news) = measure(&cloud(), settings(local.port));
    until_sample(&mut news, |sample| is(sample, "web-1", Metric::ProbeUp, 0.0)).await;
}

#[tokio::test]
async fn a_connection_is_enough_for_tcp_and_a_refused_one_is_down() {
    let local = Local::serve(|_, _| (500, String::new())).await;
    let mut tcp = settings(local.port);
    tcp.probes.kind = ProbeKind::Tcp;
    let (_handle, mut news) = measure(&cloud(), tcp.clone());
    until_sample(&mut news, |sample| is(sample, "web-2", Metric::ProbeUp, 1.0)).await;
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    tcp.probes.port = free;
    let (_handle, mut news) = measure(&cloud(), tcp);
    until_sample(&mut news, |sample| is(sample, "web-2", Metric::ProbeUp, 0.0)).await;
}

#[tokio::test]
async fn a_proxy_that_tcp_checks_would_pass_by_is_refused_by_its_name() {
    let local = Local::serve(|_, _| (200, String::new())).await;
    let mut tcp = settings(local.port);
    (tcp.probes.kind, tcp.probes.proxy) = (ProbeKind::Tcp, "socks5://127.0.0.1:1".to_owned());
    let (_handle, mut news) = measure(&cloud(), tcp);
    let states = until_meters(&mut news, |states| {
        states.iter().any(|state| {
            matches!(&state.standing, MeterStanding::Silent(_, failure)
            if state.meter == Meter::Probe && failure.message.contains("metrics.probes.proxy"))
        })
    });
    states.await;
    assert!(local.seen().is_empty(), "nothing went past the proxy");
}
