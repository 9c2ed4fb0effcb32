//! `stackdeck changes [SERVICE]`: what has changed in the last day, and who wanted it.
//!
//! Put together from what consoles have seen and kept, from the last snapshot held against the cloud as it is now, from
//! the journal's operations, and from Nova's histories of instances that something happened to. Nothing of it is kept:
//! that is a console's business.

mod gather;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::RequestId;
use crate::cli::args::{self, Format, Options};
use crate::cli::json::changes::Document;
use crate::cli::look::Look;
use crate::cli::progress::Progress;
use crate::cli::surroundings::Surroundings;
use crate::cli::table::{self, Cell};
use crate::cli::verb::{self, Answer};
use crate::cli::{find, report, signin};
use crate::fleet::Fleet;
use crate::fleet::service::Severity;
use crate::fleet::timeline::Entry;
use crate::watch;

/// So many requests a minute may ask for histories: one look is all.
const REQUESTS: u32 = 240;

/// Looks, and prints what has changed.
pub async fn changes(arguments: &args::Changes, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let settings = &report::settings(options, around)?;
    let mut progress = Progress::on_standard_error();
    let clouds = around.clouds();
    let cloud = signin::connect(&clouds, options, settings, &around.clock, &mut progress).await?;
    let facts = cloud.session();
    let watched =
        watch::Settings { history_requests: REQUESTS, ..verb::watch_settings(options, settings, around.pace) };
    let file = gather::file(clouds.get(options.cloud.as_deref())?, options, settings);
    let past = gather::past(&file, &watched, around);
    let mut look = Look::start(cloud, watched, around.clock.clone(), progress);
    let fleet = look.fleet().await?;
    let found = gather::gather(&mut look, &fleet, past, (settings.state_dir.as_path(), &facts)).await?;
    let now = look.cloud_now();
    let since = now.checked_sub(arguments.since).unwrap_or(Timestamp::UNIX_EPOCH);
    let entries = chosen(found.entries, arguments.service.as_deref(), &fleet, since)?;
    let (mut missing, as_of) = look.end();
    missing.extend(found.missing);
    let answer = Answer {
        format: arguments.listing.output,
        facts: &facts,
        all_projects: options.all_projects,
        missing: &missing,
        as_of: as_of.unwrap_or_else(|| around.clock.now()),
        now_in_the_cloud: now,
        colour: verb::wants_colour(settings, around),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let printed = match answer.format {
        Format::Json => answer.json(Document::of(&entries, since.max(found.complete_since.unwrap_or(since))), &mut out),
        Format::Table => print(&entries, &answer, &mut out),
    };
    let printed = printed.and_then(|()| out.flush());
    if answer.format == Format::Table {
        missing.iter().for_each(|(source, why)| report::missing(source, why, &mut io::stderr()));
    }
    verb::end(printed)
}

/// Those of that time, and of a service: also of one of which nothing is left.
fn chosen(all: Vec<Entry>, service: Option<&str>, fleet: &Fleet, since: Timestamp) -> Result<Vec<Entry>, Failure> {
    let recent = all.into_iter().filter(|entry| entry.until >= since);
    let Some(wanted) = service else { return Ok(recent.collect()) };
    let recent: Vec<Entry> = recent.collect();
    let of = |entry: &Entry| entry.whom.service.as_ref().map(|key| Arc::clone(&key.name));
    let names: BTreeSet<Arc<str>> = match find::services(fleet, wanted) {
        Ok(services) => services.into_iter().map(|service| Arc::clone(&service.key.name)).collect(),
        Err(failure) if failure.kind == FailureKind::NotFound => {
            let gone: BTreeSet<Arc<str>> = recent.iter().filter_map(of).filter(|name| **name == *wanted).collect();
            if gone.is_empty() {
                return Err(failure);
            }
            gone
        }
        Err(failure) => return Err(failure),
    };
    Ok(recent.into_iter().filter(|entry| of(entry).is_some_and(|name| names.contains(&name))).collect())
}

fn print(entries: &[Entry], answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Vec<Cell>> = entries.iter().map(row).collect();
    table::print(&["WHEN", "NAME", "WHAT", "WHO", "SERVICE", "TOLD BY", "REQUEST"], &rows, answer.colour, out)
}

fn row(entry: &Entry) -> Vec<Cell> {
    let time = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let between = entry.vague_since().map(|after| format!(", not before {}", time(after))).unwrap_or_default();
    let what = Cell::text(&format!("{}{between}", entry.bare_text()));
    let what = match entry.severity() {
        bad @ (Severity::Warning | Severity::Critical) => what.judged(bad),
        _ => what,
    };
    vec![
        Cell::text(&time(entry.at)),
        Cell::text(&entry.subject()),
        what,
        Cell::maybe(entry.user()),
        Cell::maybe(entry.whom.service.as_ref().map(|key| &*key.name)),
        Cell::text(entry.source().title()),
        Cell::maybe(entry.who.as_ref().and_then(|who| who.request.as_ref()).map(RequestId::as_str)),
    ]
}
