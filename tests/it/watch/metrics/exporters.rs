//! Balancers' exporters: the text, what it means, and the loop over a local server.

use proptest::prelude::*;
use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::Fleet;
use stackdeck::fleet::metric::{Metric, Sample, Subject};
use stackdeck::watch::metrics::Settings;
use stackdeck::watch::metrics::exporter::balancing::Balancing;
use stackdeck::watch::metrics::exporter::exposition::{Line, lines};

use super::scenery::{OFTEN, cloud, fleet_of, measure, of_service, until_sample};
use super::server::Local;

#[test]
fn comments_times_exemplars_and_escapes_are_read_as_the_formats_say() {
    let text = "# HELP a b\n# TYPE a counter\na 1\nb{} 2 1700000000000\n c{x=\"1\",y=\"a\\\\b\\\"c\\nd\",} -3.5e2\n\
                d_bucket{le=\"+Inf\"} +Inf # {trace=\"t\"} 0.5 1.0\ne NaN\r\n# EOF\n";
    let read: Vec<Line<'_>> = lines(text).collect();
    let names: Vec<&str> = read.iter().map(|line| line.name).collect();
    assert_eq!(names, ["a", "b", "c", "d_bucket", "e"]);
    assert_eq!(read[2].label("y"), Some("a\\b\"c\nd"));
    assert_eq!((read[1].value, read[2].value, read[3].value), (2.0, -350.0, f64::INFINITY));
    assert!(read[4].value.is_nan());
}

#[test]
fn a_line_that_is_none_costs_itself_alone() {
    let text =
        "ok 1\n{x=\"1\"} 2\nno\nopen{x=\"1 3\nhalf{x=} 4\n9lives 5\nword{a=\"b\"} seven\nnan inf\nalso{a=\"}\"} 6\n";
    let names: Vec<&str> = lines(text).map(|line| line.name).collect();
    assert_eq!(names, ["ok", "also"]);
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_again(
        rows in proptest::collection::vec(
            ("[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", proptest::collection::vec(("[a-z_]{1,5}", "\\PC{0,6}"), 0..4), any::<f64>()), 0..8)
    ) {
        let mut text = String::new();
        for (name, labels, value) in &rows {
            let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escape(value))).collect();
            let value = if value.is_nan() { "NaN".to_owned() } else if value.is_infinite() {
                if *value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
            } else { format!("{value:e}") };
            text += &format!("{name}{{{}}} {value}\n", labels.join(","));
        }
        let read: Vec<Line<'_>> = lines(&text).collect();
        prop_assert_eq!(read.len(), rows.len());
        for (line, (name, labels, value)) in read.iter().zip(&rows) {
            prop_assert_eq!(line.name, name);
            prop_assert!(line.value == *value || (line.value.is_nan() && value.is_nan()));
            let told: Vec<(&str, &str)> = line.labels.iter().map(|(key, value)| (*key, value.as_ref())).collect();
            let written: Vec<(&str, &str)> = labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            prop_assert_eq!(told, written);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}", bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let odd = String::from_utf8_lossy(&bytes);
        prop_assert!(lines(&text).chain(lines(&odd)).count() <= 160);
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// So many requests were before: HAProxy's means are full.
const OLD: u64 = 1_000_000;

/// Pool `pw` through one listener, as Octavia's exporter tells it.
fn octavia(requests: u64, failed: u64) -> String {
    let (well, requests) = (OLD + requests - failed, OLD + requests);
    format!(
        "octavia_pool_http_requests_total{{pool=\"pw:l1\"}} {requests}\n\
         octavia_pool_http_responses_total{{pool=\"pw:l1\",code=\"2xx\"}} {well}\n\
         octavia_pool_http_responses_total{{pool=\"pw:l1\",code=\"5xx\"}} {failed}\n\
         octavia_pool_sessions_total{{pool=\"pw:l1\"}} {requests}\n\
         octavia_pool_current_sessions{{pool=\"pw:l1\"}} 4\n\
         octavia_pool_queue_time_average_seconds{{pool=\"pw:l1\"}} 0.010\n\
         octavia_pool_connect_time_average_seconds{{pool=\"pw:l1\"}} 0.001\n\
         octavia_pool_response_time_average_seconds{{pool=\"pw:l1\"}} 0.020\n\
         octavia_member_http_responses_total{{pool=\"pw:l1\",member=\"m-10.0.0.1\",code=\"2xx\"}} {well}\n\
         octavia_member_http_responses_total{{pool=\"pw:l1\",member=\"m-10.0.0.1\",code=\"5xx\"}} {failed}\n\
         octavia_pool_http_requests_total{{pool=\"nobody:l1\"}} 7\n"
    )
}

