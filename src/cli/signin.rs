//! From the command line to a cloud that we are signed in to.

use secrecy::SecretString;

use crate::base::clock::Clock;
use crate::base::failure::Failure;
use crate::cli::args::Options;
use crate::cli::password;
use crate::cli::progress::Progress;
use crate::config::Settings;
use crate::openstack::clouds::Clouds;
use crate::openstack::{Cloud, CloudConfig, ConnectError, ConnectOptions};

/// A session, and whether somebody had to type for it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The cloud.
    pub cloud: Cloud,
    /// A password was typed: nobody else can sign in so.
    pub typed: bool,
}

impl SignedIn {
    /// What a worker needs that it cannot get by itself: our token, where somebody had to type for it or it is kept
    /// nowhere.
    pub fn grant(&self, settings: &Settings) -> Option<SecretString> {
        (self.typed || !settings.token_cache).then(|| self.cloud.grant())
    }
}

/// Signs in to the cloud that was chosen. A missing password is asked for once, on the terminal.
pub async fn connect(
    clouds: &Clouds,
    options: &Options,
    settings: &Settings,
    clock: &Clock,
    progress: &mut Progress,
) -> Result<Cloud, Failure> {
    sign_in(clouds, options, settings, clock, progress).await.map(|signed| signed.cloud)
}

/// The same, and whether a password was typed.
pub async fn sign_in(
    clouds: &Clouds,
    options: &Options,
    settings: &Settings,
    clock: &Clock,
    progress: &mut Progress,
) -> Result<SignedIn, Failure> {
    let config = clouds.get(options.cloud.as_deref())?;
    progress.tell(&format!("Signing in to {}…", config.name));
    match Cloud::connect(config, how(options, settings, clock)).await {
        Ok(cloud) => Ok(SignedIn { cloud, typed: false }),
        Err(ConnectError::PasswordWanted { whom }) => {
            progress.clear();
            let password = password::ask(&whom)?;
            let how = ConnectOptions { password: Some(password), ..how(options, settings, clock) };
            again(config, how).await.map(|cloud| SignedIn { cloud, typed: true })
        }
        Err(ConnectError::Failed(failure)) => Err(*failure),
    }
}

async fn again(config: &CloudConfig, how: ConnectOptions) -> Result<Cloud, Failure> {
    match Cloud::connect(config, how).await {
        Ok(cloud) => Ok(cloud),
        Err(ConnectError::PasswordWanted { whom }) => Err(Failure::new(
            crate::base::failure::FailureKind::Auth,
            format!("The cloud still wants a password for {whom}"),
        )),
        Err(ConnectError::Failed(failure)) => Err(*failure),
    }
}

fn how(options: &Options, settings: &Settings, clock: &Clock) -> ConnectOptions {
    ConnectOptions {
        token_cache: settings.token_cache.then(|| settings.cache_dir.join("tokens")),
        region: options.region.clone(),
        project: options.project.clone(),
        clock: clock.clone(),
        ..ConnectOptions::default()
    }
}
