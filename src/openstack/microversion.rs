//! Which microversion is sent: at least what the call needs, at best what helps, never what the cloud refuses.

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::request::{Microversion, ServiceType, Wanted};

/// Reads `2.90`.
pub fn parse(text: &str) -> Option<Microversion> {
    let (major, minor) = text.trim().split_once('.')?;
    Some(Microversion(major.parse().ok()?, minor.parse().ok()?))
}

impl std::fmt::Display for Microversion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The microversion to send to a service that takes `range`; `cap` is the user's highest.
pub fn choose(
    service: ServiceType,
    wanted: Wanted,
    range: Option<(Microversion, Microversion)>,
    cap: Option<Microversion>,
) -> Result<Option<Microversion>, Failure> {
    let Some((lowest, highest)) = range else {
        // A service without microversions answers as its first one would.
        let first = Microversion(wanted.floor.0, 1);
        return if wanted.floor <= first { Ok(None) } else { Err(too_old(service, wanted, None)) };
    };
    let capped = cap.map_or(highest, |cap| cap.min(highest));
    let best = wanted.best.min(capped);
    if best < wanted.floor && wanted.floor <= highest && capped < highest {
        let message =
            format!("The configuration lets {} use {capped} at most, and this needs {}", service.0, wanted.floor);
        let key = format!("{}_default_microversion", service.0.replace('-', "_"));
        return Err(Failure::new(FailureKind::Unsupported, message).hint(format!("Raise {key}, or remove it")));
    }
    if best < wanted.floor || best < lowest {
        return Err(too_old(service, wanted, Some((lowest, highest))));
    }
    Ok(Some(best))
}

fn too_old(service: ServiceType, wanted: Wanted, range: Option<(Microversion, Microversion)>) -> Failure {
    let offers = match range {
        Some((lowest, highest)) => format!("offers {lowest} to {highest}"),
        None => "has no microversions".to_owned(),
    };
    let message = format!("This needs {} {} to {}; this cloud {offers}", service.0, wanted.floor, wanted.best);
    Failure::new(FailureKind::Unsupported, message)
}
