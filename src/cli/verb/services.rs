//! `stackdeck services`.

use std::io::{self, Write};
use std::sync::Arc;

use crate::cli::args::Format;
use crate::cli::json;
use crate::cli::table::{self, Cell};
use crate::fleet::service::{Fleet, Service, Standing, worst};

use super::Answer;

pub(super) type Found = Arc<Fleet>;

pub(super) fn print(fleet: &Found, answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    if answer.format == Format::Json {
        return answer.json(json::fleet::Services::of(fleet), out);
    }
    let mut services: Vec<&Service> = fleet.services.iter().collect();
    services.sort_by_key(|service| &service.key.name);
    let rows: Vec<Vec<Cell>> = services.into_iter().map(row).collect();
    table::print(&["SERVICE", "HEALTH", "READY", "VERSIONS", "POOLS", "BECAUSE"], &rows, answer.colour, out)
}

fn row(service: &Service) -> Vec<Cell> {
    vec![
        Cell::text(&service.key.name),
        Cell::severity(worst(&service.findings)),
        Cell::number(format_args!("{}/{}", service.ready, service.members.len())),
        Cell::text(&versions(service)),
        Cell::text(&service.pools.join(" ")),
        Cell::text(&because(service)),
    ]
}

fn versions(service: &Service) -> String {
    let versions = service.versions.iter().map(|(version, instances)| {
        let version = version.as_deref().unwrap_or("?");
        if service.versions.len() == 1 { version.to_owned() } else { format!("{version}×{instances}") }
    });
    versions.collect::<Vec<_>>().join(" ")
}

/// The worst finding, and whether the grouping is settled.
fn because(service: &Service) -> String {
    let worst = service.findings.iter().max_by_key(|finding| finding.severity).map(|finding| finding.evidence.clone());
    let standing = match &service.standing {
        Standing::Settled | Standing::Empty => None,
        Standing::Provisional(sources) => Some(format!("provisional: {} did not answer", sources.join(", "))),
        Standing::Ambiguous(pools) => Some(format!("ambiguous: in {}", pools.join(", "))),
    };
    worst.into_iter().chain(standing).collect::<Vec<_>>().join("; ")
}
