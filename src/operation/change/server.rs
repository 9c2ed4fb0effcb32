//! Ports and servers.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::base::id::{
    FlavorId, ImageId, InstanceId, NetworkId, PortId, SecurityGroupId, ServerGroupId, SubnetId, VolumeId,
};
use crate::operation::change::member::is_false;

/// A port to be made. Its stamp is its name: Neutron up to Zed at least takes tags in this call and drops them without
/// a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPort {
    /// In which network.
    pub network: NetworkId,
    /// Its name. In a plan its number among the instance's ports; the stamp is put before it right before the call.
    pub name: String,
    /// A second line for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its security groups; `None` leaves Neutron its default, an empty list means none at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_groups: Option<Vec<SecurityGroupId>>,
    /// Where its address is from, and which; Neutron's choice where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed_ips: Vec<FixedIp>,
}

/// An address of a port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedIp {
    /// From which subnet.
    pub subnet: SubnetId,
    /// Which; the next free one if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A server to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewServer {
    /// Its name.
    pub name: String,
    /// From what it boots.
    pub boot: Boot,
    /// Its size.
    pub flavor: FlavorId,
    /// Its ports, made before; security groups are theirs.
    pub ports: Vec<PortId>,
    /// The key pair's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Metadata.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Tags; they want 2.52. At most 50 of 60 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The server group that it shall be in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<ServerGroupId>,
    /// The availability zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// A description; it wants 2.19.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The user data, which goes with the permit and is nowhere written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data: Option<Sealed>,
    /// Whether it gets a config drive.
    #[serde(default, skip_serializing_if = "is_false")]
    pub config_drive: bool,
}

/// From what a server boots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boot {
    /// A disk of its host, from this image.
    Image(ImageId),
    /// A new volume, from this image.
    NewVolume {
        /// The image.
        image: ImageId,
        /// How big, in GiB.
        size: u32,
        /// Whether the volume goes with the server.
        delete_on_termination: bool,
        /// Of which type; it wants 2.67.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
    },
    /// A volume that is there.
    Volume {
        /// Which.
        volume: VolumeId,
        /// Whether it goes with the server.
        delete_on_termination: bool,
    },
}

impl Boot {
    /// The image that it is made from, where it is made from one.
    pub fn image(&self) -> Option<&ImageId> {
        match self {
            Boot::Image(image) | Boot::NewVolume { image, .. } => Some(image),
            Boot::Volume { .. } => None,
        }
    }
}

/// A server to be made anew from an image, on its host, with its id and its ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuild {
    /// Whose.
    pub server: InstanceId,
    /// From which image.
    pub image: ImageId,
    /// All of its metadata: Nova replaces the whole map. In a plan what is set anew; the rest is
    /// [added](crate::operation::stamp) right before the call.
    pub metadata: BTreeMap<String, String>,
    /// A description, as it is to be; it wants 2.19.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The user data, if it changes; it wants 2.57.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data: Option<Sealed>,
    /// Its root disk is a volume: below 2.93 that would keep its content without a word.
    #[serde(default, skip_serializing_if = "is_false")]
    pub volume_backed: bool,
}

/// The SHA-256 of a text that is secret: the text itself is in no record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Of this text.
    pub fn of(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Whether it is this text's.
    pub fn fits(&self, text: &str) -> bool {
        *self == Self::of(text)
    }

    /// In hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}
