//! What is behind findings: since when, who says so, how old that is, and what one could do next.

use crate::console::app::cell::{Cell, Tone};
use crate::console::app::model::Model;
use crate::console::app::tables::words;
use crate::fleet::service::{Finding, ServiceKey};

/// Of so many findings all is told; of the others only what they are.
const WHOLE: usize = 3;

/// Findings of a service or of one of its instances, each in as many lines as it wants: a label, and what it says.
pub fn of(model: &Model, service: &ServiceKey, findings: &[&Finding]) -> Vec<(&'static str, Cell)> {
    let each = findings.iter().enumerate().flat_map(|(at, finding)| {
        let behind = if at < WHOLE { behind(model, service, finding) } else { Vec::new() };
        std::iter::once(("", what(model, finding))).chain(behind)
    });
    each.collect()
}

/// What, since when, on what numbers.
fn what(model: &Model, finding: &Finding) -> Cell {
    let (tone, glyph) = words::look(finding.severity);
    let since = finding.since.map(|began| format!(" {}", began.words(model.moment().cloud))).unwrap_or_default();
    Cell::new(&format!("{}{since}: {}", finding.title, finding.evidence), tone).sign(glyph)
}

/// Who says so, and what to do. What Nova or Octavia say themselves names them.
fn behind(model: &Model, service: &ServiceKey, finding: &Finding) -> Vec<(&'static str, Cell)> {
    let now = model.moment().cloud;
    let evidence = model.condition.behind(service, finding).map_or(&[][..], |told| &told.evidence);
    let seen = evidence.iter().map(|seen| ("told by", Cell::new(&seen.words(now), Tone::Dim)));
    let advice = model.condition.advice(service, finding);
    seen.chain(advice.map(|advice| ("next", Cell::plain(advice)))).collect()
}
