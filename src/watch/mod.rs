//! Reads the cloud on a schedule and tells what changed.
//!
//! One loop owns what is known of the cloud ([`Sources`](crate::fleet::Sources)), so nothing has to be locked and
//! no answer can overtake another. What to ask next, and what an answer means, is decided by pure parts that a test
//! can drive without a network. Where the last snapshot is kept, it need not know.
//! Deliberately absent: any change to the cloud.

mod broken;
mod cloud_time;
mod control_plane;
pub mod convert;
mod core;
mod handle;
pub mod inventory;
mod kept;
mod look;
pub mod metrics;
pub mod mould;
mod news;
pub mod releases;
pub mod schedule;
mod settings;
pub mod silences;
mod surroundings;
mod trace;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::base::clock::Clock;
use crate::fleet::snapshot::Keep;
use crate::fleet::sources::Place;
use crate::openstack::Reader;
pub use cloud_time::CloudTime;
pub use handle::Handle;
pub use kept::Kept;
pub use news::News;
pub use settings::{Intervals, Settings};

/// News that wait for the console; a console that stalls stalls the watch, not the memory.
const WAITING: usize = 16;

/// Starts to watch, on the runtime that it is called in. News come until the handle is dropped or stopped.
pub fn start(
    cloud: impl Reader,
    settings: Settings,
    clock: Clock,
    cache: Option<Arc<dyn Keep>>,
) -> (Handle, mpsc::Receiver<News>) {
    let kept = cache.as_deref().and_then(|keeper| Kept::load(keeper, &settings, &clock));
    go_on(cloud, settings, clock, cache, kept)
}

/// The same from a snapshot that was loaded before.
pub fn go_on(
    cloud: impl Reader,
    settings: Settings,
    clock: Clock,
    cache: Option<Arc<dyn Keep>>,
    kept: Option<Kept>,
) -> (Handle, mpsc::Receiver<News>) {
    let reader: Arc<dyn Reader> = Arc::new(cloud);
    let settings = Arc::new(settings);
    let (news, receiver) = mpsc::channel(WAITING);
    let (attention, attended) = tokio::sync::watch::channel(handle::Attention::default());
    let (wishes, wished) = mpsc::channel(WAITING);
    let (traced, trace) = mpsc::unbounded_channel();
    let (reports, reported) = mpsc::channel(WAITING);
    let budget = Arc::new(metrics::budget(&settings));
    let stop = CancellationToken::new();
    let mut loops = JoinSet::new();
    let core = core::Core::new(Arc::clone(&reader), Arc::clone(&settings), clock.clone(), news.clone(), (cache, kept));
    let guard = |what| (what, news.clone(), stop.clone());
    if let Some(metrics) = settings.metrics.clone() {
        let reader = Arc::clone(&reader);
        let meters = metrics::Meters::new(
            reader,
            Arc::clone(&settings),
            metrics,
            (clock.clone(), Arc::clone(&budget)),
            (news.clone(), reports),
        );
        let meters = meters.run(core.fleets(), attended.clone(), stop.clone());
        spawn(&mut loops, guard("what is measured"), meters);
    }
    let core = core.run(attended.clone(), reported, stop.clone());
    spawn(&mut loops, guard("the instances"), core);
    let overseer = control_plane::Overseer {
        reader: Arc::clone(&reader),
        settings: Arc::clone(&settings),
        clock: clock.clone(),
        news: news.clone(),
    };
    let overseer = overseer.run(attended.clone(), stop.clone());
    spawn(&mut loops, guard("the cloud's own services"), overseer);
    let trace = trace::Trace { reader: Arc::clone(&reader), budget, news: news.clone(), wished: trace };
    spawn(&mut loops, guard("the histories of instances"), trace.run(stop.clone()));
    let look = look::Look { reader, settings, clock, news: news.clone(), wishes: wished };
    let look = look.run(attended, stop.clone());
    spawn(&mut loops, guard("the instance that is looked into"), look);
    (Handle { attention, wishes, traced, loops, stop }, receiver)
}

type Guard = (&'static str, mpsc::Sender<News>, CancellationToken);

fn spawn(loops: &mut JoinSet<()>, (what, news, stop): Guard, run: impl Future<Output = ()> + Send + 'static) {
    loops.spawn(broken::told(what, run, news, stop));
}

/// Where a cloud's instances are.
fn place(reader: &dyn Reader) -> Place {
    let facts = reader.session();
    Place { cloud: facts.cloud.into(), region: facts.region.into() }
}
