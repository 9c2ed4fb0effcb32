//! Octavia: load balancers, listeners, pools, members, the status tree, quotas.

mod members;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::ask::{Ask, Who};
use super::keystone::signed_in;
use super::reply::Reply;
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::balancer::{Balancer, Member, Monitor, Pool};
use crate::sim::world::network::dotted;

pub(super) fn fault(status: u16, message: &str) -> Reply {
    let code = if status >= 500 { "Server" } else { "Client" };
    Reply::json(status, &json!({"faultcode": code, "faultstring": message, "debuginfo": null}))
}

pub(super) fn route(world: &mut World, ask: &Ask) -> Reply {
    if ask.segments().is_empty() {
        return versions(ask);
    }
    let Some(who) = signed_in(world, ask) else { return super::unauthorized(ask) };
    let Some(("v2" | "v2.0", rest)) = ask.segments().split_first().map(|(first, rest)| (*first, rest.to_vec())) else {
        return Reply::html(404, "The resource could not be found.");
    };
    match (&ask.method, rest.as_slice()) {
        (&Method::GET, []) => Reply::json(200, &"v2"),
        (&Method::GET, ["lbaas", below @ ..]) => read(world, ask, &who, below),
        (_, ["lbaas", below @ ..]) => members::route(world, ask, &who, below),
        _ => Reply::html(404, "The resource could not be found."),
    }
}

fn versions(ask: &Ask) -> Reply {
    let links = json!([{"href": format!("{}/load-balancer/v2", ask.root), "rel": "self"}]);
    let shown: Vec<Value> = (0..=26)
        .map(|minor| {
            let status = if minor == 26 { "CURRENT" } else { "SUPPORTED" };
            json!({"id": format!("v2.{minor}"), "status": status, "updated": "2022-03-30T00:00:00Z", "links": links})
        })
        .collect();
    Reply::json(200, &json!({"versions": shown}))
}

fn read(world: &World, ask: &Ask, who: &Who, below: &[&str]) -> Reply {
    let ours = |balancer: &&Balancer| who.admin() || who.project == Some(balancer.project);
    let all = || world.balancers.all.iter().filter(ours);
    match below {
        ["loadbalancers"] => list(ask, "loadbalancers", all().map(|entry| balancer(world, entry))),
        ["loadbalancers", id, rest @ ..] => match all().find(|entry| Uid::parse(id) == Some(entry.id)) {
            None => fault(404, &format!("Load Balancer {id} not found.")),
            Some(found) => match rest {
                [] => Reply::json(200, &json!({"loadbalancer": balancer(world, found)})),
                ["status"] => Reply::json(200, &json!({"statuses": {"loadbalancer": tree(found)}})),
                ["stats"] => Reply::json(200, &json!({"stats": stats(world, found)})),
                _ => Reply::html(404, "The resource could not be found."),
            },
        },
        ["listeners"] => {
            let both = all().flat_map(|entry| [Some(listener(entry)), exporter(world, entry)].into_iter().flatten());
            list(ask, "listeners", both)
        }
        ["listeners", id, rest @ ..] => match all().find(|entry| Uid::parse(id) == Some(entry.listener.id)) {
            None => read_exporter(
                world,
                id,
                all().find(|entry| entry.exporter.is_some_and(|own| Uid::parse(id) == Some(own))),
                rest,
            ),
            Some(found) => match rest {
                [] => Reply::json(200, &json!({"listener": listener(found)})),
                // Of the exporter's own few nothing is told, so the figures are the balancer's.
                ["stats"] => Reply::json(200, &json!({"stats": stats(world, found)})),
                _ => Reply::html(404, "The resource could not be found."),
            },
        },
        ["pools"] => list(ask, "pools", all().flat_map(|entry| entry.pools().map(|own| pool(entry, own)))),
        ["pools", id, rest @ ..] => {
            let mut both = all().flat_map(|entry| entry.pools().map(move |own| (entry, own)));
            let found = both.find(|(_, own)| Uid::parse(id) == Some(own.id));
            read_pool(world, ask, id, found, rest)
        }
        ["healthmonitors"] => {
            let monitors = all()
                .flat_map(|entry| entry.pools().filter_map(|own| Some(monitor(entry, own, own.monitor.as_ref()?))));
            list(ask, "healthmonitors", monitors)
        }
        ["healthmonitors", id] => {
            let mut monitors =
                all().flat_map(|entry| entry.pools().filter_map(move |own| Some((entry, own, own.monitor.as_ref()?))));
            match monitors.find(|(.., own)| Uid::parse(id) == Some(own.id)) {
                Some((entry, own, found)) => Reply::json(200, &json!({"healthmonitor": monitor(entry, own, found)})),
                None => fault(404, &format!("Health Monitor {id} not found.")),
            }
        }
        ["providers"] => {
            let amphora = json!({"name": "amphora", "description": "The Octavia Amphora driver."});
            Reply::json(200, &json!({"providers": [amphora]}))
        }
        ["quotas", _] => Reply::json(
            200,
            &json!({"quota": {
                "load_balancer": 60, "listener": 200, "member": 2000, "pool": 200, "health_monitor": 200, "l7policy": -1, "l7rule": -1,
            }}),
        ),
        _ => Reply::html(404, "The resource could not be found."),
    }
}

