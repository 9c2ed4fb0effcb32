//! What befalls one call, by name: for the loops that try each of them at each step.

use std::time::Duration;

use stackdeck::base::failure::FailureKind;
use stackdeck::operation::change::Refusal;

/// A fate, and whose.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// The step whose call meets it.
    pub step: usize,
    /// What befalls it.
    pub fate: Fate,
    /// Whether it befalls every try, not only the first.
    pub always: bool,
}

/// What befalls a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The cloud refuses it.
    Refused(Refusal),
    /// It is not sent.
    Unsent,
    /// It is executed, and its answer is lost.
    AnswerLost,
    /// It never arrives, and nobody knows.
    CallLost,
    /// It arrives when its answer was given up.
    Late,
    /// Something on the way sends it twice.
    Doubled,
    /// The token expires before it.
    Expires,
    /// The cloud does not answer for so long, after it.
    Silence(Duration),
    /// It is accepted, and ends in ERROR.
    Dooms,
    /// It is accepted, and never ends.
    NeverEnds,
    /// It takes long, and in the middle the instance shows ERROR for so long.
    Flickers(Duration),
    /// It is accepted, and then somebody deletes the instance.
    Deleted,
    /// It is accepted, and another member of the pool fails.
    Sickens,
    /// Its end was seen, and then somebody does the opposite.
    Undone,
}

/// As Nova would say it.
pub fn kind(why: Refusal) -> FailureKind {
    match why {
        Refusal::Busy | Refusal::WrongState | Refusal::Locked | Refusal::Duplicate | Refusal::InUse => {
            FailureKind::Conflict
        }
        Refusal::Quota => FailureKind::Quota,
        Refusal::Unsupported => FailureKind::Unsupported,
        Refusal::Gone => FailureKind::NotFound,
        Refusal::Forbidden => FailureKind::Forbidden,
        Refusal::Credentials => FailureKind::Auth,
        Refusal::Other => FailureKind::Bug,
    }
}
