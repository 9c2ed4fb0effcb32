//! What time it is, and what time it is in the cloud.
//!
//! Pure rooms read no clock: they are handed a [`Timestamp`]. The edges ask a [`Clock`], which a test can set.
//! A demo's cloud may run faster than the wall's: [`Pace`] translates. Freshness and polling are wall time;
//! ages of what the cloud tells (created, updated, a fault's time) are cloud time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

pub use jiff::Timestamp;

/// Tells the wall's time, or the time that a test has set.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(start.as_millisecond()))))
    }

    /// The time now. A manual clock has millisecond resolution.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Timestamp::now(),
            Some(millis) => {
                Timestamp::from_millisecond(millis.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }
    }

    /// Moves a manual clock on; the machine's clock stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Some(millis) = &self.0 {
            millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }
}

/// How the cloud's time follows from the wall's: an origin on both sides, and a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    wall: Timestamp,
    cloud: Timestamp,
    rate: f64,
}

impl Pace {
    /// The cloud's clock is the wall's.
    pub const REAL: Pace = Pace { wall: Timestamp::UNIX_EPOCH, cloud: Timestamp::UNIX_EPOCH, rate: 1.0 };

    /// At `wall` it was `cloud` in the cloud, and since then its time runs `rate` times as fast.
    pub fn scaled(wall: Timestamp, cloud: Timestamp, rate: f64) -> Self {
        Self { wall, cloud, rate }
    }

    /// The cloud's time at the given time of the wall.
    pub fn cloud(&self, wall: Timestamp) -> Timestamp {
        let since = (wall.as_millisecond() - self.wall.as_millisecond()) as f64 * self.rate;
        Timestamp::from_millisecond(self.cloud.as_millisecond() + since as i64).unwrap_or(wall)
    }

    /// How many seconds pass in the cloud while one passes on the wall.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

/// As [`Pace`] is written for another process: `WALL/CLOUD/RATE`.
impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.wall, self.cloud, self.rate)
    }
}

impl std::str::FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not WALL/CLOUD/RATE");
        let mut parts = text.split('/');
        let mut part = || parts.next().ok_or_else(wrong);
        let wall = part()?.parse().map_err(|_| wrong())?;
        let cloud = part()?.parse().map_err(|_| wrong())?;
        let rate = part()?.parse().map_err(|_| wrong())?;
        Ok(Self { wall, cloud, rate })
    }
}

/// A time as people write it: `90s`, `15m`, `1h 30m`, `2d`; a bare number is seconds. `None` for anything else.
pub fn read_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let read = text.parse::<jiff::Span>().ok()?.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(read).ok()
}

/// `later - earlier`, or zero when it would be negative: clocks of several machines disagree.
pub fn since(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(later.as_millisecond() - earlier.as_millisecond()).unwrap_or(0))
}

/// How a time is kept on disk, as numbers: they are read many times as fast as its text. For `#[serde(with)]`.
pub mod numbers {
    use super::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Seconds and nanoseconds.
    pub fn serialize<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        time.map(|time| (time.as_second(), time.subsec_nanosecond())).serialize(to)
    }

    /// From seconds and nanoseconds.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let parts = Option::<(i64, i32)>::deserialize(from)?;
        parts.map(|(seconds, nanos)| Timestamp::new(seconds, nanos).map_err(D::Error::custom)).transpose()
    }
}
