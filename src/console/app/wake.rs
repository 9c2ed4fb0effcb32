//! When something on the screen changes by time alone, so that the loop can sleep until then.

use std::time::Duration;

use crate::base::clock::{Pace, Timestamp, since};
use crate::console::app::changes;
use crate::console::app::model::Model;
use crate::console::app::screen::status;
use crate::console::app::update::measure;

/// How long nothing changes by itself: a [`Msg::Tick`](crate::console::app::msg::Msg::Tick) is due then.
pub fn next_wake(model: &Model, now: Timestamp) -> Option<Duration> {
    // The clock in the header, and the ages in tables, show minutes: the cloud's.
    let pace = model.pace();
    let minutes = [minute(now), on_the_wall(minute(pace.cloud(now)), pace)];
    let absence = model.start.absence.saturating_sub(since(model.last_key, now));
    let ages = status::freshnesses(model).into_iter().filter_map(|freshness| freshness.next_change(now));
    let reasons = status::next_reason(model, now);
    let operations = status::next_step(model, now);
    let notice = model.notices.remaining(now);
    let strip = model.strip_next.as_ref().map(|(_, due)| since(now, *due).max(Duration::from_millis(1)));
    let look = measure::next_look(model);
    let save = changes::next_save(model).map(|left| left.max(Duration::from_millis(1)));
    let wakes = minutes
        .into_iter()
        .chain([absence])
        .chain(ages)
        .chain(reasons)
        .chain(operations)
        .chain(notice)
        .chain(strip)
        .chain(look)
        .chain(save);
    wakes.filter(|wake| !wake.is_zero()).min()
}

/// How long the minute still lasts.
fn minute(now: Timestamp) -> Duration {
    Duration::from_millis(60_000 - u64::try_from(now.as_millisecond().rem_euclid(60_000)).unwrap_or(0))
}

/// How long we wait for what takes so long in the cloud.
pub(super) fn on_the_wall(left: Duration, pace: Pace) -> Duration {
    left.div_f64(pace.rate().max(0.001)).max(Duration::from_millis(1))
}
