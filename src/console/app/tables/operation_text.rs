//! What is told of one operation: who, when, why; how new and old do beside each other; the targets with
//! what became of each; and every record.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::text::{pad, sanitise, width};
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::followed::{Followed, waiting};
use crate::console::app::freshness::long;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::screen::TextLine;
use crate::console::app::screen::text::{fact, line};
use crate::console::app::tables::beside;
use crate::console::app::tables::words::took;
use crate::console::app::wrap::wrapped;
use crate::operation::fold::{Phase, Progress, Stage};
use crate::operation::record::{Announcement, Verdict, Wish};
use crate::operation::waiting::Waiting;
use crate::operation::words::measured;
use crate::operation::{Actor, Event, Outcome, Record, Step};

/// What the longest label takes, with the gap behind it.
const LABELS: usize = "operation".len() + layout::LABEL_GAP;

/// All of it: the facts, the targets, the records.
pub fn lines(model: &Model, followed: &Followed) -> Vec<TextLine> {
    let now = model.moment().cloud;
    let mut lines = facts(model, followed, now);
    lines.push(TextLine::default());
    let beside = beside::lines(model, followed, now);
    if !beside.is_empty() {
        lines.extend(beside);
        lines.push(TextLine::default());
    }
    lines.extend(targets(followed, now));
    lines.push(TextLine::default());
    lines.push(line("RECORDS", Tone::Header));
    lines.extend(followed.records.iter().map(|record| self::record(followed, record)));
    lines
}

fn facts(model: &Model, followed: &Followed, now: Timestamp) -> Vec<TextLine> {
    let operation = &followed.operation;
    let plan = &operation.plan;
    let (tone, glyph) = followed.look();
    let state = format!("{} · {} · {}", followed.doing(now), followed.progress(), took(followed.length(now)));
    let mut lines = vec![fact("what", Cell::plain(&plan.title)), fact("state", Cell::new(&state, tone).sign(glyph))];
    lines.extend(paused(followed).into_iter().flat_map(|why| reason(model, why, Tone::Warn)));
    lines.extend(failures(model, followed));
    lines.extend([
        fact("operation", Cell::plain(operation.id.as_str())),
        fact("approved", at(operation.approved, now)),
        fact("by", Cell::plain(&who(&operation.by))),
        fact("ticket", Cell::maybe(operation.by.ticket.as_deref())),
    ]);
    let project = plan.project_text();
    let place = [&*plan.place.cloud, &project, &*plan.place.region].into_iter().filter(|part| !part.is_empty());
    lines.push(fact("where", Cell::plain(&place.collect::<Vec<_>>().join(" / "))));
    lines.extend(followed.head.iter().map(|head| fact("head", Cell::plain(head))));
    lines.extend(followed.driver.iter().map(|driver| fact("worker", Cell::plain(driver))));
    lines.extend(helps(followed).map(|text| fact("", Cell::new(text, Tone::Warn).sign(Glyph::Warning))));
    lines
}

/// Why it has failed, and at which request, whole: the table of targets has no room for sentences.
fn failures(model: &Model, followed: &Followed) -> Vec<TextLine> {
    let mut lines = Vec::new();
    for (step, progress) in followed.operation.plan.steps.iter().zip(&followed.operation.steps) {
        let why = match &progress.phase {
            Phase::Failed => &progress.remark,
            Phase::Refused(_, failure) => &failure.message,
            _ => continue,
        };
        let name = &step.target.name;
        let text = if why.starts_with(name.as_str()) { why.clone() } else { format!("{name}: {why}") };
        lines.extend(reason(model, &text, Tone::Bad));
        lines.extend(progress.requests.last().map(|id| fact("request", Cell::plain(id.as_str()))));
    }
    lines
}

/// Why it waits for somebody, as its worker said.
fn paused(followed: &Followed) -> Option<&str> {
    let is_paused = matches!(followed.operation.stage, Stage::Paused(_));
    let mut latest = followed.records.iter().rev().filter(|_| is_paused);
    latest.find_map(|record| match &record.event {
        Event::Paused { why, .. } => Some(why.as_str()),
        _ => None,
    })
}

/// A sentence that is shown whole.
fn reason(model: &Model, text: &str, tone: Tone) -> Vec<TextLine> {
    let room = layout::text_width(model.size).saturating_sub(LABELS);
    let rows = wrapped(&sanitise(text), room).into_iter().enumerate();
    rows.map(|(at, text)| fact(if at == 0 { "because" } else { "" }, Cell::new(&text, tone))).collect()
}

/// What can be done about an operation that does not go on by itself.
fn helps(followed: &Followed) -> Option<&'static str> {
    match followed.operation.stage {
        _ if !followed.operation.unknown.is_empty() => Some("A newer Stackdeck has written some of it"),
        Stage::Approved if !followed.is_driven() => Some("Nobody has begun it: resume starts it"),
        Stage::Running if !followed.is_driven() => Some("Its worker is gone: resume goes on where it was"),
        Stage::Paused(_) => Some("It waits for somebody: resume goes on, with your own sign-in"),
        _ => None,
    }
}

