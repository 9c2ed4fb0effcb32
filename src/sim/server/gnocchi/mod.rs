//! Gnocchi: instances as resources, their measures, and aggregates over many of them.
//!
//! Ceilometer asks the hypervisors once a minute. The archive policy is ceilometer's `low` with rates, as many have it.

mod operations;
mod search;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::ask::{Ask, Who};
use super::keystone::signed_in;
use super::reply::{Reply, reason};
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::instance::Server;
use crate::sim::world::load::demand::mix;
use operations::Wanted;

/// The metrics of an instance, and their units.
pub(super) const METRICS: [(&str, &str); 6] = [
    ("cpu", "ns"),
    ("memory.usage", "MB"),
    ("network.incoming.bytes", "B"),
    ("network.outgoing.bytes", "B"),
    ("disk.device.read.bytes", "B"),
    ("disk.device.write.bytes", "B"),
];
/// The archive policy's steps in seconds, as answers have them in order.
const STEPS: [i64; 2] = [300, 60];
const METHODS: [&str; 6] = ["rate:mean", "max", "sum", "min", "mean", "count"];

pub(super) fn fault(status: u16, description: &Value) -> Reply {
    Reply::json(status, &json!({"code": status, "title": reason(status), "description": description}))
}

fn missing(what: &str, name: &str) -> Reply {
    fault(404, &json!(format!("{what} {name} does not exist")))
}

pub(super) fn route(world: &World, ask: &Ask) -> Reply {
    let segments = ask.segments();
    if segments.is_empty() {
        let link = json!({"rel": "self", "href": format!("{}/metric/v1/", ask.root)});
        let version = json!({"id": "v1.0", "status": "CURRENT", "updated": "2015-03-19", "links": [link]});
        return Reply::json(200, &json!({"build": "4.4.2", "versions": [version]}));
    }
    let Some(who) = signed_in(world, ask) else { return super::unauthorized(ask) };
    match (&ask.method, segments.as_slice()) {
        (&Method::GET, ["v1", "resource", "instance" | "generic"]) => resources(world, ask, &who, &Value::Null),
        (&Method::POST, ["v1", "search", "resource", "instance" | "generic"]) => {
            let wanted = ask.query("filter").map_or_else(|| ask.json().unwrap_or_default(), |text| json!(text));
            resources(world, ask, &who, &wanted)
        }
        (&Method::GET, ["v1", "resource", "instance" | "generic", id, rest @ ..]) => {
            let ours = |server: &&Server| who.admin() || who.project == Some(server.project);
            match Uid::parse(id).and_then(|id| world.server(id)).filter(ours) {
                Some(server) => below_resource(world, ask, server, rest),
                None => missing("Resource", id),
            }
        }
        (&Method::GET, ["v1", "metric", id, rest @ ..]) => by_metric(world, ask, &who, id, rest),
        (&Method::POST, ["v1", "aggregates"]) => aggregates(world, ask, &who),
        (&Method::GET, ["v1", "archive_policy"]) => Reply::json(200, &json!([policy()])),
        (&Method::GET, ["v1", "archive_policy", "ceilometer-low"]) => Reply::json(200, &policy()),
        (&Method::GET, ["v1", "archive_policy", name]) => missing("Archive policy", name),
        (&Method::GET, ["v1", "capabilities"]) => Reply::json(200, &json!({"aggregation_methods": METHODS})),
        _ => fault(404, &Value::Null),
    }
}

fn policy() -> Value {
    json!({
        "name": "ceilometer-low", "back_window": 0, "aggregation_methods": METHODS,
        "definition": [
            {"timespan": "1 day, 0:00:00", "granularity": "0:01:00", "points": 1440},
            {"timespan": "30 days, 0:00:00", "granularity": "0:05:00", "points": 8640},
        ],
    })
}

/// `2026-11-22T20:44:00+00:00`.
fn stamp(at: Moment) -> String {
    format!("{}+00:00", at.naive())
}

fn metric_id(server: &Server, place: usize) -> Uid {
    let (high, low) = ((server.id.0 >> 64) as u64, server.id.0 as u64);
    let bits = u128::from(mix(high, place as u64 + 11)) << 64 | u128::from(mix(low, place as u64 + 17));
    Uid((bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62))
}

