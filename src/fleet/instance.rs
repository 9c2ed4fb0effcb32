//! An instance: a Nova server, as far as people on call care.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::clock::{Timestamp, numbers};
use crate::base::id::{FlavorId, ImageId, InstanceId, PortId, ProjectId, UserId, VolumeId};
use crate::base::texts;
use crate::fleet::metadata::Metadata;

/// One Nova server. A field that the cloud left out, or said oddly, is `None` or empty: the row is never lost.
///
/// `Eq` is more than a word: two fleets share most rows, and an `Arc` compares itself by address only where it knows
/// that a value equals itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Nova's id of it.
    pub id: InstanceId,
    /// Its name; not unique. Empty for a row from a cell that is down.
    pub name: String,
    /// The project that owns it.
    pub project: ProjectId,
    /// Who made it.
    pub user: Option<UserId>,
    /// Nova's `status`.
    pub status: Status,
    /// `OS-EXT-STS:task_state`: what is being done to it now.
    pub task_state: Option<String>,
    /// `OS-EXT-STS:vm_state`.
    #[serde(with = "texts::maybe")]
    pub vm_state: Option<Arc<str>>,
    /// `OS-EXT-STS:power_state`.
    pub power_state: Option<PowerState>,
    /// When Nova made the row.
    #[serde(with = "numbers")]
    pub created: Option<Timestamp>,
    /// When Nova last changed the row: whole seconds, one of several clocks.
    #[serde(with = "numbers")]
    pub updated: Option<Timestamp>,
    /// When it last came up (`OS-SRV-USG:launched_at`).
    #[serde(with = "numbers")]
    pub launched: Option<Timestamp>,
    /// What it was made from.
    pub image: ImageRef,
    /// Its size.
    pub flavor: FlavorRef,
    /// Its addresses, as Nova caches them from Neutron.
    pub addresses: Vec<Address>,
    /// Key and value pairs that users set.
    pub metadata: Metadata,
    /// Tags; empty below microversion 2.26.
    #[serde(with = "texts::list")]
    pub tags: Vec<Arc<str>>,
    /// Why it is in ERROR.
    pub fault: Option<Fault>,
    /// Whether it is locked, and why; `None` when Nova does not say (below 2.9).
    pub locked: Option<Lock>,
    /// Volumes as Nova lists them.
    pub volumes: Vec<VolumeRef>,
    /// Ids of the server groups that it is in (from 2.71).
    pub server_groups: Vec<String>,
    /// Availability zone.
    #[serde(with = "texts::maybe")]
    pub zone: Option<Arc<str>>,
    /// The hypervisor host, where the role may see it.
    #[serde(with = "texts::maybe")]
    pub host: Option<Arc<str>>,
    /// Nova's hash of host and project: the same host shows as the same value to one project.
    #[serde(with = "texts::maybe")]
    pub host_id: Option<Arc<str>>,
    /// Name of the key pair.
    #[serde(with = "texts::maybe")]
    pub key_name: Option<Arc<str>>,
    /// Its description (from 2.19).
    pub description: Option<String>,
    /// Percent done of a build, rebuild or resize, where Nova tells.
    pub progress: Option<u8>,
    /// Names of its security groups.
    #[serde(with = "texts::list")]
    pub security_groups: Vec<Arc<str>>,
}

impl Instance {
    /// Each text that other rows are likely to have too, in turn, to be replaced by an equal one: ten thousand rows then
    /// have it once in memory.
    pub fn share(&mut self, mut one: impl FnMut(&str) -> Arc<str>) {
        self.project = one(self.project.as_str()).into();
        self.user = self.user.as_ref().map(|user| one(user.as_str()).into());
        if let ImageRef::Image(id) = &mut self.image {
            *id = one(id.as_str()).into();
        }
        self.flavor.id = self.flavor.id.as_ref().map(|id| one(id.as_str()).into());
        let Self { vm_state, zone, host, host_id, key_name, flavor, tags, security_groups, .. } = self;
        let single = [vm_state, zone, host, host_id, key_name, &mut flavor.name].into_iter().flatten();
        let networks = self.addresses.iter_mut().map(|address| &mut address.network);
        let many = tags.iter_mut().chain(security_groups).chain(self.metadata.texts()).chain(networks);
        single.chain(many).for_each(|text| *text = one(text));
    }
}

/// Nova's server status. Closed list from Nova's API reference; anything newer is kept as told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Up.
    Active,
    /// Being made.
    Build,
    /// Deleted; seen only through `changes-since`.
    Deleted,
    /// Failed; see the fault. Not always final.
    Error,
    /// Being power-cycled.
    HardReboot,
    /// Being moved live.
    Migrating,
    /// Its password is being changed.
    Password,
    /// Paused in memory.
    Paused,
    /// Being restarted from inside.
    Reboot,
    /// Being made anew from an image.
    Rebuild,
    /// Running the rescue image.
    Rescue,
    /// Being resized or migrated.
    Resize,
    /// A resize is being undone.
    RevertResize,
    /// Shelved: its disk is kept.
    Shelved,
    /// Shelved and off its host.
    ShelvedOffloaded,
    /// Stopped.
    Shutoff,
    /// Soft-deleted: can be restored.
    SoftDeleted,
    /// Suspended to disk.
    Suspended,
    /// Nova cannot tell: its cell is down.
    Unknown,
    /// Resized, waiting to be confirmed or reverted.
    VerifyResize,
    /// A status that this version of Stackdeck does not know.
    Other(Arc<str>),
}

