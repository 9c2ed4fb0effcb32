//! From the command line to a cloud that we are signed in to.

use crate::base::clock::Clock;
use crate::base::failure::Failure;
use crate::cli::args::Options;
use crate::cli::password;
use crate::cli::progress::Progress;
use crate::config::Settings;
use crate::openstack::clouds::Clouds;
use crate::openstack::{Cloud, CloudConfig, ConnectError, ConnectOptions};

/// Signs in to the cloud that was chosen. A missing password is asked for once, on the terminal.
pub async fn connect(
    clouds: &Clouds,
    options: &Options,
    settings: &Settings,
    clock: &Clock,
    progress: &mut Progress,
) -> Result<Cloud, Failure> {
    by(clouds, options, how(options, settings, clock), progress).await
}

/// The same, even where a token is kept: that one may be no good.
pub async fn connect_anew(
    clouds: &Clouds,
    options: &Options,
    settings: &Settings,
    clock: &Clock,
    progress: &mut Progress,
) -> Result<Cloud, Failure> {
    by(clouds, options, ConnectOptions { anew: true, ..how(options, settings, clock) }, progress).await
}

async fn by(
    clouds: &Clouds,
    options: &Options,
    how: ConnectOptions,
    progress: &mut Progress,
) -> Result<Cloud, Failure> {
    let config = clouds.get(options.cloud.as_deref())?;
    progress.tell(&format!("Signing in to {}…", config.name));
    match Cloud::connect(config, how.clone()).await {
        Ok(cloud) => Ok(cloud),
        Err(ConnectError::PasswordWanted { whom }) => {
            progress.clear();
            let password = password::ask(&whom)?;
            again(config, ConnectOptions { password: Some(password), ..how }).await
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