fn resource(world: &World, server: &Server) -> Value {
    let metrics: Map<String, Value> = METRICS
        .iter()
        .enumerate()
        .map(|(place, (name, _))| ((*name).to_owned(), json!(metric_id(server, place))))
        .collect();
    let mut shown = plain(server);
    let more = json!({
        "display_name": server.name, "host": server.host.map(|host| &world.hosts[host].name), "image_ref": server.image,
        "flavor_id": null, "flavor_name": world.flavors[server.flavor].name, "server_group": null,
        "created_at": server.created.zulu(), "launched_at": server.launched.map(Moment::naive_micros), "metrics": metrics,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        shown[key] = value.clone();
    }
    shown
}

fn plain(server: &Server) -> Value {
    json!({
        "id": server.id, "original_resource_id": server.id, "type": "instance", "project_id": server.project.hex(),
        "user_id": server.user.hex(), "started_at": stamp(server.created), "revision_start": stamp(server.created),
        "revision_end": null, "ended_at": server.terminated.map(stamp), "creator": "ceilometer:service",
        "created_by_user_id": "ceilometer", "created_by_project_id": "service",
    })
}

/// The resources that a caller may see and a search finds, oldest first.
fn found<'a>(world: &'a World, who: &Who, wanted: &Value) -> Result<Vec<(&'a Server, Value)>, Reply> {
    let wanted = search::read(wanted).ok_or_else(|| {
        fault(
            400,
            &json!({"cause": "Attribute value error", "reason": "the search is not understood", "detail": wanted}),
        )
    })?;
    let all = world.servers.iter().filter(|server| server.launched.is_some());
    let ours = all.filter(|server| who.admin() || who.project == Some(server.project));
    let rows = ours.map(|server| (server, resource(world, server)));
    Ok(rows.filter(|(_, row)| search::fits(&wanted, row)).collect())
}

fn resources(world: &World, ask: &Ask, who: &Who, wanted: &Value) -> Reply {
    let mut rows: Vec<Value> = match found(world, who, wanted) {
        Ok(rows) => rows.into_iter().map(|(_, row)| row).collect(),
        Err(reply) => return reply,
    };
    if ask.query("sort").is_some_and(|sort| sort.ends_with(":desc")) {
        rows.reverse();
    }
    if let Some(marker) = ask.query("marker") {
        match rows.iter().position(|row| row["id"] == *marker) {
            Some(at) => drop(rows.drain(..=at)),
            None => return fault(400, &json!(format!("Invalid marker: `{marker}'"))),
        }
    }
    let limit = ask.query("limit").and_then(|limit| limit.parse::<usize>().ok()).unwrap_or(1000);
    let full = rows.len() >= limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| full).and_then(|row| row["id"].as_str()).map(str::to_owned);
    let reply = Reply::json(200, &rows);
    let Some(last) = last else { return reply };
    let query = ask.query_with(&["marker", "limit"], &[("limit", &limit.to_string()), ("marker", &last)]);
    reply.with("link", format!("<{}/metric/{}?{query}>; rel=\"next\"", ask.root, ask.path))
}

fn below_resource(world: &World, ask: &Ask, server: &Server, rest: &[&str]) -> Reply {
    let place = |name: &str| METRICS.iter().position(|(other, _)| *other == name);
    match rest {
        [] => Reply::json(200, &resource(world, server)),
        ["metric"] => {
            let all = (0..METRICS.len()).map(|place| metric(server, place));
            Reply::json(200, &all.collect::<Vec<_>>())
        }
        ["metric", name, rest @ ..] => match place(name) {
            Some(place) => below_metric(world, ask, server, place, rest),
            None => missing("Metric", name),
        },
        _ => fault(404, &Value::Null),
    }
}

fn by_metric(world: &World, ask: &Ask, who: &Who, id: &str, rest: &[&str]) -> Reply {
    let wanted = Uid::parse(id);
    let ours = world.servers.iter().filter(|server| who.admin() || who.project == Some(server.project));
    let found = ours.into_iter().find_map(|server| {
        let place = (0..METRICS.len()).find(|place| Some(metric_id(server, *place)) == wanted)?;
        Some((server, place))
    });
    match found {
        Some((server, place)) => below_metric(world, ask, server, place, rest),
        None => missing("Metric", id),
    }
}

