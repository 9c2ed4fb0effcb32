//! The lease of a service across hosts: a Glance record with a chosen id, without bytes.
//!
//! Glance makes an id once and never again, also after it was deleted. So of several who ask for one id exactly one
//! gets it: that is the compare-and-swap which no other API of OpenStack has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::id::ImageId;

/// A lease to be claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The record's id: it follows from the service and the epoch.
    pub image: ImageId,
    /// The record's name: the same for all epochs of a service, so that a list finds them.
    pub name: String,
    /// Holder, epoch, expiry: Glance's custom properties.
    pub properties: BTreeMap<String, String>,
    /// Tags, by which a list finds them too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}
