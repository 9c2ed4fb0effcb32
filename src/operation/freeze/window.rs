//! When a freeze holds: from one moment to another, or week by week by the clock of a time zone.
//!
//! Its end is exclusive. Where clocks are put on or back, a window that begins or ends in that hour is the longer one: it
//! begins the first time that its clock is there, and ends the last time. An hour that is left out counts as the moment
//! in which it would begin.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{ToSpan as _, Zoned};

use crate::base::clock::Timestamp;

/// When a freeze holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// From one moment to another.
    Once {
        /// Its first moment.
        from: Timestamp,
        /// The first moment behind it.
        to: Timestamp,
        /// In whose clock it is told.
        zone: TimeZone,
    },
    /// Week by week.
    Weekly(Weekly),
    /// Always: nobody could read when.
    Unread {
        /// What is wrong with it, and where.
        why: String,
    },
}

/// A window that comes back each week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins on these.
    pub from: Time,
    /// When it ends.
    pub to: Time,
    /// So many days after that on which it has begun; at most seven.
    pub after: i8,
    /// Whose clock tells.
    pub zone: TimeZone,
}

/// When a window that holds is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Then.
    At(Zoned),
    /// Not by itself.
    Never,
}

impl Window {
    /// When it is over, if it holds at that moment.
    pub fn end(&self, at: Timestamp) -> Option<End> {
        match self {
            Window::Once { from, to, zone } => (*from <= at && at < *to).then(|| End::At(to.to_zoned(zone.clone()))),
            Window::Weekly(weekly) => weekly.end(at),
            Window::Unread { .. } => Some(End::Never),
        }
    }
}

/// More of them in a row fill the week.
const IN_A_ROW: usize = 8;

/// Which of two moments at which a clock shows the same.
#[derive(Clone, Copy)]
enum Pass {
    First,
    Last,
}

impl Weekly {
    /// Windows that follow one another without a gap are one.
    fn end(&self, at: Timestamp) -> Option<End> {
        let mut end = self.of_one(at)?;
        for _ in 0..IN_A_ROW {
            match self.of_one(end) {
                Some(later) => end = later,
                None => return Some(End::At(end.to_zoned(self.zone.clone()))),
            }
        }
        Some(End::Never)
    }

    /// The end of the one that holds at that moment; of several, the last.
    fn of_one(&self, at: Timestamp) -> Option<Timestamp> {
        let today = at.to_zoned(self.zone.clone()).date();
        // One begins at most a week before; and a clock that is put back at midnight has seen tomorrow already.
        let days = (-1..=8).filter_map(|back: i64| today.checked_sub(back.days()).ok());
        let begins = days.filter(|day| self.days.contains(&day.weekday()));
        let held = begins.filter_map(|day| self.on(day)).filter(|(from, to)| *from <= at && at < *to);
        held.map(|(_, to)| to).max()
    }

    /// The one that begins on that day.
    fn on(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let last = day.checked_add(self.after.days()).ok()?;
        let from = self.moment(day.to_datetime(self.from), Pass::First)?;
        Some((from, self.moment(last.to_datetime(self.to), Pass::Last)?))
    }

    fn moment(&self, at: DateTime, pass: Pass) -> Option<Timestamp> {
        let told = self.zone.to_ambiguous_timestamp(at);
        match (told.offset(), pass) {
            (AmbiguousOffset::Gap { .. }, _) => {
                let before = told.earlier().ok()?;
                self.zone.following(before).next().map(|turn| turn.timestamp())
            }
            (_, Pass::First) => told.earlier().ok(),
            (_, Pass::Last) => told.later().ok(),
        }
    }
}
