//! What time it is in the cloud, as far as its answers tell. Pure.
//!
//! The `Date` header is best. Under uWSGI there is none: then the wall's clock serves, set right by two witnesses. A
//! token tells when it was issued, by Keystone's clock: Nova's is near it. The newest `updated` cannot be later than the
//! answer that carried it. Polls begin earlier by the doubt that remains.

use std::time::Duration;

use crate::base::clock::{Pace, Timestamp};
use crate::watch::inventory::Told;

/// Clocks further apart than this are not believed to be clocks: without a `Date`, a poll begins so much earlier.
const DOUBT: Duration = Duration::from_secs(300);

/// With a token's word for the time of one of the cloud's hosts: its other hosts are not further from that.
const APART: Duration = Duration::from_secs(60);

/// Estimates the cloud's clock.
#[derive(Clone, Debug)]
pub struct CloudTime {
    pace: Pace,
    overlap: Duration,
    /// The cloud's clock is at least so many milliseconds ahead of what `pace` says (or, below zero, behind).
    lead: i64,
    /// It is not believed to be more.
    most: i64,
}

impl CloudTime {
    /// Polls overlap by so much of the cloud's time.
    pub fn new(pace: Pace, overlap: Duration) -> Self {
        Self { pace, overlap: overlap.mul_f64(pace.rate().max(1.0)), lead: -millis(DOUBT), most: millis(DOUBT) }
    }

    /// Takes when a token was issued by the cloud's clock, and when it was here by ours. Right also where our clock is
    /// hours off.
    pub fn signed_in(&mut self, issued: Timestamp, here: Timestamp) {
        let lead = issued.as_millisecond() - self.pace.cloud(here).as_millisecond();
        self.lead = lead.saturating_sub(millis(APART));
        self.most = lead.saturating_add(millis(DOUBT));
    }

    /// Takes the newest `updated` of an answer.
    pub fn learn(&mut self, newest: Option<Timestamp>, sent: Timestamp, took: Duration) {
        let Some(newest) = newest else { return };
        let ended = self.pace.cloud(later(sent, millis(took)));
        let lead = newest.as_millisecond() - ended.as_millisecond();
        self.lead = self.lead.max(lead).min(self.most);
    }

    /// From when on the next poll must ask, so that nothing after this answer's reading can be missed.
    pub fn start_of_next(&self, told: &Told) -> Timestamp {
        let began = match told.date {
            Some(end) => later(end, -millis(told.took.mul_f64(self.pace.rate()))),
            None => later(self.pace.cloud(told.sent), self.lead),
        };
        later(began, -millis(self.overlap))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn later(time: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond().saturating_add(millis)).unwrap_or(time)
}
