//! What an answer says of its call. The class decides what may be done next, so each is told by what surely says it.

use std::time::Duration;

use serde_json::Value;

use crate::base::failure::FailureKind;
use crate::openstack::http::{Incoming, complaint};
use crate::openstack::perform::call::{Call, Makes};
use crate::openstack::request::ServiceType;
use crate::operation::Outcome;
use crate::operation::change::{Made, Refusal};

pub(super) fn outcome(answer: &Incoming, after: Option<Duration>, call: &Call) -> Outcome {
    if answer.success() {
        let (status, took) = (answer.status, answer.took);
        return Outcome::Accepted { status, request_id: answer.request_id(), took, made: made(answer, call) };
    }
    let failure = complaint::failure(answer, call.service.0, &call.place());
    let refused = |why| Outcome::Refused { why, failure: failure.clone() };
    match answer.status {
        401 => refused(Refusal::Credentials),
        403 | 409 if failure.kind == FailureKind::Quota => refused(Refusal::Quota),
        403 => refused(Refusal::Forbidden),
        404 | 410 => refused(Refusal::Gone),
        409 => refused(conflict(call, &failure.message)),
        // Whoever says when to come again means the rate; without it, or with zero, it is a quota.
        413 if after.is_none_or(|after| after.is_zero()) => refused(Refusal::Quota),
        413 | 429 => Outcome::Unsent { retry_after: after, failure },
        500..=599 => Outcome::Lost { failure },
        _ => refused(Refusal::Other),
    }
}

/// Only the id is taken: Nova's answer to a create has a password in it.
fn made(answer: &Incoming, call: &Call) -> Option<Made> {
    let Makes { key, made } = call.makes?;
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let object = if key.is_empty() { &body } else { body.get(key)? };
    object.get("id")?.as_str().filter(|id| !id.is_empty()).map(|id| made(id.to_owned()))
}

