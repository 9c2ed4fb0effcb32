//! What keystone grants: a token, and what its body tells.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::base::clock::{Timestamp, since};

/// Shorter lives are taken for this long: a cloud that hands out dead tokens must not make us sign in all the time.
const SHORTEST: Duration = Duration::from_secs(20);
/// A lifetime that the body does not tell.
const UNKNOWN: Duration = Duration::from_secs(600);
/// Renewal is due when less than this part of the life is left: a fraction, so that no lifetime makes a loop.
const MARGIN: f64 = 0.1;

/// A token in our hands.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) secret: SecretString,
    pub(crate) body: Body,
    /// When we asked for it, by our clock.
    pub(crate) received: Timestamp,
    /// When the answer was there, by our clock.
    pub(crate) answered: Timestamp,
    /// Distinguishes it from those before and after.
    pub(crate) generation: u64,
}

/// Keystone's `token` object. Lenient: whatever is missing is empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    pub(crate) user: User,
    pub(crate) project: Option<Project>,
    pub(crate) domain: Option<Named>,
    pub(crate) system: Option<serde_json::Value>,
    pub(crate) roles: Vec<Named>,
    pub(crate) issued_at: Option<String>,
    pub(crate) expires_at: Option<String>,
    pub(crate) catalog: Vec<Service>,
}

/// Who has signed in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) domain: Option<Named>,
}

/// An id and a name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A project, and the domain that it is in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) domain: Option<Named>,
}

/// One service of the catalog.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Service {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: Option<String>,
    pub(crate) endpoints: Vec<Endpoint>,
}

/// One URL of a service.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Endpoint {
    pub(crate) interface: String,
    pub(crate) region: Option<String>,
    pub(crate) region_id: Option<String>,
    pub(crate) url: String,
}

impl Endpoint {
    pub(crate) fn region(&self) -> &str {
        self.region_id.as_deref().or(self.region.as_deref()).unwrap_or_default()
    }
}

impl Grant {
    /// When the cloud says that it ends.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.body.expires_at.as_deref()?.parse().ok()
    }

    /// When the cloud says that it was issued.
    pub(crate) fn issued(&self) -> Option<Timestamp> {
        self.body.issued_at.as_deref()?.parse().ok()
    }

    /// From issue to expiry, both by the cloud's clock: ours may be wrong.
    fn life(&self) -> Duration {
        match (self.issued(), self.expires()) {
            (Some(issued), Some(expires)) => since(issued, expires).max(SHORTEST),
            _ => UNKNOWN,
        }
    }

    fn age(&self, now: Timestamp) -> Duration {
        since(self.received, now)
    }

    /// Renewal is due.
    pub(crate) fn due(&self, now: Timestamp) -> bool {
        self.age(now) >= self.life().mul_f64(1.0 - MARGIN)
    }

    /// It is over.
    pub(crate) fn over(&self, now: Timestamp) -> bool {
        self.age(now) >= self.life()
    }
}
