//! One look at the cloud: what the watch tells, until it is whole.
//!
//! A verb sees exactly what the console would, because both listen to the same watch. A look ends when every source has
//! answered or has failed for good; what failed is told beside what was found. What is measured is taken up as it comes;
//! [`Look::measured`] waits for it.

mod measured;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;

use crate::base::clock::{Clock, Pace, Timestamp};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::base::observation::Observation;
use crate::cli::progress::Progress;
use crate::fleet::control_plane::ControlPlane;
use crate::fleet::detail::{Detail, HistoryEntry, Interest};
use crate::fleet::metric::Meter;
use crate::fleet::service::{Fleet, Standing};
use crate::fleet::{Condition, ServiceKey};
use crate::openstack::Cloud;
use crate::watch::{self, Handle, News};
pub use measured::{Wants, called};

/// An instance, and what was done to it.
pub type History = (InstanceId, Result<Vec<HistoryEntry>, Failure>);

/// A look gives up after this long without any news. One call with all its attempts is shorter.
const PATIENCE: Duration = Duration::from_secs(90);

/// A watch that is read until enough is known.
#[derive(Debug)]
pub struct Look {
    handle: Handle,
    news: Receiver<News>,
    progress: Progress,
    missing: Vec<(&'static str, Failure)>,
    as_of: Option<Timestamp>,
    /// The newest whole fleet.
    whole: Option<Arc<Fleet>>,
    /// Why the newest poll failed, if it did.
    failed: Option<Failure>,
    clock: Clock,
    pace: Pace,
    /// Whether anybody is asked for load.
    measures: bool,
    condition: Condition,
    /// Who has told how fast something goes, of which service.
    rates: BTreeSet<(Meter, ServiceKey)>,
}

impl Look {
    /// Starts to look.
    pub fn start(cloud: Cloud, settings: watch::Settings, clock: Clock, mut progress: Progress) -> Self {
        progress.tell("Listing instances…");
        let (pace, measures) = (settings.pace, settings.metrics.is_some());
        let (handle, news) = watch::start(cloud, settings, clock.clone(), None);
        Self {
            handle,
            news,
            progress,
            missing: Vec::new(),
            as_of: None,
            whole: None,
            failed: None,
            clock,
            pace,
            measures,
            condition: Condition::default(),
            rates: BTreeSet::new(),
        }
    }

    /// The whole fleet, grouped by all sources that answer.
    pub async fn fleet(&mut self) -> Result<Arc<Fleet>, Failure> {
        loop {
            if let Some(fleet) = self.whole.as_ref().filter(|fleet| self.is_settled(fleet)) {
                return Ok(Arc::clone(fleet));
            }
            if let Some(failure) = self.failed.as_ref().filter(|_| self.whole.is_none()) {
                return Err(failure.clone());
            }
            if let News::Fleet { fleet, .. } = self.next().await? {
                self.progress.tell(&format!("Listing instances… {}", fleet.members.len()));
            }
        }
    }

    /// The same once it is known who sits in which pool, unless whoever knows has failed.
    pub async fn seated(&mut self) -> Result<Arc<Fleet>, Failure> {
        loop {
            let fleet = self.fleet().await?;
            let failed = |source: &&str| self.missing.iter().any(|(missing, _)| missing == source);
            if fleet.unseated.iter().all(failed) {
                return Ok(fleet);
            }
            self.next().await?;
        }
    }

    /// What is fetched for one instance alone.
    pub async fn detail(&mut self, of: &InstanceId) -> Result<Arc<Detail>, Failure> {
        self.progress.tell("Looking into the instance…");
        self.handle.follow(Some((of.clone(), Interest::default())));
        loop {
            match self.next().await? {
                News::Detail(detail) if detail.id == *of && detail_is_whole(&detail.detail) => return Ok(detail.detail),
                _ => {}
            }
        }
    }

    /// The histories of these, as far as they may be read: a refusal of one is the refusal of all.
    pub async fn histories(&mut self, of: Vec<InstanceId>) -> Result<Vec<History>, Failure> {
        let (mut awaited, mut found) = (of.len(), Vec::new());
        self.handle.trace(of);
        while awaited > 0 {
            self.progress.tell(&format!("Asking who it was… {awaited}"));
            if let News::History(id, told) = self.next().await? {
                let refused = matches!(&told, Err(failure) if failure.kind == FailureKind::Forbidden);
                awaited = if refused { 0 } else { awaited - 1 };
                found.push((id, told));
            }
        }
        Ok(found)
    }

    /// The cloud itself.
    pub async fn control_plane(&mut self) -> Result<Arc<ControlPlane>, Failure> {
        self.progress.tell("Asking the cloud about itself…");
        self.handle.watch_control_plane(true);
        loop {
            match self.next().await? {
                News::ControlPlane(cloud) if control_plane_is_whole(&cloud) => return Ok(cloud),
                _ => {}
            }
        }
    }

    /// Ends the look: what did not answer, and when the fleet was read.
    pub fn end(mut self) -> (Vec<(&'static str, Failure)>, Option<Timestamp>) {
        self.progress.clear();
        (self.missing, self.as_of)
    }

    async fn next(&mut self) -> Result<News, Failure> {
        match tokio::time::timeout(PATIENCE, self.news.recv()).await {
            Ok(Some(News::Broken(failure))) => Err(failure),
            Ok(Some(news)) => {
                self.tell_silence(&news);
                self.keep(&news);
                Ok(news)
            }
            Ok(None) => Err(Failure::new(FailureKind::Bug, "The watch has ended by itself")),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                Err(Failure::new(FailureKind::Retry, format!("The cloud has told nothing for {seconds} s")))
            }
        }
    }

    /// Keeps what any question may ask for later: news come once.
    fn keep(&mut self, news: &News) {
        match news {
            News::Fleet { fleet, as_of, partial, .. } => {
                self.as_of = Some(*as_of);
                if !partial {
                    self.whole = Some(Arc::clone(fleet));
                    self.condition.outdate();
                }
            }
            News::Polled { missing, failure, .. } => {
                self.missing.clone_from(missing);
                self.failed.clone_from(failure);
            }
            News::Samples(_) | News::Meters(_) => self.take_measures(news),
            _ => {}
        }
    }

    fn tell_silence(&mut self, news: &News) {
        let News::Awaited(awaited) = news else { return };
        let Some(silence) = awaited.silences.first() else { return };
        self.progress.tell(&format!("{} has not answered yet: {}…", silence.service, silence.place));
    }

    /// No source is still awaited, but those that have failed.
    fn is_settled(&self, fleet: &Fleet) -> bool {
        let failed = |source: &Arc<str>| self.missing.iter().any(|(missing, _)| **missing == **source);
        fleet.services.iter().all(|service| match &service.standing {
            Standing::Provisional(sources) => sources.iter().all(failed),
            Standing::Settled | Standing::Ambiguous(_) | Standing::Empty => true,
        })
    }
}

fn detail_is_whole(detail: &Detail) -> bool {
    has_answered(&detail.ports) && has_answered(&detail.volumes) && has_answered(&detail.history)
}

fn control_plane_is_whole(cloud: &ControlPlane) -> bool {
    has_answered(&cloud.compute_services)
        && has_answered(&cloud.hypervisors)
        && has_answered(&cloud.agents)
        && has_answered(&cloud.quotas)
}

fn has_answered<T>(observation: &Observation<T>) -> bool {
    observation.known.is_some() || observation.failure.is_some()
}
