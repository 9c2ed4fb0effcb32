//! How the versions of a service do beside each other, while an operation brings one in the place of another: what its
//! gates are told, for whoever looks on.
//!
//! Deliberately absent: a verdict. That is [`figures`](crate::operation::figures)' matter, which counts what balancers have
//! counted; here are the graphs' own numbers.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::console::app::cell::{Cell, Tone};
use crate::console::app::followed::Followed;
use crate::console::app::model::Model;
use crate::console::app::screen::TextLine;
use crate::console::app::tables::listed::Listed;
use crate::console::app::tables::load::{errors, hour, number};
use crate::console::app::tables::operation_text::aligned;
use crate::fleet::ServiceKey;
use crate::fleet::metric::{Metric, Subject};
use crate::fleet::version::is_same;

/// More versions than this beside each other are none of one operation.
const MOST: usize = 4;
/// How long it is told after the end.
const AFTERWARDS: Duration = Duration::from_mins(30);

const REQUESTS: &[Metric] = &[Metric::Requests, Metric::Connections];
const RESPONSE: &[Metric] = &[Metric::ResponseMean];

/// A line for each version, the new one first; nothing where the operation brings none, or one runs alone.
pub(super) fn lines(model: &Model, followed: &Followed, now: Timestamp) -> Vec<TextLine> {
    let operation = &followed.operation;
    let told = !operation.is_over() || since(operation.changed, now) < AFTERWARDS;
    let former = operation.plan.former.as_ref().filter(|_| told);
    let Some(service) = former.and_then(|former| model.fleet.service(&former.service)) else { return Vec::new() };
    let new = operation.plan.intent.release.as_ref().and_then(|release| release.version.as_deref());
    let is_new = |version: &str| new.is_some_and(|new| is_same(new, version));
    let mut versions: Vec<(&Arc<str>, usize)> =
        service.versions.iter().filter_map(|(version, count)| Some((version.as_ref()?, *count))).collect();
    versions.sort_by_key(|(version, _)| !is_new(version));
    versions.truncate(MOST);
    if versions.len() < 2 {
        return Vec::new();
    }
    let header = ["VERSION", "ON", "REQ/S", "LAST HOUR", "RESP", "LAST HOUR", "ERRORS"];
    let listed = Listed::of(model);
    let rows = versions.into_iter().map(|(version, count)| {
        let name = Cell::new(version, if is_new(version) { Tone::Accent } else { Tone::Normal });
        row(&listed, &service.key, version, [name, Cell::plain(&format!("×{count}"))])
    });
    let header = header.iter().map(|title| Cell::new(title, Tone::Header)).collect();
    aligned([header].into_iter().chain(rows).collect())
}

fn row(listed: &Listed, key: &ServiceKey, version: &Arc<str>, first: [Cell; 2]) -> Vec<Cell> {
    let subject = Subject::Version(key.clone(), Arc::clone(version));
    let load = [
        number(listed, &subject, REQUESTS),
        hour(listed, &subject, REQUESTS),
        number(listed, &subject, RESPONSE),
        hour(listed, &subject, RESPONSE),
        errors(listed, &subject),
    ];
    first.into_iter().chain(load).collect()
}
