//! What is wrong, each finding with its evidence.
//!
//! Two sorts. *Findings of the rows*: what Nova and Octavia say themselves, made while the fleet is grouped. Their
//! evidence tells what was seen, never how long ago: a fleet that has not changed must be equal to itself a second later.
//! *[Conclusions](Conclusion)*: what follows from the load, the health checks and the rows together, and from what was
//! before. [`conclude()`] draws them, again and again, and hands back what it must remember. They are three-valued: what
//! cannot be told is told as that, and an observer that lost its sources is blind, not surrounded by the dead.
//!
//! Deliberately absent: what is done about it.

mod advice;
mod blind;
mod calm;
mod conclude;
mod conclusion;
pub mod limits;
mod memory;
pub(crate) mod nova;
pub(crate) mod octavia;
mod onset;
mod past;
mod peers;
mod quality;
mod rising;
mod round;
mod scene;
mod serving;
mod thresholds;
mod truth;
mod versions;
mod wanted;

pub use advice::advice;
pub use calm::Anew;
pub use conclude::conclude;
pub(crate) use conclude::conclude_anew;
pub use conclusion::{About, Conclusion, Evidence, Trouble};
pub use memory::Memory;
pub use scene::{Scene, Wanted};
pub use thresholds::Thresholds;
pub use truth::Truth;
pub use wanted::{unmatched, wanted};

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::text::{sanitise, truncate};
use crate::fleet::Began;
use crate::fleet::instance::{Instance, PowerState, Status};
use crate::fleet::service::{Finding, Member, Severity};

/// How much of a foreign message evidence quotes, in cells.
const QUOTE: usize = 300;

fn finding(severity: Severity, title: &'static str, evidence: impl Into<String>, since: Option<Began>) -> Finding {
    Finding { severity, title, evidence: evidence.into(), since, instance: None }
}

/// The first line of foreign text, safe and short.
fn quote(text: &str) -> String {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
    truncate(&sanitise(first), QUOTE).into_owned()
}

/// Whether more than `limit` has passed since then; no when nobody says since when.
fn is_over(started: Option<Timestamp>, limit: Duration, now: Timestamp) -> bool {
    started.is_some_and(|started| since(started, now) > limit)
}

/// Whether the instance itself is up, as Nova sees it; its pools may think otherwise.
pub fn is_up(instance: &Instance) -> bool {
    let powered = instance.power_state.is_none_or(|power| power == PowerState::Running);
    let serving = match &instance.status {
        Status::Active => instance.task_state.as_deref().is_none_or(|task| limits::of_state(task).serves),
        // The guest runs on while these last.
        Status::Migrating | Status::Password | Status::VerifyResize => true,
        _ => false,
    };
    powered && serving
}

/// Worst first, then by words: the same findings are always in the same order.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let by_words = || a.title.cmp(b.title).then_with(|| a.evidence.cmp(&b.evidence));
        b.severity.cmp(&a.severity).then_with(by_words).then_with(|| a.instance.cmp(&b.instance))
    });
}

/// Whether Nova can say anything of it at all.
pub(crate) fn is_told(member: &Member) -> bool {
    member.instance.status != Status::Unknown && !member.unconfirmed
}
