//! How each endpoint has answered us: what the cloud view shows.

use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::openstack::request::Microversion;

/// One endpoint of the catalog, and our experience with it.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointHealth {
    /// Service type, as the catalog names it.
    pub service_type: String,
    /// The service's name in the catalog.
    pub name: String,
    /// Where it is reached, without secrets.
    pub url: String,
    /// API version, such as `v2.1`, once discovered.
    pub version: Option<String>,
    /// Lowest and highest microversion.
    pub microversions: Option<(Microversion, Microversion)>,
    /// Median of the latest requests.
    pub latency: Option<Duration>,
    /// The newest failure and its time.
    pub last_failure: Option<(Failure, Timestamp)>,
    /// Our requests in the last minute.
    pub requests_per_minute: u32,
    /// Whether it was used at all.
    pub used: bool,
}
