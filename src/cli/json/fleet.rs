//! Services and instances.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::load::{ConclusionOf, LoadOf};
use crate::base::clock::Timestamp;
use crate::fleet::Condition;
use crate::fleet::instance::{FlavorRef, ImageRef, Instance, PowerState};
use crate::fleet::metadata::Metadata;
use crate::fleet::metric::Subject;
use crate::fleet::service::{Finding, Fleet, Member, Service, Severity, Standing, worst};

/// `services`.
#[derive(Clone, Debug, Serialize)]
pub struct Services<'a> {
    /// Sorted by name.
    pub services: Vec<ServiceOf<'a>>,
}

/// `instances`.
#[derive(Clone, Debug, Serialize)]
pub struct Instances<'a> {
    /// Sorted by name, then id.
    pub instances: Vec<InstanceOf<'a>>,
}

/// A service.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceOf<'a> {
    /// Its name.
    pub name: &'a str,
    /// Id of the project that owns it.
    pub project_id: &'a str,
    /// `ok`, `busy`, `unknown`, `warning` or `critical`: the worst finding.
    pub health: &'static str,
    /// How many of its instances serve.
    pub ready: usize,
    /// How many instances it has.
    pub instances: usize,
    /// Its versions, the most frequent first; a null version is one that nobody tells.
    pub versions: Vec<VersionOf<'a>>,
    /// `settled`, `provisional`, `ambiguous` or `empty`.
    pub standing: &'static str,
    /// The sources that have not answered, or the pools that nothing decides between.
    pub standing_because: Vec<&'a str>,
    /// Names of the pools that its instances are in.
    pub pools: Vec<&'a str>,
    /// What is wrong: by what Nova and Octavia say, and by what is concluded.
    pub findings: Vec<FindingOf<'a>>,
    /// What is measured now.
    pub load: LoadOf,
    /// What is concluded, with evidence and advice.
    pub conclusions: Vec<ConclusionOf<'a>>,
    /// Ids of its instances, by their names.
    pub instance_ids: Vec<&'a str>,
}

/// How many instances run a version.
#[derive(Clone, Debug, Serialize)]
pub struct VersionOf<'a> {
    /// The version.
    pub version: Option<&'a str>,
    /// How many.
    pub instances: usize,
}

/// A health statement.
#[derive(Clone, Debug, Serialize)]
pub struct FindingOf<'a> {
    /// As a service's `health`.
    pub severity: &'static str,
    /// One word or two.
    pub title: &'a str,
    /// What was seen, where.
    pub evidence: &'a str,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Whether it may have begun before that: nobody tells of the time before.
    pub maybe_earlier: bool,
    /// Id of the instance that it is about.
    pub instance_id: Option<&'a str>,
}

/// An instance.
#[derive(Clone, Debug, Serialize)]
pub struct InstanceOf<'a> {
    /// Nova's id of it.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Id of the project that owns it.
    pub project_id: &'a str,
    /// Name of its service.
    pub service: Option<&'a str>,
    /// What named the service: rule, metadata, tag, stack, pool, server group or name.
    pub service_named_by: String,
    /// The version that it runs.
    pub version: Option<&'a str>,
    /// Who says so.
    pub version_said_by: Option<&'a str>,
    /// Sources that say another version.
    pub version_disputed: BTreeMap<&'a str, &'a str>,
    /// As a service's `health`.
    pub health: &'static str,
    /// Nova's status.
    pub status: &'a str,
    /// Nova's task state.
    pub task_state: Option<&'a str>,
    /// Nova's vm state.
    pub vm_state: Option<&'a str>,
    /// `running`, `shutdown`, `paused`, `suspended`, `crashed` or `no_state`.
    pub power_state: Option<&'static str>,
    /// When Nova made the row.
    pub created: Option<Timestamp>,
    /// When Nova last changed it.
    pub updated: Option<Timestamp>,
    /// When it last came up.
    pub launched: Option<Timestamp>,
    /// Id of the image that its row names; null when it was booted from a volume.
    pub image_id: Option<&'a str>,
    /// Whether it was booted from a volume; null when the row does not tell.
    pub from_volume: Option<bool>,
    /// Its size.
    pub flavor: FlavorOf<'a>,
    /// Its addresses.
    pub addresses: Vec<AddressOf<'a>>,
    /// What users wrote on it.
    pub metadata: &'a Metadata,
    /// Its tags.
    pub tags: &'a [Arc<str>],
    /// Ids of its volumes.
    pub volume_ids: Vec<&'a str>,
    /// Availability zone.
    pub zone: Option<&'a str>,
    /// The hypervisor, where the role may see it.
    pub host: Option<&'a str>,
    /// Whether it is locked; null when Nova does not say.
    pub locked: Option<bool>,
    /// Why it is in ERROR.
    pub fault: Option<FaultOf<'a>>,
    /// A full listing did not show it, and nothing has called it gone.
    pub unconfirmed: bool,
    /// What is wrong, worst first.
    pub findings: Vec<FindingOf<'a>>,
}

