//! Which graphs a service and an instance have, and their lines.

use std::sync::Arc;

use crate::base::text::{sanitise, width};
use crate::console::app::graphs::Axis;
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::console::app::trail::InstanceTab;
use crate::fleet::ServiceKey;
use crate::fleet::metric::words::Unit;
use crate::fleet::metric::{Meter, MeterStanding, MeterState, Metric, Subject, words};

/// More lines than this nobody tells apart; the versions that fewest run go first.
const LINES: usize = 4;

/// A graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// Its lines, the first the most important.
    pub lines: Vec<Line>,
    /// Where the axis ends, and half of it: the value, and how it is written. It begins at nothing.
    pub end: (f64, String),
    /// The middle of the axis, as it is written.
    pub middle: String,
    /// Who measured; empty for nobody.
    pub by: &'static str,
    /// Said instead of lines: why there are none.
    pub empty: String,
}

/// At least so many lines are drawn, whether or not there is room to name them: a canary beside what is stable.
const FEWEST: usize = 2;

/// Columns of most values, with the unit.
const USUAL: u16 = 6;

/// A line of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Which one it is; empty where there is one alone.
    pub name: String,
    /// The value that is read, as it is written: at the cursor, or the newest that stands.
    pub value: String,
    /// Each dot.
    pub dots: Vec<Option<f64>>,
}

impl Line {
    /// Columns that its sign, its name and its value take in a heading.
    pub fn columns(&self) -> u16 {
        let name = if self.name.is_empty() { 0 } else { columns(&self.name) + 1 };
        2 + name + columns(&self.value)
    }
}

/// What is asked of a graph: lines by name, each the first of some metrics that is measured.
pub(super) struct Wanted {
    title: &'static str,
    lines: Vec<(String, Subject, &'static [Metric])>,
}

const REQUESTS: &[Metric] = &[Metric::Requests, Metric::Connections, Metric::Active];
const RESPONSE: &[Metric] = &[Metric::ResponseP95, Metric::ResponseMean];

/// The graphs of a pane, the most important first; `None` where it has none.
pub(super) fn wanted(model: &Model, pane: &PaneId) -> Option<Vec<Wanted>> {
    match pane {
        PaneId::Graphs(key) => Some(of_service(model, key)),
        PaneId::Instance(id, InstanceTab::Graphs) => Some(of_instance(&Subject::Instance(id.clone()))),
        _ => None,
    }
}

fn of_service(model: &Model, key: &ServiceKey) -> Vec<Wanted> {
    let whole = Subject::Service(key.clone());
    let versions = versions(model, key);
    let each = |title, metrics: &'static [Metric]| {
        let known = |subject: &Subject| metrics.iter().any(|metric| is_known(model, subject, *metric));
        let of = |version: &Arc<str>| Subject::Version(key.clone(), Arc::clone(version));
        let split: Vec<_> =
            versions.iter().map(|version| (sanitise(version).into_owned(), of(version), metrics)).collect();
        let split: Vec<_> = split.into_iter().filter(|(_, subject, _)| known(subject)).collect();
        // What is not told by version is told of all.
        let lines = if split.len() > 1 { split } else { vec![(String::new(), whole.clone(), metrics)] };
        Wanted { title, lines }
    };
    let mut response = each("Response", RESPONSE);
    if response.lines.len() > 1 {
        // Nobody tells a version's percentiles; the service's are those of its slowest.
        response.lines.push(("p95".to_owned(), whole.clone(), &[Metric::ResponseP95]));
    } else {
        response = several("Response", &whole, times(model, &whole));
    }
    vec![
        each("Requests/s", REQUESTS),
        response,
        each("Errors/s", &[Metric::Errors]),
        each("CPU", &[Metric::Cpu]),
        each("Memory", &[Metric::Memory]),
        several("Network/s", &whole, &NETWORK),
    ]
}

/// Lines by name, each the first of some metrics that is measured.
type Named = (&'static str, &'static [Metric]);

const TIMES: [Named; 4] = [
    ("p95", &[Metric::ResponseP95]),
    ("mean", &[Metric::ResponseMean]),
    ("p50", &[Metric::ResponseP50]),
    ("p99", &[Metric::ResponseP99]),
];
/// Where nobody tells percentiles of requests, those of our own checks.
const CHECKED_TIMES: [Named; 4] = [
    ("mean", &[Metric::ResponseMean]),
    ("check p95", &[Metric::ProbeP95]),
    ("check p50", &[Metric::ProbeP50]),
    ("check p99", &[Metric::ProbeP99]),
];
const OWN_TIMES: [Named; 3] =
    [("mean", &[Metric::ResponseMean]), ("p95", &[Metric::ResponseP95]), ("check", &[Metric::ProbeTime])];
const NETWORK: [Named; 2] = [("in", &[Metric::Received]), ("out", &[Metric::Sent])];
const DISK: [Named; 2] = [("read", &[Metric::DiskRead]), ("written", &[Metric::DiskWritten])];

fn of_instance(subject: &Subject) -> Vec<Wanted> {
    let one = |title, metrics| Wanted { title, lines: vec![(String::new(), subject.clone(), metrics)] };
    vec![
        one("CPU", &[Metric::Cpu]),
        one("Requests/s", REQUESTS),
        several("Response", subject, &OWN_TIMES),
        one("Memory", &[Metric::Memory]),
        several("Network/s", subject, &NETWORK),
        several("Disk/s", subject, &DISK),
    ]
}

fn times(model: &Model, whole: &Subject) -> &'static [Named] {
    if is_known(model, whole, Metric::ResponseP95) { &TIMES } else { &CHECKED_TIMES }
}

