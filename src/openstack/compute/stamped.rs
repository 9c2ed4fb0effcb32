//! Whether something of ours is there: what a lost answer to a create is looked for by.
//!
//! A search has a filter, and Nova leaves out of it what lies in a cell that is down. So "none" is proof only together
//! with a bare list that hides nobody.

use std::sync::Arc;

use crate::base::id::InstanceId;
use crate::openstack::compute::{ANY, Server, ServerGroup, get};
use crate::openstack::error::CloudError;
use crate::openstack::lenient::Object;
use crate::openstack::page::{Page, Pages, broken};
use crate::openstack::reader::Reader;
use crate::openstack::request::{Microversion, Read, Wanted};
use crate::openstack::wire::{json, segment};

/// From 2.26 on a list can be searched by tag, from 2.69 on a bare one tells of cells that are down.
const TAGS: Wanted = Wanted { floor: Microversion(2, 26), best: Microversion(2, 96) };
const CELLS: Wanted = Wanted { floor: Microversion(2, 69), best: Microversion(2, 96) };

/// By what servers are searched.
#[derive(Clone, Copy, Debug)]
pub enum Stamp<'a> {
    /// A tag; it wants 2.26.
    Tag(&'a str),
    /// A key and its value in the metadata.
    Metadata(&'a str, &'a str),
    /// The whole name.
    Name(&'a str),
}

/// The servers with a stamp, of all pages, those still waiting for a host included.
pub async fn stamped(reader: &Arc<dyn Reader>, stamp: Stamp<'_>) -> Result<Vec<Server>, CloudError> {
    let (name, value, wanted) = match stamp {
        Stamp::Tag(tag) => ("tags", tag.to_owned(), TAGS),
        Stamp::Metadata(key, value) => ("metadata", serde_json::json!({ key: value }).to_string(), ANY),
        // Nova reads a regular expression.
        Stamp::Name(name) => ("name", format!("^{}$", literal(name)), ANY),
    };
    let read = get("/servers/detail", wanted);
    let mut servers: Vec<Server> =
        Pages::new(reader, Read { query: vec![(name.to_owned(), value)], ..read }).all().await?;
    // An old Nova ignores what it does not know, and would show everybody.
    servers.retain(|server| bears(server, stamp));
    Ok(servers)
}

fn bears(server: &Server, stamp: Stamp<'_>) -> bool {
    match stamp {
        Stamp::Tag(wanted) => server.tags.0.iter().any(|tag| tag.as_deref() == Some(wanted)),
        Stamp::Metadata(key, value) => {
            server.metadata.0.iter().any(|(name, text)| name == key && text.as_deref() == Some(value))
        }
        Stamp::Name(name) => server.name.as_deref() == Some(name),
    }
}

/// A name in which no character means another.
fn literal(name: &str) -> String {
    name.chars().fold(String::new(), |mut text, c| {
        if c.is_ascii_punctuation() && !matches!(c, '-' | '_') {
            text.push('\\');
        }
        text.push(c);
        text
    })
}

/// What a bare list says of what no search shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The servers whose cell does not answer.
    pub unknown: Vec<InstanceId>,
    /// Whether the list ended before its page did: only then is nobody hidden behind it.
    pub whole: bool,
}

impl Hidden {
    /// Nobody is hidden: a search that finds none has proved it.
    pub fn is_nobody(&self) -> bool {
        self.whole && self.unknown.is_empty()
    }
}

/// Who is hidden from searches: a list with neither filter nor limit, in the shortest form.
pub async fn hidden(reader: &dyn Reader) -> Result<Hidden, CloudError> {
    let page: Page<Server> = Page::parse(&reader.read(get("/servers", CELLS)).await?)?;
    let unknown = page.rows.iter().filter(|row| row.status.as_deref() == Some("UNKNOWN"));
    let unknown = unknown.filter_map(|row| row.id.as_deref().map(InstanceId::from)).collect();
    Ok(Hidden { unknown, whole: page.next.is_none() && page.odd == 0 })
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct One {
    server_group: Object<ServerGroup>,
}

/// One server group with its members.
pub async fn server_group(reader: &dyn Reader, id: &str) -> Result<ServerGroup, CloudError> {
    let answer = reader.read(get(format!("/os-server-groups/{}", segment(id)), ANY)).await?;
    let One { server_group } = json(&answer, "the server group")?;
    server_group.0.ok_or_else(|| broken("the server group", "there is none in it", &answer))
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_name_is_taken_by_the_letter() {
        assert_eq!(literal("sd-01_a.b+c(d)"), "sd-01_a\\.b\\+c\\(d\\)");
    }
}
