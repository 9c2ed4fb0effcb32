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

impl Sources {
    /// A variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A path as a user writes it: `~` is home, and what is relative is so to the working folder.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        match (written.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.cwd.join(written),
        }
    }

    /// The usual three folders, in order.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let user = match self.variable("XDG_CONFIG_HOME") {
            Some(folder) => Some(PathBuf::from(folder)),
            None => self.home.as_ref().map(|home| home.join(".config")),
        };
        let user = user.map(|folder| folder.join("openstack"));
        [Some(self.cwd.clone()), user, Some(self.system.clone())].into_iter().flatten().collect()
    }
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
