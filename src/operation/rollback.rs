//! Where a service came from: the release that a rollback goes to.
//!
//! Two moments of a rollout tell what all instances of a service ran: before it was begun, where all ran the same, and
//! when it ended as done. The newest of them that the service is not at now is the way back, and one at which the
//! instances have said it themselves goes before one that only the cloud tells of. (`reference/rollouts-and-healing.md`,
//! 13 (b) 11: to the last version that every member was verified on.) What a rollout left half done is no such moment, so
//! nobody is brought back to a mixture, nor to what was never whole.
//!
//! What ran before is kept with the plan, before anything is changed: afterwards nobody could tell it any more.
//!
//! Deliberately absent: rollouts of other hosts' journals, which nobody here can read, and what other tools have rolled out
//! in between, unless a rollout of ours has met it. The plan names the moment, for whoever knows better.

use std::cmp::Reverse;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::id::ImageId;
use crate::fleet::ServiceKey;
use crate::fleet::instance::ImageRef;
use crate::fleet::release::Release;
use crate::fleet::service::{Fleet, Member, Service};
use crate::fleet::version::{ITSELF, is_same};
use crate::operation::fold::{Operation, Stage};
use crate::operation::intent::Aim;
use crate::operation::record::Verdict;
use crate::operation::ulid::OperationId;
use crate::operation::words::when;

/// What a service ran when a plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Which service.
    pub service: ServiceKey,
    /// What its instances ran, what most of them ran first.
    pub ran: Vec<Ran>,
}

/// What some instances of a service run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The version, where anybody tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The image; `None` for those that boot from a volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageId>,
    /// All of them have said the version themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// How many they are.
    pub count: usize,
}

/// Where the release of a rollback is known from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// The rollout that tells it.
    pub operation: OperationId,
    /// Which moment of it.
    pub stood: Stood,
    /// When that was.
    pub at: Timestamp,
    /// Whether the instances had said the version themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
}

/// A moment at which it is known what all instances of a service ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stood {
    /// Before a rollout was begun.
    Before,
    /// When it was done.
    After,
}

/// What a rollback goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// The image that all ran.
    pub image: ImageId,
    /// The version, where anybody told it.
    pub version: Option<String>,
    /// Where that is known from.
    pub back: Back,
}

impl Former {
    /// Of a service as it is now.
    pub fn of(fleet: &Fleet, service: &Service) -> Self {
        let mut ran: Vec<Ran> = Vec::new();
        for member in members(fleet, service) {
            let (version, image) = (member.version.version.as_deref(), image(member));
            let verified = member.version.said_by == Some(ITSELF);
            match ran.iter_mut().find(|one| one.version.as_deref() == version && one.image.as_ref() == image) {
                Some(one) => (one.count, one.verified) = (one.count + 1, one.verified && verified),
                None => {
                    let version = version.map(str::to_owned);
                    ran.push(Ran { version, image: image.cloned(), verified, count: 1 });
                }
            }
        }
        ran.sort_by_key(|one| Reverse(one.count));
        Self { service: service.key.clone(), ran }
    }

    /// In a sentence: `payments runs 1.4.2 (6), 1.5.0 (1) now.`
    pub fn told(&self) -> String {
        format!("{} runs {} now.", self.service.name, self.list())
    }

    /// `1.4.2 (6), 1.5.0 (1)`.
    pub fn list(&self) -> String {
        let one = |ran: &Ran| format!("{} ({})", ran.title(), ran.count);
        self.ran.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

impl Ran {
    fn title(&self) -> &str {
        let image = self.image.as_ref().map_or("what nobody tells", ImageId::as_str);
        self.version.as_deref().unwrap_or(image)
    }
}

impl Previous {
    /// The release of that image, with the version that the instances had told.
    pub fn release(&self, image: Release) -> Release {
        Release { version: self.version.clone().or(image.version), ..image }
    }

    /// What it is called for short.
    pub fn title(&self) -> &str {
        self.version.as_deref().unwrap_or(self.image.as_str())
    }

    fn is_run_by(&self, member: &Member) -> bool {
        match (&self.version, &member.version.version) {
            (Some(wanted), Some(runs)) => is_same(wanted, runs),
            _ => image(member) == Some(&self.image),
        }
    }
}

impl fmt::Display for Back {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.verified { "by the instances' own word" } else { "by what the cloud told" };
        let (id, at) = (self.operation.short(), when(self.at));
        match self.stood {
            Stood::Before => write!(f, "all ran it before operation {id} of {at}, {whose}"),
            Stood::After => write!(f, "all ran it when operation {id} was done at {at}, {whose}"),
        }
    }
}

/// The way back of a service; `None` where no rollout tells of one. Of these operations, the newest first.
pub fn previous<'o>(
    newest_first: impl IntoIterator<Item = &'o Operation>,
    fleet: &Fleet,
    service: &Service,
) -> Option<Previous> {
    let mut unproved = None;
    let moments = newest_first.into_iter().flat_map(|operation| after(operation).into_iter().chain(before(operation)));
    let of_it = moments.filter(|(key, _)| **key == service.key).map(|(_, moment)| moment);
    for moment in of_it.filter(|moment| !is_run_by_all(moment, fleet, service)) {
        if moment.back.verified {
            return Some(moment);
        }
        unproved.get_or_insert(moment);
    }
    unproved
}

/// What the service ran before that rollout, where all of it ran the same; and which service.
pub fn before(operation: &Operation) -> Option<(&ServiceKey, Previous)> {
    let Former { service, ran } = operation.plan.former.as_ref()?;
    // An image that was made twice for one version is one release.
    let (first, others) = ran.split_first()?;
    if others.iter().any(|other| other.version != first.version || other.version.is_none()) {
        return None;
    }
    let verified = ran.iter().all(|one| one.verified);
    let back = Back { operation: operation.id.clone(), stood: Stood::Before, at: operation.approved, verified };
    Some((service, Previous { image: first.image.clone()?, version: first.version.clone(), back }))
}

/// What it ran when that rollout was done.
fn after(operation: &Operation) -> Option<(&ServiceKey, Previous)> {
    let release = operation.plan.intent.release.as_ref()?;
    let Aim::Service(service) = &operation.plan.intent.aim else { return None };
    let done = operation.plan.verb().brings_release() && operation.stage == Stage::Finished(Verdict::Done);
    let at = operation.changed;
    let back = Back { operation: operation.id.clone(), stood: Stood::After, at, verified: release.version.is_some() };
    done.then(|| (service, Previous { image: release.image.clone(), version: release.version.clone(), back }))
}

/// Whether all of a service runs that, as far as it is known: there is nothing to go back to.
pub fn is_run_by_all(previous: &Previous, fleet: &Fleet, service: &Service) -> bool {
    members(fleet, service).all(|member| previous.is_run_by(member))
}

fn members<'f>(fleet: &'f Fleet, service: &'f Service) -> impl Iterator<Item = &'f Member> {
    service.members.iter().filter_map(|at| fleet.members.get(*at))
}

fn image(member: &Member) -> Option<&ImageId> {
    match &member.instance.image {
        ImageRef::Image(image) => Some(image),
        ImageRef::Volume | ImageRef::Untold => None,
    }
}
