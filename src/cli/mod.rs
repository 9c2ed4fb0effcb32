//! Arguments to one mode; failure to exit code.
//!
//! The same facts as the console, without a screen: a verb asks `watch` once, prints, and ends. What is printed is for
//! people (a table) or for programs ([`json`], whose fields are a promise). [`exit`] has the exit codes.
//!
//! Deliberately absent: any decision about the cloud. Grouping is `fleet`'s, reading is `watch`'s; here is only the
//! door.

pub mod args;
pub mod exit;
pub mod find;
pub mod json;
pub mod look;
pub mod password;
pub mod progress;
mod report;
pub mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use crate::base::failure::{Failure, FailureKind};
use args::{Arguments, Verb};

/// Runs the program with these arguments, the first being its own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return report::refusal(&refusal),
    };
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            report::failure(&failure, &mut std::io::stderr());
            exit::of(failure.kind)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mode = match &arguments.verb {
        None => "the console",
        Some(Verb::Sim(_)) => "the simulated cloud",
        Some(_) => "this verb",
    };
    Err(Failure::new(FailureKind::Unsupported, format!("{mode} is not part of this build")))
}
