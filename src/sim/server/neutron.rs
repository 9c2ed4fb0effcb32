//! Neutron: ports, networks, subnets, agents, quotas.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::ask::{Ask, Who};
use super::keystone::signed_in;
use super::nova::heard_of;
use super::reply::Reply;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::network::{Network, Port, dotted, mac_text};
use crate::sim::world::port::{NewPort, NoPort};

pub(super) fn fault(status: u16, kind: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"NeutronError": {"type": kind, "message": message, "detail": ""}}))
}

fn not_found(kind: &str, id: &str) -> Reply {
    fault(404, &format!("{kind}NotFound"), &format!("{kind} {id} could not be found."))
}

/// What a row of a list is called: also a marker's refusal names it.
fn singular(list: &str) -> &'static str {
    match list {
        "ports" => "Port",
        "networks" => "Network",
        "subnets" => "Subnet",
        _ => "Agent",
    }
}

fn no_resource() -> Reply {
    fault(404, "HTTPNotFound", "The resource could not be found.")
}

pub(super) fn route(world: &mut World, ask: &Ask) -> Reply {
    if ask.segments().is_empty() {
        let link = json!([{"rel": "self", "href": format!("{}/network/v2.0/", ask.root)}]);
        return Reply::json(200, &json!({"versions": [{"id": "v2.0", "status": "CURRENT", "links": link}]}));
    }
    let Some(who) = signed_in(world, ask) else { return super::unauthorized(ask) };
    match (&ask.method, ask.segments().as_slice()) {
        (&Method::GET, _) => read(world, ask, &who),
        (&Method::POST, ["v2.0", "ports"]) => create_port(world, ask, &who),
        (&Method::DELETE, ["v2.0", "ports", id]) => delete_port(world, &who, id),
        _ => no_resource(),
    }
}

/// Tags are taken and dropped, as in Zed.
fn create_port(world: &mut World, ask: &Ask, who: &Who) -> Reply {
    let body = ask.json().unwrap_or_default();
    let wanted = &body["port"];
    let network = wanted["network_id"].as_str().unwrap_or_default();
    let mut all = world.networks.all.iter();
    let Some(place) = all.position(|entry| Uid::parse(network) == Some(entry.id) && sees(who, entry.project)) else {
        return not_found("Network", network);
    };
    let text = |key: &str| wanted[key].as_str().unwrap_or_default().to_owned();
    let groups = wanted["security_groups"].as_array();
    let groups = groups.map(|all| all.iter().filter_map(|id| Uid::parse(id.as_str()?)).collect());
    let ip = wanted["fixed_ips"][0]["ip_address"].as_str().and_then(|text| text.parse::<std::net::Ipv4Addr>().ok());
    let (name, description, ip) = (text("name"), text("description"), ip.map(u32::from));
    let Some(project) = who.project else { return no_resource() };
    match world.create_port(project, NewPort { network: place, name, description, groups, ip }) {
        Ok(id) => {
            let made = world.networks.ports.get(&id).map(|made| port(world, who, made));
            Reply::json(201, &json!({ "port": made }))
        }
        Err(NoPort { kind, message }) => fault(409, kind, &message),
    }
}

fn delete_port(world: &mut World, who: &Who, id: &str) -> Reply {
    let found = Uid::parse(id).filter(|id| world.networks.ports.get(id).is_some_and(|port| sees(who, port.project)));
    match found {
        Some(id) if world.delete_port(id) => Reply::empty(204),
        _ => not_found("Port", id),
    }
}

fn read(world: &World, ask: &Ask, who: &Who) -> Reply {
    match ask.segments().as_slice() {
        ["v2.0", "ports"] => {
            let ours = world.networks.ports.values().filter(|entry| sees(who, entry.project));
            list(ask, "ports", ours.map(|entry| port(world, who, entry)))
        }
        ["v2.0", "ports", id] => {
            let found = Uid::parse(id).and_then(|id| world.networks.ports.get(&id));
            match found.filter(|entry| sees(who, entry.project)) {
                Some(entry) => Reply::json(200, &json!({"port": port(world, who, entry)})),
                None => not_found("Port", id),
            }
        }
        ["v2.0", kind @ ("networks" | "subnets")] => {
            let ours = world.networks.all.iter().filter(|entry| sees(who, entry.project));
            let shown = ours.map(|entry| if *kind == "networks" { network(who, entry) } else { subnet(entry) });
            list(ask, kind, shown)
        }
        ["v2.0", "networks", id] => one(world, who, id, "network", "Network"),
        ["v2.0", "subnets", id] => one(world, who, id, "subnet", "Subnet"),
        // What policy forbids is an empty list here, not a 403.
        ["v2.0", "agents"] => {
            let seen = world.hosts.iter().filter(|host| who.admin() && host.computes());
            list(ask, "agents", seen.map(|host| agent(world, host)))
        }
        ["v2.0", "quotas", project, rest @ ..] => quotas(world, who, project, !rest.is_empty()),
        _ => no_resource(),
    }
}

