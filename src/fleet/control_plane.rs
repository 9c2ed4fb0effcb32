//! The cloud itself: its endpoints, its own services, its hosts and our quotas.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::observation::Observation;

/// What the cloud view shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlPlane {
    /// Every endpoint of the catalog in our region and interface.
    pub endpoints: Vec<Endpoint>,
    /// nova's own services, where the role may see them.
    pub compute_services: Observation<Vec<ComputeService>>,
    /// Hypervisors, where the role may see them.
    pub hypervisors: Observation<Vec<Hypervisor>>,
    /// Neutron's agents; an empty list also when policy forbids.
    pub agents: Observation<Vec<Agent>>,
    /// Quotas of the project and what of them is used.
    pub quotas: Observation<Vec<Quota>>,
}

/// One endpoint and how it has answered us.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// Service type, as the catalog names it.
    pub service_type: String,
    /// The service's name in the catalog.
    pub name: String,
    /// Where it is reached, without secrets.
    pub url: String,
    /// API version, such as `v2.1`, once discovered.
    pub version: Option<String>,
    /// Lowest and highest microversion.
    pub microversions: Option<(Arc<str>, Arc<str>)>,
    /// Median of the latest requests.
    pub latency: Option<Duration>,
    /// The newest failure and its time.
    pub last_failure: Option<(Failure, Timestamp)>,
    /// Our requests in the last minute.
    pub requests_per_minute: u32,
    /// Whether Stackdeck uses it.
    pub used: bool,
}

/// One of nova's services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputeService {
    /// nova-compute, nova-scheduler, and so on.
    pub binary: String,
    /// Its host.
    pub host: String,
    /// Its zone.
    pub zone: String,
    /// Whether an operator has it enabled.
    pub enabled: bool,
    /// Whether it was heard of in the last minute.
    pub up: bool,
    /// Why it is disabled.
    pub reason: Option<String>,
    /// When it was last heard of.
    pub updated: Option<Timestamp>,
}

/// A host that runs instances.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypervisor {
    /// Its name.
    pub name: String,
    /// Its kind, such as QEMU.
    pub kind: String,
    /// Whether it was heard of.
    pub up: bool,
    /// Whether an operator has it enabled.
    pub enabled: bool,
    /// Its address.
    pub address: Option<String>,
    /// How many instances it runs; gone from 2.88.
    pub running: Option<u32>,
    /// Used and total virtual CPUs; gone from 2.88.
    pub vcpus: Option<(u32, u32)>,
    /// Used and total memory in MiB; gone from 2.88.
    pub memory_mib: Option<(u64, u64)>,
    /// How many processes ran or waited on it, in the mean of the last 1, 5 and 15 minutes; only from 2.88 on.
    pub load: Option<[f64; 3]>,
}

/// One of Neutron's agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its kind, such as `L3 agent`.
    pub kind: String,
    /// Its host.
    pub host: String,
    /// Whether it was heard of.
    pub alive: bool,
    /// Whether an operator has it enabled.
    pub admin_up: bool,
    /// When it was last heard of.
    pub heartbeat: Option<Timestamp>,
}

/// One quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The service that keeps it: compute, network, load-balancer.
    pub service: &'static str,
    /// What is limited: instances, cores, ram_mib, ports.
    pub resource: String,
    /// In use.
    pub used: u64,
    /// The limit; `None` is without limit.
    pub limit: Option<u64>,
}
