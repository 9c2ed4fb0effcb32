//! The loop that each source runs in.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};

use crate::base::failure::Failure;
use crate::base::id::InstanceId;
use crate::fleet::Fleet;
use crate::fleet::metric::{Lack, Meter, Reported, Sample};
use crate::watch::handle::Attention;
use crate::watch::metrics::scene::Scene;
use crate::watch::surroundings::Timer;

/// So long the first round waits for the pools: asked before, it would find no service behind any balancer, and the
/// next comes an interval later.
const SETTLING: Duration = Duration::from_secs(15);

/// Something that measures.
pub(super) trait Source: Send + 'static {
    /// What it is.
    fn meter(&self) -> Meter;

    /// What it is called where there are several.
    fn name(&self) -> Arc<str> {
        Arc::default()
    }

    /// How often it is asked, as a rule.
    fn every(&self) -> Duration;

    /// Whether it measures only what somebody looks at: then it is asked as soon as that is something else.
    fn follows(&self) -> bool {
        false
    }

    /// Asks once for everything, and tells samples as they come. Returns what it cannot tell.
    fn round<'a>(&'a mut self, now: Now<'a>) -> BoxFuture<'a, Result<Vec<Lack>, Failure>>;
}

/// What a round is given.
pub(super) struct Now<'a> {
    pub(super) scene: &'a Scene,
    pub(super) fleet: &'a Fleet,
    pub(super) out: &'a Outlet,
    /// The instances that somebody looks at.
    pub(super) watched: &'a [InstanceId],
}

/// What a source tells.
pub(super) enum Told {
    Samples(Vec<Sample>),
    Reported(Vec<Reported>),
    Round(Result<Vec<Lack>, Failure>),
}

/// Where a source tells it.
pub(super) struct Outlet {
    at: usize,
    to: mpsc::Sender<(usize, Told)>,
}

impl Outlet {
    pub(super) fn new(at: usize, to: mpsc::Sender<(usize, Told)>) -> Self {
        Self { at, to }
    }

    pub(super) async fn samples(&self, samples: Vec<Sample>) {
        self.tell(Told::Samples(samples)).await;
    }

    pub(super) async fn reported(&self, reported: Vec<Reported>) {
        self.tell(Told::Reported(reported)).await;
    }

    async fn tell(&self, told: Told) {
        // Nobody listens any more: the loop is about to be stopped.
        let _ = self.to.send((self.at, told)).await;
    }
}

/// What a source looks at beside the cloud.
pub(super) struct Seat {
    pub(super) fleets: watch::Receiver<Option<Arc<Fleet>>>,
    pub(super) attention: watch::Receiver<Attention>,
}

/// Asks a source round by round, and less often while it fails. Ends when nobody tells of the fleet any more.
pub(super) async fn drive(mut source: Box<dyn Source>, scene: Arc<Scene>, mut seat: Seat, out: Outlet) {
    let mut timer = Timer::default();
    let mut refreshes = seat.attention.borrow().refreshes;
    let (follows, mut seen) = (source.follows(), Vec::new());
    if !settled(&mut seat.fleets).await {
        return;
    }
    loop {
        let wait = timer.until(scene.clock.now()).unwrap_or_default();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            heeded = seat.attention.wait_for(|now| {
                now.refreshes != refreshes || (follows && watched(now) != seen)
            }) => {
                let Ok(heeded) = heeded else { return };
                (refreshes, seen) = (heeded.refreshes, watched(&heeded));
                timer.hurry();
                continue;
            }
        }
        let Some(fleet) = seat.fleets.borrow().clone() else { continue };
        let began = scene.clock.now();
        timer.begin();
        let watched = watched(&seat.attention.borrow());
        let outcome = source.round(Now { scene: &scene, fleet: &fleet, out: &out, watched: &watched }).await;
        if let Err(failure) = &outcome {
            tracing::warn!(place = failure.place.as_deref(), "{:?} does not measure: {failure}", source.meter());
        }
        timer.end(began, outcome.as_ref().err().map(|failure| failure.kind), scene.wait(source.every()));
        out.tell(Told::Round(outcome)).await;
    }
}

/// Waits for a fleet whose pools are known, or for any where that takes too long. False when none will come.
async fn settled(fleets: &mut watch::Receiver<Option<Arc<Fleet>>>) -> bool {
    let is_settled = |fleet: &Option<Arc<Fleet>>| fleet.as_ref().is_some_and(|fleet| fleet.is_settled());
    let in_time = tokio::time::timeout(SETTLING, fleets.wait_for(is_settled)).await.map(|settled| settled.is_ok());
    match in_time {
        Ok(settled) => settled,
        Err(_) => fleets.wait_for(Option::is_some).await.is_ok(),
    }
}

/// The instance that is followed, and those on screen.
fn watched(attention: &Attention) -> Vec<InstanceId> {
    let followed = attention.follow.iter().map(|(id, _)| id);
    let mut watched: Vec<InstanceId> = Vec::new();
    for id in followed.chain(&attention.measured) {
        if !watched.contains(id) {
            watched.push(id.clone());
        }
    }
    watched
}
