//! Bytes in, keys out.

use proptest::prelude::*;

use super::{Parser, Typed, key, with};
use crate::base::key::{Key, KeyCode};

fn typed(pieces: &[&[u8]]) -> Vec<Typed> {
    let (mut parser, mut typed) = (Parser::default(), Vec::new());
    for piece in pieces {
        parser.feed(piece, &mut typed);
    }
    parser.give_up(&mut typed);
    typed
}

#[test]
fn keys_are_read_as_terminals_send_them() {
    let cases: [(&[u8], Typed); 14] = [
        (b"j", with('j', false, false)),
        ("ü".as_bytes(), with('ü', false, false)),
        (b"\x03", with('c', true, false)),
        (b"\x1a", with('z', true, false)),
        (b"\x1bx", with('x', false, true)),
        (b"\x1b", key(KeyCode::Esc)),
        (b"\r", key(KeyCode::Enter)),
        (b"\t", key(KeyCode::Tab)),
        (b"\x1b[Z", key(KeyCode::BackTab)),
        (b"\x7f", key(KeyCode::Backspace)),
        (b"\x1b[A", key(KeyCode::Up)),
        (b"\x1bOB", key(KeyCode::Down)),
        (b"\x1b[6~", key(KeyCode::PageDown)),
        (b"\x1b[[A", key(KeyCode::F(1))),
    ];
    for (bytes, expected) in cases {
        assert_eq!(typed(&[bytes]), [expected], "{bytes:?}");
    }
    let shifted = Key { code: KeyCode::Down, ctrl: true, alt: false, shift: true };
    assert_eq!(typed(&[b"\x1b[1;6B"]), [Typed::Key(shifted)]);
}

#[test]
fn a_sequence_may_come_in_pieces() {
    assert_eq!(typed(&[b"\x1b", b"[", b"5", b"~"]), [key(KeyCode::PageUp)]);
    assert_eq!(typed(&[&[0xc3], &[0xbc]]), [with('ü', false, false)]);
}

#[test]
fn a_paste_is_one_text_and_no_key() {
    assert_eq!(typed(&[b"\x1b[200~qqq\rjjj\x1b[201~x"]), [Typed::Paste("qqq\njjj".into()), with('x', false, false)]);
    assert_eq!(typed(&[b"\x1b[200~qq", b"q\x1b[20", b"1~"]), [Typed::Paste("qqq".into())]);
}

#[test]
fn a_paste_whose_end_never_comes_is_given_up_as_text() {
    assert_eq!(typed(&[b"\x1b[200~qqq"]), [Typed::Paste("qqq".into())]);
}

#[test]
fn the_answer_about_a_mode_is_no_key() {
    assert_eq!(typed(&[b"\x1b[?2026;2$y"]), [Typed::Mode(2026, true)]);
    assert_eq!(typed(&[b"\x1b[?2026;0$y"]), [Typed::Mode(2026, false)]);
    assert_eq!(typed(&[b"\x1b[?62;22c"]), []);
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..64), cut in 0usize..64) {
        let cut = cut.min(bytes.len());
        let (mut parser, mut out) = (Parser::default(), Vec::new());
        parser.feed(&bytes[..cut], &mut out);
        parser.feed(&bytes[cut..], &mut out);
        parser.give_up(&mut out);
        prop_assert!(!parser.waits());
        prop_assert!(out.len() <= bytes.len());
    }
}

#[test]
fn the_wheel_is_the_cursors_keys_and_a_click_is_nothing() {
    let (up, down) = (key(KeyCode::Up), key(KeyCode::Down));
    assert_eq!(typed(&[b"\x1b[<64;10;5M"]), [up.clone(), up.clone(), up]);
    assert_eq!(typed(&[b"\x1b[<69;1", b"00;5M"]), [down.clone(), down.clone(), down]);
    assert_eq!(typed(&[b"\x1b[<0;10;5M\x1b[<0;10;5m"]), []);
}
