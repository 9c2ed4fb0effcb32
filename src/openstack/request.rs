//! A read and its answer.

use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::id::RequestId;

/// A service type of the service-types authority, by its official name; aliases are the catalog's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceType(pub &'static str);

impl ServiceType {
    /// Keystone.
    pub const IDENTITY: Self = Self("identity");
    /// Nova.
    pub const COMPUTE: Self = Self("compute");
    /// Glance.
    pub const IMAGE: Self = Self("image");
    /// Neutron.
    pub const NETWORK: Self = Self("network");
    /// Gnocchi.
    pub const METRIC: Self = Self("metric");
    /// Aetos: a Prometheus behind Keystone.
    pub const METRIC_STORAGE: Self = Self("metric-storage");
    /// Octavia.
    pub const LOAD_BALANCER: Self = Self("load-balancer");
}

/// A microversion, such as 2.93.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Microversion(pub u16, pub u16);

/// Which microversion a read wants: at least `floor`, `best` where the cloud has it, the cloud's highest between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Below this the call does not exist or lacks what we need.
    pub floor: Microversion,
    /// Above this its shape changes in a way that we do not read.
    pub best: Microversion,
}

/// One GET: a service, a path below its versioned root, a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Whose.
    pub service: ServiceType,
    /// Begins with `/`; ids in it are percent-encoded by the caller.
    pub path: String,
    /// Names and values, not yet encoded.
    pub query: Vec<(String, String)>,
    /// `None` sends no microversion header.
    pub microversion: Option<Wanted>,
    /// POST with this JSON body instead of GET: a read by POST (a console log, a metric query), safe to repeat.
    pub body: Option<serde_json::Value>,
}

/// An answer with what every result carries.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The body, unparsed, decompressed.
    pub body: Vec<u8>,
    /// HTTP status; always a success.
    pub status: u16,
    /// The request in the cloud's logs.
    pub request_id: Option<RequestId>,
    /// The `Date` header; deployments under uWSGI send none.
    pub date: Option<Timestamp>,
    /// From sending to the last byte, of the attempt that succeeded.
    pub took: Duration,
    /// The `Link` header, for gnocchi's paging.
    pub link: Option<String>,
    /// The microversion that was sent.
    pub microversion: Option<Microversion>,
}
