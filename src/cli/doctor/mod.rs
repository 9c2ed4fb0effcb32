//! `stackdeck doctor`: what is right, what is not, and what to do about it.
//!
//! Each part of the surroundings is examined by itself and adds to one list of [`Check`]s; nothing that one part finds
//! stops the next. The exit code is that of the worst problem; warnings do not count.

mod clouds;
mod configuration;
mod connection;
mod folders;
mod journal;
mod load;
mod orphans;
mod terminal;

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::{Format, Options};
use crate::cli::exit;
use crate::cli::json;
use crate::cli::surroundings::Surroundings;
use crate::cli::table::{self, Cell};
use crate::cli::verb;
use crate::config::{Loaded, Settings};
use crate::fleet::service::Severity;

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// `configuration`, `clouds`, `connection`, `load`, `orphans`, `terminal` or `state`.
    pub part: &'static str,
    /// What was looked at.
    pub subject: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub advice: Vec<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, with less than there could be.
    Warning,
    /// It does not work.
    Problem,
}

/// The whole examination.
#[derive(Debug, Default)]
struct Findings {
    checks: Vec<Check>,
    worst: Option<FailureKind>,
}

impl Findings {
    fn ok(&mut self, part: &'static str, subject: impl Into<String>, found: impl Into<String>) {
        let (subject, found) = (subject.into(), found.into());
        self.checks.push(Check { part, subject, verdict: Verdict::Ok, found, advice: Vec::new() });
    }

    fn warn(&mut self, part: &'static str, subject: impl Into<String>, found: impl Into<String>, advice: &str) {
        let (subject, found) = (subject.into(), found.into());
        self.checks.push(Check { part, subject, verdict: Verdict::Warning, found, advice: vec![advice.to_owned()] });
    }

    fn warn_of(&mut self, part: &'static str, subject: impl Into<String>, failure: &Failure) {
        self.push(part, subject.into(), Verdict::Warning, failure);
    }

    fn problem(&mut self, part: &'static str, subject: impl Into<String>, failure: &Failure) {
        self.worst.get_or_insert(failure.kind);
        self.push(part, subject.into(), Verdict::Problem, failure);
    }

    fn push(&mut self, part: &'static str, subject: String, verdict: Verdict, failure: &Failure) {
        let place = failure.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let causes: String = failure.causes.iter().map(|cause| format!(": {cause}")).collect();
        let request = failure.request_id.as_ref().map(|id| format!(" [{id}]")).unwrap_or_default();
        let found = format!("{}{causes}{place}{request}", failure.message);
        self.checks.push(Check { part, subject, verdict, found, advice: failure.hints.clone() });
    }

    fn code(&self) -> ExitCode {
        self.worst.map_or(ExitCode::SUCCESS, exit::of)
    }
}

/// What is printed for programs.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: u32,
    checks: &'a [Check],
}

/// Examines everything and prints what was found.
pub async fn examine(format: Format, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let mut findings = Findings::default();
    let settings = configuration(options, around, &mut findings);
    let clouds = around.clouds();
    let chosen = clouds::examine(&clouds, options.cloud.as_deref(), around, &mut findings);
    if chosen {
        connection::examine(&clouds, options, &settings, around, &mut findings).await;
    }
    terminal::examine(&settings, around, &mut findings);
    folders::examine(&settings, &mut findings);
    journal::examine(&settings, around, &mut findings).await;
    let colour = verb::wants_colour(&settings, around);
    let printed = print(&findings, format, colour, &mut io::BufWriter::new(io::stdout().lock()));
    verb::end(printed).map(|_| findings.code())
}

/// The settings that hold, even when the file that was asked for cannot be read: the rest is still worth examining.
fn configuration(options: &Options, around: &Surroundings, findings: &mut Findings) -> Settings {
    let loaded = around.settings(options).unwrap_or_else(|failure| {
        findings.problem(configuration::PART, "file", &failure);
        let mut loaded = Loaded::default();
        loaded.settings.state_dir.clone_from(&around.paths.state);
        loaded.settings.cache_dir.clone_from(&around.paths.cache);
        loaded
    });
    configuration::examine(&loaded, around, findings);
    loaded.settings
}

fn print(findings: &Findings, format: Format, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Json => json::print(&Document { schema: json::SCHEMA, checks: &findings.checks }, out)?,
        Format::Table => print_for_people(findings, colour, out)?,
    }
    out.flush()
}

fn print_for_people(findings: &Findings, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Vec<Cell>> = findings.checks.iter().map(row).collect();
    table::print(&["PART", "SUBJECT", "VERDICT", "FOUND"], &rows, colour, out)?;
    let advised = findings.checks.iter().filter(|check| !check.advice.is_empty());
    for check in advised {
        writeln!(out, "\n{} {}:", check.part, crate::base::text::sanitise(&check.subject))?;
        for advice in &check.advice {
            writeln!(out, "  {}", crate::base::text::sanitise(advice))?;
        }
    }
    Ok(())
}

fn row(check: &Check) -> Vec<Cell> {
    let (word, severity) = match check.verdict {
        Verdict::Ok => ("ok", Severity::Ok),
        Verdict::Warning => ("warning", Severity::Warning),
        Verdict::Problem => ("problem", Severity::Critical),
    };
    vec![
        Cell::text(check.part),
        Cell::text(&check.subject),
        Cell::text(word).judged(severity),
        Cell::text(&check.found),
    ]
}
