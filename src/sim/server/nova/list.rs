//! Lists of servers: filters, pages, changes-since, and the rule about cells that are down.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::view::{Brief, Detail, Frame, Link, Unknown};
use super::{Call, Reply, fault, policy};
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::instance::Server;
use crate::sim::world::instance::state::STATUSES;

/// Nova's `max_limit`.
const MAX_LIMIT: usize = 1000;

/// Query parameters that nova knows; from 2.75 others are refused.
const KNOWN: [&str; 27] = [
    "all_tenants",
    "limit",
    "marker",
    "sort_key",
    "sort_dir",
    "status",
    "name",
    "image",
    "flavor",
    "host",
    "tags",
    "tags-any",
    "not-tags",
    "not-tags-any",
    "changes-since",
    "changes-before",
    "metadata",
    "ip",
    "ip6",
    "uuid",
    "tenant_id",
    "project_id",
    "user_id",
    "deleted",
    "vm_state",
    "task_state",
    "locked",
];

/// Which servers a list is about.
struct Filter {
    project: Option<Uid>,
    name: Option<regex::Regex>,
    status: Vec<String>,
    tags: Vec<String>,
    metadata: Vec<(String, String)>,
    host: Option<String>,
    image: Option<Uid>,
    flavor: Option<String>,
    since: Option<Moment>,
    deleted: bool,
}

/// What stands on a page: a server with its row, or one whose cell is down.
enum Row<'a> {
    Seen(&'a Server),
    Unknown(&'a Server),
}

pub(super) fn servers(world: &World, call: &Call<'_>, detail: bool) -> Reply {
    match page(world, call, detail) {
        Err(reply) => reply,
        Ok((rows, next)) => {
            let frame = Frame::new(world, call, false);
            let listed = rows.len();
            let page = Page { frame: &frame, rows, next, detail };
            Reply::json(200, &page).listing(if detail { listed } else { listed / 3 })
        }
    }
}

type Rows<'a> = (Vec<Row<'a>>, Option<String>);

fn page<'a>(world: &'a World, call: &Call<'_>, detail: bool) -> Result<Rows<'a>, Reply> {
    check_query(call)?;
    let limit = limit(call)?;
    let filter = filter(call, detail)?;
    let end = match call.ask.query("marker") {
        None => world.servers.len(),
        Some(marker) => marker_place(world, marker)?,
    };
    let matching = |place: &usize| {
        let server = &world.servers[*place];
        !world.unreachable(*place) && filter.takes(world, server)
    };
    let newest_first = (0..end).rev().filter(matching);
    let mut rows: Vec<Row<'a>> = newest_first.take(limit).map(|place| Row::Seen(&world.servers[place])).collect();
    if call.at_least(69) && is_bare(call) {
        let lost = (0..world.servers.len()).rev().filter(|place| world.unreachable(*place));
        let lost = lost.map(|place| &world.servers[place]).filter(|server| server.lives() && filter.owns(server));
        let room = limit - rows.len();
        rows.extend(lost.take(room).map(Row::Unknown));
    }
    let last = rows.last().map(|row| match row {
        Row::Seen(server) | Row::Unknown(server) => server.id,
    });
    let next = last.filter(|_| rows.len() == limit).map(|id| {
        let path = call.ask.path.trim_end_matches('/');
        let query = call.ask.query_with(&["marker"], &[("marker", &id.to_string())]);
        format!("{}/compute/{path}?{query}", call.ask.root)
    });
    Ok((rows, next))
}

/// Nothing but `all_tenants`: only then are servers of a cell that is down told of.
fn is_bare(call: &Call<'_>) -> bool {
    call.ask.query.iter().all(|(key, _)| key == "all_tenants")
}

fn marker_place(world: &World, marker: &str) -> Result<usize, Reply> {
    let place = Uid::parse(marker).and_then(|id| world.places.get(&id).copied());
    let place = place.ok_or_else(|| fault(400, &format!("marker [{marker}] not found")))?;
    if world.unreachable(place) {
        return Err(super::one::unexpected("nova.exception.CellTimeout"));
    }
    Ok(place)
}

fn check_query(call: &Call<'_>) -> Result<(), Reply> {
    let invalid = |name: &str, value: &str, why: &str| {
        fault(400, &format!("Invalid input for query parameters {name}. Value: {value}. {why}"))
    };
    for (key, value) in &call.ask.query {
        match key.as_str() {
            "limit" if !value.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(invalid("limit", value, &format!("'{value}' does not match '^[0-9]*$'")));
            }
            "changes-since" if Moment::parse(value).is_none() => {
                return Err(invalid("changes-since", value, &format!("'{value}' is not a 'date-time'")));
            }
            "sort_key" if !matches!(value.as_str(), "created_at" | "display_name" | "updated_at" | "uuid") => {
                let some = "'created_at', 'display_name', 'updated_at', 'uuid'";
                return Err(invalid("sort_key", value, &format!("'{value}' is not one of [{some}]")));
            }
            name if call.at_least(75) && !KNOWN.contains(&name) && !name.starts_with('_') => {
                return Err(fault(400, &format!("'{name}' does not match any of the regexes: '^_'")));
            }
            _ => {}
        }
    }
    Ok(())
}

