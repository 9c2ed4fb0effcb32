//! The tables of one instance: network, volumes, pools, history. Small, so they are put together when asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::id::InstanceId;
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::column::{Column, Field, Kind, RowId, SortKey};
use crate::fleet::Fleet;
use crate::fleet::detail::{Detail, HistoryEntry, HistoryEvent};
use crate::fleet::instance::{Instance, VolumeRef};
use crate::fleet::pool;

fn named(text: &str) -> RowId {
    RowId::Named(text.into())
}

/// An address, and the port that carries it where Neutron told.
#[derive(Debug)]
pub struct NetworkRow {
    address: String,
    network: String,
    floating: Option<bool>,
    mac: Option<String>,
    port: Option<String>,
    status: Option<String>,
}

/// Addresses as Nova caches them, each with its port; then ports that Nova does not tell of.
pub fn network(instance: &Instance, detail: Option<&Detail>) -> Vec<NetworkRow> {
    let ports = detail.and_then(|detail| detail.ports.value()).map_or(&[][..], Vec::as_slice);
    let mut rows: Vec<NetworkRow> = instance
        .addresses
        .iter()
        .map(|address| {
            let carries = |port: &&crate::fleet::detail::Port| {
                address.port.as_ref() == Some(&port.id)
                    || address.mac.as_deref() == Some(&*port.mac)
                    || port.fixed.iter().any(|(_, fixed)| **fixed == *address.address)
            };
            let port = ports.iter().find(carries);
            NetworkRow {
                address: address.address.to_string(),
                network: address.network.to_string(),
                floating: Some(address.floating),
                mac: address.mac.as_deref().or(port.map(|port| &*port.mac)).map(str::to_owned),
                port: port.map(|port| port.id.to_string()),
                status: port.map(|port| port.status.clone()),
            }
        })
        .collect();
    for port in ports {
        for (_, address) in &port.fixed {
            if !rows.iter().any(|row| *row.address == **address) {
                rows.push(NetworkRow {
                    address: address.to_string(),
                    network: port.network.clone(),
                    floating: None,
                    mac: Some(port.mac.to_string()),
                    port: Some(port.id.to_string()),
                    status: Some(port.status.clone()),
                });
            }
        }
    }
    rows
}

/// Addresses and ports.
pub static NETWORK: Kind<Vec<NetworkRow>> = Kind {
    name: "network",
    fields: &NETWORK_FIELDS,
    len: Vec::len,
    id: |all, at| network_id(&all[at]),
    name_of: |all, at| &all[at].network,
    find: |all, id| all.iter().position(|one| *id == network_id(one)),
};

fn network_id(row: &NetworkRow) -> RowId {
    named(&format!("{}@{}", row.address, row.network))
}

static NETWORK_FIELDS: [Field<Vec<NetworkRow>>; 6] = [
    Field {
        column: Column::new("network", "NETWORK", "its network", 20, 0).grows(1),
        cell: |all, at, _| Cell::plain(&all[at].network),
        key: |all, at| SortKey::text(Some(&all[at].network)),
    },
    Field {
        column: Column::new("address", "ADDRESS", "the address", 16, 0).grows(1),
        cell: |all, at, _| Cell::plain(&all[at].address),
        key: |all, at| SortKey::text(Some(&all[at].address)),
    },
    Field {
        column: Column::new("kind", "KIND", "fixed, floating, or only Neutron tells of it", 10, 1),
        cell: |all, at, _| match all[at].floating {
            Some(true) => Cell::plain("floating"),
            Some(false) => Cell::plain("fixed"),
            None => Cell::new("port only", Tone::Warn),
        },
        key: |all, at| SortKey::Number(all[at].floating.map_or(2, i64::from)),
    },
    Field {
        column: Column::new("status", "PORT", "the port's status", 9, 2),
        cell: |all, at, _| match all[at].status.as_deref() {
            None => Cell::missing(),
            Some("ACTIVE") => Cell::new("ACTIVE", Tone::Good).sign(Glyph::Ok),
            Some("DOWN") => Cell::new("DOWN", Tone::Bad).sign(Glyph::Down),
            Some(other) => Cell::new(other, Tone::Busy).sign(Glyph::Busy),
        },
        key: |all, at| SortKey::text(all[at].status.as_deref()),
    },
    Field {
        column: Column::new("mac", "MAC", "its MAC address", 17, 3),
        cell: |all, at, _| Cell::maybe(all[at].mac.as_deref()),
        key: |all, at| SortKey::text(all[at].mac.as_deref()),
    },
    Field {
        column: Column::new("port", "PORT ID", "Neutron's id of the port", 36, 4),
        cell: |all, at, _| Cell::maybe(all[at].port.as_deref()),
        key: |all, at| SortKey::text(all[at].port.as_deref()),
    },
];

