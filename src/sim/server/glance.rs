//! Glance: images. Its errors are HTML, and its next pages are paths without a host.

use axum::http::Method;
use serde_json::{Value, json};

use super::ask::{Ask, Who};
use super::keystone::signed_in;
use super::reply::{Reply, status_of};
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::image::{Image, NewRecord};
use crate::sim::world::refusal::Refusal;

/// `limit_param_default`.
const PAGE: usize = 25;
/// `api_limit_max`.
const PAGE_MAX: usize = 1000;

const UNAUTHORIZED: &str = "This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.";

pub(super) fn route(world: &mut World, ask: &Ask) -> Reply {
    if ask.segments().is_empty() {
        return versions(ask);
    }
    let Some(who) = signed_in(world, ask) else {
        return Reply::html(401, UNAUTHORIZED)
            .with("www-authenticate", format!("Keystone uri=\"{}/identity/v3\"", ask.root));
    };
    match (&ask.method, ask.segments().as_slice()) {
        (&Method::GET, ["v2", "images"]) => list(world, ask, &who),
        (&Method::GET, ["v2", "images", id]) => {
            let found = Uid::parse(id).and_then(|id| world.image(id)).filter(|image| sees(&who, image));
            match found {
                Some(image) => Reply::json(200, &shown(image)),
                None => Reply::html(404, &format!("No image found with ID {id}")),
            }
        }
        (&Method::POST, ["v2", "images"]) => create(world, ask, &who),
        (&Method::PATCH, ["v2", "images", id]) => patch(world, ask, &who, id),
        (&Method::DELETE, ["v2", "images", id]) => match own(world, &who, id) {
            Some(id) => settled(world.delete_image(id), |()| Reply::empty(204)),
            None => trouble(404, &format!("Failed to find image {id} to delete")),
        },
        _ => Reply::html(404, "The resource could not be found."),
    }
}

/// What a change is refused with: JSON here, with a line break of HTML in it.
fn trouble(status: u16, message: &str) -> Reply {
    let title = super::reply::reason(status);
    let body =
        json!({"message": format!("{message}<br /><br />\n\n\n"), "code": format!("{status} {title}"), "title": title});
    Reply::json(status, &body)
}

fn settled<T>(outcome: Result<T, Refusal>, reply: impl FnOnce(T) -> Reply) -> Reply {
    match outcome {
        Ok(made) => reply(made),
        Err(refusal) => trouble(status_of(&refusal), refusal.message()),
    }
}

/// An image of the caller's project.
fn own(world: &World, who: &Who, id: &str) -> Option<Uid> {
    let image = Uid::parse(id).and_then(|id| world.image(id))?;
    (who.admin() || who.project == Some(image.owner)).then_some(image.id)
}

const STANDARD: [&str; 12] = [
    "id",
    "name",
    "visibility",
    "tags",
    "owner",
    "disk_format",
    "container_format",
    "min_ram",
    "min_disk",
    "protected",
    "os_hidden",
    "status",
];

