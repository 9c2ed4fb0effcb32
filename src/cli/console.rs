//! Opens the console on what the command line and the settings say.

use std::process::ExitCode;

use crate::base::failure::Failure;
use crate::cli::args::Options;
use crate::cli::demo;
use crate::cli::surroundings::Surroundings;
use crate::console::app::model::Scope;
use crate::console::run::{Start, console};
use crate::openstack::Clouds;

/// Runs the console until it is left. A cloud that does not exist is told here, before the screen is taken.
pub fn open(options: &Options, around: &Surroundings) -> Result<ExitCode, Failure> {
    let mut loaded = around.settings(options)?;
    demo::measure_the_past(&mut loaded.settings.metrics, None, around);
    let clouds = around.clouds();
    let cloud = first(&clouds, options)?;
    // What a demo changes is in the demo's own journal.
    let own = options.demo.is_some().then(|| around.paths.state.clone());
    console(Start {
        cwd: around.sources.cwd.clone(),
        state: own.unwrap_or_else(|| loaded.settings.state_dir.clone()),
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
        clock: around.clock.clone(),
        pace: around.pace,
        banner: options.demo.as_deref().map(|scenario| demo::banner(scenario, around.pace)),
    })
}

/// Where to go first; empty where the user is to choose from several.
fn first(clouds: &Clouds, options: &Options) -> Result<String, Failure> {
    let open = options.cloud.is_none() && clouds.default.is_none() && clouds.entries.len() > 1;
    if open { Ok(String::new()) } else { Ok(clouds.get(options.cloud.as_deref())?.name.clone()) }
}