fn value(samples: &[Sample], subject: &str, metric: Metric) -> Option<f64> {
    let is = |sample: &&Sample| match &sample.subject {
        Subject::Service(key) => *key.name == *subject,
        Subject::Instance(id) => id.as_str() == subject,
        _ => false,
    };
    let found = samples.iter().filter(|sample| sample.metric == metric).find(is)?;
    Some((found.value * 1e6).round() / 1e6)
}

fn learn(balancing: &mut Balancing, text: &str, fleet: &Fleet, second: i64) -> Vec<Sample> {
    balancing.learn(lines(text), None, fleet, at(second))
}

#[tokio::test]
async fn a_pool_is_its_services_and_a_member_its_instance() {
    let fleet = fleet_of(&cloud()).await;
    let mut balancing = Balancing::default();
    let first = learn(&mut balancing, &octavia(1000, 10), &fleet, 0);
    assert_eq!(value(&first, "web", Metric::Active), Some(4.0));
    assert_eq!(value(&first, "web", Metric::Requests), None, "one look is no rate");
    let then = learn(&mut balancing, &octavia(1200, 30), &fleet, 10);
    assert_eq!(value(&then, "web", Metric::Requests), Some(20.0));
    assert_eq!(value(&then, "web", Metric::Errors), Some(2.0));
    assert_eq!(
        value(&then, "web", Metric::ResponseMean),
        Some(0.0295),
        "what a client waits: queue, connection, answer, each rounded up"
    );
    assert_eq!(value(&then, "web-1", Metric::Requests), Some(20.0));
    assert_eq!(value(&then, "web-1", Metric::Errors), Some(2.0));
    assert!(then.iter().all(|sample| sample.value.is_finite()));
}

/// An HAProxy 2.6.12 before and after 200 requests in ten seconds, of which a client saw each take 28 ms, as a mean.
#[tokio::test]
async fn what_an_haproxy_told_soon_after_a_reload_is_set_right_under_both_names() {
    let fleet = fleet_of(&cloud()).await;
    let own = [include_str!("recorded/haproxy-before.txt"), include_str!("recorded/haproxy-after.txt")];
    let octavias = [include_str!("recorded/octavia-before.txt"), include_str!("recorded/octavia-after.txt")];
    for [before, after] in [own, octavias] {
        let mut balancing = Balancing::default();
        assert_eq!(value(&learn(&mut balancing, before, &fleet, 0), "web", Metric::Active), Some(0.0));
        let told = learn(&mut balancing, after, &fleet, 10);
        assert_eq!(value(&told, "web", Metric::Requests), Some(20.0));
        assert_eq!(value(&told, "web", Metric::Errors), Some(0.0));
        assert_eq!(value(&told, "web", Metric::Sent), Some(4340.0));
        assert_eq!(value(&told, "web-1", Metric::Requests), Some(5.0));
        let mean = value(&told, "web", Metric::ResponseMean).unwrap();
        assert!((mean - 0.028).abs() < 0.004, "HAProxy itself says 10 ms: {mean}");
        assert_eq!(value(&told, "web-1", Metric::ResponseMean), None, "fifty requests are too few");
    }
}

#[tokio::test]
async fn a_member_that_was_away_begins_anew() {
    let fleet = fleet_of(&cloud()).await;
    let mut balancing = Balancing::default();
    let text = octavia(1000, 0);
    let without: Vec<&str> = text.lines().filter(|line| !line.contains("member")).collect();
    learn(&mut balancing, &text, &fleet, 0);
    learn(&mut balancing, &without.join("\n"), &fleet, 10);
    let back = learn(&mut balancing, &octavia(1100, 0), &fleet, 20);
    assert_eq!(value(&back, "web-1", Metric::Requests), None, "what it did meanwhile is not known");
    let then = learn(&mut balancing, &octavia(1200, 0), &fleet, 30);
    assert_eq!(value(&then, "web-1", Metric::Requests), Some(10.0));
}