fn at(then: Timestamp, now: Timestamp) -> Cell {
    Cell::plain(&format!("{} ({} ago)", then.strftime("%Y-%m-%d %H:%M:%SZ"), long(since(then, now))))
}

/// The user of the jump host, and of the cloud, and where the login came from.
fn who(by: &Actor) -> String {
    let cloud = by.cloud_user.as_ref().map(|user| format!(", in the cloud {user}")).unwrap_or_default();
    let origin = by.origin.as_ref().map(|origin| format!(", from {origin}")).unwrap_or_default();
    format!("{}@{}{cloud}{origin}", by.user, by.host)
}

/// A table as lines: each column as wide as its widest cell.
pub(super) fn aligned(rows: Vec<Vec<Cell>>) -> Vec<TextLine> {
    let taken = |cell: &Cell| width(&cell.text) + if cell.glyph.is_some() { 2 } else { 0 };
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest: Vec<usize> =
        (0..columns).map(|at| rows.iter().filter_map(|row| row.get(at)).map(taken).max().unwrap_or(0)).collect();
    let row = |mut cells: Vec<Cell>| {
        let last = cells.len().saturating_sub(1);
        for (at, (cell, widest)) in cells.iter_mut().zip(&widest).enumerate() {
            let sign = if cell.glyph.is_some() { 2 } else { 0 };
            if at < last {
                // One more column of air than the drawing leaves.
                cell.text = pad(&cell.text, widest + 1 - sign);
            }
        }
        TextLine { cells, ..TextLine::default() }
    };
    rows.into_iter().map(row).collect()
}

fn targets(followed: &Followed, now: Timestamp) -> Vec<TextLine> {
    let header = ["#", "TARGET", "STATE", "TOOK", "CALL", "RESULT", "REQUEST"];
    let mut rows: Vec<Vec<Cell>> = vec![header.iter().map(|title| Cell::new(title, Tone::Header)).collect()];
    let operation = &followed.operation;
    let steps = operation.plan.steps.iter().zip(&operation.steps).enumerate();
    // What would undo is told once something is to be undone.
    let steps = steps.filter(|(number, _)| !operation.is_passed_over(*number));
    rows.extend(steps.map(|(number, (step, progress))| target(followed, number, step, progress, now)));
    aligned(rows)
}

fn target(followed: &Followed, number: usize, step: &Step, progress: &Progress, now: Timestamp) -> Vec<Cell> {
    let length = progress.begun.map(|begun| took(since(begun, progress.ended.unwrap_or(now))));
    let request = progress.requests.last().map(crate::base::id::RequestId::as_str);
    let plan = &followed.operation.plan;
    let turn = if plan.begins_slot(number) { (step.slot + 1).to_string() } else { String::new() };
    let name = if plan.turns(number) { &step.target.name } else { "" };
    vec![
        Cell::new(&turn, Tone::Dim),
        Cell::plain(name),
        state(followed, number, progress),
        Cell::maybe(length.as_deref().filter(|_| !idle(followed, progress))),
        Cell::plain(&step.told()),
        result(followed, number, progress),
        Cell::maybe(request),
    ]
}

/// A step that is not over, of an operation that is, goes on no more: its time stands still.
fn idle(followed: &Followed, progress: &Progress) -> bool {
    followed.operation.is_over() && !progress.phase.is_over()
}

fn state(followed: &Followed, number: usize, progress: &Progress) -> Cell {
    let current = followed.operation.current().is_some_and(|(current, _)| current == number);
    let under_way = current && followed.operation.stage == Stage::Running && followed.is_driven();
    let cell = |text: &str, tone, glyph| Cell::new(text, tone).sign(glyph);
    match &progress.phase {
        Phase::Passed => cell("done", Tone::Good, Glyph::Ok),
        Phase::Skipped => cell("nothing to do", Tone::Dim, Glyph::Ok),
        Phase::Failed => cell("failed", Tone::Bad, Glyph::Down),
        Phase::Refused(..) => cell("refused", Tone::Bad, Glyph::Down),
        Phase::Pending(_) if followed.operation.is_over() => cell("not begun", Tone::Dim, Glyph::Off),
        Phase::Pending(_) if under_way => cell("looking", Tone::Busy, Glyph::Busy),
        Phase::Pending(_) => cell("to come", Tone::Dim, Glyph::Off),
        Phase::Announced => cell("calling", Tone::Busy, Glyph::Busy),
        Phase::Lost => cell("answer lost", Tone::Warn, Glyph::Warning),
        Phase::Accepted => cell("accepted", Tone::Busy, Glyph::Busy),
        Phase::Reached => cell("reached", Tone::Busy, Glyph::Busy),
    }
}

