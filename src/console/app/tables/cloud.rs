//! The cloud itself: its endpoints, its own services, its hosts, our quotas.

use crate::base::failure::FailureKind;
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::column::{Column, Field, Kind, RowId, SortKey};
use crate::console::app::tables::words;
use crate::fleet::control_plane::{Agent, ComputeService, Endpoint, Hypervisor, Quota};

fn named(text: &str) -> RowId {
    RowId::Named(text.into())
}

/// Every endpoint.
pub static ENDPOINTS: Kind<Vec<Endpoint>> = Kind {
    name: "endpoints",
    fields: &ENDPOINT_FIELDS,
    len: Vec::len,
    id: |all, at| named(&all[at].url),
    name_of: |all, at| &all[at].service_type,
    find: |all, id| all.iter().position(|one| *id == named(&one.url)),
};

static ENDPOINT_FIELDS: [Field<Vec<Endpoint>>; 9] = [
    Field {
        column: Column::new("type", "TYPE", "its service type", 16, 0),
        cell: |all, at, _| Cell::new(&all[at].service_type, if all[at].used { Tone::Normal } else { Tone::Dim }),
        key: |all, at| SortKey::text(Some(&all[at].service_type)),
    },
    Field {
        column: Column::new("state", "STATE", "how it answers us", 9, 0),
        cell: |all, at, _| endpoint_state(&all[at]),
        key: |all, at| SortKey::text(Some(&endpoint_state(&all[at]).text)),
    },
    Field {
        column: Column::new("latency", "LATENCY", "median of our latest requests", 8, 1).right(),
        cell: |all, at, _| {
            all[at].latency.map_or_else(Cell::missing, |latency| Cell::plain(&format!("{} ms", latency.as_millis())))
        },
        key: |all, at| millis(all[at].latency),
    },
    Field {
        column: Column::new("requests", "REQ/MIN", "our requests in the last minute", 7, 2).right(),
        cell: |all, at, _| Cell::number(all[at].requests_per_minute),
        key: |all, at| SortKey::Number(i64::from(all[at].requests_per_minute)),
    },
    Field {
        column: Column::new("version", "VERSION", "its API version", 8, 3),
        cell: |all, at, _| Cell::maybe(all[at].version.as_deref()),
        key: |all, at| SortKey::text(all[at].version.as_deref()),
    },
    Field {
        column: Column::new("microversions", "MICROVERSIONS", "lowest and highest", 13, 4),
        cell: |all, at, _| {
            let range = all[at].microversions.as_ref();
            range.map_or_else(Cell::missing, |(low, high)| Cell::plain(&format!("{low} – {high}")))
        },
        key: |all, at| SortKey::text(all[at].microversions.as_ref().map(|(_, high)| &**high)),
    },
    Field {
        column: Column::new("error", "LAST ERROR", "the newest failure", 30, 5).grows(3),
        cell: |all, at, _| last_error(&all[at]),
        key: |all, at| SortKey::time(all[at].last_failure.as_ref().map(|(_, when)| *when)),
    },
    Field {
        column: Column::new("since", "AGO", "when that was", 5, 6).ages(),
        cell: |all, at, moment| words::age(all[at].last_failure.as_ref().map(|(_, when)| *when), moment.wall),
        key: |all, at| SortKey::time(all[at].last_failure.as_ref().map(|(_, when)| *when)),
    },
    Field {
        column: Column::new("url", "URL", "where it is reached", 36, 7).grows(2),
        cell: |all, at, _| Cell::new(&all[at].url, Tone::Dim),
        key: |all, at| SortKey::text(Some(&all[at].url)),
    },
];

fn millis(latency: Option<std::time::Duration>) -> SortKey {
    latency.map_or(SortKey::Missing, |latency| SortKey::Number(i64::try_from(latency.as_micros()).unwrap_or(i64::MAX)))
}

