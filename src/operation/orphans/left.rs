//! What an operation has left behind, as a wish carries it.

use serde::{Deserialize, Serialize};

use crate::base::id::{InstanceId, MemberId, PoolId, PortId};
use crate::operation::change::Change;
use crate::operation::fold::Operation;
use crate::operation::intent::{Aim, Intent, Verb};
use crate::operation::orphans::{Fate, Held, Stamped, Thing};
use crate::operation::promise::is_promise;
use crate::operation::stamp;
use crate::operation::ulid::OperationId;

/// What an operation has left behind, beside instances: those are the aim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Which operation.
    pub operation: OperationId,
    /// The ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<LeftPort>,
    /// The members of pools that it has made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberId>,
    /// The pools that it was about: what is in one of these by now is nobody's orphan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<PoolId>,
}

/// A port that was left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftPort {
    /// Neutron's id of it.
    pub id: PortId,
    /// Its name.
    pub name: String,
    /// The stamp that its name begins with.
    pub stamp: String,
    /// The service that it was made for.
    pub service: String,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// The orphan that has it; `None` where nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<InstanceId>,
}

impl Left {
    /// The wish to remove what of this is an orphan of that operation.
    pub fn wish(operation: &Operation, found: &[Stamped], fates: &[Fate]) -> Intent {
        let mut all = found.iter().zip(fates).collect::<Vec<_>>();
        all.retain(|(one, fate)| one.operation == operation.id && fate.is_orphan());
        let servers = all.iter().filter_map(|(one, _)| match &one.thing {
            Thing::Server(id) => Some(id.clone()),
            Thing::Port { .. } => None,
        });
        let ports = all.iter().filter_map(|(one, _)| LeftPort::of(operation, one)).collect();
        let steps = || operation.plan.steps.iter();
        let mut pools: Vec<PoolId> = steps().flat_map(|step| step.pools.clone()).collect();
        let made = steps().filter(|step| matches!(step.change, Change::AddMember { .. }));
        let mut members: Vec<MemberId> = made.flat_map(|step| step.own.clone()).collect();
        members.retain(|member| !is_promise(member.as_str()));
        pools.sort_unstable();
        pools.dedup();
        members.sort_unstable();
        members.dedup();
        let left = Self { operation: operation.id.clone(), ports, members, pools };
        let aim = Aim::Instances(servers.collect());
        Intent { undrained: true, left: Some(left), ..Intent::new(Verb::Remove, aim) }
    }

    /// Whether a stamp is one of that operation.
    pub fn has_set(&self, stamp: &str) -> bool {
        stamp::read(stamp).is_some_and(|(operation, _)| operation == self.operation)
    }
}

impl LeftPort {
    fn of(operation: &Operation, one: &Stamped) -> Option<Self> {
        let Thing::Port { id, held, .. } = &one.thing else { return None };
        let device = match held {
            Held::Instance(device) => Some(device.clone()),
            Held::Nobody | Held::Other => None,
        };
        let step = operation.plan.steps.iter().find(|step| step.slot == one.slot);
        Some(Self {
            id: id.clone(),
            name: one.name.clone(),
            stamp: stamp::stamp(&one.operation, one.slot),
            service: step.map(|step| step.target.service.clone()).unwrap_or_default(),
            addresses: one.addresses.clone(),
            device,
        })
    }
}
