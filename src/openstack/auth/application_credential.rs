//! Sign-in by application credential. Its project is its own: a scope in the request is refused.

use secrecy::SecretString;

use crate::openstack::auth::password::User;

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
