//! Putting text into a frame: cut to its room by what it takes on the screen, never by bytes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::base::text::{truncate, width};
use crate::console::app::cell::{Cell, Tone};
use crate::console::view::theme::{Role, Theme};

/// A frame under the brush: where and in which looks.
pub(super) struct Ink<'a> {
    pub(super) frame: &'a mut Buffer,
    pub(super) theme: &'a Theme,
}

/// The role that a tone is drawn in.
pub(super) fn role(tone: Tone) -> Role {
    match tone {
        Tone::Normal => Role::Text,
        Tone::Dim => Role::Dim,
        Tone::Good => Role::Good,
        Tone::Busy => Role::Busy,
        Tone::Warn => Role::Warn,
        Tone::Bad => Role::Bad,
        Tone::Unknown => Role::Unknown,
        Tone::Accent => Role::Accent,
        Tone::Header => Role::Heading,
    }
}

impl Ink<'_> {
    /// The look of a role.
    pub(super) fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Puts a text into `room` columns, cut with an ellipsis if it is longer. Gives the columns that it took.
    pub(super) fn put(&mut self, x: u16, y: u16, room: u16, text: &str, style: impl Into<Style>) -> u16 {
        if room == 0 || !self.frame.area.contains((x, y).into()) {
            return 0;
        }
        let text = truncate(text, usize::from(room));
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return self.put_ascii(x, y, room, &text, style.into());
        }
        self.frame.set_stringn(x, y, &text, usize::from(room), style).0 - x
    }

    /// Most of a screen: each byte is a cell, and no cluster of signs is to be looked for.
    fn put_ascii(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        let room = usize::from(room.min(self.frame.area.right() - x));
        let first = self.frame.index_of(x, y);
        let cells = &mut self.frame.content[first..first + room];
        let taken = cells.iter_mut().zip(text.chars()).map(|(cell, sign)| cell.set_char(sign).set_style(style));
        u16::try_from(taken.count()).unwrap_or(u16::MAX)
    }

    /// The same in a role.
    pub(super) fn say(&mut self, x: u16, y: u16, room: u16, text: &str, role: Role) -> u16 {
        let style = self.style(role);
        self.put(x, y, room, text, style)
    }

    /// The same, standing at the right end of its room.
    pub(super) fn put_right(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) {
        let taken = columns(text).min(room);
        self.put(x + room - taken, y, taken, text, style);
    }

    /// Puts a cell: its sign, a space and its text. Where all is well the sign alone says so: what is coloured on a
    /// calm screen is what needs a look.
    pub(super) fn cell(&mut self, x: u16, y: u16, room: u16, cell: &Cell, style: Style) -> u16 {
        let mut taken = 0;
        let mut text = style;
        if let Some(glyph) = cell.glyph {
            taken = self.put(x, y, room, glyph.sign(self.theme.is_ascii()), style);
            taken += u16::from(taken < room);
            if cell.tone == Tone::Good {
                text.fg = if style.bg.is_some() { self.style(Role::Selected).fg } else { self.style(Role::Text).fg };
            }
        }
        taken + self.put(x + taken, y, room - taken, &cell.text, text)
    }

    /// Puts texts one after another, each in its role, and gives the columns that they took.
    pub(super) fn spans(&mut self, x: u16, y: u16, room: u16, spans: &[(&str, Role)]) -> u16 {
        let mut taken = 0;
        for (text, role) in spans {
            taken += self.say(x + taken, y, room.saturating_sub(taken), text, *role);
        }
        taken
    }

    /// Repeats a sign over some columns.
    pub(super) fn rule(&mut self, x: u16, y: u16, room: u16, sign: &str, style: Style) {
        for column in x..x.saturating_add(room) {
            if self.frame.area.contains((column, y).into()) {
                self.frame[(column, y)].set_symbol(sign).set_style(style);
            }
        }
    }

    /// Empties an area and gives it a look.
    pub(super) fn clear(&mut self, area: Rect, style: Style) {
        for position in area.intersection(self.frame.area).positions() {
            self.frame[position].reset();
            self.frame[position].set_style(style);
        }
    }

    /// Lays a look over an area, the text kept.
    pub(super) fn wash(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.frame.area);
        self.frame.set_style(area, style);
    }
}

/// How many columns a text takes.
pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

/// How many columns a cell takes.
pub(super) fn cell_columns(cell: &Cell) -> u16 {
    columns(&cell.text).saturating_add(if cell.glyph.is_some() { 2 } else { 0 })
}

/// Replaces what is not ASCII, for terminals and people that want nothing else. The last stroke of every frame, so that
/// no view has to think of it.
pub(super) fn to_ascii(frame: &mut Buffer) {
    for cell in &mut frame.content {
        if !cell.symbol().is_ascii() {
            let stand_in = ascii(cell.symbol());
            cell.set_symbol(stand_in);
        }
    }
}

fn ascii(symbol: &str) -> &'static str {
    match symbol {
        "─" | "–" | "—" | "╌" => "-",
        "│" | "┃" | "▐" => "|",
        "┌" | "┐" | "└" | "┘" | "├" | "┤" | "┬" | "┴" | "┼" | "╭" | "╮" | "╰" | "╯" => "+",
        "▸" | "›" | "→" | "❯" | "≥" => ">",
        "‹" | "←" | "≤" => "<",
        "↑" | "▴" => "^",
        "↓" | "▾" => "v",
        "…" | "◌" => "~",
        "·" => ".",
        "×" | "✖" => "x",
        "●" => "+",
        "▲" => "!",
        "○" => "-",
        "◆" | "◇" | "•" | "■" | "█" => "*",
        "▏" | "▕" | "░" | "▒" | "\u{a0}" => " ",
        _ => "?",
    }
}