/// A size.
#[derive(Clone, Debug, Serialize)]
pub struct FlavorOf<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Virtual CPUs.
    pub vcpus: Option<u32>,
    /// Memory.
    pub ram_mib: Option<u32>,
    /// Root disk.
    pub disk_gib: Option<u32>,
}

/// An address.
#[derive(Clone, Debug, Serialize)]
pub struct AddressOf<'a> {
    /// Name of the network.
    pub network: &'a str,
    /// The address.
    pub address: &'a str,
    /// Whether it is a floating address.
    pub floating: bool,
}

/// Why an instance is in ERROR.
#[derive(Clone, Debug, Serialize)]
pub struct FaultOf<'a> {
    /// HTTP-like.
    pub code: i64,
    /// What happened.
    pub message: &'a str,
    /// When.
    pub created: Option<Timestamp>,
}

impl<'a> Services<'a> {
    /// All services of a fleet.
    pub fn of(fleet: &'a Fleet, condition: &'a Condition, now: Timestamp) -> Self {
        let of = |service| ServiceOf::of(service, fleet, condition, now);
        let mut services: Vec<_> = fleet.services.iter().map(of).collect();
        services.sort_by_key(|service| (service.name, service.project_id));
        Self { services }
    }
}

impl<'a> Instances<'a> {
    /// All instances of a fleet.
    pub fn of(fleet: &'a Fleet) -> Self {
        let mut instances: Vec<_> = fleet.members.iter().map(|member| InstanceOf::of(member, fleet)).collect();
        instances.sort_by_key(|instance| (instance.name, instance.id));
        Self { instances }
    }
}

impl<'a> ServiceOf<'a> {
    fn of(service: &'a Service, fleet: &'a Fleet, condition: &'a Condition, now: Timestamp) -> Self {
        let (standing, because): (_, &[_]) = match &service.standing {
            Standing::Settled => ("settled", &[]),
            Standing::Provisional(sources) => ("provisional", sources),
            Standing::Ambiguous(pools) => ("ambiguous", pools),
            Standing::Empty => ("empty", &[]),
        };
        let versions = service.versions.iter();
        Self {
            name: &service.key.name,
            project_id: service.key.project.as_str(),
            health: severity(
                findings(service, condition).map(|finding| finding.severity).max().unwrap_or(Severity::Ok),
            ),
            ready: service.ready,
            instances: service.members.len(),
            versions: versions.map(|(version, n)| VersionOf { version: version.as_deref(), instances: *n }).collect(),
            standing,
            standing_because: because.iter().map(AsRef::as_ref).collect(),
            pools: service.pools.iter().map(AsRef::as_ref).collect(),
            findings: service.findings.iter().map(FindingOf::from).chain(concluded(service, condition)).collect(),
            load: LoadOf::of(condition.load(), &Subject::Service(service.key.clone()), now),
            conclusions: condition.of_service(&service.key).map(ConclusionOf::from).collect(),
            instance_ids: service.members.iter().map(|at| fleet.members[*at].instance.id.as_str()).collect(),
        }
    }
}

