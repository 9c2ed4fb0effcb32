//! Signing in: one file per method, so that another method touches one file and its line in [`Method`].
//!
//! A method writes the `identity` part of keystone's request and says whether a scope may come with it. [`keeper`]
//! holds the token for everybody and renews it; [`cache`] keeps it between runs. Deliberately absent: methods that
//! need a browser, and exchanging a token for a newer one (keystone keeps the old expiry).

pub mod application_credential;
pub(crate) mod cache;
pub(crate) mod grant;
pub(crate) mod keeper;
pub mod password;
pub mod scope;
pub(crate) mod sign_in;
pub mod token;

use secrecy::SecretString;
use serde_json::Value;

pub use scope::{DomainRef, ProjectRef, Scope};

/// How a user proves who they are.
#[derive(Clone, Debug)]
pub enum Method {
    /// Name and password.
    Password(password::Password),
    /// A token from elsewhere.
    Token(token::Token),
    /// An application credential.
    ApplicationCredential(application_credential::ApplicationCredential),
}

/// What every method tells.
pub(crate) trait SignIn {
    /// The `identity` part of the request. It holds the secret.
    fn identity(&self) -> Result<Value, Wanting>;
    /// Whether keystone takes a scope beside it.
    fn takes_scope(&self) -> bool;
    /// Whether signing in again brings a token that lives longer.
    fn renews(&self) -> bool;
    /// Who and how, without secrets: part of the cache's key, and of the prompt.
    fn whom(&self) -> String;
}

/// The method needs a password that it does not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanting;

impl Method {
    pub(crate) fn sign_in(&self) -> &dyn SignIn {
        match self {
            Self::Password(method) => method,
            Self::Token(method) => method,
            Self::ApplicationCredential(method) => method,
        }
    }

    /// Whether it signs in again and again with what it has, and nobody at hand.
    pub(crate) fn renews_alone(&self) -> bool {
        let sign_in = self.sign_in();
        sign_in.renews() && sign_in.identity().is_ok()
    }

    /// The same, with the password that the user has typed, where the method has one.
    pub(crate) fn with_password(mut self, typed: Option<&SecretString>) -> Self {
        if let (Self::Password(method), Some(typed)) = (&mut self, typed) {
            method.password = Some(typed.clone());
        }
        self
    }
}
