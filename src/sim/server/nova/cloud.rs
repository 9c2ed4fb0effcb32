//! What is not a server: flavors, limits, server groups, and the cloud's own services and hosts.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{Call, Reply, fault, policy};
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::image::Flavor;
use crate::sim::world::instance::{Server, ServerGroup};

pub(super) fn route(world: &mut World, call: &Call<'_>, method: &Method, rest: &[&str]) -> Reply {
    match (method, rest) {
        (&Method::GET, rest) => read(world, call, rest),
        (&Method::PUT, ["os-services", id]) => put_service(world, call, id),
        _ => Reply::html(404, "The resource could not be found."),
    }
}

fn read(world: &World, call: &Call<'_>, rest: &[&str]) -> Reply {
    let admin = call.who.admin();
    match rest {
        ["flavors"] => flavors(world, call, false),
        ["flavors", "detail"] => flavors(world, call, true),
        ["flavors", id] => match world.flavors.iter().find(|flavor| flavor.id == *id) {
            Some(found) => Reply::json(200, &json!({"flavor": flavor(call, found, true)})),
            None => fault(404, &format!("Flavor {id} could not be found.")),
        },
        ["limits"] => limits(world, call),
        ["os-server-groups"] => groups(world, call),
        ["os-server-groups", id] => {
            let found = Uid::parse(id).and_then(|id| world.groups.iter().find(|group| group.id == id));
            match found.filter(|group| admin || call.who.project == Some(group.project)) {
                Some(found) => Reply::json(200, &json!({"server_group": group(world, call, found)})),
                None => fault(404, &format!("Instance group {id} could not be found.")),
            }
        }
        ["os-services"] if !admin => policy("os-services:list"),
        ["os-services"] => {
            let shown: Vec<Value> = world.hosts.iter().map(|host| service(world, call, host)).collect();
            Reply::json(200, &json!({"services": shown}))
        }
        ["os-hypervisors"] if !admin => policy("os-hypervisors:list"),
        ["os-hypervisors", "detail"] if !admin => policy("os-hypervisors:list-detail"),
        ["os-hypervisors"] => hypervisors(world, call, false),
        ["os-hypervisors", "detail"] => hypervisors(world, call, true),
        ["os-availability-zone"] => zones(world),
        ["os-keypairs"] => Reply::json(200, &json!({"keypairs": []})),
        _ => Reply::html(404, "The resource could not be found."),
    }
}

fn flavors(world: &World, call: &Call<'_>, detail: bool) -> Reply {
    let shown: Vec<Value> = world.flavors.iter().map(|entry| flavor(call, entry, detail)).collect();
    Reply::json(200, &json!({"flavors": shown}))
}

