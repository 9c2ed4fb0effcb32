//! Whether, and how long after, a request is sent again.

use std::time::Duration;

/// Why an attempt may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No connection came about: surely not executed.
    NotSent,
    /// Sent, and the answer was lost: may have been executed.
    Lost,
    /// An answer with this status, and its `Retry-After`.
    Answered(u16, Option<Duration>),
    /// Nothing that another attempt can mend: a certificate, an answer that is too big.
    Final,
}

/// The longest pause before the next attempt, or `None` where there must be none. `repeatable` says that executing the
/// request twice does no harm.
pub(crate) fn again(outcome: Outcome, repeatable: bool) -> Option<Option<Duration>> {
    match outcome {
        Outcome::NotSent => Some(None),
        Outcome::Lost => repeatable.then_some(None),
        // Cinder says "quota" so: a pause cannot help.
        Outcome::Answered(413, Some(after)) => (!after.is_zero()).then_some(Some(after)),
        // Refused with a time to come back: not executed, whatever the method.
        Outcome::Answered(429 | 503, Some(after)) => Some(Some(after)),
        Outcome::Answered(429 | 502 | 503 | 504, None) => repeatable.then_some(None),
        Outcome::Answered(502 | 504, Some(after)) => repeatable.then_some(Some(after)),
        Outcome::Answered(..) | Outcome::Final => None,
    }
}

/// Full jitter: anything up to a bound that doubles. What the server asks for is waited in full, and a little more, so
/// that all its clients do not come back at once.
pub(crate) fn pause(attempt: u32, first: Duration, after: Option<Duration>, dice: f64) -> Duration {
    let bound = first.saturating_mul(1 << attempt.min(6));
    after.unwrap_or_default() + bound.mul_f64(dice)
}