/// What is concluded, as findings.
fn concluded<'a>(service: &'a Service, condition: &'a Condition) -> impl Iterator<Item = FindingOf<'a>> {
    condition.of_service(&service.key).map(|told| FindingOf {
        severity: severity(told.severity),
        title: told.trouble.title(),
        evidence: &told.text,
        since: Some(told.since.at),
        maybe_earlier: told.since.maybe_earlier,
        instance_id: told.about.instance.as_ref().map(crate::base::id::InstanceId::as_str),
    })
}

/// What Nova and Octavia say of a service, and what is concluded.
pub fn findings<'a>(service: &'a Service, condition: &'a Condition) -> impl Iterator<Item = Finding> + 'a {
    let concluded = condition.of_service(&service.key).map(crate::fleet::health::Conclusion::finding);
    service.findings.iter().cloned().chain(concluded)
}

impl<'a> InstanceOf<'a> {
    /// A member of a fleet.
    pub fn of(member: &'a Member, fleet: &'a Fleet) -> Self {
        let Member { instance, version, findings, .. } = member;
        Self {
            id: instance.id.as_str(),
            name: &instance.name,
            project_id: instance.project.as_str(),
            service: fleet.services.get(member.service).map(|service| &*service.key.name),
            service_named_by: member.named_by.to_string(),
            version: version.version.as_deref(),
            version_said_by: version.said_by,
            version_disputed: version.disputed.iter().map(|(source, other)| (*source, &**other)).collect(),
            health: severity(worst(findings)),
            status: instance.status.as_str(),
            task_state: instance.task_state.as_deref(),
            vm_state: instance.vm_state.as_deref(),
            power_state: instance.power_state.map(power_state),
            created: instance.created,
            updated: instance.updated,
            launched: instance.launched,
            image_id: if let ImageRef::Image(id) = &instance.image { Some(id.as_str()) } else { None },
            from_volume: from_volume(&instance.image),
            flavor: FlavorOf::from(&instance.flavor),
            addresses: addresses(instance),
            metadata: &instance.metadata,
            tags: &instance.tags,
            volume_ids: instance.volumes.iter().map(|volume| volume.id.as_str()).collect(),
            zone: instance.zone.as_deref(),
            host: instance.host.as_deref(),
            locked: instance.locked.as_ref().map(|lock| lock.locked),
            fault: fault(instance),
            unconfirmed: member.unconfirmed,
            findings: findings.iter().map(FindingOf::from).collect(),
        }
    }
}

impl<'a> From<&'a Finding> for FindingOf<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            severity: severity(finding.severity),
            title: finding.title,
            evidence: &finding.evidence,
            since: finding.since.map(|began| began.at),
            maybe_earlier: finding.since.is_some_and(|began| began.maybe_earlier),
            instance_id: finding.instance.as_ref().map(crate::base::id::InstanceId::as_str),
        }
    }
}

impl<'a> From<&'a FlavorRef> for FlavorOf<'a> {
    fn from(flavor: &'a FlavorRef) -> Self {
        let FlavorRef { name, vcpus, ram_mib, disk_gib, .. } = flavor;
        Self { name: name.as_deref(), vcpus: *vcpus, ram_mib: *ram_mib, disk_gib: *disk_gib }
    }
}

fn from_volume(image: &ImageRef) -> Option<bool> {
    match image {
        ImageRef::Image(_) => Some(false),
        ImageRef::Volume => Some(true),
        ImageRef::Untold => None,
    }
}

fn addresses(instance: &Instance) -> Vec<AddressOf<'_>> {
    let addresses = instance.addresses.iter();
    addresses.map(|of| AddressOf { network: &of.network, address: &of.address, floating: of.floating }).collect()
}

fn fault(instance: &Instance) -> Option<FaultOf<'_>> {
    let fault = instance.fault.as_ref()?;
    Some(FaultOf { code: fault.code, message: &fault.message, created: fault.created })
}

/// A severity, for programs and tables.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "ok",
        Severity::Busy => "busy",
        Severity::Unknown => "unknown",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

fn power_state(power: PowerState) -> &'static str {
    match power {
        PowerState::NoState => "no_state",
        PowerState::Running => "running",
        PowerState::Paused => "paused",
        PowerState::Shutdown => "shutdown",
        PowerState::Crashed => "crashed",
        PowerState::Suspended => "suspended",
    }
}
