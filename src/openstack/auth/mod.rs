//! Signing in: one file per method, so that another method touches one file and one line here.
//!
//! A [`Method`] writes the `identity` part of keystone's request and says whether a scope may come with it.
//! Deliberately absent: methods that need a browser.

pub mod application_credential;
pub mod password;
pub mod scope;
pub mod token;

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