/// Which 409 it is: the sentence tells, and for Glance, whose sentence is the same for all, the call.
fn conflict(call: &Call, sentence: &str) -> Refusal {
    let says = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
    match call.service {
        ServiceType::IMAGE if call.makes.is_some() => Refusal::Duplicate,
        ServiceType::LOAD_BALANCER if says(&["is immutable"]) => Refusal::Busy,
        ServiceType::LOAD_BALANCER if says(&["is already using"]) => Refusal::Duplicate,
        ServiceType::NETWORK if says(&["already allocated"]) => Refusal::Duplicate,
        ServiceType::NETWORK if says(&["in use", "cannot be deleted directly"]) => Refusal::InUse,
        ServiceType::COMPUTE if says(&["task_state"]) => Refusal::Busy,
        ServiceType::COMPUTE if sentence.ends_with("is locked") => Refusal::Locked,
        ServiceType::COMPUTE if says(&["vm_state"]) => Refusal::WrongState,
        ServiceType::COMPUTE if says(&["still in use"]) => Refusal::InUse,
        _ => Refusal::Other,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use reqwest::header::HeaderMap;

    use super::*;

    fn answered(status: u16, body: &str) -> Incoming {
        Incoming { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec(), took: Duration::ZERO }
    }

    fn call(service: ServiceType) -> Call {
        Call::new(Method::POST, service, "/things")
    }

    fn class(service: ServiceType, status: u16, after: Option<u64>, body: &str) -> String {
        match outcome(&answered(status, body), after.map(Duration::from_secs), &call(service)) {
            Outcome::Refused { why, .. } => format!("{why:?}"),
            Outcome::Unsent { retry_after, .. } => format!("unsent {retry_after:?}"),
            Outcome::Lost { .. } => "lost".to_owned(),
            other => format!("{other:?}"),
        }
    }

    /// Bodies as the services were seen to send them.
    #[test]
    fn each_refusal_has_its_class() {
        let (nova, octavia, neutron, glance) =
            (ServiceType::COMPUTE, ServiceType::LOAD_BALANCER, ServiceType::NETWORK, ServiceType::IMAGE);
        let nova_409 = |text: &str| format!(r#"{{"conflictingRequest": {{"code": 409, "message": "{text}"}}}}"#);
        let nova_403 = |text: &str| format!(r#"{{"forbidden": {{"code": 403, "message": "{text}"}}}}"#);
        let said = |text: &str| format!(r#"{{"faultcode": "Client", "faultstring": "{text}", "debuginfo": null}}"#);
        let neutral =
            |kind: &str, text: &str| format!(r#"{{"NeutronError": {{"type": "{kind}", "message": "{text}"}}}}"#);
        let table = [
            (nova, 409, nova_409("Cannot 'reboot' instance f473 while it is in task_state reboot_started"), "Busy"),
            (nova, 409, nova_409("Cannot 'start' instance f473 while it is in vm_state active"), "WrongState"),
            (nova, 409, nova_409("Instance f473 is locked"), "Locked"),
            (nova, 409, nova_409("Port 6a1e is still in use."), "InUse"),
            (nova, 409, nova_409("Something else"), "Other"),
            (
                nova,
                403,
                nova_403("Quota exceeded for instances: Requested 4, but already used 0 of 3 instances"),
                "Quota",
            ),
            (nova, 403, nova_403("Policy doesn't allow os_compute_api:servers:create to be performed."), "Forbidden"),
            (nova, 400, nova_403("Flavor 99 could not be found."), "Other"),
            (nova, 404, nova_403("Instance f473 could not be found."), "Gone"),
            (octavia, 409, said("Pool 25e6 is immutable and cannot be updated."), "Busy"),
            (octavia, 409, said("Load Balancer 28d6 is immutable and cannot be updated."), "Busy"),
            (
                octavia,
                409,
                said("Another member on this pool is already using ip 10.1.2.3 on protocol_port 80"),
                "Duplicate",
            ),
            (octavia, 403, said("Quota has been met for resources: Member"), "Quota"),
            (octavia, 403, said("Policy does not allow this request to be performed."), "Forbidden"),
            (
                neutron,
                409,
                neutral("IpAddressAlreadyAllocated", "IP address 10.1.2.3 already allocated in subnet f48d"),
                "Duplicate",
            ),
            (neutron, 409, neutral("OverQuota", "Quota exceeded for resources: ['port']."), "Quota"),
            (
                neutron,
                409,
                neutral(
                    "ServicePortInUse",
                    "Port 1 cannot be deleted directly via the port API: has device owner network:router_interface.",
                ),
                "InUse",
            ),
            (glance, 413, "<html><body><h1>413</h1>too much</body></html>".to_owned(), "Quota"),
            (glance, 401, String::new(), "Credentials"),
        ];
        for (service, status, body, wanted) in table {
            assert_eq!(class(service, status, None, &body), wanted, "{} {status} {body}", service.0);
        }
        let record = call(glance).making("", |id| Made::Image(id.into()));
        let twice = outcome(&answered(409, "<html>There was a conflict</html>"), None, &record);
        assert!(matches!(twice, Outcome::Refused { why: Refusal::Duplicate, .. }), "{twice:?}");
    }

    #[test]
    fn what_may_have_been_done_is_lost_and_what_was_put_off_is_unsent() {
        for status in [500, 502, 503, 504, 507] {
            assert_eq!(class(ServiceType::COMPUTE, status, Some(1), ""), "lost", "{status}");
        }
        assert_eq!(class(ServiceType::COMPUTE, 429, None, ""), "unsent None");
        assert_eq!(class(ServiceType::COMPUTE, 413, Some(7), ""), "unsent Some(7s)");
        assert_eq!(class(ServiceType::COMPUTE, 413, Some(0), ""), "Quota", "as Cinder says it");
    }

    #[test]
    fn of_what_was_made_only_the_id_is_kept() {
        let body = r#"{"server": {"id": "f473", "adminPass": "hunter2", "links": []}}"#;
        let create = call(ServiceType::COMPUTE).making("server", |id| Made::Server(id.into()));
        let made = outcome(&answered(202, body), None, &create);
        assert_eq!(made.made(), Some(&Made::Server("f473".into())));
        assert!(!format!("{made:?}").contains("hunter2"));
        for odd in ["", "{}", r#"{"server": {}}"#, r#"{"server": {"id": 4}}"#, r#"{"server": {"id": ""}}"#] {
            let made = outcome(&answered(202, odd), None, &create);
            assert!(matches!(made, Outcome::Accepted { made: None, .. }), "{odd}: {made:?}");
        }
    }
}
