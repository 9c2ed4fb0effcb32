//! Where we look, and as whom.

use serde::{Deserialize, Serialize};

use crate::base::clock::Pace;
use crate::base::failure::Failure;
use crate::base::id::ProjectId;
use crate::operation::Rails;

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
    /// The name of the project's domain.
    pub project_domain: Option<String>,
    /// The project's id: where an operation's worker signs in.
    pub project_id: Option<ProjectId>,
    /// Name of the user.
    pub user: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Certificates are not checked: shown all the time.
    pub insecure: bool,
    /// How the cloud's clock follows from ours.
    pub pace: Pace,
}

/// A cloud that one can go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudChoice {
    /// Its name in `clouds.yaml`.
    pub name: String,
    /// Why it cannot be used: its entry is broken.
    pub broken: Option<Failure>,
    /// Marked protected in the settings: the header says so.
    pub protected: bool,
    /// Nothing may be changed there.
    pub read_only: bool,
    /// Every operation wants a ticket there.
    pub ticket: bool,
    /// The guard rails of its changes.
    pub rails: Rails,
    /// Its own accent, as the theme names colours.
    pub accent: Option<String>,
}

/// How far signing in has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SignIn {
    /// Under way.
    #[default]
    Connecting,
    /// A password is wanted, for whom.
    PasswordWanted(String),
    /// Done.
    Done,
    /// It failed; what was known before stays on the screen.
    Failed(Failure),
}
