//! One event, as people read it.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::id::RequestId;
use crate::fleet::instance::Status;
use crate::fleet::service::Severity;
use crate::fleet::timeline::sighting::{Deed, Sighting, Source, What, Whom};

/// What was seen within this time was seen as it happened.
const LATE: Duration = Duration::from_secs(60);

/// One event: what was seen of it, and its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What names it as long as nothing older is seen of it.
    pub id: Arc<str>,
    /// When it began.
    pub at: Timestamp,
    /// It began between this time and [`Entry::at`]; `None` where the time is known.
    pub after: Option<Timestamp>,
    /// When the last of it was seen.
    pub until: Timestamp,
    /// To whom it happened.
    pub whom: Whom,
    /// What happened.
    pub what: What,
    /// The states that it went through, the first and the last among them.
    pub course: Vec<Status>,
    /// Who wanted it.
    pub who: Option<Who>,
    /// Of many alike: each of them, the oldest first.
    pub parts: Vec<Entry>,
}

/// Who wanted something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// A user: the cloud's id, or for an operation the name on the jump host.
    pub user: Option<Arc<str>>,
    /// The request in the cloud's own logs.
    pub request: Option<RequestId>,
}

/// What kind of thing happened, for programs and filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An instance was made.
    Created,
    /// An instance came into sight.
    Appeared,
    /// An instance is gone.
    Gone,
    /// Another state.
    State,
    /// Another version.
    Version,
    /// Another service.
    Service,
    /// Something about a pool.
    Pool,
    /// Somebody asked Nova for something.
    Deed,
    /// An operation.
    Operation,
}

impl Kind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Appeared => "appeared",
            Self::Gone => "gone",
            Self::State => "state",
            Self::Version => "version",
            Self::Service => "service",
            Self::Pool => "pool",
            Self::Deed => "request",
            Self::Operation => "operation",
        }
    }
}

impl Entry {
    /// What one sighting tells by itself.
    pub(super) fn of(seen: &Sighting) -> Self {
        let (who, course) = match &seen.what {
            What::Deed(Deed { user, request, .. }) => {
                (Some(Who { user: user.clone(), request: request.clone() }), Vec::new())
            }
            What::Began { by, .. } | What::Ended { by, .. } => {
                (Some(Who { user: Some(Arc::clone(by)), request: None }), Vec::new())
            }
            What::Status(from, to) => (None, vec![from.clone(), to.clone()]),
            _ => (None, Vec::new()),
        };
        Self {
            id: id(seen),
            at: seen.at,
            after: seen.after.filter(|_| !seen.stamped),
            until: seen.at,
            whom: seen.whom.clone(),
            what: seen.what.clone(),
            course,
            who,
            parts: Vec::new(),
        }
    }

    /// Since when it may have happened, where that is long before it was seen.
    pub fn vague_since(&self) -> Option<Timestamp> {
        self.after.filter(|after| since(*after, self.at) > LATE)
    }

    /// How many events it stands for.
    pub fn count(&self) -> usize {
        self.parts.len().max(1)
    }

    /// What kind it is.
    pub fn kind(&self) -> Kind {
        match &self.what {
            What::Created => Kind::Created,
            What::Appeared => Kind::Appeared,
            What::Gone => Kind::Gone,
            What::Status(..) => Kind::State,
            What::Version(..) => Kind::Version,
            What::Moved(_) => Kind::Service,
            What::Joined(..) | What::Left(_) | What::Weight(..) | What::Operating(..) | What::Switched(..) => {
                Kind::Pool
            }
            What::Deed(_) => Kind::Deed,
            What::Began { .. } | What::Ended { .. } => Kind::Operation,
        }
    }

    /// Who told it.
    pub fn source(&self) -> Source {
        match self.kind() {
            // Nova's rows told that it happened, its history who wanted it: that one says more.
            Kind::Created | Kind::Gone if self.who.is_some() => Source::History,
            Kind::Created | Kind::Appeared | Kind::Gone | Kind::State => Source::Nova,
            Kind::Version | Kind::Service => Source::Versions,
            Kind::Pool => Source::Octavia,
            Kind::Deed => Source::History,
            Kind::Operation => Source::Journal,
        }
    }

    /// The operation that it is about.
    pub fn operation(&self) -> Option<&str> {
        match &self.what {
            What::Began { operation, .. } | What::Ended { operation, .. } => Some(operation),
            _ => None,
        }
    }

    /// How bad it is: worth a look, or merely worth knowing.
    pub fn severity(&self) -> Severity {
        if !self.parts.is_empty() {
            return self.parts.iter().map(Self::severity).max().unwrap_or(Severity::Ok);
        }
        if self.course.last() == Some(&Status::Error) {
            return Severity::Critical;
        }
        match &self.what {
            What::Deed(deed) if deed.failed => Severity::Warning,
            What::Ended { good: false, .. } => Severity::Warning,
            What::Operating(_, _, to) if &**to == "ERROR" => Severity::Critical,
            What::Operating(_, _, to) if &**to == "DEGRADED" => Severity::Warning,
            _ => Severity::Ok,
        }
    }
}

/// A name that another look at the same set gives again.
fn id(seen: &Sighting) -> Arc<str> {
    let Sighting { at, whom, what, .. } = seen;
    let whose = whom.instance.as_ref().map_or(&*whom.name, |id| id.as_str());
    let more = match what {
        What::Deed(deed) => deed.request.as_ref().map_or(&*deed.verb, |request| request.as_str()),
        What::Began { operation, .. } | What::Ended { operation, .. } => operation,
        What::Joined(pool, _)
        | What::Left(pool)
        | What::Weight(pool, ..)
        | What::Operating(pool, ..)
        | What::Switched(pool, _) => pool,
        _ => "",
    };
    format!("{} {} {whose} {more}", at.as_millisecond(), word(what)).into()
}

/// A word that tells apart what happened at one moment.
fn word(what: &What) -> &'static str {
    match what {
        What::Created => "created",
        What::Appeared => "appeared",
        What::Gone => "gone",
        What::Status(..) => "state",
        What::Version(..) => "version",
        What::Moved(_) => "moved",
        What::Joined(..) => "joined",
        What::Left(_) => "left",
        What::Weight(..) => "weight",
        What::Operating(..) => "operating",
        What::Switched(..) => "switched",
        What::Deed(_) => "deed",
        What::Began { .. } => "began",
        What::Ended { .. } => "ended",
    }
}
