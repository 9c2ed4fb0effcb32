//! What went wrong, for a person: a kind, a message, its causes and hints, each apart.
//!
//! Rooms have typed errors of their own; at their door these become a [`Failure`], which is plain data: pure rooms can
//! keep it, the console can draw it, the shell can print it. No secret is ever in one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::id::RequestId;

/// What sort of failure it is: decides what is tried next, the hint's tone and the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FailureKind {
    /// Passing: the network, an overloaded or restarting service. Another try may help.
    Retry,
    /// The credentials are wrong, expired or missing.
    Auth,
    /// It does not exist, or not for us.
    NotFound,
    /// The state of the target forbids it now.
    Conflict,
    /// A quota or limit is used up.
    Quota,
    /// This cloud does not have the service, version or feature.
    Unsupported,
    /// The role may not.
    Forbidden,
    /// What the user wrote (a file, a flag, a filter) is not right.
    Usage,
    /// Ours, or the cloud broke its own contract.
    Bug,
}

/// A failure with all that a person needs to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its sort.
    pub kind: FailureKind,
    /// One sentence, no trailing period, no repetition of the causes.
    pub message: String,
    /// From near to far, each a sentence.
    pub causes: Vec<String>,
    /// What helps, each a sentence.
    pub hints: Vec<String>,
    /// Where it happened: `GET compute /servers/detail`.
    pub place: Option<String>,
    /// The request in the cloud's own logs.
    pub request_id: Option<RequestId>,
}

impl Failure {
    /// A failure with a message alone.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new(), place: None, request_id: None }
    }

    /// The same, with one more hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same, with one more cause.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
