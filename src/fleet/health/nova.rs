//! Findings from Nova's row of an instance.

use super::{finding, is_over, limits, quote};
use crate::base::clock::Timestamp;
use crate::fleet::Began;
use crate::fleet::instance::{Instance, PowerState, Status};
use crate::fleet::service::{Finding, Severity};

/// What Nova's row says of an instance, all but what depends on its peers.
pub(crate) fn of_instance(instance: &Instance, unconfirmed: bool, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Most rows bring nothing: one test each, and nothing is moved about.
    let mut note = |found: Option<Finding>| {
        if let Some(found) = found {
            findings.push(Finding { instance: Some(instance.id.clone()), ..found });
        }
    };
    note(status(instance));
    note(transition(instance, now));
    note(power(instance));
    if unconfirmed {
        let evidence = "Nova: the last full list did not have it, and it is not yet confirmed to be gone";
        note(Some(finding(Severity::Unknown, "unconfirmed", evidence, None)));
    }
    note(lock(instance));
    findings
}

/// An instance that does not serve because it was put to rest, while its peers do.
pub(crate) fn at_rest_among_peers(instance: &Instance, serving: usize, of: usize) -> Option<Finding> {
    if serving == 0 || instance.task_state.is_some() {
        return None;
    }
    let title = rest(&instance.status)?;
    let evidence = format!("Nova: status {} while {serving} of the service's {of} instances serve", instance.status);
    let found = finding(Severity::Warning, title, evidence, instance.updated.map(Began::exactly));
    Some(Finding { instance: Some(instance.id.clone()), ..found })
}

/// What to call a status in which an instance was put on purpose and does not serve.
pub(crate) fn rest(status: &Status) -> Option<&'static str> {
    Some(match status {
        Status::Shutoff => "stopped",
        Status::Paused => "paused",
        Status::Suspended => "suspended",
        Status::Shelved | Status::ShelvedOffloaded => "shelved",
        Status::SoftDeleted => "deleted",
        _ => return None,
    })
}

fn status(instance: &Instance) -> Option<Finding> {
    let since = instance.updated.map(Began::exactly);
    match &instance.status {
        Status::Error => Some(error(instance)),
        Status::Unknown => {
            let evidence = "Nova: status UNKNOWN: the cell that it is in does not answer";
            Some(finding(Severity::Unknown, "cell down", evidence, None))
        }
        Status::VerifyResize if instance.task_state.is_none() => {
            let evidence = "Nova: status VERIFY_RESIZE: the resize waits to be confirmed or reverted";
            Some(finding(Severity::Warning, "resize waits", evidence, since))
        }
        Status::Rescue => {
            let evidence = "Nova: status RESCUE: it runs the rescue image, not its own";
            Some(finding(Severity::Critical, "rescue", evidence, since))
        }
        Status::Deleted => {
            Some(finding(Severity::Unknown, "deleted", "Nova: status DELETED, yet it is still listed", since))
        }
        Status::Other(status) => {
            let evidence = format!("Nova: status {}, which this version of Stackdeck does not know", quote(status));
            Some(finding(Severity::Unknown, "odd status", evidence, since))
        }
        _ => None,
    }
}

fn error(instance: &Instance) -> Finding {
    let Some(fault) = &instance.fault else {
        let evidence = "Nova: status ERROR, with no fault told";
        return finding(Severity::Critical, "error", evidence, instance.updated.map(Began::exactly));
    };
    let message = match quote(&fault.message) {
        empty if empty.is_empty() => "no message".to_owned(),
        message => message,
    };
    let evidence = format!("Nova: status ERROR, fault {}: {message}", fault.code);
    finding(Severity::Critical, "error", evidence, fault.created.or(instance.updated).map(Began::exactly))
}

/// Something is being done to it: within its time, or for too long.
fn transition(instance: &Instance, now: Timestamp) -> Option<Finding> {
    let (limit, evidence) = match &instance.task_state {
        Some(task) => (limits::of_state(task), format!("Nova: status {}, task_state {}", instance.status, quote(task))),
        None if instance.status.is_transition() => {
            (limits::of_state(instance.status.as_str()), format!("Nova: status {}", instance.status))
        }
        None => return None,
    };
    let started = instance.updated.or(instance.created);
    if !is_over(started, limit.limit, now) {
        return Some(finding(Severity::Busy, limit.busy, evidence, started.map(Began::exactly)));
    }
    let severity = if limit.serves { Severity::Warning } else { Severity::Critical };
    let evidence = format!("{evidence} for more than {} min", limit.limit.as_secs() / 60);
    Some(finding(severity, limit.slow, evidence, started.map(Began::exactly)))
}

/// Power state against status; both differ for a moment while something is done.
fn power(instance: &Instance) -> Option<Finding> {
    if instance.task_state.is_some() {
        return None;
    }
    let power = instance.power_state?;
    let (severity, title, seen) = match (&instance.status, power) {
        (Status::Active, PowerState::Shutdown) => (Severity::Critical, "powered off", "shut down"),
        (Status::Active, PowerState::Crashed) => (Severity::Critical, "crashed", "crashed"),
        (Status::Active, PowerState::Paused) => (Severity::Critical, "guest paused", "paused"),
        (Status::Active, PowerState::Suspended) => (Severity::Critical, "guest suspended", "suspended"),
        (Status::Active, PowerState::NoState) => (Severity::Unknown, "no power state", "not known"),
        (Status::Shutoff, PowerState::Running) => (Severity::Warning, "still running", "running"),
        _ => return None,
    };
    let evidence = format!("Nova: status {}, but the guest's power state is {seen}", instance.status);
    Some(finding(severity, title, evidence, instance.updated.map(Began::exactly)))
}

/// Not wrong, but it refuses changes.
fn lock(instance: &Instance) -> Option<Finding> {
    let lock = instance.locked.as_ref().filter(|lock| lock.locked)?;
    let reason = lock.reason.as_deref().map(quote).filter(|reason| !reason.is_empty());
    let evidence = match reason {
        Some(reason) => format!("Nova: locked: {reason}"),
        None => "Nova: locked, no reason told".to_owned(),
    };
    Some(finding(Severity::Ok, "locked", evidence, None))
}