/// What is known of an endpoint: a failure stands until a request has succeeded again.
fn endpoint_state(endpoint: &Endpoint) -> Cell {
    match (&endpoint.last_failure, endpoint.latency) {
        _ if !endpoint.used => Cell::new("unused", Tone::Dim).sign(Glyph::Off),
        (None, Some(_)) => Cell::new("ok", Tone::Good).sign(Glyph::Ok),
        // It answers; that the role may not ask for everything is told where one asks.
        (Some((failure, _)), Some(_)) if failure.kind == FailureKind::Forbidden => {
            Cell::new("ok", Tone::Good).sign(Glyph::Ok)
        }
        (Some(_), Some(_)) => Cell::new("errors", Tone::Warn).sign(Glyph::Warning),
        (Some(_), None) => Cell::new("failing", Tone::Bad).sign(Glyph::Down),
        (None, None) => Cell::new("not asked", Tone::Unknown).sign(Glyph::Unknown),
    }
}

fn last_error(endpoint: &Endpoint) -> Cell {
    let Some((failure, _)) = &endpoint.last_failure else { return Cell::missing() };
    match &failure.request_id {
        Some(id) => Cell::new(&format!("{} [{id}]", failure.message), Tone::Warn),
        None => Cell::new(&failure.message, Tone::Warn),
    }
}

/// nova's own services.
pub static COMPUTE: Kind<Vec<ComputeService>> = Kind {
    name: "compute-services",
    fields: &COMPUTE_FIELDS,
    len: Vec::len,
    id: |all, at| compute_id(&all[at]),
    name_of: |all, at| &all[at].binary,
    find: |all, id| all.iter().position(|one| *id == compute_id(one)),
};

fn compute_id(service: &ComputeService) -> RowId {
    named(&format!("{}@{}", service.binary, service.host))
}

static COMPUTE_FIELDS: [Field<Vec<ComputeService>>; 7] = [
    Field {
        column: Column::new("binary", "BINARY", "which of nova's services", 18, 0),
        cell: |all, at, _| Cell::plain(&all[at].binary),
        key: |all, at| SortKey::text(Some(&all[at].binary)),
    },
    Field {
        column: Column::new("host", "HOST", "where it runs", 20, 0).grows(2),
        cell: |all, at, _| Cell::plain(&all[at].host),
        key: |all, at| SortKey::text(Some(&all[at].host)),
    },
    Field {
        column: Column::new("state", "STATE", "whether it was heard of in the last minute", 8, 0),
        cell: |all, at, _| words::flag(all[at].up, "up", "down"),
        key: |all, at| SortKey::Number(i64::from(all[at].up)),
    },
    Field {
        column: Column::new("enabled", "ENABLED", "whether an operator has it enabled", 9, 1),
        cell: |all, at, _| enabled(all[at].enabled),
        key: |all, at| SortKey::Number(i64::from(all[at].enabled)),
    },
    Field {
        column: Column::new("zone", "ZONE", "its availability zone", 12, 3),
        cell: |all, at, _| Cell::plain(&all[at].zone),
        key: |all, at| SortKey::text(Some(&all[at].zone)),
    },
    Field {
        column: Column::new("heard", "HEARD", "when it was last heard of", 6, 2).ages(),
        cell: |all, at, moment| words::age(all[at].updated, moment.cloud),
        key: |all, at| SortKey::time(all[at].updated),
    },
    Field {
        column: Column::new("reason", "REASON", "why it is disabled", 20, 4).grows(3),
        cell: |all, at, _| Cell::maybe(all[at].reason.as_deref()),
        key: |all, at| SortKey::text(all[at].reason.as_deref()),
    },
];

fn enabled(enabled: bool) -> Cell {
    match enabled {
        true => Cell::plain("yes"),
        false => Cell::new("no", Tone::Warn).sign(Glyph::Off),
    }
}

/// The hosts.
pub static HYPERVISORS: Kind<Vec<Hypervisor>> = Kind {
    name: "hypervisors",
    fields: &HYPERVISOR_FIELDS,
    len: Vec::len,
    id: |all, at| named(&all[at].name),
    name_of: |all, at| &all[at].name,
    find: |all, id| all.iter().position(|one| *id == named(&one.name)),
};