impl Status {
    const NAMES: [(&'static str, Status); 20] = [
        ("ACTIVE", Status::Active),
        ("BUILD", Status::Build),
        ("DELETED", Status::Deleted),
        ("ERROR", Status::Error),
        ("HARD_REBOOT", Status::HardReboot),
        ("MIGRATING", Status::Migrating),
        ("PASSWORD", Status::Password),
        ("PAUSED", Status::Paused),
        ("REBOOT", Status::Reboot),
        ("REBUILD", Status::Rebuild),
        ("RESCUE", Status::Rescue),
        ("RESIZE", Status::Resize),
        ("REVERT_RESIZE", Status::RevertResize),
        ("SHELVED", Status::Shelved),
        ("SHELVED_OFFLOADED", Status::ShelvedOffloaded),
        ("SHUTOFF", Status::Shutoff),
        ("SOFT_DELETED", Status::SoftDeleted),
        ("SUSPENDED", Status::Suspended),
        ("UNKNOWN", Status::Unknown),
        ("VERIFY_RESIZE", Status::VerifyResize),
    ];

    /// The status as Nova writes it.
    pub fn as_str(&self) -> &str {
        if let Status::Other(text) = self {
            return text;
        }
        Self::NAMES.iter().find(|(_, status)| status == self).map_or("UNKNOWN", |(name, _)| name)
    }

    /// Whether Nova is on its way from one state to another, by the status alone.
    pub fn is_transition(&self) -> bool {
        matches!(
            self,
            Status::Build
                | Status::HardReboot
                | Status::Migrating
                | Status::Password
                | Status::Reboot
                | Status::Rebuild
                | Status::Resize
                | Status::RevertResize
        )
    }
}

impl From<Arc<str>> for Status {
    fn from(text: Arc<str>) -> Self {
        match Self::NAMES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)) {
            Some((_, status)) => status.clone(),
            None => Status::Other(text),
        }
    }
}

impl From<&str> for Status {
    fn from(text: &str) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl From<Status> for String {
    fn from(status: Status) -> String {
        status.as_str().to_owned()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Nova's `power_state` numbers (nova/compute/power_state.py).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PowerState {
    /// 0.
    NoState,
    /// 1.
    Running,
    /// 3.
    Paused,
    /// 4.
    Shutdown,
    /// 6.
    Crashed,
    /// 7.
    Suspended,
}

impl PowerState {
    /// From Nova's number; `None` for one that Nova does not define.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::NoState,
            1 => Self::Running,
            3 => Self::Paused,
            4 => Self::Shutdown,
            6 => Self::Crashed,
            7 => Self::Suspended,
            _ => return None,
        })
    }
}

/// What an instance was made from, as its row tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageRef {
    /// An image. It proves nothing about what runs: Nova writes it before a rebuild starts.
    Image(ImageId),
    /// Booted from a volume: Nova's `image` is the empty string.
    Volume,
    /// The row does not tell (a cell that is down).
    Untold,
}

/// An instance's size: embedded from 2.47 on, an id before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlavorRef {
    /// Its id; `None` from 2.47 on.
    pub id: Option<FlavorId>,
    /// Its name; `None` below 2.47 until the flavor was fetched.
    #[serde(with = "texts::maybe")]
    pub name: Option<Arc<str>>,
    /// Virtual CPUs.
    pub vcpus: Option<u32>,
    /// Memory in MiB.
    pub ram_mib: Option<u32>,
    /// Root disk in GiB; zero means "as the image".
    pub disk_gib: Option<u32>,
}

/// One address of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The network's name.
    #[serde(with = "texts")]
    pub network: Arc<str>,
    /// The address itself, as text.
    #[serde(with = "texts")]
    pub address: Arc<str>,
    /// Whether it is a floating address.
    pub floating: bool,
    /// MAC of the port that carries it.
    pub mac: Option<Box<str>>,
    /// The port, once Neutron was asked.
    pub port: Option<PortId>,
}

/// Why Nova put an instance into ERROR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// HTTP-like code.
    pub code: i64,
    /// What happened.
    pub message: String,
    /// A traceback, for admins.
    pub details: Option<String>,
    /// When.
    #[serde(with = "numbers")]
    pub created: Option<Timestamp>,
}

/// Whether an instance refuses changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// It is locked.
    pub locked: bool,
    /// Why (from 2.73).
    pub reason: Option<String>,
}

/// A volume of an instance, as Nova lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeRef {
    /// The volume.
    pub id: VolumeId,
    /// Whether it is deleted with the instance (from 2.3).
    pub delete_on_termination: Option<bool>,
    /// The device, where Nova was asked for the attachments.
    pub device: Option<String>,
}
