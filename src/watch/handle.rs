//! The console's end of the watch.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::base::id::{ImageId, InstanceId, RequestId};
use crate::fleet::Instance;
use crate::fleet::detail::Interest;

/// A wish that is granted once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The events of one entry of an instance's history.
    Events(InstanceId, RequestId),
    /// The projects that the user may go to.
    Projects,
    /// The releases of a service.
    Releases(Arc<str>),
    /// An image, as a release of a service.
    Release(Arc<str>, ImageId),
    /// What new instances like these are made like.
    Moulds(Vec<Arc<Instance>>),
}

/// What the watch should look at, as it is now. Only the newest state counts, so asking twice costs once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attention {
    pub(super) follow: Option<(InstanceId, Interest)>,
    pub(super) control_plane: bool,
    pub(super) away: bool,
    pub(super) measured: Vec<InstanceId>,
    pub(super) refreshes: u64,
}

/// Steers the watch. Dropping it stops everything; what is known is written on the way out, as after [`Handle::stop`],
/// only that nobody waits for it.
#[derive(Debug)]
pub struct Handle {
    pub(super) attention: watch::Sender<Attention>,
    pub(super) wishes: mpsc::Sender<Wish>,
    pub(super) traced: mpsc::UnboundedSender<Vec<InstanceId>>,
    pub(super) loops: JoinSet<()>,
    pub(super) stop: CancellationToken,
}

impl Handle {
    /// Polls now, whatever the schedule says. Several at once become one.
    pub fn refresh(&self) {
        self.attention.send_modify(|attention| attention.refreshes += 1);
    }

    /// Follows one instance, or none; replaces what was followed before.
    pub fn follow(&self, whom: Option<(InstanceId, Interest)>) {
        self.attention.send_modify(|attention| attention.follow = whom);
    }

    /// Fetches the events of one entry of the followed instance's history.
    pub fn fetch_events(&self, instance: InstanceId, request: RequestId) {
        self.wish(Wish::Events(instance, request));
    }

    /// The instances on screen or in a watched service: what is measured one by one is measured of these, whoever was
    /// asked longest ago first, and of the followed one before all.
    pub fn measure(&self, whom: Vec<InstanceId>) {
        self.attention.send_if_modified(|attention| {
            let other = attention.measured != whom;
            attention.measured = whom;
            other
        });
    }

    /// Reads the histories of these, the first one first, as the budget of requests allows.
    pub fn trace(&self, whom: Vec<InstanceId>) {
        // The reader keeps a bounded number of them; if it is gone, so is the watch.
        let _ = self.traced.send(whom);
    }

    /// Watches the cloud's own services, or stops to.
    pub fn watch_control_plane(&self, on: bool) {
        self.attention.send_modify(|attention| attention.control_plane = on);
    }

    /// Lists the projects that the user may go to.
    pub fn list_projects(&self) {
        self.wish(Wish::Projects);
    }

    /// Lists the releases of a service.
    pub fn list_releases(&self, service: Arc<str>) {
        self.wish(Wish::Releases(service));
    }

    /// Reads an image, as a release of a service.
    pub fn read_release(&self, service: Arc<str>, image: ImageId) {
        self.wish(Wish::Release(service, image));
    }

    /// Reads what new instances like these are made like.
    pub fn read_moulds(&self, likes: Vec<Arc<Instance>>) {
        self.wish(Wish::Moulds(likes));
    }

    /// Someone is at the keyboard, or has not been for a while.
    pub fn presence(&self, there: bool) {
        self.attention.send_modify(|attention| attention.away = !there);
    }

    /// Stops everything and waits until the cache is written.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.loops.join_next().await.is_some() {}
    }

    fn wish(&self, wish: Wish) {
        // The queue is bounded: a console that asks faster than the cloud answers loses the surplus, and asks again.
        if let Err(refused) = self.wishes.try_send(wish) {
            tracing::debug!("the watch is busy: {refused}");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop.cancel();
        // Aborted loops would lose the snapshot; these end by themselves.
        self.loops.detach_all();
    }
}