/// Volumes: the attachments where they were fetched, else what the row lists.
pub fn volumes(instance: &Instance, detail: Option<&Detail>) -> Vec<VolumeRef> {
    detail.and_then(|detail| detail.volumes.value()).unwrap_or(&instance.volumes).clone()
}

/// Volumes.
pub static VOLUMES: Kind<Vec<VolumeRef>> = Kind {
    name: "volumes",
    fields: &VOLUME_FIELDS,
    len: Vec::len,
    id: |all, at| named(all[at].id.as_str()),
    name_of: |all, at| all[at].id.as_str(),
    find: |all, id| all.iter().position(|one| *id == named(one.id.as_str())),
};

static VOLUME_FIELDS: [Field<Vec<VolumeRef>>; 3] = [
    Field {
        column: Column::new("device", "DEVICE", "where the instance sees it", 12, 0),
        cell: |all, at, _| Cell::maybe(all[at].device.as_deref()),
        key: |all, at| SortKey::text(all[at].device.as_deref()),
    },
    Field {
        column: Column::new("id", "VOLUME", "Cinder's id of it", 36, 0),
        cell: |all, at, _| Cell::plain(all[at].id.as_str()),
        key: |all, at| SortKey::text(Some(all[at].id.as_str())),
    },
    Field {
        column: Column::new("ends", "AT THE END", "what becomes of it when the instance is deleted", 22, 1),
        cell: |all, at, _| match all[at].delete_on_termination {
            None => Cell::missing(),
            Some(true) => Cell::new("deleted with it", Tone::Warn),
            Some(false) => Cell::plain("kept"),
        },
        key: |all, at| all[at].delete_on_termination.map_or(SortKey::Missing, |gone| SortKey::Number(i64::from(gone))),
    },
];

/// One of its places in a pool.
#[derive(Debug)]
pub struct PoolRow {
    pool: String,
    balancers: String,
    member: pool::Member,
}

/// Its places in pools.
pub fn pools(fleet: &Fleet, id: &InstanceId) -> Vec<PoolRow> {
    let Some(member) = fleet.member(id) else { return Vec::new() };
    let named = |name: &str, id: &str| if name.is_empty() { id.to_owned() } else { name.to_owned() };
    let row = |(pool, member): (&pool::Pool, &pool::Member)| PoolRow {
        pool: named(&pool.name, pool.id.as_str()),
        balancers: pool
            .balancers
            .iter()
            .map(|balancer| named(&balancer.name, balancer.id.as_str()))
            .collect::<Vec<_>>()
            .join(", "),
        member: member.clone(),
    };
    fleet.memberships(member).map(row).collect()
}

/// The pools.
pub static POOLS: Kind<Vec<PoolRow>> = Kind {
    name: "pools",
    fields: &POOL_FIELDS,
    len: Vec::len,
    id: |all, at| named(all[at].member.id.as_str()),
    name_of: |all, at| &all[at].pool,
    find: |all, id| all.iter().position(|one| *id == named(one.member.id.as_str())),
};

