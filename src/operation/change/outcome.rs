//! How a call may come out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::failure::Failure;
use crate::base::id::{ImageId, InstanceId, MemberId, PortId, RequestId};

/// How a call came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The cloud took it; that is not yet its end.
    Accepted {
        /// HTTP status: any that says yes.
        status: u16,
        /// The request in the cloud's own logs.
        request_id: Option<RequestId>,
        /// From sending to the last byte.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        took: Duration,
        /// What was made, where the call makes something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<Made>,
    },
    /// The cloud refused it: nothing has changed.
    Refused {
        /// Why, as far as the next try depends on it.
        why: Refusal,
        /// All that was said, with the request id.
        failure: Failure,
    },
    /// It was surely not executed: the connection was refused, or the cloud said "not now" (413 or 429).
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
        /// What was made, where the call makes something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<Made>,
    },
    /// After a lost answer: enough looks showed that it had not been executed.
    Absent,
}

/// What a call has made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// A Nova server.
    Server(InstanceId),
    /// A Neutron port.
    Port(PortId),
    /// A member of a pool.
    Member(MemberId),
    /// A Glance record.
    Image(ImageId),
}

impl Made {
    /// Its id, as the cloud writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Made::Server(id) => id.as_str(),
            Made::Port(id) => id.as_str(),
            Made::Member(id) => id.as_str(),
            Made::Image(id) => id.as_str(),
        }
    }
}

/// Why the cloud refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// 409 because of a task state, or of a load balancer that is being changed: it passes. Not so a load balancer in
    /// ERROR, which says the same: whoever waits for long asks for its provisioning status.
    Busy,
    /// 409 because of the VM's state: it does not pass by waiting.
    WrongState,
    /// 409 because somebody locked it.
    Locked,
    /// 409 because what would be made is there: a member of that address and port, a port of that address, an image
    /// of that id, which also holds when it was deleted long ago.
    Duplicate,
    /// 409 because another uses it: a port that has a server already.
    InUse,
    /// 403, 409 or 413 because a quota is used up.
    Quota,
    /// 404: for what deletes, it is done.
    Gone,
    /// 403 by policy.
    Forbidden,
    /// 401 that a new sign-in did not mend.
    Credentials,
    /// This cloud cannot do it: a microversion, or what older releases read in another way. It was not sent.
    Unsupported,
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

    /// What the call has made, as far as its own answer or a look tells.
    pub fn made(&self) -> Option<&Made> {
        match self {
            Outcome::Accepted { made, .. } | Outcome::Found { made, .. } => made.as_ref(),
            _ => None,
        }
    }
}
