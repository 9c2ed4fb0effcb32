//! `--demo`: a simulated cloud in a process of its own, started or found.
//!
//! The process outlives the console that started it, and ends ten minutes after its last client. It has a folder of its
//! own below the state folder: its `clouds.yaml`, a lock that it holds while it serves, and state and cache of whoever
//! looks at it. So nothing of a demo mixes with a real cloud, and nothing of the user's `OS_*` variables reaches it.

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Options;
use crate::cli::sim;
use crate::cli::surroundings::Surroundings;
use crate::sim::Scenario;

/// How long after its last client a demo's cloud ends.
const LINGERS: u64 = 600;

/// Starts the simulated cloud, or finds the one that runs. Returns options and surroundings that lead to it.
pub fn enter(name: &str, options: &Options, around: &Surroundings) -> Result<(Options, Surroundings), Failure> {
    let scenario = sim::scenario(name)?;
    let size = options.instances.map(|instances| format!("-{instances}")).unwrap_or_default();
    let folder = around.paths.state.join("demo").join(format!("{}{size}", scenario.name()));
    std::fs::create_dir_all(&folder).map_err(|error| unusable(&folder, &error))?;
    let clouds = folder.join("clouds.yaml");
    // Two consoles that start at once: the second waits here, and then finds what the first has started.
    let starting = File::create(folder.join("starting")).map_err(|error| unusable(&folder, &error))?;
    starting.lock().map_err(|error| unusable(&folder, &error))?;
    if !is_served(&clouds)? {
        start(scenario, options.instances, &clouds, &folder)?;
    }
    let options = Options { cloud: Some("sim".to_owned()), ..options.clone() };
    Ok((options, inside(around, &folder, &clouds)))
}

/// Whether somebody holds the lock beside the file.
fn is_served(clouds: &Path) -> Result<bool, Failure> {
    match sim::lock_beside(clouds)?.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(clouds.exists()),
        Err(TryLockError::Error(error)) => Err(unusable(clouds, &error)),
    }
}

/// Starts the process, and waits for the line that says that it serves.
fn start(scenario: Scenario, instances: Option<u32>, clouds: &Path, folder: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::new(FailureKind::Bug, "The simulated cloud could not be started").cause(error.to_string())
    };
    let program = std::env::current_exe().map_err(failed)?;
    let log = folder.join("sim.log");
    let mut command = Command::new(program);
    command.args(["sim", "--scenario", scenario.name(), "--until-idle", &LINGERS.to_string(), "--clouds"]).arg(clouds);
    if let Some(instances) = instances {
        command.args(["--instances", &instances.to_string()]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log).map_err(failed)?);
    let mut child = command.current_dir(folder).spawn().map_err(failed)?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line).map_err(failed)?;
    }
    if line.starts_with("Serving ") {
        return Ok(());
    }
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    let failure = Failure::new(FailureKind::Bug, "The simulated cloud ended before it served");
    Err(said.lines().fold(failure, |failure, line| failure.cause(line.trim())))
}

/// Surroundings in which there is only the simulated cloud.
fn inside(around: &Surroundings, folder: &Path, clouds: &Path) -> Surroundings {
    let mut inside = around.clone();
    inside.sources.variables.retain(|name, _| !name.starts_with("OS_"));
    let file = clouds.to_string_lossy().into_owned();
    inside.sources.variables.insert("OS_CLIENT_CONFIG_FILE".to_owned(), file);
    inside.sources.home = None;
    folder.clone_into(&mut inside.sources.cwd);
    folder.clone_into(&mut inside.sources.system);
    folder.clone_into(&mut inside.paths.state);
    inside.paths.cache = folder.join("cache");
    inside
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(FailureKind::Usage, format!("{} cannot be used for the demo", path.display())).cause(error.to_string())
}