fn read_pool(world: &World, ask: &Ask, id: &str, found: Option<(&Balancer, &Pool)>, rest: &[&str]) -> Reply {
    match (found, rest) {
        (None, ["members", ..]) => {
            let sorry =
                "The server could not comply with the request since it is either malformed or otherwise incorrect.";
            // Not the phrase of the status: octavia mixes two.
            let title = "404 Bad Request";
            let page = format!(
                "<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n  {sorry}<br /><br />\nPool {id} not found.\n\n\n </body>\n</html>"
            );
            Reply::bytes(404, "text/html; charset=UTF-8", page.into_bytes())
        }
        (None, _) => fault(404, &format!("Pool {id} not found.")),
        (Some((found, own)), []) => Reply::json(200, &json!({"pool": pool(found, own)})),
        (Some((found, own)), ["members"]) => {
            list(ask, "members", own.members.iter().map(|entry| member(world, found, entry)))
        }
        (Some((found, own)), ["members", id]) => {
            match own.members.iter().find(|entry| Uid::parse(id) == Some(entry.id)) {
                Some(entry) => Reply::json(200, &json!({"member": member(world, found, entry)})),
                None => fault(404, &format!("Member {id} not found.")),
            }
        }
        _ => Reply::html(404, "The resource could not be found."),
    }
}

/// A list with filters, `fields` and pages.
fn list(ask: &Ask, key: &str, rows: impl Iterator<Item = Value>) -> Reply {
    let known = [
        "limit",
        "marker",
        "fields",
        "sort",
        "page_reverse",
        "name",
        "project_id",
        "provisioning_status",
        "operating_status",
        "id",
        "loadbalancer_id",
        "tags",
    ];
    if ask.query.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        return fault(400, "One or more arguments are either duplicate or invalid");
    }
    let takes = |row: &Value| {
        let filters = ask.query.iter().filter(|(name, _)| row.get(name).is_some_and(Value::is_string));
        filters.clone().all(|(name, wanted)| row[name].as_str() == Some(wanted))
    };
    let mut rows: Vec<Value> = rows.filter(takes).collect();
    if let Some(marker) = ask.query("marker") {
        let Some(at) = rows.iter().position(|row| row["id"] == *marker) else {
            return fault(400, &format!("Supplied pagination marker '{marker}' is not valid."));
        };
        rows.drain(..=at);
    }
    let limit = ask.query("limit").and_then(|text| text.parse::<usize>().ok()).filter(|limit| *limit > 0);
    let full = limit.is_some_and(|limit| rows.len() >= limit);
    rows.truncate(limit.unwrap_or(1000));
    let mut links = Vec::new();
    if let Some(last) = rows.last().filter(|_| full).and_then(|row| row["id"].as_str()) {
        let query = ask.query_with(&["marker"], &[("marker", last)]);
        links.push(json!({"href": format!("{}/load-balancer/{}?{query}", ask.root, ask.path), "rel": "next"}));
    }
    let fields: Vec<&str> = ask.queries("fields").collect();
    let rows: Vec<Value> = rows.into_iter().map(|row| cut(row, &fields)).collect();
    Reply::json(200, &json!({key: rows, format!("{key}_links"): links}))
}

