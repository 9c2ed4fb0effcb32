//! One server and what lies below it.

use axum::http::Method;
use serde_json::{Value, json};

use super::diagnostics;
use super::view::{Detail, Frame, Unknown, host_id};
use super::{Call, Reply, fault, no_resource, policy, refused, verbs};
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::instance::Server;
use crate::sim::world::instance::history::{HistoryEntry, HistoryEvent};
use crate::sim::world::network::{dotted, mac_text};

pub(super) fn unexpected(class: &str) -> Reply {
    fault(
        500,
        &format!(
            "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.\n<class '{class}'>"
        ),
    )
}

fn missing(id: &str) -> Reply {
    fault(404, &format!("Instance {id} could not be found."))
}

/// The living server, if the caller may know of it: another project's is 404, never 403.
pub(super) fn find(world: &World, call: &Call<'_>, id: &str) -> Result<usize, Reply> {
    let place = Uid::parse(id).and_then(|id| world.place(id).ok()).ok_or_else(|| missing(id))?;
    let ours = call.who.admin() || call.who.project == Some(world.servers[place].project);
    if ours { Ok(place) } else { Err(missing(id)) }
}

/// A server that is deleted and not forgotten: from 2.21 its history can still be read.
fn past(world: &World, call: &Call<'_>, id: &str, below: &[&str]) -> Option<usize> {
    let history = call.ask.method == Method::GET && below.first() == Some(&"os-instance-actions") && call.at_least(21);
    let place = Uid::parse(id).filter(|_| history).and_then(|id| world.places.get(&id).copied())?;
    (call.who.admin() || call.who.project == Some(world.servers[place].project)).then_some(place)
}

pub(super) fn route(world: &mut World, call: &Call<'_>, method: &Method, id: &str, below: &[&str]) -> Reply {
    let place = match find(world, call, id).or_else(|reply| past(world, call, id, below).ok_or(reply)) {
        Ok(place) => place,
        Err(reply) => return reply,
    };
    if world.unreachable(place) {
        return lost(world, call, place, below);
    }
    match (method, below) {
        (&Method::GET, below) => read(world, call, place, below),
        (&Method::DELETE, []) => verbs::delete(world, call, place),
        (&Method::POST, ["action"]) => verbs::act(world, call, place),
        (_, ["metadata", ..]) => verbs::metadata(world, call, place, below),
        (_, ["tags", ..]) if call.at_least(26) => verbs::tags(world, call, place, below),
        (_, ["tags", ..]) => no_resource(),
        _ => no_route(),
    }
}

/// Of paths that it does not route, nova does not even look whether their server is there.
fn no_route() -> Reply {
    Reply::html(404, "The resource could not be found.")
}

/// A server whose cell is down: a part of it from 2.69, else nova breaks.
fn lost(world: &World, call: &Call<'_>, place: usize, below: &[&str]) -> Reply {
    if below.is_empty() && call.ask.method == Method::GET && call.at_least(69) {
        let frame = Frame::new(world, call, true);
        let server = &world.servers[place];
        return Reply::json(200, &One { server: Unknown { frame: &frame, server, detail: true } });
    }
    unexpected("nova.exception.NovaException")
}

#[derive(serde::Serialize)]
struct One<T> {
    server: T,
}

fn read(world: &World, call: &Call<'_>, place: usize, below: &[&str]) -> Reply {
    let server = &world.servers[place];
    match below {
        [] => Reply::json(200, &One { server: Detail(&Frame::new(world, call, true), server) }),
        ["os-instance-actions"] => history(call, server),
        ["os-instance-actions", request] => one_entry(world, call, server, request),
        ["os-volume_attachments"] => {
            let shown: Vec<Value> = server.volumes.iter().map(|volume| attachment(call, server, volume)).collect();
            Reply::json(200, &json!({"volumeAttachments": shown}))
        }
        ["os-interface"] => interfaces(world, call, server),
        ["metadata"] => Reply::json(200, &json!({"metadata": server.metadata})),
        ["metadata", key] => match server.metadata.get(*key) {
            Some(value) => Reply::json(200, &json!({"meta": {*key: value}})),
            None => fault(404, "Metadata item was not found"),
        },
        ["tags"] if call.at_least(26) => Reply::json(200, &json!({"tags": server.tags})),
        ["tags", tag] if call.at_least(26) => match server.tags.iter().any(|other| other == tag) {
            true => Reply::empty(204),
            false => fault(404, &format!("Server {} has no tag '{tag}'", server.id)),
        },
        ["ips"] => ips(world, server),
        ["diagnostics"] if call.who.admin() => diagnostics::show(world, call, server),
        ["diagnostics"] => policy("os-server-diagnostics"),
        ["tags", ..] => no_resource(),
        _ => no_route(),
    }
}

/// One server as JSON, for answers that add to it.
pub(super) fn read_one(world: &World, call: &Call<'_>, place: usize) -> Value {
    let one = One { server: Detail(&Frame::new(world, call, true), &world.servers[place]) };
    serde_json::to_value(&one).unwrap_or_default()
}

