//! Whose the sums of which balancer or listener are. Pure.
//!
//! A balancer's sum is one request; it is a service's where all its pools lead to that service alone. Else its listeners
//! are asked one by one, each for the service that it leads to. Where a listener leads to several services, nobody can
//! tell from a sum which of them was meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::metric::Lack;
use crate::fleet::{Fleet, ServiceKey};
use crate::openstack::statistics::{Balancer, Listener};

/// What is asked for its statistics.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A load balancer, by its id.
    Balancer(String),
    /// A listener, by its id.
    Listener(String),
}

/// What is asked for each service, and what cannot be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The sums of these together are the service's.
    pub counts: BTreeMap<ServiceKey, Vec<Target>>,
    /// What cannot be told, and why.
    pub lacks: Vec<Lack>,
}

/// OVN's balancers are flows in a switch: nothing counts.
const UNCOUNTED: &str = "ovn";

/// A listener of this protocol tells metrics: what it serves is our own questions.
const EXPORTER: &str = "PROMETHEUS";

/// Makes the plan.
pub fn plan(balancers: &[Balancer], listeners: &[Listener], fleet: &Fleet) -> Plan {
    let served = served(fleet);
    let mut plan = Plan::default();
    for balancer in balancers {
        let Some(id) = balancer.id.as_deref() else { continue };
        let name = balancer.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(id);
        let pools: Vec<&str> = balancer.pools.0.iter().filter_map(|pool| pool.0.as_ref()?.id.as_deref()).collect();
        let services = of(&pools, &served);
        if balancer.provider.as_deref() == Some(UNCOUNTED) {
            plan.lacks.extend(services.iter().map(|service| uncounted(name, service)));
            continue;
        }
        let own: Vec<&Listener> = listeners.iter().filter(|listener| is_of(listener, id)).collect();
        let exporter = own.iter().any(|listener| listener.protocol.as_deref() == Some(EXPORTER));
        match (services.len(), exporter) {
            (0, _) => {}
            (1, false) => plan.count(services, &Target::Balancer(id.to_owned())),
            _ => plan.listeners(name, &own, &pools, &served),
        }
    }
    plan
}

impl Plan {
    fn count(&mut self, services: BTreeSet<&ServiceKey>, target: &Target) {
        for service in services {
            self.counts.entry(service.clone()).or_default().push(target.clone());
        }
    }

    fn listeners(&mut self, balancer: &str, own: &[&Listener], pools: &[&str], served: &Served<'_>) {
        let traffic = own.iter().filter(|listener| listener.protocol.as_deref() != Some(EXPORTER));
        for listener in traffic {
            let Some(id) = listener.id.as_deref() else { continue };
            // A policy may lead to any of the balancer's pools; which, the listener's row does not tell.
            let default: Vec<&str> = listener.default_pool_id.as_deref().into_iter().collect();
            let services = of(if listener.l7policies.0.is_empty() { &default } else { pools }, served);
            match services.len() {
                0 => {}
                1 => self.count(services, &Target::Listener(id.to_owned())),
                _ => {
                    let name = listener.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(id);
                    self.lacks.extend(services.iter().map(|service| shared(balancer, name, service)));
                }
            }
        }
    }
}

fn is_of(listener: &Listener, balancer: &str) -> bool {
    listener.loadbalancers.0.iter().any(|of| of.0.as_ref().is_some_and(|of| of.id.as_deref() == Some(balancer)))
}

type Served<'a> = BTreeMap<&'a str, BTreeSet<&'a ServiceKey>>;

/// The services behind each pool.
fn served(fleet: &Fleet) -> Served<'_> {
    let mut served = Served::new();
    for member in &fleet.members {
        let Some(service) = fleet.services.get(member.service) else { continue };
        for (pool, _) in fleet.memberships(member) {
            served.entry(pool.id.as_str()).or_default().insert(&service.key);
        }
    }
    served
}

fn of<'a>(pools: &[&str], served: &Served<'a>) -> BTreeSet<&'a ServiceKey> {
    pools.iter().filter_map(|pool| served.get(pool)).flatten().copied().collect()
}

fn uncounted(balancer: &str, service: &ServiceKey) -> Lack {
    Lack {
        service: Some(service.clone()),
        why: format!("Load balancer {balancer} is of the provider ovn, which counts nothing"),
        paste: None,
    }
}

fn shared(balancer: &str, listener: &str, service: &ServiceKey) -> Lack {
    Lack {
        service: Some(service.clone()),
        why: format!("Listener {listener} of load balancer {balancer} leads to several services: its sum is nobody's"),
        paste: None,
    }
}
