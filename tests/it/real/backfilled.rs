//! Every set of queries, asked of a real Prometheus that holds two hours of what the exporters write: joins, sums and
//! rates are its own, and each figure is known. Among them are a counter that began anew, values that are no number,
//! series that ended, and series without the label that says whose they are.

use std::fmt::Write as _;
use std::time::Duration;

use stackdeck::base::clock::{Clock, Timestamp};
use stackdeck::config::metrics::Prometheus as Settings;
use stackdeck::fleet::metric::{Metric, Sample, Subject};
use stackdeck::watch::News;
use stackdeck::watch::metrics::Settings as Metrics;

use super::config;
use super::prometheus::{Prometheus, backfill};
use crate::support::folder::Folder;
use crate::watch::metrics::scenery::{OFTEN, cloud, measure, until};

/// Exporters are scraped so often.
const STEP: i64 = 15;

/// Whose, what, and its value now and in each step of the past; then what only the past has.
type Wanted = &'static [(&'static str, Metric, f64)];

const WANTED: [(&str, Wanted, Wanted); 6] = [
    (
        "libvirt",
        &[
            ("web-1", Metric::Cpu, 0.25),
            ("web-1", Metric::Memory, 0.75),
            ("web-1", Metric::Received, 150.0),
            ("web-1", Metric::Sent, 200.0),
            ("web-1", Metric::DiskRead, 10.0),
            ("web-1", Metric::DiskWritten, 20.0),
        ],
        &[],
    ),
    (
        "libvirt-meta",
        &[("web-2", Metric::Cpu, 0.5), ("web-2", Metric::Received, 70.0), ("web-2", Metric::Sent, 80.0)],
        &[],
    ),
    (
        "node",
        &[
            ("pay-1", Metric::Cpu, 0.3),
            ("pay-1", Metric::Memory, 0.75),
            ("pay-1", Metric::Received, 11.0),
            ("pay-1", Metric::Sent, 12.0),
            ("pay-1", Metric::DiskRead, 13.0),
            ("pay-1", Metric::DiskWritten, 14.0),
        ],
        &[],
    ),
    (
        "ceilometer",
        &[
            ("web-1", Metric::Cpu, 0.5),
            ("web-1", Metric::Memory, 0.25),
            ("web-1", Metric::Received, 5.0),
            ("web-1", Metric::Sent, 6.0),
            ("web-1", Metric::DiskRead, 7.0),
            ("web-1", Metric::DiskWritten, 8.0),
        ],
        &[],
    ),
    (
        "octavia",
        &[
            ("web", Metric::Requests, 30.0),
            ("web", Metric::Errors, 3.0),
            ("web", Metric::Active, 4.0),
            ("web-1", Metric::Requests, 12.0),
            ("web-1", Metric::Errors, 1.0),
            ("web-1", Metric::ResponseMean, 0.031),
            ("web-2", Metric::Requests, 7.0),
            ("pay-1", Metric::Requests, 4.0),
        ],
        &[("pay-1", Metric::ResponseMean, 0.5)],
    ),
    (
        "haproxy",
        &[
            ("pay", Metric::Requests, 8.0),
            ("pay", Metric::Errors, 2.0),
            ("pay", Metric::Active, 5.0),
            ("pay-1", Metric::Requests, 8.0),
            ("pay-1", Metric::Errors, 2.0),
            ("pay-1", Metric::ResponseMean, 0.02),
        ],
        &[],
    ),
];

