//! What the cloud told, as told: the input of grouping.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::id::{ImageId, InstanceId, PortId, ServerGroupId, SubnetId};
use crate::base::observation::Observation;
use crate::fleet::instance::Instance;
use crate::fleet::pool::Pool;

/// Everything that grouping looks at. Cheap to clone: rows are shared between snapshots.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    /// Cloud name and region that all of this is from.
    pub place: Place,
    /// All instances.
    pub instances: BTreeMap<InstanceId, Arc<Instance>>,
    /// Instances that a full listing did not show and no GET has yet called gone.
    pub unconfirmed: std::collections::BTreeSet<InstanceId>,
    /// The pools; missing where there is no Octavia, or it was not asked yet.
    pub pools: Observation<Arc<Vec<Pool>>>,
    /// The ports of instances, to match members by port and subnet.
    pub ports: Observation<Arc<Vec<Port>>>,
    /// The server groups.
    pub server_groups: Observation<Arc<Vec<ServerGroup>>>,
    /// The images that instances name, as far as fetched; `None` for one that is gone.
    pub images: BTreeMap<ImageId, Option<Arc<Image>>>,
}

/// Where a fleet is: part of every service's key.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The name in `clouds.yaml`.
    pub cloud: Arc<str>,
    /// The region.
    pub region: Arc<str>,
}

/// A Neutron port of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Neutron's id of it.
    pub id: PortId,
    /// The instance (`device_id`); empty for a port that none uses.
    pub instance: Option<InstanceId>,
    /// Its fixed addresses and their subnets.
    pub fixed: Vec<(SubnetId, Box<str>)>,
    /// Its MAC address.
    pub mac: Box<str>,
    /// ACTIVE, DOWN, BUILD.
    pub status: String,
    /// Its network's id.
    pub network: String,
    /// Its name; may be empty.
    pub name: String,
}

/// A Nova server group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerGroup {
    /// Nova's id of it.
    pub id: ServerGroupId,
    /// Its name.
    pub name: String,
    /// affinity, anti-affinity, or their soft kin.
    pub policy: Option<String>,
    /// Its members.
    pub members: Vec<InstanceId>,
}

/// A Glance image, as far as versions need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Glance's id of it.
    pub id: ImageId,
    /// Its name; may be empty.
    pub name: String,
    /// queued, saving, active, deactivated, killed, deleted.
    pub status: String,
    /// Custom properties that are text: `service`, `version`, and others.
    pub properties: BTreeMap<String, String>,
    /// When it was made.
    pub created: Option<crate::base::clock::Timestamp>,
}
