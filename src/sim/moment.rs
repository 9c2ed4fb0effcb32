//! A moment of the simulated cloud's clock, and the ways in which OpenStack's services write one.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// Milliseconds since 1970, in the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// That many milliseconds after 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// So much later.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// So much earlier.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The start of its second: what databases keep of it.
    #[must_use]
    pub fn whole_second(self) -> Self {
        Self(self.0.div_euclid(1000) * 1000)
    }

    /// The moment as other rooms know it.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Reads ISO 8601; without a zone it is UTC, as nova takes it.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(stamp) = text.parse::<Timestamp>() {
            return Some(Self(stamp.as_millisecond()));
        }
        let civil: DateTime = text.parse().ok()?;
        Some(Self(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()))
    }

    /// `2026-11-22T07:53:28Z`: nova's created and updated, glance, neutron.
    pub fn zulu(self) -> Written {
        Written { moment: self, micros: false, zone: true }
    }

    /// `2026-11-22T07:53:29.000000`: nova's launched_at and history.
    pub fn naive_micros(self) -> Written {
        Written { moment: self, micros: true, zone: false }
    }

    /// `2026-11-22T07:43:34`: octavia.
    pub fn naive(self) -> Written {
        Written { moment: self, micros: false, zone: false }
    }

    /// `2026-11-22T09:20:36.000000Z`: keystone.
    pub fn zulu_micros(self) -> Written {
        Written { moment: self, micros: true, zone: true }
    }

    /// `Sun, 22 Nov 2026 11:10:03 GMT`: the `Date` header.
    pub fn http_date(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let seconds = self.0.div_euclid(1000);
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let name = DAYS[usize::try_from(days.rem_euclid(7)).unwrap_or(0)];
        let month = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        format!("{name}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
    }
}

impl From<Timestamp> for Moment {
    fn from(stamp: Timestamp) -> Self {
        Self(stamp.as_millisecond())
    }
}

/// A moment in one service's hand.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    moment: Moment,
    micros: bool,
    zone: bool,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.moment.0.div_euclid(1000);
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.micros {
            f.write_str(".000000")?;
        }
        if self.zone { f.write_str("Z") } else { Ok(()) }
    }
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Year, month and day of a number of days since 1970 (Howard Hinnant's algorithm): a listing writes thousands.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
