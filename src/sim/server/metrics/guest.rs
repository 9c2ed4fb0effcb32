//! The values of one guest, by family.

use super::{Labels, Sample, Scope};
use crate::sim::world::World;
use crate::sim::world::instance::Server;
use crate::sim::world::load::queueing::BOUNDS;
use crate::sim::world::load::{Guest, Serving, Tally};
use crate::sim::world::network::dotted;

/// What a target is called.
pub(super) fn target(world: &World, server: &Server, scope: Scope) -> Option<Labels> {
    let ip = dotted(server.addresses.first()?.ip);
    let (job, instance) = match scope {
        Scope::App => ("app", format!("{ip}:{}", world.options().guest_port)),
        Scope::Node => ("node", format!("{ip}:9100")),
        Scope::Libvirt => ("libvirt", format!("{}:9177", world.hosts[server.host?].name)),
        _ => ("sg-core", "ceilometer".to_owned()),
    };
    let mut labels = vec![("job", job.to_owned()), ("instance", instance)];
    match scope {
        Scope::Libvirt => labels.push(("domain", format!("instance-{:08x}", server.number))),
        Scope::Ceilometer => labels.extend([
            ("resource", server.id.to_string()),
            ("resource_name", server.name.clone()),
            ("project", server.project.hex().to_string()),
            ("publisher", server.host.map_or(String::new(), |host| world.hosts[host].name.clone())),
        ]),
        _ => {}
    }
    Some(labels)
}

/// Whether a scrape of the target succeeds: the guest's own exporters live and die with it.
pub(super) fn told(guest: &Guest, scope: Scope) -> bool {
    matches!(scope, Scope::Libvirt | Scope::Ceilometer) || guest.serving == Serving::Serves
}

pub(super) fn values(world: &World, server: &Server, guest: &Guest, scope: Scope, name: &str) -> Vec<Sample> {
    match scope {
        Scope::App => app(world, server, guest, name),
        Scope::Node => node(server, guest, name),
        Scope::Libvirt => libvirt(world, server, guest, name),
        _ => ceilometer(guest, name),
    }
}

fn plain(value: f64) -> Vec<Sample> {
    vec![(Vec::new(), value)]
}

fn labelled(name: &'static str, label: &str, value: f64) -> Vec<Sample> {
    vec![(vec![(name, label.to_owned())], value)]
}

/// How many answers took at most so long, as the buckets of a histogram.
pub(super) fn spread(counts: &Tally) -> Vec<Sample> {
    let bounds = BOUNDS.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
    bounds.zip(counts.spread).map(|(bound, count)| (vec![("le", bound)], count.floor())).collect()
}

fn app(world: &World, server: &Server, guest: &Guest, name: &str) -> Vec<Sample> {
    let counts = &guest.counts;
    match name {
        "http_requests_total" => [("200", counts.ok), ("500", counts.failed), ("503", counts.shed)]
            .into_iter()
            .filter(|(_, count)| *count >= 1.0)
            .map(|(code, count)| (vec![("handler", "/".to_owned()), ("code", code.to_owned())], count.floor()))
            .collect(),
        "http_request_duration_seconds_bucket" => spread(counts),
        "http_request_duration_seconds_sum" => plain(counts.took),
        "http_request_duration_seconds_count" => plain(counts.spread[BOUNDS.len()].floor()),
        "http_requests_in_flight" => plain(guest.outcome.inside.round()),
        "process_cpu_seconds_total" => plain(counts.cpu),
        "process_cpu_utilization" => plain(guest.outcome.cores / f64::from(guest.vcpus.max(1))),
        "process_resident_memory_bytes" => plain(guest.memory.floor()),
        "process_start_time_seconds" => plain(guest.booted.map_or(0.0, |at| at.as_millis() as f64 / 1000.0)),
        "build_info" => {
            let (service, version) = world.runs(server);
            vec![(vec![("service", service), ("version", version)], 1.0)]
        }
        _ => Vec::new(),
    }
}

