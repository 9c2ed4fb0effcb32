//! Ready-made queries for what exporters tell, and how a service's own become one request. Pure.
//!
//! All queries of a set go in one request: each is marked by a label of ours and joined by `or`. What a Prometheus does
//! not have is then simply not in the answer.

use crate::config::metrics::OwnQueries;
use crate::fleet::metric::Metric;

/// The label that says what a series is.
pub const MARK: &str = "stackdeck";

/// What a query's value is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// In the metric's own.
    Own,
    /// In virtual CPUs: a share of them is wanted.
    Cpus,
    /// In MiB: a share of the flavor's is wanted.
    Mebibytes,
}

/// One query of a set.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// What it tells.
    pub metric: Metric,
    /// In what.
    pub unit: Unit,
    /// In PromQL; `$w` stands for the window.
    pub text: &'static str,
}

/// Queries that belong to one exporter.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// As the configuration calls it.
    pub name: &'static str,
    /// Its queries.
    pub queries: &'static [Query],
}

const fn own(metric: Metric, text: &'static str) -> Query {
    Query { metric, unit: Unit::Own, text }
}

/// All sets.
pub const SETS: [Set; 6] = [
    // inovex's and zhangjianweibj's, as Kolla brings it.
    Set {
        name: "libvirt",
        queries: &[
            own(
                Metric::Cpu,
                "rate(libvirt_domain_info_cpu_time_seconds_total[$w]) / on (instance, domain) \
                 libvirt_domain_info_virtual_cpus * on (instance, domain) group_left (instance_id) \
                 libvirt_domain_openstack_info",
            ),
            own(
                Metric::Memory,
                "(1 - libvirt_domain_memory_stats_usable_bytes / on (instance, domain) \
                 libvirt_domain_memory_stats_available_bytes) * on (instance, domain) group_left (instance_id) \
                 libvirt_domain_openstack_info",
            ),
            own(
                Metric::Received,
                "sum by (instance, domain) (rate(libvirt_domain_interface_stats_receive_bytes_total[$w])) \
                 * on (instance, domain) group_left (instance_id) libvirt_domain_openstack_info",
            ),
            own(
                Metric::Sent,
                "sum by (instance, domain) (rate(libvirt_domain_interface_stats_transmit_bytes_total[$w])) \
                 * on (instance, domain) group_left (instance_id) libvirt_domain_openstack_info",
            ),
            own(
                Metric::DiskRead,
                "sum by (instance, domain) (rate(libvirt_domain_block_stats_read_bytes_total[$w])) \
                 * on (instance, domain) group_left (instance_id) libvirt_domain_openstack_info",
            ),
            own(
                Metric::DiskWritten,
                "sum by (instance, domain) (rate(libvirt_domain_block_stats_write_bytes_total[$w])) \
                 * on (instance, domain) group_left (instance_id) libvirt_domain_openstack_info",
            ),
        ],
    },
    // Its older relatives, which have what Nova knows under another name.
    Set {
        name: "libvirt-meta",
        queries: &[
            own(
                Metric::Cpu,
                "rate(libvirt_domain_info_cpu_time_seconds_total[$w]) / on (instance, domain) \
                 libvirt_domain_info_virtual_cpus * on (instance, domain) group_left (uuid) libvirt_domain_info_meta",
            ),
            own(
                Metric::Received,
                "sum by (instance, domain) (rate(libvirt_domain_interface_stats_receive_bytes_total[$w])) \
                 * on (instance, domain) group_left (uuid) libvirt_domain_info_meta",
            ),
            own(
                Metric::Sent,
                "sum by (instance, domain) (rate(libvirt_domain_interface_stats_transmit_bytes_total[$w])) \
                 * on (instance, domain) group_left (uuid) libvirt_domain_info_meta",
            ),
        ],
    },
    Set {
        name: "node",
        queries: &[
            own(Metric::Cpu, "1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[$w]))"),
            own(Metric::Memory, "max by (instance) (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)"),
            own(
                Metric::Received,
                "sum by (instance) (rate(node_network_receive_bytes_total{device!~\"lo|veth.*|docker.*|br.*\"}[$w]))",
            ),
            own(
                Metric::Sent,
                "sum by (instance) (rate(node_network_transmit_bytes_total{device!~\"lo|veth.*|docker.*|br.*\"}[$w]))",
            ),
            own(Metric::DiskRead, "sum by (instance) (rate(node_disk_read_bytes_total[$w]))"),
            own(Metric::DiskWritten, "sum by (instance) (rate(node_disk_written_bytes_total[$w]))"),
        ],
    },
    // Ceilometer through sg-core or its own exporter: disks and interfaces have the instance's id within theirs.
    Set {
        name: "ceilometer",
        queries: &[
            Query { metric: Metric::Cpu, unit: Unit::Cpus, text: "max by (resource) (rate(ceilometer_cpu[$w])) / 1e9" },
            Query {
                metric: Metric::Memory,
                unit: Unit::Mebibytes,
                text: "max by (resource) (ceilometer_memory_usage)",
            },
            own(Metric::Received, "sum by (resource) (rate(ceilometer_network_incoming_bytes[$w]))"),
            own(Metric::Sent, "sum by (resource) (rate(ceilometer_network_outgoing_bytes[$w]))"),
            own(Metric::DiskRead, "sum by (resource) (rate(ceilometer_disk_device_read_bytes[$w]))"),
            own(Metric::DiskWritten, "sum by (resource) (rate(ceilometer_disk_device_write_bytes[$w]))"),
        ],
    },
    // Why a mean is divided: see `balancing`, which reads the same from HAProxy itself.
    Set {
        name: "octavia",
        queries: &[
            own(Metric::Requests, "sum by (pool) (rate(octavia_pool_http_requests_total[$w]))"),
            own(Metric::Errors, "sum by (pool) (rate(octavia_pool_http_responses_total{code=\"5xx\"}[$w]))"),
            own(Metric::Active, "sum by (pool) (octavia_pool_current_sessions)"),
            own(Metric::Requests, "sum by (member) (rate(octavia_member_http_responses_total[$w]))"),
            own(Metric::Errors, "sum by (member) (rate(octavia_member_http_responses_total{code=\"5xx\"}[$w]))"),
            own(
                Metric::ResponseMean,
                "max by (member) (octavia_member_response_time_average_seconds / \
                 (1 - 0.998046875 ^ sum without (code) (octavia_member_http_responses_total) > 0.25))",
            ),
        ],
    },
    Set {
        name: "haproxy",
        queries: &[
            own(Metric::Requests, "sum by (proxy) (rate(haproxy_backend_http_requests_total[$w]))"),
            own(Metric::Errors, "sum by (proxy) (rate(haproxy_backend_http_responses_total{code=\"5xx\"}[$w]))"),
            own(Metric::Active, "sum by (proxy) (haproxy_backend_current_sessions)"),
            own(Metric::Requests, "sum by (server) (rate(haproxy_server_http_responses_total[$w]))"),
            own(Metric::Errors, "sum by (server) (rate(haproxy_server_http_responses_total{code=\"5xx\"}[$w]))"),
            own(
                Metric::ResponseMean,
                "max by (server) (haproxy_server_response_time_average_seconds / \
                 (1 - 0.998046875 ^ sum without (code) (haproxy_server_http_responses_total) > 0.25))",
            ),
        ],
    },
];

