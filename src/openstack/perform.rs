//! The one function that changes a cloud.
//!
//! It wants a [`Permit`], which is the proof that the journal has announced this very call. It sends once: whether
//! another try does harm is decided by whoever can look at the cloud. A 401 is the exception: nothing was executed.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::auth::grant::Grant;
use crate::openstack::cloud::Cloud;
use crate::openstack::exchange::{Exchange, url};
use crate::openstack::http::retry::Outcome as Fate;
use crate::openstack::http::{Incoming, Outgoing, complaint};
use crate::openstack::request::{Microversion, ServiceType, Wanted};
use crate::openstack::wire::segment;
use crate::operation::change::Refusal;
use crate::operation::{Change, Outcome, Reboot};
use crate::store::Permit;

/// What a change is on the wire.
struct Call {
    service: ServiceType,
    path: String,
    body: Value,
    microversion: Option<Wanted>,
}

impl Cloud {
    /// Makes the permitted call.
    pub async fn perform(&self, permit: Permit) -> Outcome {
        let call = call(permit.change());
        match self.exchange().once(&call).await {
            Ok((Fate::Answered(_, after), Ok(answer))) => outcome(&answer, after, &call),
            Ok((_, Ok(answer))) => outcome(&answer, None, &call),
            Ok((Fate::NotSent, Err(failure))) => Outcome::Unsent { failure, retry_after: None },
            Ok((_, Err(failure))) => Outcome::Lost { failure },
            Err(failure) => before_sending(failure),
        }
    }
}

/// No token, no endpoint: nothing has left us.
fn before_sending(failure: Failure) -> Outcome {
    match failure.kind {
        FailureKind::Auth => Outcome::Refused { why: Refusal::Credentials, failure },
        FailureKind::Retry => Outcome::Unsent { failure, retry_after: None },
        _ => Outcome::Refused { why: Refusal::Other, failure },
    }
}

impl Exchange {
    /// One attempt. An error says that nothing was sent.
    async fn once(&self, call: &Call) -> Result<(Fate, Result<Incoming, Failure>), Failure> {
        let grant = self.keeper.token(&self.http).await?;
        let first = self.post(call, &grant).await?;
        if !matches!(first.0, Fate::Answered(401, _)) {
            return Ok(first);
        }
        let grant = self.keeper.renew(&self.http, grant.generation).await?;
        self.post(call, &grant).await
    }

    async fn post(&self, call: &Call, grant: &Grant) -> Result<(Fate, Result<Incoming, Failure>), Failure> {
        let official = call.service.0;
        let aim = self.aim(call.service, call.microversion, grant).await?;
        let meter = self.directory.meter(&aim.found.url);
        let outgoing = Outgoing {
            method: Method::POST,
            url: url(&aim.root, &call.path, &[])?,
            token: Some(&grant.secret),
            headers: aim.headers(official),
            body: Some(body(call, aim.microversion).to_string().into_bytes()),
            repeatable: false,
            service: official,
            place: place(call),
            meter: Some(&meter),
        };
        Ok(self.http.send_once(&outgoing).await)
    }
}

fn place(call: &Call) -> String {
    format!("POST {} {}", call.service.0, call.path)
}

fn call(change: &Change) -> Call {
    let reasons = Wanted { floor: Microversion(2, 1), best: Microversion(2, 73) };
    let (body, microversion) = match change {
        Change::Reboot { how: Reboot::Soft, .. } => (json!({"reboot": {"type": "SOFT"}}), None),
        Change::Reboot { how: Reboot::Hard, .. } => (json!({"reboot": {"type": "HARD"}}), None),
        Change::Stop { .. } => (json!({"os-stop": null}), None),
        Change::Start { .. } => (json!({"os-start": null}), None),
        Change::Lock { reason: None, .. } => (json!({"lock": null}), None),
        Change::Lock { reason: Some(reason), .. } => (json!({"lock": {"locked_reason": reason}}), Some(reasons)),
        Change::Unlock { .. } => (json!({"unlock": null}), None),
    };
    let path = format!("/servers/{}/action", segment(change.server().as_str()));
    Call { service: ServiceType::COMPUTE, path, body, microversion }
}

/// An older Nova takes the lock without its reason.
fn body(call: &Call, microversion: Option<Microversion>) -> Value {
    match call.microversion {
        Some(wanted) if microversion.is_none_or(|version| version < wanted.best) => json!({"lock": null}),
        _ => call.body.clone(),
    }
}

fn outcome(answer: &Incoming, after: Option<Duration>, call: &Call) -> Outcome {
    if answer.success() {
        return Outcome::Accepted { status: answer.status, request_id: answer.request_id(), took: answer.took };
    }
    let failure = complaint::failure(answer, call.service.0, &place(call));
    let refused = |why| Outcome::Refused { why, failure: failure.clone() };
    match answer.status {
        401 => refused(Refusal::Credentials),
        403 if failure.kind == FailureKind::Forbidden => refused(Refusal::Forbidden),
        404 => refused(Refusal::Gone),
        409 => refused(conflict(&failure.message)),
        413 | 429 => Outcome::Unsent { retry_after: after, failure },
        500..=599 => Outcome::Lost { failure },
        _ => refused(Refusal::Other),
    }
}

/// Nova's sentence tells which 409 it is: `while it is in task_state …` passes, `vm_state …` does not.
fn conflict(sentence: &str) -> Refusal {
    if sentence.contains("task_state") {
        Refusal::Busy
    } else if sentence.ends_with("is locked") {
        Refusal::Locked
    } else if sentence.contains("vm_state") {
        Refusal::WrongState
    } else {
        Refusal::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_of_a_conflict_tells_whether_it_passes() {
        let sentences = [
            ("Cannot 'reboot' instance f473 while it is in task_state reboot_started", Refusal::Busy),
            ("Cannot 'start' instance f473 while it is in vm_state active", Refusal::WrongState),
            ("Instance f473 is locked", Refusal::Locked),
            ("Something else", Refusal::Other),
        ];
        for (sentence, why) in sentences {
            assert_eq!(conflict(sentence), why, "{sentence}");
        }
    }

    #[test]
    fn an_old_nova_gets_a_lock_without_its_reason() {
        let lock = call(&Change::Lock { server: "s".into(), reason: Some("hands off".to_owned()) });
        assert_eq!(body(&lock, Some(Microversion(2, 72))), json!({"lock": null}));
        assert_eq!(body(&lock, Some(Microversion(2, 73))), json!({"lock": {"locked_reason": "hands off"}}));
    }
}
