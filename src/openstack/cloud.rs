//! A cloud that we are signed in to.

use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::failure::FailureKind;
use crate::base::id::{ProjectId, UserId};
use crate::openstack::clouds::CloudConfig;
use crate::openstack::error::{CloudError, ConnectError};
use crate::openstack::health::EndpointHealth;
use crate::openstack::options::ConnectOptions;
use crate::openstack::request::{Answer, Read};

/// A cloud that we are signed in to. Cheap to clone: all clones share connections, token and numbers.
#[derive(Clone, Debug)]
pub struct Cloud(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    facts: SessionFacts,
}

/// What signing in told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// Name of the cloud's configuration.
    pub cloud: String,
    /// Keystone's URL.
    pub auth_url: String,
    /// The user's id.
    pub user_id: UserId,
    /// The user's name.
    pub user: String,
    /// The project's id; none for domain, system or unscoped.
    pub project_id: Option<ProjectId>,
    /// The project's name.
    pub project: Option<String>,
    /// The token is for the whole system.
    pub system: bool,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The region in use; empty where the catalog has none.
    pub region: String,
    /// The regions that the catalog has.
    pub regions: Vec<String>,
    /// Certificates are not checked.
    pub insecure: bool,
    /// When the token expires, in the cloud's time.
    pub expires: Option<Timestamp>,
}

impl Cloud {
    /// Signs in, or takes the token that an earlier run has kept.
    pub async fn connect(_config: &CloudConfig, _options: ConnectOptions) -> Result<Cloud, ConnectError> {
        Err(CloudError::new(FailureKind::Unsupported, "Not yet").into())
    }

    /// The one request path: sends a read and returns its answer, which is always a success.
    pub async fn read(&self, _read: Read) -> Result<Answer, CloudError> {
        Err(CloudError::new(FailureKind::Unsupported, "Not yet"))
    }

    /// Who and where we are.
    pub fn session(&self) -> SessionFacts {
        self.0.facts.clone()
    }

    /// Every endpoint of the catalog in our region and interface, and how it has answered us.
    pub fn endpoints(&self) -> Vec<EndpointHealth> {
        Vec::new()
    }
}
