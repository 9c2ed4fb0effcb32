//! What is measured, as cells of tables: numbers, and small graphs of the last hour.

use crate::console::app::cell::{Cell, Tone};
use crate::console::app::column::SortKey;
use crate::console::app::tables::listed::Listed;
use crate::fleet::metric::{Metric, Subject, words};

/// Signs of a small graph: each is five minutes of the hour.
pub(super) const SIGNS: usize = 12;
/// The same for a column.
pub(super) const WIDTH: u16 = 12;

/// One eighth of a line after the other.
const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The first of some metrics that is measured.
pub(super) fn number(listed: &Listed, subject: &Subject, metrics: &[Metric]) -> Cell {
    let known = metrics.iter().find_map(|metric| Some((*metric, listed.measured(subject, *metric)?)));
    known.map_or_else(Cell::missing, |(metric, value)| Cell::plain(&words::short(metric, value)))
}

/// What that is sorted by.
pub(super) fn key(listed: &Listed, subject: &Subject, metrics: &[Metric]) -> SortKey {
    let known = metrics.iter().find_map(|metric| listed.measured(subject, *metric));
    known.map_or(SortKey::Missing, order)
}

/// The share of requests that fail; nothing of nothing is not told.
pub(super) fn failing(listed: &Listed, subject: &Subject) -> Option<f64> {
    let all = listed.measured(subject, Metric::Requests).filter(|all| *all > 0.0)?;
    Some((listed.measured(subject, Metric::Errors)? / all).min(1.0))
}

/// That share as a cell.
pub(super) fn errors(listed: &Listed, subject: &Subject) -> Cell {
    match failing(listed, subject) {
        None => Cell::missing(),
        Some(share) if share < 0.000_5 => Cell::new("0 %", Tone::Dim),
        Some(share) => {
            let tone = match share {
                many if many >= 0.1 => Tone::Bad,
                some if some >= 0.01 => Tone::Warn,
                _ => Tone::Normal,
            };
            Cell::new(&words::share(share), tone)
        }
    }
}

/// What that is sorted by.
pub(super) fn errors_key(listed: &Listed, subject: &Subject) -> SortKey {
    failing(listed, subject).map_or(SortKey::Missing, order)
}

/// The last hour of the first of some metrics that is measured, from nothing up to its own greatest; a gap is a blank.
pub(super) fn hour(listed: &Listed, subject: &Subject, metrics: &[Metric]) -> Cell {
    let known = metrics.iter().find_map(|metric| listed.hour(subject, *metric, SIGNS));
    known.map_or_else(Cell::missing, |columns| {
        let most = columns.iter().flatten().copied().fold(0.0, f64::max);
        Cell::new(&bars(&columns, most), Tone::Accent)
    })
}

/// Bars, each as high as its value is of the greatest; a gap is a blank.
pub(super) fn bars(columns: &[Option<f64>], most: f64) -> String {
    let bar = |value: &Option<f64>| match value {
        None => ' ',
        Some(_) if most <= 0.0 => EIGHTHS[0],
        Some(value) => EIGHTHS[((value / most * 7.0).round() as usize).min(7)],
    };
    columns.iter().map(bar).collect()
}

/// Numbers are sorted to a thousandth.
fn order(value: f64) -> SortKey {
    SortKey::Number((value * 1e6).min(9e18) as i64)
}
