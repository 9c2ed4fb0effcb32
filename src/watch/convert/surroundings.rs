//! What stands around instances: images, ports, server groups, pools.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::base::id::{BalancerId, InstanceId};
use crate::base::intern::Interner;
use crate::fleet::sources::FixedAddress;
use crate::fleet::{detail, pool, sources};
use crate::openstack::{balancer, compute, image, network};

/// Of an image only custom properties that are text are kept, and only so much of each.
const LONGEST_PROPERTY: usize = 256;

/// Standard keys of an image that are text and say nothing about what runs on it.
const STANDARD: [&str; 12] = [
    "checksum",
    "container_format",
    "disk_format",
    "file",
    "os_hash_algo",
    "os_hash_value",
    "owner",
    "schema",
    "self",
    "updated_at",
    "visibility",
    "direct_url",
];

/// An image; `None` for one without an id.
pub fn image(image: image::Image) -> Option<sources::Image> {
    let text = |(key, value)| match value {
        Value::String(text) if text.len() <= LONGEST_PROPERTY && !STANDARD.contains(&String::as_str(&key)) => {
            Some((key, text))
        }
        _ => None,
    };
    Some(sources::Image {
        id: image.id.filled()?.into(),
        created: image.created_at.time(),
        name: image.name.or_empty(),
        status: image.status.or_empty(),
        properties: image.properties.into_iter().filter_map(text).collect(),
    })
}

/// The fixed addresses of a port that an instance uses.
pub fn fixed(port: network::Port, interner: &mut Interner) -> Vec<FixedAddress> {
    let Some(instance) = port.device_id.filled().map(InstanceId::from) else { return Vec::new() };
    let mut fixed = |fixed: network::FixedIp| {
        let subnet = interner.share(&fixed.subnet_id.filled()?).into();
        Some(FixedAddress { instance: instance.clone(), subnet, address: fixed.ip_address.filled()?.into() })
    };
    port.fixed_ips.all().filter_map(&mut fixed).collect()
}

/// A port; `None` for one without an id.
pub fn port(port: network::Port) -> Option<detail::Port> {
    let fixed = |fixed: network::FixedIp| Some((fixed.subnet_id.filled()?.into(), fixed.ip_address.filled()?.into()));
    Some(detail::Port {
        id: port.id.filled()?.into(),
        instance: port.device_id.filled().map(InstanceId::from),
        fixed: port.fixed_ips.all().filter_map(fixed).collect(),
        mac: port.mac_address.or_empty().into(),
        status: port.status.or_empty(),
        network: port.network_id.or_empty(),
        name: port.name.or_empty(),
    })
}

/// A server group; `None` for one without an id.
pub fn server_group(group: compute::ServerGroup) -> Option<sources::ServerGroup> {
    Some(sources::ServerGroup {
        id: group.id.filled()?.into(),
        name: group.name.or_empty(),
        policy: group.policy.filled().or_else(|| group.policies.all().next()),
        members: group.members.all().map(InstanceId::from).collect(),
    })
}

/// A pool with its members; `None` for one without an id.
pub fn pool(
    pool: &balancer::Pool,
    balancers: &HashMap<BalancerId, pool::Balancer>,
    members: Arc<[pool::Member]>,
) -> Option<pool::Pool> {
    let ids = pool.loadbalancers.clone().all().filter_map(|one| one.id.filled().map(BalancerId::from));
    Some(pool::Pool {
        balancers: ids.filter_map(|id| balancers.get(&id).cloned()).collect(),
        updated: pool.updated_at.time(),
        id: pool.id.clone().filled()?.into(),
        name: pool.name.clone().or_empty(),
        project: pool.project_id.clone().or_empty().into(),
        operating_status: pool.operating_status.clone().or_empty(),
        provisioning_status: pool.provisioning_status.clone().or_empty(),
        protocol: pool.protocol.clone().or_empty(),
        monitored: pool.healthmonitor_id.clone().filled().is_some(),
        members,
    })
}

/// A load balancer; `None` for one without an id.
pub fn balancer(one: balancer::LoadBalancer) -> Option<pool::Balancer> {
    Some(pool::Balancer {
        id: one.id.filled()?.into(),
        updated: one.updated_at.time(),
        name: one.name.or_empty(),
        vip_subnet: one.vip_subnet_id.filled().map(Into::into),
        provider: one.provider.or_empty(),
        operating_status: one.operating_status.or_empty(),
        provisioning_status: one.provisioning_status.or_empty(),
    })
}

/// A member; `None` for one without an id.
pub fn member(member: balancer::Member, interner: &mut Interner) -> Option<pool::Member> {
    Some(pool::Member {
        id: member.id.filled()?.into(),
        name: member.name.or_empty().into(),
        address: member.address.or_empty().into(),
        port: member.protocol_port.get().unwrap_or_default(),
        subnet: member.subnet_id.filled().map(|id| interner.share(&id).into()),
        // Octavia's own default, where it does not say.
        weight: member.weight.get().unwrap_or(1),
        operating_status: interner.share(&member.operating_status.or_empty()),
        provisioning_status: interner.share(&member.provisioning_status.or_empty()),
        admin_up: member.admin_state_up.0.unwrap_or(true),
        backup: member.backup.0.unwrap_or(false),
        updated: member.updated_at.time(),
    })
}
