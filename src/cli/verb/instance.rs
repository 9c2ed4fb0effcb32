//! `stackdeck instance ID`.

use std::io::{self, Write};
use std::sync::Arc;

use crate::base::clock::since;
use crate::base::failure::Failure;
use crate::base::id::{InstanceId, RequestId};
use crate::base::text::sanitise;
use crate::cli::args::Format;
use crate::cli::find;
use crate::cli::json;
use crate::cli::look::Look;
use crate::cli::table::{self, Cell};
use crate::fleet::detail::{Detail, HistoryEntry, Port};
use crate::fleet::instance::{ImageRef, Instance, VolumeRef};
use crate::fleet::service::{Finding, Fleet, Member};

use super::Answer;
use super::instances::age;
use super::section::section;

/// The instance, and what was fetched for it alone.
pub(super) struct Found {
    fleet: Arc<Fleet>,
    id: InstanceId,
    detail: Arc<Detail>,
}

pub(super) async fn find(which: &str, look: &mut Look) -> Result<Found, Failure> {
    let fleet = look.fleet().await?;
    let id = find::instance(&fleet, which)?.instance.id.clone();
    let detail = look.detail(&id).await?;
    Ok(Found { fleet, id, detail })
}

pub(super) fn print(found: &Found, answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Found { fleet, id, detail } = found;
    let Some(member) = fleet.member(id) else { return Ok(()) };
    if answer.format == Format::Json {
        return answer.json(json::detail::InstanceWithDetail::of(member, fleet, detail), out);
    }
    facts(member, fleet, answer, out)?;
    findings(&member.findings, answer, out)?;
    section("Ports", "none", &detail.ports, &["ID", "STATUS", "ADDRESS", "MAC", "NETWORK"], port, answer, out)?;
    section("Volumes", "none", &detail.volumes, &["ID", "DEVICE", "DELETED WITH IT"], volume, answer, out)?;
    let headings = ["STARTED", "WHAT", "RESULT", "REQUEST"];
    section("History", "none", &detail.history, &headings, entry, answer, out)
}

fn facts(member: &Member, fleet: &Fleet, answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let instance = &*member.instance;
    let service = fleet.services.get(member.service).map(|service| &*service.key.name);
    let old = instance.created.map(|created| age(since(created, answer.now_in_the_cloud)));
    let created = instance.created.zip(old).map(|(created, old)| format!("{created} ({old} ago)"));
    for (name, value) in [
        ("Name", Some(instance.name.clone())),
        ("Id", Some(instance.id.to_string())),
        ("Service", service.map(|service| format!("{service} (by {})", member.named_by))),
        ("Version", version(member)),
        ("Status", Some(status(instance))),
        ("Image", image(instance)),
        ("Flavor", instance.flavor.name.as_deref().map(str::to_owned)),
        ("Addresses", Some(addresses(instance))),
        ("Zone", instance.zone.as_deref().map(str::to_owned)),
        ("Host", instance.host.as_deref().map(str::to_owned)),
        ("Created", created),
        ("Tags", Some(instance.tags.join(" "))),
        ("Metadata", Some(metadata(instance))),
        ("Fault", instance.fault.as_ref().map(|fault| format!("{}: {}", fault.code, fault.message))),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            writeln!(out, "{name:<10} {}", sanitise(&value))?;
        }
    }
    Ok(())
}

fn version(member: &Member) -> Option<String> {
    let claim = &member.version;
    let said_by = claim.said_by.map(|source| format!(" (by {source})")).unwrap_or_default();
    let others: Vec<_> = claim.disputed.iter().map(|(source, other)| format!("{source} says {other}")).collect();
    let disputed = if others.is_empty() { String::new() } else { format!("; but {}", others.join(", ")) };
    Some(format!("{}{said_by}{disputed}", claim.version.as_deref()?))
}

fn status(instance: &Instance) -> String {
    let task = instance.task_state.as_ref().map(|task| format!(", {task}")).unwrap_or_default();
    let lock = instance.locked.as_ref().filter(|lock| lock.locked).map_or("", |_| ", locked");
    format!("{}{task}{lock}", instance.status)
}

fn image(instance: &Instance) -> Option<String> {
    match &instance.image {
        ImageRef::Image(id) => Some(id.to_string()),
        ImageRef::Volume => Some("from a volume".to_owned()),
        ImageRef::Untold => None,
    }
}

fn addresses(instance: &Instance) -> String {
    let addresses = instance.addresses.iter();
    addresses.map(|address| format!("{}={}", address.network, address.address)).collect::<Vec<_>>().join(" ")
}

fn metadata(instance: &Instance) -> String {
    instance.metadata.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}

fn findings(findings: &[Finding], answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nFindings")?;
    let row = |finding: &Finding| {
        vec![Cell::severity(finding.severity), Cell::text(finding.title), Cell::text(&finding.evidence)]
    };
    table::print(&["HEALTH", "WHAT", "SEEN"], &findings.iter().map(row).collect::<Vec<_>>(), answer.colour, out)
}

fn port(port: &Port) -> Vec<Cell> {
    let addresses: Vec<&str> = port.fixed.iter().map(|(_, address)| &**address).collect();
    vec![
        Cell::text(port.id.as_str()),
        Cell::text(&port.status),
        Cell::text(&addresses.join(" ")),
        Cell::text(&port.mac),
        Cell::text(&port.network),
    ]
}

fn volume(volume: &VolumeRef) -> Vec<Cell> {
    let deleted = volume.delete_on_termination.map(|deleted| if deleted { "yes" } else { "no" });
    vec![Cell::text(volume.id.as_str()), Cell::maybe(volume.device.as_deref()), Cell::maybe(deleted)]
}

fn entry(entry: &HistoryEntry) -> Vec<Cell> {
    vec![
        Cell::maybe(entry.started.map(|started| started.to_string()).as_deref()),
        Cell::text(&entry.verb),
        Cell::maybe(entry.message.as_deref()),
        Cell::maybe(entry.request_id.as_ref().map(RequestId::as_str)),
    ]
}
