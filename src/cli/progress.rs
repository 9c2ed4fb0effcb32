//! Says on standard error how far a long read is, where somebody can see it.

use std::io::{self, IsTerminal, Write};

/// One line that is written over and over, and gone at the end. Nothing is written where standard error is no terminal.
#[derive(Debug)]
pub struct Progress {
    shown: bool,
    terminal: bool,
}

impl Progress {
    /// On standard error.
    pub fn on_standard_error() -> Self {
        Self { shown: false, terminal: io::stderr().is_terminal() }
    }

    /// Tells how far it is.
    pub fn tell(&mut self, what: &str) {
        if self.terminal {
            self.shown = true;
            self.write(&format!("\r\u{1b}[2K{what}"));
        }
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if self.shown {
            self.shown = false;
            self.write("\r\u{1b}[2K");
        }
    }

    fn write(&self, text: &str) {
        let mut out = io::stderr().lock();
        // Nobody reads it any more: that is no failure of the read.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
