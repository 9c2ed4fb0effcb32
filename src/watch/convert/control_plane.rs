//! The cloud's own services, hosts and quotas.

use std::collections::HashMap;

use crate::fleet::control_plane::{Agent, ComputeService, Endpoint, Hypervisor, Quota};
use crate::openstack::lenient::{Number, Text};
use crate::openstack::{EndpointHealth, Microversion, compute, network};

/// An endpoint and our experience with it.
pub fn endpoint(health: EndpointHealth) -> Endpoint {
    let text = |Microversion(major, minor)| format!("{major}.{minor}").into();
    Endpoint {
        service_type: health.service_type,
        name: health.name,
        url: health.url,
        version: health.version,
        microversions: health.microversions.map(|(lowest, highest)| (text(lowest), text(highest))),
        latency: health.latency,
        last_failure: health.last_failure,
        requests_per_minute: health.requests_per_minute,
        used: health.used,
    }
}

fn says(text: &Text, word: &str) -> bool {
    text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// One of Nova's services.
pub fn compute_service(service: compute::Service) -> ComputeService {
    ComputeService {
        enabled: says(&service.status, "enabled"),
        up: says(&service.state, "up"),
        updated: service.updated_at.time(),
        binary: service.binary.or_empty(),
        host: service.host.or_empty(),
        zone: service.zone.or_empty(),
        reason: service.disabled_reason.filled(),
    }
}

/// One hypervisor.
pub fn hypervisor(host: compute::Hypervisor) -> Hypervisor {
    Hypervisor {
        up: says(&host.state, "up"),
        enabled: says(&host.status, "enabled"),
        name: host.hypervisor_hostname.or_empty(),
        kind: host.hypervisor_type.or_empty(),
        address: host.host_ip.filled(),
        running: host.running_vms.get(),
        vcpus: pair(host.vcpus_used, host.vcpus),
        memory_mib: pair(host.memory_mb_used, host.memory_mb),
        load: host.uptime.as_deref().and_then(load_average),
    }
}

/// The three numbers at the end of ` 11:10:03 up 20 days,  3:12,  0 users,  load average: 4.12, 3.97, 3.80`.
fn load_average(uptime: &str) -> Option<[f64; 3]> {
    let (_, told) = uptime.split_once("load average:")?;
    let told: Vec<f64> = told.split(',').map_while(|number| number.trim().parse().ok()).collect();
    told.try_into().ok()
}

fn pair<N: TryFrom<i64>>(used: Number, total: Number) -> Option<(N, N)> {
    Some((used.get()?, total.get()?))
}

/// One of Neutron's agents.
pub fn agent(agent: network::Agent) -> Agent {
    Agent {
        alive: agent.alive.0 == Some(true),
        admin_up: agent.admin_state_up.0 == Some(true),
        heartbeat: agent.heartbeat_timestamp.time(),
        kind: agent.agent_type.or_empty(),
        host: agent.host.or_empty(),
    }
}

/// Nova's pairs of limit and use, and what we call them.
const COMPUTE: [(&str, &str, &str); 4] = [
    ("instances", "totalInstancesUsed", "maxTotalInstances"),
    ("cores", "totalCoresUsed", "maxTotalCores"),
    ("ram_mib", "totalRAMUsed", "maxTotalRAMSize"),
    ("server_groups", "totalServerGroupsUsed", "maxServerGroups"),
];

/// Nova's absolute limits as quotas; a limit below zero is none.
pub fn limits(told: &[(String, i64)]) -> Vec<Quota> {
    let numbers: HashMap<&str, i64> = told.iter().map(|(name, number)| (name.as_str(), *number)).collect();
    let quota = |(resource, used, limit): (&str, &str, &str)| {
        Some(Quota {
            service: "compute",
            resource: resource.to_owned(),
            used: u64::try_from(*numbers.get(used)?).unwrap_or(0),
            limit: u64::try_from(*numbers.get(limit)?).ok(),
        })
    };
    COMPUTE.into_iter().filter_map(quota).collect()
}

/// Neutron's quotas.
pub fn network_quotas(told: Vec<(String, network::Quota)>) -> Vec<Quota> {
    let quota = |(resource, quota): (String, network::Quota)| {
        Some(Quota {
            service: "network",
            resource,
            used: quota.used.get().unwrap_or(0),
            limit: u64::try_from(quota.limit.0?).ok(),
        })
    };
    told.into_iter().filter_map(quota).collect()
}

/// Octavia's quotas. It tells limits alone; of what is used, only what was counted is shown.
pub fn octavia_quotas(told: &[(String, i64)], counted: &[(&str, usize)]) -> Vec<Quota> {
    let quota = |(resource, used): &(&str, usize)| {
        let limit = told.iter().find(|(name, _)| name == resource)?.1;
        Some(Quota {
            service: "load-balancer",
            resource: (*resource).to_owned(),
            used: u64::try_from(*used).unwrap_or(u64::MAX),
            limit: u64::try_from(limit).ok(),
        })
    };
    counted.iter().filter_map(quota).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_of_a_host_is_what_uptime_prints_last() {
        let printed = " 11:10:03 up 20 days,  3:12,  0 users,  load average: 4.12, 3.97, 0.80\n";
        assert_eq!(load_average(printed), Some([4.12, 3.97, 0.80]));
        for nothing in
            ["", "up 20 days", "load average: 4.12, 3.97", "load average: 1, 2, 3, 4", "load average: a, b, c"]
        {
            assert_eq!(load_average(nothing), None, "{nothing}");
        }
    }
}