fn several(title: &'static str, subject: &Subject, lines: &[Named]) -> Wanted {
    let lines = lines.iter().map(|(name, metrics)| ((*name).to_owned(), subject.clone(), *metrics)).collect();
    Wanted { title, lines }
}

/// The versions that run, most first; none where one runs alone.
fn versions(model: &Model, key: &ServiceKey) -> Vec<Arc<str>> {
    let service = model.fleet.service(key).filter(|service| service.versions.len() > 1);
    let versions = service.into_iter().flat_map(|service| &service.versions);
    versions.filter_map(|(version, _)| version.clone()).take(LINES).collect()
}

fn is_known(model: &Model, subject: &Subject, metric: Metric) -> bool {
    model.condition.load().known(subject).any(|(known, _)| known == metric)
}

/// A graph as it is drawn.
pub(super) fn chart(model: &Model, wanted: &Wanted, axis: &Axis, cursor: Option<usize>, width: u16) -> Chart {
    let load = model.condition.load();
    let mut metric = wanted.lines.first().and_then(|(_, _, metrics)| metrics.first()).copied().unwrap_or(Metric::Cpu);
    let (mut lines, mut meter) = (Vec::new(), None);
    for (name, subject, metrics) in &wanted.lines {
        let graphs =
            metrics.iter().filter_map(|metric| Some((*metric, load.graph(subject, *metric, &axis.grid, axis.now)?)));
        let Some((of, graph)) = graphs.into_iter().next() else { continue };
        let dots: Vec<Option<f64>> = axis.known(graph.columns).into_iter().map(|point| point.map(|p| p.mean)).collect();
        let value = match cursor {
            Some(at) => dots.get(at).copied().flatten(),
            None => load
                .series(subject, of, axis.now)
                .and_then(|(_, series)| series.newest().filter(|_| series.is_fresh(axis.now)).map(|(value, _)| value)),
        };
        metric = if lines.is_empty() { of } else { metric };
        meter = meter.or(Some(graph.meter));
        let value = value.map_or_else(|| "–".to_owned(), |value| words::short(of, value));
        lines.push(Line { name: name.clone(), value, dots });
    }
    // Nothing to tell it from.
    if let ([line], 1) = (lines.as_mut_slice(), wanted.lines.len()) {
        line.name.clear();
    }
    let (title, by) = (title(wanted.title, metric), meter.map_or("", Meter::word));
    // A line that cannot be named says nothing, and gives way; before the second does, the source does.
    let by = if named(title, &lines, by, width) < lines.len().min(FEWEST) { "" } else { by };
    lines.truncate(named(title, &lines, by, width).max(FEWEST));
    let most = lines.iter().flat_map(|line| &line.dots).flatten().copied().fold(0.0, f64::max);
    let (end, half) = words::axis(metric, most);
    Chart {
        title,
        end: (end, words::short(metric, end)),
        middle: words::short(metric, half),
        by,
        empty: if lines.is_empty() { why_empty(model, wanted) } else { String::new() },
        lines,
    }
}

/// How many lines a heading has room to name, as wide as their values mostly are: else they would come and go with a
/// digit.
fn named(title: &str, lines: &[Line], by: &str, width: u16) -> usize {
    let by = if by.is_empty() { 0 } else { columns(by) + 1 };
    let mut room = i32::from(width) - i32::from(columns(title) + by);
    let fits = |line: &&Line| {
        room -= 2 + i32::from(line.columns() + USUAL.saturating_sub(columns(&line.value)));
        room >= 0
    };
    lines.iter().take_while(fits).count()
}

fn columns(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

/// Where nobody counts requests, something else is shown in their place.
fn title(title: &'static str, metric: Metric) -> &'static str {
    match metric {
        Metric::Connections => "Connections/s",
        Metric::Active => "Active connections",
        _ => title,
    }
}

fn why_empty(model: &Model, wanted: &Wanted) -> String {
    let meters = model.condition.meters();
    if let Some(lack) = lack(model, wanted) {
        return sanitise(lack).into_owned();
    }
    let silent = meters.iter().find(|state| matches!(state.standing, MeterStanding::Silent(..)));
    let is_awaited = |state: &MeterState| !matches!(state.standing, MeterStanding::Answers(_));
    let awaited = meters.iter().all(is_awaited);
    match silent {
        Some(state) => format!("{} does not answer", state.meter.title()),
        None if awaited => "waiting for the first measures".to_owned(),
        None => "nobody measures this: see stackdeck doctor".to_owned(),
    }
}

/// What those who could measure it say of this very service.
fn lack<'a>(model: &'a Model, wanted: &Wanted) -> Option<&'a str> {
    let (_, subject, metrics) = wanted.lines.first()?;
    let key = service(model, subject)?;
    let could = |state: &&MeterState| metrics.first().is_some_and(|metric| could_tell(state.meter, *metric));
    let lacks = model.condition.meters().iter().filter(could).flat_map(|state| &state.lacks);
    lacks.filter(|lack| lack.service.as_ref() == Some(key)).map(|lack| lack.why.as_str()).next()
}

/// Who knows requests sits before the instances, who knows what these use sits below them.
fn could_tell(meter: Meter, metric: Metric) -> bool {
    let used = matches!(metric.unit(), Unit::Share | Unit::Bytes);
    match meter {
        Meter::Octavia | Meter::Balancer => !used,
        Meter::Gnocchi | Meter::Nova => used,
        Meter::Prometheus => true,
        Meter::Probe => false,
    }
}

fn service<'a>(model: &'a Model, subject: &'a Subject) -> Option<&'a ServiceKey> {
    match subject {
        Subject::Service(key) | Subject::Version(key, _) => Some(key),
        Subject::Instance(id) => {
            let member = model.fleet.member(id)?;
            model.fleet.services.get(member.service).map(|service| &service.key)
        }
        Subject::Host(_) => None,
    }
}
