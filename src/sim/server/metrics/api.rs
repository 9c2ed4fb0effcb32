//! Prometheus' HTTP API, as far as a client needs it. It asks for no token: [`super::aetos`] does.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::promql::{self, Refused, Row, Value};
use super::scrape;
use crate::sim::moment::Moment;
use crate::sim::server::ask::{Ask, parse_query};
use crate::sim::server::reply::Reply;
use crate::sim::world::World;

/// Prometheus' own limit.
const MOST_STEPS: i64 = 11_000;

fn refused(status: u16, kind: &str, text: &str) -> Reply {
    Reply::json(status, &json!({"status": "error", "errorType": kind, "error": text}))
}

pub(in crate::sim::server) fn fault(status: u16, message: &str) -> Reply {
    let kind = match status {
        400 => "bad_data",
        422 => "execution",
        404 => "not_found",
        503 => "unavailable",
        _ => "internal",
    };
    refused(status, kind, message)
}

fn success(shown: &Json) -> Reply {
    Reply::json(200, &json!({"status": "success", "data": shown}))
}

impl From<Refused> for Reply {
    fn from(why: Refused) -> Self {
        match why {
            Refused::Parse(text) => fault(400, &format!("invalid parameter \"query\": {text}")),
            Refused::Execution(text) => fault(422, &text),
        }
    }
}

/// A request's parameters: of the query, and of a form that was posted.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(ask: &Ask) -> Self {
        let mut all = ask.query.clone();
        if ask.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            all.extend(parse_query(&String::from_utf8_lossy(&ask.body)));
        }
        Self(all)
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn time(&self, name: &str, otherwise: Option<Moment>) -> Result<Moment, Reply> {
        let Some(text) = self.one(name) else {
            let missing =
                || fault(400, &format!("invalid parameter \"{name}\": cannot parse \"\" to a valid timestamp"));
            return otherwise.ok_or_else(missing);
        };
        let seconds = text.parse::<f64>().ok().map(|seconds| Moment::from_millis((seconds * 1000.0) as i64));
        seconds.or_else(|| Moment::parse(text)).ok_or_else(|| {
            fault(400, &format!("invalid parameter \"{name}\": cannot parse {text:?} to a valid timestamp"))
        })
    }
}

pub(in crate::sim::server) fn route(world: &World, ask: &Ask) -> Reply {
    if !matches!(ask.method, Method::GET | Method::POST) {
        return Reply::bytes(405, "text/plain; charset=utf-8", b"Method Not Allowed\n".to_vec());
    }
    let form = Form::read(ask);
    let outcome = match ask.segments().as_slice() {
        ["-", "healthy" | "ready"] => {
            return Reply::bytes(200, "text/plain; charset=utf-8", b"Prometheus Server is Healthy.\n".to_vec());
        }
        ["api", "v1", "query"] => query(world, &form),
        ["api", "v1", "query_range"] => query_range(world, &form),
        ["api", "v1", "series"] => series(world, &form).map(|rows| success(&json!(rows))),
        ["api", "v1", "labels"] => labels(world, &form, None),
        ["api", "v1", "label", name, "values"] => labels(world, &form, Some(name)),
        ["api", "v1", "status", "buildinfo"] => {
            Ok(success(&json!({"version": "2.42.0", "revision": "simulated", "goVersion": "none"})))
        }
        _ => return Reply::bytes(404, "text/plain; charset=utf-8", b"404 page not found\n".to_vec()),
    };
    outcome.unwrap_or_else(|reply| reply)
}

fn expression(form: &Form) -> Result<promql::Expr, Reply> {
    let text = form.one("query").unwrap_or_default();
    if text.trim().is_empty() {
        return Err(fault(
            400,
            "invalid parameter \"query\": unknown position: parse error: no expression found in input",
        ));
    }
    Ok(promql::parse(text)?)
}

/// Numbers are texts, as NaN and infinity are no JSON.
fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        value if value.is_infinite() => if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
        value => value.to_string(),
    }
}

fn point(at: Moment, value: f64) -> Json {
    json!([at.as_millis() as f64 / 1000.0, number(value)])
}

fn query(world: &World, form: &Form) -> Result<Reply, Reply> {
    answer(world, &expression(form)?, form.time("time", Some(world.now()))?)
}

