//! Reads what new instances of a service are made like: when somebody scales it out, or replaces one.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{FlavorId, InstanceId};
use crate::fleet::instance::{FlavorRef, Instance};
use crate::fleet::mould::{Mould, Port};
use crate::openstack::network::{self, WHOLE, Whose};
use crate::openstack::{Reader, compute};

/// The moulds of these instances, in their order. Each kind of thing is asked for once for all of them.
///
/// # Errors
/// When ports or flavors cannot be read. What the quotas allow is left open where nobody tells.
pub async fn moulds(reader: &Arc<dyn Reader>, likes: &[Arc<Instance>]) -> Result<Vec<Mould>, Failure> {
    let ids: Vec<InstanceId> = likes.iter().map(|like| like.id.clone()).collect();
    let (flavors, ports, limits) = tokio::join!(
        flavors(reader, likes),
        network::ports(reader, Whose::Instances(&ids), WHOLE),
        compute::limits(&**reader),
    );
    let (flavors, limits) = (flavors?, limits.ok());
    let mut owned: HashMap<InstanceId, Vec<Port>> = HashMap::new();
    for row in ports? {
        let Some(owner) = row.device_id.clone().filled() else { continue };
        owned.entry(owner.as_str().into()).or_default().extend(port(row));
    }
    let mould = |like: &Arc<Instance>| {
        Ok(Mould {
            like: like.id.clone(),
            name: like.name.clone(),
            flavor: flavor(&flavors, &like.flavor)?,
            ports: owned.remove(&like.id).unwrap_or_default(),
            room: limits.as_ref().and_then(|limits| room(limits, &like.flavor)),
        })
    };
    likes.iter().map(mould).collect()
}

/// All flavors by id and name, where an instance's is told by name alone.
async fn flavors(reader: &Arc<dyn Reader>, likes: &[Arc<Instance>]) -> Result<Vec<(FlavorId, String)>, Failure> {
    if likes.iter().all(|like| like.flavor.id.is_some()) {
        return Ok(Vec::new());
    }
    compute::flavors(reader).await
}

fn flavor(flavors: &[(FlavorId, String)], told: &FlavorRef) -> Result<FlavorId, Failure> {
    if let Some(id) = &told.id {
        return Ok(id.clone());
    }
    let unknown = || Failure::new(FailureKind::NotFound, "Nova does not tell which flavor the instances have");
    let name = told.name.as_deref().ok_or_else(unknown)?;
    let named = flavors.iter().find(|(_, known)| known == name);
    named.map(|(id, _)| id.clone()).ok_or_else(|| {
        Failure::new(FailureKind::NotFound, format!("There is no flavor {name} any more that this project may use"))
            .hint("The instances keep theirs; a new one has to be made of another by hand")
    })
}

fn port(row: network::Port) -> Option<Port> {
    let network = row.network_id.filled()?.as_str().into();
    let fixed = || row.fixed_ips.0.iter().filter_map(|fixed| fixed.0.as_ref());
    let texts = |text: &crate::openstack::lenient::Text| text.clone().filled();
    Some(Port {
        network,
        subnets: fixed().filter_map(|fixed| texts(&fixed.subnet_id)).map(|id| id.as_str().into()).collect(),
        addresses: fixed().filter_map(|fixed| texts(&fixed.ip_address)).collect(),
        security_groups: row.security_groups.0.iter().filter_map(texts).map(|id| id.as_str().into()).collect(),
    })
}

/// How often the flavor fits into what is left. Nova says -1 of what has no limit.
fn room(limits: &[(String, i64)], flavor: &FlavorRef) -> Option<usize> {
    let of = |name: &str| limits.iter().find(|(known, _)| known == name).map(|(_, number)| *number);
    let fits = |most: &str, used: &str, each: u32| {
        let most = of(most).filter(|most| *most >= 0)?;
        Some(most.saturating_sub(of(used)?).max(0) / i64::from(each.max(1)))
    };
    let all = [
        fits("maxTotalInstances", "totalInstancesUsed", 1),
        flavor.vcpus.and_then(|vcpus| fits("maxTotalCores", "totalCoresUsed", vcpus)),
        flavor.ram_mib.and_then(|ram| fits("maxTotalRAMSize", "totalRAMUsed", ram)),
    ];
    all.into_iter().flatten().min().and_then(|least| usize::try_from(least).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
        pairs.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect()
    }

    #[test]
    fn the_scarcest_quota_tells_how_many_more_there_may_be() {
        let flavor = FlavorRef { id: None, name: None, vcpus: Some(4), ram_mib: Some(1024), disk_gib: None };
        let mut told = limits(&[("maxTotalInstances", 20), ("totalInstancesUsed", 10)]);
        assert_eq!(room(&told, &flavor), Some(10));
        told.extend(limits(&[("maxTotalCores", 50), ("totalCoresUsed", 38)]));
        assert_eq!(room(&told, &flavor), Some(3));
        told.extend(limits(&[("maxTotalRAMSize", -1), ("totalRAMUsed", 99_999)]));
        assert_eq!(room(&told, &flavor), Some(3), "-1 is no limit");
        assert_eq!(room(&limits(&[("maxTotalInstances", 5), ("totalInstancesUsed", 9)]), &flavor), Some(0));
        assert_eq!(room(&[], &flavor), None);
    }
}