/// Newest first; from 2.58 in pages.
fn history(call: &Call<'_>, server: &Server) -> Reply {
    let mut past: Vec<&HistoryEntry> = server.history.iter().rev().collect();
    let limit = call.ask.query("limit").filter(|_| call.at_least(58)).and_then(|limit| limit.parse::<usize>().ok());
    if let Some(marker) = call.ask.query("marker").filter(|_| call.at_least(58)) {
        let wanted = marker.strip_prefix("req-").and_then(Uid::parse);
        let Some(at) = past.iter().position(|past| Some(past.request) == wanted) else {
            return fault(400, &format!("marker [{marker}] not found"));
        };
        past.drain(..=at);
    }
    past.truncate(limit.unwrap_or(usize::MAX));
    let shown: Vec<Value> = past.iter().map(|past| entry(call, server, past)).collect();
    let mut body = json!({"instanceActions": shown});
    if let Some(last) = past.last().filter(|_| limit == Some(past.len())) {
        let query = call.ask.query_with(&["marker"], &[("marker", &format!("req-{}", last.request))]);
        let href = format!("{}/servers/{}/os-instance-actions?{query}", call.base(), server.id);
        body["links"] = json!([{"rel": "next", "href": href}]);
    }
    Reply::json(200, &body)
}

fn entry(call: &Call<'_>, server: &Server, entry: &HistoryEntry) -> Value {
    let mut shown = json!({
        "action": entry.verb, "instance_uuid": server.id, "request_id": format!("req-{}", entry.request),
        "user_id": entry.user.hex(), "project_id": server.project.hex(),
        "start_time": entry.start.naive_micros(), "message": entry.message,
    });
    if call.at_least(58) {
        shown["updated_at"] = json!(entry.updated.naive_micros());
    }
    shown
}

fn one_entry(world: &World, call: &Call<'_>, server: &Server, request: &str) -> Reply {
    let wanted = request.strip_prefix("req-").and_then(Uid::parse);
    let Some(past) = server.history.iter().find(|past| Some(past.request) == wanted) else {
        return fault(404, &format!("Action {request} not found"));
    };
    let mut shown = entry(call, server, past);
    if call.who.admin() || call.at_least(51) {
        let events = past.events.iter().map(|done| event(world, call, server, done));
        shown["events"] = events.collect();
    }
    Reply::json(200, &json!({"instanceAction": shown}))
}

fn event(world: &World, call: &Call<'_>, server: &Server, done: &HistoryEvent) -> Value {
    let mut shown = json!({
        "event": done.name, "start_time": done.start.naive_micros(),
        "finish_time": done.finish.map(Moment::naive_micros), "result": done.result,
    });
    let admin = call.who.admin();
    if admin || !call.at_least(51) {
        shown["traceback"] = json!(done.traceback);
    }
    if call.at_least(62) {
        shown["hostId"] = json!(host_id(world, done.host, server.project));
        if admin {
            shown["host"] = json!(done.host.map(|place| &world.hosts[place].name));
        }
    }
    if call.at_least(84) && admin {
        shown["details"] = json!(done.traceback.as_ref().and_then(|text| text.lines().last()));
    }
    shown
}

fn attachment(call: &Call<'_>, server: &Server, volume: &crate::sim::world::instance::Attachment) -> Value {
    let mut shown = json!({"volumeId": volume.volume, "serverId": server.id, "device": volume.device});
    if !call.at_least(89) {
        shown["id"] = json!(volume.volume);
    }
    if call.at_least(70) {
        shown["tag"] = json!(volume.tag);
    }
    if call.at_least(79) {
        shown["delete_on_termination"] = json!(volume.delete_on_termination);
    }
    if call.at_least(89) {
        shown["attachment_id"] = json!(volume.attachment);
        shown["bdm_uuid"] = json!(volume.mapping);
    }
    shown
}

fn interfaces(world: &World, call: &Call<'_>, server: &Server) -> Reply {
    let fixed = server.addresses.iter().filter(|address| !address.floating);
    let shown: Vec<Value> = fixed
        .map(|address| {
            let network = &world.networks.all[address.network];
            let state = world.networks.ports.get(&address.port).map(|port| port.status);
            let mut shown = json!({
                "net_id": network.id, "port_id": address.port, "mac_addr": mac_text(address.mac), "port_state": state,
                "fixed_ips": [{"subnet_id": network.subnet, "ip_address": dotted(address.ip)}],
            });
            if call.at_least(70) {
                shown["tag"] = Value::Null;
            }
            shown
        })
        .collect();
    Reply::json(200, &json!({"interfaceAttachments": shown}))
}

fn ips(world: &World, server: &Server) -> Reply {
    let mut shown = json!({});
    for address in &server.addresses {
        let entry = json!({"version": 4, "addr": dotted(address.ip)});
        let name = world.networks.all[address.network].name.as_str();
        match shown[name].as_array_mut() {
            Some(list) => list.push(entry),
            None => shown[name] = json!([entry]),
        }
    }
    Reply::json(200, &json!({"addresses": shown}))
}

pub(super) fn settled(outcome: Result<(), crate::sim::world::refusal::Refusal>, status: u16) -> Reply {
    match outcome {
        Ok(()) => Reply::empty(status),
        Err(refusal) => refused(&refusal),
    }
}
