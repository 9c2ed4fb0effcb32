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
        for piece in pieces(samples) {
            self.tell(Told::Samples(piece)).await;
        }
    }

    pub(super) async fn reported(&self, reported: Vec<Reported>) {
        self.tell(Told::Reported(reported)).await;
    }

    async fn tell(&self, told: Told) {
        // Nobody listens any more: the loop is about to be stopped.
        let _ = self.to.send((self.at, told)).await;
    }
}

/// So many samples are told at once, more or less: a fraction of a millisecond for whoever takes them.
const PIECE: usize = 500;

/// One after the other, so that whoever takes them can do something else in between. The samples of one series stay
/// together.
fn pieces(samples: Vec<Sample>) -> Vec<Vec<Sample>> {
    let (mut pieces, mut piece) = (Vec::new(), Vec::new());
    let series = |sample: &Sample| (sample.subject.clone(), sample.metric, sample.meter);
    for sample in samples {
        if piece.len() >= PIECE && piece.last().map(series) != Some(series(&sample)) {
            pieces.push(std::mem::take(&mut piece));
        }
        piece.push(sample);
    }
    pieces.push(piece);
    pieces
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
        seen = watched(&seat.attention.borrow());
        let round = source.round(Now { scene: &scene, fleet: &fleet, out: &out, watched: &seen });
        let outcome = tokio::select! {
            outcome = round => outcome,
            // Who is no longer looked at would keep back who is.
            _ = seat.attention.wait_for(|now| watched(now) != seen), if follows => continue,
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Timestamp;
    use crate::fleet::metric::{Metric, Subject};

    #[test]
    fn many_samples_are_told_piece_by_piece_and_a_series_at_once() {
        let sample = |number: usize| Sample {
            subject: Subject::Instance(format!("i-{}", number / 300).as_str().into()),
            metric: Metric::Cpu,
            meter: Meter::Gnocchi,
            at: Timestamp::from_second(number as i64).unwrap(),
            value: 1.0,
        };
        let all: Vec<Sample> = (0..3 * PIECE + 7).map(sample).collect();
        let told = pieces(all.clone());
        assert_eq!(told.concat(), all);
        assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [600, 600, 307], "instances have 300 each");
        assert_eq!(pieces(Vec::new()), [Vec::new()]);
    }
}
