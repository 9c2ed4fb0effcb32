//! The instances of a service as strips of heat over time: which one is sick, and since when.

use crate::console::app::cell::{Cell, Tone};
use crate::console::app::column::{Column, Field, Kind, SortKey};
use crate::console::app::tables::instances::{self, INSTANCES};
use crate::console::app::tables::listed::Listed;
use crate::console::app::tables::{load, words};
use crate::fleet::metric::Subject;
use crate::fleet::metric::words::short;
use crate::fleet::service::Severity;

/// The table.
pub static HEAT: Kind<Listed> = Kind {
    name: "heat",
    fields: &FIELDS,
    len: INSTANCES.len,
    id: INSTANCES.id,
    name_of: INSTANCES.name_of,
    find: INSTANCES.find,
};

static FIELDS: [Field<Listed>; 6] = [
    Field {
        column: Column::new("name", "NAME", "its name", 20, 0).grows(1),
        cell: |fleet, at, _| Cell::plain(instances::label(&fleet.members[at].instance)),
        key: |fleet, at| SortKey::text(Some(instances::label(&fleet.members[at].instance))),
    },
    Field {
        column: Column::new("health", "HEALTH", "the worst that is wrong with it", 14, 1).descends(),
        cell: |fleet, at, _| words::health(&fleet.members[at].findings),
        key: |fleet, at| SortKey::Number(words::severity_number(&fleet.members[at].findings)),
    },
    Field {
        column: Column::new("version", "VERSION", "which version it runs", 10, 3),
        cell: |fleet, at, _| Cell::maybe(fleet.members[at].version.version.as_deref()),
        key: |fleet, at| SortKey::text(fleet.members[at].version.version.as_deref()),
    },
    Field {
        column: Column::new("now", "NOW", "what was last measured", 8, 0).live().leads(),
        cell: |fleet, at, _| now(fleet, at),
        key: |fleet, at| rank(fleet, at),
    },
    Field {
        column: Column::new("peers", "×PEERS", "how many times the median of its peers that is", 7, 2).live(),
        cell: |fleet, at, _| peers_of(fleet, at),
        key: |fleet, at| rank(fleet, at),
    },
    Field {
        column: Column::new("strip", "OVER TIME", "the range that is looked at: the more, the higher", 32, 0)
            .changes()
            .whole(),
        cell: |fleet, at, _| strip(fleet, at),
        key: |fleet, at| rank(fleet, at),
    },
];

fn subject(fleet: &Listed, at: usize) -> Subject {
    Subject::Instance(fleet.members[at].instance.id.clone())
}

/// It stands out, by what was concluded.
fn tone(fleet: &Listed, at: usize) -> Tone {
    let worst = crate::fleet::service::worst(&fleet.members[at].findings);
    match worst {
        Severity::Critical => Tone::Bad,
        Severity::Warning => Tone::Warn,
        Severity::Unknown => Tone::Unknown,
        Severity::Ok | Severity::Busy => Tone::Normal,
    }
}

fn now(fleet: &Listed, at: usize) -> Cell {
    let value = fleet.measured(&subject(fleet, at), fleet.heat);
    value.map_or_else(Cell::missing, |value| Cell::new(&short(fleet.heat, value), tone(fleet, at)))
}

fn peers_of(fleet: &Listed, at: usize) -> Cell {
    let Some(value) = fleet.measured(&subject(fleet, at), fleet.heat) else { return Cell::missing() };
    match fleet.peers().median.filter(|median| *median > 0.0) {
        Some(median) if value / median >= 2.0 => Cell::new(&format!("{:.1}×", value / median), Tone::Warn),
        Some(median) => Cell::new(&format!("{:.1}×", value / median), Tone::Dim),
        None => Cell::missing(),
    }
}

fn strip(fleet: &Listed, at: usize) -> Cell {
    match fleet.strip(&subject(fleet, at)) {
        Some(signs) => Cell::new(&load::bars(&signs, fleet.peers().most), tone(fleet, at)),
        None => Cell::missing(),
    }
}

/// The worst first: what is troubled before what is not, and then the greatest.
fn rank(fleet: &Listed, at: usize) -> SortKey {
    let trouble = words::severity_number(&fleet.members[at].findings) as f64 * 1e9;
    let value = fleet.measured(&subject(fleet, at), fleet.heat).unwrap_or(0.0);
    SortKey::Number(((trouble + value.min(1e8)) * 1e6) as i64)
}
