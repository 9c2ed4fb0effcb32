//! Sign-in by a token that somebody else has got.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::openstack::auth::{Scope, SignIn, Wanting};

/// A token.
#[derive(Clone, Debug)]
pub struct Token(pub SecretString);

impl Token {
    /// Tells it from others, and nothing about it.
    fn fingerprint(&self) -> String {
        let hash = Sha256::digest(self.0.expose_secret());
        hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl SignIn for Token {
    fn identity(&self) -> Result<Value, Wanting> {
        Ok(json!({ "methods": ["token"], "token": { "id": self.0.expose_secret() } }))
    }

    fn takes_scope(&self) -> bool {
        true
    }

    /// Keystone keeps the old expiry when a token is exchanged for a token.
    fn renews(&self) -> bool {
        false
    }

    fn whom(&self) -> String {
        "the holder of the token".to_owned()
    }

    /// It does not say whose it is, so what was got for one must not serve for another.
    fn kind(&self) -> String {
        format!("token {}", self.fingerprint())
    }

    fn why_refused(&self, _scope: &Scope) -> &'static str {
        "The token has expired, or is not good for that project"
    }
}
