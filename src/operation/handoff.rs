//! An operation as Markdown: for whoever takes over, for the ticket, for the report afterwards.
//!
//! It tells what was meant and by whom, how it stands, what was done to each target with the cloud's own request ids, and
//! each record with its time. Nothing is in it that the journal does not say; the journal has no secrets.

use std::fmt::{self, Write as _};

use crate::base::clock::since;
use crate::base::id::RequestId;
use crate::base::text::{sanitise, sanitise_lines};
use crate::operation::fold::{Operation, Stage};
use crate::operation::record::{Event, Record};
use crate::operation::words::{self, spoken, step_word, when};

/// The whole of it; `driven` tells whether a worker is at it.
pub fn handoff(operation: &Operation, records: &[Record], driven: bool) -> String {
    let mut text = String::new();
    // To a string nothing fails.
    let _ = write(operation, records, driven, &mut text);
    text
}

fn write(operation: &Operation, records: &[Record], driven: bool, out: &mut String) -> fmt::Result {
    let (plan, by) = (&operation.plan, &operation.by);
    writeln!(out, "# {}: {}\n", plain(&plan.title), operation.word(driven))?;
    let took = operation.steps.iter().find_map(|step| step.begun).map(|begun| spoken(since(begun, operation.changed)));
    let place = [&*plan.place.cloud, &*plan.place.region, &plan.project_text()].join(" / ");
    for (name, value) in [
        ("Operation", Some(operation.id.to_string())),
        ("Where", Some(place)),
        ("Approved", Some(format!("{} by {} on {}", when(operation.approved), words::who(by), by.host))),
        ("Planned", plan.saved.as_ref().map(ToString::to_string)),
        ("Second approval", plan.approval.as_ref().map(ToString::to_string)),
        ("From", by.origin.clone()),
        ("Ticket", by.ticket.clone()),
        ("Exception", words::exception(operation)),
        ("Took", took.filter(|_| operation.is_over())),
        ("Waits", operation.waiting.as_ref().map(|waiting| format!("{}, since {}", waiting.why, when(waiting.since)))),
        ("Next", next(operation, driven)),
    ] {
        if let Some(value) = value {
            writeln!(out, "- {name}: {}", plain(&value))?;
        }
    }
    targets(operation, out)?;
    evidence(operation, records, out)?;
    writeln!(out, "\n## Records\n")?;
    for record in records {
        let step = record.event.step().and_then(|step| plan.steps.get(step));
        let whom = step.map(|step| format!("{}: ", plain(&step.target.name))).unwrap_or_default();
        let told = plain(&words::telling(&record.event, &record.by));
        writeln!(out, "- {} #{} {whom}{told}", when(record.at), record.sequence)?;
    }
    Ok(())
}

fn targets(operation: &Operation, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "\n## Targets\n\n| target | call | result | took | requests | because |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    let steps = operation.plan.steps.iter().zip(&operation.steps).enumerate();
    for (number, (step, progress)) in steps.filter(|(number, _)| !operation.is_passed_over(*number)) {
        let took = progress.begun.zip(progress.ended).map(|(begun, ended)| spoken(since(begun, ended)));
        let requests: Vec<&str> = progress.requests.iter().map(RequestId::as_str).collect();
        let cells = [
            step.target.name.as_str(),
            &step.told(),
            step_word(operation, number),
            took.as_deref().unwrap_or_default(),
            &requests.join(" "),
            &progress.remark,
        ];
        writeln!(out, "| {} |", cells.map(plain).join(" | "))?;
    }
    Ok(())
}

/// What was preserved of those that are gone.
fn evidence(operation: &Operation, records: &[Record], out: &mut String) -> fmt::Result {
    for record in records {
        let Event::Preserved { step, preserved } = &record.event else { continue };
        let name = operation.plan.steps.get(*step).map_or("", |step| step.target.name.as_str());
        writeln!(out, "\n## {} before it was deleted\n", plain(name))?;
        writeln!(out, "- Read: {}", when(record.at))?;
        for (what, text) in preserved.fault.iter().map(|fault| ("Fault", fault)) {
            writeln!(out, "- {what}: {}", plain(text))?;
        }
        preserved.missing.iter().try_for_each(|missing| writeln!(out, "- Not read: {}", plain(missing)))?;
        fenced("History", &preserved.history.join("\n"), out)?;
        fenced("Console log, its end", &preserved.console, out)?;
    }
    Ok(())
}

/// As it was, line by line: a fence that nothing in it can close.
fn fenced(title: &str, text: &str, out: &mut String) -> fmt::Result {
    if text.is_empty() {
        return Ok(());
    }
    let text = sanitise_lines(text);
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    writeln!(out, "\n{title}:\n\n{fence}\n{text}\n{fence}")
}

/// What somebody can do now.
fn next(operation: &Operation, driven: bool) -> Option<String> {
    let id = operation.id.short();
    match operation.stage {
        Stage::Finished(_) => None,
        Stage::Running if driven => Some(format!("`stackdeck operations watch {id}` follows it")),
        _ => {
            Some(format!("`stackdeck operations resume {id}` lets it go on, `stackdeck operations abort {id}` ends it"))
        }
    }
}

/// As Markdown shows it as it is: on one line, and no cell of a table ends in it.
fn plain(text: &str) -> String {
    sanitise(text).replace('\n', " ").replace('|', "\\|")
}
