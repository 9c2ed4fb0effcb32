//! `[alarm]`: how one is called to the screen when something critical is there that was not before.

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The terminal's bell.
    pub bell: bool,
    /// A notification by the terminal: OSC 9.
    pub notify: bool,
    /// A command for the shell; empty for none.
    pub command: String,
}

impl Default for Alarm {
    fn default() -> Self {
        Self { bell: true, notify: false, command: String::new() }
    }
}
