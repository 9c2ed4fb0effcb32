//! The clouds that are configured, the broken ones included.

use crate::base::failure::Failure;
use crate::cli::surroundings::Surroundings;
use crate::openstack::CloudConfig;
use crate::openstack::clouds::Clouds;

use super::Findings;

const PART: &str = "clouds";

/// Examines all entries. Returns whether one of them can be signed in to.
pub(super) fn examine(clouds: &Clouds, named: Option<&str>, around: &Surroundings, findings: &mut Findings) -> bool {
    for file in &clouds.files {
        findings.ok(PART, "file", file.display().to_string());
    }
    for failure in &clouds.failures {
        findings.problem(PART, "file", failure);
    }
    let chosen = named.or(clouds.default.as_deref());
    for (name, entry) in &clouds.entries {
        match entry {
            Ok(config) => configured(name, config, chosen, findings),
            Err(failure) if chosen == Some(name) => findings.problem(PART, name.as_str(), failure),
            Err(failure) => findings.warn_of(PART, name.as_str(), failure),
        }
    }
    match clouds.get(named) {
        Ok(_) => true,
        // Told above already, as that entry's own problem.
        Err(_) if chosen.is_some_and(|name| clouds.entries.contains_key(name)) => false,
        Err(failure) if chosen.is_none() && !clouds.entries.is_empty() => {
            findings.warn_of(PART, "chosen", &failure);
            false
        }
        Err(failure) => {
            findings.problem(PART, "chosen", &with_places(failure, around));
            false
        }
    }
}

fn configured(name: &str, config: &CloudConfig, chosen: Option<&str>, findings: &mut Findings) {
    let mark = if chosen == Some(name) { " (chosen)" } else { "" };
    let region = config.region.as_deref().map(|region| format!(", region {region}")).unwrap_or_default();
    let found = format!("{}{region}{mark}", config.auth_url);
    if config.tls.verify {
        return findings.ok(PART, name, found);
    }
    let advice = "Name the authority's certificate with `cacert` instead of `verify: false`: anybody between could read \
                  the password";
    findings.warn(PART, name, format!("{found}; certificates are not checked"), advice);
}

/// Where clouds are looked for, for whoever has none.
fn with_places(failure: Failure, around: &Surroundings) -> Failure {
    let home = around.sources.home.as_ref();
    let user = home.map(|home| home.join(".config/openstack/clouds.yaml").display().to_string());
    let usual = user.unwrap_or_else(|| "~/.config/openstack/clouds.yaml".to_owned());
    failure.hint(format!("Files are looked for as ./clouds.yaml, {usual}, /etc/openstack/clouds.yaml"))
}
