//! The one way of every request through the server.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use tokio::time::Instant;

use super::ask::{Ask, decode, parse_query};
use super::line::Cut;
use super::reply::Reply;
use super::{Inside, Shared, admin, glance, gnocchi, keystone, metrics, neutron, nova, octavia};
use crate::sim::fault::Bend;
use crate::sim::ledger::Entry;
use crate::sim::uid::Uid;

/// Bodies above this are refused: nothing that we take is near it.
const BODY_LIMIT: usize = 1 << 20;

/// One of the services, by the prefix of its paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Desk {
    Admin,
    Keystone,
    Nova,
    Glance,
    Neutron,
    Octavia,
    Gnocchi,
    Prometheus,
    Aetos,
    Unknown,
}

impl Desk {
    fn of(prefix: &str) -> Self {
        match prefix {
            "sim" => Self::Admin,
            "identity" => Self::Keystone,
            "compute" => Self::Nova,
            "image" => Self::Glance,
            "network" => Self::Neutron,
            "load-balancer" => Self::Octavia,
            "metric" => Self::Gnocchi,
            "prometheus" => Self::Prometheus,
            "aetos" => Self::Aetos,
            _ => Self::Unknown,
        }
    }

    /// Those under uwsgi close each connection, and send no `Date`.
    fn under_uwsgi(self) -> bool {
        matches!(self, Self::Keystone | Self::Octavia | Self::Gnocchi)
    }
}

pub(super) async fn travel(shared: &Shared, cut: &Cut, request: Request) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.map(|bytes| bytes.to_vec()).unwrap_or_default();
    let path = parts.uri.path().trim_start_matches('/');
    let (prefix, rest) = path.split_once('/').unwrap_or((path, ""));
    let desk = Desk::of(prefix);
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1").to_owned();
    let mut ask = Ask {
        method: parts.method,
        path: decode(rest.trim_matches('/'), false),
        query: parse_query(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body,
        root: format!("http://{host}"),
        request: Uid(0),
    };
    let uri = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let mut passed = execute(shared, desk, &mut ask, uri);
    match passed.ending {
        Ending::Answer => {}
        Ending::Silence => std::future::pending().await,
        Ending::Reset => cut.now(),
    }
    tokio::time::sleep_until(began + passed.delay).await;
    dress(shared, desk, &ask, &mut passed.reply);
    send(passed.reply)
}

/// What became of a request.
struct Passed {
    reply: Reply,
    delay: Duration,
    ending: Ending,
}

enum Ending {
    Answer,
    Silence,
    Reset,
}

/// Does what a request asks for, as far as the script lets it, and notes it.
fn execute(shared: &Shared, desk: Desk, ask: &mut Ask, (path, query): (&str, &str)) -> Passed {
    let mut inside = shared.lock();
    let inside = &mut *inside;
    inside.last_client = Instant::now();
    inside.world.advance();
    if desk == Desk::Admin {
        return Passed { reply: admin::route(inside, ask), delay: Duration::ZERO, ending: Ending::Answer };
    }
    ask.request = inside.world.fresh_uid();
    let bend = inside.script.bend(ask.method.as_str(), path, query);
    let executed = !matches!(bend, Some(Bend::Status { .. } | Bend::Hang | Bend::ResetBefore));
    let mut reply = bent(inside, desk, ask, bend.as_ref());
    let ending = match bend {
        Some(Bend::Hang) => Ending::Silence,
        Some(Bend::ResetBefore | Bend::ResetAfter) => Ending::Reset,
        _ => Ending::Answer,
    };
    let options = inside.world.options();
    let mut delay = options.latency + options.pace.saturating_mul(u32::try_from(reply.rows).unwrap_or(u32::MAX));
    match bend {
        Some(Bend::Latency(millis)) => delay += Duration::from_millis(millis),
        Some(Bend::Odd(odd)) => super::odd::bend(&mut reply, &odd),
        _ => {}
    }
    inside.world.settle_load();
    shared.tell_turns(&inside.world);
    let answered = matches!(ending, Ending::Answer);
    inside.ledger.note(Entry {
        number: 0,
        method: ask.method.to_string(),
        path: path.to_owned(),
        query: query.to_owned(),
        microversion: ask.header("openstack-api-version").map(str::to_owned),
        global_request_id: ask.header("x-openstack-request-id").map(str::to_owned),
        token: ask.headers.contains_key("x-auth-token"),
        status: if answered { reply.status } else { 0 },
        bytes: reply.body.len(),
        unknown: desk == Desk::Unknown,
        executed,
    });
    Passed { reply, delay, ending }
}

