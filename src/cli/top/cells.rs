//! What is measured, as cells of a table.

use crate::base::clock::{Timestamp, since};
use crate::cli::json::load::{errors_share, meter_id, standing};
use crate::cli::table::Cell;
use crate::cli::verb::instances::age;
use crate::fleet::Load;
use crate::fleet::metric::words::{share, short};
use crate::fleet::metric::{Metric, Subject};

/// The headings of [`row`].
pub(super) const HEADINGS: [&str; 15] = [
    "REQ/S", "ERR/S", "ERR", "MEAN", "P50", "P95", "P99", "CONN/S", "ACTIVE", "CPU", "MEM", "IN/S", "OUT/S", "SOURCES",
    "AGE",
];

/// All that is measured of a subject, who told it, and how old the newest is.
pub(super) fn row(load: &Load, subject: &Subject, now: Timestamp) -> Vec<Cell> {
    let value = |metric| value(load, subject, metric, now);
    let newest = Metric::ALL.into_iter().filter_map(|metric| standing(load, subject, metric, now)).map(|told| told.at);
    vec![
        value(Metric::Requests),
        value(Metric::Errors),
        errors(load, subject, now),
        value(Metric::ResponseMean),
        value(Metric::ResponseP50),
        value(Metric::ResponseP95),
        value(Metric::ResponseP99),
        value(Metric::Connections),
        value(Metric::Active),
        value(Metric::Cpu),
        value(Metric::Memory),
        value(Metric::Received),
        value(Metric::Sent),
        Cell::text(&sources(load, subject, now)),
        Cell::maybe_number(newest.max().map(|at| age(since(at, now)))),
    ]
}

/// A metric that somebody tells now.
pub fn value(load: &Load, subject: &Subject, metric: Metric, now: Timestamp) -> Cell {
    // One word: whoever counts columns counts blanks.
    let word = |value| short(metric, value).replace(' ', "");
    Cell::maybe_number(standing(load, subject, metric, now).map(|told| word(told.reading.value)))
}

/// The share of requests that fail.
pub fn errors(load: &Load, subject: &Subject, now: Timestamp) -> Cell {
    Cell::maybe_number(errors_share(load, subject, now).map(|failed| share(failed).replace(' ', "")))
}

/// Who tells, each once, in the order of what they tell.
fn sources(load: &Load, subject: &Subject, now: Timestamp) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for told in Metric::ALL.into_iter().filter_map(|metric| standing(load, subject, metric, now)) {
        let id = meter_id(told.reading.meter);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.join(",")
}
