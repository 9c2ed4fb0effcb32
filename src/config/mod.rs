//! Stackdeck's own settings: built in, a file, the environment, flags; typed, each with its origin.
//!
//! [`load`] lays the four over one another. One table ([`options`]) knows every option: its key, how its value is read,
//! its variable `STACKDECK_…`. A wrong value costs that option alone, and is told with file, line and key; where it
//! concerns safety (`read_only`, `protected`) the safe side is taken.
//!
//! Deliberately absent: where clouds are and how to sign in (`clouds.yaml`, read by `openstack`), and whether a command
//! or column exists (the console's tables know).

pub mod alarm;
mod freeze;
mod health;
pub mod keys;
mod measured;
pub mod metrics;
pub mod options;
mod rows;
mod sections;
pub mod settings;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::base::failure::{Failure, FailureKind};
pub use keys::Binding;
pub use settings::{CloudSettings, ColourMode, Origin, Settings, Sort, ViewSettings};

/// The configuration as shipped: every option with its default and a sentence.
pub const DEFAULT: &str = include_str!("../../config/default.toml");
/// The key bindings' file as shipped: an example, all commented out.
pub const KEYS: &str = include_str!("../../config/keys.toml");

/// What the command line says about settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--config`: another file than the usual one; it must exist.
    pub config: Option<PathBuf>,
    /// `--theme`.
    pub theme: Option<String>,
    /// `--color`.
    pub color: Option<String>,
    /// `--log-level`.
    pub log_level: Option<String>,
    /// `--log-file`.
    pub log_file: Option<String>,
    /// `--read-only`.
    pub read_only: bool,
    /// `--no-token-cache`.
    pub no_token_cache: bool,
}

impl Flags {
    fn given(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        let text = |flag, key, value: &Option<String>| value.clone().map(|value| (flag, key, value));
        let flag = |flag, key, given: bool, value: &str| given.then(|| (flag, key, value.to_owned()));
        [
            text("--theme", "theme", &self.theme),
            text("--color", "color", &self.color),
            text("--log-level", "log_level", &self.log_level),
            text("--log-file", "log_file", &self.log_file),
            flag("--read-only", "read_only", self.read_only, "true"),
            flag("--no-token-cache", "token_cache", self.no_token_cache, "false"),
        ]
        .into_iter()
        .flatten()
    }
}

/// The folders of this user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// Where `config.toml` and `keys.toml` are looked for.
    pub config: PathBuf,
    /// Where state is kept, unless an option says otherwise.
    pub state: PathBuf,
    /// Where what may be deleted at any time is kept, unless an option says otherwise.
    pub cache: PathBuf,
}

impl Paths {
    /// The XDG folders of this user.
    pub fn of_user() -> Result<Self, Failure> {
        use etcetera::base_strategy::{BaseStrategy, Xdg};
        let xdg = Xdg::new().map_err(|error| {
            Failure::new(FailureKind::Usage, "there is no home folder to look for the configuration in")
                .cause(error.to_string())
                .hint("set HOME, or XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_CACHE_HOME")
        })?;
        let state = xdg.state_dir().unwrap_or_else(|| xdg.data_dir());
        Ok(Self {
            config: xdg.config_dir().join("stackdeck"),
            state: state.join("stackdeck"),
            cache: xdg.cache_dir().join("stackdeck"),
        })
    }
}

/// Settings, and what was wrong on the way to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// What holds.
    pub settings: Settings,
    /// What was not taken, each with its place and the nearest right answer.
    pub warnings: Vec<Failure>,
}

/// Reads the settings. Fails only when the file that was asked for by name cannot be read; every other fault is a
/// warning beside settings that hold.
pub fn load(flags: &Flags, environment: &BTreeMap<String, String>, paths: &Paths) -> Result<Loaded, Failure> {
    let mut loaded = Loaded::default();
    loaded.settings.state_dir.clone_from(&paths.state);
    loaded.settings.cache_dir.clone_from(&paths.cache);
    let named = flags.config.clone().or_else(|| environment.get("STACKDECK_CONFIG").map(PathBuf::from));
    let file = named.clone().unwrap_or_else(|| paths.config.join("config.toml"));
    if let Some(text) = read(&file, named.is_some())? {
        rows::apply(&text, &file, &mut loaded);
        loaded.settings.file = Some(file);
    }
    apply_environment(environment, &mut loaded);
    for (flag, key, value) in flags.given() {
        options::apply_text(key, &value, &Origin::Flag(flag), &mut loaded);
    }
    load_keys(paths, &mut loaded);
    Ok(loaded)
}

fn apply_environment(environment: &BTreeMap<String, String>, loaded: &mut Loaded) {
    for (variable, value) in environment.range("STACKDECK_".to_owned()..) {
        let Some(name) = variable.strip_prefix("STACKDECK_") else { break };
        if name == "CONFIG" {
            continue;
        }
        match options::by_variable(variable) {
            Some(key) => options::apply_text(key, value, &Origin::Environment(variable.clone()), loaded),
            None => loaded.warnings.push(options::unknown_variable(variable)),
        }
    }
}

/// The bindings. A file that an option names and that is not there is told: the built-in keys hold.
fn load_keys(paths: &Paths, loaded: &mut Loaded) {
    let named = loaded.settings.keys.clone();
    let file = named.clone().unwrap_or_else(|| paths.config.join("keys.toml"));
    match read(&file, named.is_some()) {
        Ok(None) => {}
        Ok(Some(text)) => {
            let (bindings, warnings) = keys::parse(&text, &file);
            loaded.settings.bindings = bindings;
            loaded.warnings.extend(warnings);
        }
        Err(mut failure) => {
            failure.place = Some(loaded.settings.origin("keys").to_string());
            loaded.warnings.push(failure.hint("the built-in keys hold"));
        }
    }
}

/// The file's text; `None` for one that is not there and need not be.
fn read(file: &Path, must: bool) -> Result<Option<String>, Failure> {
    let failure = |error: &std::io::Error| {
        Failure::new(FailureKind::Usage, format!("{} cannot be read", file.display())).cause(error.to_string())
    };
    match std::fs::read(file) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}

/// A fault of what the user wrote, with its place.
pub(crate) fn fault(file: &Path, line: usize, message: impl Into<String>) -> Failure {
    let mut failure = Failure::new(FailureKind::Usage, message);
    failure.place = Some(format!("{}:{line}", file.display()));
    failure
}

/// The line of a byte, from one.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|&&byte| byte == b'\n').count() + 1
}

/// In the order of their lines.
pub(crate) fn sort(warnings: &mut [Failure]) {
    warnings.sort_by_key(|warning| {
        let line = warning.place.as_ref().and_then(|place| place.rsplit_once(':')?.1.parse::<usize>().ok());
        line.unwrap_or(0)
    });
}