static POOL_FIELDS: [Field<Vec<PoolRow>>; 8] = [
    Field {
        column: Column::new("pool", "POOL", "its name", 20, 0).grows(1),
        cell: |all, at, _| Cell::plain(&all[at].pool),
        key: |all, at| SortKey::text(Some(&all[at].pool)),
    },
    Field {
        column: Column::new("status", "STATUS", "what the balancer sees of the instance", 12, 0),
        cell: |all, at, _| operating(&all[at].member.operating_status),
        key: |all, at| SortKey::text(Some(&all[at].member.operating_status)),
    },
    Field {
        column: Column::new("address", "ADDRESS", "where the balancer reaches it", 21, 1),
        cell: |all, at, _| Cell::plain(&format!("{}:{}", all[at].member.address, all[at].member.port)),
        key: |all, at| SortKey::text(Some(&all[at].member.address)),
    },
    Field {
        column: Column::new("weight", "WEIGHT", "its share of the load; 0 drains", 6, 2).right(),
        cell: |all, at, _| match all[at].member.weight {
            0 => Cell::new("0", Tone::Warn),
            weight => Cell::number(weight),
        },
        key: |all, at| SortKey::Number(i64::from(all[at].member.weight)),
    },
    Field {
        column: Column::new("enabled", "ENABLED", "whether it is switched on", 8, 3),
        cell: |all, at, _| match all[at].member.admin_up {
            true => Cell::plain("yes"),
            false => Cell::new("no", Tone::Warn).sign(Glyph::Off),
        },
        key: |all, at| SortKey::Number(i64::from(all[at].member.admin_up)),
    },
    Field {
        column: Column::new("backup", "BACKUP", "whether it only serves when no other can", 6, 6),
        cell: |all, at, _| Cell::plain(if all[at].member.backup { "yes" } else { "no" }),
        key: |all, at| SortKey::Number(i64::from(all[at].member.backup)),
    },
    Field {
        column: Column::new("provisioning", "PROVISIONING", "what Octavia does with it", 14, 4),
        cell: |all, at, _| provisioning(&all[at].member.provisioning_status),
        key: |all, at| SortKey::text(Some(&all[at].member.provisioning_status)),
    },
    Field {
        column: Column::new("balancer", "BALANCER", "the load balancers of the pool", 18, 5).grows(1),
        cell: |all, at, _| Cell::plain(&all[at].balancers),
        key: |all, at| SortKey::text(Some(&all[at].balancers)),
    },
];

fn operating(status: &str) -> Cell {
    let (tone, glyph) = match status {
        "ONLINE" => (Tone::Good, Glyph::Ok),
        "ERROR" => (Tone::Bad, Glyph::Down),
        "DEGRADED" | "DRAINING" => (Tone::Warn, Glyph::Warning),
        "OFFLINE" => (Tone::Dim, Glyph::Off),
        _ => (Tone::Unknown, Glyph::Unknown),
    };
    Cell::new(status, tone).sign(glyph)
}

fn provisioning(status: &str) -> Cell {
    let tone = match status {
        "ACTIVE" => Tone::Normal,
        "ERROR" => Tone::Bad,
        _ => Tone::Busy,
    };
    Cell::new(status, tone)
}

/// An entry of the history, or one of its events below it.
#[derive(Debug)]
pub struct HistoryRow {
    id: Arc<str>,
    entry: HistoryEntry,
    event: Option<(usize, HistoryEvent)>,
    opened: bool,
    place: i64,
}

/// Entries newest first; below an opened one its events.
pub fn history(history: &[HistoryEntry], expanded: &BTreeSet<Arc<str>>) -> Vec<HistoryRow> {
    let mut rows = Vec::new();
    for entry in history {
        let id = entry_id(entry);
        let opened = expanded.contains(&id);
        let events = entry.events.iter().cloned().enumerate().filter(|_| opened).map(Some);
        let entry = HistoryEntry { events: Vec::new(), ..entry.clone() };
        for event in std::iter::once(None).chain(events) {
            let id = event.as_ref().map_or_else(|| id.clone(), |(at, _)| format!("{id}#{at}").into());
            let place = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            rows.push(HistoryRow { id, entry: entry.clone(), event, opened, place });
        }
    }
    rows
}

