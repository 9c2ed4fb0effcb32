//! The worker's desk, as this process comes to it.

use crate::cli::surroundings::Surroundings;
use crate::config::Settings;
use crate::worker::launch::this_program;
use crate::worker::{Desk, Launcher, actor};

/// The desk at the state folder of the settings. `cloud_user` is whoever has signed in.
pub fn desk(settings: &Settings, around: &Surroundings, cloud_user: Option<String>) -> Desk {
    let variables = &around.sources.variables;
    Desk {
        state: settings.state_dir.clone(),
        actor: crate::operation::Actor { cloud_user, ..actor(variables) },
        launcher: Launcher {
            program: this_program(),
            state: settings.state_dir.clone(),
            tokens: settings.token_cache.then(|| settings.cache_dir.join("tokens")),
            pace: around.pace,
            config: settings.file.clone(),
            variables: variables.clone(),
            cwd: around.sources.cwd.clone(),
        },
        clock: around.clock.clone(),
        pace: around.pace,
        freezes: settings.operations.freezes.clone(),
    }
}
