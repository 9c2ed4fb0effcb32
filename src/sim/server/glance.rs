//! Glance: images. Its errors are HTML, and its next pages are paths without a host.

use axum::http::Method;
use serde_json::{Value, json};

use super::ask::{Ask, Who};
use super::keystone::signed_in;
use super::reply::Reply;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::image::Image;

/// `limit_param_default`.
const PAGE: usize = 25;
/// `api_limit_max`.
const PAGE_MAX: usize = 1000;

const UNAUTHORIZED: &str = "This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.";

pub(super) fn route(world: &World, ask: &Ask) -> Reply {
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
        _ => Reply::html(404, "The resource could not be found."),
    }
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
    if image.public { "public" } else { "shared" }
}

fn shown(image: &Image) -> Value {
    let hash = format!("{:032x}{:032x}", image.id.0.rotate_left(9), image.id.0.rotate_left(77));
    let mut shown = json!({
        "name": image.name, "disk_format": "qcow2", "container_format": "bare", "visibility": visibility(image),
        "size": image.size, "virtual_size": image.size * 4, "status": image.status, "checksum": &hash[..32], "protected": false,
        "min_ram": 0, "min_disk": 0, "owner": image.owner.hex(), "os_hidden": false, "os_hash_algo": "sha512",
        "os_hash_value": hash.repeat(2), "id": image.id, "created_at": image.created.zulu(), "updated_at": image.created.zulu(),
        "tags": [], "self": format!("/v2/images/{}", image.id), "file": format!("/v2/images/{}/file", image.id),
        "schema": "/v2/schemas/image", "stores": "ceph",
    });
    for (key, value) in &image.properties {
        shown[key] = json!(value);
    }
    shown
}
