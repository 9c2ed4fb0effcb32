//! What the client layer says when a call or a sign-in fails.

use std::fmt;

use crate::base::failure::Failure;

/// A failed call. Plain data: class, sentence, endpoint, request id.
pub type CloudError = Failure;

/// Why there is no [`Cloud`](crate::openstack::Cloud).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// The configuration names a user and no password: ask for it, and connect again with it.
    PasswordWanted {
        /// User, domain and cloud, for the prompt.
        whom: String,
    },
    /// It failed.
    Failed(Box<Failure>),
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PasswordWanted { whom } => write!(f, "A password is wanted for {whom}"),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for ConnectError {}
