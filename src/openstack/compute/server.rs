//! A server as Nova sends it.

use serde::Deserialize;

use crate::openstack::lenient::{Entries, Flag, List, Number, Object, Objects, Text};
use crate::openstack::page::Row;

/// A server. Whatever Nova left out or said oddly is empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names; fleet::Instance says what each means")]
pub struct Server {
    pub id: Text,
    pub name: Text,
    pub status: Text,
    pub tenant_id: Text,
    pub user_id: Text,
    #[serde(rename = "OS-EXT-STS:task_state")]
    pub task_state: Text,
    #[serde(rename = "OS-EXT-STS:vm_state")]
    pub vm_state: Text,
    #[serde(rename = "OS-EXT-STS:power_state")]
    pub power_state: Number,
    pub created: Text,
    pub updated: Text,
    #[serde(rename = "OS-SRV-USG:launched_at")]
    pub launched_at: Text,
    pub image: Image,
    pub flavor: Object<Flavor>,
    pub addresses: Entries<Objects<Address>>,
    pub metadata: Entries<Text>,
    pub tags: List<Text>,
    pub fault: Object<Fault>,
    pub locked: Flag,
    pub locked_reason: Text,
    #[serde(rename = "os-extended-volumes:volumes_attached")]
    pub volumes_attached: Objects<Volume>,
    pub server_groups: List<Text>,
    #[serde(rename = "OS-EXT-AZ:availability_zone")]
    pub availability_zone: Text,
    #[serde(rename = "OS-EXT-SRV-ATTR:host")]
    pub host: Text,
    #[serde(rename = "hostId")]
    pub host_id: Text,
    pub key_name: Text,
    pub description: Text,
    pub progress: Number,
    pub security_groups: Objects<SecurityGroup>,
}

impl Row for Server {
    const LIST: &'static str = "servers";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// What `image` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Image {
    /// An image's id.
    Id(String),
    /// The empty string: booted from a volume.
    Volume,
    /// It is missing, or makes no sense.
    #[default]
    Untold,
}

impl<'de> Deserialize<'de> for Image {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match <Either<Id>>::deserialize(deserializer)? {
            Either::Object(Id { id }) => id.filled().map_or(Image::Untold, Image::Id),
            Either::Text(text) if text.is_empty() => Image::Volume,
            Either::Text(_) | Either::Neither => Image::Untold,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Id {
    id: Text,
}

/// An object or a text: what is told apart for an image.
enum Either<T> {
    Object(T),
    Text(String),
    Neither,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Either<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(match value {
            serde_json::Value::String(text) => Either::Text(text),
            object @ serde_json::Value::Object(_) => T::deserialize(object).map_or(Either::Neither, Either::Object),
            _ => Either::Neither,
        })
    }
}

/// A flavor: embedded from 2.47 on, an id before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct Flavor {
    pub id: Text,
    pub original_name: Text,
    pub name: Text,
    pub vcpus: Number,
    pub ram: Number,
    pub disk: Number,
}

/// One address of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct Address {
    pub addr: Text,
    #[serde(rename = "OS-EXT-IPS:type")]
    pub kind: Text,
    #[serde(rename = "OS-EXT-IPS-MAC:mac_addr")]
    pub mac: Text,
}

/// Why a server is in ERROR.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct Fault {
    pub code: Number,
    pub message: Text,
    pub details: Text,
    pub created: Text,
}

/// A volume as a server lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct Volume {
    pub id: Text,
    pub delete_on_termination: Flag,
}

/// A security group as a server lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Nova's own field names")]
pub struct SecurityGroup {
    pub name: Text,
}
