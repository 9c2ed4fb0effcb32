//! Octavia: load balancers, pools and their members.

use std::sync::Arc;

use serde::Deserialize;

use crate::base::id::{PoolId, ProjectId};
use crate::openstack::error::CloudError;
use crate::openstack::lenient::{Entries, Flag, Number, Object, Objects, Text};
use crate::openstack::page::{Pages, Print, Row};
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
    pub operating_status: Text,
    pub provisioning_status: Text,
    pub healthmonitor_id: Text,
    pub loadbalancers: Objects<Id>,
    pub members: Objects<Id>,
    pub updated_at: Text,
}

impl Row for Pool {
    const LIST: &'static str = "pools";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
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
const BALANCER: [&str; 6] = ["id", "name", "vip_subnet_id", "operating_status", "provisioning_status", "updated_at"];

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
    of(&format!("/lbaas/pools/{}/members", segment(pool.as_str())), None, &MEMBER)
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
