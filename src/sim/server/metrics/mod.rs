//! Figures as Prometheus writes them: pages that guests and balancers show, and a Prometheus that has scraped them.
//!
//! One table of families for all: a page shows those of one target now, a query those of all at any time of the last
//! day. Names and labels are those of the exporters that are named beside them.

pub(super) mod aetos;
pub(super) mod api;
mod balancer;
mod guest;
pub(super) mod page;
mod promql;
mod scrape;

/// Who tells a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// The application, at the guest's `/metrics`.
    App,
    /// `node_exporter` within the guest.
    Node,
    /// `prometheus-libvirt-exporter` on the guest's host.
    Libvirt,
    /// Ceilometer, by way of `sg-core`.
    Ceilometer,
    /// A rule of the Prometheus that scrapes: what the instances of an application told, summed up.
    Recorded,
    /// A listener of a balancer.
    Listener,
    /// A pool of a balancer.
    Pool,
    /// A member of a pool.
    Member,
}

/// Names and values of labels.
type Labels = Vec<(&'static str, String)>;

/// One value with the labels that it has beside its target's.
type Sample = (Labels, f64);

/// What is told under one name. Of a balancer's the prefix is left out, as it has two.
struct Family {
    name: &'static str,
    kind: &'static str,
    scope: Scope,
}

const fn family(scope: Scope, kind: &'static str, name: &'static str) -> Family {
    Family { name, kind, scope }
}

const COUNTER: &str = "counter";
const GAUGE: &str = "gauge";

const FAMILIES: &[Family] = &[
    family(Scope::App, COUNTER, "http_requests_total"),
    family(Scope::App, "histogram", "http_request_duration_seconds"),
    family(Scope::App, GAUGE, "http_requests_in_flight"),
    family(Scope::App, COUNTER, "process_cpu_seconds_total"),
    family(Scope::App, GAUGE, "process_cpu_utilization"),
    family(Scope::App, GAUGE, "process_resident_memory_bytes"),
    family(Scope::App, GAUGE, "process_start_time_seconds"),
    family(Scope::App, GAUGE, "build_info"),
    family(Scope::Node, COUNTER, "node_cpu_seconds_total"),
    family(Scope::Node, GAUGE, "node_load1"),
    family(Scope::Node, GAUGE, "node_memory_MemTotal_bytes"),
    family(Scope::Node, GAUGE, "node_memory_MemAvailable_bytes"),
    family(Scope::Node, COUNTER, "node_network_receive_bytes_total"),
    family(Scope::Node, COUNTER, "node_network_transmit_bytes_total"),
    family(Scope::Node, COUNTER, "node_disk_read_bytes_total"),
    family(Scope::Node, COUNTER, "node_disk_written_bytes_total"),
    family(Scope::Node, GAUGE, "node_boot_time_seconds"),
    family(Scope::Node, GAUGE, "node_uname_info"),
    family(Scope::Libvirt, GAUGE, "libvirt_domain_info_meta"),
    family(Scope::Libvirt, COUNTER, "libvirt_domain_info_cpu_time_seconds_total"),
    family(Scope::Libvirt, GAUGE, "libvirt_domain_info_virtual_cpus"),
    family(Scope::Libvirt, GAUGE, "libvirt_domain_info_maximum_memory_bytes"),
    family(Scope::Libvirt, GAUGE, "libvirt_domain_info_memory_usage_bytes"),
    family(Scope::Libvirt, GAUGE, "libvirt_domain_info_vstate"),
    family(Scope::Libvirt, COUNTER, "libvirt_domain_interface_stats_receive_bytes_total"),
    family(Scope::Libvirt, COUNTER, "libvirt_domain_interface_stats_transmit_bytes_total"),
    family(Scope::Libvirt, COUNTER, "libvirt_domain_block_stats_read_bytes_total"),
    family(Scope::Libvirt, COUNTER, "libvirt_domain_block_stats_write_bytes_total"),
    family(Scope::Ceilometer, COUNTER, "ceilometer_cpu"),
    family(Scope::Ceilometer, GAUGE, "ceilometer_memory_usage"),
    family(Scope::Ceilometer, COUNTER, "ceilometer_network_incoming_bytes"),
    family(Scope::Ceilometer, COUNTER, "ceilometer_network_outgoing_bytes"),
    family(Scope::Ceilometer, COUNTER, "ceilometer_disk_device_read_bytes"),
    family(Scope::Ceilometer, COUNTER, "ceilometer_disk_device_write_bytes"),
    family(Scope::Recorded, COUNTER, "service:http_request_duration_seconds_bucket:sum"),
    family(Scope::Listener, GAUGE, "current_sessions"),
    family(Scope::Listener, COUNTER, "sessions_total"),
    family(Scope::Listener, COUNTER, "connections_total"),
    family(Scope::Listener, COUNTER, "bytes_in_total"),
    family(Scope::Listener, COUNTER, "bytes_out_total"),
    family(Scope::Listener, COUNTER, "request_errors_total"),
    family(Scope::Listener, GAUGE, "status"),
    family(Scope::Listener, COUNTER, "http_responses_total"),
    family(Scope::Listener, COUNTER, "http_requests_total"),
    family(Scope::Pool, GAUGE, "current_queue"),
    family(Scope::Pool, GAUGE, "current_sessions"),
    family(Scope::Pool, COUNTER, "sessions_total"),
    family(Scope::Pool, COUNTER, "bytes_in_total"),
    family(Scope::Pool, COUNTER, "bytes_out_total"),
    family(Scope::Pool, COUNTER, "connection_errors_total"),
    family(Scope::Pool, COUNTER, "response_errors_total"),
    family(Scope::Pool, GAUGE, "status"),
    family(Scope::Pool, GAUGE, "active_members"),
    family(Scope::Pool, COUNTER, "http_responses_total"),
    family(Scope::Pool, COUNTER, "http_requests_total"),
    family(Scope::Pool, GAUGE, "queue_time_average_seconds"),
    family(Scope::Pool, GAUGE, "connect_time_average_seconds"),
    family(Scope::Pool, GAUGE, "response_time_average_seconds"),
    family(Scope::Pool, GAUGE, "total_time_average_seconds"),
    family(Scope::Member, GAUGE, "status"),
    family(Scope::Member, GAUGE, "current_queue"),
    family(Scope::Member, GAUGE, "current_sessions"),
    family(Scope::Member, COUNTER, "sessions_total"),
    family(Scope::Member, COUNTER, "bytes_in_total"),
    family(Scope::Member, COUNTER, "bytes_out_total"),
    family(Scope::Member, COUNTER, "http_responses_total"),
    family(Scope::Member, COUNTER, "connection_errors_total"),
    family(Scope::Member, COUNTER, "response_errors_total"),
    family(Scope::Member, GAUGE, "weight"),
    family(Scope::Member, GAUGE, "queue_time_average_seconds"),
    family(Scope::Member, GAUGE, "connect_time_average_seconds"),
    family(Scope::Member, GAUGE, "response_time_average_seconds"),
    family(Scope::Member, GAUGE, "total_time_average_seconds"),
];

/// The two dialects of a balancer's figures: octavia's own names, and plain HAProxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Octavia,
    Haproxy,
}

impl Dialect {
    /// What a family's name begins with.
    fn prefix(self, scope: Scope) -> &'static str {
        match (self, scope) {
            (Self::Octavia, Scope::Listener) => "octavia_listener_",
            (Self::Octavia, Scope::Pool) => "octavia_pool_",
            (Self::Octavia, _) => "octavia_member_",
            (Self::Haproxy, Scope::Listener) => "haproxy_frontend_",
            (Self::Haproxy, Scope::Pool) => "haproxy_backend_",
            (Self::Haproxy, _) => "haproxy_server_",
        }
    }

    /// A family's whole name.
    fn name(self, family: &Family) -> String {
        let own = match (self, family.name) {
            (Self::Haproxy, "active_members") => "active_servers",
            (_, name) => name,
        };
        format!("{}{own}", self.prefix(family.scope))
    }
}
