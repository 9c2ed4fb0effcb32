//! The cloud itself.

use serde::Serialize;

use crate::base::clock::Timestamp;
use crate::cli::json::{FailureOf, Part};
use crate::fleet::control_plane::{Agent, ComputeService, ControlPlane, Endpoint, Hypervisor, Quota};

/// `cloud`.
#[derive(Clone, Debug, Serialize)]
pub struct CloudOf<'a> {
    /// Every endpoint of the catalog, in our region and interface.
    pub endpoints: Vec<EndpointOf<'a>>,
    /// Nova's own services, where the role may see them.
    pub compute_services: Part<'a, Vec<ComputeServiceOf<'a>>>,
    /// Hypervisors, where the role may see them.
    pub hypervisors: Part<'a, Vec<HypervisorOf<'a>>>,
    /// Neutron's agents, where the role may see them.
    pub agents: Part<'a, Vec<AgentOf<'a>>>,
    /// Quotas of the project.
    pub quotas: Part<'a, Vec<QuotaOf<'a>>>,
}

/// An endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointOf<'a> {
    /// Service type, as the catalog names it.
    pub service_type: &'a str,
    /// The service's name.
    pub name: &'a str,
    /// Where it is reached.
    pub url: &'a str,
    /// API version, once discovered.
    pub version: Option<&'a str>,
    /// Lowest microversion.
    pub microversion_min: Option<&'a str>,
    /// Highest microversion.
    pub microversion_max: Option<&'a str>,
    /// Median of our requests.
    pub latency_ms: Option<f64>,
    /// Whether Stackdeck uses it.
    pub used: bool,
    /// Its newest failure.
    pub last_failure: Option<FailureOf<'a>>,
}

/// One of Nova's services.
#[derive(Clone, Debug, Serialize)]
pub struct ComputeServiceOf<'a> {
    /// nova-compute, nova-scheduler, and so on.
    pub binary: &'a str,
    /// Its host.
    pub host: &'a str,
    /// Its zone.
    pub zone: &'a str,
    /// Whether an operator has it enabled.
    pub enabled: bool,
    /// Whether it was heard of lately.
    pub up: bool,
    /// Why it is disabled.
    pub disabled_because: Option<&'a str>,
    /// When it was last heard of.
    pub updated: Option<Timestamp>,
}

/// A host that runs instances.
#[derive(Clone, Debug, Serialize)]
pub struct HypervisorOf<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Whether it was heard of.
    pub up: bool,
    /// Whether an operator has it enabled.
    pub enabled: bool,
    /// How many instances it runs, where Nova tells.
    pub instances: Option<u32>,
    /// Virtual CPUs in use.
    pub vcpus_used: Option<u32>,
    /// Virtual CPUs.
    pub vcpus: Option<u32>,
    /// How many processes ran or waited in the mean of the last minute, where Nova tells (from 2.88 on).
    pub load_1m: Option<f64>,
    /// The same of five minutes.
    pub load_5m: Option<f64>,
    /// The same of fifteen minutes.
    pub load_15m: Option<f64>,
    /// Memory in use.
    pub memory_used_mib: Option<u64>,
    /// Memory.
    pub memory_mib: Option<u64>,
}

/// One of Neutron's agents.
#[derive(Clone, Debug, Serialize)]
pub struct AgentOf<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its host.
    pub host: &'a str,
    /// Whether it was heard of.
    pub alive: bool,
    /// Whether an operator has it enabled.
    pub enabled: bool,
    /// When it was last heard of.
    pub heartbeat: Option<Timestamp>,
}

/// A quota.
#[derive(Clone, Debug, Serialize)]
pub struct QuotaOf<'a> {
    /// The service that keeps it.
    pub service: &'a str,
    /// What is limited.
    pub resource: &'a str,
    /// In use.
    pub used: u64,
    /// The limit; null is without limit.
    pub limit: Option<u64>,
}

impl<'a> From<&'a ControlPlane> for CloudOf<'a> {
    fn from(cloud: &'a ControlPlane) -> Self {
        Self {
            endpoints: cloud.endpoints.iter().map(EndpointOf::from).collect(),
            compute_services: Part::of(&cloud.compute_services, |all| all.iter().map(ComputeServiceOf::from).collect()),
            hypervisors: Part::of(&cloud.hypervisors, |all| all.iter().map(HypervisorOf::from).collect()),
            agents: Part::of(&cloud.agents, |all| all.iter().map(AgentOf::from).collect()),
            quotas: Part::of(&cloud.quotas, |all| all.iter().map(QuotaOf::from).collect()),
        }
    }
}

impl<'a> From<&'a Endpoint> for EndpointOf<'a> {
    fn from(endpoint: &'a Endpoint) -> Self {
        let (least, most) = match &endpoint.microversions {
            Some((least, most)) => (Some(&**least), Some(&**most)),
            None => (None, None),
        };
        Self {
            service_type: &endpoint.service_type,
            name: &endpoint.name,
            url: &endpoint.url,
            version: endpoint.version.as_deref(),
            microversion_min: least,
            microversion_max: most,
            latency_ms: endpoint.latency.map(|latency| (latency.as_secs_f64() * 10_000.0).round() / 10.0),
            used: endpoint.used,
            last_failure: endpoint.last_failure.as_ref().map(|(failure, _)| failure.into()),
        }
    }
}

impl<'a> From<&'a ComputeService> for ComputeServiceOf<'a> {
    fn from(service: &'a ComputeService) -> Self {
        let ComputeService { binary, host, zone, enabled, up, reason, updated } = service;
        Self { binary, host, zone, enabled: *enabled, up: *up, disabled_because: reason.as_deref(), updated: *updated }
    }
}

impl<'a> From<&'a Hypervisor> for HypervisorOf<'a> {
    fn from(host: &'a Hypervisor) -> Self {
        Self {
            name: &host.name,
            kind: &host.kind,
            up: host.up,
            enabled: host.enabled,
            instances: host.running,
            vcpus_used: host.vcpus.map(|(used, _)| used),
            vcpus: host.vcpus.map(|(_, all)| all),
            load_1m: host.load.map(|[last, ..]| last),
            load_5m: host.load.map(|[_, last, _]| last),
            load_15m: host.load.map(|[.., last]| last),
            memory_used_mib: host.memory_mib.map(|(used, _)| used),
            memory_mib: host.memory_mib.map(|(_, all)| all),
        }
    }
}

impl<'a> From<&'a Agent> for AgentOf<'a> {
    fn from(agent: &'a Agent) -> Self {
        let Agent { kind, host, alive, admin_up, heartbeat } = agent;
        Self { kind, host, alive: *alive, enabled: *admin_up, heartbeat: *heartbeat }
    }
}

impl<'a> From<&'a Quota> for QuotaOf<'a> {
    fn from(quota: &'a Quota) -> Self {
        Self { service: quota.service, resource: &quota.resource, used: quota.used, limit: quota.limit }
    }
}
