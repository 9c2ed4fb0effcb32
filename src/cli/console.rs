//! Opens the console on what the command line and the settings say.

use std::process::ExitCode;

use crate::base::clock::Pace;
use crate::base::failure::Failure;
use crate::cli::args::Options;
use crate::cli::surroundings::Surroundings;
use crate::console::app::model::Scope;
use crate::console::run::{Start, console};

/// Runs the console until it is left. A cloud that does not exist is told here, before the screen is taken.
pub fn open(options: &Options, around: &Surroundings, pace: Pace) -> Result<ExitCode, Failure> {
    let loaded = around.settings(options)?;
    let clouds = around.clouds();
    let cloud = clouds.get(options.cloud.as_deref())?.name.clone();
    console(Start {
        scope: Scope {
            cloud,
            region: options.region.clone(),
            project: options.project.clone(),
            all_projects: options.all_projects,
        },
        clouds,
        settings: loaded.settings,
        warnings: loaded.warnings,
        environment: around.sources.variables.clone(),
        themes: Some(around.paths.config.join("themes")),
        log_file: None,
        clock: around.clock.clone(),
        pace,
        banner: options.demo.as_ref().map(|scenario| format!("demo: {scenario}")),
    })
}