fn create(world: &mut World, ask: &Ask, who: &Who) -> Reply {
    let Some(Value::Object(body)) = ask.json() else { return trouble(400, "Malformed request body") };
    let Some(owner) = who.project else { return trouble(403, "You are not authorized to complete add_image action.") };
    let id = match body.get("id").map(|id| id.as_str().and_then(Uid::parse)) {
        Some(None) => return trouble(400, "Provided object does not match schema 'image'"),
        other => other.flatten(),
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let custom = body.iter().filter(|(key, _)| !STANDARD.contains(&key.as_str()));
    let tags = body.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(text).collect();
    let wanted = NewRecord {
        id,
        name: body.get("name").and_then(text).unwrap_or_default(),
        properties: custom.filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect(),
        tags,
        private: body.get("visibility").is_some_and(|value| value == "private"),
    };
    let made = world.create_record(owner, wanted);
    settled(made, |id| Reply::json(201, &world.image(id).map(shown)))
}

/// Only `replace` of custom properties: nobody sends more.
fn patch(world: &mut World, ask: &Ask, who: &Who, id: &str) -> Reply {
    if ask.header("content-type") != Some("application/openstack-images-v2.1-json-patch") {
        return trouble(415, "The request media type application/json is not supported by this server.\n");
    }
    let Some(found) = own(world, who, id) else { return trouble(404, &format!("No image found with ID {id}")) };
    let steps = ask.json().unwrap_or_default();
    let pair = |step: &Value| {
        let key = step["path"].as_str()?.strip_prefix('/')?.replace("~1", "/").replace("~0", "~");
        (step["op"] == "replace").then(|| step["value"].as_str().map(|value| (key, value.to_owned())))?
    };
    let pairs: Option<Vec<_>> = steps.as_array().map(|steps| steps.iter().map(pair).collect()).unwrap_or_default();
    let Some(pairs) = pairs else { return trouble(400, "Invalid operation") };
    settled(world.replace_properties(found, &pairs), |()| Reply::json(200, &world.image(found).map(shown)))
}

fn sees(who: &Who, image: &Image) -> bool {
    image.public || who.admin() || who.project == Some(image.owner)
}

fn versions(ask: &Ask) -> Reply {
    let link = json!([{"rel": "self", "href": format!("{}/image/v2/", ask.root)}]);
    let minors = std::iter::once(15).chain((0..=13).rev());
    let shown: Vec<Value> = minors
        .map(|minor| {
            let status = if minor == 15 { "CURRENT" } else { "SUPPORTED" };
            json!({"id": format!("v2.{minor}"), "status": status, "links": link})
        })
        .collect();
    Reply::json(300, &json!({"versions": shown}))
}

fn list(world: &World, ask: &Ask, who: &Who) -> Reply {
    let limit = match ask.query("limit").map(str::parse::<usize>) {
        None => PAGE,
        Some(Ok(limit)) => limit.min(PAGE_MAX),
        Some(Err(_)) => return Reply::html(400, "limit param must be positive"),
    };
    // Newest first; images are kept in the order in which they were made.
    let mut found: Vec<&Image> =
        world.images.iter().rev().filter(|image| sees(who, image) && fits(ask, image)).collect();
    if let Some(marker) = ask.query("marker") {
        let Some(at) = found.iter().position(|image| Uid::parse(marker) == Some(image.id)) else {
            return Reply::html(400, &format!("No image found with ID {marker}"));
        };
        found.drain(..=at);
    }
    let full = found.len() >= limit && limit > 0;
    found.truncate(limit);
    let first = match ask.query_with(&["marker"], &[]) {
        query if query.is_empty() => "/v2/images".to_owned(),
        query => format!("/v2/images?{query}"),
    };
    let rows: Vec<Value> = found.iter().map(|image| shown(image)).collect();
    let mut body = json!({"images": rows, "first": first, "schema": "/v2/schemas/images"});
    if let Some(last) = found.last().filter(|_| full) {
        let query = ask.query_with(&["marker"], &[("marker", &last.id.to_string())]);
        body["next"] = json!(format!("/v2/images?{query}"));
    }
    Reply::json(200, &body)
}

/// Filters on standard keys and on custom properties alike; `id` and `name` and `status` also take `in:`.
fn fits(ask: &Ask, image: &Image) -> bool {
    let ours = ["limit", "marker", "sort_key", "sort_dir", "sort", "member_status"];
    ask.query.iter().filter(|(key, _)| !ours.contains(&key.as_str())).all(|(key, wanted)| match key.as_str() {
        "id" => any_of(wanted, |id| Uid::parse(id) == Some(image.id)),
        "name" => any_of(wanted, |name| name == image.name),
        "status" => any_of(wanted, |status| status == image.status),
        "owner" => Uid::parse(wanted) == Some(image.owner),
        "tag" => image.tags.contains(wanted),
        "visibility" => wanted == "all" || wanted == visibility(image),
        property => image.properties.get(property) == Some(wanted),
    })
}

fn any_of(wanted: &str, fits: impl Fn(&str) -> bool) -> bool {
    match wanted.strip_prefix("in:") {
        Some(list) => list.split(',').any(fits),
        None => fits(wanted),
    }
}

fn visibility(image: &Image) -> &'static str {
    match (image.public, image.private) {
        (true, _) => "public",
        (_, true) => "private",
        _ => "shared",
    }
}

fn shown(image: &Image) -> Value {
    let hash = format!("{:032x}{:032x}", image.id.0.rotate_left(9), image.id.0.rotate_left(77));
    let mut shown = json!({
        "name": image.name, "disk_format": "qcow2", "container_format": "bare", "visibility": visibility(image),
        "size": image.size, "virtual_size": image.size * 4, "status": image.status, "checksum": &hash[..32], "protected": false,
        "min_ram": 0, "min_disk": 0, "owner": image.owner.hex(), "os_hidden": false, "os_hash_algo": "sha512",
        "os_hash_value": hash.repeat(2), "id": image.id, "created_at": image.created.zulu(), "updated_at": image.created.zulu(),
        "tags": image.tags, "self": format!("/v2/images/{}", image.id), "file": format!("/v2/images/{}/file", image.id),
        "schema": "/v2/schemas/image", "stores": "ceph",
    });
    if image.status == "queued" {
        let unknown =
            ["disk_format", "container_format", "size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value"];
        unknown.into_iter().for_each(|key| shown[key] = Value::Null);
        shown.as_object_mut().map(|shown| shown.remove("stores"));
    }
    for (key, value) in &image.properties {
        shown[key] = json!(value);
    }
    shown
}
