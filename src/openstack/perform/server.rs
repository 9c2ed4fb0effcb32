//! Nova: what is done to servers.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use crate::base::id::InstanceId;
use crate::openstack::perform::call::Call;
use crate::openstack::request::{Microversion, ServiceType, Wanted};
use crate::openstack::wire::segment;
use crate::operation::Reboot;
use crate::operation::change::{Boot, Made, NewServer, Rebuild};

/// From there on a create takes tags.
const TAGS: u16 = 52;
/// From there on a create names the type of the volume that it makes.
const VOLUME_TYPES: u16 = 67;
/// From there on a server has a description.
const DESCRIPTIONS: u16 = 19;
/// From there on a rebuild takes user data.
const USER_DATA: u16 = 57;
/// From there on a rebuild writes the root volume anew.
const VOLUMES: u16 = 93;

pub(super) fn reboot(server: &InstanceId, how: Reboot) -> Call {
    let kind = match how {
        Reboot::Soft => "SOFT",
        Reboot::Hard => "HARD",
    };
    act(server, json!({ "reboot": { "type": kind } }))
}

pub(super) fn stop(server: &InstanceId) -> Call {
    act(server, json!({ "os-stop": null }))
}

pub(super) fn start(server: &InstanceId) -> Call {
    act(server, json!({ "os-start": null }))
}

/// An older Nova takes the lock without its reason.
pub(super) fn lock(server: &InstanceId, reason: Option<&str>) -> Call {
    let bare = json!({ "lock": null });
    let Some(reason) = reason else { return act(server, bare) };
    let wanted = Wanted { floor: Microversion(2, 1), best: Microversion(2, 73) };
    let call = act(server, json!({ "lock": { "locked_reason": reason } }));
    Call { older: Some(bare), microversion: Some(wanted), ..call }
}

pub(super) fn unlock(server: &InstanceId) -> Call {
    act(server, json!({ "unlock": null }))
}

pub(super) fn delete(server: &InstanceId) -> Call {
    Call::new(Method::DELETE, ServiceType::COMPUTE, path(server, ""))
}

/// Always one, never `min_count`: only a single create can be told apart from its repetition.
pub(super) fn create(new: &NewServer, user_data: Option<&SecretString>) -> Call {
    let mut server = Map::new();
    let mut set = |key: &str, value: Value| drop(server.insert(key.to_owned(), value));
    set("name", json!(new.name));
    set("flavorRef", json!(new.flavor));
    let ports: Vec<Value> = new.ports.iter().map(|port| json!({ "port": port })).collect();
    set("networks", json!(ports));
    set("metadata", json!(new.metadata));
    match &new.boot {
        Boot::Image(image) => set("imageRef", json!(image)),
        from_volume => set("block_device_mapping_v2", json!([mapping(from_volume)])),
    }
    if !new.tags.is_empty() {
        set("tags", json!(new.tags));
    }
    if let Some(key) = &new.key {
        set("key_name", json!(key));
    }
    if let Some(zone) = &new.zone {
        set("availability_zone", json!(zone));
    }
    if let Some(description) = &new.description {
        set("description", json!(description));
    }
    if new.config_drive {
        set("config_drive", json!(true));
    }
    if let Some(text) = user_data {
        set("user_data", json!(BASE64_STANDARD.encode(text.expose_secret())));
    }
    let mut body = json!({ "server": server });
    if let Some(group) = &new.group {
        body["os:scheduler_hints"] = json!({ "group": group });
    }
    let call = Call::new(Method::POST, ServiceType::COMPUTE, "/servers").with(body).at(needed_to_create(new));
    call.making("server", |id| Made::Server(id.into()))
}

fn needed_to_create(new: &NewServer) -> u16 {
    let typed = matches!(&new.boot, Boot::NewVolume { kind: Some(_), .. });
    let needs = [
        (typed, VOLUME_TYPES),
        (!new.tags.is_empty(), TAGS),
        // Below 2.37 an empty list of networks would mean "choose for me".
        (new.ports.is_empty(), 37),
        (new.description.is_some(), DESCRIPTIONS),
    ];
    needs.into_iter().filter(|(needed, _)| *needed).map(|(_, minor)| minor).max().unwrap_or(1)
}

fn mapping(boot: &Boot) -> Value {
    match boot {
        Boot::NewVolume { image, size, delete_on_termination, kind } => {
            let mut mapping = json!({
                "boot_index": 0, "uuid": image, "source_type": "image", "destination_type": "volume",
                "volume_size": size, "delete_on_termination": delete_on_termination,
            });
            if let Some(kind) = kind {
                mapping["volume_type"] = json!(kind);
            }
            mapping
        }
        Boot::Volume { volume, delete_on_termination } => json!({
            "boot_index": 0, "uuid": volume, "source_type": "volume", "destination_type": "volume",
            "delete_on_termination": delete_on_termination,
        }),
        Boot::Image(_) => Value::Null,
    }
}

pub(super) fn rebuild(rebuild: &Rebuild, user_data: Option<&SecretString>) -> Call {
    let mut inner = Map::new();
    inner.insert("imageRef".to_owned(), json!(rebuild.image));
    inner.insert("metadata".to_owned(), json!(rebuild.metadata));
    if let Some(description) = &rebuild.description {
        inner.insert("description".to_owned(), json!(description));
    }
    if let Some(text) = user_data {
        inner.insert("user_data".to_owned(), json!(BASE64_STANDARD.encode(text.expose_secret())));
    }
    let needs = [
        (rebuild.volume_backed, VOLUMES),
        (rebuild.user_data.is_some(), USER_DATA),
        (rebuild.description.is_some(), DESCRIPTIONS),
    ];
    let minor = needs.into_iter().filter(|(needed, _)| *needed).map(|(_, minor)| minor).max().unwrap_or(1);
    act(&rebuild.server, json!({ "rebuild": inner })).at(minor)
}

fn act(server: &InstanceId, body: Value) -> Call {
    Call::new(Method::POST, ServiceType::COMPUTE, path(server, "/action")).with(body)
}

fn path(server: &InstanceId, rest: &str) -> String {
    format!("/servers/{}{rest}", segment(server.as_str()))
}