fn node(server: &Server, guest: &Guest, name: &str) -> Vec<Sample> {
    let cpus = f64::from(guest.vcpus.max(1));
    match name {
        "node_cpu_seconds_total" => {
            let each = guest.cpu_seconds / cpus;
            let modes = [("idle", (guest.up - each).max(0.0)), ("system", 0.18 * each), ("user", 0.82 * each)];
            let of = |cpu: u32| {
                modes.map(|(mode, value)| (vec![("cpu", cpu.to_string()), ("mode", mode.to_owned())], value))
            };
            (0..guest.vcpus).flat_map(of).collect()
        }
        "node_load1" => plain(guest.outcome.inside.min(16.0 * cpus) * 0.45 + 0.02),
        "node_memory_MemTotal_bytes" => plain(guest.memory_total),
        "node_memory_MemAvailable_bytes" => plain((guest.memory_total - guest.memory).floor()),
        "node_network_receive_bytes_total" => labelled("device", "eth0", guest.received.floor()),
        "node_network_transmit_bytes_total" => labelled("device", "eth0", guest.sent.floor()),
        "node_disk_read_bytes_total" => labelled("device", "vda", guest.disk_read.floor()),
        "node_disk_written_bytes_total" => labelled("device", "vda", guest.disk_written.floor()),
        "node_boot_time_seconds" => plain(guest.booted.map_or(0.0, |at| at.as_millis() as f64 / 1000.0)),
        "node_uname_info" => labelled("nodename", &server.name, 1.0),
        _ => Vec::new(),
    }
}

fn libvirt(world: &World, server: &Server, guest: &Guest, name: &str) -> Vec<Sample> {
    let tap = server.addresses.first().map_or(String::new(), |address| format!("tap{:.11}", address.port.to_string()));
    match name {
        "libvirt_domain_info_meta" => {
            let project = world.identity.project(server.project).map_or(String::new(), |project| project.name.clone());
            let labels = vec![
                ("uuid", server.id.to_string()),
                ("instance_name", server.name.clone()),
                ("flavor", world.flavors[server.flavor].name.clone()),
                ("project_name", project),
                ("project_uuid", server.project.hex().to_string()),
            ];
            vec![(labels, 1.0)]
        }
        "libvirt_domain_info_cpu_time_seconds_total" => plain(guest.cpu_seconds),
        "libvirt_domain_info_virtual_cpus" => plain(f64::from(guest.vcpus)),
        "libvirt_domain_info_maximum_memory_bytes" => plain(guest.memory_total),
        "libvirt_domain_info_memory_usage_bytes" => plain(guest.memory.floor()),
        "libvirt_domain_info_vstate" => plain(1.0),
        "libvirt_domain_interface_stats_receive_bytes_total" => labelled("target_device", &tap, guest.received.floor()),
        "libvirt_domain_interface_stats_transmit_bytes_total" => labelled("target_device", &tap, guest.sent.floor()),
        "libvirt_domain_block_stats_read_bytes_total" => labelled("target_device", "vda", guest.disk_read.floor()),
        "libvirt_domain_block_stats_write_bytes_total" => labelled("target_device", "vda", guest.disk_written.floor()),
        _ => Vec::new(),
    }
}

fn ceilometer(guest: &Guest, name: &str) -> Vec<Sample> {
    let (unit, kind, value) = match name {
        "ceilometer_cpu" => ("ns", "cumulative", (guest.cpu_seconds * 1e9).floor()),
        "ceilometer_memory_usage" => ("MB", "gauge", (guest.memory / 1_048_576.0).floor()),
        "ceilometer_network_incoming_bytes" => ("B", "cumulative", guest.received.floor()),
        "ceilometer_network_outgoing_bytes" => ("B", "cumulative", guest.sent.floor()),
        "ceilometer_disk_device_read_bytes" => ("B", "cumulative", guest.disk_read.floor()),
        "ceilometer_disk_device_write_bytes" => ("B", "cumulative", guest.disk_written.floor()),
        _ => return Vec::new(),
    };
    vec![(vec![("unit", unit.to_owned()), ("type", kind.to_owned())], value)]
}
