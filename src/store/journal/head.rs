//! The head of the chain: what an anchor outside the journal keeps of it.

use std::fmt;
use std::str::FromStr;

const DIGITS: usize = 64;

/// The last record's sequence and hash. Printed as `SEQUENCE:HASH`, and read back from that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// The sequence of the last record; 0 when there is none.
    pub sequence: u64,
    /// Its hash: 64 hexadecimal digits; all zero when there is none.
    pub hash: String,
}

impl Head {
    /// The head of an empty journal, and what the first record names as the one before it.
    pub fn nothing() -> Self {
        Self { sequence: 0, hash: "0".repeat(DIGITS) }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash)
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not the head of a journal: SEQUENCE:HASH, the hash in {DIGITS} hex digits");
        let (sequence, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let sequence = sequence.parse().map_err(|_| wrong())?;
        let whole = hash.len() == DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if whole { Ok(Self { sequence, hash: hash.to_ascii_lowercase() }) } else { Err(wrong()) }
    }
}
