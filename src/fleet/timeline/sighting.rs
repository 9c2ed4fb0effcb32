//! One thing that somebody saw.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::id::{InstanceId, RequestId};
use crate::fleet::detail::HistoryEntry;
use crate::fleet::instance::Status;
use crate::fleet::service::ServiceKey;

/// One thing that somebody saw. Times are the cloud's.
///
/// Its order is that of time: the set of a timeline is sorted by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sighting {
    /// When it happened; by then at the latest, where nobody knows exactly.
    pub at: Timestamp,
    /// It had not happened by then; `None` where the time is exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
    /// The cloud itself told the time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stamped: bool,
    /// To whom.
    pub whom: Whom,
    /// What.
    pub what: What,
}

/// To whom something happened, as it was called then: it may be gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Whom {
    /// The instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// What it is called.
    pub name: Arc<str>,
    /// The service; none where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceKey>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An instance was made.
    Created,
    /// An instance is there that was not there before, and that was made long ago.
    Appeared,
    /// An instance is no longer there.
    Gone,
    /// Nova's status is another: before and after.
    Status(Status, Status),
    /// It runs another version: before and after.
    Version(Arc<str>, Arc<str>),
    /// It belongs to another service than this one before.
    Moved(Arc<str>),
    /// It is a member of this pool, with that weight.
    Joined(Arc<str>, u16),
    /// It is no longer a member of this pool.
    Left(Arc<str>),
    /// Its weight in this pool is another: before and after.
    Weight(Arc<str>, u16, u16),
    /// What the balancer of this pool sees of it is another: before and after.
    Operating(Arc<str>, Arc<str>, Arc<str>),
    /// It was switched on or off in this pool.
    Switched(Arc<str>, bool),
    /// Somebody asked Nova for something.
    Deed(Deed),
    /// An operation was approved.
    Began {
        /// Its id.
        operation: Arc<str>,
        /// What it does, and to whom.
        title: Arc<str>,
        /// Who approved it.
        by: Arc<str>,
    },
    /// An operation ended.
    Ended {
        /// Its id.
        operation: Arc<str>,
        /// What it does, and to whom.
        title: Arc<str>,
        /// How it ended, in a word.
        word: Arc<str>,
        /// It did all that it was to do.
        good: bool,
        /// Who approved it.
        by: Arc<str>,
    },
}

/// A line of Nova's history of an instance: what somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Deed {
    /// What was asked: create, reboot, stop.
    pub verb: Arc<str>,
    /// The request in the cloud's own logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// Who asked: a user's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Arc<str>>,
    /// Nova says that it failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
}

/// Who told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Nova's rows.
    Nova,
    /// Nova's history of an instance.
    History,
    /// Octavia.
    Octavia,
    /// What says which version runs: metadata, tags, images.
    Versions,
    /// The journal of operations.
    Journal,
}

impl Source {
    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nova => "Nova",
            Self::History => "Nova's history",
            Self::Octavia => "Octavia",
            Self::Versions => "version",
            Self::Journal => "journal",
        }
    }
}

/// What one operation did to one instance, and when: what happens to it meanwhile is the operation's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// To whom.
    pub instance: InstanceId,
    /// From then on.
    pub from: Timestamp,
    /// Until then; none while it goes on.
    pub to: Option<Timestamp>,
    /// The requests that it made.
    pub requests: Vec<RequestId>,
}

impl Whom {
    /// Whether it is about this instance, or an instance of this service.
    pub fn is_of(&self, service: &ServiceKey) -> bool {
        self.service.as_ref() == Some(service)
    }
}

/// What Nova's history of an instance tells of the time since.
pub fn deeds(whom: &Whom, history: &[HistoryEntry], since: Timestamp) -> Vec<Sighting> {
    let recent = history.iter().filter_map(|entry| Some((entry, entry.started.filter(|at| *at >= since)?)));
    let deed = |(entry, at): (&HistoryEntry, Timestamp)| Sighting {
        at,
        after: None,
        stamped: true,
        whom: whom.clone(),
        what: What::Deed(Deed {
            verb: entry.verb.as_str().into(),
            request: entry.request_id.clone(),
            user: entry.user.as_deref().map(Arc::from),
            failed: entry.message.is_some(),
        }),
    };
    recent.map(deed).collect()
}
