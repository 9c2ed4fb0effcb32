//! A frame's difference as bytes for the terminal.
//!
//! Our own and not ratatui's backend, for four reasons: it writes 25 bytes even when nothing has changed; it writes the
//! sixteen named colours as `38;5;n`, which terminals of sixteen colours do not know; with `NO_COLOR` it resets the
//! reverse video that shows the selection; and the newest frame must be compared with what the terminal really got,
//! which only the writer's thread knows. Attributes and colours are separate commands: old builds of mosh misread
//! them when combined.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell, CellDiffOption, CellWidth};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};

/// From this many blank cells on at a row's end, erasing to the end of the line is shorter than writing them.
const ERASE_FROM: usize = 4;

/// Up to this gap, writing unchanged cells again is no longer than moving the cursor over them.
const BRIDGE: u16 = 3;

/// Attributes, with the code that sets and the code that clears each.
const ATTRIBUTES: [(Modifier, u8, u8); 8] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// What the terminal shows and how its pen stands; turns the next frame into bytes.
pub(super) struct Encoder {
    shown: Option<Buffer>,
    pen: Pen,
    /// Where the terminal will write next; `None` when terminals might disagree.
    at: Option<Position>,
    colour: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

impl Encoder {
    /// For a terminal of which nothing is known. Without `colour` no colour command is ever written.
    pub(super) fn new(colour: bool) -> Self {
        Self { shown: None, pen: PLAIN, at: None, colour }
    }

    /// The terminal's content is no longer known: the next frame is painted whole.
    pub(super) fn forget(&mut self) {
        self.shown = None;
    }

    /// Appends what turns the shown frame into this one; nothing if they are the same. The frame is kept; what it leaves
    /// behind is the one before, to be filled anew.
    pub(super) fn frame(&mut self, next: &mut Buffer, out: &mut Vec<u8>) {
        let before = out.len();
        let shown = match self.shown.take() {
            Some(shown) if shown.area == next.area => shown,
            _ => self.wipe(next, out),
        };
        let updates: Vec<_> = shown.diff_iter(next).collect();
        for row in updates.chunk_by(|a, b| a.1 == b.1) {
            let y = row[0].1;
            if has_wide(&shown, y) || has_wide(next, y) {
                self.row(next, &whole_row(next, y), out);
            } else {
                self.row(next, row, out);
            }
        }
        if out.len() > before {
            self.set_pen(PLAIN, out);
        }
        self.shown = Some(std::mem::replace(next, shown));
    }

    fn wipe(&mut self, next: &Buffer, out: &mut Vec<u8>) -> Buffer {
        out.extend_from_slice(b"\x1b[?25l\x1b[m\x1b[2J");
        (self.pen, self.at) = (PLAIN, None);
        Buffer::empty(next.area)
    }

    fn row(&mut self, next: &Buffer, updates: &[(u16, u16, &Cell)], out: &mut Vec<u8>) {
        let Some(&(_, y, _)) = updates.first() else { return };
        let tail = blank_from(next, y);
        let erased = updates.iter().filter(|(x, ..)| *x >= tail).count();
        let erase = erased >= ERASE_FROM;
        for &(x, y, cell) in updates {
            if erase && x >= tail {
                continue;
            }
            self.move_to(Position { x, y }, next, out);
            self.put(cell, Position { x, y }, next.area.right(), out);
        }
        if erase {
            self.move_to(Position { x: tail, y }, next, out);
            self.set_pen(PLAIN, out);
            out.extend_from_slice(b"\x1b[K");
        }
    }

    fn put(&mut self, cell: &Cell, at: Position, width: u16, out: &mut Vec<u8>) {
        self.set_pen(self.pen_of(cell), out);
        let symbol = cell.symbol();
        // Text is sanitised where it enters; this is the last door before the terminal.
        if symbol.is_empty() || symbol.chars().any(char::is_control) {
            out.push(b' ');
        } else {
            out.extend_from_slice(symbol.as_bytes());
        }
        let sure = symbol.len() == 1 || (symbol.chars().count() == 1 && cell.cell_width() == 1);
        self.at = (sure && at.x + 1 < width).then_some(Position { x: at.x + 1, y: at.y });
    }

    fn move_to(&mut self, to: Position, next: &Buffer, out: &mut Vec<u8>) {
        match self.at {
            Some(at) if at == to => {}
            Some(at) if at.y == to.y && at.x < to.x && to.x - at.x <= BRIDGE && self.can_bridge(at, to, next) => {
                for x in at.x..to.x {
                    out.extend_from_slice(next[(x, to.y)].symbol().as_bytes());
                }
            }
            Some(at) if at.y == to.y && at.x + 1 == to.x => out.extend_from_slice(b"\x1b[C"),
            Some(at) if at.y == to.y && at.x < to.x => write_all(out, format_args!("\x1b[{}C", to.x - at.x)),
            _ if to.x == 0 => write_all(out, format_args!("\x1b[{}H", to.y + 1)),
            _ => write_all(out, format_args!("\x1b[{};{}H", to.y + 1, to.x + 1)),
        }
        self.at = Some(to);
    }

