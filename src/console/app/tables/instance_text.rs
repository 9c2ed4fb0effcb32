//! What is told of one instance in lines: overview, metadata and tags, image and flavor, faults.

use std::sync::Arc;

use crate::base::clock::{Timestamp, since};
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::freshness::long;
use crate::console::app::model::Model;
use crate::console::app::screen::TextLine;
use crate::console::app::screen::text::{fact, line};
use crate::console::app::tables::instances::label;
use crate::console::app::tables::{why, words};
use crate::fleet::instance::{ImageRef, Instance};
use crate::fleet::service::{Finding, Member};

/// What it is, how it does, why.
pub fn overview(model: &Model, instance: &Instance) -> Vec<TextLine> {
    let now = model.moment().cloud;
    let member = model.member(&instance.id);
    let mut lines = vec![
        fact("name", Cell::plain(label(instance))),
        fact("id", Cell::plain(instance.id.as_str())),
        fact("status", words::status(&instance.status)),
    ];
    if let Some(task) = &instance.task_state {
        lines.push(fact("task", Cell::new(task, Tone::Busy).sign(Glyph::Busy)));
    }
    let power = instance.power_state.map(|power| format!("{power:?}").to_lowercase());
    lines.push(fact("power", Cell::maybe(power.as_deref())));
    if member.is_none() && model.freshness.as_of.is_some() {
        let text = "not any more: it is gone, and this is what was last seen of it";
        lines.push(fact("listed", Cell::new(text, Tone::Warn).sign(Glyph::Warning)));
    }
    lines.extend(member.into_iter().flat_map(|member| concluded(model, member)));
    lines.push(fact("created", when(instance.created, now)));
    lines.push(fact("launched", when(instance.launched, now)));
    lines.push(fact("updated", when(instance.updated, now)));
    lines.extend(instance.addresses.iter().map(|address| {
        let kind = if address.floating { "floating" } else { "fixed" };
        fact("address", Cell::plain(&format!("{} ({}, {kind})", address.address, address.network)))
    }));
    lines.extend(size(instance));
    lines.push(fact("zone", Cell::maybe(instance.zone.as_deref())));
    lines.push(fact("host", Cell::maybe(instance.host.as_deref().or(instance.host_id.as_deref()))));
    lines.push(fact("project", Cell::plain(instance.project.as_str())));
    lines.push(fact("user", Cell::maybe(instance.user.as_ref().map(crate::base::id::UserId::as_str))));
    lines.push(fact("key pair", Cell::maybe(instance.key_name.as_deref())));
    lines.push(fact("security", groups(&instance.security_groups)));
    lines.push(fact("locked", locked(instance)));
    if let Some(text) = instance.description.as_deref().filter(|text| !text.is_empty()) {
        lines.push(fact("description", Cell::plain(text)));
    }
    lines
}

/// What was concluded of it: service, version, findings.
fn concluded(model: &Model, member: &Member) -> Vec<TextLine> {
    let mut lines = Vec::new();
    if member.unconfirmed {
        let text = "the last full listing did not show it; not yet confirmed as gone";
        lines.push(fact("listed", Cell::new(text, Tone::Unknown).sign(Glyph::Unknown)));
    }
    if let Some(service) = model.fleet.services.get(member.service) {
        lines.push(fact("service", Cell::plain(&format!("{} (by {})", service.key.name, member.named_by))));
    }
    let version = match (&member.version.version, member.version.said_by) {
        (Some(version), Some(source)) => Cell::plain(&format!("{version} (by {source})")),
        (version, _) => Cell::maybe(version.as_deref()),
    };
    lines.push(fact("version", version));
    lines.extend(member.version.disputed.iter().map(|(source, version)| {
        fact("", Cell::new(&format!("but {source} says {version}"), Tone::Warn).sign(Glyph::Warning))
    }));
    lines.push(fact("health", words::health(&member.findings)));
    if let Some(service) = model.fleet.services.get(member.service) {
        let findings: Vec<&Finding> = member.findings.iter().collect();
        lines.extend(why::of(model, &service.key, &findings).into_iter().map(|(label, cell)| fact(label, cell)));
    }
    lines
}

fn when(then: Option<Timestamp>, now: Timestamp) -> Cell {
    then.map_or_else(Cell::missing, |then| {
        Cell::plain(&format!("{} ({} ago)", then.strftime("%Y-%m-%d %H:%M:%SZ"), long(since(then, now))))
    })
}

