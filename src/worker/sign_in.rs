//! How a worker signs in: by name, from the same files as everybody; with a grant where a person had to type.
//!
//! It signs in when it first looks, not when it begins: so a cloud that is silent, or a password that is wanted, is
//! something that the operation can wait for, and pause for.

use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::base::clock::Clock;
use crate::base::failure::{Failure, FailureKind};
use crate::openstack::{Cloud, Clouds, ConnectError, ConnectOptions};
use crate::operation::Plan;
use crate::operation::{Outcome, Question, Sight};
use crate::store::Permit;
use crate::worker::eyes::Signed;
use crate::worker::seams;

/// A cloud that is signed in to when it is needed.
pub struct Session {
    clouds: Clouds,
    cloud: String,
    options: ConnectOptions,
    signed: OnceCell<Signed>,
}

impl Session {
    /// For the place of a plan.
    pub fn new(clouds: Clouds, plan: &Plan, tokens: Option<std::path::PathBuf>, grant: Option<SecretString>) -> Self {
        let region = Some(plan.place.region.to_string()).filter(|region| !region.is_empty());
        let options = ConnectOptions {
            token_cache: tokens,
            region,
            project: Some(plan.project.to_string()).filter(|project| !project.is_empty()),
            clock: Clock::system(),
            grant,
            ..ConnectOptions::default()
        };
        Self { clouds, cloud: plan.place.cloud.to_string(), options, signed: OnceCell::new() }
    }

    async fn signed(&self) -> Result<&Signed, Failure> {
        self.signed.get_or_try_init(|| self.sign_in()).await
    }

    async fn sign_in(&self) -> Result<Signed, Failure> {
        let config = self.clouds.get(Some(&self.cloud))?;
        match Cloud::connect(config, self.options.clone()).await {
            Ok(cloud) => Ok(Signed::new(cloud)),
            Err(ConnectError::Failed(failure)) => Err(*failure),
            Err(ConnectError::PasswordWanted { whom }) => {
                Err(Failure::new(FailureKind::Auth, format!("A password is wanted for {whom}")))
            }
        }
    }
}

impl seams::Cloud for Session {
    async fn perform(&self, permit: Permit) -> Outcome {
        match self.signed().await {
            Ok(signed) => signed.perform(permit).await,
            Err(failure) => Outcome::Unsent { failure, retry_after: None },
        }
    }

    async fn look(&self, question: &Question) -> Result<Sight, Failure> {
        self.signed().await?.look(question).await
    }
}