/// An admin sees all projects', unasked.
fn sees(who: &Who, project: Uid) -> bool {
    who.admin() || who.project == Some(project)
}

fn one(world: &World, who: &Who, id: &str, kind: &str, name: &str) -> Reply {
    let wanted = Uid::parse(id);
    let mut ours = world.networks.all.iter().filter(|entry| sees(who, entry.project));
    let found = ours.find(|entry| wanted == Some(if kind == "network" { entry.id } else { entry.subnet }));
    match found {
        Some(entry) => {
            let shown = if kind == "network" { network(who, entry) } else { subnet(entry) };
            Reply::json(200, &json!({kind: shown}))
        }
        None => not_found(name, id),
    }
}

/// A list with its filters, `fields` and pages. Rows come in the order of their ids.
fn list(ask: &Ask, key: &str, rows: impl Iterator<Item = Value>) -> Reply {
    const OURS: [&str; 6] = ["limit", "marker", "page_reverse", "fields", "sort_key", "sort_dir"];
    let filters: Vec<(&str, Vec<&str>)> = {
        let mut names: Vec<&str> = ask.query.iter().map(|(name, _)| name.as_str()).collect();
        names.retain(|name| !OURS.contains(name));
        names.dedup();
        names.into_iter().map(|name| (name, ask.queries(name).collect())).collect()
    };
    let mut rows: Vec<Value> =
        rows.filter(|row| filters.iter().all(|(name, wanted)| takes(row, name, wanted))).collect();
    if let Some(marker) = ask.query("marker") {
        let Some(at) = rows.iter().position(|row| row["id"] == *marker) else {
            return not_found(singular(key), marker);
        };
        rows.drain(..=at);
    }
    let limit = ask.query("limit").and_then(|text| text.parse::<usize>().ok()).filter(|limit| *limit > 0);
    let full = limit.is_some_and(|limit| rows.len() >= limit);
    rows.truncate(limit.unwrap_or(usize::MAX));
    let links = links(ask, &rows, limit.is_some(), full);
    let fields: Vec<&str> = ask.queries("fields").collect();
    let rows: Vec<Value> = rows.into_iter().map(|row| cut(row, &fields)).collect();
    let mut body = json!({key: rows});
    if let Some(links) = links {
        body[format!("{key}_links")] = links;
    }
    Reply::json(200, &body)
}

/// `next` when the page is full, `previous` always, when there is a limit at all.
fn links(ask: &Ask, rows: &[Value], limited: bool, full: bool) -> Option<Value> {
    let (first, last) = (rows.first()?["id"].as_str()?, rows.last()?["id"].as_str()?);
    if !limited {
        return None;
    }
    let base = format!("{}/network/{}", ask.root, ask.path);
    let mut links = Vec::new();
    if full {
        links.push(
            json!({"rel": "next", "href": format!("{base}?{}", ask.query_with(&["marker"], &[("marker", last)]))}),
        );
    }
    let back = ask.query_with(&["marker", "page_reverse"], &[("marker", first), ("page_reverse", "True")]);
    links.push(json!({"rel": "previous", "href": format!("{base}?{back}")}));
    Some(Value::Array(links))
}

fn takes(row: &Value, name: &str, wanted: &[&str]) -> bool {
    if name == "fixed_ips" {
        let of = |entry: &Value, part: &str| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            entry[key].as_str() == Some(value)
        };
        let entries = row["fixed_ips"].as_array();
        return entries.is_some_and(|all| wanted.iter().any(|part| all.iter().any(|entry| of(entry, part))));
    }
    match &row[name] {
        // A filter that the resource does not have is ignored.
        Value::Null if row.get(name).is_none() => true,
        Value::String(text) => wanted.contains(&text.as_str()),
        other => wanted.iter().any(|value| other.to_string().eq_ignore_ascii_case(value)),
    }
}

fn cut(row: Value, fields: &[&str]) -> Value {
    match row {
        Value::Object(row) if !fields.is_empty() => {
            Value::Object(row.into_iter().filter(|(key, _)| fields.contains(&key.as_str())).collect::<Map<_, _>>())
        }
        row => row,
    }
}

