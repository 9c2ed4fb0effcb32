//! What each change of an instance demands of an instance's state, and what state it leads to. One table for planner and worker.
//!
//! Sources: Nova's `check_instance_state` decorators in `nova/compute/api.py`, and what a real Nova answered.

use crate::fleet::instance::Status;
use crate::operation::change::Change;
use crate::operation::intent::Reboot;
use crate::operation::sight::State;

/// Whether a change fits a state.
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

/// Whether the change fits the state. `past_lock`: a lock does not hold us (an admin, or so approved).
pub(super) fn fit(change: &Change, state: &State, past_lock: bool) -> Fit {
    if reached(change, state) {
        return Fit::Already(match change {
            Change::Unlock { .. } => "is not locked".to_owned(),
            Change::DeleteServer { .. } => "is gone already".to_owned(),
            Change::CreateServer(_) => "is there already".to_owned(),
            _ => format!("is {} already", state.text()),
        });
    }
    match change {
        Change::Lock { .. } | Change::Unlock { .. } => return Fit::Now,
        Change::CreateServer(_) if state.status == Status::Deleted => return Fit::Now,
        Change::CreateServer(_) => return Fit::Busy(format!("is {}", state.text())),
        Change::Reboot { .. }
        | Change::Stop { .. }
        | Change::Start { .. }
        | Change::Rebuild(_)
        | Change::DeleteServer { .. } => {}
        other => return Fit::Never(format!("is not what {} is for", other.call())),
    }
    if state.locked == Some(true) && !past_lock {
        let reason = state.lock_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        return Fit::Never(format!("is locked{reason}"));
    }
    // The way out of a soft reboot that hangs: Nova takes a hard one on top of it.
    if matches!(change, Change::Reboot { how: Reboot::Hard, .. }) && under_way(change, state) {
        return Fit::Now;
    }
    // Nova deletes in any state, also what hangs; but it does so once.
    let deletes = matches!(change, Change::DeleteServer { .. });
    if let Some(doing) = state.task_state.as_ref().filter(|_| !deletes || under_way(change, state)) {
        return Fit::Busy(format!("is {} ({doing})", state.status));
    }
    if deletes {
        return Fit::Now;
    }
    if state.status.is_transition() {
        return Fit::Busy(format!("is {}", state.status));
    }
    if allowed(change).contains(&state.status) { Fit::Now } else { Fit::Never(format!("is {}", state.status)) }
}

/// Statuses in which Nova takes the call.
pub(super) fn allowed(change: &Change) -> &'static [Status] {
    match change {
        Change::Reboot { how: Reboot::Soft, .. } => &[Status::Active],
        Change::Reboot { how: Reboot::Hard, .. } => {
            &[Status::Active, Status::Shutoff, Status::Paused, Status::Suspended, Status::Error]
        }
        Change::Stop { .. } => &[Status::Active, Status::Error],
        Change::Start { .. } => &[Status::Shutoff],
        Change::Rebuild(_) => &[Status::Active, Status::Shutoff, Status::Error],
        _ => &[],
    }
}

/// Whether the state is the one that the change leads to. A restart leads to where it began, and so may a rebuild: their
/// end is told by [`ended`] alone.
pub(super) fn reached(change: &Change, state: &State) -> bool {
    let rests = state.task_state.is_none();
    match change {
        Change::Reboot { .. } => false,
        Change::Stop { .. } => rests && state.status == Status::Shutoff,
        Change::Start { .. } | Change::CreateServer(_) => rests && state.status == Status::Active,
        Change::Lock { .. } => state.locked == Some(true),
        Change::Unlock { .. } => state.locked == Some(false),
        // Where the cloud keeps what was deleted for a while, it is in none of the lists.
        Change::DeleteServer { .. } => matches!(state.status, Status::Deleted | Status::SoftDeleted),
        _ => false,
    }
}

/// Whether an accepted call has come to its end, by the state now. A row that Nova has not touched since the state
/// `before` may be a stale answer: the reboot has not even begun in it. Without a `before` the row counts as it is.
pub(super) fn ended(change: &Change, planned: &State, before: Option<&State>, now: &State) -> bool {
    let touched = || before.is_none_or(|before| now.updated.is_none() || now.updated != before.updated);
    match change {
        Change::Reboot { .. } => touched() && now.task_state.is_none() && now.status == Status::Active,
        // What was switched off is so afterwards. An ERROR is mended by it, or was made worse.
        Change::Rebuild(_) => {
            let off = planned.status == Status::Shutoff && now.status == Status::Shutoff;
            touched() && now.task_state.is_none() && (off || now.status == Status::Active)
        }
        _ => reached(change, now),
    }
}

/// Whether a task state shows that the call is being executed right now.
pub(super) fn under_way(change: &Change, state: &State) -> bool {
    let Some(doing) = state.task_state.as_deref() else { return false };
    match change {
        Change::Reboot { .. } => doing.starts_with("reboot"),
        Change::Stop { .. } => doing == "powering-off",
        Change::Start { .. } => doing == "powering-on",
        Change::Rebuild(_) => doing.starts_with("rebuild"),
        Change::DeleteServer { .. } => matches!(doing, "deleting" | "soft-deleting"),
        _ => false,
    }
}
