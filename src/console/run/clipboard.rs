//! The clipboard of whoever sits at the far end, by OSC 52. There is no other on a jump host.

use std::fmt::Write;

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;

/// Terminals and tmux drop longer ones.
const LONGEST: usize = 74_994;

/// The command that puts text on the clipboard; `None` if the text is too long for any terminal.
///
/// Inside tmux it is sent twice: tmux takes the plain form if `set-clipboard` is on, and hands the wrapped form to its
/// own terminal if `allow-passthrough` is on.
pub(super) fn command(text: &str, in_tmux: bool) -> Option<Vec<u8>> {
    if text.len().div_ceil(3) * 4 > LONGEST {
        return None;
    }
    let mut plain = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain).ok()?;
    let mut command = plain.clone();
    if in_tmux {
        write!(command, "\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")).unwrap_or_default();
    }
    Some(command.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_gets_both_forms() {
        assert_eq!(command("f", false).unwrap(), b"\x1b]52;c;Zg==\x1b\\");
        let both = b"\x1b]52;c;Zg==\x1b\\\x1bPtmux;\x1b\x1b]52;c;Zg==\x1b\x1b\\\x1b\\";
        assert_eq!(command("f", true).unwrap(), both);
    }

    #[test]
    fn what_no_terminal_takes_is_refused() {
        assert!(command(&"x".repeat(60_000), false).is_none());
        assert!(command(&"x".repeat(56_000), false).is_some());
    }
}