#[tokio::test]
async fn lines_without_their_labels_and_times_of_another_clock_change_nothing() {
    let fleet = fleet_of(&cloud()).await;
    let odd = "octavia_pool_http_requests_total 5\noctavia_member_http_responses_total{pool=\"pw:l1\"} 5\n\
               octavia_pool_http_requests_total{listener=\"pw\"} 5\nhaproxy_backend_sessions_total{proxy=\"\"} 5\n";
    let mut balancing = Balancing::default();
    for (second, requests) in [(0, 1000), (10, 1100)] {
        let dated: Vec<String> =
            octavia(requests, 0).lines().map(|line| format!("{line} {}", 9_000_000_000_000 - second)).collect();
        let told = learn(&mut balancing, &format!("{odd}{}\n", dated.join("\n")), &fleet, second);
        assert!(told.iter().all(|sample| sample.at == at(second)));
        let rate = (second > 0).then_some(10.0);
        assert_eq!(value(&told, "web", Metric::Requests), rate);
    }
}

#[tokio::test]
async fn after_a_reload_the_counters_begin_anew_and_no_rate_is_told() {
    let fleet = fleet_of(&cloud()).await;
    let mut balancing = Balancing::default();
    learn(&mut balancing, &octavia(1000, 0), &fleet, 0);
    let reloaded = learn(&mut balancing, &octavia(5, 0), &fleet, 10);
    assert_eq!(value(&reloaded, "web", Metric::Requests), None);
    let then = learn(&mut balancing, &octavia(105, 0), &fleet, 20);
    assert_eq!(value(&then, "web", Metric::Requests), Some(10.0));
}

#[tokio::test]
async fn a_pool_without_requests_has_no_response_time() {
    let fleet = fleet_of(&cloud()).await;
    let mut balancing = Balancing::default();
    learn(&mut balancing, &octavia(1000, 0), &fleet, 0);
    let idle = learn(&mut balancing, &octavia(1000, 0), &fleet, 10);
    assert_eq!(value(&idle, "web", Metric::Requests), Some(0.0));
    assert_eq!(value(&idle, "web", Metric::ResponseMean), None, "the mean of the latest requests is old");
}

#[tokio::test]
async fn plain_haproxys_rows_are_the_named_services_and_servers_are_known_by_name() {
    let fleet = fleet_of(&cloud()).await;
    let service = fleet.services.iter().find(|service| &*service.key.name == "pay").unwrap().key.clone();
    let text = |count: u64| {
        format!(
            "haproxy_backend_http_requests_total{{proxy=\"any\"}} {count}\n\
             haproxy_backend_http_responses_total{{proxy=\"any\",code=\"5xx\"}} NaN\n\
             haproxy_server_http_responses_total{{proxy=\"any\",server=\"web-pay-1\",code=\"2xx\"}} {count}\n"
        )
    };
    let mut balancing = Balancing::default();
    balancing.learn(lines(&text(0)), Some(&service), &fleet, at(0));
    let samples = balancing.learn(lines(&text(50)), Some(&service), &fleet, at(10));
    assert_eq!(value(&samples, "pay", Metric::Requests), Some(5.0));
    assert_eq!(value(&samples, "pay", Metric::Errors), Some(0.0));
    assert_eq!(value(&samples, "pay-1", Metric::Requests), Some(5.0));
}

#[tokio::test]
async fn a_named_exporter_is_asked_and_told_of() {
    let local = Local::serve(|_, count| (200, octavia(1000 + 100 * count as u64, 0))).await;
    let mut settings = Settings { requests: 6000, ..Settings::default() };
    settings.octavia.enabled = false;
    settings.balancers.every = OFTEN;
    settings.balancers.exporters.insert("edge".to_owned(), (format!("{}/metrics", local.url), None));
    let (_handle, mut news) = measure(&cloud(), settings);
    let requests = until_sample(&mut news, |sample| of_service(sample, "web", Metric::Requests)).await;
    assert!(requests.value > 0.0);
}
