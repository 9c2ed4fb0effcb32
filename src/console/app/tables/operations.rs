//! The operations: what was changed, by whom, and how it went.

use std::sync::Arc;

use crate::console::app::cell::{Cell, Tone};
use crate::console::app::column::{Column, Field, Kind, RowId, SortKey};
use crate::console::app::followed::Followed;
use crate::console::app::tables::words;

/// The table, the newest first.
pub static OPERATIONS: Kind<Vec<Arc<Followed>>> = Kind {
    name: "operations",
    fields: &FIELDS,
    len: Vec::len,
    id: |all, at| RowId::Named(all[at].id().as_str().into()),
    name_of: |all, at| all[at].id().as_str(),
    find: |all, id| match id {
        RowId::Named(name) => all.iter().position(|one| one.id().as_str() == &**name),
        _ => None,
    },
};

static FIELDS: [Field<Vec<Arc<Followed>>>; 12] = [
    Field {
        column: Column::new("when", "WHEN", "when it was approved, in the cloud's time", 11, 1).whole().descends(),
        cell: |all, at, moment| Cell::plain(&words::when(all[at].operation.approved, moment.cloud)),
        key: |all, at| SortKey::time(Some(all[at].operation.approved)),
    },
    Field {
        column: Column::new("what", "WHAT", "what is done, and to whom", 28, 0).grows(3),
        cell: |all, at, _| Cell::plain(&all[at].operation.plan.title),
        key: |all, at| SortKey::text(Some(&all[at].operation.plan.title)),
    },
    Field {
        column: Column::new("state", "STATE", "where it stands", 18, 0).grows(1),
        cell: |all, at, _| all[at].state(),
        key: |all, at| SortKey::text(Some(all[at].operation.word(all[at].is_driven()))),
    },
    Field {
        column: Column::new("done", "DONE", "how many targets are done, of how many", 5, 4).right(),
        cell: |all, at, _| Cell::plain(&all[at].progress()),
        key: |all, at| SortKey::Number(i64::try_from(all[at].operation.count().0).unwrap_or(i64::MAX)),
    },
    Field {
        column: Column::new("doing", "NOW", "what it is at", 22, 7).changes(),
        cell: |all, at, moment| match all[at].operation.is_over() {
            true => Cell::missing(),
            false => Cell::new(&all[at].doing(moment.cloud), all[at].look().0),
        },
        key: |all, at| SortKey::Number(i64::from(all[at].operation.is_over())),
    },
    Field {
        column: Column::new("who", "WHO", "who approved it", 8, 2).grows(1),
        cell: |all, at, _| Cell::plain(&all[at].operation.by.user),
        key: |all, at| SortKey::text(Some(&all[at].operation.by.user)),
    },
    Field {
        column: Column::new("ticket", "TICKET", "why, as your own records name it", 10, 3).grows(1),
        cell: |all, at, _| Cell::maybe(all[at].operation.by.ticket.as_deref()),
        key: |all, at| SortKey::text(all[at].operation.by.ticket.as_deref()),
    },
    Field {
        column: Column::new("took", "TOOK", "how long it took, or takes so far", 8, 6).ages(),
        cell: |all, at, moment| Cell::plain(&words::took(all[at].length(moment.cloud))),
        key: |all, at| {
            SortKey::Number(i64::try_from(all[at].length(all[at].operation.changed).as_millis()).unwrap_or(0))
        },
    },
    Field {
        column: Column::new("age", "AGE", "since it was approved", 5, 9).ages(),
        cell: |all, at, moment| words::age(Some(all[at].operation.approved), moment.cloud),
        key: |all, at| SortKey::time(Some(all[at].operation.approved)),
    },
    Field {
        column: Column::new("cloud", "CLOUD", "where", 12, 8),
        cell: |all, at, _| Cell::new(&all[at].operation.plan.place.cloud, Tone::Dim),
        key: |all, at| SortKey::text(Some(&all[at].operation.plan.place.cloud)),
    },
    Field {
        column: Column::new("short", "ID", "the end of its id: enough to name it", 6, 5),
        cell: |all, at, _| Cell::new(all[at].id().short(), Tone::Dim),
        key: |all, at| SortKey::text(Some(all[at].id().short())),
    },
    Field {
        column: Column::new("id", "WHOLE ID", "its whole id", 26, 10).hidden(),
        cell: |all, at, _| Cell::new(all[at].id().as_str(), Tone::Dim),
        key: |all, at| SortKey::text(Some(all[at].id().as_str())),
    },
];
