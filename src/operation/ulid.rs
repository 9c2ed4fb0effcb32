//! What names an operation: a ULID, so that ids sort by time and never meet across jump hosts.
//!
//! 48 bits of milliseconds and 80 bits of chance in 26 characters of Crockford's base 32
//! (<https://github.com/ulid/spec>). Time and chance are arguments.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;

/// An operation's id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OperationId(Arc<str>);

impl OperationId {
    /// From a time and 80 bits of chance; more bits are cut off.
    pub fn new(at: Timestamp, chance: u128) -> Self {
        let millis = u128::try_from(at.as_millisecond()).unwrap_or(0) & 0xffff_ffff_ffff;
        let bits = (millis << 80) | (chance & ((1 << 80) - 1));
        let digit = |place: usize| char::from(DIGITS[(bits >> (5 * (LENGTH - 1 - place))) as usize & 31]);
        Self((0..LENGTH).map(digit).collect::<String>().into())
    }

    /// All 26 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last six characters: chance alone, and so the shortest that tells two operations of one hour apart.
    pub fn short(&self) -> &str {
        &self.0[LENGTH - 6..]
    }

    /// The moment that it was made from.
    pub fn moment(&self) -> Option<Timestamp> {
        let mut digits = self.0.bytes().take(10).map(|byte| DIGITS.iter().position(|digit| *digit == byte));
        let millis = digits.try_fold(0_i64, |sum, digit| Some(sum << 5 | i64::try_from(digit?).ok()?))?;
        Timestamp::from_millisecond(millis).ok()
    }

    /// Whether somebody may mean it by this: the whole id, its beginning or its end, in any case.
    pub fn answers_to(&self, text: &str) -> bool {
        let text = text.to_ascii_uppercase();
        text.len() >= 4 && (self.0.starts_with(&text) || self.0.ends_with(&text))
    }
}

impl FromStr for OperationId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let upper = text.to_ascii_uppercase();
        if upper.len() == LENGTH && upper.bytes().all(|byte| DIGITS.contains(&byte)) {
            Ok(Self(upper.into()))
        } else {
            Err(format!("{text:?} is not the id of an operation: {LENGTH} letters and digits"))
        }
    }
}

impl TryFrom<String> for OperationId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<OperationId> for String {
    fn from(id: OperationId) -> String {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperationId({})", self.0)
    }
}
