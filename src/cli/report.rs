//! Says on standard error what went wrong.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::base::failure::{Failure, FailureKind};
use crate::base::text::sanitise;
use crate::cli::args::Options;
use crate::cli::exit;
use crate::cli::surroundings::Surroundings;
use crate::config::Settings;

/// A failure for a person: message, causes, where, request id, hints. A standard error that is closed is no second
/// failure.
pub(super) fn failure(failure: &Failure, out: &mut dyn Write) {
    let _ = write_failure(failure, out);
}

fn write_failure(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    // Causes may quote what the cloud said.
    writeln!(out, "stackdeck: {}", sanitise(&failure.message))?;
    for cause in &failure.causes {
        writeln!(out, "  because: {}", sanitise(cause))?;
    }
    if let Some(place) = &failure.place {
        writeln!(out, "  at: {}", sanitise(place))?;
    }
    if let Some(request) = &failure.request_id {
        writeln!(out, "  request: {}", sanitise(request.as_str()))?;
    }
    for hint in &failure.hints {
        writeln!(out, "  hint: {}", sanitise(hint))?;
    }
    Ok(())
}

/// The settings; what is odd in them is said.
pub(super) fn settings(options: &Options, around: &Surroundings) -> Result<Settings, Failure> {
    let loaded = around.settings(options)?;
    loaded.warnings.iter().for_each(|told| warning(told, &mut io::stderr()));
    Ok(loaded.settings)
}

/// What clap has to say: help and version are no failure, anything else is wrong usage.
pub(super) fn refusal(refusal: &clap::Error) -> ExitCode {
    let _ = refusal.print();
    if refusal.use_stderr() { exit::of(FailureKind::Usage) } else { ExitCode::SUCCESS }
}

/// A source that did not answer: what it would tell is missing from what was printed.
pub(super) fn missing(source: &str, why: &Failure, out: &mut dyn Write) {
    let _ = writeln!(out, "stackdeck: without {source}: {}", sanitise(&why.message));
}

/// A setting that was not taken.
fn warning(warning: &Failure, out: &mut dyn Write) {
    let place = warning.place.as_deref().map(|place| format!("{place}: ")).unwrap_or_default();
    let hints = warning.hints.iter().map(|hint| format!(" ({hint})")).collect::<String>();
    let _ = writeln!(out, "stackdeck: {}", sanitise(&format!("{place}{}{hints}", warning.message)));
}
