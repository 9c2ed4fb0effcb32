//! Nova: servers and what belongs to them, and Nova's own services.

mod look;
mod server;
mod stamped;

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::base::clock::Timestamp;
use crate::base::id::{FlavorId, InstanceId, RequestId};
use crate::openstack::error::CloudError;
use crate::openstack::lenient::{Entries, Number, Object, Text};
use crate::openstack::page::{Page, Pages, Row};
use crate::openstack::reader::Reader;
use crate::openstack::request::{Microversion, Read, ServiceType, Wanted};
use crate::openstack::wire::{json, read, segment};
pub use look::{Attachment, Event, HistoryEntry, Hypervisor, ServerGroup, Service};
pub use server::{Address, Fault, Flavor, Image, SecurityGroup, Server, Volume};
pub use stamped::{Hidden, Stamp, hidden, server_group, stamped};

/// Any Nova will do. 2.96 is the last whose rows do not grow by image properties and scheduler hints.
const ANY: Wanted = Wanted { floor: Microversion(2, 1), best: Microversion(2, 96) };

/// Above this, hypervisors no longer tell their CPUs and memory.
const WITH_NUMBERS: Wanted = Wanted { floor: Microversion(2, 1), best: Microversion(2, 87) };

/// From there on the same list says what `uptime` prints on each host, in place of the numbers.
const WITH_UPTIME: Wanted = Wanted { floor: Microversion(2, 88), best: Microversion(2, 96) };

fn get(path: impl Into<String>, wanted: Wanted) -> Read {
    Read { microversion: Some(wanted), ..read(ServiceType::COMPUTE, path) }
}

fn server_path(id: &InstanceId, rest: &str) -> String {
    format!("/servers/{}{rest}", segment(id.as_str()))
}

/// Which servers a list asks for. With nothing set it is a bare list: only that shows the rows of cells that are down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Servers {
    /// Of all projects; does not make a list less bare.
    pub all_projects: bool,
    /// At most so many.
    pub limit: Option<u16>,
    /// After this one.
    pub marker: Option<String>,
    /// Changed at or after this time, deleted ones included.
    pub changes_since: Option<Timestamp>,
}

