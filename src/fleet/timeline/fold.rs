//! From what was seen to what people read: the newest first, and what comes in crowds as one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::id::InstanceId;
use crate::fleet::map::Map;
use crate::fleet::service::ServiceKey;
use crate::fleet::timeline::causes;
use crate::fleet::timeline::entry::{Entry, Kind};
use crate::fleet::timeline::sighting::{Sighting, What, Whom, Work};

/// So many alike are one.
const CROWD: usize = 3;
/// From one to the next of them.
const PAUSE: Duration = Duration::from_secs(60);

/// One entry for each event, the newest first; `seen` is in the order of time, `works` is what operations did.
pub fn entries<'a>(seen: impl IntoIterator<Item = &'a Sighting>, works: &[Work]) -> Vec<Entry> {
    let mut apart: BTreeMap<(Option<&InstanceId>, &str), Vec<&Sighting>> = BTreeMap::new();
    for one in seen {
        let id = one.whom.instance.as_ref();
        apart.entry((id, if id.is_some() { "" } else { &one.whom.name })).or_default().push(one);
    }
    let mut worked: Map<&InstanceId, Vec<&Work>> = Map::default();
    for work in works {
        worked.entry(&work.instance).or_default().push(work);
    }
    let own = |id: Option<&InstanceId>| id.and_then(|id| worked.get(id)).map_or(&[][..], |works| works);
    let mut all: Vec<Entry> = apart.iter().flat_map(|((id, _), seen)| causes::told(seen, own(*id))).collect();
    all.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    name_apart(&mut all);
    let mut all = crowds(all);
    all.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    all
}

/// What happened to one at one moment may be alike but for its numbers.
fn name_apart(all: &mut [Entry]) {
    let mut known: Map<Arc<str>, usize> = Map::default();
    for entry in all {
        let count = known.entry(Arc::clone(&entry.id)).or_default();
        *count += 1;
        if *count > 1 {
            entry.id = format!("{} #{count}", entry.id).into();
        }
    }
}

/// What makes events alike: the service, and what happened without to whom.
#[derive(PartialEq, Eq, Hash)]
struct Class {
    service: Option<ServiceKey>,
    kind: Kind,
    what: String,
    user: Option<Arc<str>>,
}

/// Events that are alike and follow each other closely become one; `all` is in the order of time.
fn crowds(all: Vec<Entry>) -> Vec<Entry> {
    let mut open: Map<Class, (usize, Timestamp)> = Map::default();
    let mut groups: Vec<Vec<Entry>> = Vec::new();
    for entry in all {
        let Some(class) = class(&entry) else {
            groups.push(vec![entry]);
            continue;
        };
        let at = entry.at;
        match open.get_mut(&class) {
            Some((group, last)) if since(*last, at) <= PAUSE => {
                groups[*group].push(entry);
                *last = at;
            }
            _ => {
                open.insert(class, (groups.len(), at));
                groups.push(vec![entry]);
            }
        }
    }
    groups.into_iter().flat_map(|group| if group.len() < CROWD { group } else { vec![one(group)] }).collect()
}

fn class(entry: &Entry) -> Option<Class> {
    let ends = || entry.course.last().map(|last| last.as_str().to_owned()).unwrap_or_default();
    let what = match &entry.what {
        What::Created | What::Appeared | What::Gone => String::new(),
        What::Status(..) => format!("{} {}", entry.course.first().map_or("", |first| first.as_str()), ends()),
        What::Version(from, to) => format!("{from} {to}"),
        What::Moved(from) => from.to_string(),
        What::Joined(pool, _) => format!("+ {pool}"),
        What::Left(pool) => format!("- {pool}"),
        What::Weight(pool, _, to) => format!("{pool} {to}"),
        What::Operating(pool, from, to) => format!("{pool} {from} {to}"),
        What::Switched(pool, on) => format!("{pool} {on}"),
        What::Deed(deed) => {
            format!("{} {} {}", deed.verb, deed.failed, entry.severity() > crate::fleet::service::Severity::Ok)
        }
        What::Began { .. } | What::Ended { .. } => return None,
    };
    // Who made an instance comes to be known for one after the other.
    let named = matches!(entry.kind(), Kind::Deed);
    let user = entry.who.as_ref().and_then(|who| who.user.clone()).filter(|_| named);
    Some(Class { service: entry.whom.service.clone(), kind: entry.kind(), what, user })
}

/// One entry for many: as the first, with what all of them have in common.
fn one(parts: Vec<Entry>) -> Entry {
    let mut whole = parts[0].clone();
    whole.id = format!("crowd {}", whole.id).into();
    let service = whole.whom.service.clone();
    let name = service.as_ref().map_or_else(|| Arc::from(""), |key| Arc::clone(&key.name));
    whole.whom = Whom { instance: None, name, service };
    whole.until = parts.iter().map(|part| part.until).max().unwrap_or(whole.until);
    let same =
        parts.iter().all(|part| part.who.as_ref().map(|who| &who.user) == whole.who.as_ref().map(|who| &who.user));
    if !same {
        whole.who = None;
    }
    if let Some(who) = &mut whole.who {
        // Each has its own.
        who.request = None;
    }
    whole.parts = parts;
    whole
}
