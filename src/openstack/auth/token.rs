//! Sign-in by a token that somebody else has got.

use secrecy::SecretString;

/// A token.
#[derive(Clone, Debug)]
pub struct Token(pub SecretString);
