//! Octavia: members of pools, and the pool that a listener sends to.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::base::id::{ListenerId, MemberId, PoolId};
use crate::openstack::perform::call::Call;
use crate::openstack::request::{Microversion, ServiceType};
use crate::openstack::wire::{query, segment};
use crate::operation::change::{Made, Member};

/// Before it `additive_only` is not read, and the batch would remove everybody that is not in it.
const ADDITIVE: Microversion = Microversion(2, 11);

pub(super) fn add(pool: &PoolId, member: &Member) -> Call {
    let call = Call::new(Method::POST, ServiceType::LOAD_BALANCER, members(pool));
    call.with(json!({ "member": whole(member) })).making("member", |id| Made::Member(id.into()))
}

pub(super) fn set(pool: &PoolId, id: &MemberId, weight: Option<u16>, admin_state_up: Option<bool>) -> Call {
    let mut fields = Map::new();
    fields.extend(weight.map(|weight| ("weight".to_owned(), json!(weight))));
    fields.extend(admin_state_up.map(|up| ("admin_state_up".to_owned(), json!(up))));
    Call::new(Method::PUT, ServiceType::LOAD_BALANCER, one(pool, id)).with(json!({ "member": fields }))
}

pub(super) fn set_many(pool: &PoolId, them: &[Member]) -> Call {
    let them: Vec<Value> = them.iter().map(whole).collect();
    let call = Call::new(Method::PUT, ServiceType::LOAD_BALANCER, members(pool)).with(json!({ "members": them }));
    Call { query: query([("additive_only", "true")]), release: Some(ADDITIVE), ..call }
}

pub(super) fn remove(pool: &PoolId, id: &MemberId) -> Call {
    Call::new(Method::DELETE, ServiceType::LOAD_BALANCER, one(pool, id))
}

pub(super) fn switch(listener: &ListenerId, pool: &PoolId) -> Call {
    let path = format!("/lbaas/listeners/{}", segment(listener.as_str()));
    Call::new(Method::PUT, ServiceType::LOAD_BALANCER, path).with(json!({ "listener": { "default_pool_id": pool } }))
}

fn members(pool: &PoolId) -> String {
    format!("/lbaas/pools/{}/members", segment(pool.as_str()))
}

fn one(pool: &PoolId, id: &MemberId) -> String {
    format!("{}/{}", members(pool), segment(id.as_str()))
}

/// All that we know of it. What is at its default and was not known to all releases is left out.
fn whole(member: &Member) -> Value {
    let mut shown = json!({
        "address": member.address, "protocol_port": member.port, "weight": member.weight, "name": member.name,
        "admin_state_up": member.admin_state_up, "backup": member.backup,
    });
    if let Some(subnet) = &member.subnet {
        shown["subnet_id"] = json!(subnet);
    }
    if !member.tags.is_empty() {
        shown["tags"] = json!(member.tags);
    }
    if let Some(address) = &member.monitor_address {
        shown["monitor_address"] = json!(address);
    }
    if let Some(port) = member.monitor_port {
        shown["monitor_port"] = json!(port);
    }
    shown
}
