//! The instances: all, or one service's.

use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::column::{Column, Field, Kind, RowId, SortKey};
use crate::console::app::tables::listed::Listed;
use crate::console::app::tables::{load, words};
use crate::fleet::Fleet;
use crate::fleet::instance::{FlavorRef, ImageRef, Instance};
use crate::fleet::metric::{Metric, Subject};
use crate::fleet::service::Member;

/// The table.
pub static INSTANCES: Kind<Listed> = Kind {
    name: "instances",
    fields: &FIELDS,
    len: |fleet| fleet.members.len(),
    id: |fleet, at| RowId::Instance(fleet.members[at].instance.id.clone()),
    name_of: |fleet, at| label(&fleet.members[at].instance),
    find: |fleet, id| match id {
        RowId::Instance(id) => fleet.members.binary_search_by(|member| member.instance.id.cmp(id)).ok(),
        _ => None,
    },
};

/// What an instance is called; its id where the cloud did not tell its name.
pub fn label(instance: &Instance) -> &str {
    if instance.name.is_empty() { instance.id.as_str() } else { &instance.name }
}

static FIELDS: [Field<Listed>; 21] = [
    Field {
        column: Column::new("name", "NAME", "its name", 24, 0).grows(3),
        cell: |fleet, at, _| name(&fleet.members[at]),
        key: |fleet, at| SortKey::text(Some(label(&fleet.members[at].instance))),
    },
    Field {
        column: Column::new("service", "SERVICE", "the service that it belongs to", 16, 8).grows(1),
        cell: |fleet, at, _| Cell::maybe(service_name(fleet, at)),
        key: |fleet, at| SortKey::text(service_name(fleet, at)),
    },
    Field {
        column: Column::new("health", "HEALTH", "the worst that is wrong with it", 16, 0),
        cell: |fleet, at, _| words::health(&fleet.members[at].findings),
        key: |fleet, at| SortKey::Number(words::severity_number(&fleet.members[at].findings)),
    },
    Field {
        column: Column::new("status", "STATUS", "what Nova says", 12, 1),
        cell: |fleet, at, _| words::status(&fleet.members[at].instance.status),
        key: |fleet, at| SortKey::text(Some(fleet.members[at].instance.status.as_str())),
    },
    Field {
        column: Column::new("task", "TASK", "what is being done to it", 14, 7),
        cell: |fleet, at, _| under_way(&fleet.members[at].instance),
        key: |fleet, at| SortKey::text(fleet.members[at].instance.task_state.as_deref()),
    },
    Field {
        column: Column::new("requests", "REQ/S", "requests a second; connections where nobody counts requests", 6, 5)
            .live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &[Metric::Requests, Metric::Connections]),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &[Metric::Requests, Metric::Connections]),
    },
    Field {
        column: Column::new(
            "response",
            "RESP",
            "response time: the 95th percentile, or the mean, or our own health check's",
            7,
            5,
        )
        .live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &RESPONSE),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &RESPONSE),
    },
    Field {
        column: Column::new("cpu", "CPU", "used share of its processors", 5, 2).live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &[Metric::Cpu]),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &[Metric::Cpu]),
    },
    Field {
        column: Column::new("memory", "MEM", "used share of its memory", 5, 6).live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &[Metric::Memory]),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &[Metric::Memory]),
    },
    Field {
        column: Column::new(
            "hour",
            "LAST HOUR",
            "its processors in the last hour, five minutes a sign",
            load::WIDTH,
            11,
        )
        .changes()
        .whole(),
        cell: |fleet, at, _| load::hour(fleet, &subject(fleet, at), &[Metric::Cpu, Metric::Requests]),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &[Metric::Cpu]),
    },
    Field {
        column: Column::new("version", "VERSION", "which version it runs", 12, 2),
        cell: |fleet, at, _| version(&fleet.members[at]),
        key: |fleet, at| SortKey::text(fleet.members[at].version.version.as_deref()),
    },
    Field {
        column: Column::new("address", "ADDRESS", "where it is reached", 15, 3),
        cell: |fleet, at, _| Cell::maybe(address(&fleet.members[at].instance)),
        key: |fleet, at| SortKey::text(address(&fleet.members[at].instance)),
    },
    Field {
        column: Column::new("flavor", "FLAVOR", "its size", 12, 9),
        cell: |fleet, at, _| Cell::maybe(flavor(&fleet.members[at].instance.flavor)),
        key: |fleet, at| SortKey::text(flavor(&fleet.members[at].instance.flavor)),
    },
    Field {
        column: Column::new("image", "IMAGE", "what it was made from", 24, 12).hidden(),
        cell: |fleet, at, _| image(fleet, &fleet.members[at].instance.image),
        key: |fleet, at| SortKey::text(Some(&image(fleet, &fleet.members[at].instance.image).text)),
    },
    Field {
        column: Column::new("zone", "ZONE", "its availability zone", 10, 10),
        cell: |fleet, at, _| Cell::maybe(fleet.members[at].instance.zone.as_deref()),
        key: |fleet, at| SortKey::text(fleet.members[at].instance.zone.as_deref()),
    },
    Field {
        column: Column::new("host", "HOST", "the hypervisor that it runs on, where the role may see it", 16, 8)
            .hidden(),
        cell: |fleet, at, _| Cell::maybe(fleet.members[at].instance.host.as_deref()),
        key: |fleet, at| SortKey::text(fleet.members[at].instance.host.as_deref()),
    },
    Field {
        column: Column::new("age", "AGE", "since Nova made it", 5, 4).ages(),
        cell: |fleet, at, moment| words::age(fleet.members[at].instance.created, moment.cloud),
        key: |fleet, at| SortKey::time(fleet.members[at].instance.created),
    },
    Field {
        column: Column::new("updated", "UPDATED", "since Nova last changed its row", 7, 6).ages(),
        cell: |fleet, at, moment| words::age(fleet.members[at].instance.updated, moment.cloud),
        key: |fleet, at| SortKey::time(fleet.members[at].instance.updated),
    },
    Field {
        column: Column::new("locked", "LOCKED", "whether it refuses changes", 8, 13).hidden(),
        cell: |fleet, at, _| locked(&fleet.members[at].instance),
        key: |fleet, at| SortKey::text(Some(&locked(&fleet.members[at].instance).text)),
    },
    Field {
        column: Column::new("id", "ID", "Nova's id of it", 36, 14).hidden(),
        cell: |fleet, at, _| Cell::new(fleet.members[at].instance.id.as_str(), Tone::Dim),
        key: |fleet, at| SortKey::text(Some(fleet.members[at].instance.id.as_str())),
    },
    Field {
        column: Column::new("project", "PROJECT", "who owns it", 16, 4).grows(1).hidden(),
        cell: |fleet, at, _| Cell::plain(fleet.project(&fleet.members[at].instance.project)),
        key: |fleet, at| SortKey::text(Some(fleet.project(&fleet.members[at].instance.project))),
    },
];

