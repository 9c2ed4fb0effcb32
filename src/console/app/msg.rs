//! Everything that can happen to the console: one closed type.

use std::sync::Arc;

use crate::base::awaited::Awaited;
use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::id::{ImageId, InstanceId};
use crate::base::key::Key;
use crate::console::app::cell::Cell;
use crate::console::app::followed::Followed;
use crate::console::app::log::LogLine;
use crate::console::app::model::Session;
use crate::fleet::Timeline;
use crate::fleet::answer::Answers;
use crate::fleet::control_plane::ControlPlane;
use crate::fleet::detail::{DetailOf, HistoryEntry};
use crate::fleet::look::Found;
use crate::fleet::metric::{MeterState, Sample};
use crate::fleet::mould::Mould;
use crate::fleet::release::Release;
use crate::fleet::service::Fleet;
use crate::operation::{Credentials, OperationId};

/// Something happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key. `burst` says that it came among many at once, as an unbracketed paste does.
    Key {
        /// The key.
        key: Key,
        /// Part of a burst: must start nothing dangerous and confirm nothing.
        burst: bool,
    },
    /// Pasted text.
    Paste(String),
    /// The terminal has a new size, in cells.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// Time has passed.
    Tick,
    /// Signed in; or the scope's facts have changed.
    SignedIn(Box<Session>),
    /// Signing in needs a password; says for whom.
    PasswordWanted {
        /// User name, domain and cloud, for the prompt.
        whom: String,
    },
    /// Signing in, or switching, failed.
    SignInFailed(Failure),
    /// The fleet as it is now.
    Fleet(FleetNews),
    /// The watch tried and nothing has changed; or it failed.
    Polled(PollNews),
    /// Who lets us wait, or when the cloud is asked again.
    Awaited(Awaited),
    /// What was kept of the last day, by the last run or by another console meanwhile.
    Timeline(Box<Timeline>),
    /// What was kept of acknowledgements and mutes.
    Answers(Box<Answers>),
    /// What was done to an instance.
    History(InstanceId, Result<Vec<HistoryEntry>, Failure>),
    /// The followed instance.
    Detail(DetailOf),
    /// What was measured, as it comes.
    Samples(Vec<Sample>),
    /// Everything that measures, and how it stands.
    Meters(Vec<MeterState>),
    /// What a step of a look has found.
    Looked(Box<Found>),
    /// The cloud itself.
    ControlPlane(Arc<ControlPlane>),
    /// What all projects are called, as far as the role may know: id and name.
    ProjectNames(Vec<(String, String)>),
    /// Projects that the user may go to: id and name.
    Projects(Result<Vec<(String, String)>, Failure>),
    /// The releases of that service, the newest first.
    Releases(Arc<str>, Result<Vec<Release>, Failure>),
    /// That image, as a release.
    Release(ImageId, Result<Release, Failure>),
    /// What new instances like those are made like.
    Moulds(Vec<InstanceId>, Result<Vec<Mould>, Failure>),
    /// Lines were logged. Told only while one looks at the log, then also what was logged before.
    Logged(Vec<LogLine>),
    /// The operations, the newest first, whenever something about them has changed.
    Operations(Vec<Arc<Followed>>),
    /// Whether a worker goes on when this login ends.
    Outlives {
        /// In a sentence.
        told: Cell,
        /// It surely dies: whoever starts one agrees to that.
        dies: bool,
    },
    /// Resuming an operation needs a password.
    PasswordToResume {
        /// Which.
        operation: OperationId,
        /// The cloud where it is needed.
        cloud: String,
        /// User name, domain and cloud, for the prompt.
        whom: String,
        /// Why the one before was no good.
        refused: Option<Failure>,
    },
    /// With what a worker signs in here.
    Credentials(Credentials),
    /// What was approved has begun: its worker's first record is in the journal.
    Started(OperationId),
    /// What was approved has not begun.
    NotStarted(Failure),
    /// Something to tell that no panel is responsible for.
    Trouble(Failure),
}

/// A new fleet.
#[derive(Clone, Debug)]
pub struct FleetNews {
    /// Grouped and judged.
    pub fleet: Arc<Fleet>,
    /// When the data was read from the cloud, wall time.
    pub as_of: Timestamp,
    /// It is the last run's snapshot; the cloud has not answered yet.
    pub from_cache: bool,
    /// The first listing is still under way: more rows follow.
    pub partial: bool,
}

/// How a poll went.
#[derive(Clone, Debug)]
pub struct PollNews {
    /// When it ended, wall time.
    pub at: Timestamp,
    /// How often the watch polls now; staleness is measured against it.
    pub interval: std::time::Duration,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// Sources that are missing and why: `load-balancer`, `network`.
    pub missing: Vec<(&'static str, Failure)>,
}
