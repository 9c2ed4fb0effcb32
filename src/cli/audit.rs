//! `stackdeck audit`: all that was recorded, and whether it is still as it was.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::base::text::sanitise;
use crate::cli::args::changes::Audit;
use crate::cli::args::{Format, Options};
use crate::cli::json;
use crate::cli::json::operation::{Audited, RecordOf, Records};
use crate::cli::operations::book::Book;
use crate::cli::surroundings::Surroundings;
use crate::cli::table::{self, Cell};
use crate::cli::verb;
use crate::cli::{exit, report};
use crate::operation::words::{when, who};
use crate::operation::{Actor, Event, OperationId, Plan, Record};
use crate::store::Journal;
use crate::store::journal::{Broken, Verified};

/// Lists, verifies or exports the journal.
pub fn audit(arguments: &Audit, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let settings = around.settings(options)?.settings;
    let verifies = arguments.verify || arguments.expect.is_some();
    let book = match Book::open(&settings.state_dir) {
        // What cannot even be opened does not verify: whoever only asks for the exit code must hear that.
        Err(failure) if verifies && failure.kind == FailureKind::Bug => {
            report::failure(&failure, &mut io::stderr());
            return Ok(ExitCode::from(exit::TAMPERED));
        }
        book => book?,
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let format = arguments.listing.output;
    if arguments.export {
        return verb::end(
            export(&book)?.iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush()),
        );
    }
    if verifies {
        let outcome = match (book.journal(), &arguments.expect) {
            (Some(journal), expect) => journal.verify(expect.as_ref()),
            (None, Some(expect)) => Verified::nothing(Some(expect)),
            (None, None) => return Err(nothing_there(&settings.state_dir)),
        };
        verb::end(verified(&outcome, format, &mut out).and_then(|()| out.flush()))?;
        return Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(exit::TAMPERED) });
    }
    let all = book.journal().map_or_else(|| Ok(Vec::new()), |journal| journal.all_after(0))?;
    let wanted = Wanted::of(arguments, &book, around)?;
    let colour = verb::wants_colour(&settings, around);
    verb::end(list(&all, &wanted, &book.head()?, format, colour, &mut out).and_then(|()| out.flush()))
}

/// Which records are listed.
struct Wanted<'a> {
    operation: Option<OperationId>,
    since: Option<Timestamp>,
    actor: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(arguments: &'a Audit, book: &Book, around: &Surroundings) -> Result<Self, Failure> {
        let now = around.pace.cloud(around.clock.now());
        Ok(Self {
            operation: arguments.operation.as_deref().map(|text| book.find(text)).transpose()?,
            since: arguments.since.map(|since| since.moment(now)),
            actor: arguments.actor.as_deref(),
        })
    }

    fn has(&self, record: &Record) -> bool {
        self.operation.as_ref().is_none_or(|id| record.operation == *id)
            && self.since.is_none_or(|since| record.at >= since)
            && self.actor.is_none_or(|name| is_called(&record.by, name))
    }

    fn is_all(&self) -> bool {
        self.operation.is_none() && self.since.is_none() && self.actor.is_none()
    }
}

/// Whether somebody means this actor: by the user of the jump host, with or without that, or by the user of the cloud,
/// with or without the domain.
fn is_called(actor: &Actor, name: &str) -> bool {
    let of_cloud = actor.cloud_user.as_deref().unwrap_or_default();
    let bare = of_cloud.split_once('@').map_or(of_cloud, |(user, _)| user);
    let whole = format!("{}@{}", actor.user, actor.host);
    [actor.user.as_str(), &whole, of_cloud, bare].contains(&name)
}

/// Where nothing was ever done there is nothing to verify; and a journal that was removed looks just like that.
fn nothing_there(state: &Path) -> Failure {
    let message = format!("There is no journal in {}: there is nothing to verify", state.display());
    Failure::new(FailureKind::NotFound, message)
        .hint("Was anything changed from here, it was removed, or `state_dir` names another folder now")
        .hint("`audit --expect SEQUENCE:HASH` verifies against a head that was kept elsewhere")
}

fn export(book: &Book) -> Result<Vec<String>, Failure> {
    let stored = book.journal().map_or_else(|| Ok(Vec::new()), Journal::stored)?;
    Ok(stored.iter().filter_map(|record| serde_json::to_string(record).ok()).collect())
}

fn verified(outcome: &Result<Verified, Broken>, format: Format, out: &mut dyn Write) -> io::Result<()> {
    if format == Format::Json {
        return json::print(&Audited { schema: json::SCHEMA, verified: outcome.into() }, out);
    }
    match outcome {
        Ok(Verified { head, anchored }) => {
            writeln!(out, "All {} records hold", head.sequence)?;
            writeln!(out, "Journal head {head}")?;
            if *anchored {
                return writeln!(out, "Up to the expected head it is as it was when that was told");
            }
            writeln!(
                out,
                "The chain alone does not prove that nobody has rewritten it as a whole, or cut off its end:"
            )?;
            writeln!(out, "compare it with a head that was kept elsewhere, --expect SEQUENCE:HASH")
        }
        Err(broken) => {
            writeln!(out, "{}", sanitise(&broken.to_string()))?;
            let before = broken.sequence.saturating_sub(1);
            writeln!(
                out,
                "The {before} records before it hold among themselves. Keep the file as it is, and compare it"
            )?;
            writeln!(out, "with the heads that were printed at the end of operations and sent to the system's log")
        }
    }
}

fn list(
    all: &[Record],
    wanted: &Wanted<'_>,
    head: &str,
    format: Format,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let plans: HashMap<&OperationId, &Plan> = all.iter().filter_map(approval).collect();
    let records: Vec<&Record> = all.iter().filter(|record| wanted.has(record)).collect();
    let told: Vec<RecordOf<'_>> =
        records.iter().map(|record| RecordOf::of(record, plans.get(&record.operation).copied())).collect();
    if format == Format::Json {
        return json::print(&Records { schema: json::SCHEMA, records: told, journal_head: head }, out);
    }
    if records.is_empty() {
        let nothing = if wanted.is_all() { "Nothing is recorded yet" } else { "Nothing is recorded that fits" };
        return writeln!(out, "{nothing}");
    }
    let rows: Vec<Vec<Cell>> = records.iter().zip(&told).map(|(record, told)| row(record, told)).collect();
    let headings = ["SEQ", "WHEN", "OPERATION", "WHO", "FROM", "TICKET", "KIND", "TARGET", "WHAT", "REQUEST"];
    table::print(&headings, &rows, colour, out)?;
    writeln!(out, "\nJournal head {head}")
}

fn approval(record: &Record) -> Option<(&OperationId, &Plan)> {
    match &record.event {
        Event::Approved { plan } => Some((&record.operation, plan)),
        _ => None,
    }
}

fn row(record: &Record, told: &RecordOf<'_>) -> Vec<Cell> {
    vec![
        Cell::number(record.sequence),
        Cell::text(&when(record.at)),
        Cell::text(record.operation.short()),
        Cell::text(&who(&record.by)),
        Cell::maybe(record.by.origin.as_deref()),
        Cell::maybe(record.by.ticket.as_deref()),
        Cell::text(told.kind),
        Cell::maybe(told.name),
        Cell::text(&told.text),
        Cell::maybe(told.request_id),
    ]
}
