//! `top`: load and health, of services and instances.

use serde::Serialize;

use super::fleet::severity;
use super::load::{ConclusionOf, LoadOf, MeterOf};
use crate::base::clock::{Timestamp, since};
use crate::cli::top::standing::{Standing, of_instance, of_service};
use crate::fleet::metric::Subject;
use crate::fleet::service::{Fleet, Member, Service};
use crate::fleet::{Condition, ServiceKey};

/// `top`.
#[derive(Clone, Debug, Serialize)]
pub struct Top<'a> {
    /// The services, trouble first.
    pub services: Vec<ServiceLoad<'a>>,
    /// The instances of the service that was named; null when none was.
    pub instances: Option<Vec<InstanceLoad<'a>>>,
    /// Those who measure.
    pub sources: Vec<MeterOf<'a>>,
}

/// How a service does.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceLoad<'a> {
    /// Its name.
    pub name: &'a str,
    /// Id of the project that owns it.
    pub project_id: &'a str,
    /// `ok`, `busy`, `unknown`, `warning` or `critical`: the worst of findings and conclusions.
    pub health: &'static str,
    /// What the worst is called.
    pub because: Option<&'a str>,
    /// Since when that is so.
    pub since: Option<Timestamp>,
    /// Whether it may have begun before that: nobody tells of the time before.
    pub maybe_earlier: bool,
    /// How many of its instances serve.
    pub ready: usize,
    /// How many instances it has.
    pub instances: usize,
    /// What is measured.
    pub load: LoadOf,
    /// What is concluded of it and of its instances, the worst first.
    pub conclusions: Vec<ConclusionOf<'a>>,
}

/// How an instance does.
#[derive(Clone, Debug, Serialize)]
pub struct InstanceLoad<'a> {
    /// Nova's id of it.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Name of its service.
    pub service: Option<&'a str>,
    /// The version that it runs.
    pub version: Option<&'a str>,
    /// As a service's.
    pub health: &'static str,
    /// As a service's.
    pub because: Option<&'a str>,
    /// As a service's.
    pub since: Option<Timestamp>,
    /// As a service's.
    pub maybe_earlier: bool,
    /// How old it is.
    pub age_ms: Option<u64>,
    /// What is measured.
    pub load: LoadOf,
    /// What is concluded of it, the worst first.
    pub conclusions: Vec<ConclusionOf<'a>>,
}

impl<'a> Top<'a> {
    /// These services; with their instances when one was asked for.
    pub fn of(
        fleet: &'a Fleet,
        condition: &'a Condition,
        services: &[&'a Service],
        members: Option<&[&'a Member]>,
        now: Timestamp,
    ) -> Self {
        let service = |service: &&'a Service| ServiceLoad::of(service, condition, now);
        let instance = |member: &&'a Member| InstanceLoad::of(member, fleet, condition, now);
        Self {
            services: services.iter().map(service).collect(),
            instances: members.map(|members| members.iter().map(instance).collect()),
            sources: condition.meters().iter().map(MeterOf::from).collect(),
        }
    }
}

impl<'a> ServiceLoad<'a> {
    fn of(service: &'a Service, condition: &'a Condition, now: Timestamp) -> Self {
        let key: &ServiceKey = &service.key;
        let Standing { severity: worst, because, since } = of_service(service, condition);
        Self {
            name: &key.name,
            project_id: key.project.as_str(),
            health: severity(worst),
            because,
            since: since.map(|began| began.at),
            maybe_earlier: since.is_some_and(|began| began.maybe_earlier),
            ready: service.ready,
            instances: service.members.len(),
            load: LoadOf::of(condition.load(), &Subject::Service(key.clone()), now),
            conclusions: condition.of_service(key).map(ConclusionOf::from).collect(),
        }
    }
}

impl<'a> InstanceLoad<'a> {
    fn of(member: &'a Member, fleet: &'a Fleet, condition: &'a Condition, now: Timestamp) -> Self {
        let instance = &member.instance;
        let Standing { severity: worst, because, since: began } = of_instance(member, condition);
        let age = instance.created.map(|created| since(created, now));
        Self {
            id: instance.id.as_str(),
            name: &instance.name,
            service: fleet.services.get(member.service).map(|service| &*service.key.name),
            version: member.version.version.as_deref(),
            health: severity(worst),
            because,
            since: began.map(|began| began.at),
            maybe_earlier: began.is_some_and(|began| began.maybe_earlier),
            age_ms: age.and_then(|age| u64::try_from(age.as_millis()).ok()),
            load: LoadOf::of(condition.load(), &Subject::Instance(instance.id.clone()), now),
            conclusions: condition.of_instance(&instance.id).map(ConclusionOf::from).collect(),
        }
    }
}
