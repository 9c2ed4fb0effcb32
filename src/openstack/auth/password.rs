//! Sign-in by name and password.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::openstack::auth::scope::{DomainRef, Scope};
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

    /// Its own domain; of one by id, keystone's first.
    pub(crate) fn domain(&self) -> DomainRef {
        match self {
            Self::Name(_, domain) => domain.clone(),
            Self::Id(_) => DomainRef::Id("default".to_owned()),
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

    fn kind(&self) -> String {
        "password".to_owned()
    }

    fn why_refused(&self, scope: &Scope) -> &'static str {
        match scope {
            Scope::Unscoped => "The password or the user's domain is wrong",
            _ => "The password is wrong, or the user has no role in that project or domain",
        }
    }

    fn domain(&self) -> DomainRef {
        self.user.domain()
    }

    fn typed(&mut self, secret: &SecretString) {
        self.password = Some(secret.clone());
    }
}