/// The set of that name.
pub fn set(name: &str) -> Option<&'static Set> {
    SETS.iter().find(|set| set.name == name)
}

/// A set as one query; each series is marked by its place in the set.
pub fn of_set(set: &Set, window: u64) -> String {
    let window = format!("{window}s");
    joined(set.queries.iter().map(|query| query.text.replace("$w", &window)).enumerate())
}

/// What a service's own queries tell, in the order of their marks.
pub fn own_metrics(own: &OwnQueries) -> Vec<(Metric, String)> {
    let plain =
        [(Metric::Requests, &own.requests), (Metric::Errors, &own.errors), (Metric::Saturation, &own.saturation)];
    let mut queries: Vec<(Metric, String)> =
        plain.into_iter().filter(|(_, text)| !text.is_empty()).map(|(metric, text)| (metric, text.clone())).collect();
    if !own.latency.is_empty() {
        let quantiles = [(Metric::ResponseP50, "0.5"), (Metric::ResponseP95, "0.95"), (Metric::ResponseP99, "0.99")];
        let of = |(metric, share)| (metric, format!("histogram_quantile({share}, {})", own.latency));
        queries.extend(quantiles.map(of));
    }
    queries
}

/// Several queries as one.
pub fn joined(queries: impl Iterator<Item = (usize, String)>) -> String {
    let marked = queries.map(|(mark, text)| {
        // Without the line break, a comment at the end of one's own query would swallow the rest.
        format!("label_replace(({text}\n), \"{MARK}\", \"{mark}\", \"__name__\", \".*\")")
    });
    marked.collect::<Vec<_>>().join("\nor\n")
}
