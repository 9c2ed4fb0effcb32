//! Gnocchi: CPU, memory, network and disk of all instances, in a request for each type of resource.
//!
//! Gnocchi reads every series that it is asked for, and answers once it has read all: more than a thousand instances are
//! asked for [part by part](parts). A round takes its time then, so steps that it cannot keep up with are left out.

pub mod means;
mod parts;

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::fleet::Fleet;
use crate::fleet::metric::{Lack, Meter};
use crate::openstack::metric::{self, Wanted};
use crate::watch::metrics::scene::Scene;
use crate::watch::metrics::source::{Now, Outlet, Source};
use means::{Means, Shape};
use parts::Parts;

/// Ceilometer keeps an instance's disks and interfaces as resources of their own; older and smaller set-ups keep all
/// with the instance.
const SHAPES: [Shape; 3] = [
    Shape {
        kind: "instance",
        group_by: None,
        metrics: &[
            "cpu",
            "memory.usage",
            "network.incoming.bytes",
            "network.outgoing.bytes",
            "disk.read.bytes",
            "disk.write.bytes",
        ],
    },
    Shape {
        kind: "instance_network_interface",
        group_by: Some("instance_id"),
        metrics: &["network.incoming.bytes", "network.outgoing.bytes"],
    },
    Shape {
        kind: "instance_disk",
        group_by: Some("instance_id"),
        metrics: &["disk.device.read.bytes", "disk.device.write.bytes"],
    },
];

/// Which types of resource there are, and at which steps they are kept, is asked again this often.
const LOOK: Duration = Duration::from_secs(3600);
/// The same while nothing is kept.
const NOTHING: Duration = Duration::from_secs(300);

/// The past is asked for in so many points at most: Gnocchi reads each of them.
const POINTS: f64 = 100_000.0;

/// What is known between rounds.
pub(super) struct Gnocchi {
    every: Duration,
    past: Duration,
    looked: Option<(Timestamp, Vec<Kept>)>,
    parts: Parts,
    /// Seconds that a round takes by its turns: finer steps could not be told in time.
    round: f64,
    means: Means,
}

/// A type of resource that is there, and the steps at which it is kept.
struct Kept {
    shape: Shape,
    steps: Vec<(f64, f64)>,
}

impl Gnocchi {
    pub(super) fn new(every: Duration, past: Duration) -> Self {
        Self { every, past, looked: None, parts: Parts::default(), round: 0.0, means: Means::default() }
    }

    async fn look(&mut self, scene: &Scene) -> Result<(), Failure> {
        let now = scene.clock.now();
        if self.looked.as_ref().is_some_and(|(at, kept)| since(*at, now) < if kept.is_empty() { NOTHING } else { LOOK })
        {
            return Ok(());
        }
        let mut kept = Vec::new();
        let project = scene.project();
        for shape in SHAPES {
            scene.budget.turn().await;
            let example = match metric::example(&*scene.reader, shape.kind, project.as_ref()).await {
                // Such a type of resource does not exist here.
                Err(failure) if failure.kind == FailureKind::NotFound => continue,
                other => other?,
            };
            let metrics = example.and_then(|example| example.metrics.0).unwrap_or_default();
            let named = metrics.texts().find(|(name, _)| shape.metrics.contains(&name.as_str()));
            let Some((_, id)) = named else { continue };
            scene.budget.turn().await;
            let steps = metric::metric(&*scene.reader, &id).await?.archive_policy.0.unwrap_or_default().steps();
            if !steps.is_empty() {
                kept.push(Kept { shape, steps });
            }
        }
        self.looked = Some((now, kept));
        Ok(())
    }

    async fn ask(&mut self, Now { scene, fleet, out, .. }: Now<'_>) -> Result<Vec<Lack>, Failure> {
        self.look(scene).await?;
        self.means.keep(fleet);
        let kept = self.looked.take().unwrap_or_default();
        // Service by service: what a service's instances add up to is of one moment.
        let members = fleet.services.iter().flat_map(|service| &service.members);
        let members: Vec<&InstanceId> = members.map(|at| &fleet.members[*at].instance.id).collect();
        let ids = self.parts.of(&members);
        self.round = scene.turns((ids.len() * kept.1.len()) as f64).as_secs_f64();
        let (mut answered, mut refused) = (kept.1.is_empty() || ids.is_empty(), None);
        for (part, ids) in ids.iter().enumerate() {
            match self.ask_part(scene, fleet, out, &kept.1, (part, ids)).await {
                Ok(()) => answered = true,
                // It may have none of the metrics, which others have.
                Err(failure) if failure.kind == FailureKind::Bug => refused = Some(failure),
                Err(failure) => return Err(failure),
            }
        }
        // Else other resources came, or the policy is another: it is looked again.
        if let Some(failure) = refused.filter(|_| !answered) {
            return Err(failure);
        }
        let none = kept.1.is_empty();
        self.looked = Some(kept);
        let mut lacks: Vec<Lack> = none.then(nothing_kept).into_iter().collect();
        lacks.extend(self.means.lacks(fleet));
        Ok(lacks)
    }

