//! The script of faults: which requests go wrong, and how.
//!
//! A rule names requests by method and path, skips the first few, bends so many, and is spent. Rules are tried in the
//! order in which they were added; the first that is due has its way.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which requests, and what happens to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// GET, POST, and so on; none is any.
    #[serde(default)]
    pub method: Option<String>,
    /// The path with the service's prefix, `*` for any text: `/compute/v2.1/servers/*`. With a `?` the query is matched too.
    pub path: String,
    /// So many that fit pass first.
    #[serde(default)]
    pub skip: u32,
    /// So many are bent; none is all that come.
    #[serde(default)]
    pub count: Option<u32>,
    /// How.
    pub bend: Bend,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bend {
    /// The answer comes that much later, in milliseconds.
    Latency(u64),
    /// No answer ever comes.
    Hang,
    /// The service answers an error of its own shape, and does nothing.
    Status {
        /// Such as 503.
        code: u16,
        /// The header, in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
        /// The sentence; a usual one if not given.
        #[serde(default)]
        message: Option<String>,
    },
    /// The connection is reset before anything was done.
    ResetBefore,
    /// It was done, and the connection is reset instead of an answer.
    ResetAfter,
    /// Every token ends before this request is looked at.
    ExpireTokens,
    /// As many servers vanish and as many appear right before: pages shift between two requests.
    Shift(usize),
    /// The answer's rows lie: see [`Odd`].
    Odd(Odd),
}

/// Odd values in an otherwise good answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Odd {
    /// The key, of every row of a list or of the one object.
    pub key: String,
    /// Its value then; without one the key is missing.
    #[serde(default)]
    pub value: Option<Value>,
    /// Only every so-manieth row.
    #[serde(default)]
    pub every: Option<usize>,
}

/// Names that no terminal should meet raw.
pub fn hostile_names() -> Vec<String> {
    vec![
        "\u{1b}[31mred\u{1b}[0m\u{1b}]0;owned\u{7}".to_owned(),
        "bell\u{7}back\u{8}\u{8}return\rline\nfeed\ttab\u{0}nul".to_owned(),
        "c1\u{9b}31m\u{90}dcs\u{9c}".to_owned(),
        "bidi\u{202e}gnitset\u{202c}\u{2066}iso\u{2069}".to_owned(),
        "zero\u{200b}width\u{200d}join\u{feff}".to_owned(),
        "wide-支払いサービス-👩‍👩‍👧‍👦-é".to_owned(),
        "n".repeat(255),
        "漢".repeat(255),
        String::new(),
        "   ".to_owned(),
    ]
}

/// The rules and how far each is.
#[derive(Debug, Default)]
pub struct Script {
    rules: Vec<(Fault, u32)>,
}

impl Script {
    /// Adds a rule.
    pub fn add(&mut self, fault: Fault) {
        self.rules.push((fault, 0));
    }

    /// Ends all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules that can still have their way.
    pub fn rules(&self) -> impl Iterator<Item = &Fault> {
        self.rules.iter().filter(|(fault, seen)| !spent(fault, *seen)).map(|(fault, _)| fault)
    }

    /// What happens to a request; looking counts, for the rules that it comes to.
    pub(in crate::sim) fn bend(&mut self, method: &str, path: &str, query: &str) -> Option<Bend> {
        let whole = format!("{path}?{query}");
        for (fault, seen) in &mut self.rules {
            let of_method = fault.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
            let text = if fault.path.contains('?') { &whole } else { path };
            if !of_method || !fits(&fault.path, text) || spent(fault, *seen) {
                continue;
            }
            *seen += 1;
            if *seen > fault.skip {
                return Some(fault.bend.clone());
            }
        }
        None
    }
}

impl Fault {
    /// Every request of that path, from now on.
    pub fn new(path: impl Into<String>, bend: Bend) -> Self {
        Self { method: None, path: path.into(), skip: 0, count: None, bend }
    }

    /// Only so many.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Not the first few.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Only of that method.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }
}

impl Bend {
    /// An error with its usual sentence.
    pub fn status(code: u16) -> Self {
        Self::Status { code, retry_after: None, message: None }
    }

    /// An error that says when to come again.
    pub fn retry_after(code: u16, seconds: u32) -> Self {
        Self::Status { code, retry_after: Some(seconds), message: None }
    }

    /// Later by that much.
    pub fn latency(by: Duration) -> Self {
        Self::Latency(u64::try_from(by.as_millis()).unwrap_or(u64::MAX))
    }
}

fn spent(fault: &Fault, seen: u32) -> bool {
    fault.count.is_some_and(|count| seen >= fault.skip.saturating_add(count))
}

/// Whether a text fits a pattern in which `*` is any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(previous) = last.replace(part) {
            match rest.split_once(previous) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
    }
    match last {
        None => rest.is_empty(),
        Some(tail) => rest.ends_with(tail),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_is_any_text() {
        assert!(fits("/a/*/c", "/a/b/b/c"));
        assert!(fits("*", ""));
        assert!(fits("/a*", "/abc"));
        assert!(fits("/a", "/a"));
        assert!(!fits("/a", "/ab"));
        assert!(!fits("/a/*/c", "/a/c"));
        assert!(fits("*/servers/*/action", "/compute/v2.1/servers/x/action"));
    }
}
