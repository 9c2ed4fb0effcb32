//! What was asked for and has not come, and when it will be asked for again: the reason why data grow old.

use crate::base::clock::Timestamp;

/// What is being waited for. Empty when all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Awaited {
    /// Who has not answered for longer than is usual, the longest first.
    pub silences: Vec<Silence>,
    /// When a source that failed is asked again, wall time.
    pub next_try: Option<Timestamp>,
}

/// A request without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Who was asked.
    pub service: String,
    /// For what: `GET compute /servers/detail`.
    pub place: String,
    /// Since when, wall time.
    pub since: Timestamp,
}