fn cut(row: Value, fields: &[&str]) -> Value {
    match row {
        Value::Object(row) if !fields.is_empty() => {
            Value::Object(row.into_iter().filter(|(key, _)| fields.contains(&key.as_str())).collect::<Map<_, _>>())
        }
        row => row,
    }
}

fn balancer(world: &World, balancer: &Balancer) -> Value {
    let network = &world.networks.all[balancer.network];
    let project = balancer.project.hex();
    let listeners: Vec<Value> =
        [Some(balancer.listener.id), balancer.exporter].into_iter().flatten().map(|id| json!({"id": id})).collect();
    let pools: Vec<Value> = balancer.pools().map(|own| json!({"id": own.id})).collect();
    json!({
        "id": balancer.id, "name": balancer.name, "description": "", "provisioning_status": balancer.provisioning,
        "operating_status": balancer.pool.operating(), "admin_state_up": true, "project_id": project,
        "created_at": balancer.created.naive(), "updated_at": balancer.updated.naive(), "vip_address": dotted(balancer.vip),
        "vip_port_id": balancer.vip_port, "vip_subnet_id": network.subnet, "vip_network_id": network.id, "additional_vips": [],
        "listeners": listeners, "pools": pools, "provider": balancer.provider,
        "flavor_id": null, "vip_qos_policy_id": null, "tags": balancer.tags, "availability_zone": null, "tenant_id": project,
    })
}

fn listener(balancer: &Balancer) -> Value {
    let (listener, project) = (&balancer.listener, balancer.project.hex());
    json!({
        "id": listener.id, "name": listener.name, "description": "", "provisioning_status": balancer.provisioning,
        // Also while every member fails: a listener only says that it listens.
        "operating_status": "ONLINE", "admin_state_up": true, "protocol": listener.protocol, "protocol_port": listener.port,
        "connection_limit": -1, "default_tls_container_ref": null, "sni_container_refs": [], "project_id": project,
        "default_pool_id": balancer.pool.id, "l7policies": [], "insert_headers": {}, "created_at": balancer.created.naive(),
        "updated_at": balancer.updated.naive(), "loadbalancers": [{"id": balancer.id}], "timeout_client_data": 50000,
        "timeout_member_connect": 5000, "timeout_member_data": 50000, "timeout_tcp_inspect": 0, "tags": [],
        "client_ca_tls_container_ref": null, "client_authentication": "NONE", "client_crl_container_ref": null,
        "allowed_cidrs": null, "tls_ciphers": null, "tls_versions": null, "alpn_protocols": null, "tenant_id": project,
    })
}

/// The listener of protocol PROMETHEUS, which has no pool.
fn exporter(world: &World, balancer: &Balancer) -> Option<Value> {
    let mut shown = listener(balancer);
    shown["id"] = json!(balancer.exporter?);
    shown["name"] = json!(format!("{}-metrics", balancer.name));
    shown["protocol"] = json!("PROMETHEUS");
    shown["protocol_port"] = json!(super::doors::exporter_port(world));
    shown["default_pool_id"] = Value::Null;
    Some(shown)
}

fn read_exporter(world: &World, id: &str, balancer: Option<&Balancer>, rest: &[&str]) -> Reply {
    let nothing = json!({
        "bytes_in": 0, "bytes_out": 0, "active_connections": 0, "total_connections": 0, "request_errors": 0,
    });
    match (balancer.and_then(|balancer| exporter(world, balancer)), rest) {
        (None, _) => fault(404, &format!("Listener {id} not found.")),
        (Some(shown), []) => Reply::json(200, &json!({"listener": shown})),
        (Some(_), ["stats"]) => Reply::json(200, &json!({"stats": nothing})),
        _ => Reply::html(404, "The resource could not be found."),
    }
}

