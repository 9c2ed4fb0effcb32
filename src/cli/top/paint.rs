//! Block after block: one over the other on a terminal, one below the other elsewhere.

use std::io::{self, Write};

use rustix::termios::{Winsize, tcgetwinsize};

use crate::base::text::width;

/// Where a terminal does not tell its size.
const USUAL: (u16, u16) = (80, 24);

/// Writes blocks.
pub(super) struct Painter {
    terminal: bool,
    /// How many lines of the last block are on the screen; nothing before the first.
    shown: Option<usize>,
}

impl Painter {
    pub(super) fn new(terminal: bool) -> Self {
        Self { terminal, shown: None }
    }

    /// Writes a block in place of the last, or below it.
    pub(super) fn paint(&mut self, block: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let before = self.shown;
        if !self.terminal {
            self.shown = Some(0);
            // Whole documents follow one another without a line between them as well as with one.
            if before.is_some() {
                out.write_all(b"\n")?;
            }
            out.write_all(block)?;
            return out.flush();
        }
        let lines = fitting(&String::from_utf8_lossy(block), size());
        self.shown = Some(lines.len());
        if let Some(up @ 1..) = before {
            write!(out, "\u{1b}[{up}F\u{1b}[J")?;
        }
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        out.flush()
    }
}

fn size() -> (u16, u16) {
    match tcgetwinsize(io::stdout()) {
        Ok(Winsize { ws_col: columns @ 1.., ws_row: rows @ 2.., .. }) => (columns, rows),
        _ => USUAL,
    }
}

/// What fits on the screen: a line that wraps, or one too many, would scroll what is to be written over.
fn fitting(block: &str, (columns, rows): (u16, u16)) -> Vec<String> {
    let rows = usize::from(rows) - 1;
    block.lines().take(rows).map(|line| clipped(line, usize::from(columns))).collect()
}

/// The line's first columns; what paints takes none.
fn clipped(line: &str, columns: usize) -> String {
    let (mut clipped, mut used, mut painted) = (String::with_capacity(line.len()), 0, false);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            clipped.push(letter);
            for letter in letters.by_ref() {
                clipped.push(letter);
                if letter == 'm' {
                    break;
                }
            }
            painted = !clipped.ends_with("\u{1b}[0m");
            continue;
        }
        let wide = width(letter.encode_utf8(&mut [0; 4]));
        if used + wide > columns {
            break;
        }
        used += wide;
        clipped.push(letter);
    }
    if painted {
        clipped.push_str("\u{1b}[0m");
    }
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_by_columns_and_its_colour_ends_with_it() {
        assert_eq!(clipped("abcdef", 4), "abcd");
        assert_eq!(clipped("ab", 4), "ab");
        assert_eq!(clipped("a\u{1b}[32mbcdef\u{1b}[0m", 3), "a\u{1b}[32mbc\u{1b}[0m");
        assert_eq!(clipped("\u{1b}[32mab\u{1b}[0mcd", 3), "\u{1b}[32mab\u{1b}[0mc");
        assert_eq!(clipped("日本語", 5), "日本");
    }

    #[test]
    fn the_next_block_takes_the_place_of_the_last_on_a_terminal_alone() {
        let mut out = Vec::new();
        let mut painter = Painter { terminal: true, shown: None };
        painter.paint(b"one\ntwo\n", &mut out).unwrap();
        painter.paint(b"three\n", &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "one\ntwo\n\u{1b}[2F\u{1b}[Jthree\n");
        let mut out = Vec::new();
        let mut painter = Painter { terminal: false, shown: None };
        painter.paint(b"one\n", &mut out).unwrap();
        painter.paint(b"two\n", &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "one\n\ntwo\n");
    }

    #[test]
    fn no_more_lines_are_shown_than_there_are() {
        assert_eq!(fitting("1\n2\n3\n4\n", (80, 4)), ["1", "2", "3"]);
    }
}
