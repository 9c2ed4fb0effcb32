//! What the cloud told, as told: the input of grouping.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::id::{ImageId, InstanceId, ServerGroupId, SubnetId};
use crate::base::observation::Observation;
use crate::base::texts;
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
    /// The fixed addresses of instances' ports, sorted: they match the members of pools by port and subnet.
    pub ports: Observation<Arc<Vec<FixedAddress>>>,
    /// The server groups.
    pub server_groups: Observation<Arc<Vec<ServerGroup>>>,
    /// The images that instances name, as far as fetched; `None` for one that is gone.
    pub images: BTreeMap<ImageId, Option<Arc<Image>>>,
    /// The versions that instances say themselves, to our own checks.
    pub reported: BTreeMap<InstanceId, Arc<str>>,
}

/// Where a fleet is: part of every service's key.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The name in `clouds.yaml`.
    pub cloud: Arc<str>,
    /// The region.
    pub region: Arc<str>,
}

/// An address that a Neutron port of an instance has for good. Of ports nothing else decides who sits in which pool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FixedAddress {
    /// Whose.
    pub instance: InstanceId,
    /// The subnet that it is of.
    pub subnet: SubnetId,
    /// The address.
    #[serde(with = "texts")]
    pub address: Arc<str>,
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
