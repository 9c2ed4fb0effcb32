//! Octavia's statistics: what its balancers and listeners have counted, and which pools a listener feeds.
//!
//! Octavia has no request for the statistics of several: one for each balancer, or for each listener.

use std::sync::Arc;

use serde::Deserialize;

use crate::base::id::ProjectId;
use crate::openstack::balancer::Id;
use crate::openstack::error::CloudError;
use crate::openstack::lenient::{Number, Object, Objects, Text};
use crate::openstack::page::{Pages, Row, broken};
use crate::openstack::reader::Reader;
use crate::openstack::request::{Read, ServiceType};
use crate::openstack::wire::{json, read, segment};

/// A load balancer, as far as its statistics need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct Balancer {
    pub id: Text,
    pub name: Text,
    pub provider: Text,
    pub vip_address: Text,
    pub listeners: Objects<Id>,
    pub pools: Objects<Id>,
}

impl Row for Balancer {
    const LIST: &'static str = "loadbalancers";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// A listener, as far as its statistics need it.
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
    pub loadbalancers: Objects<Id>,
}

impl Row for Listener {
    const LIST: &'static str = "listeners";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// What a balancer or listener has counted since it was made. Connections are TCP's, not requests; errors are requests
/// that the balancer refused as malformed, not answers of the 500s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Octavia's own field names")]
pub struct Statistics {
    pub active_connections: Number,
    pub total_connections: Number,
    pub request_errors: Number,
    pub bytes_in: Number,
    pub bytes_out: Number,
}

fn list(path: &str, project: Option<&ProjectId>, fields: &[&str]) -> Read {
    let mut wanted = read(ServiceType::LOAD_BALANCER, path);
    wanted.query.extend(project.map(|project| ("project_id".to_owned(), project.as_str().to_owned())));
    wanted.query.extend(fields.iter().map(|field| ("fields".to_owned(), (*field).to_owned())));
    wanted
}

/// The load balancers of a project, or of everybody.
pub async fn balancers(reader: &Arc<dyn Reader>, project: Option<&ProjectId>) -> Result<Vec<Balancer>, CloudError> {
    let fields = ["id", "name", "provider", "vip_address", "listeners", "pools"];
    Pages::new(reader, list("/lbaas/loadbalancers", project, &fields)).all().await
}

/// The listeners of a project, or of everybody.
pub async fn listeners(reader: &Arc<dyn Reader>, project: Option<&ProjectId>) -> Result<Vec<Listener>, CloudError> {
    let fields = ["id", "name", "protocol", "protocol_port", "default_pool_id", "l7policies", "loadbalancers"];
    Pages::new(reader, list("/lbaas/listeners", project, &fields)).all().await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct One {
    stats: Object<Statistics>,
}

async fn one(reader: &dyn Reader, kind: &str, id: &str) -> Result<Statistics, CloudError> {
    let path = format!("/lbaas/{kind}/{}/stats", segment(id));
    let answer = reader.read(read(ServiceType::LOAD_BALANCER, path)).await?;
    let One { stats } = json(&answer, "the statistics")?;
    stats.0.ok_or_else(|| broken("the statistics", "there are none in it", &answer))
}

/// What a load balancer has counted: the sum of its listeners.
pub async fn of_balancer(reader: &dyn Reader, id: &str) -> Result<Statistics, CloudError> {
    one(reader, "loadbalancers", id).await
}

/// What one listener has counted.
pub async fn of_listener(reader: &dyn Reader, id: &str) -> Result<Statistics, CloudError> {
    one(reader, "listeners", id).await
}
