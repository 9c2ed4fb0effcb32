//! Sign-in by a token that somebody else has got.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::openstack::auth::{SignIn, Wanting};

/// A token.
#[derive(Clone, Debug)]
pub struct Token(pub SecretString);

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
}
