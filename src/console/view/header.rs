//! The first line: product, where we are, standing facts, time.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::Model;
use crate::console::app::cell::{Cell, Tone};
use crate::console::app::screen::{self, Header};
use crate::console::view::ink::{Ink, columns, role};
use crate::console::view::theme::Role;
use crate::fleet::service::{Severity, worst};

/// The product's name and what surrounds it.
const PRODUCT: u16 = 14;
/// Below this the place is no longer told from another.
const LEAST: u16 = 20;

/// Draws it: what must never be missed stands at the right and is never cut; the place may be.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, model: &Model) {
    let header = screen::header(model);
    let (facts, product) = facts(ink, area.width, model, &header);
    let mut right = area.right().saturating_sub(1);
    for (text, style) in facts.iter().rev() {
        let taken = columns(text).min(right.saturating_sub(area.x));
        right -= taken;
        ink.put(right, area.y, taken, text, *style);
        right = right.saturating_sub(2);
    }
    let mut x = area.x + 1;
    if product {
        x += ink.say(x, area.y, right.saturating_sub(x), "stackdeck", Role::Product) + 2;
    }
    let accent = model.cloud_choice().and_then(|cloud| cloud.accent.as_deref());
    place(ink, (x, area.y), right.saturating_sub(x), &header.scope, accent);
}

/// What there is room for beside the place, and whether the product's name is among it. Where there is little, the
/// user's name goes first, then words of what is under way, then the product's name; alerts, which the table shows too,
/// and the rest of what is under way only when there is no room at all.
fn facts(ink: &Ink<'_>, width: u16, model: &Model, header: &Header) -> (Vec<(String, Style)>, bool) {
    let mut facts: Vec<(String, Style)> = header.facts.iter().map(|fact| badge(ink, fact)).collect();
    facts.push((header.clock.clone(), ink.style(Role::Dim)));
    let alerts = alerts(ink, model);
    let taken = |line: Option<&Cell>| line.map_or(0, |line| columns(&line.text) + 2);
    let (longest, shortest) = (taken(header.under_way.first()), taken(header.under_way.last()));
    let wanted = PRODUCT + header.scope.iter().map(|cell| columns(&cell.text) + 3).fold(0, u16::saturating_add);
    let others = |facts: &[(String, Style)]| all(facts) + all(alerts.as_slice());
    if others(&facts) + longest + wanted > width && header.facts.last().is_some_and(|fact| fact.tone == Tone::Dim) {
        facts.remove(facts.len().saturating_sub(2));
    }
    let product = others(&facts) + shortest + PRODUCT + LEAST <= width;
    let least = if product { PRODUCT + LEAST } else { LEAST };
    let room = width.saturating_sub(least + others(&facts));
    let line = header.under_way.iter().find(|line| taken(Some(line)) <= room).or(header.under_way.last());
    facts.splice(0..0, line.map(|line| (line.text.clone(), ink.style(role(line.tone)))));
    facts.splice(0..0, alerts);
    while all(&facts) + least > width && facts.len() > 1 {
        facts.remove(0);
    }
    (facts, product)
}

/// The room that some facts take.
fn all(facts: &[(String, Style)]) -> u16 {
    facts.iter().map(|(text, _)| columns(text) + 2).fold(0, u16::saturating_add)
}

fn place(ink: &mut Ink<'_>, (mut x, y): (u16, u16), room: u16, scope: &[Cell], accent: Option<&str>) {
    let end = x + room;
    for (at, cell) in scope.iter().enumerate() {
        let (text, style) = match (at, accent) {
            (0, Some(_)) if ink.theme.cloud(accent).bg.is_some() => {
                (format!(" {} ", cell.text), ink.theme.cloud(accent))
            }
            (0, _) => (cell.text.clone(), ink.theme.cloud(accent)),
            (1, _) => (cell.text.clone(), ink.style(Role::Text)),
            _ => (cell.text.clone(), ink.style(Role::Dim)),
        };
        if at > 0 {
            x += ink.say(x, y, end.saturating_sub(x), " / ", Role::Faint);
        }
        x += ink.put(x, y, end.saturating_sub(x), &text, style);
    }
}

fn badge(ink: &Ink<'_>, fact: &Cell) -> (String, Style) {
    match fact.tone {
        Tone::Warn | Tone::Bad => (format!(" {} ", fact.text), ink.style(Role::BadgeWarn)),
        Tone::Accent => (format!(" {} ", fact.text), ink.style(Role::Badge)),
        tone => (fact.text.clone(), ink.style(role(tone))),
    }
}

/// How many services are not well.
fn alerts(ink: &Ink<'_>, model: &Model) -> Option<(String, Style)> {
    let count = |wanted| model.fleet.services.iter().filter(|service| worst(&service.findings) == wanted).count();
    let (bad, warn) = (count(Severity::Critical), count(Severity::Warning));
    let (text, role) = match (bad, warn) {
        (0, 0) => return None,
        (0, warn) => (format!("▲ {warn}"), Role::Warn),
        (bad, 0) => (format!("✖ {bad}"), Role::Bad),
        (bad, warn) => (format!("✖ {bad} ▲ {warn}"), Role::Bad),
    };
    Some((text, ink.style(role)))
}
