//! Operations for people: the list, and one with the result of each target.

use std::io::{self, Write};
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::Failure;
use crate::base::id::RequestId;
use crate::base::text::sanitise;
use crate::cli::table::{self, Cell};
use crate::fleet::service::Severity;
use crate::operation::fold::{Phase, Progress, Stage};
use crate::operation::record::Verdict;
use crate::operation::words::{self, spoken, step_word, when};
use crate::operation::{Operation, OperationId};
use crate::worker::Standing;

/// An operation of the list, or why it cannot be told; without an id where that is damaged.
pub type Row = (Option<OperationId>, Result<Standing, Failure>);

/// The list.
pub fn list(rows: &[Row], now: Timestamp, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "There are no operations yet");
    }
    let rows: Vec<Vec<Cell>> = rows.iter().map(|listed| row(listed, now)).collect();
    table::print(&["ID", "BEGUN", "STATE", "DONE", "TOOK", "WHAT", "CLOUD", "WHO", "TICKET"], &rows, colour, out)
}

fn row((id, standing): &Row, now: Timestamp) -> Vec<Cell> {
    let began = standing.as_ref().ok().map(|standing| when(standing.operation.approved));
    let mut cells = vec![Cell::maybe(id.as_ref().map(OperationId::short)), Cell::maybe(began.as_deref())];
    match standing {
        Ok(standing) => {
            let operation = &standing.operation;
            cells.extend([
                Cell::text(standing.word()).judged(severity(standing)),
                {
                    let (done, all) = operation.count();
                    Cell::number(format_args!("{done}/{all}"))
                },
                Cell::maybe_number(length(standing, now).map(spoken)),
                Cell::text(&operation.plan.title),
                Cell::text(&operation.plan.place.cloud),
                Cell::text(&words::who(&operation.by)),
                Cell::maybe(operation.by.ticket.as_deref()),
            ]);
        }
        Err(failure) => {
            cells.extend([Cell::text("unreadable").judged(Severity::Critical), Cell::missing(), Cell::missing()]);
            cells.push(Cell::text(&failure.message));
        }
    }
    cells
}

/// How a state looks.
fn severity(standing: &Standing) -> Severity {
    match standing.operation.stage {
        Stage::Finished(Verdict::Done) => Severity::Ok,
        Stage::Finished(Verdict::Failed | Verdict::Incomplete) => Severity::Critical,
        Stage::Running if standing.holder.is_some() => Severity::Busy,
        _ => Severity::Warning,
    }
}

/// From the first target's begin to the last record, or to now while somebody drives it; `None` where nothing has begun.
pub fn length(standing: &Standing, now: Timestamp) -> Option<Duration> {
    let operation = &standing.operation;
    let began = operation.steps.iter().find_map(|step| step.begun)?;
    let runs = standing.holder.is_some() && !operation.is_over();
    Some(since(began, if runs { now } else { operation.changed }))
}

/// One operation: who, when, why, and the result of each target.
pub fn whole(
    standing: &Standing,
    now: Timestamp,
    head: Option<&str>,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Standing { operation, holder } = standing;
    writeln!(out, "{}: {}", sanitise(&operation.plan.title), standing.word())?;
    let by = &operation.by;
    let place = &operation.plan.place;
    for (name, value) in [
        ("operation", Some(operation.id.to_string())),
        ("on", Some(format!("{} / {} / {}", place.cloud, operation.plan.project_text(), place.region))),
        ("approved", Some(format!("{} by {} on {}", when(operation.approved), words::who(by), by.host))),
        ("planned", operation.plan.saved.as_ref().map(ToString::to_string)),
        ("second", operation.plan.approval.as_ref().map(ToString::to_string)),
        ("from", by.origin.clone()),
        ("ticket", by.ticket.clone()),
        ("exception", words::exception(operation)),
        ("worker", holder.as_ref().map(ToString::to_string)),
        ("waits", operation.waiting.as_ref().map(|waiting| format!("{}, since {}", waiting.why, when(waiting.since)))),
        ("took", length(standing, now).map(spoken)),
    ] {
        if let Some(value) = value {
            writeln!(out, "{name:<9} {}", sanitise(&value))?;
        }
    }
    writeln!(out)?;
    results(operation, colour, out)?;
    match head {
        Some(head) => writeln!(out, "\nJournal head {head}"),
        None => Ok(()),
    }
}

fn results(operation: &Operation, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    // What would undo is told once something is to be undone.
    let told = (0..operation.steps.len()).filter(|number| !operation.is_passed_over(*number));
    let rows: Vec<Vec<Cell>> = told.map(|number| result(operation, number)).collect();
    table::print(&["TARGET", "SERVICE", "CALL", "RESULT", "TOOK", "REQUESTS", "BECAUSE"], &rows, colour, out)
}

fn result(operation: &Operation, number: usize) -> Vec<Cell> {
    let (step, progress) = (&operation.plan.steps[number], &operation.steps[number]);
    let requests: Vec<&str> = progress.requests.iter().map(RequestId::as_str).collect();
    vec![
        Cell::text(&step.target.name),
        Cell::text(&step.target.service),
        Cell::text(&step.told()),
        standing(operation, number),
        Cell::maybe_number(took(progress).map(spoken)),
        Cell::text(&requests.join(" ")),
        Cell::text(&progress.remark),
    ]
}

/// How long a target has taken.
pub fn took(progress: &Progress) -> Option<Duration> {
    Some(since(progress.begun?, progress.ended?))
}

fn standing(operation: &Operation, number: usize) -> Cell {
    let cell = Cell::text(step_word(operation, number));
    match operation.steps[number].phase {
        Phase::Passed => cell.judged(Severity::Ok),
        Phase::Skipped => cell,
        Phase::Failed | Phase::Refused(..) => cell.judged(Severity::Critical),
        Phase::Pending(None) => cell.judged(Severity::Unknown),
        _ => cell.judged(Severity::Busy),
    }
}