/// The id of an entry's row: its request, else what and when.
pub fn entry_id(entry: &HistoryEntry) -> Arc<str> {
    match &entry.request_id {
        Some(request) => request.as_str().into(),
        None => format!("{} {}", entry.verb, entry.started.unwrap_or(Timestamp::UNIX_EPOCH)).into(),
    }
}

/// The history.
pub static HISTORY: Kind<Vec<HistoryRow>> = Kind {
    name: "history",
    fields: &HISTORY_FIELDS,
    len: Vec::len,
    id: |all, at| RowId::Named(all[at].id.clone()),
    name_of: |all, at| &all[at].id,
    find: |all, id| all.iter().position(|one| matches!(id, RowId::Named(name) if *name == one.id)),
};

static HISTORY_FIELDS: [Field<Vec<HistoryRow>>; 6] = [
    Field {
        column: Column::new("when", "WHEN", "when it was asked, in the cloud's time", 20, 0),
        cell: |all, at, _| {
            let row = &all[at];
            let when = row.event.as_ref().map_or(row.entry.started, |(_, event)| event.started);
            when.map_or_else(Cell::missing, |when| Cell::plain(&when.strftime("%Y-%m-%d %H:%M:%S").to_string()))
        },
        key: |all, at| SortKey::Number(all[at].place),
    },
    Field {
        column: Column::new("verb", "WHAT", "what was asked, and what Nova did for it", 24, 0).grows(2),
        cell: |all, at, _| {
            let row = &all[at];
            match (&row.event, row.opened) {
                (Some((_, event)), _) => Cell::new(&format!("    {}", event.name), Tone::Dim),
                (None, true) => Cell::plain(&format!("- {}", row.entry.verb)),
                (None, false) => Cell::plain(&format!("+ {}", row.entry.verb)),
            }
        },
        key: |all, at| SortKey::text(Some(&all[at].entry.verb)),
    },
    Field {
        column: Column::new("result", "RESULT", "how it ended", 10, 0),
        cell: |all, at, _| result(&all[at]),
        key: |all, at| SortKey::text(Some(&result(&all[at]).text)),
    },
    Field {
        column: Column::new("took", "TOOK", "how long it took", 8, 2).right(),
        cell: |all, at, _| took(&all[at]),
        key: |all, at| SortKey::text(Some(&took(&all[at]).text)),
    },
    Field {
        column: Column::new("user", "USER", "who asked", 32, 4),
        cell: |all, at, _| Cell::maybe(all[at].entry.user.as_deref().filter(|_| all[at].event.is_none())),
        key: |all, at| SortKey::text(all[at].entry.user.as_deref()),
    },
    Field {
        column: Column::new(
            "request",
            "REQUEST / HOST",
            "the request in the cloud's logs; for a part, its host",
            40,
            1,
        )
        .grows(1),
        cell: |all, at, _| match (&all[at].event, &all[at].entry.request_id) {
            (Some((_, event)), _) => Cell::maybe(event.host.as_deref()),
            (None, request) => Cell::maybe(request.as_ref().map(crate::base::id::RequestId::as_str)),
        },
        key: |all, at| SortKey::text(all[at].entry.request_id.as_ref().map(crate::base::id::RequestId::as_str)),
    },
];

fn result(row: &HistoryRow) -> Cell {
    let Some((_, event)) = &row.event else {
        return match &row.entry.message {
            Some(message) => Cell::new(message, Tone::Bad).sign(Glyph::Down),
            None => Cell::new("ok", Tone::Dim),
        };
    };
    match event.result.as_deref() {
        Some("Success") => Cell::new("Success", Tone::Good).sign(Glyph::Ok),
        Some(other) => Cell::new(other, Tone::Bad).sign(Glyph::Down),
        None => Cell::new("running", Tone::Busy).sign(Glyph::Busy),
    }
}

fn took(row: &HistoryRow) -> Cell {
    let Some((_, event)) = &row.event else { return Cell::missing() };
    match (event.started, event.finished) {
        (Some(start), Some(end)) => {
            Cell::plain(&format!("{:.1} s", crate::base::clock::since(start, end).as_secs_f64()))
        }
        _ => Cell::missing(),
    }
}
