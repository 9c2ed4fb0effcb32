//! Signing in: one file per method. Another one is a file, its lines in [`Method`], and how `clouds::credentials` reads it.
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
pub mod totp;

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
    /// Name and passcode.
    Totp(totp::Totp),
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
    /// What of it tells tokens apart in the cache, beside [`SignIn::whom`].
    fn kind(&self) -> String;
    /// What may be wrong when keystone refuses it for that scope.
    fn why_refused(&self, scope: &Scope) -> &'static str;
    /// Where a project is looked for by name, if the configuration does not say: the user's own domain.
    fn domain(&self) -> DomainRef {
        DomainRef::Id("default".to_owned())
    }
    /// Takes the secret that the user has typed, where the method has one to type.
    fn typed(&mut self, _secret: &SecretString) {}
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
            Self::Totp(method) => method,
        }
    }

    fn sign_in_mut(&mut self) -> &mut dyn SignIn {
        match self {
            Self::Password(method) => method,
            Self::Token(method) => method,
            Self::ApplicationCredential(method) => method,
            Self::Totp(method) => method,
        }
    }

    /// Whether it signs in again and again with what it has, and nobody at hand.
    pub(crate) fn renews_alone(&self) -> bool {
        let sign_in = self.sign_in();
        sign_in.renews() && sign_in.identity().is_ok()
    }

    /// The same, with the password or passcode that the user has typed, where the method has one.
    pub(crate) fn with_password(mut self, typed: Option<&SecretString>) -> Self {
        if let Some(typed) = typed {
            self.sign_in_mut().typed(typed);
        }
        self
    }
}
