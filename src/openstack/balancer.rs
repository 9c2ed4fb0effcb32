//! Octavia: load balancers, pools and their members.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::base::id::{BalancerId, ListenerId, MemberId, PoolId, ProjectId};
use crate::openstack::error::CloudError;
use crate::openstack::lenient::{Entries, Flag, List, Number, Object, Objects, Text};
use crate::openstack::page::{Pages, Print, Row, broken};
use crate::openstack::reader::Reader;
use crate::openstack::request::{Read, ServiceType};
use crate::openstack::wire::{json, read, segment};

/// A reference to another of Octavia's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct Id {
    pub id: Text,
}

/// A load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct LoadBalancer {
    pub id: Text,
    pub name: Text,
    pub vip_subnet_id: Text,
    pub provider: Text,
    pub operating_status: Text,
    pub provisioning_status: Text,
    pub updated_at: Text,
}

impl Row for LoadBalancer {
    const LIST: &'static str = "loadbalancers";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// A pool; of its members only the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct Pool {
    pub id: Text,
    pub name: Text,
    pub project_id: Text,
    pub protocol: Text,
    pub lb_algorithm: Text,
    pub session_persistence: Object<Persistence>,
    pub operating_status: Text,
    pub provisioning_status: Text,
    pub healthmonitor_id: Text,
    pub loadbalancers: Objects<Id>,
    pub listeners: Objects<Id>,
    pub members: Objects<Id>,
    pub updated_at: Text,
}

impl Row for Pool {
    const LIST: &'static str = "pools";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// By what a pool sends a client to the same member again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct Persistence {
    #[serde(rename = "type")]
    pub kind: Text,
    pub cookie_name: Text,
}

/// A pool's monitor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct Monitor {
    pub id: Text,
    #[serde(rename = "type")]
    pub kind: Text,
    pub delay: Number,
    pub timeout: Number,
    pub max_retries: Number,
    pub max_retries_down: Number,
    pub http_method: Text,
    pub url_path: Text,
    pub expected_codes: Text,
    pub admin_state_up: Flag,
    pub provisioning_status: Text,
}

/// A listener.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct Listener {
    pub id: Text,
    pub name: Text,
    pub protocol: Text,
    pub protocol_port: Number,
    pub default_pool_id: Text,
    pub l7policies: Objects<Id>,
    pub timeout_member_data: Number,
    pub operating_status: Text,
    pub provisioning_status: Text,
}

/// A member of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct Member {
    pub id: Text,
    pub name: Text,
    pub address: Text,
    pub protocol_port: Number,
    pub subnet_id: Text,
    pub weight: Number,
    pub operating_status: Text,
    pub provisioning_status: Text,
    pub admin_state_up: Flag,
    pub backup: Flag,
    /// From here on only where members are asked for [whole](whole_members).
    pub monitor_address: Text,
    pub monitor_port: Number,
    pub tags: List<Text>,
    pub updated_at: Text,
}

