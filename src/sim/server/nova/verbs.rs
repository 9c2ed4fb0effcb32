//! What changes servers: create, delete, actions, metadata, tags.

use axum::http::Method;
use serde_json::{Value, json};

use super::one::settled;
use super::{Call, Reply, fault, no_resource, policy, refused};
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::instance::NewServer;
use crate::sim::world::instance::course::Course;

pub(super) fn delete(world: &mut World, call: &Call<'_>, place: usize) -> Reply {
    let id = world.servers[place].id;
    settled(world.delete(id, &call.who.caller(call.ask)), 204)
}

pub(super) fn act(world: &mut World, call: &Call<'_>, place: usize) -> Reply {
    let Some(Value::Object(body)) = call.ask.json() else { return fault(400, "Malformed request body") };
    let mut keys = body.into_iter();
    let (Some((verb, wanted)), None) = (keys.next(), keys.next()) else {
        return fault(400, "Malformed request body");
    };
    let (id, caller) = (world.servers[place].id, call.who.caller(call.ask));
    let course = match verb.as_str() {
        "reboot" => match wanted["type"].as_str().map(str::to_uppercase).as_deref() {
            Some("SOFT") => Course::RebootSoft,
            Some("HARD") => Course::RebootHard,
            _ => return fault(400, "Invalid input for field/attribute reboot. 'type' is a required property"),
        },
        "os-start" => Course::Start,
        "os-stop" => Course::Stop,
        "pause" => Course::Pause,
        "unpause" => Course::Unpause,
        "suspend" => Course::Suspend,
        "resume" => Course::Resume,
        "shelve" => Course::Shelve,
        "unshelve" => Course::Unshelve,
        "revertResize" => Course::RevertResize,
        "confirmResize" => return settled(world.ask(id, Course::ConfirmResize, &caller), 204),
        "lock" => {
            let reason = wanted["locked_reason"].as_str().filter(|_| call.at_least(73)).map(str::to_owned);
            return settled(world.lock(id, reason, &caller), 202);
        }
        "unlock" => return settled(world.unlock(id, &caller), 202),
        "resize" => return settled(world.resize(id, wanted["flavorRef"].as_str().unwrap_or_default(), &caller), 202),
        "rebuild" => return rebuild(world, call, place, &wanted),
        "os-migrateLive" if !call.who.admin() => return policy("os-migrate-server:migrate_live"),
        "os-migrateLive" => return settled(world.live_migrate(id, wanted["host"].as_str(), &caller), 202),
        "os-getConsoleOutput" => return console(world, place, &wanted),
        other => return fault(400, &format!("There is no such action: {other}")),
    };
    settled(world.ask(id, course, &caller), 202)
}

fn console(world: &World, place: usize, wanted: &Value) -> Reply {
    let length = match &wanted["length"] {
        Value::String(text) => text.parse::<i64>().ok(),
        number => number.as_i64(),
    };
    // -1 is all there is.
    let length = length.and_then(|length| usize::try_from(length).ok());
    let server = &world.servers[place];
    if server.host.is_none() {
        return fault(409, &format!("Instance {} is not ready", server.id));
    }
    Reply::json(200, &json!({"output": world.console(server, length)}))
}

fn rebuild(world: &mut World, call: &Call<'_>, place: usize, wanted: &Value) -> Reply {
    let id = world.servers[place].id;
    if wanted.get("user_data").is_some() && !call.at_least(57) {
        return fault(
            400,
            "Invalid input for field/attribute rebuild. Additional properties are not allowed ('user_data' was unexpected)",
        );
    }
    let image = wanted["imageRef"].as_str().and_then(Uid::parse).unwrap_or(Uid(0));
    if let Err(refusal) = world.rebuild(id, image, &call.who.caller(call.ask)) {
        return refused(&refusal);
    }
    if let Some(text) = wanted["description"].as_str() {
        world.servers[place].description = Some(text.to_owned());
    }
    if let Some(pairs) = wanted["metadata"].as_object() {
        let metadata = pairs.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        world.servers[place].metadata = metadata.collect();
    }
    let mut shown = super::one::read_one(world, call, place);
    shown["server"]["adminPass"] = json!(password(world));
    Reply::json(202, &shown)
}

fn password(world: &mut World) -> String {
    (0..12).map(|_| world.rng.alphanumeric()).collect()
}

pub(super) fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let Some(body) = call.ask.json() else { return fault(400, "Malformed request body") };
    let wanted = &body["server"];
    let Some(project) = call.who.project else { return policy("servers:create") };
    let mut new = match read_new(world, call, project, wanted) {
        Ok(new) => new,
        Err(reply) => return reply,
    };
    if let Some(text) = body["os:scheduler_hints"]["group"].as_str() {
        let group = Uid::parse(text).filter(|id| world.groups.iter().any(|group| group.id == *id));
        let Some(group) = group else { return fault(400, &format!("Instance group {text} could not be found.")) };
        new.group = Some(group);
    }
    match world.create(project, new, &call.who.caller(call.ask)) {
        Err(refusal) => refused(&refusal),
        Ok(id) => {
            let href = format!("{}/servers/{id}", call.base());
            let links = json!([{"rel": "self", "href": href}, {"rel": "bookmark", "href": format!("{}/servers/{id}", call.bookmark())}]);
            let body = json!({"server": {
                "id": id, "links": links, "adminPass": password(world), "OS-DCF:diskConfig": "MANUAL",
                "security_groups": [{"name": "default"}],
            }});
            Reply::json(202, &body).with("location", href)
        }
    }
}