/// One page of servers.
pub async fn servers(reader: &dyn Reader, which: &Servers) -> Result<Page<Server>, CloudError> {
    let mut query = Vec::new();
    let mut add = |name: &str, value: String| query.push((name.to_owned(), value));
    if which.all_projects {
        add("all_tenants", "1".to_owned());
    }
    if let Some(time) = which.changes_since {
        add("changes-since", time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    if let Some(limit) = which.limit {
        add("limit", limit.to_string());
    }
    if let Some(marker) = &which.marker {
        add("marker", marker.clone());
    }
    Page::parse(&reader.read(Read { query, ..get("/servers/detail", ANY) }).await?)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct One {
    server: Object<Server>,
}

/// One server.
pub async fn server(reader: &dyn Reader, id: &InstanceId) -> Result<Server, CloudError> {
    let answer = reader.read(get(server_path(id, ""), ANY)).await?;
    let One { server } = json(&answer, "the server")?;
    server.0.ok_or_else(|| crate::openstack::page::broken("the server", "there is none in it", &answer))
}

/// One server as the cloud sends it.
pub async fn server_raw(reader: &dyn Reader, id: &InstanceId) -> Result<serde_json::Value, CloudError> {
    json(&reader.read(get(server_path(id, ""), ANY)).await?, "the server")
}

/// What was done to a server, newest first.
pub async fn history(reader: &dyn Reader, id: &InstanceId) -> Result<Vec<HistoryEntry>, CloudError> {
    let page: Page<HistoryEntry> = Page::parse(&reader.read(get(server_path(id, "/os-instance-actions"), ANY)).await?)?;
    Ok(page.rows)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OneEntry {
    #[serde(rename = "instanceAction")]
    entry: Object<HistoryEntry>,
}

/// The events of one entry of a server's history.
pub async fn events(reader: &dyn Reader, id: &InstanceId, request: &RequestId) -> Result<Vec<Event>, CloudError> {
    let path = server_path(id, &format!("/os-instance-actions/{}", segment(request.as_str())));
    let OneEntry { entry } = json(&reader.read(get(path, ANY)).await?, "the events")?;
    Ok(entry.0.map(|entry| entry.events.all().collect()).unwrap_or_default())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Output {
    output: Text,
}

/// The last lines of a server's console log. Nova has it under POST, but it changes nothing.
pub async fn console_log(reader: &dyn Reader, id: &InstanceId, lines: u16) -> Result<String, CloudError> {
    let body = serde_json::json!({ "os-getConsoleOutput": { "length": lines } });
    let answer = reader.read(Read { body: Some(body), ..get(server_path(id, "/action"), ANY) }).await?;
    let Output { output } = json(&answer, "the console log")?;
    Ok(output.or_empty())
}

/// The volumes that are attached to a server.
pub async fn attachments(reader: &Arc<dyn Reader>, id: &InstanceId) -> Result<Vec<Attachment>, CloudError> {
    Pages::new(reader, get(server_path(id, "/os-volume_attachments"), ANY)).all().await
}

/// So many server groups in one page; the list has no links.
const GROUPS_PAGE: usize = 1000;

/// The server groups, of all projects if asked.
pub async fn server_groups(reader: &Arc<dyn Reader>, all_projects: bool) -> Result<Vec<ServerGroup>, CloudError> {
    let mut groups: Vec<ServerGroup> = Vec::new();
    loop {
        let mut read = get("/os-server-groups", ANY);
        if all_projects {
            read.query.push(("all_projects".to_owned(), "true".to_owned()));
        }
        read.query.push(("limit".to_owned(), GROUPS_PAGE.to_string()));
        read.query.push(("offset".to_owned(), groups.len().to_string()));
        let page: Page<ServerGroup> = Page::parse(&reader.read(read).await?)?;
        let fresh: Vec<_> = page.rows.into_iter().filter(|row| groups.iter().all(|known| known.id != row.id)).collect();
        let last = fresh.len() < GROUPS_PAGE;
        groups.extend(fresh);
        if last {
            return Ok(groups);
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OneFlavor {
    flavor: Object<Flavor>,
}

/// One flavor: what a server's row embeds from 2.47 on.
pub async fn flavor(reader: &dyn Reader, id: &FlavorId) -> Result<Flavor, CloudError> {
    let answer = reader.read(get(format!("/flavors/{}", segment(id.as_str())), ANY)).await?;
    let OneFlavor { flavor } = json(&answer, "the flavor")?;
    Ok(flavor.0.unwrap_or_default())
}

/// Nova's own services, where the role may see them.
pub async fn services(reader: &Arc<dyn Reader>) -> Result<Vec<Service>, CloudError> {
    Pages::new(reader, get("/os-services", ANY)).all().await
}

/// The hypervisors, where the role may see them; how loaded they are, where Nova is new enough to tell.
pub async fn hypervisors(reader: &Arc<dyn Reader>) -> Result<Vec<Hypervisor>, CloudError> {
    let mut hosts: Vec<Hypervisor> = Pages::new(reader, get("/os-hypervisors/detail", WITH_NUMBERS)).all().await?;
    let told: Vec<Hypervisor> = match Pages::new(reader, get("/os-hypervisors/detail", WITH_UPTIME)).all().await {
        Ok(told) => told,
        // The numbers are there, and are not lost for want of this.
        Err(missing) => {
            tracing::debug!("how loaded hypervisors are is not told: {missing}");
            return Ok(hosts);
        }
    };
    let mut uptimes: HashMap<Option<String>, Text> =
        told.into_iter().map(|host| (host.hypervisor_hostname.0, host.uptime)).collect();
    for host in &mut hosts {
        host.uptime = uptimes.remove(&host.hypervisor_hostname.0).unwrap_or_default();
    }
    Ok(hosts)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Limits {
    limits: Object<Absolute>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    id: Text,
    name: Text,
}

impl Row for Named {
    const LIST: &'static str = "flavors";

    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// The flavors that the project may use, by id and name.
pub async fn flavors(reader: &Arc<dyn Reader>) -> Result<Vec<(FlavorId, String)>, CloudError> {
    let rows: Vec<Named> = Pages::new(reader, get("/flavors", ANY)).all().await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id.filled()?.as_str().into(), row.name.filled()?))).collect())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Absolute {
    absolute: Entries<Number>,
}

/// The project's limits and what of them is used: Nova's `maxTotalCores`, `totalCoresUsed` and their like.
pub async fn limits(reader: &dyn Reader) -> Result<Vec<(String, i64)>, CloudError> {
    let Limits { limits } = json(&reader.read(get("/limits", ANY)).await?, "the limits")?;
    let entries = limits.0.unwrap_or_default().absolute.0;
    Ok(entries.into_iter().filter_map(|(name, number)| number.0.map(|number| (name, number))).collect())
}
