//! What always holds, whatever a day brings.

use std::collections::BTreeSet;

use stackdeck::operation::fold::{Operation, Phase, Stage};
use stackdeck::operation::record::{Verdict, Wish};
use stackdeck::operation::{Event, Outcome, Record, Verb};
use stackdeck::sim::uid::Uid;
use stackdeck::store::Permit;

use super::course::Scene;

/// A call was announced, durably, by the very last word of the journal about it; nobody had asked to abort; and no
/// call of this step had been taken before.
pub fn of_call(permit: &Permit, scene: &Scene) -> Result<(), String> {
    let last = scene.reader.read.saturating_sub(1);
    let records = scene.journal.records_after(&scene.operation, last);
    let announced = records.iter().rev().find_map(|record| match &record.event {
        Event::Announced(announcement) => Some(announcement),
        _ => None,
    });
    let announced = announced.ok_or("a call without an announcement")?;
    if announced.change != *permit.change() || announced.attempt != permit.attempt() || announced.step != permit.step()
    {
        return Err(format!("{permit:?} is not what was announced: {announced:?}"));
    }
    if let Some(before) = scene.executed.iter().find(|executed| executed.step == permit.step()) {
        return Err(format!("step {} is called again, though it was executed at {}", permit.step(), before.at));
    }
    if scene.late.iter().any(|(_, step, _)| *step == permit.step()) {
        return Err(format!("step {} is called again while the first call is on its way", permit.step()));
    }
    Ok(())
}

/// Reads the journal as it grows.
#[derive(Default)]
pub struct Reader {
    operation: Option<Operation>,
    taken: BTreeSet<usize>,
    aborted: bool,
    read: u64,
}

/// The records make sense, and tell no repetition of what was answered.
pub fn of_records(scene: &mut Scene) {
    for record in scene.journal.records_after(&scene.operation, scene.reader.read) {
        scene.reader.read = record.sequence;
        if let Err(broken) = scene.reader.take(&record) {
            scene.broken.push(format!("record {}: {broken}", record.sequence));
        }
    }
}

impl Reader {
    fn take(&mut self, record: &Record) -> Result<(), String> {
        match &mut self.operation {
            Some(operation) => operation.apply(record).map_err(|illegal| illegal.to_string())?,
            None => self.operation = Some(Operation::fold([record]).map_err(|illegal| illegal.to_string())?),
        }
        match &record.event {
            Event::Asked { wish: Wish::Abort } => self.aborted = true,
            Event::Announced(_) if self.aborted => return Err("announced after an abort".to_owned()),
            Event::Announced(announcement) if self.taken.contains(&announcement.step) => {
                return Err("announced what was answered".to_owned());
            }
            Event::Answered { step, outcome: Outcome::Accepted { .. } | Outcome::Found { .. } } => {
                self.taken.insert(*step);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The end is what the records say.
pub fn of_end(scene: &mut Scene, operation: &Operation) {
    of_records(scene);
    if let Err(broken) = scene.journal.verify(None) {
        scene.broken.push(format!("the chain is broken: {broken:?}"));
    }
    for (number, step) in operation.steps.iter().enumerate() {
        let times = scene.executed.iter().filter(|executed| executed.step == number).count();
        if times > 1 {
            scene.broken.push(format!("step {number} was executed {times} times"));
        }
        if times == 1 && step.announced.is_none() {
            scene.broken.push(format!("step {number} was executed and never announced"));
        }
        if times == 0 && step.phase == Phase::Passed && !scene.meddled {
            scene.broken.push(format!("step {number} is done, and nothing was executed"));
        }
    }
    if operation.stage == Stage::Finished(Verdict::Done) && !scene.meddled {
        all_done(scene, operation);
    }
}

/// Done means that every target is where the verb leads.
fn all_done(scene: &mut Scene, operation: &Operation) {
    for step in &operation.plan.steps {
        let id = Uid::parse(step.target.id.as_str()).unwrap();
        let Some(server) = scene.world.server(id) else { continue };
        let (status, locked) = (server.status(), server.lock.is_some());
        let fits = match operation.plan.verb() {
            Verb::Restart(_) | Verb::Start => status == "ACTIVE",
            Verb::Stop => status == "SHUTOFF",
            Verb::Lock => locked,
            Verb::Unlock => !locked,
        };
        if !fits {
            scene.broken.push(format!("done, and {} is {status}, locked: {locked}", step.target.name));
        }
    }
}
