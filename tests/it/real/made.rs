//! What the real cloud has only when somebody makes it: a balancer, a server group, a volume. Made, compared with the
//! simulated cloud's field by field, and taken away again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::contract::raw::Raw;
use crate::contract::shape;
use crate::contract::side::{Role, Side};
use crate::contract::table::Entry;

use super::contract::real;

const DEADLINE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(300);

/// Where things were made, in order; each can be deleted.
pub(super) type Made = Arc<Mutex<Vec<(&'static str, String)>>>;

/// Nova's: path, and a microversion beside the usual ones where something changes.
const COMPUTE: [(&str, &[&str]); 5] = [
    ("/v2.1/os-server-groups", &["2.1", "2.13", "2.63", "2.64", "2.93"]),
    ("/v2.1/os-server-groups/{group}", &["2.1", "2.13", "2.63", "2.64", "2.93"]),
    ("/v2.1/servers/{mounted}", &["2.1", "2.3", "2.70", "2.71", "2.93"]),
    ("/v2.1/servers/{grouped}", &["2.1", "2.71", "2.93"]),
    ("/v2.1/servers/{mounted}/os-volume_attachments", &["2.1", "2.69", "2.70", "2.79", "2.88", "2.89", "2.93"]),
];

/// Octavia's.
const BALANCING: [&str; 12] = [
    "/v2/lbaas/loadbalancers",
    "/v2/lbaas/loadbalancers/{balancer}",
    "/v2/lbaas/loadbalancers/{balancer}/status",
    "/v2/lbaas/loadbalancers/{balancer}/stats",
    "/v2/lbaas/listeners",
    "/v2/lbaas/listeners/{listener}",
    "/v2/lbaas/pools",
    "/v2/lbaas/pools/{pool}",
    "/v2/lbaas/pools/{pool}/members",
    "/v2/lbaas/pools/{pool}/members/{member}",
    "/v2/lbaas/healthmonitors",
    "/v2/lbaas/quotas/{project}",
];

fn entries() -> Vec<Entry> {
    let entry = |service, path, microversion| Entry { service, path, microversion, role: Role::Member, status: 200 };
    let compute = COMPUTE
        .iter()
        .flat_map(|(path, versions)| versions.iter().map(|version| entry("compute", path, Some(version))));
    compute.chain(BALANCING.iter().map(|path| entry("load-balancer", path, None))).collect()
}

#[tokio::test]
async fn a_balancer_a_group_and_a_volume_have_the_simulated_clouds_shape() {
    let Some(mut there) = real().await else { return };
    let (mut here, _cloud) = Side::simulated().await;
    let made = Made::default();
    let names = make(&there, &made).await;
    let wrong = match names {
        Ok(names) => {
            there.ids.extend(names);
            here.ids.extend(found(&here.member.raw).await);
            shape::differences_of(&entries(), &here, &there).await
        }
        Err(why) => vec![why],
    };
    let left = take_away(&there.member.raw, &made).await;
    assert!(wrong.is_empty(), "here is the simulator, there the real cloud\n{}", wrong.join("\n"));
    assert_eq!(left, [""; 0], "everything was taken away");
}

type Names = Vec<(&'static str, String)>;

/// Makes them all. What is there in the end is in `made` also when it fails.
async fn make(side: &Side, made: &Made) -> Result<Names, String> {
    let raw = &side.member.raw;
    let name = format!("sd-test-{:08x}", fastrand::u32(..));
    let note = |service, path: String| made.lock().expect("a lock").push((service, path));
    let group = json!({ "server_group": { "name": name, "policies": ["anti-affinity"] } });
    let group = id(&raw.post("compute", "/v2.1/os-server-groups", &group).await?, "server_group")?;
    note("compute", format!("/v2.1/os-server-groups/{group}"));
    let volume =
        id(&raw.post("block-storage", "/volumes", &json!({ "volume": { "name": name, "size": 1 } })).await?, "volume")?;
    note("block-storage", format!("/volumes/{volume}"));
    let server = json!({
        "server": { "name": name, "flavorRef": "1", "imageRef": side.id("image"), "metadata": { "service": "sd-test" },
            "networks": [{ "uuid": side.id("network") }] },
        "os:scheduler_hints": { "group": group }
    });
    let server = id(&raw.post("compute", "/v2.1/servers", &server).await?, "server")?;
    note("compute", format!("/v2.1/servers/{server}"));
    let path = format!("/v2.1/servers/{server}");
    let row = until(raw, "compute", &path, |row| row["server"]["status"] == "ACTIVE").await?;
    until(raw, "block-storage", &format!("/volumes/{volume}"), |row| row["volume"]["status"] == "available").await?;
    let attachment = json!({ "volumeAttachment": { "volumeId": volume } });
    raw.post("compute", &format!("{path}/os-volume_attachments"), &attachment).await?;
    until(raw, "block-storage", &format!("/volumes/{volume}"), |row| row["volume"]["status"] == "in-use").await?;

    let ports = raw.get("network", &format!("/v2.0/ports?device_id={server}"), None).await.json();
    let fixed = ports["ports"][0]["fixed_ips"][0].clone();
    let address = row["server"]["addresses"].as_object().and_then(|nets| nets.values().next());
    let address = address.and_then(|all| all[0]["addr"].as_str()).ok_or("the server has no address")?.to_owned();
    let member = json!({ "name": name, "address": address, "subnet_id": fixed["subnet_id"], "protocol_port": 8080 });
    let pool = json!({ "name": name, "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "members": [member],
        "healthmonitor": { "type": "HTTP", "delay": 5, "timeout": 3, "max_retries": 2, "url_path": "/health" } });
    let listener = json!({ "name": name, "protocol": "HTTP", "protocol_port": 80, "default_pool": pool });
    let balancer =
        json!({ "loadbalancer": { "name": name, "vip_subnet_id": fixed["subnet_id"], "listeners": [listener] } });
    let balancer = id(&raw.post("load-balancer", "/v2/lbaas/loadbalancers", &balancer).await?, "loadbalancer")?;
    note("load-balancer", format!("/v2/lbaas/loadbalancers/{balancer}?cascade=true"));
    let path = format!("/v2/lbaas/loadbalancers/{balancer}");
    let row = until(raw, "load-balancer", &path, |row| row["loadbalancer"]["provisioning_status"] == "ACTIVE").await?;
    let first = |list: &str| row["loadbalancer"][list][0]["id"].as_str().unwrap_or_default().to_owned();
    let (pool, listener) = (first("pools"), first("listeners"));
    let members = raw.get("load-balancer", &format!("/v2/lbaas/pools/{pool}/members"), None).await.json();
    let member = members["members"][0]["id"].as_str().ok_or("the pool has no member")?.to_owned();
    let named = [("group", group), ("grouped", server.clone()), ("mounted", server), ("volume", volume)];
    let balancing = [("balancer", balancer), ("listener", listener), ("pool", pool), ("member", member)];
    Ok(named.into_iter().chain(balancing).collect())
}

/// The same of the simulated cloud, which has them from the start.
async fn found(raw: &Raw) -> Names {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let groups = raw.get("compute", "/v2.1/os-server-groups", None).await.json();
    let group = groups["server_groups"].as_array().expect("a list").iter().find(|group| {
        let members = group["members"].as_array().expect("a list");
        !members.is_empty()
    });
    let group = group.expect("a group with a member").clone();
    let servers = raw.get("compute", "/v2.1/servers/detail", None).await.json();
    let volumes = |row: &&Value| !row["os-extended-volumes:volumes_attached"].as_array().expect("a list").is_empty();
    let mounted =
        servers["servers"].as_array().expect("a list").iter().find(volumes).expect("one has a volume").clone();
    let volume = text(&mounted["os-extended-volumes:volumes_attached"][0]["id"]);
    let balancers = raw.get("load-balancer", "/v2/lbaas/loadbalancers", None).await.json();
    let balancer = &balancers["loadbalancers"][0];
    let pool = text(&balancer["pools"][0]["id"]);
    let members = raw.get("load-balancer", &format!("/v2/lbaas/pools/{pool}/members"), None).await.json();
    vec![
        ("group", text(&group["id"])),
        ("grouped", text(&group["members"][0])),
        ("mounted", text(&mounted["id"])),
        ("volume", volume),
        ("balancer", text(&balancer["id"])),
        ("listener", text(&balancer["listeners"][0]["id"])),
        ("pool", pool),
        ("member", text(&members["members"][0]["id"])),
    ]
}

pub(super) fn id(made: &Value, kind: &str) -> Result<String, String> {
    made[kind]["id"].as_str().map(str::to_owned).ok_or_else(|| format!("{kind} has no id: {made}"))
}

/// Asks until it is so.
pub(super) async fn until(raw: &Raw, service: &str, path: &str, so: impl Fn(&Value) -> bool) -> Result<Value, String> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let answer = raw.get(service, path, None).await;
        let row: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        if so(&row) {
            return Ok(row);
        }
        if Instant::now() > deadline || row.pointer("/server/status") == Some(&json!("ERROR")) {
            return Err(format!("{path} did not come so far: {}", answer.text));
        }
        sleep(PAUSE).await;
    }
}

/// Deletes all, the newest first, and waits until each is gone; tells what is not.
pub(super) async fn take_away(raw: &Raw, made: &Made) -> Vec<String> {
    let all = made.lock().expect("a lock").clone();
    let mut left = Vec::new();
    for (service, path) in all.into_iter().rev() {
        let deadline = Instant::now() + DEADLINE;
        // A volume is refused while it is attached, a balancer while it is being changed.
        while !raw.delete(service, &path).await {
            if Instant::now() > deadline {
                left.push(path);
                break;
            }
            sleep(PAUSE).await;
        }
    }
    left
}

/// Takes away all that a test has made, whatever came of it; only then that counts.
pub(super) async fn conclude(raw: &Raw, made: &Made, outcome: Result<(), String>) {
    let left = take_away(raw, made).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(left, [""; 0], "everything was taken away");
}
