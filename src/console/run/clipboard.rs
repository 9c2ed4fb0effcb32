//! The clipboard of whoever sits at the far end, by OSC 52. There is no other on a jump host.

use std::fmt::Write;

/// Terminals and tmux drop longer ones.
const LONGEST: usize = 74_994;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The command that puts text on the clipboard; `None` if the text is too long for any terminal.
///
/// Inside tmux it is sent twice: tmux takes the plain form if `set-clipboard` is on, and hands the wrapped form to its
/// own terminal if `allow-passthrough` is on.
pub(super) fn command(text: &str, in_tmux: bool) -> Option<Vec<u8>> {
    let encoded = base64(text.as_bytes());
    if encoded.len() > LONGEST {
        return None;
    }
    let plain = format!("\x1b]52;c;{encoded}\x07");
    let mut command = plain.clone();
    if in_tmux {
        write!(command, "\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")).unwrap_or_default();
    }
    Some(command.into_bytes())
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let group = three.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_encoded_as_the_standard_says() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (text, expected) in cases {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn tmux_gets_both_forms() {
        assert_eq!(command("f", false).unwrap(), b"\x1b]52;c;Zg==\x07");
        let both = b"\x1b]52;c;Zg==\x07\x1bPtmux;\x1b\x1b]52;c;Zg==\x07\x1b\\";
        assert_eq!(command("f", true).unwrap(), both);
    }

    #[test]
    fn what_no_terminal_takes_is_refused() {
        assert!(command(&"x".repeat(60_000), false).is_none());
        assert!(command(&"x".repeat(56_000), false).is_some());
    }
}
