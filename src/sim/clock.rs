//! The simulated cloud's clock: the wall's, a faster one, or one that a test steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::base::clock::{Clock, Pace};
use crate::sim::moment::Moment;

/// Tells the cloud's time. Clones share one clock.
#[derive(Clone, Debug)]
pub struct SimClock {
    wall: Clock,
    pace: Pace,
    /// Milliseconds that steps have added.
    stepped: Arc<AtomicI64>,
}

impl SimClock {
    /// As fast as the wall's.
    pub fn live() -> Self {
        Self::paced(Clock::system(), Pace::REAL)
    }

    /// The cloud's time follows from the wall's by the given pace.
    pub fn paced(wall: Clock, pace: Pace) -> Self {
        Self { wall, pace, stepped: Arc::default() }
    }

    /// Stands still until stepped.
    pub fn stepped(start: Moment) -> Self {
        Self::paced(Clock::manual(start.timestamp()), Pace::REAL)
    }

    /// The time in the cloud.
    pub fn now(&self) -> Moment {
        let paced = Moment::from(self.pace.cloud(self.wall.now()));
        Moment::from_millis(paced.as_millis() + self.stepped.load(Ordering::Relaxed))
    }

    /// Moves the cloud's clock on, whatever drives it.
    pub fn step(&self, by: Duration) {
        self.stepped.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// How many seconds pass in the cloud while one passes on the wall.
    pub fn rate(&self) -> f64 {
        self.pace.rate()
    }
}
