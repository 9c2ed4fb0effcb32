//! Where the services are: the token's catalog, filtered by region and interface, and what discovery adds.
//!
//! A catalog's URL is believed where it names a version; else the service is asked once, and its answer is read for
//! the version alone: hosts in it are often the cloud's inner ones. What was learnt is kept between runs, so that a
//! start costs a token and the first page.

pub mod aliases;
pub(crate) mod discovery;
pub(crate) mod versions;

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::openstack::auth::grant::{Grant, Service};
use crate::openstack::clouds::CloudConfig;

/// One service's endpoint in our region and interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) service_type: String,
    pub(crate) name: String,
    pub(crate) url: String,
}

/// The endpoint of a service type, by its official name.
pub(crate) fn find(config: &CloudConfig, grant: &Grant, region: &str, official: &str) -> Result<Found, Failure> {
    let listed = |name: &str| grant.body.catalog.iter().find(|service| service.kind == name);
    if let Some(url) = config.endpoint_overrides.get(official) {
        let name = aliases::names(official).find_map(listed).and_then(|service| service.name.clone());
        return Ok(Found { service_type: official.to_owned(), name: name.unwrap_or_default(), url: url.clone() });
    }
    let found = aliases::names(official).filter_map(listed).find_map(|service| endpoint(config, service, region));
    match found {
        Some(found) => Ok(found),
        // An unscoped token has no catalog, and keystone is where we signed in.
        None if official == "identity" => {
            Ok(Found { service_type: official.to_owned(), name: String::new(), url: config.auth_url.clone() })
        }
        None => Err(missing(config, grant, region, official)),
    }
}

/// Every endpoint in our region and interface.
pub(crate) fn all(config: &CloudConfig, grant: &Grant, region: &str) -> Vec<Found> {
    let listed = grant.body.catalog.iter().filter_map(|service| endpoint(config, service, region));
    let overridden = |found: Found| match config.endpoint_overrides.get(aliases::official(&found.service_type)) {
        Some(url) => Found { url: url.clone(), ..found },
        None => found,
    };
    listed.map(overridden).collect()
}

fn endpoint(config: &CloudConfig, service: &Service, region: &str) -> Option<Found> {
    let here = |interface: &str| {
        service.endpoints.iter().find(|endpoint| {
            endpoint.interface.trim_end_matches("URL") == interface
                && (region.is_empty() || endpoint.region() == region)
                && !endpoint.url.is_empty()
        })
    };
    let endpoint = config.interfaces.iter().find_map(|interface| here(interface.as_str()))?;
    let name = service.name.clone().unwrap_or_default();
    Some(Found { service_type: service.kind.clone(), name, url: endpoint.url.clone() })
}

fn missing(config: &CloudConfig, grant: &Grant, region: &str, official: &str) -> Failure {
    if grant.body.catalog.is_empty() {
        return Failure::new(FailureKind::Unsupported, "The token is for no project, so it has no catalog")
            .hint("Name a project in clouds.yaml: project_name, or by --project");
    }
    let interfaces: Vec<&str> = config.interfaces.iter().map(|interface| interface.as_str()).collect();
    let message = format!("The catalog of {} has no {official} in region {region}", config.name);
    let failure = Failure::new(FailureKind::Unsupported, message);
    failure.cause(format!("Looked for the interface {}", interfaces.join(", then ")))
}

/// All regions that the catalog names, sorted.
pub(crate) fn regions(grant: &Grant) -> Vec<String> {
    let endpoints = grant.body.catalog.iter().flat_map(|service| &service.endpoints);
    let mut regions: Vec<String> =
        endpoints.map(|endpoint| endpoint.region().to_owned()).filter(|region| !region.is_empty()).collect();
    regions.sort_unstable();
    regions.dedup();
    regions
}

/// The region to use: the configured one, which must exist, or that of the first compute endpoint.
pub(crate) fn region(config: &CloudConfig, grant: &Grant) -> Result<String, Failure> {
    let regions = regions(grant);
    let Some(wanted) = &config.region else {
        let compute = grant.body.catalog.iter().find(|service| service.kind == "compute");
        let first = compute.and_then(|service| service.endpoints.first()).map(|endpoint| endpoint.region().to_owned());
        return Ok(first.or(regions.into_iter().next()).unwrap_or_default());
    };
    if regions.is_empty() || regions.contains(wanted) {
        return Ok(wanted.clone());
    }
    let failure = Failure::new(FailureKind::Usage, format!("Cloud {} has no region {wanted}", config.name));
    Err(match nearest(wanted, regions.iter().map(String::as_str)) {
        Some(meant) => failure.hint(format!("{meant} may be meant")),
        None => failure.hint(format!("There are {}", regions.join(", "))),
    })
}
