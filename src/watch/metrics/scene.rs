//! What all sources are given.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Clock, Timestamp};
use crate::base::id::ProjectId;
use crate::openstack::Reader;
use crate::watch::metrics::Settings;
use crate::watch::metrics::budget::Budget;
use crate::watch::settings;

/// The cloud, the settings, the time and the turns.
pub(super) struct Scene {
    pub(super) reader: Arc<dyn Reader>,
    pub(super) settings: Arc<settings::Settings>,
    pub(super) metrics: Settings,
    pub(super) clock: Clock,
    pub(super) budget: Arc<Budget>,
}

/// However fast a simulated cloud is: rounds are this far apart.
const SHORTEST: Duration = Duration::from_millis(500);

/// How many times as fast as ours the cloud's time runs; a slow one is asked as a real one is.
fn haste(settings: &settings::Settings) -> f64 {
    settings.pace.rate().max(1.0)
}

/// The turns of all who measure, and of whoever reads histories.
pub(in crate::watch) fn budget(settings: &settings::Settings) -> Budget {
    let requests = settings.metrics.as_ref().map_or(settings.history_requests, |metrics| metrics.requests);
    // Where the cloud's time runs faster than ours, so does what is to be seen of it.
    Budget::new((f64::from(requests) * haste(settings)) as u32)
}

impl Scene {
    /// The time in the cloud: samples are told in it.
    pub(super) fn cloud_now(&self) -> Timestamp {
        self.settings.pace.cloud(self.clock.now())
    }

    /// So much of the wall's time in the cloud's.
    pub(super) fn cloud_span(&self, wall: Duration) -> Duration {
        wall.mul_f64(self.settings.pace.rate().max(f64::MIN_POSITIVE))
    }

    /// How long to wait for what is to be seen so often in the cloud's time.
    pub(super) fn wait(&self, every: Duration) -> Duration {
        every.div_f64(haste(&self.settings)).max(every.min(SHORTEST))
    }

    /// How long so many turns take, where others take as many.
    pub(super) fn turns(&self, count: f64) -> Duration {
        Duration::from_secs_f64(2.0 * count * 60.0 / f64::from(self.metrics.requests.max(1)))
    }

    /// The project whose things are read: an admin's lists would show everybody's.
    pub(super) fn project(&self) -> Option<ProjectId> {
        self.reader.session().project_id.filter(|_| !self.settings.all_projects)
    }
}
