//! `stackdeck sim`: serves a simulated cloud until it is told to end, or until nobody needs it any more.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Sim;
use crate::sim::Scenario;
use crate::sim::process::{Solo, run};

/// Serves until SIGTERM, SIGINT, or, where it was asked to, until no client came for a while.
pub fn serve(arguments: &Sim, instances: Option<u32>) -> Result<ExitCode, Failure> {
    let defaults = Solo::new(scenario(&arguments.scenario)?);
    let solo = Solo {
        listen: arguments.listen,
        instances: instances.map_or(defaults.instances, |instances| instances as usize),
        clouds: arguments.clouds.clone(),
        pace: length("--pace", arguments.pace / 1000.0)?,
        rate: arguments.rate,
        token_lifetime: Duration::from_secs(u64::from(arguments.token_lifetime)),
        until_idle: arguments.until_idle.map(|seconds| length("--until-idle", seconds)).transpose()?,
        ..defaults
    };
    run(&solo, &mut io::stdout())?;
    Ok(ExitCode::SUCCESS)
}

/// The scenario of that name.
pub(super) fn scenario(name: &str) -> Result<Scenario, Failure> {
    name.parse().map_err(|message: String| Failure::new(FailureKind::Usage, message))
}

fn length(flag: &str, seconds: f64) -> Result<Duration, Failure> {
    Duration::try_from_secs_f64(seconds).map_err(|error| {
        Failure::new(FailureKind::Usage, format!("{flag} wants a length of time")).cause(error.to_string())
    })
}
