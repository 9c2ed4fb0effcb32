//! Sign-in by application credential. Its project is its own: a scope in the request is refused.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::openstack::auth::password::User;
use crate::openstack::auth::{Scope, SignIn, Wanting};

/// An application credential.
#[derive(Clone, Debug)]
pub struct ApplicationCredential {
    /// Which.
    pub which: Which,
    /// Its secret.
    pub secret: SecretString,
}

/// By id, or by name and the user whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// By id.
    Id(String),
    /// By name and user.
    Name(String, User),
}

impl SignIn for ApplicationCredential {
    fn identity(&self) -> Result<Value, Wanting> {
        let mut credential = match &self.which {
            Which::Id(id) => json!({ "id": id }),
            Which::Name(name, user) => json!({ "name": name, "user": user.json() }),
        };
        credential["secret"] = Value::from(self.secret.expose_secret());
        Ok(json!({ "methods": ["application_credential"], "application_credential": credential }))
    }

    fn takes_scope(&self) -> bool {
        false
    }

    fn renews(&self) -> bool {
        true
    }

    fn whom(&self) -> String {
        match &self.which {
            Which::Id(id) => format!("application credential {id}"),
            Which::Name(name, user) => format!("application credential {name} of {}", user.words()),
        }
    }
    fn kind(&self) -> String {
        "application_credential".to_owned()
    }

    fn why_refused(&self, _scope: &Scope) -> &'static str {
        "The id or the secret is wrong, or it has expired"
    }
}
