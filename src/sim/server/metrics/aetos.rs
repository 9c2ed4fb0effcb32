//! Aetos: the same Prometheus behind Keystone, as the catalog has it (`metric-storage`).
//!
//! As Aetos 1.0 does it: GET alone, `query` alone (no range), and whoever is no admin gets metrics of the own project,
//! by a label that is put behind every metric name that Prometheus knows. Where it knows none, the label is put before
//! the query, which then is none.

use axum::http::Method;
use serde_json::json;

use super::api::answer;
use super::promql::{self, Matcher};
use super::scrape;
use crate::sim::server::ask::Ask;
use crate::sim::server::keystone::signed_in;
use crate::sim::server::reply::Reply;
use crate::sim::server::unauthorized;
use crate::sim::world::World;

/// In the shape of wsme.
pub(in crate::sim::server) fn fault(status: u16, text: &str) -> Reply {
    let side = if status < 500 { "Client" } else { "Server" };
    Reply::json(status, &json!({"error_message": {"debuginfo": null, "faultcode": side, "faultstring": text}}))
}

pub(in crate::sim::server) fn route(world: &World, ask: &Ask) -> Reply {
    let Some(who) = signed_in(world, ask) else { return unauthorized(ask) };
    match (&ask.method, ask.segments().as_slice()) {
        (_, []) => fault(404, "The resource could not be found."),
        (&Method::GET, ["api", "v1", "query"]) => {
            if let Some((name, _)) = ask.query.iter().find(|(name, _)| name != "query") {
                return fault(400, &format!("Unknown argument: \"{name}\""));
            }
            let project = who.project.filter(|_| !who.admin()).map(|project| project.hex().to_string());
            query(world, ask.query("query").unwrap_or_default(), project).unwrap_or_else(|reply| reply)
        }
        (_, ["api", "v1", "query"]) => fault(405, "Method Not Allowed"),
        _ => fault(404, "The resource could not be found."),
    }
}

fn query(world: &World, text: &str, project: Option<String>) -> Result<Reply, Reply> {
    let refused = |why| match why {
        promql::Refused::Parse(text) => fault(400, &format!("[bad_data] invalid parameter \"query\": {text}")),
        promql::Refused::Execution(text) => fault(422, &format!("[execution] {text}")),
    };
    let mut expr = promql::parse(text).map_err(refused)?;
    if let Some(project) = project {
        let (known, mut met) = (scrape::names(), false);
        expr.selectors(&mut |selector| {
            let is_known = selector.matchers.iter().any(|one| one.label == "__name__" && known.contains(&one.text));
            met |= is_known;
            let text = project.clone();
            let own = Matcher { label: "project".to_owned(), text, negative: false, pattern: None };
            selector.matchers.extend(is_known.then_some(own));
        });
        if !met {
            return Err(refused(promql::Refused::Parse("1:1: parse error: unexpected identifier".to_owned())));
        }
    }
    answer(world, &expr, world.now())
}
