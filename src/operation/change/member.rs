//! Members of pools.

use serde::{Deserialize, Serialize};

use crate::base::id::SubnetId;

/// A member as a call writes it: whole, because what the batch leaves out of it Octavia sets back to its default (weight
/// 1, enabled, no backup, no monitor address).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its address. With the port it is what Octavia tells members apart by.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// The subnet of that address; without one the load balancer's is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<SubnetId>,
    /// Its share, 0 to 256.
    pub weight: u16,
    /// Whether it takes connections at all.
    pub admin_state_up: bool,
    /// Whether it takes them only while all others fail.
    #[serde(default, skip_serializing_if = "is_false")]
    pub backup: bool,
    /// Its name: for a member of ours the instance's.
    pub name: String,
    /// Its tags; none are left as they are by the batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Where the monitor asks, if not at its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_address: Option<String>,
    /// At which port the monitor asks, if not at its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_port: Option<u16>,
}

pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}
