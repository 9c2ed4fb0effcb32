//! A rollout of 50 instances behind one pool in the simulated cloud, one at a time, with the limits that hold where nobody says
//! otherwise: how long they take beside their critical path, and how often they look.
//!
//! The critical path is what the cloud needs by itself for each call, and the holds that the plan promises: the same
//! rollout by a worker that looks ten times a second. What it takes longer is what the real worker's rhythm costs.
//! And how long a version that errs has a share of the requests, from its first to the moment it is at weight 0.
//!
//! `cargo bench --bench rollout`; `STACKDECK_TARGETS=20` rolls out to fewer.

#![allow(unreachable_pub, unused_imports, dead_code, reason = "the tests beside it have uses for the rest")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its numbers")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a day that breaks a law ends it")]

#[path = "../tests/it/simulation/mod.rs"]
mod simulation;

use std::time::{Duration, Instant};

use simulation::course::{Ended, live};
use simulation::day::Day;
use stackdeck::base::clock::{Timestamp, since};
use stackdeck::operation::fold::{Phase, Stage};
use stackdeck::operation::record::Verdict;
use stackdeck::operation::{Change, Limits, Verb};

/// A worker that has nothing else to do.
const RESTLESS: Duration = Duration::from_millis(100);

fn main() {
    let targets = std::env::var("STACKDECK_TARGETS").ok().and_then(|text| text.parse().ok());
    rolled_out(targets.unwrap_or(50));
    failing();
}

fn rolled_out(targets: usize) {
    let began = Instant::now();
    // A service of so many behind one pool: the largest of a fleet.
    let (instances, healthy) = (targets * 18, true);
    let day = Day { replaces: true, instances, healthy, ..Day::calm(Verb::RollOut, targets) };
    let ended = live(&day);
    let restless = live(&Day { limits: Limits { poll: RESTLESS, ..day.limits }, ..day });
    let (took, path) = (took(&ended), took(&restless));
    let made = ended.operation().plan.made();
    let (looks, calls) = (ended.scene.borrow().looks, ended.scene.borrow().executed.len());
    println!(
        "{made} instances replaced in {} min of the cloud's time, critical path {} min: {:.3}; of each {:.1} calls and {:.1} \
         looks; {:.1} s here",
        took.as_secs() / 60,
        path.as_secs() / 60,
        took.as_secs_f64() / path.as_secs_f64(),
        calls as f64 / made as f64,
        looks as f64 / made as f64,
        began.elapsed().as_secs_f64(),
    );
}

/// From the approval to the end.
fn took(ended: &Ended) -> Duration {
    let operation = ended.operation();
    let failed = operation.steps.iter().find(|step| step.phase == Phase::Failed).map_or("", |step| &step.remark);
    assert_eq!(operation.stage, Stage::Finished(Verdict::Done), "nothing goes wrong on this day: {failed}");
    since(operation.approved, operation.changed)
}

fn failing() {
    let day = Day { replaces: true, errs: Some(true), ..Day::calm(Verb::RollOut, 2) };
    let ended = live(&day);
    let operation = ended.operation();
    let weighed = |wanted: fn(u16) -> bool| {
        let steps = operation.plan.steps.iter().zip(&operation.steps);
        let mut of = steps.filter(|(step, _)| {
            matches!(step.change, Change::SetMember { weight: Some(weight), .. } if wanted(weight))
                && step.target.id == operation.plan.steps[0].target.id
        });
        of.find_map(|(_, progress)| progress.begun).expect("it was weighed")
    };
    let (share, failed, none): (Timestamp, Timestamp, Timestamp) = (
        weighed(|weight| weight > 0),
        operation.steps.iter().find(|step| !step.points.is_empty()).and_then(|step| step.ended).expect("it failed"),
        weighed(|weight| weight == 0),
    );
    println!(
        "a version that errs: told {} s after its first request, at weight 0 {:.1} s later",
        since(share, failed).as_secs(),
        since(failed, none).as_secs_f64()
    );
}
