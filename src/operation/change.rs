//! A change: one mutating call, and how it may come out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::failure::Failure;
use crate::base::id::{InstanceId, RequestId};
use crate::operation::intent::Reboot;

/// One mutating call of the cloud, whole: nothing is left to choose when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "call")]
pub enum Change {
    /// `POST /servers/{id}/action {"reboot": {"type": …}}`.
    Reboot {
        /// Whose.
        server: InstanceId,
        /// SOFT or HARD.
        how: Reboot,
    },
    /// `POST /servers/{id}/action {"os-stop": null}`.
    Stop {
        /// Whose.
        server: InstanceId,
    },
    /// `POST /servers/{id}/action {"os-start": null}`.
    Start {
        /// Whose.
        server: InstanceId,
    },
    /// `POST /servers/{id}/action {"lock": …}`.
    Lock {
        /// Whose.
        server: InstanceId,
        /// Told to whoever meets the lock, where the cloud keeps it (from 2.73; at most 255 characters).
        reason: Option<String>,
    },
    /// `POST /servers/{id}/action {"unlock": null}`.
    Unlock {
        /// Whose.
        server: InstanceId,
    },
}

impl Change {
    /// The instance that it changes.
    pub fn server(&self) -> &InstanceId {
        match self {
            Change::Reboot { server, .. }
            | Change::Stop { server }
            | Change::Start { server }
            | Change::Lock { server, .. }
            | Change::Unlock { server } => server,
        }
    }

    /// What Nova's history of the instance calls it (`nova/compute/instance_actions.py`).
    pub fn history_verb(&self) -> &'static str {
        match self {
            Change::Reboot { .. } => "reboot",
            Change::Stop { .. } => "stop",
            Change::Start { .. } => "start",
            Change::Lock { .. } => "lock",
            Change::Unlock { .. } => "unlock",
        }
    }

    /// As it is shown in a plan: the call in the API's own words.
    pub fn call(&self) -> &'static str {
        match self {
            Change::Reboot { how: Reboot::Soft, .. } => "reboot SOFT",
            Change::Reboot { how: Reboot::Hard, .. } => "reboot HARD",
            Change::Stop { .. } => "os-stop",
            Change::Start { .. } => "os-start",
            Change::Lock { .. } => "lock",
            Change::Unlock { .. } => "unlock",
        }
    }
}

/// How a call came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The cloud took it; that is not yet its end.
    Accepted {
        /// HTTP status: 202 for all of these.
        status: u16,
        /// The request in the cloud's own logs.
        request_id: Option<RequestId>,
        /// From sending to the last byte.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        took: Duration,
    },
    /// The cloud refused it: nothing has changed.
    Refused {
        /// Why, as far as the next try depends on it.
        why: Refusal,
        /// All that was said, with the request id.
        failure: Failure,
    },
    /// It was surely not executed: the connection was refused, or the cloud said "not now" (413, 429, 503 of a proxy).
    Unsent {
        /// What came instead.
        failure: Failure,
        /// The cloud's own wish for the next try.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
        retry_after: Option<Duration>,
    },
    /// Nobody knows whether it was executed: the answer was lost.
    Lost {
        /// How it was lost.
        failure: Failure,
    },
    /// After a lost answer: a look showed that it had been executed.
    Found {
        /// The request in the instance's history, where that can be read.
        request_id: Option<RequestId>,
        /// What showed it.
        evidence: String,
    },
    /// After a lost answer: enough looks showed that it had not been executed.
    Absent,
}

/// Why the cloud refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// 409 because of a task state: it passes.
    Busy,
    /// 409 because of the VM's state: it does not pass by waiting.
    WrongState,
    /// 409 because somebody locked it.
    Locked,
    /// 404.
    Gone,
    /// 403 by policy.
    Forbidden,
    /// 401 that a new sign-in did not mend.
    Credentials,
    /// Anything else.
    Other,
}

impl Outcome {
    /// The request in the cloud's own logs, where one is known.
    pub fn request_id(&self) -> Option<&RequestId> {
        match self {
            Outcome::Accepted { request_id, .. } | Outcome::Found { request_id, .. } => request_id.as_ref(),
            Outcome::Refused { failure, .. } | Outcome::Unsent { failure, .. } | Outcome::Lost { failure } => {
                failure.request_id.as_ref()
            }
            Outcome::Absent => None,
        }
    }
}
