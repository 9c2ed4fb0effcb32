//! Sign-in by name and password.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::openstack::auth::scope::DomainRef;
use crate::openstack::auth::{SignIn, Wanting};

/// A user and, once known, the password.
#[derive(Clone, Debug)]
pub struct Password {
    /// Who.
    pub user: User,
    /// `None`: ask for it.
    pub password: Option<SecretString>,
}

/// A user: by id, or by name within its domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum User {
    /// By id.
    Id(String),
    /// By name and domain.
    Name(String, DomainRef),
}

impl User {
    /// As keystone's requests have it.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Id(id) => json!({ "id": id }),
            Self::Name(name, domain) => json!({ "name": name, "domain": domain.json() }),
        }
    }

    /// For people.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Id(id) => format!("user {id}"),
            Self::Name(name, DomainRef::Id(domain) | DomainRef::Name(domain)) => format!("{name} of domain {domain}"),
        }
    }
}

impl SignIn for Password {
    fn identity(&self) -> Result<Value, Wanting> {
        let password = self.password.as_ref().ok_or(Wanting)?;
        let mut user = self.user.json();
        user["password"] = Value::from(password.expose_secret());
        Ok(json!({ "methods": ["password"], "password": { "user": user } }))
    }

    fn takes_scope(&self) -> bool {
        true
    }

    fn renews(&self) -> bool {
        true
    }

    fn whom(&self) -> String {
        self.user.words()
    }
}
