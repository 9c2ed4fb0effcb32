//! What each verb demands of an instance's state, and what state it leads to. One table for planner and worker.
//!
//! Sources: Nova's `check_instance_state` decorators in `nova/compute/api.py`, and what a real Nova answered.

use crate::base::id::InstanceId;
use crate::fleet::instance::Status;
use crate::operation::change::Change;
use crate::operation::intent::{Reboot, Verb};
use crate::operation::sight::State;

/// Whether a verb fits a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It can be done now.
    Now,
    /// It is so already; nothing is to be done.
    Already(String),
    /// Something is being done to it; then it may fit.
    Busy(String),
    /// It cannot be done in this state.
    Never(String),
}

/// The call that does it. Nova tells the reason of a lock to whoever meets it, so it names the operation.
pub(super) fn change(verb: Verb, server: InstanceId, reason: Option<String>) -> Change {
    match verb {
        Verb::Restart(how) => Change::Reboot { server, how },
        Verb::Stop => Change::Stop { server },
        Verb::Start => Change::Start { server },
        Verb::Lock => Change::Lock { server, reason },
        Verb::Unlock => Change::Unlock { server },
    }
}

/// Whether the verb fits the state. `past_lock`: a lock does not hold us (an admin, or so approved).
pub(super) fn fit(verb: Verb, state: &State, past_lock: bool) -> Fit {
    if reached(verb, state) {
        return Fit::Already(match verb {
            Verb::Unlock => "is not locked".to_owned(),
            _ => format!("is {} already", state.text()),
        });
    }
    match verb {
        Verb::Lock | Verb::Unlock => return Fit::Now,
        Verb::Restart(_) | Verb::Stop | Verb::Start => {}
    }
    if state.locked == Some(true) && !past_lock {
        let reason = state.lock_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        return Fit::Never(format!("is locked{reason}"));
    }
    // The way out of a soft reboot that hangs: Nova takes a hard one on top of it.
    if verb == Verb::Restart(Reboot::Hard) && under_way(verb, state) {
        return Fit::Now;
    }
    if let Some(doing) = &state.task_state {
        return Fit::Busy(format!("is {} ({doing})", state.status));
    }
    if state.status.is_transition() {
        return Fit::Busy(format!("is {}", state.status));
    }
    if allowed(verb).contains(&state.status) { Fit::Now } else { Fit::Never(format!("is {}", state.status)) }
}

/// Statuses in which Nova takes the call.
pub(super) fn allowed(verb: Verb) -> &'static [Status] {
    match verb {
        Verb::Restart(Reboot::Soft) => &[Status::Active],
        Verb::Restart(Reboot::Hard) => {
            &[Status::Active, Status::Shutoff, Status::Paused, Status::Suspended, Status::Error]
        }
        Verb::Stop => &[Status::Active, Status::Error],
        Verb::Start => &[Status::Shutoff],
        Verb::Lock | Verb::Unlock => &[],
    }
}

/// Whether the state is the one that the verb leads to. A restart leads to where it began, so its end is told by
/// [`ended`] alone.
pub(super) fn reached(verb: Verb, state: &State) -> bool {
    let rests = state.task_state.is_none();
    match verb {
        Verb::Restart(_) => false,
        Verb::Stop => rests && state.status == Status::Shutoff,
        Verb::Start => rests && state.status == Status::Active,
        Verb::Lock => state.locked == Some(true),
        Verb::Unlock => state.locked == Some(false),
    }
}

/// Whether an accepted call has come to its end, by the state before and the state now. A row that Nova has not
/// touched since is a stale answer: the reboot has not even begun in it.
pub(super) fn ended(verb: Verb, before: &State, now: &State) -> bool {
    match verb {
        Verb::Restart(_) => {
            let touched = now.updated.is_none() || now.updated != before.updated;
            touched && now.task_state.is_none() && now.status == Status::Active
        }
        Verb::Stop | Verb::Start | Verb::Lock | Verb::Unlock => reached(verb, now),
    }
}

/// Whether a task state shows that the call is being executed right now.
pub(super) fn under_way(verb: Verb, state: &State) -> bool {
    let Some(doing) = state.task_state.as_deref() else { return false };
    match verb {
        Verb::Restart(_) => doing.starts_with("reboot"),
        Verb::Stop => doing == "powering-off",
        Verb::Start => doing == "powering-on",
        Verb::Lock | Verb::Unlock => false,
    }
}
