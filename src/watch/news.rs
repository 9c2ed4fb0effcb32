//! What the watch tells.

use std::sync::Arc;
use std::time::Duration;

use crate::base::awaited::Awaited;
use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::base::id::{ImageId, InstanceId};
use crate::fleet::Fleet;
use crate::fleet::control_plane::ControlPlane;
use crate::fleet::detail::{DetailOf, HistoryEntry};
use crate::fleet::metric::{MeterState, Sample};
use crate::fleet::mould::Mould;
use crate::fleet::release::Release;

/// One thing to tell. The console's messages mirror it.
#[derive(Clone, Debug)]
pub enum News {
    /// The fleet as it is now.
    Fleet {
        /// Grouped and judged.
        fleet: Arc<Fleet>,
        /// When it was read from the cloud, wall time.
        as_of: Timestamp,
        /// It is the last run's snapshot.
        from_cache: bool,
        /// The first listing is still under way.
        partial: bool,
    },
    /// A poll of the instances has ended. Comes after the fleet that it brought, if it brought one.
    Polled {
        /// When it ended, wall time.
        at: Timestamp,
        /// How often instances are polled now.
        interval: Duration,
        /// Why it failed, if it did.
        failure: Option<Failure>,
        /// Sources that are missing and why, by service type.
        missing: Vec<(&'static str, Failure)>,
    },
    /// Who lets us wait, or when the cloud is asked again: told when it changes.
    Awaited(Awaited),
    /// A part of the watch broke, by our own fault: the watch is at its end.
    Broken(Failure),
    /// What was done to an instance, as it was asked for by [`Handle::trace`](crate::watch::Handle::trace).
    History(InstanceId, Result<Vec<HistoryEntry>, Failure>),
    /// The followed instance.
    Detail(DetailOf),
    /// What was measured, as it comes: several of one time, or the past that a source has kept.
    Samples(Vec<Sample>),
    /// Everything that measures and how it stands: told when it changes.
    Meters(Vec<MeterState>),
    /// The cloud itself.
    ControlPlane(Arc<ControlPlane>),
    /// What all projects are called, where the role may know: id and name. Told once, when all are watched.
    ProjectNames(Vec<(String, String)>),
    /// The projects that the user may go to: id and name.
    Projects(Result<Vec<(String, String)>, Failure>),
    /// The releases of that service, the newest first.
    Releases(Arc<str>, Result<Vec<Release>, Failure>),
    /// That image, as a release.
    Release(ImageId, Result<Release, Failure>),
    /// What new instances like those are made like.
    Moulds(Vec<InstanceId>, Result<Vec<Mould>, Failure>),
}
