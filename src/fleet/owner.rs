//! Who else owns an instance: a controller that made it and would not know of what is done to it behind its back.
//!
//! Told by what these leave on their servers: Heat its metadata (`heat/engine/resources/openstack/nova/server.py` with
//! `stack_…` keys, Ceilometer's `metering.stack`), Cluster API its tag (`cluster-api-provider-openstack`). Magnum's servers
//! are Heat's. Masakari restarts an instance with `HA_Enabled` elsewhere when its host dies; it owns nothing.

use crate::fleet::instance::Instance;

/// Keys of metadata that name a Heat stack.
const STACK: [&str; 4] = ["metering.stack_name", "stack_name", "metering.stack", "stack"];

/// The beginning of the tags that Cluster API sets.
const CLUSTER: &str = "cluster-api-provider-openstack";

/// Who owns it, in words: `the Heat stack payments-prod`.
pub fn owner(instance: &Instance) -> Option<String> {
    let stack = STACK.iter().find_map(|key| instance.metadata.get(key)).filter(|stack| !stack.trim().is_empty());
    if let Some(stack) = stack {
        return Some(format!("the Heat stack {stack}"));
    }
    let cluster = instance.tags.iter().any(|tag| tag.starts_with(CLUSTER));
    cluster.then(|| "a cluster of Cluster API".to_owned())
}
