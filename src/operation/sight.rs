//! What the worker sees of a target right before it decides.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::id::{ImageId, InstanceId, MemberId, PoolId, PortId, RequestId};
use crate::fleet::instance::{ImageRef, Instance, Status};
use crate::operation::figures::Figures;
use crate::operation::stamp;

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The target.
    pub server: InstanceId,
    /// Whether its history is wanted.
    pub history: bool,
    /// The pools whose members are wanted.
    pub pools: Vec<PoolId>,
    /// The image whose status is wanted: whether it can still be booted.
    pub image: Option<ImageId>,
    /// Whether the target itself is to be asked how it is, and for its version; so long as it is not there, whoever it is
    /// made in the place of.
    pub ask: bool,
    /// Whether what the balancers of these pools have counted of their members is wanted.
    pub figures: bool,
    /// How the target is found that has no id yet.
    pub seek: Option<Seek>,
    /// The port that is wanted.
    pub port: Option<PortQuestion>,
    /// Of whom is wanted whether it is still there: the target is made in its place.
    pub instead_of: Option<InstanceId>,
}

/// By what an instance is found whose id nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seek {
    /// The stamp in its metadata.
    pub stamp: String,
    /// The port that was made for it: it names the instance that has it.
    pub port: Option<PortId>,
}

/// Which port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortQuestion {
    /// The one of that name.
    Named(String),
    /// The one with that id.
    Id(PortId),
}

/// What a look showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// The target's state; `None` when the cloud says 404.
    pub state: Option<State>,
    /// What was done to it, newest first; `None` when it was not asked for or may not be read.
    pub history: Option<Vec<Entry>>,
    /// The members of the pools that were asked for; `None` when Octavia may not be read.
    pub members: Option<Vec<Seat>>,
    /// What the balancers have counted of the members, where that was asked for and somebody tells it.
    pub figures: Option<Vec<Figures>>,
    /// All of its metadata.
    pub metadata: BTreeMap<String, String>,
    /// Glance's status of the image that was asked for, `deleted` where there is none any more.
    pub image: Option<String>,
    /// What whoever was asked answers; `None` where nobody asks instances.
    pub answer: Option<Answer>,
    /// The target's id, where it was sought.
    pub found: Option<InstanceId>,
    /// The port that was asked for; `None` when there is none.
    pub port: Option<PortSeen>,
    /// Whether the one in whose place the target is made, is gone.
    pub vacant: bool,
}

/// A port, as far as steps depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSeen {
    /// Neutron's id of it.
    pub id: PortId,
    /// Its name: of one of ours, its stamp.
    pub name: String,
    /// Its first fixed address.
    pub address: Option<String>,
    /// The instance that has it.
    pub device: Option<InstanceId>,
}

/// What an instance answers to our own check of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// It is as it should be.
    pub up: bool,
    /// The version that it says it runs; `None` where it is not asked for it, or does not tell.
    pub version: Option<String>,
}

/// One line of an instance's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What was asked: reboot, stop.
    pub verb: String,
    /// By which request.
    pub request_id: RequestId,
    /// Nova says that it failed.
    pub failed: bool,
}

/// A pool member, as far as the gate cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// In which pool.
    pub pool: PoolId,
    /// Octavia's id of it.
    pub member: MemberId,
    /// Where it is reached.
    pub address: String,
    /// The port number at that address.
    pub port: u16,
    /// Whether it takes requests.
    pub taking: bool,
    /// What it gets of them.
    pub share: Share,
    /// What the balancer sees: ONLINE, DRAINING, OFFLINE, ERROR, NO_MONITOR.
    pub operating: Arc<str>,
    /// What Octavia does with it: ACTIVE, PENDING_UPDATE, ERROR.
    pub provisioning: Arc<str>,
    /// How to call it: `payments-02 (10.0.0.3:8080) in lb-payments is ERROR`.
    pub text: String,
}

impl Seat {
    /// Whether Octavia has finished with it.
    pub fn is_settled(&self) -> bool {
        &*self.provisioning == "ACTIVE"
    }
}

/// What a pool member gets of its pool's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Its weight, 0 to 256: its part of what all members get.
    pub weight: u16,
    /// Whether it takes connections at all.
    pub admin_up: bool,
}

impl Share {
    /// Whether it gets no new requests.
    pub fn is_away(self) -> bool {
        self.weight == 0 || !self.admin_up
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "weight {}{}", self.weight, if self.admin_up { "" } else { ", disabled" })
    }
}

/// The state of an instance, as far as changes depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Nova's status.
    pub status: Status,
    /// What is being done to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub task_state: Option<String>,
    /// Whether it is locked; `None` when Nova does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locked: Option<bool>,
    /// Why it is locked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lock_reason: Option<String>,
    /// When Nova last changed its row.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub updated: Option<Timestamp>,
    /// The image that its row names. Nova writes it before a rebuild starts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub image: Option<ImageId>,
    /// The [stamp] in its metadata.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stamp: Option<String>,
}

impl State {
    /// The part of an instance that changes depend on.
    pub fn of(instance: &Instance) -> Self {
        Self {
            status: instance.status.clone(),
            task_state: instance.task_state.clone(),
            locked: instance.locked.as_ref().map(|lock| lock.locked),
            lock_reason: instance.locked.as_ref().and_then(|lock| lock.reason.clone()),
            updated: instance.updated,
            image: match &instance.image {
                ImageRef::Image(id) => Some(id.clone()),
                ImageRef::Volume | ImageRef::Untold => None,
            },
            stamp: instance.metadata.get(stamp::KEY).map(str::to_owned),
        }
    }

    /// What the cloud does not know any more.
    pub fn gone() -> Self {
        let (task_state, locked, lock_reason, updated, image, stamp) = (None, None, None, None, None, None);
        Self { status: Status::Deleted, task_state, locked, lock_reason, updated, image, stamp }
    }

    /// In a few words: `ACTIVE`, `REBOOT (rebooting)`, `ACTIVE, locked`.
    pub fn text(&self) -> String {
        let doing = self.task_state.as_ref().map(|doing| format!(" ({doing})")).unwrap_or_default();
        let locked = if self.locked == Some(true) { ", locked" } else { "" };
        format!("{}{doing}{locked}", self.status)
    }
}