/// What tells best how long it takes to answer.
const RESPONSE: [Metric; 3] = [Metric::ResponseP95, Metric::ResponseMean, Metric::ProbeTime];

fn subject(fleet: &Listed, at: usize) -> Subject {
    Subject::Instance(fleet.members[at].instance.id.clone())
}

fn name(member: &Member) -> Cell {
    let tone = if member.unconfirmed || member.instance.name.is_empty() { Tone::Unknown } else { Tone::Normal };
    let cell = Cell::new(label(&member.instance), tone);
    if member.unconfirmed { cell.sign(Glyph::Unknown) } else { cell }
}

fn service_name(fleet: &Fleet, at: usize) -> Option<&str> {
    fleet.services.get(fleet.members[at].service).map(|service| &*service.key.name)
}

fn under_way(instance: &Instance) -> Cell {
    let Some(task) = &instance.task_state else { return Cell::missing() };
    match instance.progress.filter(|done| (1..100).contains(done)) {
        Some(done) => Cell::new(&format!("{task} {done}%"), Tone::Busy),
        None => Cell::new(task, Tone::Busy),
    }
}

fn version(member: &Member) -> Cell {
    match &member.version.version {
        None => Cell::missing(),
        Some(version) if member.version.disputed.is_empty() => Cell::plain(version),
        Some(version) => Cell::new(version, Tone::Warn).sign(Glyph::Warning),
    }
}

fn address(instance: &Instance) -> Option<&str> {
    let fixed = instance.addresses.iter().find(|address| !address.floating);
    fixed.or(instance.addresses.first()).map(|address| &*address.address)
}

fn flavor(flavor: &FlavorRef) -> Option<&str> {
    flavor.name.as_deref().or_else(|| flavor.id.as_ref().map(crate::base::id::FlavorId::as_str))
}

fn image(fleet: &Fleet, image: &ImageRef) -> Cell {
    match image {
        ImageRef::Image(id) => Cell::plain(fleet.images.get(id).map_or(id.as_str(), |name| name)),
        ImageRef::Volume => Cell::new("volume", Tone::Dim),
        ImageRef::Untold => Cell::missing(),
    }
}

fn locked(instance: &Instance) -> Cell {
    match &instance.locked {
        None => Cell::missing(),
        Some(lock) if !lock.locked => Cell::new("no", Tone::Dim),
        Some(lock) => Cell::new(lock.reason.as_deref().unwrap_or("yes"), Tone::Warn),
    }
}
