//! How a worker signs in: by name, from the same files as everybody; with a grant where a person had to type.
//!
//! It signs in when it first looks, not when it begins: so a cloud that is silent, or a password that is wanted, is
//! something that the operation can wait for, and pause for.

use std::path::PathBuf;

use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::base::clock::{Clock, Pace};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::InstanceId;
use crate::config::metrics::{Balancers, Probes};
use crate::openstack::{Cloud, Clouds, ConnectError, ConnectOptions, SessionFacts};
use crate::operation::preserved::Preserved;
use crate::operation::{Credentials, Outcome, Plan, Question, Sight};
use crate::store::Permit;
use crate::watch::metrics::exporter::tally::Tally;
use crate::watch::metrics::probe::Check;
use crate::worker::eyes::Signed;
use crate::worker::seams;

/// How load and health are measured from here.
pub struct Measured {
    /// How instances themselves are asked.
    pub probes: Probes,
    /// How balancers' exporters are asked.
    pub balancers: Balancers,
}

/// A cloud that is signed in to when it is needed.
pub struct Session {
    clouds: Clouds,
    cloud: String,
    options: ConnectOptions,
    probes: Probes,
    balancers: Balancers,
    signed: OnceCell<Signed>,
}

impl Session {
    /// For the place of a plan; instances themselves are asked by `probes`, balancers' exporters by `balancers`.
    pub fn new(
        clouds: Clouds,
        plan: &Plan,
        tokens: Option<PathBuf>,
        grant: Option<SecretString>,
        Measured { probes, balancers }: Measured,
    ) -> Self {
        let options = ConnectOptions { grant, ..way_to(plan, tokens, Clock::system()) };
        Self { clouds, cloud: plan.place.cloud.to_string(), options, probes, balancers, signed: OnceCell::new() }
    }

    async fn signed(&self) -> Result<&Signed, Failure> {
        self.signed.get_or_try_init(|| self.sign_in()).await
    }

    async fn sign_in(&self) -> Result<Signed, Failure> {
        let config = self.clouds.get(Some(&self.cloud))?;
        match Cloud::connect(config, self.options.clone()).await {
            Ok(cloud) => Ok(Signed::new(cloud, Check::new(&self.probes)?, Tally::new(&self.balancers)?)),
            Err(ConnectError::Failed(failure)) => Err(*failure),
            Err(ConnectError::PasswordWanted { whom }) => {
                Err(Failure::new(FailureKind::Auth, format!("A password is wanted for {whom}")))
            }
        }
    }
}

/// How one signs in where a plan is for.
pub fn way_to(plan: &Plan, tokens: Option<PathBuf>, clock: Clock) -> ConnectOptions {
    let set = |text: String| Some(text).filter(|text| !text.is_empty());
    ConnectOptions {
        token_cache: tokens,
        region: set(plan.place.region.to_string()),
        project: set(plan.project.to_string()),
        clock,
        ..ConnectOptions::default()
    }
}

/// What a worker has that is started here: a configuration that suffices by itself, or our token for as long as that
/// lives.
pub fn credentials(ours: &SessionFacts, pace: Pace) -> Credentials {
    if ours.renews { Credentials::Lasting } else { Credentials::Token(ours.ends(pace)) }
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

    async fn preserve(&self, server: &InstanceId) -> Preserved {
        match self.signed().await {
            Ok(signed) => signed.preserve(server).await,
            Err(failure) => Preserved { missing: vec![failure.message], ..Preserved::default() },
        }
    }
}
