//! Services: instances that run one application.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::id::{ImageId, InstanceId, ProjectId};
use crate::fleet::Began;
use crate::fleet::census::Census;
use crate::fleet::instance::Instance;
use crate::fleet::pool::{self, Pool};
use crate::fleet::sources::Place;

/// What names a service: prod's `payments` and test's are two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServiceKey {
    /// Cloud and region.
    pub place: Place,
    /// Project.
    pub project: ProjectId,
    /// Name, refined by the role where there is one: `shop/worker`.
    pub name: Arc<str>,
}

/// The fleet as it means: every instance is in exactly one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    /// Services, sorted by key.
    pub services: Vec<Service>,
    /// Instances with what was concluded of them, sorted by id.
    pub members: Vec<Member>,
    /// The pools as Octavia told them, shared with [`crate::fleet::Sources`]: what [`Seat`] points into.
    pub pools: Arc<Vec<Pool>>,
    /// What the images are called that instances name, as far as told.
    pub images: BTreeMap<ImageId, Arc<str>>,
    /// The services that have not said yet who sits in which pool.
    pub unseated: Vec<&'static str>,
}

/// A place in a pool: an index into [`Fleet::pools`], and one into that pool's members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// Which pool.
    pub pool: usize,
    /// Which of its members.
    pub member: usize,
}

/// One instance and what was concluded of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// As the cloud told it.
    pub instance: Arc<Instance>,
    /// Index into [`Fleet::services`].
    pub service: usize,
    /// Which source named the service.
    pub named_by: NamedBy,
    /// The version that it runs, and who says so.
    pub version: VersionClaim,
    /// What is wrong with it, worst first.
    pub findings: Vec<Finding>,
    /// Its places in pools, in the order of the pools; see [`Fleet::memberships`].
    pub seats: Vec<Seat>,
    /// A full listing did not show it, and no GET has yet called it gone.
    pub unconfirmed: bool,
}

/// One service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// What names it.
    pub key: ServiceKey,
    /// Indices into [`Fleet::members`], sorted by instance name.
    pub members: Vec<usize>,
    /// Whether the grouping is settled.
    pub standing: Standing,
    /// How many instances run each version, most first.
    pub versions: Vec<(Option<Arc<str>>, usize)>,
    /// How many of them serve: up, and not failing in any pool.
    pub ready: usize,
    /// The service's own findings (its pools) and the worst of its instances'.
    pub findings: Vec<Finding>,
    /// Names of the pools that its instances are in.
    pub pools: Vec<Arc<str>>,
    /// What its instances and pools add up to.
    pub census: Census,
}

/// Whether a service may be acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All sources have answered and agree.
    Settled,
    /// Not all sources have answered yet; these have not.
    Provisional(Vec<Arc<str>>),
    /// Instances are in several pools and no other source decides between these.
    Ambiguous(Vec<Arc<str>>),
    /// Only a pool names it: none of its instances is there.
    Empty,
}

/// Which source named an instance's service; the first that answers wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NamedBy {
    /// A rule of the configuration.
    Rule,
    /// Metadata `service` or `app`.
    Metadata,
    /// A tag `service=…`.
    Tag,
    /// The Heat stack that owns it.
    Stack,
    /// The Octavia pool that it is a member of.
    Pool,
    /// Its server group.
    ServerGroup,
    /// Its own name without the trailing ordinal or id.
    Name,
}

impl fmt::Display for NamedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            NamedBy::Rule => "rule",
            NamedBy::Metadata => "metadata",
            NamedBy::Tag => "tag",
            NamedBy::Stack => "stack",
            NamedBy::Pool => "pool",
            NamedBy::ServerGroup => "server group",
            NamedBy::Name => "name",
        })
    }
}

/// Which version an instance runs, by whom, and who disagrees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionClaim {
    /// The version; `None` when nobody says.
    pub version: Option<Arc<str>>,
    /// The source that decided: metadata, tag, container tag, image property, image name.
    pub said_by: Option<&'static str>,
    /// The key of the metadata that tells a version, where some does: who brings another version, writes it there.
    pub key: Option<Arc<str>>,
    /// Sources that say another: (source, its version).
    pub disputed: Vec<(&'static str, Arc<str>)>,
}

/// How bad a finding is. Orders from harmless to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Nothing wrong.
    Ok,
    /// On its way: a transition that is within its time.
    Busy,
    /// It cannot be told.
    Unknown,
    /// Serving, but look at it.
    Warning,
    /// Not serving.
    Critical,
}

/// A health statement with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// One word or two for a column: `error`, `slow reboot`, `member down`.
    pub title: &'static str,
    /// What was seen, where: `Octavia: member 10.0.0.3:8080 of lb-payments is ERROR`.
    pub evidence: String,
    /// Since when, where somebody tells.
    pub since: Option<Began>,
    /// The instance that it is about; `None` for the service's own.
    pub instance: Option<InstanceId>,
}

/// The worst severity of some findings; [`Severity::Ok`] when there are none.
pub fn worst(findings: &[Finding]) -> Severity {
    findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok)
}

impl Fleet {
    /// Whether everybody who says what belongs to which service has answered.
    pub fn is_settled(&self) -> bool {
        self.services.iter().all(|service| !matches!(service.standing, Standing::Provisional(_)))
    }

    /// The member with that id.
    pub fn member(&self, id: &InstanceId) -> Option<&Member> {
        self.find(id.as_str())
    }

    /// The same, by the id as an answer has it.
    pub fn find(&self, id: &str) -> Option<&Member> {
        self.place(id).map(|at| &self.members[at])
    }

    /// Where among the members it is.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.members.binary_search_by(|member| member.instance.id.as_str().cmp(id)).ok()
    }

    /// The service with that key.
    pub fn service(&self, key: &ServiceKey) -> Option<&Service> {
        self.services.binary_search_by(|service| service.key.cmp(key)).ok().map(|at| &self.services[at])
    }

    /// The pools that a member is in, and as what.
    pub fn memberships<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = (&'a Pool, &'a pool::Member)> {
        member.seats.iter().filter_map(|seat| {
            let pool = self.pools.get(seat.pool)?;
            Some((pool, pool.members.get(seat.member)?))
        })
    }
}

impl Service {
    /// Its pools: what each is called, how many of its members take requests, and of how many.
    pub fn pools_taking(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        self.pools.iter().zip(&self.census.taking).map(|(name, (taking, all))| (&**name, *taking, *all))
    }
}
