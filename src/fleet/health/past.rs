//! How long something has been so already, by what is known of the time before.
//!
//! What began before this console did is not new: its sources tell of the past, too. Means of minutes are read, since a
//! step of ten seconds of few requests says little; what is not so for less than the time over which a look goes does
//! not end it. Where the past ends, or has a gap, before the trouble does, it may have begun earlier.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::fleet::Began;
use crate::series::{Series, Tier};

/// After a longer gap what was before is another story.
const GAP: i64 = 300;

/// What a step of the past was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Clearly so.
    So,
    /// Neither clearly so nor clearly not.
    Wavering,
    /// Clearly not so.
    Not,
}

impl Then {
    /// A value that is so from `limit` on, and clearly not so below `near`.
    pub(super) fn of(value: f64, limit: f64, near: f64) -> Self {
        match value {
            over if over >= limit => Self::So,
            close if close >= near => Self::Wavering,
            _ => Self::Not,
        }
    }
}

/// Since when it is so, by steps of the past, newest first; `None` where none of the last was. It has ended where it was
/// not so for as long as `calm`.
pub(super) fn began(past: impl Iterator<Item = (Timestamp, Tier, Then)>, calm: Duration) -> Option<Began> {
    let (mut earliest, mut later) = (None, Timestamp::MAX);
    // Since when, going back, it is not so.
    let mut well: Option<Timestamp> = None;
    for (at, tier, then) in past {
        if later != Timestamp::MAX && later.as_second() - at.as_second() > GAP.max(2 * tier.step()) {
            break;
        }
        later = at;
        match then {
            Then::So => (earliest, well) = (Some(at), None),
            Then::Wavering => well = None,
            Then::Not => {
                let end = at.as_second() + tier.step();
                let end = *well.get_or_insert(Timestamp::from_second(end).unwrap_or(at));
                if since(at, end) >= calm {
                    break;
                }
            }
        }
    }
    earliest.map(|at| Began { at, maybe_earlier: well.is_none() })
}

/// The same of one series, by the means of its minutes.
pub(super) fn above(series: &Series, limit: f64, near: f64, calm: Duration) -> Option<Began> {
    began(series.back(Tier::Minute).map(|(at, tier, point)| (at, tier, Then::of(point.mean, limit, near))), calm)
}