fn pool(balancer: &Balancer, pool: &Pool) -> Value {
    let (project, used) = (balancer.project.hex(), pool.id == balancer.pool.id);
    let listeners: Vec<Value> = used.then(|| json!({"id": balancer.listener.id})).into_iter().collect();
    let members: Vec<Value> = pool.members.iter().map(|member| json!({"id": member.id})).collect();
    // What its members are it is, too.
    let updated = pool.members.iter().filter_map(|member| member.updated).fold(balancer.updated, Moment::max);
    json!({
        "id": pool.id, "name": pool.name, "description": "", "provisioning_status": pool.provisioning,
        "operating_status": if used { pool.operating() } else { "OFFLINE" }, "admin_state_up": true, "protocol": "HTTP",
        "lb_algorithm": if balancer.provider == "ovn" { "SOURCE_IP_PORT" } else { "ROUND_ROBIN" },
        "session_persistence": null, "project_id": project, "loadbalancers": [{"id": balancer.id}],
        "listeners": listeners, "created_at": balancer.created.naive(),
        "updated_at": updated.naive(), "healthmonitor_id": pool.monitor.as_ref().map(|monitor| monitor.id),
        "members": members, "tags": [], "tls_container_ref": null, "ca_tls_container_ref": null,
        "crl_container_ref": null, "tls_enabled": false, "tls_ciphers": null, "tls_versions": null, "alpn_protocols": null,
        "tenant_id": project,
    })
}

fn member(world: &World, balancer: &Balancer, member: &Member) -> Value {
    let project = balancer.project.hex();
    json!({
        "id": member.id, "name": member.name, "operating_status": member.operating, "provisioning_status": member.provisioning,
        "admin_state_up": member.enabled, "address": dotted(member.ip), "protocol_port": member.port, "weight": member.weight,
        "backup": member.backup, "subnet_id": world.networks.all[balancer.network].subnet, "project_id": project,
        "created_at": member.created.naive(), "updated_at": member.updated.map(Moment::naive), "monitor_address": member.monitor_address.map(dotted),
        "monitor_port": member.monitor_port, "tags": member.tags, "tenant_id": project,
    })
}

fn monitor(balancer: &Balancer, pool: &Pool, monitor: &Monitor) -> Value {
    let project = balancer.project.hex();
    json!({
        "id": monitor.id, "name": "", "type": "HTTP", "delay": monitor.delay, "timeout": monitor.timeout,
        "max_retries": monitor.max_retries, "max_retries_down": monitor.max_retries_down, "http_method": "GET",
        "url_path": monitor.path, "expected_codes": "200", "admin_state_up": true, "project_id": project,
        "pools": [{"id": pool.id}], "provisioning_status": "ACTIVE", "operating_status": "ONLINE",
        "created_at": balancer.created.naive(), "updated_at": null, "tags": [], "http_version": null, "domain_name": null,
        "tenant_id": project,
    })
}

fn tree(balancer: &Balancer) -> Value {
    let (listener, pool) = (&balancer.listener, &balancer.pool);
    let members: Vec<Value> = pool
        .members
        .iter()
        .map(|member| {
            json!({
                "id": member.id, "name": member.name, "operating_status": member.operating,
                "provisioning_status": member.provisioning, "address": dotted(member.ip), "protocol_port": member.port,
            })
        })
        .collect();
    let mut shown = json!({
        "id": pool.id, "name": pool.name, "provisioning_status": pool.provisioning, "operating_status": pool.operating(),
        "members": members,
    });
    if let Some(monitor) = &pool.monitor {
        shown["health_monitor"] = json!({
            "id": monitor.id, "name": "", "type": "HTTP", "provisioning_status": "ACTIVE", "operating_status": "ONLINE",
        });
    }
    let mut listeners = vec![json!({
        "id": listener.id, "name": listener.name, "operating_status": "ONLINE",
        "provisioning_status": balancer.provisioning, "pools": [shown],
    })];
    listeners.extend(balancer.exporter.map(|id| {
        json!({
            "id": id, "name": format!("{}-metrics", balancer.name), "operating_status": "ONLINE",
            "provisioning_status": balancer.provisioning, "pools": [],
        })
    }));
    json!({
        "id": balancer.id, "name": balancer.name, "operating_status": pool.operating(),
        "provisioning_status": balancer.provisioning, "listeners": listeners,
    })
}

fn stats(world: &World, balancer: &Balancer) -> Value {
    let stats = world.stats_of(balancer);
    json!({
        "bytes_in": stats.bytes_in, "bytes_out": stats.bytes_out, "active_connections": stats.active_connections,
        "total_connections": stats.total_connections, "request_errors": stats.request_errors,
    })
}
