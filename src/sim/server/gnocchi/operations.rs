//! Gnocchi's operations, and the measures that they are made of.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{METHODS, Span, stamp};
use crate::sim::moment::Moment;
use crate::sim::server::reply::Reply;
use crate::sim::world::World;
use crate::sim::world::instance::Server;
use crate::sim::world::load::Guest;

/// Seconds from one look of ceilometer's to the next.
const POLL: i64 = 60;

/// A metric and how it is aggregated in time.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) metric: &'static str,
    /// Which of [`super::METRICS`].
    pub(super) place: usize,
    pub(super) method: &'a str,
}

/// Begin of a step, its length, its value.
type Point = (i64, i64, f64);

/// A method over all resources, if any; names of metrics and their methods.
type Operations = (Option<String>, Vec<(String, String)>);

/// What is wanted: metrics with their methods, and a method over all resources, if any.
pub(super) fn read(operations: &Value) -> Option<Operations> {
    let parsed;
    let operations = match operations {
        Value::String(text) => {
            parsed = expression(text)?;
            &parsed
        }
        other => other,
    };
    let list = operations.as_array()?;
    match (list.first()?.as_str()?, &list[1..]) {
        ("aggregate", [method, inner]) => {
            let (over, wanted) = read(inner)?;
            over.is_none().then_some((Some(method.as_str()?.to_owned()), wanted))
        }
        ("metric", [Value::String(name), Value::String(method)]) => Some((None, vec![(name.clone(), method.clone())])),
        ("metric", pairs) => {
            let pair = |pair: &Value| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.as_str()?.to_owned()));
            Some((None, pairs.iter().map(pair).collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// `(aggregate mean (metric cpu rate:mean))` as lists.
fn expression(text: &str) -> Option<Value> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut open: Vec<Vec<Value>> = vec![Vec::new()];
    for word in spaced.split_whitespace() {
        match word {
            "(" => open.push(Vec::new()),
            ")" => {
                let done = open.pop()?;
                open.last_mut()?.push(Value::Array(done));
            }
            word => open.last_mut()?.push(json!(word)),
        }
    }
    let whole = open.pop().filter(|_| open.is_empty())?;
    whole.into_iter().next()
}

/// The measures of servers: by server, by what is wanted.
pub(super) fn measures(world: &World, servers: &[&Server], wanted: &[Wanted<'_>], span: &Span) -> Vec<Vec<Vec<Value>>> {
    points(world, servers, wanted, span)
        .into_iter()
        .map(|of| of.into_iter().map(|points| points.into_iter().map(shown).collect()).collect())
        .collect()
}

fn shown((at, step, value): Point) -> Value {
    json!([stamp(Moment::from_millis(at * 1000)), step as f64, value])
}

fn points(world: &World, servers: &[&Server], wanted: &[Wanted<'_>], span: &Span) -> Vec<Vec<Vec<Point>>> {
    let widest = span.steps.iter().copied().max().unwrap_or(POLL);
    let first = span.from.as_millis().div_euclid(widest * 1000) * widest;
    // One look before: rates need it.
    let times: Vec<Moment> = (first / POLL - 1..=span.until.as_millis() / 1000 / POLL)
        .map(|minute| Moment::from_millis((minute * POLL + 17) * 1000))
        .filter(|at| *at >= world.load.begun && *at <= span.until)
        .collect();
    let looks = world.guests_over(servers, &times);
    let of =
        |looks: &Vec<Option<Guest>>| wanted.iter().map(|wanted| fold(&times, looks, *wanted, span)).collect::<Vec<_>>();
    looks.iter().map(of).collect()
}

/// Looks become steps.
fn fold(times: &[Moment], looks: &[Option<Guest>], wanted: Wanted<'_>, span: &Span) -> Vec<Point> {
    let value = |guest: &Guest| match wanted.place {
        0 => (guest.cpu_seconds * 1e9).floor(),
        1 => (guest.memory / 1_048_576.0).floor(),
        2 => guest.received.floor(),
        3 => guest.sent.floor(),
        4 => guest.disk_read.floor(),
        _ => guest.disk_written.floor(),
    };
    let mut seen: Vec<(Moment, f64)> = Vec::with_capacity(times.len());
    let mut before: Option<f64> = None;
    for (at, guest) in times.iter().zip(looks) {
        let Some(now) = guest.as_ref().map(value) else { continue };
        match wanted.method {
            "rate:mean" => seen.extend(before.map(|before| (*at, now - before))),
            _ => seen.push((*at, now)),
        }
        before = Some(now);
    }
    let mut points = Vec::new();
    for step in &span.steps {
        let mut steps: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for (at, value) in &seen {
            let start = at.as_millis().div_euclid(step * 1000) * step;
            if start * 1000 >= span.from.as_millis().div_euclid(step * 1000) * step * 1000 {
                steps.entry(start).or_default().push(*value);
            }
        }
        points.extend(steps.into_iter().map(|(at, values)| (at, *step, reduce(wanted.method, &values))));
    }
    points
}

fn reduce(method: &str, values: &[f64]) -> f64 {
    let sum: f64 = values.iter().sum();
    match method {
        "max" => values.iter().copied().fold(f64::MIN, f64::max),
        "min" => values.iter().copied().fold(f64::MAX, f64::min),
        "sum" => sum,
        "count" => values.len() as f64,
        _ => sum / values.len().max(1) as f64,
    }
}

/// The answer to a request for aggregates.
pub(super) fn answer(
    world: &World,
    rows: &[(&Server, Value)],
    wanted: &[Wanted<'_>],
    over: Option<&str>,
    span: &Span,
    group_by: &[&str],
) -> Reply {
    if over.is_some_and(|method| !METHODS.contains(&method)) {
        let cause = json!({"cause": "Invalid operations", "reason": "no such method", "detail": over});
        return super::fault(400, &cause);
    }
    let servers: Vec<&Server> = rows.iter().map(|(server, _)| *server).collect();
    let all = points(world, &servers, wanted, span);
    let together = |places: &[usize]| json!({"measures": whole(&servers, &all, wanted, over, places)});
    if group_by.is_empty() {
        return Reply::json(200, &together(&(0..servers.len()).collect::<Vec<_>>()));
    }
    let mut groups: Vec<(Value, Vec<usize>)> = Vec::new();
    for (place, (_, row)) in rows.iter().enumerate() {
        let of: Map<String, Value> = group_by.iter().map(|name| ((*name).to_owned(), row[*name].clone())).collect();
        let of = Value::Object(of);
        match groups.iter_mut().find(|(other, _)| group_by.first() != Some(&"id") && *other == of) {
            Some((_, places)) => places.push(place),
            None => groups.push((of, vec![place])),
        }
    }
    let shown: Vec<Value> =
        groups.iter().map(|(group, places)| json!({"group": group, "measures": together(places)})).collect();
    Reply::json(200, &shown)
}

fn whole(
    servers: &[&Server],
    all: &[Vec<Vec<Point>>],
    wanted: &[Wanted<'_>],
    over: Option<&str>,
    places: &[usize],
) -> Value {
    let Some(over) = over else {
        let mut shown = Map::new();
        for place in places {
            let mut metrics = Map::new();
            for (wanted, points) in wanted.iter().zip(&all[*place]).filter(|(_, points)| !points.is_empty()) {
                let points: Vec<Value> = points.iter().copied().map(self::shown).collect();
                let slot = metrics.entry(wanted.metric).or_insert_with(|| json!({}));
                slot[wanted.method] = json!(points);
            }
            if !metrics.is_empty() {
                shown.insert(servers[*place].id.to_string(), Value::Object(metrics));
            }
        }
        return Value::Object(shown);
    };
    let mut steps: BTreeMap<(i64, i64), Vec<f64>> = BTreeMap::new();
    for (at, step, value) in places.iter().flat_map(|place| all[*place].iter().flatten()).copied() {
        steps.entry((-step, at)).or_default().push(value);
    }
    // As gnocchi does: a step that not every series has is left out.
    let series = places.iter().flat_map(|place| &all[*place]).filter(|points| !points.is_empty()).count();
    let aggregated: Vec<Value> = steps
        .into_iter()
        .filter(|(_, values)| values.len() == series)
        .map(|((step, at), values)| shown((at, -step, reduce(over, &values))))
        .collect();
    json!({"aggregated": aggregated})
}
