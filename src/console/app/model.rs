//! The console's state. Only `update` changes it; `view` draws it from a shared reference.

use serde::{Deserialize, Serialize};

use crate::base::clock::Pace;

/// Where we look: a cloud, region, project and breadth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Name in `clouds.yaml`, or `envvars`.
    pub cloud: String,
    /// Another region than the cloud's own.
    pub region: Option<String>,
    /// Another project than the cloud's own, by id or name.
    pub project: Option<String>,
    /// All projects, where the role may.
    pub all_projects: bool,
}

/// What signing in told.
#[derive(Clone, Debug)]
pub struct Session {
    /// Where we are.
    pub scope: Scope,
    /// The region in use.
    pub region: String,
    /// The regions that the catalog has.
    pub regions: Vec<String>,
    /// Name of the project; `None` for system, domain or unscoped.
    pub project: Option<String>,
    /// Name of the user.
    pub user: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Certificates are not checked: shown all the time.
    pub insecure: bool,
    /// How the cloud's clock follows from ours.
    pub pace: Pace,
}
