//! The console's own log, as far as it was looked at: its last lines.

use std::collections::VecDeque;

use crate::base::clock::Timestamp;
use crate::base::text::sanitise;
use crate::console::app::cell::{Cell, Tone};

/// Further back than this the log file is the better place.
pub const KEPT: usize = 5_000;

/// An event that was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// How grave: `ERROR`, `WARN`, `INFO`, `DEBUG`, `TRACE`.
    pub level: &'static str,
    /// What it says.
    pub text: String,
    /// Which part of the program said it.
    pub target: String,
}

impl LogLine {
    /// Where the text begins: `14:31:58 ERROR `.
    pub const INDENT: usize = 15;

    /// Its pieces.
    pub fn cells(&self) -> Vec<Cell> {
        let tone = match self.level {
            "ERROR" => Tone::Bad,
            "WARN" => Tone::Warn,
            "INFO" => Tone::Normal,
            _ => Tone::Dim,
        };
        vec![
            Cell::new(&self.at.strftime("%H:%M:%S").to_string(), Tone::Dim),
            Cell::new(&format!("{:<5}", self.level), tone),
            Cell::new(self.text.trim(), tone),
            Cell::new(&self.target, Tone::Dim),
        ]
    }

    /// All of it in one line, safe for any terminal.
    pub fn written(&self) -> String {
        let time = self.at.strftime("%Y-%m-%dT%H:%M:%SZ");
        format!("{time} {:<5} {} {}", self.level, sanitise(self.text.trim()), sanitise(&self.target))
    }
}

/// Adds lines at the end, and forgets as many of the oldest as are too many. Gives how many were forgotten.
pub fn append(log: &mut VecDeque<LogLine>, lines: Vec<LogLine>) -> usize {
    log.extend(lines);
    let forgotten = log.len().saturating_sub(KEPT);
    log.drain(..forgotten);
    forgotten
}