    fn can_bridge(&self, at: Position, to: Position, next: &Buffer) -> bool {
        (at.x..to.x).all(|x| {
            let cell = &next[(x, to.y)];
            let symbol = cell.symbol().as_bytes();
            matches!(symbol, [b' '..=b'~']) && self.pen_of(cell) == self.pen && is_ordinary(cell)
        })
    }

    fn pen_of(&self, cell: &Cell) -> Pen {
        // RAPID_BLINK has no attribute of its own here; it blinks.
        let mut modifier = cell.modifier;
        if modifier.contains(Modifier::RAPID_BLINK) {
            modifier = modifier.difference(Modifier::RAPID_BLINK) | Modifier::SLOW_BLINK;
        }
        if self.colour { Pen { fg: cell.fg, bg: cell.bg, modifier } } else { Pen { modifier, ..PLAIN } }
    }

    fn set_pen(&mut self, to: Pen, out: &mut Vec<u8>) {
        if to == self.pen {
            return;
        }
        if to == PLAIN {
            out.extend_from_slice(b"\x1b[m");
            self.pen = to;
            return;
        }
        self.set_attributes(to.modifier, out);
        if to.fg != self.pen.fg {
            colour(to.fg, 30, out);
        }
        if to.bg != self.pen.bg {
            colour(to.bg, 40, out);
        }
        self.pen = to;
    }

    fn set_attributes(&self, to: Modifier, out: &mut Vec<u8>) {
        let mut have = self.pen.modifier;
        let mut codes: Vec<u8> = Vec::new();
        for (attribute, _, clear) in ATTRIBUTES {
            if have.contains(attribute) && !to.contains(attribute) && !codes.contains(&clear) {
                codes.push(clear);
                // Clearing bold clears dim too, and the other way round.
                for (other, _, same) in ATTRIBUTES {
                    if same == clear {
                        have.remove(other);
                    }
                }
            }
        }
        codes.extend(ATTRIBUTES.iter().filter(|(a, ..)| to.contains(*a) && !have.contains(*a)).map(|(_, set, _)| *set));
        for (index, code) in codes.iter().enumerate() {
            write_all(out, format_args!("{}{code}", if index == 0 { "\x1b[" } else { ";" }));
        }
        if !codes.is_empty() {
            out.push(b'm');
        }
    }
}

/// The column from which the row is blank to its end.
fn blank_from(buffer: &Buffer, y: u16) -> u16 {
    let area = buffer.area;
    let blank = |x: &u16| {
        let cell = &buffer[(*x, y)];
        cell.symbol() == " "
            && (cell.fg, cell.bg, cell.modifier) == (Color::Reset, Color::Reset, Modifier::empty())
            && is_ordinary(cell)
    };
    let count = (area.left()..area.right()).rev().take_while(blank).count();
    let tail = area.right() - u16::try_from(count).unwrap_or(0);
    // The cell behind a wide character is blank in the buffer, but is the character's second half.
    let covers = tail > area.left() && buffer[(tail - 1, y)].cell_width() > 1;
    if covers { tail + 1 } else { tail }
}

/// Terminals differ in what becomes of the other half when half of a wide character is overwritten: such a row is
/// written whole.
fn has_wide(buffer: &Buffer, y: u16) -> bool {
    // What is one byte long is one column wide: that is nearly all of a screen.
    let wide = |cell: &Cell| cell.symbol().len() > 1 && cell.cell_width() > 1;
    (buffer.area.left()..buffer.area.right()).any(|x| wide(&buffer[(x, y)]))
}

fn whole_row(buffer: &Buffer, y: u16) -> Vec<(u16, u16, &Cell)> {
    let mut cells = Vec::new();
    let mut x = buffer.area.left();
    while x < buffer.area.right() {
        let cell = &buffer[(x, y)];
        cells.push((x, y, cell));
        x += cell.cell_width().max(1);
    }
    cells
}

fn is_ordinary(cell: &Cell) -> bool {
    cell.diff_option == CellDiffOption::None
}

/// Writes a colour; `base` is 30 for the foreground and 40 for the background.
fn colour(colour: Color, base: u8, out: &mut Vec<u8>) {
    let bright = base + 60;
    let code = match colour {
        Color::Reset => base + 9,
        Color::Black => base,
        Color::Red => base + 1,
        Color::Green => base + 2,
        Color::Yellow => base + 3,
        Color::Blue => base + 4,
        Color::Magenta => base + 5,
        Color::Cyan => base + 6,
        Color::Gray => base + 7,
        Color::DarkGray => bright,
        Color::LightRed => bright + 1,
        Color::LightGreen => bright + 2,
        Color::LightYellow => bright + 3,
        Color::LightBlue => bright + 4,
        Color::LightMagenta => bright + 5,
        Color::LightCyan => bright + 6,
        Color::White => bright + 7,
        Color::Indexed(index) => return write_all(out, format_args!("\x1b[{};5;{index}m", base + 8)),
        Color::Rgb(r, g, b) => return write_all(out, format_args!("\x1b[{};2;{r};{g};{b}m", base + 8)),
    };
    write_all(out, format_args!("\x1b[{code}m"));
}

/// Writing to memory cannot fail.
fn write_all(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).unwrap_or_default();
}

#[cfg(test)]
mod tests;
