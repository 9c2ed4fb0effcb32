//! Sign-in by name and password.

use secrecy::SecretString;

use crate::openstack::auth::scope::DomainRef;

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
