//! From what the cloud told to what it means.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::fleet::instance::{Instance, PowerState, Status};
use crate::fleet::name;
use crate::fleet::rules::Rules;
use crate::fleet::service::{Fleet, Member, NamedBy, Service, ServiceKey, Standing, VersionClaim};
use crate::fleet::sources::Sources;

/// Groups the instances into services. The same input gives the same fleet, in whatever order it came.
pub fn group(sources: &Sources, rules: &Rules, _previous: Option<&Fleet>, _now_in_the_cloud: Timestamp) -> Fleet {
    let named: Vec<(ServiceKey, NamedBy, &Arc<Instance>)> = sources
        .instances
        .values()
        .map(|instance| {
            let (name, named_by) = service_name(instance, rules);
            let key = ServiceKey { place: sources.place.clone(), project: instance.project.clone(), name };
            (key, named_by, instance)
        })
        .collect();
    let mut services: BTreeMap<ServiceKey, Vec<usize>> = BTreeMap::new();
    for (at, (key, ..)) in named.iter().enumerate() {
        services.entry(key.clone()).or_default().push(at);
    }
    let place: BTreeMap<&ServiceKey, usize> = services.keys().enumerate().map(|(at, key)| (key, at)).collect();
    let members: Vec<Member> = named
        .iter()
        .map(|(key, named_by, instance)| Member {
            instance: Arc::clone(instance),
            service: place.get(key).copied().unwrap_or_default(),
            named_by: *named_by,
            version: version(instance, rules),
            findings: Vec::new(),
            unconfirmed: sources.unconfirmed.contains(&instance.id),
        })
        .collect();
    let services = services.into_iter().map(|(key, at)| service(key, at, &members)).collect();
    Fleet { services, members }
}

fn service_name(instance: &Instance, rules: &Rules) -> (Arc<str>, NamedBy) {
    if let Some(name) = rules.service(instance) {
        return (name.into(), NamedBy::Rule);
    }
    let keys = &rules.texts.service_keys;
    if let Some(name) = keys.iter().find_map(|key| instance.metadata.get(key)) {
        return (name.trim().into(), NamedBy::Metadata);
    }
    let tagged = keys
        .iter()
        .find_map(|key| instance.tags.iter().find_map(|tag| tag.strip_prefix(key.as_str())?.strip_prefix('=')));
    match tagged {
        Some(name) => (name.trim().into(), NamedBy::Tag),
        None => (name::stem(&instance.name, instance.zone.as_deref()).into(), NamedBy::Name),
    }
}

fn version(instance: &Instance, rules: &Rules) -> VersionClaim {
    let keys = rules.version_keys(instance);
    let version = keys.iter().find_map(|key| instance.metadata.get(key)).map(|text| Arc::from(text.as_str()));
    VersionClaim { said_by: version.as_ref().map(|_| "metadata"), version, disputed: Vec::new() }
}

fn service(key: ServiceKey, mut at: Vec<usize>, members: &[Member]) -> Service {
    at.sort_by(|&a, &b| members[a].instance.name.cmp(&members[b].instance.name));
    let mut versions: BTreeMap<Option<Arc<str>>, usize> = BTreeMap::new();
    for &member in &at {
        *versions.entry(members[member].version.version.clone()).or_default() += 1;
    }
    let mut versions: Vec<_> = versions.into_iter().collect();
    versions.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let serves = |&&at: &&usize| {
        let instance = &members[at].instance;
        instance.status == Status::Active && instance.power_state.is_none_or(|power| power == PowerState::Running)
    };
    let ready = at.iter().filter(serves).count();
    Service { key, members: at, standing: Standing::Settled, versions, ready, findings: Vec::new(), pools: Vec::new() }
}
