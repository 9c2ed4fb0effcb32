//! Nova: versions, microversions, and the routes below `/v2.1`.

mod cloud;
mod diagnostics;
mod list;
mod one;
mod verbs;
mod view;

use axum::http::Method;
use serde_json::{Value, json};

use super::ask::{Ask, Who};
use super::keystone::signed_in;
use super::reply::{Reply, status_of};
use crate::sim::world::World;
use crate::sim::world::refusal::Refusal;

pub(super) use cloud::heard_of;

/// The highest microversion, as Zed has it.
const HIGHEST: u16 = 93;

/// What the routes need of a request.
struct Call<'a> {
    ask: &'a Ask,
    who: Who,
    /// The microversion's minor number.
    minor: u16,
}

impl Call<'_> {
    fn at_least(&self, minor: u16) -> bool {
        self.minor >= minor
    }

    fn base(&self) -> String {
        format!("{}/compute/v2.1", self.ask.root)
    }

    fn bookmark(&self) -> String {
        format!("{}/compute", self.ask.root)
    }
}

pub(super) fn fault(status: u16, message: &str) -> Reply {
    let key = match status {
        400 => "badRequest",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "itemNotFound",
        405 => "badMethod",
        409 => "conflictingRequest",
        413 | 429 => "overLimit",
        503 => "serviceUnavailable",
        _ => "computeFault",
    };
    Reply::json(status, &json!({key: {"code": status, "message": message}}))
}

fn refused(refusal: &Refusal) -> Reply {
    fault(status_of(refusal), refusal.message())
}

fn policy(rule: &str) -> Reply {
    fault(403, &format!("Policy doesn't allow os_compute_api:{rule} to be performed."))
}

fn no_resource() -> Reply {
    fault(404, "The resource could not be found.")
}

pub(super) fn route(world: &mut World, ask: &Ask) -> Reply {
    if ask.segments().is_empty() {
        return versions(ask);
    }
    if !is_versioned(ask) {
        return choices(ask);
    }
    if ask.segments() == ["v2.1"] {
        let body = json!({"version": version(ask, true)});
        return with_version(Reply::json(200, &body), "2.1");
    }
    let Some(who) = signed_in(world, ask) else { return super::unauthorized(ask) };
    match microversion(ask) {
        Ok(minor) => {
            let call = Call { ask, who, minor };
            let reply = below_root(world, &call);
            let unknown = reply.headers.iter().any(|(_, value)| value.starts_with("text/html"));
            if unknown { reply } else { with_version(reply, &format!("2.{minor}")) }
        }
        Err((asked, message)) => with_version(fault(406, &message), &asked),
    }
}

fn below_root(world: &mut World, call: &Call<'_>) -> Reply {
    let segments = call.ask.segments();
    let Some(("v2.1", rest)) = segments.split_first().map(|(first, rest)| (*first, rest)) else {
        return Reply::html(404, "The resource could not be found.");
    };
    match (&call.ask.method, rest) {
        (&Method::GET, ["servers"]) => list::servers(world, call, false),
        (&Method::GET, ["servers", "detail"]) => list::servers(world, call, true),
        (&Method::POST, ["servers"]) => verbs::create(world, call),
        (method, ["servers", id, below @ ..]) => one::route(world, call, method, id, below),
        (method, rest) => cloud::route(world, call, method, rest),
    }
}

fn with_version(reply: Reply, version: &str) -> Reply {
    reply
        .with("openstack-api-version", format!("compute {version}"))
        .with("x-openstack-nova-api-version", version)
        .with("vary", "OpenStack-API-Version")
        .with("vary", "X-OpenStack-Nova-API-Version")
}

/// The minor number asked for, or what was asked and why not.
fn microversion(ask: &Ask) -> Result<u16, (String, String)> {
    let modern = ask.header("openstack-api-version").and_then(|text| text.trim().strip_prefix("compute "));
    let Some(asked) = modern.or_else(|| ask.header("x-openstack-nova-api-version")) else { return Ok(1) };
    let asked = asked.trim();
    if asked == "latest" {
        return Ok(HIGHEST);
    }
    let minor = asked.strip_prefix("2.").and_then(|minor| minor.parse::<u16>().ok());
    match minor {
        Some(minor) if (1..=HIGHEST).contains(&minor) => Ok(minor),
        _ => {
            let message =
                format!("Version {asked} is not supported by the API. Minimum is 2.1 and maximum is 2.{HIGHEST}.");
            Err((asked.to_owned(), message))
        }
    }
}

/// Whether a path is below the one version that is served; else nova says which there are, without an id.
pub(super) fn is_versioned(ask: &Ask) -> bool {
    ask.segments().first() == Some(&"v2.1")
}

fn choices(ask: &Ask) -> Reply {
    let choice = |id: &str, status: &str, root: &str, number: &str| {
        let kind = format!("application/vnd.openstack.compute+json;version={number}");
        let link = json!({"rel": "self", "href": format!("{}/compute/{root}/{}", ask.root, ask.path)});
        json!({"id": id, "status": status, "links": [link], "media-types": [{"base": "application/json", "type": kind}]})
    };
    let all = [choice("v2.0", "SUPPORTED", "v2", "2"), choice("v2.1", "CURRENT", "v2.1", "2.1")];
    Reply::json(300, &json!({"choices": all}))
}

fn versions(ask: &Ask) -> Reply {
    let old = json!({
        "id": "v2.0", "status": "SUPPORTED", "version": "", "min_version": "", "updated": "2011-01-21T11:33:21Z",
        "links": [{"rel": "self", "href": format!("{}/compute/v2/", ask.root)}],
    });
    Reply::json(200, &json!({"versions": [old, version(ask, false)]}))
}

fn version(ask: &Ask, whole: bool) -> Value {
    let mut links = vec![json!({"rel": "self", "href": format!("{}/compute/v2.1/", ask.root)})];
    if whole {
        links.push(json!({"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"}));
    }
    let mut version = json!({
        "id": "v2.1", "status": "CURRENT", "version": format!("2.{HIGHEST}"), "min_version": "2.1",
        "updated": "2013-07-23T11:33:21Z", "links": links,
    });
    if whole {
        version["media-types"] =
            json!([{"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1"}]);
    }
    version
}
