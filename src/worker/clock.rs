//! The worker's clock: the wall's time when it began, and what has passed since. Setting the wall's clock moves nothing.

use std::time::Instant;

use crate::base::clock::{Pace, Timestamp, since};
use crate::worker::seams;

/// Runs from the wall's time at a worker's start; in a demo as fast as the simulated cloud.
#[derive(Clone, Copy, Debug)]
pub struct Steady {
    wall: Timestamp,
    began: Instant,
    pace: Pace,
}

impl Steady {
    /// A clock that begins now, which is `wall` on the wall.
    pub fn new(wall: Timestamp, pace: Pace) -> Self {
        Self { wall, began: Instant::now(), pace }
    }
}

impl seams::Clock for Steady {
    fn now(&self) -> Timestamp {
        let passed = self.began.elapsed();
        self.pace.cloud(self.wall.checked_add(passed).unwrap_or(self.wall))
    }

    async fn sleep(&self, until: Timestamp) {
        let left = since(self.now(), until).div_f64(self.pace.rate().max(f64::MIN_POSITIVE));
        tokio::time::sleep(left).await;
    }
}