impl Row for Member {
    const LIST: &'static str = "members";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

fn of(path: &str, project: Option<&ProjectId>, fields: &[&str]) -> Read {
    let mut wanted = read(ServiceType::LOAD_BALANCER, path);
    wanted.query.extend(project.map(|project| ("project_id".to_owned(), project.as_str().to_owned())));
    wanted.query.extend(fields.iter().map(|field| ("fields".to_owned(), (*field).to_owned())));
    wanted
}

/// What is read of a load balancer: the whole row has its listeners and pools too.
const BALANCER: [&str; 7] =
    ["id", "name", "vip_subnet_id", "provider", "operating_status", "provisioning_status", "updated_at"];

/// What is read of a member: the whole row is half as long again.
const MEMBER: [&str; 11] = [
    "id",
    "name",
    "address",
    "protocol_port",
    "subnet_id",
    "weight",
    "operating_status",
    "provisioning_status",
    "admin_state_up",
    "backup",
    "updated_at",
];

/// The load balancers of a project, or of everybody.
pub async fn load_balancers(
    reader: &Arc<dyn Reader>,
    project: Option<&ProjectId>,
) -> Result<Vec<LoadBalancer>, CloudError> {
    Pages::new(reader, of("/lbaas/loadbalancers", project, &BALANCER)).all().await
}

/// The pools of a project, or of everybody.
pub async fn pools(reader: &Arc<dyn Reader>, project: Option<&ProjectId>) -> Result<Vec<Pool>, CloudError> {
    Pages::new(reader, of("/lbaas/pools", project, &[])).all().await
}

/// The pools; `None` if they are told as they were when that print was left.
pub async fn pools_unless(
    reader: &Arc<dyn Reader>,
    project: Option<&ProjectId>,
    before: Option<Print>,
) -> Result<Option<(Vec<Pool>, Option<Print>)>, CloudError> {
    Pages::new(reader, of("/lbaas/pools", project, &[])).unless(before).await
}

/// The members of a pool.
pub async fn members(reader: &Arc<dyn Reader>, pool: &PoolId) -> Result<Vec<Member>, CloudError> {
    Pages::new(reader, of_pool(pool)).all().await
}

/// The members of a pool; `None` if they are told as they were when that print was left.
pub async fn members_unless(
    reader: &Arc<dyn Reader>,
    pool: &PoolId,
    before: Option<Print>,
) -> Result<Option<(Vec<Member>, Option<Print>)>, CloudError> {
    Pages::new(reader, of_pool(pool)).unless(before).await
}

fn of_pool(pool: &PoolId) -> Read {
    of(&members_path(pool), None, &MEMBER)
}

/// The members of a pool with all that a batch has to repeat.
pub async fn whole_members(reader: &Arc<dyn Reader>, pool: &PoolId) -> Result<Vec<Member>, CloudError> {
    Pages::new(reader, of(&members_path(pool), None, &[])).all().await
}

/// The members of a pool at an address: what tells whether one was added. Octavia's own filter is not asked: one that a
/// release does not know would show nobody.
pub async fn members_at(
    reader: &Arc<dyn Reader>,
    pool: &PoolId,
    address: &str,
    port: u16,
) -> Result<Vec<Member>, CloudError> {
    let mut members = whole_members(reader, pool).await?;
    members.retain(|one| one.address.as_deref() == Some(address) && one.protocol_port.get() == Some(port));
    Ok(members)
}

fn members_path(pool: &PoolId) -> String {
    format!("/lbaas/pools/{}/members", segment(pool.as_str()))
}

/// An answer with one object in it.
async fn one<T: DeserializeOwned>(reader: &dyn Reader, path: String, key: &str) -> Result<T, CloudError> {
    let answer = reader.read(read(ServiceType::LOAD_BALANCER, path)).await?;
    let mut whole: HashMap<String, Object<T>> = json(&answer, key)?;
    let found = whole.remove(key).and_then(|object| object.0);
    found.ok_or_else(|| broken(key, "there is none in it", &answer))
}

/// One member.
pub async fn member(reader: &dyn Reader, pool: &PoolId, id: &MemberId) -> Result<Member, CloudError> {
    one(reader, format!("{}/{}", members_path(pool), segment(id.as_str())), "member").await
}

/// One pool.
pub async fn pool(reader: &dyn Reader, id: &PoolId) -> Result<Pool, CloudError> {
    one(reader, format!("/lbaas/pools/{}", segment(id.as_str())), "pool").await
}

/// One monitor, by the id that its pool tells.
pub async fn monitor(reader: &dyn Reader, id: &str) -> Result<Monitor, CloudError> {
    one(reader, format!("/lbaas/healthmonitors/{}", segment(id)), "healthmonitor").await
}

/// One listener.
pub async fn listener(reader: &dyn Reader, id: &ListenerId) -> Result<Listener, CloudError> {
    one(reader, format!("/lbaas/listeners/{}", segment(id.as_str())), "listener").await
}

/// One load balancer: only its own `provisioning_status` tells a change under way from an ERROR that nobody mends, and
/// its `provider` whether weights mean anything.
pub async fn load_balancer(reader: &dyn Reader, id: &BalancerId) -> Result<LoadBalancer, CloudError> {
    one(reader, format!("/lbaas/loadbalancers/{}", segment(id.as_str())), "loadbalancer").await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Quotas {
    quota: Object<Entries<Number>>,
}

/// The project's limits; Octavia does not tell what of them is used. Below zero is without limit.
pub async fn quotas(reader: &dyn Reader, project: &ProjectId) -> Result<Vec<(String, i64)>, CloudError> {
    let wanted = read(ServiceType::LOAD_BALANCER, format!("/lbaas/quotas/{}", segment(project.as_str())));
    let Quotas { quota } = json(&reader.read(wanted).await?, "the quotas")?;
    let entries = quota.0.unwrap_or_default().0;
    Ok(entries.into_iter().filter_map(|(name, number)| number.0.map(|number| (name, number))).collect())
}
