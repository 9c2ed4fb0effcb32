//! Neutron: ports of instances, agents and quotas.

use std::sync::Arc;

use serde::Deserialize;

use crate::base::id::{InstanceId, PortId, ProjectId};
use crate::openstack::error::CloudError;
use crate::openstack::lenient::{Entries, Flag, List, Number, Object, Objects, Text};
use crate::openstack::page::{Pages, Row, broken};
use crate::openstack::reader::Reader;
use crate::openstack::request::ServiceType;
use crate::openstack::wire::{json, read, segment};

/// A port.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Neutron's own field names")]
pub struct Port {
    pub id: Text,
    pub name: Text,
    pub device_id: Text,
    pub device_owner: Text,
    pub mac_address: Text,
    pub status: Text,
    pub network_id: Text,
    pub fixed_ips: Objects<FixedIp>,
    pub security_groups: List<Text>,
    pub created_at: Text,
}

impl Row for Port {
    const LIST: &'static str = "ports";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// One fixed address of a port.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Neutron's own field names")]
pub struct FixedIp {
    pub subnet_id: Text,
    pub ip_address: Text,
}

/// All fields of a port that we know.
pub const WHOLE: &[&str] =
    &["id", "name", "device_id", "device_owner", "mac_address", "status", "network_id", "fixed_ips", "security_groups"];

/// Those that say where an instance is reached. The id is wanted for the next page.
pub const FIXED: &[&str] = &["id", "device_id", "device_owner", "fixed_ips"];

/// Whose ports a list asks for.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Of these instances.
    Instances(&'a [InstanceId]),
    /// Of a project. An admin's list would show everybody's.
    Project(&'a ProjectId),
    /// Of everybody.
    All,
}

/// Ports that instances use. Their owner begins with `compute:` and ends with the zone; Neutron can only filter by
/// the whole, so the others are left out here. What is not among `fields` stays untold.
pub async fn ports(reader: &Arc<dyn Reader>, whose: Whose<'_>, fields: &[&str]) -> Result<Vec<Port>, CloudError> {
    let mut wanted = read(ServiceType::NETWORK, "/ports");
    let mut add = |name: &str, value: &str| wanted.query.push((name.to_owned(), value.to_owned()));
    fields.iter().for_each(|field| add("fields", field));
    match whose {
        Whose::Instances(ids) => ids.iter().for_each(|id| add("device_id", id.as_str())),
        Whose::Project(project) => add("project_id", project.as_str()),
        Whose::All => {}
    }
    let mut ports: Vec<Port> = Pages::new(reader, wanted).all().await?;
    ports.retain(|port| port.device_owner.as_deref().is_some_and(|owner| owner.starts_with("compute:")));
    Ok(ports)
}

/// The ports of that name, whoever has them: the stamp of those that we make. Unlike [`ports`] it shows those without a
/// device too.
pub async fn ports_named(reader: &Arc<dyn Reader>, name: &str) -> Result<Vec<Port>, CloudError> {
    let mut wanted = read(ServiceType::NETWORK, "/ports");
    WHOLE.iter().for_each(|field| wanted.query.push(("fields".to_owned(), (*field).to_owned())));
    wanted.query.push(("name".to_owned(), name.to_owned()));
    let mut ports: Vec<Port> = Pages::new(reader, wanted).all().await?;
    ports.retain(|port| port.name.as_deref() == Some(name));
    Ok(ports)
}

/// What is wanted of ports that are told by their names.
const NAMED: &[&str] = &["id", "name", "device_id", "device_owner", "fixed_ips", "created_at"];

/// The ports whose names begin so, whoever has them. Neutron compares whole names alone, so the list is whole.
pub async fn ports_beginning(
    reader: &Arc<dyn Reader>,
    whose: Whose<'_>,
    prefix: &str,
) -> Result<Vec<Port>, CloudError> {
    let mut wanted = read(ServiceType::NETWORK, "/ports");
    NAMED.iter().for_each(|field| wanted.query.push(("fields".to_owned(), (*field).to_owned())));
    if let Whose::Project(project) = whose {
        wanted.query.push(("project_id".to_owned(), project.to_string()));
    }
    let mut ports: Vec<Port> = Pages::new(reader, wanted).all().await?;
    ports.retain(|port| port.name.as_deref().is_some_and(|name| name.starts_with(prefix)));
    Ok(ports)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct One {
    port: Object<Port>,
}

/// One port.
pub async fn port(reader: &dyn Reader, id: &PortId) -> Result<Port, CloudError> {
    let answer = reader.read(read(ServiceType::NETWORK, format!("/ports/{}", segment(id.as_str())))).await?;
    let One { port } = json(&answer, "the port")?;
    port.0.ok_or_else(|| broken("the port", "there is none in it", &answer))
}

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Neutron's own field names")]
pub struct Agent {
    pub id: Text,
    pub agent_type: Text,
    pub host: Text,
    pub alive: Flag,
    pub admin_state_up: Flag,
    pub heartbeat_timestamp: Text,
}

impl Row for Agent {
    const LIST: &'static str = "agents";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// Neutron's agents; empty also where policy forbids to see them.
pub async fn agents(reader: &Arc<dyn Reader>) -> Result<Vec<Agent>, CloudError> {
    Pages::new(reader, read(ServiceType::NETWORK, "/agents")).all().await
}

/// A quota and its use.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Neutron's own field names")]
pub struct Quota {
    pub limit: Number,
    pub used: Number,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Quotas {
    quota: Object<Entries<Object<Quota>>>,
}

/// The project's quotas and their use.
pub async fn quotas(reader: &dyn Reader, project: &ProjectId) -> Result<Vec<(String, Quota)>, CloudError> {
    let path = format!("/quotas/{}/details.json", segment(project.as_str()));
    let Quotas { quota } = json(&reader.read(read(ServiceType::NETWORK, path)).await?, "the quotas")?;
    let entries = quota.0.unwrap_or_default().0;
    Ok(entries.into_iter().filter_map(|(name, quota)| quota.0.map(|quota| (name, quota))).collect())
}
