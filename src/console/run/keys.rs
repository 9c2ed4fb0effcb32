//! Bytes from the terminal as keys, pastes and answers.
//!
//! Our own and not crossterm's: that one reads a dead terminal for ever (crossterm#793), and it knows no answer to
//! "do you know mode 2026?", whose bytes would then be taken for keys.
//!
//! Of the mouse, where the user gives it to us, the wheel counts: as the cursor's keys. Deliberately absent: clicks, and the
//! newer keyboard protocols, which we never ask for.

use crate::base::key::{Key, KeyCode};

/// A paste longer than this is cut: nothing here takes a megabyte.
const LONGEST_PASTE: usize = 1 << 20;

/// Rows that one notch of the wheel goes.
const NOTCH: usize = 3;

const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What some bytes meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A key.
    Key(Key),
    /// Text that was pasted, as the terminal brackets it.
    Paste(String),
    /// The terminal's answer: does it know this private mode?
    Mode(u16, bool),
}

/// Collects bytes until they mean something: a sequence may arrive in pieces.
#[derive(Default)]
pub(super) struct Parser {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
}

impl Parser {
    /// Takes what was read.
    pub(super) fn feed(&mut self, bytes: &[u8], typed: &mut Vec<Typed>) {
        self.pending.extend_from_slice(bytes);
        loop {
            if self.paste.is_some() {
                if !self.feed_paste(typed) {
                    return;
                }
                continue;
            }
            match first(&self.pending) {
                Found::Incomplete => return,
                Found::Whole(length, what) => {
                    self.pending.drain(..length);
                    match what {
                        What::Typed(it) => typed.push(it),
                        What::Wheel(code) => typed.extend(std::iter::repeat_n(key(code), NOTCH)),
                        What::PasteBegins => self.paste = Some(Vec::new()),
                        What::Nothing => {}
                    }
                }
            }
        }
    }

    /// Is something half read?
    pub(super) fn waits(&self) -> bool {
        !self.pending.is_empty() || self.paste.is_some()
    }

    /// Is a paste under way?
    pub(super) fn pastes(&self) -> bool {
        self.paste.is_some()
    }