fn limit(call: &Call<'_>) -> Result<usize, Reply> {
    let Some(text) = call.ask.query("limit") else { return Ok(MAX_LIMIT) };
    let limit = text.parse::<usize>().map_err(|_| fault(400, "limit param must be an integer"))?;
    Ok(limit.min(MAX_LIMIT))
}

fn filter(call: &Call<'_>, detail: bool) -> Result<Filter, Reply> {
    let all = call.ask.query("all_tenants").is_some_and(|value| !matches!(value, "0" | "false" | "False"));
    if all && !call.who.admin() {
        let list = if detail { "detail" } else { "index" };
        return Err(policy(&format!("servers:{list}:get_all_tenants")));
    }
    let status: Vec<String> = call.ask.queries("status").map(str::to_uppercase).collect();
    if call.at_least(38) && status.iter().any(|status| !STATUSES.contains(&status.as_str())) {
        return Err(fault(400, "Invalid status value"));
    }
    let name = call.ask.query("name").map(regex::Regex::new).transpose();
    let name = name.map_err(|_| super::one::unexpected("oslo_db.exception.DBError"))?;
    let metadata = call.ask.query("metadata").and_then(|text| serde_json::from_str(text).ok());
    let metadata: std::collections::BTreeMap<String, String> = metadata.unwrap_or_default();
    let tags = call.ask.query("tags").filter(|_| call.at_least(26)).unwrap_or_default();
    let admin = call.who.admin();
    Ok(Filter {
        project: if all { None } else { Some(call.who.project.unwrap_or(Uid(0))) },
        name,
        status,
        tags: tags.split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        metadata: metadata.into_iter().collect(),
        host: call.ask.query("host").filter(|_| admin).map(str::to_owned),
        image: call.ask.query("image").map(|id| Uid::parse(id).unwrap_or(Uid(0))),
        flavor: call.ask.query("flavor").map(str::to_owned),
        since: call.ask.query("changes-since").and_then(Moment::parse),
        deleted: admin && call.ask.query("deleted").is_some_and(|value| matches!(value, "1" | "true" | "True")),
    })
}

impl Filter {
    fn owns(&self, server: &Server) -> bool {
        self.project.is_none_or(|project| project == server.project)
    }

    fn takes(&self, world: &World, server: &Server) -> bool {
        let there = match self.since {
            // Deleted servers are told of: that is how a listener learns that they went.
            Some(since) => server.updated >= since.whole_second(),
            None => server.lives() != self.deleted,
        };
        there && self.owns(server) && self.fits(world, server)
    }

    fn fits(&self, world: &World, server: &Server) -> bool {
        let host = server.host.map(|place| world.hosts[place].name.as_str());
        let flavor = &world.flavors[server.flavor].id;
        self.name.as_ref().is_none_or(|name| name.is_match(&server.name))
            && (self.status.is_empty() || self.status.iter().any(|status| status == server.status()))
            && self.tags.iter().all(|tag| server.tags.contains(tag))
            && self.metadata.iter().all(|(key, value)| server.metadata.get(key) == Some(value))
            && self.host.as_deref().is_none_or(|wanted| host == Some(wanted))
            && self.image.is_none_or(|image| server.image == Some(image))
            && self.flavor.as_ref().is_none_or(|wanted| wanted == flavor)
    }
}

/// The body of a list.
struct Page<'a> {
    frame: &'a Frame<'a>,
    rows: Vec<Row<'a>>,
    next: Option<String>,
    detail: bool,
}

impl Serialize for Page<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("servers", &Servers(self))?;
        if let Some(href) = &self.next {
            map.serialize_entry("servers_links", &[Link { rel: "next", href: href.clone() }])?;
        }
        map.end()
    }
}

struct Servers<'a>(&'a Page<'a>);

impl Serialize for Servers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows.iter().map(|row| Shown { page: self.0, row }))
    }
}

struct Shown<'a> {
    page: &'a Page<'a>,
    row: &'a Row<'a>,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Page { frame, detail, .. } = self.page;
        match self.row {
            Row::Unknown(server) => Unknown { frame, server, detail: *detail }.serialize(serializer),
            Row::Seen(server) if *detail => Detail(frame, server).serialize(serializer),
            Row::Seen(server) => Brief(frame, server).serialize(serializer),
        }
    }
}
