//! What programs read: the JSON that the verbs print with `-o json`.
//!
//! One document for each run, with an [`Envelope`] around what the verb found. The fields are a promise: within one
//! `schema` number fields may be added, none is removed, renamed or given another meaning. What the cloud did not tell
//! is `null`, never zero or an empty text. Times are RFC 3339 in UTC, durations are in milliseconds with `_ms` at the
//! end of their names, sizes name their unit.
//!
//! Deliberately absent: anything for the eye (ages, glyphs, widths), and OpenStack's own shape: `instance` shows what
//! Stackdeck understood; the console's raw view shows what the cloud sent.

pub mod changes;
pub mod control_plane;
pub mod detail;
pub mod fleet;
pub mod graph;
pub mod load;
pub mod operation;
pub mod top;

use std::io::{self, Write};

use serde::Serialize;

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::base::observation::Observation;

/// The number of this promise.
pub const SCHEMA: u32 = 1;

/// What is around every answer.
#[derive(Clone, Debug, Serialize)]
pub struct Envelope<'a, T> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Where it was read.
    pub scope: Scope<'a>,
    /// When it was read, by this machine's clock.
    pub as_of: Timestamp,
    /// Sources that did not answer, and why: what they would tell is missing below.
    pub missing: Vec<Missing<'a>>,
    /// What the verb found, under the verb's own name.
    #[serde(flatten)]
    pub found: T,
}

/// Where we look.
#[derive(Clone, Debug, Serialize)]
pub struct Scope<'a> {
    /// Name in `clouds.yaml`.
    pub cloud: &'a str,
    /// The region in use.
    pub region: &'a str,
    /// Name of the project; null for a system or domain token.
    pub project: Option<&'a str>,
    /// Whether instances of all projects are listed.
    pub all_projects: bool,
    /// The user's name.
    pub user: &'a str,
    /// Names of the roles.
    pub roles: &'a [String],
}

/// A source that did not answer.
#[derive(Clone, Debug, Serialize)]
pub struct Missing<'a> {
    /// Service type, such as `load-balancer`.
    pub source: &'a str,
    /// Why.
    pub failure: FailureOf<'a>,
}

/// A failure.
#[derive(Clone, Debug, Serialize)]
pub struct FailureOf<'a> {
    /// `retry`, `auth`, `not_found`, `conflict`, `quota`, `unsupported`, `forbidden`, `usage` or `bug`.
    pub kind: &'static str,
    /// One sentence.
    pub message: &'a str,
    /// From near to far.
    pub causes: &'a [String],
    /// What helps.
    pub hints: &'a [String],
    /// Where it happened.
    pub place: Option<&'a str>,
    /// The request in the cloud's logs.
    pub request_id: Option<&'a str>,
}

impl<'a> From<&'a Failure> for FailureOf<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            kind: kind(failure.kind),
            message: &failure.message,
            causes: &failure.causes,
            hints: &failure.hints,
            place: failure.place.as_deref(),
            request_id: failure.request_id.as_ref().map(crate::base::id::RequestId::as_str),
        }
    }
}

/// A kind of failure, for programs.
pub fn kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Retry => "retry",
        FailureKind::Auth => "auth",
        FailureKind::NotFound => "not_found",
        FailureKind::Conflict => "conflict",
        FailureKind::Quota => "quota",
        FailureKind::Unsupported => "unsupported",
        FailureKind::Forbidden => "forbidden",
        FailureKind::Usage => "usage",
        FailureKind::Bug => "bug",
    }
}

/// Something that was asked for by itself, and may have failed by itself.
#[derive(Clone, Debug, Serialize)]
pub struct Part<'a, T> {
    /// What is known; null when nothing is.
    pub value: Option<T>,
    /// When it was read.
    pub as_of: Option<Timestamp>,
    /// Why the newest attempt brought nothing; null when it did.
    pub failure: Option<FailureOf<'a>>,
}

impl<'a, T> Part<'a, T> {
    /// An observation, its value turned into fields by `fields`.
    pub fn of<S>(observation: &'a Observation<S>, fields: impl FnOnce(&'a S) -> T) -> Self {
        Self {
            value: observation.value().map(fields),
            as_of: observation.known.as_ref().map(|(_, at)| *at),
            failure: observation.failure.as_ref().map(FailureOf::from),
        }
    }
}

/// Prints a document. What could change a terminal's state is written as `\u…`, which means the same to a program.
pub fn print(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    let mut safe = String::with_capacity(text.len() + 1);
    for letter in text.chars() {
        if letter == '\n' || !harms_a_terminal(letter) {
            safe.push(letter);
        } else {
            let mut units = [0; 2];
            letter.encode_utf16(&mut units).iter().for_each(|unit| safe.push_str(&format!("\\u{unit:04x}")));
        }
    }
    safe.push('\n');
    out.write_all(safe.as_bytes())
}

/// Controls, and what reorders or hides text. They stand only inside strings.
fn harms_a_terminal(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
