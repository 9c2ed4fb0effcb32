//! Why the cloud says no, before any service puts it in its own shape.

/// A refusal: the kind decides the status, the sentence is OpenStack's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not there, or not for this caller.
    NotFound(String),
    /// Its state forbids it now.
    Conflict(String),
    /// The request makes no sense.
    Bad(String),
    /// A policy or a quota forbids it.
    Forbidden(String),
}

impl Refusal {
    /// The sentence.
    pub fn message(&self) -> &str {
        match self {
            Self::NotFound(text) | Self::Conflict(text) | Self::Bad(text) | Self::Forbidden(text) => text,
        }
    }
}
