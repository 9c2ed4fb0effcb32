//! When something on the screen changes by time alone, so that the loop can sleep until then.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::console::app::model::Model;
use crate::console::app::screen::status;

/// How long nothing changes by itself: a [`Msg::Tick`](crate::console::app::msg::Msg::Tick) is due then.
pub fn next_wake(model: &Model, now: Timestamp) -> Option<Duration> {
    // The clock in the header, and the ages in tables, show minutes.
    let minute = 60_000 - u64::try_from(now.as_millisecond().rem_euclid(60_000)).unwrap_or(0);
    let absence = model.start.absence.saturating_sub(since(model.last_key, now));
    let ages = status::freshnesses(model).into_iter().filter_map(|freshness| freshness.next_change(now));
    let reasons = status::next_reason(model, now);
    let operations = status::next_step(model, now);
    let notice = model.notices.remaining(now);
    let strip = model.strip_next.as_ref().map(|(_, due)| since(now, *due).max(Duration::from_millis(1)));
    let wakes = [Duration::from_millis(minute), absence]
        .into_iter()
        .chain(ages)
        .chain(reasons)
        .chain(operations)
        .chain(notice)
        .chain(strip);
    wakes.filter(|wake| !wake.is_zero()).min()
}
