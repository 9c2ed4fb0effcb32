//! How long a plan takes: as long as the last operations like it took, else by the usual time of each call.
//!
//! Like it is what did the same to the same services in the same way, with the same waits, and came to its end. What is
//! counted is the time that was worked at its slots: nobody's pause at a checkpoint makes the next one longer. Of several
//! the median counts: one that met a slow day says little of the next.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::clock::since;
use crate::operation::fold::{Operation, Stage};
use crate::operation::plan::Plan;
use crate::operation::record::Verdict;
use crate::operation::rivals::services;

/// So many of the newest that are like it count: what was measured long ago was another service.
const NEWEST: usize = 5;

/// How long a plan takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// So long.
    pub length: Duration,
    /// How many operations tell that; 0 where it is by usual times.
    pub like: usize,
}

impl Estimate {
    /// On what it rests: `by the last 3 like it`.
    pub fn basis(&self) -> String {
        match self.like {
            0 => "by usual times".to_owned(),
            1 => "as the last one like it".to_owned(),
            several => format!("by the last {several} like it"),
        }
    }
}

/// Of a plan, by these operations, the newest first.
pub fn estimate<'o>(plan: &Plan, newest_first: impl IntoIterator<Item = &'o Operation>) -> Estimate {
    let alike = newest_first.into_iter().filter(|operation| is_like(plan, operation));
    let mut slots: Vec<Duration> = alike.filter_map(slot_length).take(NEWEST).collect();
    slots.sort_unstable();
    let many = u32::try_from(plan.slots()).unwrap_or(u32::MAX);
    match slots.get(slots.len() / 2) {
        Some(median) => Estimate { length: median.saturating_mul(many), like: slots.len() },
        None => Estimate { length: plan.usual_length(), like: 0 },
    }
}

fn is_like(plan: &Plan, operation: &Operation) -> bool {
    let other = &operation.plan;
    let way = |plan: &Plan| (plan.verb(), plan.intent.strategy, plan.intent.undrained, plan.limits);
    let ended = matches!(operation.stage, Stage::Finished(Verdict::Done | Verdict::Incomplete));
    let there = other.place == plan.place && other.project == plan.project;
    ended && there && way(other) == way(plan) && services(other) == services(plan)
}

/// How long a slot of it took on the average, of those in which anything was done.
fn slot_length(operation: &Operation) -> Option<Duration> {
    let mut slots: BTreeMap<usize, Duration> = BTreeMap::new();
    for (step, progress) in operation.plan.steps.iter().zip(&operation.steps) {
        let worked = progress.begun.zip(progress.ended).filter(|_| progress.announced.is_some());
        let length = worked.map(|(begun, ended)| since(begun, ended));
        length.into_iter().for_each(|length| *slots.entry(step.slot).or_default() += length);
    }
    let many = u32::try_from(slots.len()).ok().filter(|many| *many > 0)?;
    Some(slots.into_values().sum::<Duration>() / many)
}
