//! What has changed, the newest first: what happened, to whom, and who wanted it.

use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::console::app::cell::{Cell, Tone};
use crate::console::app::column::{Column, Field, Kind, Moment, RowId, SortKey};
use crate::console::app::model::Model;
use crate::console::app::tables::words;
use crate::fleet::ServiceKey;
use crate::fleet::service::Severity;
use crate::fleet::timeline::Entry;

/// The rows: entries, and below an opened crowd each of it.
#[derive(Debug)]
pub struct Listed {
    entries: Arc<Vec<Entry>>,
    rows: Vec<Place>,
}

/// Where an entry is; of a crowd, which of it.
#[derive(Clone, Copy, Debug)]
struct Place {
    entry: usize,
    part: Option<usize>,
    opened: bool,
}

impl Listed {
    /// What has changed at a service, or anywhere.
    pub fn of(model: &Model, service: Option<&ServiceKey>) -> Self {
        let entries = Arc::clone(model.changes.entries());
        let mut rows = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            if service.is_some_and(|key| !entry.whom.is_of(key)) {
                continue;
            }
            let opened = !entry.parts.is_empty() && model.expanded.contains(&entry.id);
            rows.push(Place { entry: at, part: None, opened });
            let parts = entry.parts.len() * usize::from(opened);
            rows.extend((0..parts).rev().map(|part| Place { entry: at, part: Some(part), opened: false }));
        }
        Self { entries, rows }
    }

    fn at(&self, at: usize) -> &Entry {
        let place = self.rows[at];
        let entry = &self.entries[place.entry];
        place.part.map_or(entry, |part| &entry.parts[part])
    }
}

/// The table.
pub static CHANGES: Kind<Listed> = Kind {
    name: "changes",
    fields: &FIELDS,
    len: |all| all.rows.len(),
    id: |all, at| RowId::Named(Arc::clone(&all.at(at).id)),
    name_of: |all, at| &all.at(at).id,
    find: |all, id| match id {
        RowId::Named(name) => (0..all.rows.len()).find(|at| all.at(*at).id == *name),
        _ => None,
    },
};

static FIELDS: [Field<Listed>; 9] = [
    Field {
        column: Column::new("when", "WHEN", "when it happened, in the cloud's time", 11, 1).whole().descends(),
        cell: |all, at, moment| Cell::plain(&words::when(all.at(at).at, moment.cloud)),
        key: |all, at| order(all, at),
    },
    Field {
        column: Column::new("age", "AGE", "since then", 5, 6).ages(),
        cell: |all, at, moment| words::age(Some(all.at(at).at), moment.cloud),
        key: |all, at| SortKey::time(Some(all.at(at).at)),
    },
    Field {
        column: Column::new("name", "NAME", "to whom it happened", 20, 0).grows(1),
        cell: |all, at, _| subject(all, at),
        key: |all, at| SortKey::text(Some(&all.at(at).whom.name)),
    },
    Field {
        column: Column::new("what", "WHAT", "what happened", 28, 0).grows(3),
        cell: what,
        key: |all, at| SortKey::text(Some(&all.at(at).bare_text())),
    },
    Field {
        column: Column::new("who", "WHO", "who wanted it, where that is told", 10, 2).grows(1),
        cell: |all, at, _| Cell::maybe(all.at(at).user()),
        key: |all, at| SortKey::text(all.at(at).user()),
    },
    Field {
        column: Column::new("service", "SERVICE", "the service that it belongs to", 16, 4).grows(1),
        cell: |all, at, _| Cell::maybe(service(all, at)),
        key: |all, at| SortKey::text(service(all, at)),
    },
    Field {
        column: Column::new("source", "TOLD BY", "who told it", 14, 5),
        cell: |all, at, _| Cell::new(all.at(at).source().title(), Tone::Dim),
        key: |all, at| SortKey::text(Some(all.at(at).source().title())),
    },
    Field {
        column: Column::new("kind", "KIND", "what kind of change it is", 9, 8).hidden(),
        cell: |all, at, _| Cell::new(all.at(at).kind().word(), Tone::Dim),
        key: |all, at| SortKey::text(Some(all.at(at).kind().word())),
    },
    Field {
        column: Column::new("request", "REQUEST", "the request in the cloud's logs", 40, 7),
        cell: |all, at, _| Cell::maybe(request(all, at)),
        key: |all, at| SortKey::text(request(all, at)),
    },
];

/// By time; what belongs to a crowd stays below it.
fn order(all: &Listed, at: usize) -> SortKey {
    let place = all.rows[at];
    let below = place.part.map_or(0, |part| 1 + all.entries[place.entry].parts.len() - part);
    let time = all.entries[place.entry].at.as_millisecond();
    SortKey::Number(time.saturating_mul(10_000) - i64::try_from(below).unwrap_or(9_999).min(9_999))
}

fn subject(all: &Listed, at: usize) -> Cell {
    let (entry, place) = (all.at(at), all.rows[at]);
    let subject = entry.subject();
    let (before, tone) = match (entry.parts.is_empty(), place.opened, place.part) {
        (false, true, _) => ("- ", Tone::Normal),
        (false, false, _) => ("+ ", Tone::Normal),
        (true, _, Some(_)) => ("  ", Tone::Dim),
        (true, _, None) => ("", Tone::Normal),
    };
    // A blank at the beginning is a sign of its own here.
    let mut cell = Cell::new(&subject, tone);
    cell.text.insert_str(0, before);
    cell
}

fn what(all: &Listed, at: usize, moment: &Moment) -> Cell {
    let entry = all.at(at);
    marked(entry, &format!("{}{}", entry.bare_text(), between(entry, moment.cloud)))
}

/// The text, standing out as it deserves.
pub fn marked(entry: &Entry, text: &str) -> Cell {
    match entry.severity() {
        bad @ (Severity::Warning | Severity::Critical) => {
            let (tone, glyph) = words::look(bad);
            Cell::new(text, tone).sign(glyph)
        }
        _ => Cell::plain(text),
    }
}

/// Between which times it happened, where nobody knows better.
pub fn between(entry: &Entry, now: Timestamp) -> String {
    entry
        .vague_since()
        .map(|after| format!(", between {} and {}", words::when(after, now), words::when(entry.at, now)))
        .unwrap_or_default()
}

fn service(all: &Listed, at: usize) -> Option<&str> {
    all.at(at).whom.service.as_ref().map(|key| &*key.name)
}

fn request(all: &Listed, at: usize) -> Option<&str> {
    all.at(at).who.as_ref()?.request.as_ref().map(crate::base::id::RequestId::as_str)
}