/// The answer, with what a script does to the world or instead of it.
fn bent(inside: &mut Inside, desk: Desk, ask: &Ask, bend: Option<&Bend>) -> Reply {
    match bend {
        Some(Bend::Status { code, retry_after, message }) => {
            let reply = fault(desk, ask, *code, message.as_deref());
            return match retry_after {
                Some(seconds) => reply.with("retry-after", seconds.to_string()),
                None => reply,
            };
        }
        Some(Bend::Hang | Bend::ResetBefore) => return Reply::empty(200),
        Some(Bend::ExpireTokens) => inside.world.identity.expire_tokens(),
        Some(Bend::Shift(count)) => inside.world.shift(*count),
        _ => {}
    }
    route(inside, desk, ask)
}

/// An error in the shape of the service that it comes from.
fn fault(desk: Desk, ask: &Ask, status: u16, message: Option<&str>) -> Reply {
    let usual = match status {
        401 if desk != Desk::Glance => return super::unauthorized(ask),
        403 => "Policy doesn't allow this to be performed.",
        404 => "The resource could not be found.",
        413 | 429 => "This request was rate-limited.",
        503 => "The server is currently unavailable. Please try again at a later time.",
        _ => "The server has either erred or is incapable of performing the requested operation.",
    };
    let message = message.unwrap_or(usual);
    match desk {
        Desk::Keystone => keystone::fault(status, message),
        Desk::Glance => Reply::html(status, message),
        Desk::Neutron => neutron::fault(status, "ScriptedFault", message),
        Desk::Octavia => octavia::fault(status, message),
        Desk::Gnocchi => gnocchi::fault(status, &serde_json::json!(message)),
        Desk::Prometheus => metrics::api::fault(status, message),
        Desk::Aetos => metrics::aetos::fault(status, message),
        _ => nova::fault(status, message),
    }
}

fn route(inside: &mut Inside, desk: Desk, ask: &Ask) -> Reply {
    let world = &mut inside.world;
    match desk {
        Desk::Admin => admin::route(inside, ask),
        Desk::Keystone => keystone::route(world, ask),
        Desk::Nova => nova::route(world, ask),
        Desk::Glance => glance::route(world, ask),
        Desk::Neutron => neutron::route(world, ask),
        Desk::Octavia => octavia::route(world, ask),
        Desk::Gnocchi => gnocchi::route(world, ask),
        Desk::Prometheus => metrics::api::route(world, ask),
        Desk::Aetos => metrics::aetos::route(world, ask),
        Desk::Unknown => {
            let text = format!("the simulated cloud has no service at this path: {} /{}\n", ask.method, ask.path);
            Reply::bytes(404, "text/plain; charset=utf-8", text.into_bytes())
        }
    }
}

/// Puts on the headers that the service sends.
fn dress(shared: &Shared, desk: Desk, ask: &Ask, reply: &mut Reply) {
    let id = format!("req-{}", ask.request);
    match desk {
        Desk::Octavia if reply.status == 401 => {}
        // Version documents are made before anything gives out an id.
        Desk::Nova if !nova::is_versioned(ask) => {}
        Desk::Glance | Desk::Neutron if ask.path.is_empty() => {}
        Desk::Glance if reply.status == 401 => {}
        Desk::Nova => {
            reply.headers.push(("x-compute-request-id", id.clone()));
            reply.headers.push(("x-openstack-request-id", id));
        }
        // Gnocchi, Prometheus and Aetos give out none.
        Desk::Unknown | Desk::Admin | Desk::Gnocchi | Desk::Prometheus | Desk::Aetos => {}
        _ => reply.headers.push(("x-openstack-request-id", id)),
    }
    if desk == Desk::Keystone {
        reply.headers.push(("vary", "X-Auth-Token".to_owned()));
    }
    if desk.under_uwsgi() {
        reply.headers.push(("connection", "close".to_owned()));
    }
    let inside = shared.lock();
    if !desk.under_uwsgi() && inside.world.options().dates {
        // The end of the answer, not its start.
        reply.headers.push(("date", inside.world.options().clock.now().http_date()));
    }
}

fn send(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = axum::http::StatusCode::from_u16(reply.status).unwrap_or_default();
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}
