//! The services: the home table.

use std::sync::Arc;

use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::column::{Column, Field, Kind, RowId, SortKey};
use crate::console::app::tables::listed::Listed;
use crate::console::app::tables::{load, words};
use crate::fleet::Service;
use crate::fleet::metric::{Metric, Subject};
use crate::fleet::service::Standing;

/// The table.
pub static SERVICES: Kind<Listed> = Kind {
    name: "services",
    fields: &FIELDS,
    len: |fleet| fleet.services.len(),
    id: |fleet, at| RowId::Service(Arc::new(fleet.services[at].key.clone())),
    name_of: |fleet, at| &fleet.services[at].key.name,
    find: |fleet, id| match id {
        RowId::Service(key) => fleet.services.binary_search_by(|service| service.key.cmp(key)).ok(),
        _ => None,
    },
};

static FIELDS: [Field<Listed>; 17] = [
    Field {
        column: Column::new("service", "SERVICE", "its name", 20, 0).grows(3),
        cell: |fleet, at, _| name(&fleet.services[at]),
        key: |fleet, at| SortKey::text(Some(&fleet.services[at].key.name)),
    },
    Field {
        column: Column::new("health", "HEALTH", "the worst that is wrong with it", 16, 0).descends().leads(),
        cell: |fleet, at, _| words::health(&fleet.services[at].findings),
        key: |fleet, at| SortKey::Number(words::severity_number(&fleet.services[at].findings)),
    },
    Field {
        column: Column::new("ready", "READY", "how many of its instances serve", 6, 0).right(),
        cell: |fleet, at, _| ready(&fleet.services[at]),
        key: |fleet, at| SortKey::Number(number(fleet.services[at].ready)),
    },
    Field {
        column: Column::new("requests", "REQ/S", "requests a second; connections where nobody counts requests", 5, 1)
            .live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &REQUESTS),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &REQUESTS),
    },
    Field {
        column: Column::new("errors", "ERR", "the share of requests that fail", 5, 3).live(),
        cell: |fleet, at, _| load::errors(fleet, &subject(fleet, at)),
        key: |fleet, at| load::errors_key(fleet, &subject(fleet, at)),
    },
    Field {
        column: Column::new(
            "response",
            "RESP",
            "response time: the 95th percentile, or the mean where nobody tells that",
            6,
            2,
        )
        .live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &RESPONSE),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &RESPONSE),
    },
    Field {
        column: Column::new("mean", "AVG", "mean response time", 6, 8).live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &[Metric::ResponseMean]),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &[Metric::ResponseMean]),
    },
    Field {
        column: Column::new("cpu", "CPU", "used share of its processors", 5, 5).live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &[Metric::Cpu]),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &[Metric::Cpu]),
    },
    Field {
        column: Column::new("memory", "MEM", "used share of its memory", 5, 10).live(),
        cell: |fleet, at, _| load::number(fleet, &subject(fleet, at), &[Metric::Memory]),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &[Metric::Memory]),
    },
    Field {
        column: Column::new("hour", "LAST HOUR", "its requests in the last hour, five minutes a sign", load::WIDTH, 4)
            .changes()
            .whole(),
        cell: |fleet, at, _| load::hour(fleet, &subject(fleet, at), &REQUESTS),
        key: |fleet, at| load::key(fleet, &subject(fleet, at), &REQUESTS),
    },
    Field {
        column: Column::new("versions", "VERSIONS", "what runs, and how often", 18, 1).grows(2),
        cell: |fleet, at, _| versions(&fleet.services[at]),
        key: |fleet, at| SortKey::text(first_version(&fleet.services[at])),
    },
    Field {
        column: Column::new("instances", "INST", "how many instances it has", 5, 6).right().hidden(),
        cell: |fleet, at, _| Cell::number(fleet.services[at].members.len()),
        key: |fleet, at| SortKey::Number(number(fleet.services[at].members.len())),
    },
    Field {
        column: Column::new("pools", "POOLS", "the load balancer pools that it is in", 18, 7).grows(1),
        cell: |fleet, at, _| pools(fleet, &fleet.services[at]),
        key: |fleet, at| SortKey::text(fleet.services[at].pools.first().map(|name| &**name)),
    },
    Field {
        column: Column::new("named-by", "NAMED BY", "what told which instances belong to it", 12, 9),
        cell: |fleet, at, _| named_by(&fleet.services[at]),
        key: |fleet, at| SortKey::text(first_source(&fleet.services[at]).as_deref()),
    },
    Field {
        column: Column::new("standing", "GROUPING", "whether it is settled which instances belong to it", 12, 4)
            .hidden(),
        cell: |fleet, at, _| standing(&fleet.services[at].standing),
        key: |fleet, at| SortKey::text(Some(&standing(&fleet.services[at].standing).text)),
    },
    Field {
        column: Column::new("project", "PROJECT", "who owns it", 16, 2).grows(1).hidden(),
        cell: |fleet, at, _| Cell::plain(fleet.project(&fleet.services[at].key.project)),
        key: |fleet, at| SortKey::text(Some(fleet.project(&fleet.services[at].key.project))),
    },
    Field {
        column: Column::new("age", "AGE", "since its newest instance was made", 5, 6).ages(),
        cell: |fleet, at, moment| words::age(fleet.services[at].census.newest, moment.cloud),
        key: |fleet, at| SortKey::time(fleet.services[at].census.newest),
    },
];