fn result(followed: &Followed, number: usize, progress: &Progress) -> Cell {
    let current = followed.operation.current().is_some_and(|(current, _)| current == number);
    match (&progress.phase, &followed.operation.waiting) {
        (Phase::Failed, _) => Cell::new(&progress.remark, Tone::Bad),
        (Phase::Refused(_, failure), _) => Cell::new(&failure.message, Tone::Bad),
        (phase, _) if phase.is_over() => Cell::new(&progress.remark, Tone::Dim),
        (_, Some(Waiting { wait, why, .. })) if current && !followed.operation.is_over() => {
            Cell::new(&format!("{}: {why}", waiting(*wait)), Tone::Busy)
        }
        _ if !progress.remark.is_empty() => Cell::new(&progress.remark, Tone::Warn),
        _ => Cell::missing(),
    }
}

/// A record: when, and what it says.
fn record(followed: &Followed, record: &Record) -> TextLine {
    let when = Cell::new(&record.at.strftime("%H:%M:%S").to_string(), Tone::Dim);
    let number = Cell::new(&format!("#{}", record.sequence), Tone::Dim);
    let name = record.event.step().and_then(|step| followed.operation.plan.steps.get(step));
    let whom = name.map(|step| format!("{}: ", sanitise(&step.target.name))).unwrap_or_default();
    let (text, tone) = said(record);
    TextLine { cells: vec![when, number, Cell::new(&format!("{whom}{text}"), tone)], ..TextLine::default() }
}

/// What a record says.
fn said(record: &Record) -> (String, Tone) {
    match &record.event {
        Event::Approved { .. } => (format!("approved by {} ({})", who(&record.by), record.by.program), Tone::Normal),
        Event::Claimed { pid } => (format!("a worker has it: process {pid} on {}", record.by.host), Tone::Dim),
        Event::Announced(announcement) => (announced(announcement), Tone::Normal),
        Event::Preserved { preserved, .. } => (format!("preserved: {}", preserved.summary()), Tone::Dim),
        Event::Answered { outcome, .. } => answered(outcome),
        Event::Reached { address: Some(address), .. } => (format!("is to be at {address}"), Tone::Normal),
        Event::Reached { state, share, request_id, .. } => {
            let request = request_id.as_ref().map(|id| format!(" [{id}]")).unwrap_or_default();
            (format!("is {}{request}", Event::reached_text(state, *share)), Tone::Normal)
        }
        Event::Measured { figures, .. } => (measured(figures), Tone::Dim),
        Event::Passed { evidence, .. } => (format!("done: {evidence}"), Tone::Good),
        Event::Skipped { why, .. } => (format!("nothing to do: {why}"), Tone::Dim),
        Event::Failed { why, .. } => (format!("failed: {why}"), Tone::Bad),
        Event::Waiting { wait, why, .. } => (format!("{}: {why}", waiting(*wait)), Tone::Dim),
        Event::Paused { why, .. } => (format!("paused: {why}"), Tone::Warn),
        Event::Resumed => ("resumed".to_owned(), Tone::Normal),
        Event::Asked { wish } => {
            let wish = if *wish == Wish::Abort { "to begin nothing more" } else { "to go on" };
            (format!("{} asked {wish}", who(&record.by)), Tone::Warn)
        }
        Event::Finished { verdict } => match verdict {
            Verdict::Done => ("finished: done".to_owned(), Tone::Good),
            Verdict::Incomplete => {
                ("finished: incomplete; not every instance has answered with the version".to_owned(), Tone::Bad)
            }
            Verdict::Failed => ("finished: failed; the rest was not begun".to_owned(), Tone::Bad),
            Verdict::Aborted => ("finished: aborted".to_owned(), Tone::Warn),
            Verdict::Expired => ("finished: nobody began it while the approval held".to_owned(), Tone::Warn),
        },
        Event::Unknown(kind) => (format!("{kind}: a newer Stackdeck wrote this"), Tone::Unknown),
    }
}

fn announced(announcement: &Announcement) -> String {
    let again = match announcement.attempt {
        0 | 1 => String::new(),
        try_number => format!(", try {try_number}"),
    };
    // Of what is only just made there is nothing to tell.
    let is = Some(format!("; it is {}", announcement.state.text())).filter(|_| !announcement.change.makes());
    format!("calls {}{again}{}", announcement.change.told(), is.unwrap_or_default())
}

fn answered(outcome: &Outcome) -> (String, Tone) {
    let request = outcome.request_id().map(|id| format!(" [{id}]")).unwrap_or_default();
    match outcome {
        Outcome::Accepted { status, took, .. } => {
            (format!("accepted: {status} after {}{request}", millis(*took)), Tone::Normal)
        }
        Outcome::Refused { failure, .. } => (format!("refused: {}{request}", failure.message), Tone::Bad),
        Outcome::Unsent { failure, .. } => (format!("not executed: {}{request}", failure.message), Tone::Warn),
        Outcome::Lost { failure } => (format!("answer lost: {}{request}", failure.message), Tone::Warn),
        Outcome::Found { evidence, .. } => (format!("was executed: {evidence}{request}"), Tone::Normal),
        Outcome::Absent => ("was not executed".to_owned(), Tone::Warn),
    }
}

fn millis(took: Duration) -> String {
    format!("{} ms", took.as_millis())
}