/// Counters, by how much they grow in a second.
const COUNTERS: [(&str, f64); 40] = [
    ("libvirt_domain_info_cpu_time_seconds_total{instance=\"c1:9177\",domain=\"i1\"}", 0.5),
    (
        "libvirt_domain_interface_stats_receive_bytes_total{instance=\"c1:9177\",domain=\"i1\",target_device=\"a\"}",
        100.0,
    ),
    (
        "libvirt_domain_interface_stats_receive_bytes_total{instance=\"c1:9177\",domain=\"i1\",target_device=\"b\"}",
        50.0,
    ),
    (
        "libvirt_domain_interface_stats_transmit_bytes_total{instance=\"c1:9177\",domain=\"i1\",target_device=\"a\"}",
        200.0,
    ),
    ("libvirt_domain_block_stats_read_bytes_total{instance=\"c1:9177\",domain=\"i1\",target_device=\"vda\"}", 10.0),
    ("libvirt_domain_block_stats_write_bytes_total{instance=\"c1:9177\",domain=\"i1\",target_device=\"vda\"}", 20.0),
    ("libvirt_domain_info_cpu_time_seconds_total{instance=\"c2:9177\",domain=\"i1\"}", 1.0),
    (
        "libvirt_domain_interface_stats_receive_bytes_total{instance=\"c2:9177\",domain=\"i1\",target_device=\"a\"}",
        70.0,
    ),
    (
        "libvirt_domain_interface_stats_transmit_bytes_total{instance=\"c2:9177\",domain=\"i1\",target_device=\"a\"}",
        80.0,
    ),
    ("node_cpu_seconds_total{instance=\"10.0.0.3:9100\",cpu=\"0\",mode=\"idle\"}", 0.8),
    ("node_cpu_seconds_total{instance=\"10.0.0.3:9100\",cpu=\"1\",mode=\"idle\"}", 0.6),
    ("node_cpu_seconds_total{instance=\"10.0.0.3:9100\",cpu=\"1\",mode=\"user\"}", 0.4),
    ("node_cpu_seconds_total{instance=\"10.9.9.9:9100\",cpu=\"0\",mode=\"idle\"}", 0.1),
    ("node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}", 0.1),
    ("node_network_receive_bytes_total{instance=\"10.0.0.3:9100\",device=\"eth0\"}", 11.0),
    ("node_network_receive_bytes_total{instance=\"10.0.0.3:9100\",device=\"lo\"}", 1000.0),
    ("node_network_receive_bytes_total{instance=\"10.0.0.3:9100\",device=\"docker0\"}", 1000.0),
    ("node_network_transmit_bytes_total{instance=\"10.0.0.3:9100\",device=\"eth0\"}", 12.0),
    ("node_disk_read_bytes_total{instance=\"10.0.0.3:9100\",device=\"vda\"}", 13.0),
    ("node_disk_read_bytes_total{device=\"vda\"}", 99.0),
    ("node_disk_written_bytes_total{instance=\"10.0.0.3:9100\",device=\"vda\"}", 14.0),
    ("ceilometer_cpu{resource=\"web-1\",publisher=\"a\"}", 1e9),
    ("ceilometer_cpu{resource=\"web-1\",publisher=\"b\"}", 1e9),
    ("ceilometer_network_incoming_bytes{resource=\"web-1\"}", 5.0),
    ("ceilometer_network_outgoing_bytes{resource=\"web-1\"}", 6.0),
    ("ceilometer_disk_device_read_bytes{resource=\"web-1\"}", 7.0),
    ("ceilometer_disk_device_write_bytes{resource=\"web-1\"}", 8.0),
    ("octavia_pool_http_requests_total{pool=\"pw:l1\"}", 20.0),
    ("octavia_pool_http_requests_total{pool=\"pw:l2\"}", 10.0),
    ("octavia_pool_http_requests_total{pool=\"gone:l2\"}", 10.0),
    ("octavia_pool_http_responses_total{pool=\"pw:l1\",code=\"2xx\"}", 27.0),
    ("octavia_pool_http_responses_total{pool=\"pw:l1\",code=\"5xx\"}", 3.0),
    ("octavia_member_http_responses_total{pool=\"pw:l1\",member=\"m-10.0.0.1\",code=\"2xx\"}", 11.0),
    ("octavia_member_http_responses_total{pool=\"pw:l1\",member=\"m-10.0.0.1\",code=\"5xx\"}", 1.0),
    ("octavia_member_http_responses_total{pool=\"pw:l1\",member=\"m-10.0.0.2\",code=\"2xx\"}", 7.0),
    ("octavia_member_http_responses_total{pool=\"pp:l3\",member=\"m-10.0.0.3\",code=\"2xx\"}", 4.0),
    ("haproxy_backend_http_requests_total{proxy=\"pp:l\"}", 8.0),
    ("haproxy_backend_http_responses_total{proxy=\"pp:l\",code=\"5xx\"}", 2.0),
    ("haproxy_server_http_responses_total{proxy=\"pp:l\",server=\"m-10.0.0.3\",code=\"2xx\"}", 6.0),
    ("haproxy_server_http_responses_total{proxy=\"pp:l\",server=\"m-10.0.0.3\",code=\"5xx\"}", 2.0),
];

/// This one began anew half an hour ago.
const ANEW: &str = "octavia_pool_http_requests_total{pool=\"pw:l1\"}";

/// What stands still.
const GAUGES: [(&str, f64); 17] = [
    ("libvirt_domain_info_virtual_cpus{instance=\"c1:9177\",domain=\"i1\"}", 2.0),
    ("libvirt_domain_info_virtual_cpus{instance=\"c2:9177\",domain=\"i1\"}", 2.0),
    ("libvirt_domain_memory_stats_usable_bytes{instance=\"c1:9177\",domain=\"i1\"}", 256.0),
    ("libvirt_domain_memory_stats_available_bytes{instance=\"c1:9177\",domain=\"i1\"}", 1024.0),
    ("libvirt_domain_openstack_info{instance=\"c1:9177\",domain=\"i1\",instance_id=\"web-1\"}", 1.0),
    ("libvirt_domain_info_meta{instance=\"c2:9177\",domain=\"i1\",uuid=\"web-2\"}", 1.0),
    ("node_memory_MemAvailable_bytes{instance=\"10.0.0.3:9100\"}", 256.0),
    ("node_memory_MemTotal_bytes{instance=\"10.0.0.3:9100\"}", 1024.0),
    ("node_memory_MemAvailable_bytes{instance=\"10.0.0.2:9100\"}", 0.0),
    ("node_memory_MemTotal_bytes{instance=\"10.0.0.2:9100\"}", 0.0),
    ("ceilometer_memory_usage{resource=\"web-1\"}", 256.0),
    ("octavia_pool_current_sessions{pool=\"pw:l1\"}", 4.0),
    ("octavia_member_response_time_average_seconds{pool=\"pw:l1\",member=\"m-10.0.0.1\"}", 0.031),
    ("octavia_member_response_time_average_seconds{pool=\"pw:l1\",member=\"m-10.0.0.2\"}", f64::NAN),
    (ENDED, 0.5),
    ("haproxy_backend_current_sessions{proxy=\"pp:l\"}", 5.0),
    ("haproxy_server_response_time_average_seconds{proxy=\"pp:l\",server=\"m-10.0.0.3\"}", 0.02),
];

