//! Arguments to one mode; failure to exit code.
//!
//! The same facts as the console, without a screen: a verb asks `watch` once, prints, and ends. What is printed is for
//! people (a table) or for programs ([`json`], whose fields are a promise). [`exit`] has the exit codes.
//!
//! Deliberately absent: any decision about the cloud. Grouping is `fleet`'s, reading is `watch`'s; here is only the
//! door.

pub mod args;
pub mod console;
pub mod doctor;
pub mod exit;
pub mod find;
pub mod json;
pub mod look;
pub mod password;
pub mod progress;
mod report;
pub mod signin;
pub mod surroundings;
pub mod table;
pub mod verb;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::Parser as _;

use crate::base::clock::Pace;
use crate::base::failure::{Failure, FailureKind};
use args::{Arguments, Format, Options, Verb};
use surroundings::Surroundings;
use verb::Question;

/// Runs the program with these arguments, the first being its own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return report::refusal(&refusal),
    };
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            report::failure(&failure, &mut io::stderr());
            exit::of(failure.kind)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let options = &arguments.options;
    let around = Surroundings::of_process()?;
    match &arguments.verb {
        None => console::open(options, &around, Pace::REAL),
        Some(Verb::Sim(_)) => Err(not_built("the simulated cloud")),
        Some(Verb::Doctor(listing)) => runtime()?.block_on(doctor::examine(listing.output, options, &around)),
        Some(verb) => match Question::of(verb) {
            Some((question, format)) => ask(question, format, options, &around),
            None => Err(not_built("this verb")),
        },
    }
}

fn not_built(what: &str) -> Failure {
    Failure::new(FailureKind::Unsupported, format!("{what} is not part of this build"))
}

fn ask(question: Question<'_>, format: Format, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let loaded = around.settings(options)?;
    loaded.warnings.iter().for_each(|warning| report::warning(warning, &mut io::stderr()));
    let runtime = runtime()?;
    runtime.block_on(verb::answer(question, format, options, &loaded.settings, around, Pace::REAL))
}

/// One thread is enough for one look.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::new(FailureKind::Bug, "The operating system gives no event loop").cause(error.to_string())
    })
}