fn port(world: &World, who: &Who, port: &Port) -> Value {
    let network = &world.networks.all[port.network];
    let device = port.device.map(|id| if port.owner == "Octavia" { format!("lb-{id}") } else { id.to_string() });
    let usual = || world.networks.security_group(port.project).into_iter().collect();
    let groups: Vec<Uid> = port.groups.clone().unwrap_or_else(usual);
    let project = port.project.hex();
    let mut shown = json!({
        "id": port.id, "name": port.name, "network_id": network.id, "tenant_id": project, "mac_address": mac_text(port.mac),
        "admin_state_up": true, "status": port.status, "device_id": device.unwrap_or_default(), "device_owner": port.owner,
        "fixed_ips": [{"subnet_id": network.subnet, "ip_address": dotted(port.ip)}], "allowed_address_pairs": [],
        "extra_dhcp_opts": [], "security_groups": groups, "description": port.description, "binding:vnic_type": "normal",
        "port_security_enabled": true, "tags": [], "created_at": port.created.zulu(), "updated_at": port.updated.zulu(),
        "revision_number": 3, "project_id": project,
    });
    if who.admin() {
        let server = port.device.and_then(|id| world.server(id));
        let host = server.and_then(|server| server.host).map_or("", |place| world.hosts[place].name.as_str());
        shown["binding:host_id"] = json!(host);
        shown["binding:profile"] = json!({});
        shown["binding:vif_type"] = json!(if host.is_empty() { "unbound" } else { "ovs" });
        shown["binding:vif_details"] = match host.is_empty() {
            true => json!({}),
            false => json!({"port_filter": true, "bound_drivers": {"0": "openvswitch"}}),
        };
    }
    shown
}

fn network(who: &Who, network: &Network) -> Value {
    let project = network.project.hex();
    let mut shown = json!({
        "id": network.id, "name": network.name, "tenant_id": project, "admin_state_up": true, "mtu": 1450, "status": "ACTIVE",
        "subnets": [network.subnet], "shared": false, "availability_zone_hints": [], "availability_zones": ["nova"],
        "ipv4_address_scope": null, "ipv6_address_scope": null, "router:external": false, "description": "",
        "port_security_enabled": true, "tags": [], "created_at": network.created.zulu(), "updated_at": network.created.zulu(),
        "revision_number": 2, "project_id": project,
    });
    if who.admin() {
        shown["provider:network_type"] = json!("vxlan");
        shown["provider:physical_network"] = Value::Null;
        // The /16's own number is as good as any.
        shown["provider:segmentation_id"] = json!(network.base >> 16 & 0xfff);
    }
    shown
}

fn subnet(network: &Network) -> Value {
    let project = network.project.hex();
    let base = network.base;
    json!({
        "id": network.subnet, "name": format!("{}-subnet", network.name), "tenant_id": project, "network_id": network.id,
        "ip_version": 4, "subnetpool_id": null, "enable_dhcp": true, "ipv6_ra_mode": null, "ipv6_address_mode": null,
        "gateway_ip": dotted(base + 1), "cidr": format!("{}/16", dotted(base)),
        "allocation_pools": [{"start": dotted(base + 2), "end": dotted(base + 65_534)}], "host_routes": [],
        "dns_nameservers": [], "description": "", "service_types": [], "tags": [], "created_at": network.created.zulu(),
        "updated_at": network.created.zulu(), "revision_number": 0, "project_id": project,
    })
}

fn agent(world: &World, host: &Host) -> Value {
    let heard = heard_of(world.now(), host).naive().to_string().replace('T', " ");
    json!({
        "id": host.agent, "agent_type": "Open vSwitch agent", "binary": "neutron-openvswitch-agent",
        "topic": "N/A", "host": host.name, "admin_state_up": true, "created_at": "2026-02-03 09:11:42",
        "started_at": "2026-09-14 21:40:07", "heartbeat_timestamp": heard, "description": null,
        "resources_synced": null, "availability_zone": null, "alive": host.up, "configurations": {},
    })
}

fn quotas(world: &World, who: &Who, project: &str, detail: bool) -> Reply {
    let wanted = Uid::parse(project).filter(|id| sees(who, *id)).and_then(|id| world.identity.project(id));
    let Some(project) = wanted else {
        return fault(
            403,
            "NotAuthorized",
            "User does not have admin privileges: Only admin is authorized to access quotas for another tenant.",
        );
    };
    let ports = world.networks.ports.values().filter(|port| port.project == project.id).count();
    let networks = world.networks.all.iter().filter(|network| network.project == project.id).count();
    let kinds: [(&str, i64, usize); 9] = [
        ("network", 100, networks),
        ("subnet", 100, networks),
        ("subnetpool", -1, 0),
        ("port", i64::try_from(project.quota.ports).unwrap_or(-1), ports),
        ("router", 10, 1),
        ("floatingip", 50, 6),
        ("rbac_policy", 10, 0),
        ("security_group", 100, 1),
        ("security_group_rule", 1000, 4),
    ];
    let shown: Map<String, Value> = kinds
        .into_iter()
        .map(|(name, limit, used)| {
            let value = if detail { json!({"limit": limit, "used": used, "reserved": 0}) } else { json!(limit) };
            (name.to_owned(), value)
        })
        .collect();
    Reply::json(200, &json!({"quota": shown}))
}