fn metric(server: &Server, place: usize) -> Value {
    let (name, unit) = METRICS[place];
    json!({
        "id": metric_id(server, place), "name": name, "unit": unit, "creator": "ceilometer:service", "resource": plain(server),
        "archive_policy": policy(), "created_by_user_id": "ceilometer", "created_by_project_id": "service",
    })
}

fn below_metric(world: &World, ask: &Ask, server: &Server, place: usize, rest: &[&str]) -> Reply {
    match rest {
        [] => Reply::json(200, &metric(server, place)),
        ["measures"] => {
            let method = ask.query("aggregation").unwrap_or("mean");
            if !METHODS.contains(&method) {
                let text =
                    format!("Aggregation method '{method}' for metric {} does not exist", metric_id(server, place));
                return fault(404, &json!(text));
            }
            let span = match Span::read(world, ask) {
                Ok(span) => span,
                Err(reply) => return reply,
            };
            let wanted = Wanted { metric: METRICS[place].0, place, method };
            let all = operations::measures(world, &[server], &[wanted], &span);
            Reply::json(200, &all.first().and_then(|of| of.first()).cloned().unwrap_or_default())
        }
        _ => fault(404, &Value::Null),
    }
}

/// Which time is asked for, and at which steps.
pub(super) struct Span {
    pub(super) from: Moment,
    pub(super) until: Moment,
    /// Seconds.
    pub(super) steps: Vec<i64>,
}

impl Span {
    fn read(world: &World, ask: &Ask) -> Result<Self, Reply> {
        let now = world.now();
        let time = |name: &str, otherwise: Moment| match ask.query(name) {
            None => Ok(otherwise),
            Some(text) => search::moment(text, now)
                .ok_or_else(|| fault(400, &json!(format!("Unable to parse timestamp: {text}")))),
        };
        let from = time("start", world.load.begun)?.max(world.load.begun);
        let until = time("stop", now)?.min(now);
        let steps = match ask.query("granularity").map(str::parse::<f64>) {
            None => STEPS.to_vec(),
            Some(Ok(step)) if STEPS.iter().any(|other| *other as f64 == step) => vec![step as i64],
            Some(asked) => {
                let asked = asked.unwrap_or_default();
                let detail = json!([["cpu", "mean", asked]]);
                let cause = "Metrics can't being aggregated";
                return Err(fault(
                    400,
                    &json!({"cause": cause, "reason": "Granularities are missing", "detail": detail}),
                ));
            }
        };
        Ok(Self { from, until, steps })
    }
}

fn aggregates(world: &World, ask: &Ask, who: &Who) -> Reply {
    let Some(body) = ask.json() else {
        let cause = json!({"cause": "Unable to decode body", "reason": "Unexpected end of the text", "detail": []});
        return fault(400, &cause);
    };
    let Some((over, wanted)) = operations::read(&body["operations"]) else {
        let reason =
            "the simulated cloud knows (metric NAME METHOD), (metric (NAME METHOD)...) and (aggregate METHOD ...)";
        return fault(400, &json!({"cause": "Invalid operations", "reason": reason, "detail": body["operations"]}));
    };
    let unknown: Vec<&String> = wanted
        .iter()
        .filter(|(name, _)| !METRICS.iter().any(|(other, _)| other == name))
        .map(|(name, _)| name)
        .collect();
    let wanted: Vec<Wanted<'_>> = wanted
        .iter()
        .filter_map(|(name, method)| {
            let place = METRICS.iter().position(|(other, _)| other == name)?;
            Some(Wanted { metric: METRICS[place].0, place, method: METHODS.iter().find(|other| *other == method)? })
        })
        .collect();
    let rows = match found(world, who, &body["search"]) {
        Ok(rows) => rows,
        Err(reply) => return reply,
    };
    if rows.is_empty() || wanted.is_empty() {
        let names: Vec<&str> =
            wanted.iter().map(|wanted| wanted.metric).chain(unknown.iter().map(|name| name.as_str())).collect();
        return fault(400, &json!({"cause": "Metrics not found", "detail": names}));
    }
    let span = match Span::read(world, ask) {
        Ok(span) => span,
        Err(reply) => return reply,
    };
    operations::answer(world, &rows, &wanted, over.as_deref(), &span, &ask.queries("groupby").collect::<Vec<_>>())
}
