//! The strip under the services: the one on which the cursor rests, by version and state, and what is wrong with it.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::base::text::sanitise;
use crate::console::app::Model;
use crate::console::app::tables::instances::label;
use crate::console::app::tables::words::look;
use crate::console::view::ink::{Ink, columns, role};
use crate::console::view::theme::Role;
use crate::fleet::service::{Finding, Service, Standing};

/// From this width on, versions and findings stand side by side.
const SIDE_BY_SIDE: u16 = 110;
/// Versions and states need no more.
const VERSIONS: u16 = 44;
/// A finding, its evidence below it, and what one could do next.
const MOST: u16 = 3;
/// The worst where not all have room: with its evidence beside it.
const WORST: u16 = 2;
/// Between them.
const GAP: u16 = 3;

/// Draws it: a rule with the service's name, and below what is known.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, model: &Model) {
    let service = model.strip.as_ref().and_then(|key| model.fleet.service(key));
    let faint = ink.style(Role::Faint);
    ink.rule(area.x, area.y, area.width, "─", faint);
    let Some(service) = service else { return };
    title(ink, area, service);
    let body = Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height - 1 };
    if area.width >= SIDE_BY_SIDE {
        let left = Rect { width: (body.width / 3).min(VERSIONS), ..body };
        let x = body.x + left.width + GAP;
        versions(ink, left, service);
        findings(ink, Rect { x, width: body.right().saturating_sub(x), ..body }, model, service);
    } else {
        let lines = u16::try_from(service.versions.len()).unwrap_or(u16::MAX).min(body.height.div_ceil(2));
        versions(ink, Rect { height: lines, ..body }, service);
        findings(ink, Rect { y: body.y + lines, height: body.height - lines, ..body }, model, service);
    }
}

fn title(ink: &mut Ink<'_>, area: Rect, service: &Service) {
    let name = sanitise(&service.key.name);
    let ready = format!("{} of {} ready", service.ready, service.members.len());
    let mut rest = vec![ready];
    rest.extend(service.pools.iter().map(|pool| format!("pool {}", sanitise(pool))));
    rest.push(match &service.standing {
        Standing::Settled => String::new(),
        Standing::Empty => "no instances".to_owned(),
        Standing::Provisional(sources) => format!("provisional: no word yet from {}", sources.join(", ")),
        Standing::Ambiguous(pools) => format!("ambiguous: in {}", pools.join(", ")),
    });
    rest.retain(|part| !part.is_empty());
    let rest = format!(" {} ", rest.join(" · "));
    let mut x = area.x + 2;
    x += ink.say(x, area.y, area.width.saturating_sub(8), &format!(" {name} "), Role::Title) + 2;
    let room = area.right().saturating_sub(x + 2);
    ink.say(x, area.y, room, &sanitise(&rest), Role::Dim);
}

/// How many instances run each version, and in which states they are.
fn versions(ink: &mut Ink<'_>, area: Rect, service: &Service) {
    let named_at = |(version, _): &(Option<Arc<str>>, usize)| columns(&named(version.as_deref()));
    let widest = service.versions.iter().map(named_at).max().unwrap_or(0).min(area.width / 2);
    let lines = service.versions.iter().zip(&service.census.states);
    for (y, ((version, count), states)) in (area.y..area.bottom()).zip(lines) {
        let role = if version.is_some() { Role::Text } else { Role::Dim };
        ink.say(area.x + 1, y, widest, &named(version.as_deref()), role);
        let mut x = area.x + widest + 2;
        x += ink.say(x, y, area.right().saturating_sub(x), &format!("{:<5}", format!("×{count}")), Role::Dim) + 1;
        for (severity, title, count) in states {
            let (tone, glyph) = look(*severity);
            let style = ink.style(crate::console::view::ink::role(tone));
            let sign = glyph.sign(ink.theme.is_ascii());
            x += ink.put(x, y, area.right().saturating_sub(x), sign, style) + 1;
            x += ink.say(x, y, area.right().saturating_sub(x), &format!("{count} {title}"), Role::Dim) + 2;
        }
    }
}

fn named(version: Option<&str>) -> std::borrow::Cow<'_, str> {
    version.map_or("no version".into(), sanitise)
}

fn findings(ink: &mut Ink<'_>, area: Rect, model: &Model, service: &Service) {
    if service.findings.is_empty() {
        ink.say(area.x + 1, area.y, area.width, "nothing found wrong", Role::Dim);
        return;
    }
    let count = u16::try_from(service.findings.len()).unwrap_or(u16::MAX);
    // What one could do about the worst is worth more than a line for each of many.
    let whole = if area.height > WORST { WORST } else { 1 };
    let cut = count.saturating_sub(1) > area.height - whole.min(area.height);
    let mut spare = if cut { whole - 1 } else { area.height.saturating_sub(count) };
    let last = if cut { area.bottom().saturating_sub(1) } else { area.bottom() };
    let (mut y, mut shown) = (area.y, 0);
    for finding in &service.findings {
        let height = (1 + spare.min(MOST - 1)).min(last.saturating_sub(y));
        if height == 0 {
            break;
        }
        spare = spare.saturating_sub(height - 1);
        one(ink, Rect { y, height, ..area }, (model, service), finding);
        (y, shown) = (y + height, shown + 1);
    }
    if cut && area.height > 0 {
        let more = format!("… and {} more", service.findings.len() - shown);
        ink.say(area.x + 1, area.bottom() - 1, area.width, &more, Role::Dim);
    }
}

/// A finding: what it is, what one could do next in its last line, and its evidence between them where there is room.
fn one(ink: &mut Ink<'_>, area: Rect, (model, service): (&Model, &Service), finding: &Finding) {
    let (tone, glyph) = look(finding.severity);
    let (y, end) = (area.y, area.right());
    let mut x = area.x + 1;
    let sign = glyph.sign(ink.theme.is_ascii());
    ink.say(x, y, 2, sign, role(tone));
    let indent = x + 2;
    x = indent;
    x += ink.say(x, y, end.saturating_sub(x), &format!("{:<12}", finding.title), role(tone)) + 2;
    if let Some(id) = &finding.instance {
        let name = model.member(id).map_or(id.as_str(), |member| label(&member.instance));
        x += ink.say(x, y, end.saturating_sub(x).min(28), &format!("{:<18}", sanitise(name)), Role::Text) + 2;
    }
    let since = finding.since.map(|since| since.words(model.moment().cloud)).unwrap_or_default();
    let room = end.saturating_sub(x);
    let dim = ink.style(Role::Dim);
    ink.put_right(x, y, room, &since, dim);
    let evidence = sanitise(&finding.evidence);
    let advice = model.condition.advice(&service.key, finding).filter(|_| area.height > 1);
    if area.height > 1 + u16::from(advice.is_some()) {
        ink.put(indent, y + 1, end.saturating_sub(indent), &evidence, dim);
    } else {
        ink.put(x, y, room.saturating_sub(columns(&since) + 2), &evidence, dim);
    }
    if let Some(advice) = advice {
        ink.say(indent, area.bottom() - 1, end.saturating_sub(indent), &format!("next: {advice}"), Role::Text);
    }
}
