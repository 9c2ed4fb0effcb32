//! Text that others wrote, made safe and made to fit.
//!
//! Names, metadata and console logs come from the cloud: anybody who may name a server could otherwise move the
//! reader's cursor, write to the clipboard or turn a name around. [`sanitise`] is the one place that stops it. What it
//! leaves is what a terminal draws as cells: no control, no escape sequence, nothing invisible, nothing that reorders.
//!
//! Deliberately absent: marks for what was removed. A name that needs cleaning is shown by what is legible in it.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Combining marks that one base character keeps; more would spill over neighbouring lines.
const MARKS: usize = 4;
/// Tab stops, as a terminal has them.
const TAB: usize = 8;

/// One safe line: line breaks become spaces.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    clean(text, false)
}

/// Safe lines: `\n` stays and is the only separator left.
pub fn sanitise_lines(text: &str) -> Cow<'_, str> {
    clean(text, true)
}

/// How many cells a safe line takes: the sum over its graphemes, which is how it is drawn.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// At most `cells` cells of it; what was cut is told by `…`.
pub fn truncate(text: &str, cells: usize) -> Cow<'_, str> {
    truncate_with(text, cells, "…")
}

/// As [`truncate`], with another sign for what was cut: a terminal may have no `…`.
pub fn truncate_with<'a>(text: &'a str, cells: usize, sign: &str) -> Cow<'a, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let sign = if width(sign) <= cells { sign } else { "" };
    let room = cells - width(sign);
    let mut used = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        end = at + grapheme.len();
    }
    Cow::Owned(format!("{}{sign}", &text[..end]))
}

/// Exactly `cells` cells: truncated, or filled with spaces on the right.
pub fn pad(text: &str, cells: usize) -> String {
    let mut out = truncate(text, cells).into_owned();
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(&out))));
    out
}

fn clean(text: &str, lines: bool) -> Cow<'_, str> {
    let plain = |byte: u8| (0x20..0x7f).contains(&byte) || (lines && byte == b'\n');
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut cleaner = Cleaner { out: String::with_capacity(text.len()), lines, column: 0, marks: MARKS };
    cleaner.run(text);
    if cleaner.out == text { Cow::Borrowed(text) } else { Cow::Owned(cleaner.out) }
}

struct Cleaner {
    out: String,
    lines: bool,
    /// Cells since the line began, for tab stops.
    column: usize,
    /// Marks on the last base; at [`MARKS`] no more are taken. A line begins without a base.
    marks: usize,
}

impl Cleaner {
    fn run(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let after = &rest[c.len_utf8()..];
            rest = match c {
                '\u{1b}' | '\u{80}'..='\u{9f}' if c != '\u{85}' => escape(c, after),
                '\r' if self.lines && after.starts_with('\n') => after,
                _ => {
                    self.take(c);
                    after
                }
            };
        }
    }

    fn take(&mut self, c: char) {
        match c {
            '\t' => {
                let spaces = TAB - self.column % TAB;
                self.out.extend(std::iter::repeat_n(' ', spaces));
                self.column += spaces;
                self.marks = 0;
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => self.end_line(),
            '\r' => self.base(' ', 1),
            _ if c.is_control() || invisible(c) => {}
            _ => match c.width().unwrap_or(0) {
                0 if self.marks < MARKS => {
                    self.marks += 1;
                    self.out.push(c);
                }
                0 => {}
                cells => self.base(c, cells),
            },
        }
    }

    fn base(&mut self, c: char, cells: usize) {
        self.out.push(c);
        self.column += cells;
        self.marks = 0;
    }

    fn end_line(&mut self) {
        if !self.lines {
            return self.base(' ', 1);
        }
        self.out.push('\n');
        self.column = 0;
        self.marks = MARKS;
    }
}

/// What follows an escape sequence that `first` began. A string (OSC, DCS) that does not end on its line loses its
/// opening only: otherwise one line could hide all that follow it.
fn escape(first: char, after: &str) -> &str {
    let (kind, body) = match first {
        '\u{1b}' => match after.chars().next() {
            Some(c @ ('[' | ']' | 'P' | 'X' | '^' | '_')) => (c, &after[1..]),
            _ => return plain_escape(after),
        },
        '\u{9b}' => ('[', after),
        '\u{9d}' => (']', after),
        '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => ('P', after),
        _ => return after,
    };
    if kind == '[' { control_sequence(body) } else { control_string(body) }
}

/// After `ESC`: intermediates, then one final character.
fn plain_escape(after: &str) -> &str {
    let rest = after.trim_start_matches(|c| ('\u{20}'..='\u{2f}').contains(&c));
    match rest.chars().next() {
        Some('\u{30}'..='\u{7e}') => &rest[1..],
        // Not a sequence: only the introducer goes.
        _ => after,
    }
}

/// After `CSI`: parameters and intermediates, then a final character.
fn control_sequence(body: &str) -> &str {
    let rest = body.trim_start_matches(|c| ('\u{20}'..='\u{3f}').contains(&c));
    match rest.chars().next() {
        Some('\u{40}'..='\u{7e}') => &rest[1..],
        Some(_) => body,
        None => rest,
    }
}

/// After `OSC`, `DCS` and their like: all up to the terminator.
fn control_string(body: &str) -> &str {
    for (at, c) in body.char_indices() {
        match c {
            '\u{7}' | '\u{9c}' | '\u{18}' | '\u{1a}' => return &body[at + c.len_utf8()..],
            '\u{1b}' => return body[at + 1..].strip_prefix('\\').unwrap_or(&body[at..]),
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => return body,
            _ => {}
        }
    }
    body
}

/// Characters that draw nothing, reorder, join, or pick another width than the one that we count with.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}'
        | '\u{13430}'..='\u{13455}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
