//! Holds the token for everybody, and renews it once for all who wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::base::clock::{Clock, Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::openstack::auth::cache::{self, Cache};
use crate::openstack::auth::grant::Grant;
use crate::openstack::auth::sign_in::sign_in;
use crate::openstack::clouds::CloudConfig;
use crate::openstack::error::ConnectError;
use crate::openstack::health::Meter;
use crate::openstack::http::Http;
use crate::openstack::options::ConnectOptions;

/// While the old token still lives, a renewal that failed is not tried again before this.
const PATIENCE: Duration = Duration::from_secs(15);

/// Keeps one cloud's token fresh.
#[derive(Debug)]
pub(crate) struct Keeper {
    config: CloudConfig,
    clock: Clock,
    cache: Cache,
    key: String,
    meter: Arc<Meter>,
    current: Mutex<Arc<Grant>>,
    /// Held while signing in: one does it, the others wait and take what it got.
    signing_in: tokio::sync::Mutex<LastTry>,
}

#[derive(Debug, Default)]
struct LastTry {
    failed: Option<(Timestamp, Failure)>,
}

impl Keeper {
    /// Takes the token that was handed over or kept, or signs in.
    pub(crate) async fn start(
        http: &Http,
        config: CloudConfig,
        cache: Cache,
        meter: Arc<Meter>,
        options: &ConnectOptions,
    ) -> Result<Self, ConnectError> {
        let key = cache::key(&config);
        let clock = options.clock.clone();
        let now = clock.now();
        // Whoever hands one over has just used it; the kept one may be of yesterday.
        let given = options.grant.as_ref().and_then(Grant::taken_over);
        let known = if options.anew { [None, None] } else { [given, cache.grant(&key)] };
        let known = known.into_iter().flatten().find(|grant| !grant.due(now) && grant.received <= now);
        let grant = match known {
            Some(grant) => grant,
            None => {
                let grant = sign_in(http, &config, &meter, now, 0).await?;
                cache.keep_grant(&key, &grant);
                grant
            }
        };
        let current = Mutex::new(Arc::new(grant));
        Ok(Self { config, clock, cache, key, meter, current, signing_in: tokio::sync::Mutex::default() })
    }

    /// The token at hand, whether good or not.
    pub(crate) fn current(&self) -> Arc<Grant> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A token to send, renewed if that is due.
    pub(crate) async fn token(&self, http: &Http) -> Result<Arc<Grant>, Failure> {
        let current = self.current();
        let now = self.clock.now();
        if !current.due(now) || !self.config.method.sign_in().renews() && !current.over(now) {
            return Ok(current);
        }
        match self.renew(http, current.generation).await {
            Err(failure) if !current.over(self.clock.now()) => {
                tracing::warn!(target: "stackdeck::openstack", failure = %failure.message, "the token could not be renewed yet");
                Ok(current)
            }
            renewed => renewed,
        }
    }

    /// A token that is not of this generation: another waiter's, or one from a new sign-in.
    pub(crate) async fn renew(&self, http: &Http, stale: u64) -> Result<Arc<Grant>, Failure> {
        let mut last = self.signing_in.lock().await;
        let current = self.current();
        if current.generation != stale {
            return Ok(current);
        }
        let now = self.clock.now();
        if let Some((at, failure)) = &last.failed
            && since(*at, now) < PATIENCE
        {
            return Err(failure.clone());
        }
        match self.sign_in(http, now, stale + 1).await {
            Ok(grant) => {
                last.failed = None;
                self.cache.keep_grant(&self.key, &grant);
                let grant = Arc::new(grant);
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&grant);
                Ok(grant)
            }
            Err(failure) => {
                if failure.kind == FailureKind::Auth {
                    self.cache.forget_grant(&self.key);
                }
                last.failed = Some((now, failure.clone()));
                Err(failure)
            }
        }
    }

    async fn sign_in(&self, http: &Http, now: Timestamp, generation: u64) -> Result<Grant, Failure> {
        match sign_in(http, &self.config, &self.meter, now, generation).await {
            Ok(grant) => Ok(grant),
            Err(ConnectError::Failed(failure)) => Err(*failure),
            Err(ConnectError::PasswordWanted { whom }) => {
                let failure = Failure::new(FailureKind::Auth, "The token is no longer good, and no password is known");
                Err(failure.cause(format!("A password is wanted for {whom}")).hint("Sign in again"))
            }
        }
    }
}