/// This one ended a quarter of an hour ago.
const ENDED: &str = "octavia_member_response_time_average_seconds{pool=\"pp:l3\",member=\"m-10.0.0.3\"}";

#[tokio::test]
async fn every_set_of_queries_means_what_exporters_wrote() {
    if config("rig-demo").is_none() {
        return;
    }
    let folder = Folder::new();
    let now = Clock::system().now();
    if backfill(&folder, &written(now.as_second())).is_none() {
        return;
    }
    let Some(prometheus) = Prometheus::start(folder, "{}\n").await else { return };
    for (set, wanted, before) in WANTED {
        let told = told(&prometheus, set, now, wanted, before).await;
        for sample in &told {
            let is_meant =
                |(whose, metric, _): &&(&str, Metric, f64)| *whose == who(sample) && *metric == sample.metric;
            let Some((_, _, value)) = wanted.iter().chain(before).find(is_meant) else { panic!("{set}: {sample:?}") };
            assert!((sample.value - value).abs() < 1e-6 * (1.0 + value), "{set}: {sample:?}");
        }
        let is_over = |sample: &Sample| sample.at < now - Duration::from_secs(600);
        for (whose, metric, _) in before {
            let mut own = told.iter().filter(|sample| who(sample) == *whose && sample.metric == *metric);
            assert!(own.all(is_over), "{set}: what ended goes on: {whose}");
        }
    }
}

/// What is told of a set, until all is there with its past.
async fn told(prometheus: &Prometheus, set: &str, now: Timestamp, wanted: Wanted, before: Wanted) -> Vec<Sample> {
    let mut metrics = Metrics { requests: 6000, past: Duration::from_secs(3600), ..Metrics::default() };
    (metrics.octavia.enabled, metrics.gnocchi.enabled, metrics.nova.enabled) = (false, false, false);
    let one =
        Settings { url: prometheus.url.clone(), every: OFTEN, queries: vec![set.to_owned()], ..Settings::default() };
    metrics.prometheus.insert("main".to_owned(), one);
    let (_handle, mut news) = measure(&cloud(), metrics);
    let recent = now - Duration::from_secs(20);
    let mut told: Vec<Sample> = Vec::new();
    let is_whole = |told: &[Sample]| {
        let of = |whose, metric| told.iter().filter(move |sample| who(sample) == whose && sample.metric == metric);
        let has_past = |whose, metric, most| of(whose, metric).filter(|sample| sample.at < recent).count() >= most;
        wanted.iter().all(|(whose, metric, _)| {
            has_past(*whose, *metric, 50) && of(*whose, *metric).any(|sample| sample.at >= recent)
        }) && before.iter().all(|(whose, metric, _)| has_past(*whose, *metric, 30))
    };
    until(&mut news, |news| {
        if let News::Samples(samples) = news {
            told.extend(samples);
        }
        is_whole(&told).then(|| told.clone())
    })
    .await
}

fn who(sample: &Sample) -> &str {
    match &sample.subject {
        Subject::Service(key) => &key.name,
        Subject::Instance(id) => id.as_str(),
        other => panic!("{other:?}"),
    }
}

/// Two hours, and some minutes more: what is now is told while the test runs.
fn written(now: i64) -> String {
    let mut text = String::new();
    let (from, to) = (now - 2 * 3600, now + 300);
    let steps = || (from..to).step_by(STEP as usize);
    for (series, grows) in COUNTERS {
        let began = |at| if series == ANEW && at >= now - 1800 { now - 1800 } else { from - 1_000_000 };
        // The first scrape after it began anew sees what was counted since the one before.
        for at in steps() {
            writeln!(text, "{series} {} {at}", grows * (at - began(at) + STEP) as f64).expect("a line");
        }
    }
    for (series, value) in GAUGES {
        let value = if value.is_nan() { "NaN".to_owned() } else { value.to_string() };
        for at in steps().filter(|at| series != ENDED || *at < now - 900) {
            writeln!(text, "{series} {value} {at}").expect("a line");
        }
    }
    text + "# EOF\n"
}
