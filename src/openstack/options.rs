//! What a connection is given beside the cloud's own configuration.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::base::clock::Clock;

/// How to connect. [`Default`] suits everybody; tests choose clock, seed and limits.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// The password that the user has typed; goes before the configured one.
    pub password: Option<SecretString>,
    /// The folder that keeps tokens and discovered versions between runs; `None` keeps nothing.
    pub token_cache: Option<PathBuf>,
    /// A grant that another process of the same user has signed in for: [`Cloud::grant`](crate::openstack::Cloud::grant).
    pub grant: Option<SecretString>,
    /// Signs in even where a token is kept: that one may be no good.
    pub anew: bool,
    /// Another region than the configured one.
    pub region: Option<String>,
    /// Another project than the configured one, by id or name.
    pub project: Option<String>,
    /// Tells when a token is to be renewed.
    pub clock: Clock,
    /// Of the jitter and of our request ids. Two processes want two seeds.
    pub seed: u64,
    /// Deadlines and bounds.
    pub limits: Limits,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            password: None,
            token_cache: None,
            grant: None,
            anew: false,
            region: None,
            project: None,
            clock: Clock::system(),
            seed: fastrand::u64(..),
            limits: Limits::default(),
        }
    }
}

/// Deadlines and bounds of requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// For the connection.
    pub connect: Duration,
    /// Between two pieces of an answer, and before the first.
    pub read: Duration,
    /// For one call with all its attempts and pauses.
    pub total: Duration,
    /// Requests at once to one endpoint.
    pub concurrency: usize,
    /// Bytes of one answer, decompressed.
    pub body: usize,
    /// Attempts of one call.
    pub attempts: u32,
    /// The first pause between attempts is at most this; it doubles.
    pub pause: Duration,
    /// No pause is longer, whatever `Retry-After` says: beyond, the call fails and tells.
    pub longest_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(20),
            total: Duration::from_secs(60),
            concurrency: 4,
            body: 64 << 20,
            attempts: 3,
            pause: Duration::from_millis(300),
            longest_pause: Duration::from_secs(20),
        }
    }
}