    /// Nothing more came in time: what is there was meant as it is. A lone escape is the key.
    pub(super) fn give_up(&mut self, typed: &mut Vec<Typed>) {
        if let Some(mut paste) = self.paste.take() {
            paste.append(&mut self.pending);
            typed.push(pasted(&paste));
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        match pending.as_slice() {
            [0x1b] => typed.push(key(KeyCode::Esc)),
            [0x1b, byte @ 0x20..=0x7e] => typed.push(with(char::from(*byte), false, true)),
            // Half a sequence or half a character: no key.
            _ => {}
        }
    }

    /// Moves bytes into the paste; false when more are wanted.
    fn feed_paste(&mut self, typed: &mut Vec<Typed>) -> bool {
        let Some(paste) = &mut self.paste else { return true };
        let end = self.pending.windows(PASTE_ENDS.len()).position(|window| window == PASTE_ENDS);
        // The mark itself may have come in half.
        let take = end.unwrap_or_else(|| self.pending.len().saturating_sub(PASTE_ENDS.len() - 1));
        let room = LONGEST_PASTE.saturating_sub(paste.len());
        paste.extend_from_slice(&self.pending[..take.min(room)]);
        self.pending.drain(..take);
        if end.is_none() {
            return false;
        }
        self.pending.drain(..PASTE_ENDS.len());
        typed.push(pasted(&self.paste.take().unwrap_or_default()));
        true
    }
}

fn pasted(bytes: &[u8]) -> Typed {
    // Terminals send a carriage return for each line's end.
    Typed::Paste(String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n"))
}

enum Found {
    Incomplete,
    Whole(usize, What),
}

enum What {
    Typed(Typed),
    PasteBegins,
    Wheel(KeyCode),
    Nothing,
}

fn first(bytes: &[u8]) -> Found {
    match bytes {
        [] | [0x1b] | [0x1b, b'O'] => Found::Incomplete,
        [0x1b, b'[', rest @ ..] => control_sequence(rest),
        [0x1b, b'O', last, ..] => Found::Whole(3, letter(*last, Modifiers::default())),
        // Escape twice, or escape before another sequence: the first is the key.
        [0x1b, 0x1b, ..] => Found::Whole(1, What::Typed(key(KeyCode::Esc))),
        [0x1b, rest @ ..] => match character(rest) {
            Found::Whole(length, What::Typed(Typed::Key(it))) => {
                Found::Whole(length + 1, What::Typed(Typed::Key(Key { alt: true, ..it })))
            }
            Found::Whole(length, what) => Found::Whole(length + 1, what),
            Found::Incomplete => Found::Incomplete,
        },
        _ => character(bytes),
    }
}

fn character(bytes: &[u8]) -> Found {
    let Some(&byte) = bytes.first() else { return Found::Incomplete };
    let typed = match byte {
        0x00 => with(' ', true, false),
        b'\t' => key(KeyCode::Tab),
        b'\r' => key(KeyCode::Enter),
        0x01..=0x1a => with(char::from(byte - 1 + b'a'), true, false),
        0x1c..=0x1f => with(char::from(byte - 0x1c + b'\\'), true, false),
        0x7f => key(KeyCode::Backspace),
        0x20..=0x7e => with(char::from(byte), false, false),
        _ => return wide_character(bytes),
    };
    Found::Whole(1, What::Typed(typed))
}

fn wide_character(bytes: &[u8]) -> Found {
    let length = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return Found::Whole(1, What::Nothing),
    };
    let Some(whole) = bytes.get(..length) else { return Found::Incomplete };
    match std::str::from_utf8(whole).ok().and_then(|text| text.chars().next()) {
        Some(char) => Found::Whole(length, What::Typed(with(char, false, false))),
        None => Found::Whole(1, What::Nothing),
    }
}

/// What follows `ESC [`.
fn control_sequence(rest: &[u8]) -> Found {
    // The Linux console's F1 to F5: `ESC [ [ A`.
    if let [b'[', tail @ ..] = rest {
        return match tail.first() {
            None => Found::Incomplete,
            Some(byte @ b'A'..=b'E') => Found::Whole(4, What::Typed(key(KeyCode::F(byte - b'A' + 1)))),
            Some(_) => Found::Whole(4, What::Nothing),
        };
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else { return Found::Incomplete };
    let (body, last) = (&rest[..end], rest[end]);
    if !(0x40..=0x7e).contains(&last) {
        // Not a sequence after all: drop what was read, and look at this byte again.
        return Found::Whole(2 + end, What::Nothing);
    }
    Found::Whole(2 + end + 1, sequence(body, last))
}

fn sequence(body: &[u8], last: u8) -> What {
    if let Some(mouse) = body.strip_prefix(b"<") {
        return wheel(mouse, last);
    }
    if let Some(answer) = body.strip_prefix(b"?") {
        return mode_report(answer, last);
    }
    let numbers = numbers(body);
    let number = |index: usize| numbers.get(index).copied().unwrap_or(0);
    let modifiers = Modifiers::from(number(1));
    match last {
        b'~' if number(0) == 200 => What::PasteBegins,
        b'~' => numbered(number(0), modifiers),
        b'u' => code_point(number(0), modifiers),
        _ => letter(last, modifiers),
    }
}

/// `ESC [ < button ; column ; row M`: 64 is the wheel upward and 65 downward; modifiers add 4, 8 and 16.
fn wheel(mouse: &[u8], last: u8) -> What {
    match (last, numbers(mouse).first().map(|button| button & !0b1_1100)) {
        (b'M', Some(64)) => What::Wheel(KeyCode::Up),
        (b'M', Some(65)) => What::Wheel(KeyCode::Down),
        _ => What::Nothing,
    }
}

/// `ESC [ ? mode ; state $ y`: 1 and 2 are "set" and "not set", 3 is "always set"; 0 and 4 are of no use.
fn mode_report(answer: &[u8], last: u8) -> What {
    let Some(answer) = answer.strip_suffix(b"$").filter(|_| last == b'y') else { return What::Nothing };
    match numbers(answer).as_slice() {
        [mode, state] => What::Typed(Typed::Mode(*mode, matches!(state, 1..=3))),
        _ => What::Nothing,
    }
}

fn numbers(body: &[u8]) -> Vec<u16> {
    String::from_utf8_lossy(body).split(';').map(|part| part.parse().unwrap_or(0)).collect()
}

#[derive(Clone, Copy, Default)]
struct Modifiers {
    shift: bool,
    alt: bool,
    ctrl: bool,
}

impl From<u16> for Modifiers {
    fn from(parameter: u16) -> Self {
        let bits = parameter.saturating_sub(1);
        Self { shift: bits & 1 != 0, alt: bits & 2 != 0, ctrl: bits & 4 != 0 }
    }
}

fn letter(last: u8, modifiers: Modifiers) -> What {
    let code = match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'M' => KeyCode::Enter,
        b'Z' => KeyCode::BackTab,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return What::Nothing,
    };
    // A back tab is shift and tab by its name.
    let modifiers = if code == KeyCode::BackTab { Modifiers { shift: false, ..modifiers } } else { modifiers };
    modified(code, modifiers)
}

fn numbered(number: u16, modifiers: Modifiers) -> What {
    let code = match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11 => KeyCode::F(1),
        12 => KeyCode::F(2),
        13 => KeyCode::F(3),
        14 => KeyCode::F(4),
        15 => KeyCode::F(5),
        17 => KeyCode::F(6),
        18 => KeyCode::F(7),
        19 => KeyCode::F(8),
        20 => KeyCode::F(9),
        21 => KeyCode::F(10),
        23 => KeyCode::F(11),
        24 => KeyCode::F(12),
        _ => return What::Nothing,
    };
    modified(code, modifiers)
}

/// Some terminals send `ESC [ code ; modifiers u` for what has no sequence of its own.
fn code_point(code: u16, modifiers: Modifiers) -> What {
    match code {
        13 => modified(KeyCode::Enter, modifiers),
        9 => modified(KeyCode::Tab, modifiers),
        27 => modified(KeyCode::Esc, modifiers),
        127 => modified(KeyCode::Backspace, modifiers),
        _ => match char::from_u32(u32::from(code)).filter(|char| !char.is_control()) {
            Some(char) => modified(KeyCode::Char(char), Modifiers { shift: false, ..modifiers }),
            None => What::Nothing,
        },
    }
}

fn modified(code: KeyCode, Modifiers { shift, alt, ctrl }: Modifiers) -> What {
    What::Typed(Typed::Key(Key { code, ctrl, alt, shift }))
}

fn key(code: KeyCode) -> Typed {
    Typed::Key(Key { code, ctrl: false, alt: false, shift: false })
}

fn with(char: char, ctrl: bool, alt: bool) -> Typed {
    Typed::Key(Key { code: KeyCode::Char(char), ctrl, alt, shift: false })
}

#[cfg(test)]
mod tests;
