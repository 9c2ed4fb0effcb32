//! What the simulated cloud was asked: tests assert on it. Bounded: a demo may run for days.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// Enough for any test, little for any process.
const KEPT: usize = 4096;

/// One request that came in.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// How many came before it.
    pub number: u64,
    /// GET, POST, and so on.
    pub method: String,
    /// The path, with the service's prefix.
    pub path: String,
    /// The query as it was sent.
    pub query: String,
    /// The microversion asked for, as it was sent.
    pub microversion: Option<String>,
    /// The caller's own request id.
    pub global_request_id: Option<String>,
    /// Whether a token was sent.
    pub token: bool,
    /// The answer's status; 0 when none was given.
    pub status: u16,
    /// The answer's length.
    pub bytes: usize,
    /// No route is there for it.
    pub unknown: bool,
    /// Whether what it asks for was done, whatever the answer.
    pub executed: bool,
}

/// All that was asked, newest last.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: VecDeque<Entry>,
    noted: u64,
    counts: BTreeMap<String, u64>,
}

impl Ledger {
    pub(in crate::sim) fn note(&mut self, mut entry: Entry) {
        entry.number = self.noted;
        self.noted += 1;
        *self.counts.entry(endpoint(&entry)).or_default() += 1;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// The requests that are still kept, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many requests came since the last [`Ledger::clear`].
    pub fn total(&self) -> u64 {
        self.noted
    }

    /// How many came per endpoint: `GET /compute/v2.1/servers/detail`, ids as `*`.
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// How many came to one endpoint.
    pub fn count(&self, endpoint: &str) -> u64 {
        self.counts.get(endpoint).copied().unwrap_or(0)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn endpoint(entry: &Entry) -> String {
    let is_id = |part: &str| {
        let digits = part.strip_prefix("req-").unwrap_or(part);
        digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    let parts = entry.path.split('/').map(|part| if is_id(part) { "*" } else { part });
    format!("{} {}", entry.method, parts.collect::<Vec<_>>().join("/"))
}
