//! Octavia: what changes members, and the pool of a listener.

use axum::http::Method;
use serde_json::{Value, json};

use super::fault;
use crate::sim::server::ask::{Ask, Who};
use crate::sim::server::reply::{Reply, status_of};
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::balancer::Balancer;
use crate::sim::world::identity::Role;
use crate::sim::world::member::Wanted;
use crate::sim::world::refusal::Refusal;

pub(super) fn route(world: &mut World, ask: &Ask, who: &Who, below: &[&str]) -> Reply {
    let ours = |balancer: &Balancer| who.admin() || who.project == Some(balancer.project);
    if let ["pools", pool, ..] = below
        && !world.balancers.all.iter().filter(|one| ours(one)).any(|one| has(one, pool))
    {
        return no_pool(pool, &ask.method);
    }
    // Octavia's observer is refused.
    if who.role == Role::Reader {
        return fault(403, "Policy does not allow this request to be performed.");
    }
    let id = |text: &str| Uid::parse(text).unwrap_or(Uid(0));
    match (&ask.method, below) {
        (&Method::POST, ["pools", pool, "members"]) => create(world, ask, id(pool)),
        (&Method::PUT, ["pools", pool, "members"]) => update_all(world, ask, id(pool)),
        (&Method::PUT, ["pools", pool, "members", member]) => update(world, ask, id(pool), id(member)),
        (&Method::DELETE, ["pools", pool, "members", member]) => {
            settled(world.delete_member(id(pool), id(member)), |()| Reply::empty(204))
        }
        (&Method::PUT, ["listeners", listener]) => switch(world, ask, id(listener)),
        _ => Reply::html(404, "The resource could not be found."),
    }
}

fn has(balancer: &Balancer, pool: &str) -> bool {
    balancer.pools().any(|own| Uid::parse(pool) == Some(own.id))
}

/// A pool that is not there is told in another shape when something is made in it.
fn no_pool(pool: &str, method: &Method) -> Reply {
    let text = format!("Pool {pool} not found.");
    match *method {
        Method::POST => Reply::json(404, &json!({"code": 404, "title": "Bad Request", "description": text})),
        _ => fault(404, &text),
    }
}

fn settled<T>(outcome: Result<T, Refusal>, reply: impl FnOnce(T) -> Reply) -> Reply {
    match outcome {
        Ok(made) => reply(made),
        Err(refusal) => fault(status_of(&refusal), refusal.message()),
    }
}

fn create(world: &mut World, ask: &Ask, pool: Uid) -> Reply {
    let body = ask.json().unwrap_or_default();
    let wanted = match read(&body["member"], true) {
        Ok(wanted) => wanted,
        Err(reply) => return reply,
    };
    let made = world.create_member(pool, &wanted);
    settled(made, |id| Reply::json(201, &json!({ "member": shown(world, pool, id) })))
}

fn update(world: &mut World, ask: &Ask, pool: Uid, member: Uid) -> Reply {
    let body = ask.json().unwrap_or_default();
    let wanted = match read(&body["member"], false) {
        Ok(wanted) => wanted,
        Err(reply) => return reply,
    };
    let done = world.update_member(pool, member, &wanted);
    settled(done, |()| Reply::json(200, &json!({ "member": shown(world, pool, member) })))
}

fn update_all(world: &mut World, ask: &Ask, pool: Uid) -> Reply {
    let additive = ask.query("additive_only").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let body = ask.json().unwrap_or_default();
    let Some(rows) = body["members"].as_array() else {
        return fault(400, "Invalid input for field/attribute members. Mandatory field missing.");
    };
    let wanted: Result<Vec<Wanted>, Reply> = rows.iter().map(|row| read(row, true)).collect();
    match wanted {
        Err(reply) => reply,
        Ok(wanted) => settled(world.update_members(pool, &wanted, additive), |()| Reply::empty(202)),
    }
}

fn switch(world: &mut World, ask: &Ask, listener: Uid) -> Reply {
    let body = ask.json().unwrap_or_default();
    let Some(pool) = body["listener"]["default_pool_id"].as_str().and_then(Uid::parse) else {
        return fault(400, "Invalid input for field/attribute default_pool_id.");
    };
    settled(world.switch_listener(listener, pool), |()| {
        let found = world.balancers.all.iter().find(|balancer| balancer.listener.id == listener);
        Reply::json(200, &json!({ "listener": found.map(super::listener) }))
    })
}

fn shown(world: &World, pool: Uid, id: Uid) -> Option<Value> {
    let balancer = world.balancers.all.iter().find(|balancer| balancer.pools().any(|own| own.id == pool))?;
    let member = balancer.pools().flat_map(|own| &own.members).find(|member| member.id == id)?;
    Some(super::member(world, balancer, member))
}

/// A member as a request has it. New ones must say where they are.
fn read(body: &Value, placed: bool) -> Result<Wanted, Reply> {
    let wrong = |field: &str, why: &str| {
        let value = &body[field];
        fault(400, &format!("Invalid input for field/attribute {field}. Value: '{value}'. {why}"))
    };
    let address = |field: &str| match &body[field] {
        Value::Null => Ok(None),
        value => {
            let ip = value.as_str().and_then(|text| text.parse::<std::net::Ipv4Addr>().ok());
            ip.map(|ip| Some(u32::from(ip))).ok_or_else(|| wrong(field, "Value should be IPv4 or IPv6 format"))
        }
    };
    let number = |field: &str, most: u64| match &body[field] {
        Value::Null => Ok(None),
        value => {
            let fits = value.as_u64().filter(|number| *number <= most).and_then(|number| u16::try_from(number).ok());
            fits.map(Some).ok_or_else(|| wrong(field, &format!("Value should be lower or equal to {most}")))
        }
    };
    let missing = |field: &str| {
        fault(400, &format!("Invalid input for field/attribute {field}. Value: 'None'. Mandatory field missing."))
    };
    let (ip, port) = (address("address")?, number("protocol_port", 65_535)?);
    if placed && ip.is_none() {
        return Err(missing("address"));
    }
    if placed && port.is_none() {
        return Err(missing("protocol_port"));
    }
    let tags =
        body["tags"].as_array().map(|tags| tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect());
    Ok(Wanted {
        ip: ip.unwrap_or_default(),
        port: port.unwrap_or_default(),
        name: body["name"].as_str().map(str::to_owned),
        weight: number("weight", 256)?,
        enabled: body["admin_state_up"].as_bool(),
        backup: body["backup"].as_bool(),
        tags,
        monitor_address: address("monitor_address")?,
        monitor_port: number("monitor_port", 65_535)?,
    })
}
