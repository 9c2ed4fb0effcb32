//! `stackdeck services`.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::failure::Failure;
use crate::cli::args::Format;
use crate::cli::json;
use crate::cli::json::fleet::findings;
use crate::cli::look::{Look, Wants};
use crate::cli::table::{self, Cell};
use crate::cli::top::cells;
use crate::config::Settings;
use crate::fleet::Condition;
use crate::fleet::metric::{Metric, Subject};
use crate::fleet::service::{Fleet, Service, Severity, Standing};

use super::Answer;

/// Who asks for a list waits no longer than this for what is measured: `top` has the patience for two answers.
const PATIENCE: Duration = Duration::from_secs(3);

/// The fleet, and how it does.
pub(super) struct Found {
    fleet: Arc<Fleet>,
    condition: Condition,
    now: Timestamp,
}

pub(super) async fn find(look: &mut Look, settings: &Settings) -> Result<Found, Failure> {
    let fleet = look.fleet().await?;
    look.measured(Wants::First, PATIENCE).await?;
    look.consider(&fleet, &settings.services, &settings.health);
    Ok(Found { fleet, condition: look.take_condition(), now: look.cloud_now() })
}

pub(super) fn print(found: &Found, answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Found { fleet, condition, now } = found;
    if answer.format == Format::Json {
        return answer.json(json::fleet::Services::of(fleet, condition, *now), out);
    }
    let mut services: Vec<&Service> = fleet.services.iter().collect();
    services.sort_by_key(|service| &service.key.name);
    let rows: Vec<Vec<Cell>> = services.into_iter().map(|service| row(service, found)).collect();
    let headings = ["SERVICE", "HEALTH", "READY", "VERSIONS", "REQ/S", "ERR", "P95", "CPU", "POOLS", "BECAUSE"];
    table::print(&headings, &rows, answer.colour, out)
}

fn row(service: &Service, Found { condition, now, .. }: &Found) -> Vec<Cell> {
    let subject = Subject::Service(service.key.clone());
    let measured = |metric| cells::value(condition.load(), &subject, metric, *now);
    let severities = findings(service, condition).map(|finding| finding.severity);
    vec![
        Cell::text(&service.key.name),
        Cell::severity(severities.max().unwrap_or(Severity::Ok)),
        Cell::number(format_args!("{}/{}", service.ready, service.members.len())),
        Cell::text(&versions(service)),
        measured(Metric::Requests),
        cells::errors(condition.load(), &subject, *now),
        measured(Metric::ResponseP95),
        measured(Metric::Cpu),
        Cell::text(&service.pools.join(" ")),
        Cell::text(&because(service, condition)),
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
fn because(service: &Service, condition: &Condition) -> String {
    let worst = findings(service, condition).max_by_key(|finding| finding.severity).map(|finding| finding.evidence);
    let standing = match &service.standing {
        Standing::Settled | Standing::Empty => None,
        Standing::Provisional(sources) => Some(format!("provisional: {} did not answer", sources.join(", "))),
        Standing::Ambiguous(pools) => Some(format!("ambiguous: in {}", pools.join(", "))),
    };
    worst.into_iter().chain(standing).collect::<Vec<_>>().join("; ")
}