static HYPERVISOR_FIELDS: [Field<Vec<Hypervisor>>; 9] = [
    Field {
        column: Column::new("name", "NAME", "its name", 24, 0).grows(2),
        cell: |all, at, _| Cell::plain(&all[at].name),
        key: |all, at| SortKey::text(Some(&all[at].name)),
    },
    Field {
        column: Column::new("state", "STATE", "whether it was heard of", 8, 0),
        cell: |all, at, _| words::flag(all[at].up, "up", "down"),
        key: |all, at| SortKey::Number(i64::from(all[at].up)),
    },
    Field {
        column: Column::new("enabled", "ENABLED", "whether an operator has it enabled", 9, 1),
        cell: |all, at, _| enabled(all[at].enabled),
        key: |all, at| SortKey::Number(i64::from(all[at].enabled)),
    },
    Field {
        column: Column::new("kind", "KIND", "what runs the instances", 8, 5),
        cell: |all, at, _| Cell::plain(&all[at].kind),
        key: |all, at| SortKey::text(Some(&all[at].kind)),
    },
    Field {
        column: Column::new("address", "ADDRESS", "its address", 15, 4),
        cell: |all, at, _| Cell::maybe(all[at].address.as_deref()),
        key: |all, at| SortKey::text(all[at].address.as_deref()),
    },
    Field {
        column: Column::new("running", "RUNNING", "how many instances it runs; newer Novas do not tell", 7, 2).right(),
        cell: |all, at, _| all[at].running.map_or_else(Cell::missing, Cell::number),
        key: |all, at| all[at].running.map_or(SortKey::Missing, |running| SortKey::Number(i64::from(running))),
    },
    Field {
        column: Column::new("vcpus", "VCPUS", "used of total; newer Novas do not tell", 9, 3).right(),
        cell: |all, at, _| {
            all[at].vcpus.map_or_else(Cell::missing, |(used, total)| Cell::plain(&format!("{used}/{total}")))
        },
        key: |all, at| all[at].vcpus.map_or(SortKey::Missing, |(used, _)| SortKey::Number(i64::from(used))),
    },
    Field {
        column: Column::new("memory", "MEMORY", "used of total; newer Novas do not tell", 15, 3).right(),
        cell: |all, at, _| all[at].memory_mib.map_or_else(Cell::missing, memory),
        key: |all, at| all[at].memory_mib.map_or(SortKey::Missing, |(used, _)| count(used)),
    },
    Field {
        column: Column::new("load", "LOAD 1 5 15", "processes, over so many minutes; older Novas do not tell", 14, 2)
            .right(),
        cell: |all, at, _| all[at].load.map_or_else(Cell::missing, |load| load_average(&all[at], load)),
        key: |all, at| all[at].load.map_or(SortKey::Missing, |[last, ..]| SortKey::Number((last * 100.0) as i64)),
    },
];

/// `116 of 768 GiB`: the unit once where it is the same.
fn memory((used, total): (u64, u64)) -> Cell {
    let (used, total) = (words::mib(used), words::mib(total));
    let unit = total.split_once(' ').map_or("", |(_, unit)| unit);
    Cell::plain(&format!("{} of {total}", used.strip_suffix(unit).map_or(&*used, str::trim_end)))
}

/// More than there are processors for is worth a look.
fn load_average(host: &Hypervisor, load: [f64; 3]) -> Cell {
    let is_over = host.vcpus.is_some_and(|(_, all)| load[0] > f64::from(all));
    let text = load.map(|number| format!("{number:.1}")).join(" ");
    Cell::new(&text, if is_over { Tone::Warn } else { Tone::Normal })
}