/// What an expression comes to at a time.
pub(super) fn answer(world: &World, expr: &promql::Expr, at: Moment) -> Result<Reply, Reply> {
    if let promql::Expr::Within { of, window, step, offset } = expr {
        let at = Moment::from_millis(at.as_millis() - offset);
        // Steps of a subquery are whole multiples, whenever it is asked.
        let last = at.as_millis().div_euclid(*step);
        let first = (at.as_millis() - window).div_euclid(*step) + 1;
        return matrix(world, of, (first..=last).map(|turn| Moment::from_millis(turn * step)));
    }
    Ok(match promql::evaluate(world, expr, &[at])? {
        Value::Scalar(all) => {
            success(&json!({"resultType": "scalar", "result": point(at, all.first().copied().unwrap_or(f64::NAN))}))
        }
        Value::Vector(rows) => {
            let shown =
                |row: &Row| Some(json!({"metric": row.labels, "value": point(at, row.values.first().copied()??)}));
            success(&json!({"resultType": "vector", "result": rows.iter().filter_map(shown).collect::<Vec<_>>()}))
        }
    })
}

fn query_range(world: &World, form: &Form) -> Result<Reply, Reply> {
    let expr = expression(form)?;
    let (start, end) = (form.time("start", None)?, form.time("end", None)?);
    let step = form
        .one("step")
        .and_then(step_of)
        .ok_or_else(|| fault(400, "invalid parameter \"step\": cannot parse to a valid duration above zero"))?;
    if end < start {
        return Err(fault(400, "invalid parameter \"end\": end timestamp must not be before start time"));
    }
    let count = (end.as_millis() - start.as_millis()) / step + 1;
    if count > MOST_STEPS {
        let text = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)";
        return Err(fault(400, text));
    }
    matrix(world, &expr, (0..count).map(|turn| Moment::from_millis(start.as_millis() + turn * step)))
}

fn matrix(world: &World, expr: &promql::Expr, steps: impl Iterator<Item = Moment>) -> Result<Reply, Reply> {
    // Nobody has scraped the future.
    let steps: Vec<Moment> = steps.filter(|at| *at <= world.now() && *at >= world.load.begun).collect();
    let rows = match promql::evaluate(world, expr, &steps)? {
        Value::Vector(rows) => rows,
        Value::Scalar(all) => vec![Row { labels: BTreeMap::new(), values: all.into_iter().map(Some).collect() }],
    };
    let shown = |row: &Row| {
        let told = steps.iter().zip(&row.values).filter_map(|(at, value)| Some(point(*at, (*value)?)));
        json!({"metric": row.labels, "values": told.collect::<Vec<_>>()})
    };
    Ok(success(&json!({"resultType": "matrix", "result": rows.iter().map(shown).collect::<Vec<_>>()})))
}

/// Milliseconds of `15`, `15.5` or `1m`.
fn step_of(text: &str) -> Option<i64> {
    let seconds = text.parse::<f64>().ok().map(|seconds| (seconds * 1000.0) as i64);
    seconds.or_else(|| promql::length(text)).filter(|step| *step > 0)
}

fn series(world: &World, form: &Form) -> Result<Vec<BTreeMap<String, String>>, Reply> {
    let wanted: Vec<&str> =
        form.0.iter().filter(|(key, _)| key == "match[]").map(|(_, value)| value.as_str()).collect();
    if wanted.is_empty() {
        return Err(fault(400, "no match[] parameter provided"));
    }
    let at = form.time("end", Some(world.now()))?.min(world.now());
    let mut rows = Vec::new();
    for text in wanted {
        rows.extend(promql::series_at(world, &promql::selector(text)?, at)?);
    }
    rows.sort();
    rows.dedup();
    Ok(rows)
}

fn labels(world: &World, form: &Form, name: Option<&str>) -> Result<Reply, Reply> {
    let matched = form.0.iter().any(|(key, _)| key == "match[]");
    let mut found: Vec<String> = match (name, matched) {
        (Some("__name__"), false) => scrape::names(),
        (_, false) => {
            return Err(fault(422, "the simulated Prometheus tells labels of series that match[] names"));
        }
        (Some(name), true) => series(world, form)?.into_iter().filter_map(|mut row| row.remove(name)).collect(),
        (None, true) => series(world, form)?.into_iter().flat_map(BTreeMap::into_keys).collect(),
    };
    found.sort();
    found.dedup();
    Ok(success(&json!(found)))
}
