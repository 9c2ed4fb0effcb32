//! What is preserved of an instance before it is deleted: what the cloud knows of it, and forgets with it.
//!
//! It goes into the journal, so it is short, sanitised, and without lines that name a secret. It is evidence for whoever
//! looks into it later; nothing depends on it, and what cannot be read holds nobody up.

use serde::{Deserialize, Serialize};

use crate::base::text::sanitise_lines;

/// So much of a console log is kept, in bytes: its end tells most.
const LONGEST: usize = 4096;
/// So many lines of a history are kept, the newest.
const LINES: usize = 20;
/// A line with one of these words is left out.
const SECRETS: [&str; 8] =
    ["password", "passwd", "secret", "token", "api_key", "apikey", "credential", "authorization"];

/// What is preserved of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preserved {
    /// Why it was in ERROR, as Nova says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// What was done to it, newest first: `2026-11-24T03:26:45Z reboot req-…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<String>,
    /// The end of its console log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub console: String,
    /// What could not be read, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

impl Preserved {
    /// Keeps a fault.
    pub fn fault(&mut self, text: &str) {
        self.fault = Some(clean(text)).filter(|text| !text.is_empty());
    }

    /// Keeps the newest lines of a history.
    pub fn history<'t>(&mut self, lines: impl Iterator<Item = &'t str>) {
        self.history = lines.take(LINES).map(clean).collect();
    }

    /// Keeps the end of a console log.
    pub fn console(&mut self, log: &str) {
        let log = clean(log);
        let from = log.ceil_char_boundary(log.len().saturating_sub(LONGEST));
        let end = log.get(from..).unwrap_or_default();
        // A line that is cut is none.
        let whole = if from > 0 { end.split_once('\n').map_or(end, |(_, rest)| rest) } else { end };
        whole.trim_end().clone_into(&mut self.console);
    }

    /// What was kept, in a few words: `fault, 12 lines of history, 80 lines of console`.
    pub fn summary(&self) -> String {
        let counted = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 line of {what}")),
            _ => Some(format!("{count} lines of {what}")),
        };
        let parts = [
            self.fault.as_ref().map(|_| "its fault".to_owned()),
            counted(self.history.len(), "its history"),
            counted(self.console.lines().count(), "its console log"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().chain(self.missing.iter().cloned()).collect();
        if parts.is_empty() { "nothing was there".to_owned() } else { parts.join(", ") }
    }
}

/// Without what a terminal would obey, and without lines that name a secret, or are one.
fn clean(text: &str) -> String {
    let mut key = false;
    let lines = text.lines().map(|line| {
        key |= line.contains("-----BEGIN") && line.contains("PRIVATE");
        let held = key || names_a_secret(line);
        key &= !line.contains("-----END");
        if held { "(left out: it names a secret)" } else { line }
    });
    sanitise_lines(&lines.collect::<Vec<_>>().join("\n")).into_owned()
}

fn names_a_secret(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    SECRETS.iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_console_is_kept_in_whole_lines() {
        let log: String = (0..1000).map(|number| format!("line {number}\r\n")).collect();
        let mut kept = Preserved::default();
        kept.console(&log);
        assert!(kept.console.len() <= LONGEST && kept.console.ends_with("line 999"), "{}", kept.console);
        assert!(kept.console.lines().all(|line| line.starts_with("line ")), "{}", kept.console);
        kept.console(&"ä".repeat(LONGEST));
        assert_eq!(kept.console.chars().count(), LONGEST / 2, "what is one line is cut where a letter ends");
    }

    #[test]
    fn what_names_a_secret_is_left_out() {
        let mut kept = Preserved::default();
        kept.console(
            "booted\nroot Password: hunter2\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\ndone \u{1b}[2J",
        );
        let left = "(left out: it names a secret)";
        assert_eq!(kept.console, ["booted", left, left, left, left, "done"].join("\n"));
    }

    #[test]
    fn what_was_kept_is_told_in_a_few_words() {
        let mut kept = Preserved::default();
        assert_eq!(kept.summary(), "nothing was there");
        kept.fault("No valid host was found");
        kept.history(["reboot", "create"].into_iter());
        kept.missing.push("its console log: the role may not".to_owned());
        assert_eq!(kept.summary(), "its fault, 2 lines of its history, its console log: the role may not");
    }
}
