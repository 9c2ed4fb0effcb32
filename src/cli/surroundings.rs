//! What the process finds around it: the only place of this room that reads environment and folders.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::base::clock::{Clock, Pace};
use crate::base::failure::{Failure, FailureKind};
use crate::cli::args::Options;
use crate::config::{self, Flags, Loaded, Paths};
use crate::openstack::clouds;

/// Environment, folders and clock of this process.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The environment, and where clouds are configured.
    pub sources: clouds::Sources,
    /// Stackdeck's own folders.
    pub paths: Paths,
    /// What time it is.
    pub clock: Clock,
    /// What time it is in the cloud; a demo's runs faster.
    pub pace: Pace,
    /// Which demo we are in; `None` where the clouds are real.
    pub demo: Option<Inside>,
}

/// What there is to know of a demo from inside.
#[derive(Clone, Debug)]
pub struct Inside {
    /// The flags that lead into it.
    pub flags: String,
    /// Where its Prometheus is: what comes before `/api/v1`.
    pub prometheus: String,
}

impl Surroundings {
    /// Of this process. A variable that is not UTF-8 is nobody's setting.
    pub fn of_process() -> Result<Self, Failure> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let cwd = std::env::current_dir().map_err(|error| {
            Failure::new(FailureKind::Usage, "The working folder cannot be told").cause(error.to_string())
        })?;
        let home = variables.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let sources = clouds::Sources { variables, cwd, home, system: PathBuf::from("/etc/openstack") };
        Ok(Self { sources, paths: Paths::of_user()?, clock: Clock::system(), pace: Pace::REAL, demo: None })
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.sources.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Stackdeck's own settings, with what the command line says.
    pub fn settings(&self, options: &Options) -> Result<Loaded, Failure> {
        let mut loaded = config::load(&flags(options), &self.sources.variables, &self.paths)?;
        if self.demo.is_some() {
            // Nothing of a demo is kept beside what is real, whatever is configured for that.
            loaded.settings.state_dir.clone_from(&self.paths.state);
            loaded.settings.cache_dir.clone_from(&self.paths.cache);
        }
        Ok(loaded)
    }

    /// This program with the flags that lead to the same operations, for whoever is told what to type next.
    pub fn invocation(&self) -> String {
        self.demo.as_ref().map_or_else(|| "stackdeck".to_owned(), |demo| format!("stackdeck {}", demo.flags))
    }

    /// The clouds that are configured.
    pub fn clouds(&self) -> clouds::Clouds {
        clouds::load(&self.sources)
    }
}

fn flags(options: &Options) -> Flags {
    use clap::ValueEnum as _;
    Flags {
        config: options.config.clone(),
        theme: options.theme.clone(),
        color: options.color.and_then(|colour| Some(colour.to_possible_value()?.get_name().to_owned())),
        log_level: options.log_level.clone(),
        log_file: options.log_file.clone(),
        read_only: options.read_only,
        no_token_cache: options.no_token_cache,
    }
}
