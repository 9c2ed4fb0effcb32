//! A release: a version of a service that can be rolled out, as an image.
//!
//! It is read when somebody chooses it, and frozen with the plan. Whether the image is still good is looked at again
//! before each instance is touched.

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::id::ImageId;

/// A version of a service, as an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Glance's id of the image.
    pub image: ImageId,
    /// What the image is called.
    pub name: String,
    /// The version that it says it holds: by its property, or by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Glance's status of it: only `active` can be booted.
    pub status: String,
    /// The smallest root disk that takes it, in GiB; 0 for any.
    #[serde(default)]
    pub min_disk_gib: u32,
    /// The least memory that it wants, in MiB; 0 for any.
    #[serde(default)]
    pub min_ram_mib: u32,
    /// When the image was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
}

impl Release {
    /// What it is called for short: its version, else the image's name, else the image's id.
    pub fn title(&self) -> &str {
        let named = Some(self.name.as_str()).filter(|name| !name.is_empty());
        self.version.as_deref().or(named).unwrap_or(self.image.as_str())
    }
}
