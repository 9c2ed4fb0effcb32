//! `stackdeck cloud`.

use std::io::{self, Write};
use std::sync::Arc;

use crate::base::text::sanitise;
use crate::cli::args::Format;
use crate::cli::json::control_plane::CloudOf;
use crate::cli::table::{self, Cell};
use crate::fleet::control_plane::{Agent, ComputeService, ControlPlane, Endpoint, Hypervisor, Quota};
use crate::fleet::service::Severity;

use super::Answer;
use super::section::section;

pub(super) type Found = Arc<ControlPlane>;

pub(super) fn print(cloud: &Found, answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    if answer.format == Format::Json {
        return answer.json(CloudOf::from(&**cloud), out);
    }
    let facts = answer.facts;
    let project = facts.project.as_deref().map(|project| format!(", project {project}")).unwrap_or_default();
    let insecure = if facts.insecure { "; certificates are NOT checked" } else { "" };
    let region = sanitise(&facts.region);
    let whose = format!("{}{project} as {} ({})", facts.cloud, facts.user, facts.roles.join(", "));
    writeln!(out, "{}, region {region}{insecure}\n", sanitise(&whose))?;
    endpoints(&cloud.endpoints, answer, out)?;
    let headings = ["BINARY", "HOST", "ZONE", "STATE", "ENABLED", "BECAUSE"];
    section("Compute services", SEEN, &cloud.compute_services, &headings, compute_service, answer, out)?;
    let headings = ["NAME", "KIND", "STATE", "ENABLED", "INSTANCES", "VCPUS", "MEMORY MIB", "LOAD 1 5 15"];
    section("Hypervisors", SEEN, &cloud.hypervisors, &headings, hypervisor, answer, out)?;
    section("Network agents", SEEN, &cloud.agents, &["KIND", "HOST", "STATE", "ENABLED"], agent, answer, out)?;
    section("Quotas", SEEN, &cloud.quotas, &["SERVICE", "RESOURCE", "USED", "LIMIT"], quota, answer, out)
}

/// What an empty list says: policy hides rows without a word.
const SEEN: &str = "none that this role sees";

/// The endpoints, each with what we found it to be.
pub(crate) fn endpoint(endpoint: &Endpoint) -> Vec<Cell> {
    let microversions = endpoint.microversions.as_ref().map(|(least, most)| format!("{least} to {most}"));
    let latency = endpoint.latency.map(|latency| format!("{:.0}", latency.as_secs_f64() * 1000.0));
    let failure = endpoint.last_failure.as_ref().map(|(failure, _)| failure.message.as_str());
    vec![
        Cell::text(&endpoint.service_type),
        Cell::text(&endpoint.url),
        Cell::maybe(endpoint.version.as_deref()),
        Cell::maybe(microversions.as_deref()),
        Cell::maybe_number(latency),
        Cell::maybe(failure),
    ]
}

fn endpoints(endpoints: &[Endpoint], answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Vec<Cell>> = endpoints.iter().map(endpoint).collect();
    table::print(&["SERVICE", "ENDPOINT", "VERSION", "MICROVERSIONS", "MS", "FAILURE"], &rows, answer.colour, out)
}

fn state(up: bool) -> Cell {
    let (word, severity) = if up { ("up", Severity::Ok) } else { ("down", Severity::Critical) };
    Cell::text(word).judged(severity)
}

fn yes(yes: bool) -> Cell {
    Cell::text(if yes { "yes" } else { "no" })
}

fn used(used: impl std::fmt::Display, all: impl std::fmt::Display) -> String {
    format!("{used}/{all}")
}

fn compute_service(service: &ComputeService) -> Vec<Cell> {
    let ComputeService { binary, host, zone, enabled, up, reason, .. } = service;
    vec![
        Cell::text(binary),
        Cell::text(host),
        Cell::text(zone),
        state(*up),
        yes(*enabled),
        Cell::maybe(reason.as_deref()),
    ]
}

fn hypervisor(host: &Hypervisor) -> Vec<Cell> {
    vec![
        Cell::text(&host.name),
        Cell::text(&host.kind),
        state(host.up),
        yes(host.enabled),
        Cell::maybe_number(host.running),
        Cell::maybe_number(host.vcpus.map(|(now, all)| used(now, all))),
        Cell::maybe_number(host.memory_mib.map(|(now, all)| used(now, all))),
        Cell::maybe_number(host.load.map(|load| load.map(|number| format!("{number:.2}")).join(" "))),
    ]
}

fn agent(agent: &Agent) -> Vec<Cell> {
    vec![Cell::text(&agent.kind), Cell::text(&agent.host), state(agent.alive), yes(agent.admin_up)]
}

fn quota(quota: &Quota) -> Vec<Cell> {
    let limit = quota.limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string());
    let full = quota.limit.is_some_and(|limit| quota.used >= limit);
    let used = Cell::number(quota.used);
    vec![
        Cell::text(quota.service),
        Cell::text(&quota.resource),
        if full { used.judged(Severity::Warning) } else { used },
        Cell::number(limit),
    ]
}
