//! Typed ids: never a bare string across rooms.
//!
//! OpenStack's ids are mostly UUIDs, but not always (flavors, old images, gnocchi's hashes), so they are kept as text.
//! They are cheap to clone: ten thousand instances share their project's and image's ids.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::texts;

macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as OpenStack writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<S: Into<Arc<str>>> From<S> for $name {
            fn from(text: S) -> Self {
                Self(text.into())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                texts::serialize(&self.0, to)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                texts::deserialize(from).map(Self)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )+};
}

ids! {
    /// A Nova server.
    InstanceId;
    /// A Glance image.
    ImageId;
    /// A Nova flavor.
    FlavorId;
    /// A Keystone project.
    ProjectId;
    /// A Keystone user.
    UserId;
    /// A Neutron port.
    PortId;
    /// A Neutron subnet.
    SubnetId;
    /// A Neutron network.
    NetworkId;
    /// A Neutron security group.
    SecurityGroupId;
    /// A Cinder volume.
    VolumeId;
    /// An Octavia load balancer.
    BalancerId;
    /// An Octavia listener.
    ListenerId;
    /// An Octavia pool.
    PoolId;
    /// A member of an Octavia pool.
    MemberId;
    /// A Nova server group.
    ServerGroupId;
    /// What OpenStack calls a request in its logs: `req-` and a UUID.
    RequestId;
}
