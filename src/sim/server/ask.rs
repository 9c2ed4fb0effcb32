//! A request as the routes see it.

use axum::http::{HeaderMap, Method};
use serde_json::Value;

use crate::sim::uid::Uid;
use crate::sim::world::identity::Role;
use crate::sim::world::instance::history::Caller;

/// A request, taken apart.
pub(super) struct Ask {
    pub(super) method: Method,
    /// The path below the service's own prefix, without slashes at its ends.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// `http://127.0.0.1:41234`: what links are built from.
    pub(super) root: String,
    /// Its id, without `req-`.
    pub(super) request: Uid,
}

/// Who asks, once the token is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) user: Uid,
    pub(super) project: Option<Uid>,
    pub(super) role: Role,
}

impl Who {
    pub(super) fn admin(&self) -> bool {
        self.role == Role::Admin
    }

    pub(super) fn caller(&self, ask: &Ask) -> Caller {
        Caller { user: self.user, request: ask.request, admin: self.admin() }
    }
}

impl Ask {
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The first value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a query parameter.
    pub(super) fn queries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The query again, with some parameters left out and others added, as links repeat it.
    pub(super) fn query_with(&self, without: &[&str], added: &[(&str, &str)]) -> String {
        let kept = self.query.iter().filter(|(key, _)| !without.contains(&key.as_str()));
        let kept = kept.map(|(key, value)| (key.as_str(), value.as_str()));
        let all = kept.chain(added.iter().copied());
        all.map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect::<Vec<_>>().join("&")
    }
}

/// Percent-encodes what is not unreserved.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Undoes percent-encoding; `plus` is a blank in queries.
pub(super) fn decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
            continue;
        }
        out.push(if plus && bytes[at] == b'+' { b' ' } else { bytes[at] });
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Names and values of a query string.
pub(super) fn parse_query(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key, true), decode(value, true)))
        .collect()
}