fn size(instance: &Instance) -> Vec<TextLine> {
    let flavor = &instance.flavor;
    let name = flavor.name.as_deref().or(flavor.id.as_ref().map(crate::base::id::FlavorId::as_str));
    let mut parts: Vec<String> = Vec::new();
    parts.extend(flavor.vcpus.map(|count| format!("{count} vCPU")));
    parts.extend(flavor.ram_mib.map(|mib| words::mib(u64::from(mib))));
    parts.extend(flavor.disk_gib.map(|gib| match gib {
        0 => "disk as the image".to_owned(),
        gib => format!("{gib} GiB disk"),
    }));
    let mut lines = vec![fact("flavor", Cell::maybe(name))];
    if !parts.is_empty() {
        lines.push(fact("size", Cell::plain(&parts.join(", "))));
    }
    lines
}

fn groups(names: &[Arc<str>]) -> Cell {
    if names.is_empty() { Cell::missing() } else { Cell::plain(&names.join(", ")) }
}

fn locked(instance: &Instance) -> Cell {
    match &instance.locked {
        None => Cell::missing(),
        Some(lock) if !lock.locked => Cell::plain("no"),
        Some(lock) => Cell::new(lock.reason.as_deref().unwrap_or("yes"), Tone::Warn).sign(Glyph::Warning),
    }
}

/// Metadata and tags.
pub fn metadata(instance: &Instance) -> Vec<TextLine> {
    let mut lines = vec![line("Metadata", Tone::Header)];
    if instance.metadata.is_empty() {
        lines.push(line("  none", Tone::Dim));
    }
    lines.extend(instance.metadata.iter().map(|(key, value)| {
        let cells = vec![Cell::new(&format!("  {key} ="), Tone::Dim), Cell::plain(value)];
        TextLine { cells, ..TextLine::default() }
    }));
    lines.push(line("Tags", Tone::Header));
    if instance.tags.is_empty() {
        lines.push(line("  none", Tone::Dim));
    }
    lines.extend(instance.tags.iter().map(|tag| line(&format!("  {tag}"), Tone::Normal)));
    lines
}

/// Image and flavor.
pub fn image(model: &Model, instance: &Instance) -> Vec<TextLine> {
    let image = match &instance.image {
        ImageRef::Image(id) => match model.fleet.images.get(id) {
            Some(name) => Cell::plain(&format!("{name} ({id})")),
            None => Cell::plain(id.as_str()),
        },
        ImageRef::Volume => Cell::plain("none: it boots from a volume"),
        ImageRef::Untold => Cell::missing(),
    };
    let mut lines = vec![fact("image", image)];
    if let Some(member) = model.member(&instance.id) {
        let said = member.version.said_by.map_or_else(String::new, |source| format!(" (by {source})"));
        let version = member.version.version.as_deref().map(|version| format!("{version}{said}"));
        lines.push(fact("version", Cell::maybe(version.as_deref())));
    }
    if matches!(instance.image, ImageRef::Image(_)) {
        let text = "The image proves nothing about what runs: Nova writes it before a rebuild starts";
        lines.push(line(text, Tone::Dim));
    }
    lines.extend(size(instance));
    lines
}

/// Why it is in ERROR, and what else is wrong.
pub fn faults(model: &Model, instance: &Instance) -> Vec<TextLine> {
    let now = model.moment().cloud;
    let mut lines = Vec::new();
    if let Some(fault) = &instance.fault {
        lines.push(fact("fault", Cell::new(&fault.message, Tone::Bad).sign(Glyph::Down)));
        lines.push(fact("code", Cell::number(fault.code)));
        lines.push(fact("when", when(fault.created, now)));
        let details = fault.details.as_deref().unwrap_or("");
        lines.extend(details.lines().map(|text| line(text, Tone::Dim)));
    } else {
        lines.push(line("Nova tells of no fault", Tone::Dim));
    }
    let findings = model.member(&instance.id).map_or(&[][..], |member| &member.findings);
    lines.extend(findings.iter().map(|finding| {
        let (tone, glyph) = words::look(finding.severity);
        fact("finding", Cell::new(&format!("{}: {}", finding.title, finding.evidence), tone).sign(glyph))
    }));
    lines
}
