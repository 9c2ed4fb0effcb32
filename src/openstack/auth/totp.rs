//! Sign-in by the passcode of a token generator (TOTP, RFC 6238).

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::openstack::auth::password::User;
use crate::openstack::auth::scope::{DomainRef, Scope};
use crate::openstack::auth::{SignIn, Wanting};

/// A user and, once known, what the generator shows.
#[derive(Clone, Debug)]
pub struct Totp {
    /// Who.
    pub user: User,
    /// `None`: ask for it.
    pub passcode: Option<SecretString>,
}

impl SignIn for Totp {
    fn identity(&self) -> Result<Value, Wanting> {
        let passcode = self.passcode.as_ref().ok_or(Wanting)?;
        let mut user = self.user.json();
        user["passcode"] = Value::from(passcode.expose_secret());
        Ok(json!({ "methods": ["totp"], "totp": { "user": user } }))
    }

    fn takes_scope(&self) -> bool {
        true
    }

    /// A passcode lives for half a minute: the next sign-in wants another.
    fn renews(&self) -> bool {
        false
    }

    fn whom(&self) -> String {
        format!("{} (TOTP passcode)", self.user.words())
    }

    fn kind(&self) -> String {
        "totp".to_owned()
    }

    fn why_refused(&self, _scope: &Scope) -> &'static str {
        "The passcode is wrong or older than half a minute, or the user has no role in that project or domain"
    }

    fn domain(&self) -> DomainRef {
        self.user.domain()
    }

    fn typed(&mut self, secret: &SecretString) {
        self.passcode = Some(secret.clone());
    }
}