/// Where nobody counts requests, connections are the next best.
const REQUESTS: [Metric; 3] = [Metric::Requests, Metric::Connections, Metric::Active];
/// A mean hides those who wait the longest.
const RESPONSE: [Metric; 2] = [Metric::ResponseP95, Metric::ResponseMean];

fn subject(fleet: &Listed, at: usize) -> Subject {
    Subject::Service(fleet.services[at].key.clone())
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn name(service: &Service) -> Cell {
    match service.standing {
        Standing::Settled => Cell::plain(&service.key.name),
        Standing::Empty => Cell::new(&service.key.name, Tone::Dim).sign(Glyph::Off),
        Standing::Provisional(_) => Cell::new(&service.key.name, Tone::Dim).sign(Glyph::Unknown),
        Standing::Ambiguous(_) => Cell::new(&service.key.name, Tone::Warn).sign(Glyph::Warning),
    }
}

fn ready(service: &Service) -> Cell {
    let tone = match service.ready {
        all if all == service.members.len() => Tone::Normal,
        0 => Tone::Bad,
        _ => Tone::Warn,
    };
    Cell::new(&format!("{}/{}", service.ready, service.members.len()), tone)
}

fn versions(service: &Service) -> Cell {
    let one = |(version, count): &(Option<Arc<str>>, usize)| {
        let version = version.as_deref().unwrap_or("?");
        if service.versions.len() == 1 { version.to_owned() } else { format!("{version}×{count}") }
    };
    match service.versions.as_slice() {
        [] | [(None, _)] => Cell::missing(),
        versions => Cell::plain(&versions.iter().map(one).collect::<Vec<_>>().join(" ")),
    }
}

fn first_version(service: &Service) -> Option<&str> {
    service.versions.first().and_then(|(version, _)| version.as_deref())
}

/// Its pools, and how many members of each take requests where not all do.
fn pools(listed: &Listed, service: &Service) -> Cell {
    if service.pools.is_empty() {
        let why = listed.without_balancers.then(|| Cell::new("– no load-balancer", Tone::Dim));
        return why.unwrap_or_else(Cell::missing);
    }
    let mut tone = Tone::Normal;
    let mut one = |(name, taking, all): (&str, usize, usize)| {
        if taking == all {
            return name.to_owned();
        }
        tone = if taking == 0 { Tone::Bad } else { Tone::Warn };
        format!("{name} {taking}/{all}")
    };
    let text = service.pools_taking().map(&mut one).collect::<Vec<_>>().join(" ");
    Cell::new(&text, tone)
}

fn first_source(service: &Service) -> Option<String> {
    service.census.named_by.first().map(ToString::to_string)
}

fn named_by(service: &Service) -> Cell {
    let names: Vec<String> = service.census.named_by.iter().map(ToString::to_string).collect();
    if names.is_empty() { Cell::missing() } else { Cell::new(&names.join(", "), Tone::Dim) }
}

fn standing(standing: &Standing) -> Cell {
    match standing {
        Standing::Settled => Cell::new("settled", Tone::Dim),
        Standing::Empty => Cell::new("empty: only a pool names it", Tone::Dim),
        Standing::Provisional(sources) => {
            Cell::new(&format!("provisional: no word yet from {}", sources.join(", ")), Tone::Unknown)
        }
        Standing::Ambiguous(pools) => Cell::new(&format!("ambiguous: {}", pools.join(", ")), Tone::Warn),
    }
}