fn count(number: u64) -> SortKey {
    SortKey::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// neutron's agents.
pub static AGENTS: Kind<Vec<Agent>> = Kind {
    name: "agents",
    fields: &AGENT_FIELDS,
    len: Vec::len,
    id: |all, at| agent_id(&all[at]),
    name_of: |all, at| &all[at].kind,
    find: |all, id| all.iter().position(|one| *id == agent_id(one)),
};

fn agent_id(agent: &Agent) -> RowId {
    named(&format!("{}@{}", agent.kind, agent.host))
}

static AGENT_FIELDS: [Field<Vec<Agent>>; 5] = [
    Field {
        column: Column::new("kind", "KIND", "which agent", 24, 0).grows(1),
        cell: |all, at, _| Cell::plain(&all[at].kind),
        key: |all, at| SortKey::text(Some(&all[at].kind)),
    },
    Field {
        column: Column::new("host", "HOST", "where it runs", 20, 0).grows(1),
        cell: |all, at, _| Cell::plain(&all[at].host),
        key: |all, at| SortKey::text(Some(&all[at].host)),
    },
    Field {
        column: Column::new("state", "STATE", "whether it was heard of", 8, 0),
        cell: |all, at, _| words::flag(all[at].alive, "alive", "dead"),
        key: |all, at| SortKey::Number(i64::from(all[at].alive)),
    },
    Field {
        column: Column::new("enabled", "ENABLED", "whether an operator has it enabled", 9, 1),
        cell: |all, at, _| enabled(all[at].admin_up),
        key: |all, at| SortKey::Number(i64::from(all[at].admin_up)),
    },
    Field {
        column: Column::new("heard", "HEARD", "when it was last heard of", 6, 2).ages(),
        cell: |all, at, moment| words::age(all[at].heartbeat, moment.cloud),
        key: |all, at| SortKey::time(all[at].heartbeat),
    },
];

/// Quotas and what of them is used.
pub static QUOTAS: Kind<Vec<Quota>> = Kind {
    name: "quotas",
    fields: &QUOTA_FIELDS,
    len: Vec::len,
    id: |all, at| quota_id(&all[at]),
    name_of: |all, at| &all[at].resource,
    find: |all, id| all.iter().position(|one| *id == quota_id(one)),
};

fn quota_id(quota: &Quota) -> RowId {
    named(&format!("{}/{}", quota.service, quota.resource))
}

static QUOTA_FIELDS: [Field<Vec<Quota>>; 5] = [
    Field {
        column: Column::new("service", "SERVICE", "who keeps it", 14, 0),
        cell: |all, at, _| Cell::plain(all[at].service),
        key: |all, at| SortKey::text(Some(all[at].service)),
    },
    Field {
        column: Column::new("resource", "RESOURCE", "what is limited", 20, 0).grows(1),
        cell: |all, at, _| Cell::plain(&all[at].resource),
        key: |all, at| SortKey::text(Some(&all[at].resource)),
    },
    Field {
        column: Column::new("used", "USED", "what is in use", 9, 0).right(),
        cell: |all, at, _| Cell::number(all[at].used),
        key: |all, at| count(all[at].used),
    },
    Field {
        column: Column::new("limit", "LIMIT", "how much there may be", 9, 0).right(),
        cell: |all, at, _| all[at].limit.map_or_else(|| Cell::new("no limit", Tone::Dim), Cell::number),
        key: |all, at| all[at].limit.map_or(SortKey::Missing, count),
    },
    Field {
        column: Column::new("share", "SHARE", "how much of the limit is used", 8, 1).right(),
        cell: |all, at, _| share_cell(&all[at]),
        key: |all, at| share(&all[at]).map_or(SortKey::Missing, count),
    },
];

/// Percent of a quota in use.
fn share(quota: &Quota) -> Option<u64> {
    let limit = quota.limit?;
    Some(quota.used.saturating_mul(100).checked_div(limit).unwrap_or(100))
}

fn share_cell(quota: &Quota) -> Cell {
    match share(quota) {
        None => Cell::missing(),
        Some(share) if share >= 100 && quota.used > 0 => Cell::new(&format!("{share} %"), Tone::Bad).sign(Glyph::Down),
        Some(share) if share >= 90 && quota.used > 0 => {
            Cell::new(&format!("{share} %"), Tone::Warn).sign(Glyph::Warning)
        }
        Some(share) => Cell::plain(&format!("{share} %")),
    }
}
