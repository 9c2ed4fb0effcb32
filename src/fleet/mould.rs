//! A mould: what of an instance a list of servers does not tell, and a new one like it wants.
//!
//! It is read when somebody scales a service out, and frozen with the plan. What the list tells (image, key, metadata,
//! zone, server group) is taken from there.

use serde::{Deserialize, Serialize};

use crate::base::id::{FlavorId, InstanceId, NetworkId, SecurityGroupId, SubnetId};

/// What a new instance is made like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mould {
    /// Whom it is made like.
    pub like: InstanceId,
    /// What that is called.
    #[serde(default)]
    pub name: String,
    /// The flavor. From 2.47 on Nova tells an instance's by name alone.
    pub flavor: FlavorId,
    /// The ports, in Neutron's order.
    pub ports: Vec<Port>,
    /// How many more like it the quotas of the project allow; `None` where nobody tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<usize>,
}

/// A port of the instance that the new one is made like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// In which network.
    pub network: NetworkId,
    /// The subnets of its addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<SubnetId>,
    /// Its addresses: by these it is known in pools.
    pub addresses: Vec<String>,
    /// Its security groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<SecurityGroupId>,
}
