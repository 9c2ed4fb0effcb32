//! Where configuration is looked for: environment and paths, as arguments.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The process's surroundings, or a test's.
#[derive(Clone, Default)]
pub struct Sources {
    /// The environment.
    pub variables: BTreeMap<String, String>,
    /// The working folder.
    pub cwd: PathBuf,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// `/etc/openstack`.
    pub system: PathBuf,
}

/// The environment may hold a password: names only.
impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("variables", &self.variables.keys())
            .field("cwd", &self.cwd)
            .field("home", &self.home)
            .field("system", &self.system)
            .finish()
    }
}
