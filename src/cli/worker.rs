//! `stackdeck worker`: drives one operation, in a process that outlives the one that started it.

use std::io::Read as _;
use std::process::ExitCode;

use secrecy::SecretString;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::{Options, Worker};
use crate::cli::surroundings::Surroundings;
use crate::worker::process::{Start, run};
use crate::worker::sign_in::Measured;
use crate::worker::{actor, launch};

/// More is no grant.
const LONGEST: u64 = 4 << 20;

/// Detaches, or drives.
pub fn work(arguments: &Worker, options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    if arguments.detach {
        launch::detach(std::env::args_os()).map_err(|error| broken("The worker cannot be started", &error))?;
        return Ok(ExitCode::SUCCESS);
    }
    let grant = handed_over()?;
    log();
    // What is odd in the settings was said where the operation was approved.
    let settings = around.settings(options)?.settings;
    let start = Start {
        operation: arguments.operation.clone(),
        state: arguments.state.clone(),
        tokens: arguments.tokens.clone(),
        pace: arguments.pace,
        clouds: around.clouds(),
        measured: Measured { probes: settings.metrics.probes, balancers: settings.metrics.balancers },
        freezes: settings.operations.freezes,
        actor: actor(&around.sources.variables),
        grant,
    };
    super::wait_for(run(start))?;
    Ok(ExitCode::SUCCESS)
}

/// What is on standard input; `/dev/null` has nothing.
fn handed_over() -> Result<Option<SecretString>, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| broken("Standard input cannot be read", &error))?;
    Ok((!text.is_empty()).then(|| text.into()))
}

fn broken(message: &str, error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Bug, message).cause(error.to_string())
}

/// Standard error is the worker's log file.
fn log() {
    let subscriber = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).finish();
    // Somebody who has set another keeps it.
    let _already_set = tracing::subscriber::set_global_default(subscriber);
}