    /// Asks for some of the instances.
    async fn ask_part(
        &mut self,
        scene: &Scene,
        fleet: &Fleet,
        out: &Outlet,
        kept: &[Kept],
        (part, ids): (usize, &[&InstanceId]),
    ) -> Result<(), Failure> {
        let now = scene.cloud_now();
        let project = scene.project();
        for kept in kept {
            let spans = match self.parts.asked(part) {
                None => kept.past_and_now(self.past, self.round, fleet.members.len()),
                // What has come since, however long that took.
                Some(asked) => vec![kept.fresh(self.round, since(asked, now).as_secs_f64() + 300.0)],
            };
            for Span { step, from, until } in spans {
                scene.budget.turn().await;
                let Shape { kind, group_by, metrics } = kept.shape;
                let since = earlier(now, from);
                let wanted = Wanted { kind, metrics, group_by, step, since, project: project.as_ref(), of: ids };
                let told = metric::measures(&*scene.reader, wanted).await?;
                out.samples(self.means.learn(&told, step, fleet, now, earlier(now, until))).await;
            }
        }
        self.parts.answered(part, now);
        Ok(())
    }
}

impl Source for Gnocchi {
    fn meter(&self) -> Meter {
        Meter::Gnocchi
    }

    fn every(&self) -> Duration {
        // More often than it is kept there is nothing new.
        let finest =
            self.looked.iter().flat_map(|(_, kept)| kept).map(|kept| kept.finest(self.round).0).reduce(f64::min);
        self.every.max(finest.map_or(Duration::ZERO, |step| Duration::from_secs_f64(step.min(3600.0))))
    }

    fn round<'a>(&'a mut self, now: Now<'a>) -> BoxFuture<'a, Result<Vec<Lack>, Failure>> {
        Box::pin(self.ask(now))
    }
}

/// Steps below this are of no use to anybody who looks once a minute.
const FINE: f64 = 30.0;

impl Kept {
    /// The finest step that is worth it where a round takes so many seconds, and how long it is kept.
    fn finest(&self, round: f64) -> (f64, f64) {
        let fine = self.steps.iter().find(|(step, _)| *step >= FINE.max(round)).or(self.steps.last());
        fine.copied().unwrap_or((300.0, 3600.0))
    }

    /// What has come since the round before, with room for late measures.
    fn fresh(&self, round: f64, least: f64) -> Span {
        let (step, _) = self.finest(round);
        Span { step, from: (step * 3.0).max(least), until: 0.0 }
    }

    /// The past at a coarse step, and what is new at the finest.
    fn past_and_now(&self, past: Duration, round: f64, instances: usize) -> Vec<Span> {
        let series = (instances * self.shape.metrics.len()).max(1) as f64;
        let finest = self.finest(round);
        let fine = self.fresh(round, (POINTS / series * finest.0).clamp(300.0, 900.0));
        let (step, timespan) =
            self.steps.iter().find(|(step, _)| *step >= finest.0.max(300.0)).copied().unwrap_or(finest);
        let from = past.as_secs_f64().min(timespan).min(POINTS / series * step);
        if step == fine.step {
            return vec![Span { from: from.max(fine.from), ..fine }];
        }
        let coarse = Span { step, from, until: fine.from };
        if from > fine.from { vec![coarse, fine] } else { vec![fine] }
    }
}

/// What is asked for in one request: steps of so many seconds, from so many seconds ago until so many.
struct Span {
    step: f64,
    from: f64,
    until: f64,
}

fn earlier(now: Timestamp, seconds: f64) -> Timestamp {
    Timestamp::from_millisecond(now.as_millisecond() - (seconds * 1000.0) as i64).unwrap_or(now)
}

fn nothing_kept() -> Lack {
    let why = "Gnocchi keeps no measures of this project's instances: ceilometer writes them, if it runs";
    Lack { service: None, why: why.to_owned(), paste: None }
}