fn flavor(call: &Call<'_>, flavor: &Flavor, detail: bool) -> Value {
    let links = json!([
        {"rel": "self", "href": format!("{}/flavors/{}", call.base(), flavor.id)},
        {"rel": "bookmark", "href": format!("{}/flavors/{}", call.bookmark(), flavor.id)},
    ]);
    let mut shown = json!({"id": flavor.id, "name": flavor.name, "links": links});
    if call.at_least(55) {
        shown["description"] = Value::Null;
    }
    if !detail {
        return shown;
    }
    let more = json!({
        "ram": flavor.ram, "disk": flavor.disk, "vcpus": flavor.vcpus, "rxtx_factor": 1.0,
        "swap": if call.at_least(75) { json!(0) } else { json!("") }, "OS-FLV-EXT-DATA:ephemeral": 0,
        "OS-FLV-DISABLED:disabled": false, "os-flavor-access:is_public": true,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        shown[key] = value.clone();
    }
    if call.at_least(61) {
        shown["extra_specs"] = json!({});
    }
    shown
}

fn limits(world: &World, call: &Call<'_>) -> Reply {
    let asked = call.ask.query("tenant_id").filter(|_| call.who.admin()).and_then(Uid::parse);
    let Some(project) = asked.or(call.who.project).and_then(|id| world.identity.project(id)) else {
        return Reply::json(200, &json!({"limits": {"rate": [], "absolute": {}}}));
    };
    let (count, cores, ram) = world.usage(project.id);
    let groups = world.groups.iter().filter(|group| group.project == project.id).count();
    let mut absolute = json!({
        "maxTotalInstances": project.quota.instances, "maxTotalCores": project.quota.cores, "maxTotalRAMSize": project.quota.ram,
        "maxServerMeta": 128, "maxTotalKeypairs": 100, "maxServerGroups": 50, "maxServerGroupMembers": 1000,
        "totalRAMUsed": ram, "totalCoresUsed": cores, "totalInstancesUsed": count, "totalServerGroupsUsed": groups,
    });
    let older = [
        (
            36,
            json!({
                "maxSecurityGroups": 10, "maxSecurityGroupRules": 20, "maxTotalFloatingIps": 10,
                "totalSecurityGroupsUsed": 0, "totalFloatingIpsUsed": 0,
            }),
        ),
        (39, json!({"maxImageMeta": 128})),
        (57, json!({"maxPersonality": 5, "maxPersonalitySize": 10_240})),
    ];
    for (until, keys) in older.iter().filter(|(until, _)| !call.at_least(*until)) {
        debug_assert!(*until > 1, "every key was there once");
        for (key, value) in keys.as_object().into_iter().flatten() {
            absolute[key] = value.clone();
        }
    }
    Reply::json(200, &json!({"limits": {"rate": [], "absolute": absolute}}))
}

fn groups(world: &World, call: &Call<'_>) -> Reply {
    let all = call.who.admin() && call.ask.query("all_projects").is_some();
    let ours = |entry: &&ServerGroup| all || call.who.project == Some(entry.project);
    let shown: Vec<Value> = world.groups.iter().filter(ours).map(|entry| group(world, call, entry)).collect();
    Reply::json(200, &json!({"server_groups": shown}))
}

fn group(world: &World, call: &Call<'_>, group: &ServerGroup) -> Value {
    let members: Vec<Uid> = world.members_of_group(group.id).collect();
    let mut shown = json!({"id": group.id, "name": group.name, "members": members});
    if call.at_least(64) {
        shown["policy"] = json!(group.policy);
        shown["rules"] = json!({});
    } else {
        shown["policies"] = json!([group.policy]);
        shown["metadata"] = json!({});
    }
    if call.at_least(13) {
        shown["project_id"] = json!(group.project.hex());
        shown["user_id"] = json!(group.user.hex());
    }
    shown
}

/// When a daemon last reported: every ten seconds while it lives.
pub(in crate::sim::server) fn heard_of(now: Moment, host: &Host) -> Moment {
    let beat = Moment::from_millis(now.as_millis().div_euclid(10_000) * 10_000);
    host.last_seen.unwrap_or(beat)
}

fn service(world: &World, call: &Call<'_>, host: &Host) -> Value {
    let mut shown = json!({
        "binary": host.binary, "host": host.name, "zone": host.zone,
        "status": if host.disabled.is_some() { "disabled" } else { "enabled" },
        "state": if host.alive() { "up" } else { "down" },
        "updated_at": heard_of(world.now(), host).naive_micros(), "disabled_reason": host.disabled,
        "id": if call.at_least(53) { json!(host.service) } else { json!(host.number) },
    });
    if call.at_least(11) {
        shown["forced_down"] = json!(host.forced_down);
    }
    shown
}

fn put_service(world: &mut World, call: &Call<'_>, id: &str) -> Reply {
    if !call.who.admin() {
        return policy("os-services:update");
    }
    let body = call.ask.json().unwrap_or_default();
    let wanted = Uid::parse(id).filter(|_| call.at_least(53));
    let Some(place) = world.hosts.iter().position(|host| Some(host.service) == wanted) else {
        return fault(404, &format!("Service {id} could not be found."));
    };
    let host = &mut world.hosts[place];
    if let Some(forced) = body["forced_down"].as_bool() {
        host.forced_down = forced;
    }
    match body["status"].as_str() {
        Some("enabled") => host.disabled = None,
        Some("disabled") => host.disabled = Some(body["disabled_reason"].as_str().unwrap_or_default().to_owned()),
        _ => {}
    }
    Reply::json(200, &json!({"service": service(world, call, &world.hosts[place])}))
}

fn hypervisors(world: &World, call: &Call<'_>, detail: bool) -> Reply {
    let computes = world.hosts.iter().enumerate().filter(|(_, host)| host.computes());
    let shown: Vec<Value> = computes.map(|(place, host)| hypervisor(world, call, place, host, detail)).collect();
    Reply::json(200, &json!({"hypervisors": shown}))
}

fn hypervisor(world: &World, call: &Call<'_>, place: usize, host: &Host, detail: bool) -> Value {
    let new_ids = call.at_least(53);
    let mut shown = json!({
        "id": if new_ids { json!(host.hypervisor) } else { json!(host.number) }, "hypervisor_hostname": host.name,
        "state": if host.alive() { "up" } else { "down" },
        "status": if host.disabled.is_some() { "disabled" } else { "enabled" },
    });
    if !detail {
        return shown;
    }
    let service = if new_ids { json!(host.service) } else { json!(host.number) };
    shown["hypervisor_type"] = json!("QEMU");
    shown["hypervisor_version"] = json!(7_002_011);
    shown["host_ip"] = json!(format!("10.1.0.{}", host.address));
    shown["service"] = json!({"id": service, "host": host.name, "disabled_reason": host.disabled});
    if call.at_least(88) {
        let up = if host.up {
            let [one, five, fifteen] = load_average(world, place);
            let days = 20 + place;
            json!(format!(
                " 11:10:03 up {days} days,  3:12,  0 users,  load average: {one:.2}, {five:.2}, {fifteen:.2}\n"
            ))
        } else {
            Value::Null
        };
        shown["uptime"] = up;
        return shown;
    }
    let here = world.servers().filter(|server| server.host == Some(place));
    let (count, cpus, ram, disk) = here.fold((0u64, 0u64, 0u64, 0u64), |sum, server| {
        let flavor = &world.flavors[server.flavor];
        let (cpus, ram, disk) = (u64::from(flavor.vcpus), u64::from(flavor.ram), u64::from(flavor.disk));
        (sum.0 + 1, sum.1 + cpus, sum.2 + ram, sum.3 + disk)
    });
    let topology = json!({"cores": host.vcpus / 2, "threads": 2, "sockets": 1});
    let features = json!(["aes", "avx2", "pge", "sse4.2"]);
    let cpu = json!({"arch": "x86_64", "model": "EPYC", "vendor": "AMD", "features": features, "topology": topology});
    let numbers = json!({
        "vcpus": host.vcpus, "vcpus_used": cpus, "memory_mb": host.ram, "memory_mb_used": ram,
        "free_ram_mb": i64::from(host.ram) - i64::try_from(ram).unwrap_or(0), "local_gb": 40_000, "local_gb_used": disk,
        "free_disk_gb": 40_000 - i64::try_from(disk).unwrap_or(0), "disk_available_least": 31_000, "current_workload": 0,
        "running_vms": count,
        "cpu_info": if call.at_least(28) { cpu } else { json!(cpu.to_string()) },
    });
    for (key, value) in numbers.as_object().into_iter().flatten() {
        shown[key] = value.clone();
    }
    shown
}

/// How many cores the guests of a host kept busy, in the mean of the last 1, 5 and 15 minutes.
fn load_average(world: &World, place: usize) -> [f64; 3] {
    let servers: Vec<&Server> = world.servers().filter(|server| server.host == Some(place)).collect();
    let now = world.now();
    let minutes = [1, 5, 15].map(|minutes| Duration::from_secs(60 * minutes));
    let [one, five, fifteen] = minutes.map(|ago| now.minus(ago));
    let guests = world.guests_over(&servers, &[fifteen, five, one, now]);
    let busy = |at: usize| {
        let used =
            guests.iter().filter_map(|guest| Some(guest[3].as_ref()?.cpu_seconds - guest[at].as_ref()?.cpu_seconds));
        // What has booted anew counts from zero.
        used.map(|seconds| seconds.max(0.0)).sum::<f64>()
    };
    let [one, five, fifteen] = minutes.map(|over| over.as_secs_f64());
    [busy(2) / one, busy(1) / five, busy(0) / fifteen]
}

fn zones(world: &World) -> Reply {
    let mut names: Vec<&str> = world.hosts.iter().filter(|host| host.computes()).map(|host| host.zone).collect();
    names.sort_unstable();
    names.dedup();
    let zones: Vec<Value> =
        names.iter().map(|name| json!({"zoneName": name, "zoneState": {"available": true}, "hosts": null})).collect();
    Reply::json(200, &json!({"availabilityZoneInfo": zones}))
}
