//! What is wanted of services, from what somebody wrote of their names.

use std::collections::BTreeMap;

use super::scene::Wanted;
use crate::fleet::service::{Fleet, ServiceKey};

/// What is wanted of each service of the fleet. A name means every service of that name: who runs one application in
/// three projects wants the same of it three times.
pub fn wanted(fleet: &Fleet, by_name: &BTreeMap<String, Wanted>) -> BTreeMap<ServiceKey, Wanted> {
    let named = |key: &ServiceKey| Some((key.clone(), by_name.get(&*key.name)?.clone()));
    fleet.services.iter().filter_map(|service| named(&service.key)).collect()
}

/// Names that no service has: a slip of the pen, or a service that is gone.
pub fn unmatched<'n>(fleet: &Fleet, by_name: &'n BTreeMap<String, Wanted>) -> Vec<&'n str> {
    let has = |name: &&str| fleet.services.iter().any(|service| *service.key.name == **name);
    by_name.keys().map(String::as_str).filter(|name| !has(name)).collect()
}
