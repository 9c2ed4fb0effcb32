//! At whom a change is aimed: what was typed becomes ids, once.

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::base::nearest::nearest;
use crate::cli::args::changes::Change;
use crate::cli::find;
use crate::fleet::service::{Fleet, Service};
use crate::operation::{Aim, Verb};

/// How a service is written among targets.
const SERVICE: &str = "service/";

/// Instances, or one whole service. What is scaled or rolled back is a service, also where nobody says so.
pub fn aim(verb: Verb, change: &Change, fleet: &Fleet) -> Result<Aim, Failure> {
    let whole = matches!(verb, Verb::Scale | Verb::RollBack);
    let named = change.targets.iter().map(String::as_str);
    let named = named.filter_map(|target| target.strip_prefix(SERVICE).or(Some(target).filter(|_| whole)));
    let services: Vec<&str> = named.chain(change.service.as_deref()).collect();
    match services[..] {
        [] => instances(&change.targets, fleet),
        [name] if change.targets.len() <= 1 => service(name, fleet).map(|service| Aim::Service(service.key.clone())),
        _ => Err(Failure::new(FailureKind::Usage, "A service is changed by itself, without other targets")
            .hint("Run the verb once for each service")),
    }
}

fn instances(targets: &[String], fleet: &Fleet) -> Result<Aim, Failure> {
    let mut ids: Vec<InstanceId> = Vec::with_capacity(targets.len());
    for target in targets {
        let member = find::instance(fleet, target).map_err(|failure| hinted(failure, target, fleet))?;
        if !ids.contains(&member.instance.id) {
            ids.push(member.instance.id.clone());
        }
    }
    Ok(Aim::Instances(ids))
}

/// Whoever names a service where an instance is wanted is told how.
fn hinted(failure: Failure, target: &str, fleet: &Fleet) -> Failure {
    if fleet.services.iter().any(|service| *service.key.name == *target) {
        return failure.hint(format!("The whole service is written {SERVICE}{target}"));
    }
    failure
}

fn service<'f>(name: &str, fleet: &'f Fleet) -> Result<&'f Service, Failure> {
    let named: Vec<&Service> = fleet.services.iter().filter(|service| *service.key.name == *name).collect();
    match named[..] {
        [service] => Ok(service),
        [] => {
            let failure = Failure::new(FailureKind::NotFound, format!("No service is called {name}"));
            Err(match nearest(name, fleet.services.iter().map(|service| &*service.key.name)) {
                Some(near) => failure.hint(format!("Did you mean {SERVICE}{near}?")),
                None => failure.hint(format!("`stackdeck services` lists all {}", fleet.services.len())),
            })
        }
        _ => {
            let message = format!("{} projects have a service called {name}", named.len());
            let failure = Failure::new(FailureKind::Usage, message);
            let projects = named.iter().map(|service| service.key.project.to_string());
            Err(projects.fold(failure, |failure, project| failure.hint(format!("--project {project}"))))
        }
    }
}
