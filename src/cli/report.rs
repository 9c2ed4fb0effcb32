//! Says on standard error what went wrong.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::exit;

/// A failure for a person: message, causes, where, request id, hints. A standard error that is closed is no second
/// failure.
pub(super) fn failure(failure: &Failure, out: &mut dyn Write) {
    let _ = write_failure(failure, out);
}

fn write_failure(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "stackdeck: {}", failure.message)?;
    for cause in &failure.causes {
        writeln!(out, "  because: {cause}")?;
    }
    if let Some(place) = &failure.place {
        writeln!(out, "  at: {place}")?;
    }
    if let Some(request) = &failure.request_id {
        writeln!(out, "  request: {request}")?;
    }
    for hint in &failure.hints {
        writeln!(out, "  hint: {hint}")?;
    }
    Ok(())
}

/// What clap has to say: help and version are no failure, anything else is wrong usage.
pub(super) fn refusal(refusal: &clap::Error) -> ExitCode {
    let _ = refusal.print();
    if refusal.use_stderr() { exit::of(FailureKind::Usage) } else { ExitCode::SUCCESS }
}