fn read_new(world: &World, call: &Call<'_>, project: Uid, wanted: &Value) -> Result<NewServer, Reply> {
    for field in ["name", "flavorRef"] {
        if wanted[field].as_str().is_none_or(str::is_empty) {
            let why =
                format!("Invalid input for field/attribute server. Value: {wanted}. '{field}' is a required property");
            return Err(fault(400, &why));
        }
    }
    let text = |field: &str| wanted[field].as_str().unwrap_or_default().to_owned();
    let flavor = text("flavorRef");
    let flavor =
        world.flavor_place(&flavor).ok_or_else(|| fault(400, &format!("Flavor {flavor} could not be found.")))?;
    let image = match wanted["imageRef"].as_str().filter(|id| !id.is_empty()) {
        None if wanted["block_device_mapping_v2"].is_array() => None,
        given => {
            let found = given.and_then(Uid::parse).filter(|id| world.image(*id).is_some());
            Some(found.ok_or_else(|| fault(400, "Can not find requested image"))?)
        }
    };
    for (field, since) in [("tags", 52), ("description", 19)] {
        if wanted.get(field).is_some() && !call.at_least(since) {
            let why = format!("Additional properties are not allowed ('{field}' was unexpected)");
            return Err(fault(400, &format!("Invalid input for field/attribute server. Value: {wanted}. {why}")));
        }
    }
    let ports = ports(world, project, &wanted["networks"])?;
    let network = if ports.is_empty() { network(world, project, &wanted["networks"])? } else { None };
    let pairs = wanted["metadata"].as_object().into_iter().flatten();
    let metadata = pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
    let tags = wanted["tags"].as_array().filter(|_| call.at_least(52)).into_iter().flatten();
    let tags = tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
    let some = |field: &str| wanted[field].as_str().map(str::to_owned);
    let (description, key) = (some("description"), some("key_name"));
    Ok(NewServer { name: text("name"), flavor, image, network, metadata, tags, group: None, ports, description, key })
}

/// The ports that a create names: there, and free as far as the API can see.
fn ports(world: &World, project: Uid, wanted: &Value) -> Result<Vec<Uid>, Reply> {
    let named = wanted.as_array().into_iter().flatten().filter_map(|network| network["port"].as_str());
    let mut ports = Vec::new();
    for text in named {
        let found = Uid::parse(text).and_then(|id| world.networks.ports.get(&id));
        match found.filter(|port| port.project == project) {
            None => return Err(fault(400, &format!("Port id {text} could not be found."))),
            Some(port) if port.device.is_some() => return Err(fault(409, &format!("Port {text} is still in use."))),
            Some(port) => ports.push(port.id),
        }
    }
    Ok(ports)
}

fn network(world: &World, project: Uid, wanted: &Value) -> Result<Option<usize>, Reply> {
    if wanted.as_str() == Some("none") {
        return Ok(None);
    }
    match wanted[0]["uuid"].as_str() {
        Some(text) => {
            let found = Uid::parse(text).and_then(|id| world.networks.all.iter().position(|network| network.id == id));
            found.map(Some).ok_or_else(|| fault(400, &format!("Network {text} could not be found.")))
        }
        None => Ok(world.networks.all.iter().position(|network| network.project == project)),
    }
}

pub(super) fn metadata(world: &mut World, call: &Call<'_>, place: usize, below: &[&str]) -> Reply {
    let (id, body) = (world.servers[place].id, call.ask.json().unwrap_or_default());
    let outcome = match (&call.ask.method, below) {
        (&Method::POST | &Method::PUT, [_]) => {
            if call.ask.method == Method::PUT {
                world.servers[place].metadata.clear();
            }
            let pairs = body["metadata"].as_object().cloned().unwrap_or_default();
            let mut pairs = pairs.iter().filter_map(|(key, value)| Some((key, value.as_str()?)));
            pairs.try_for_each(|(key, value)| world.set_metadata(id, key, Some(value)))
        }
        (&Method::PUT, [_, key]) => world.set_metadata(id, key, Some(body["meta"][*key].as_str().unwrap_or_default())),
        (&Method::DELETE, [_, key]) => return settled(world.set_metadata(id, key, None), 204),
        _ => return no_resource(),
    };
    match outcome {
        Ok(()) => Reply::json(200, &json!({"metadata": world.servers[place].metadata})),
        Err(refusal) => refused(&refusal),
    }
}

pub(super) fn tags(world: &mut World, call: &Call<'_>, place: usize, below: &[&str]) -> Reply {
    let id = world.servers[place].id;
    let mut tags = world.servers[place].tags.clone();
    let (status, body) = match (&call.ask.method, below) {
        (&Method::PUT, [_]) => {
            let wanted = call.ask.json().unwrap_or_default();
            tags = wanted["tags"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|tag| tag.as_str().map(str::to_owned))
                .collect();
            (200, Some(json!({"tags": tags})))
        }
        (&Method::DELETE, [_]) => {
            tags.clear();
            (204, None)
        }
        (&Method::PUT, [_, tag]) => {
            let there = tags.iter().any(|other| other == tag);
            tags.push((*tag).to_owned());
            (if there { 204 } else { 201 }, None)
        }
        (&Method::DELETE, [_, tag]) => {
            if !tags.iter().any(|other| other == tag) {
                return fault(404, &format!("Server {id} has no tag '{tag}'"));
            }
            tags.retain(|other| other != tag);
            (204, None)
        }
        _ => return no_resource(),
    };
    match world.set_tags(id, tags) {
        Ok(()) => body.map_or_else(
            || Reply::bytes(status, "text/html; charset=UTF-8", Vec::new()),
            |body| Reply::json(status, &body),
        ),
        Err(refusal) => refused(&refusal),
    }
}
