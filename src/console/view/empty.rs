//! Why a panel shows nothing: said where one looks, in its upper third.

use ratatui::layout::Rect;

use crate::console::app::cell::Cell;
use crate::console::app::wrap::wrapped;
use crate::console::view::ink::{Ink, columns, role};

/// A line of prose longer than this is hard to read.
const WIDEST: u16 = 76;

/// Draws the reason and what helps.
pub(super) fn draw(ink: &mut Ink<'_>, area: Rect, reason: &[Cell]) {
    let room = area.width.saturating_sub(6).min(WIDEST);
    let mut lines: Vec<Cell> = Vec::new();
    for cell in reason {
        for (at, text) in wrapped(&cell.text, usize::from(room)).into_iter().enumerate() {
            lines.push(Cell { text, tone: cell.tone, glyph: cell.glyph.filter(|_| at == 0) });
        }
    }
    let widest = lines.iter().map(|line| columns(&line.text) + 2).max().unwrap_or(0).min(area.width);
    let x = area.x + (area.width - widest) / 2;
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let top = area.y + area.height.saturating_sub(height) / 3;
    for (y, line) in (top..area.bottom()).zip(&lines) {
        let style = ink.style(role(line.tone));
        // Lines without a sign stand under the text of the one that has it.
        let indent = if line.glyph.is_some() { 0 } else { 2 };
        ink.cell(x + indent, y, area.right().saturating_sub(x + indent), line, style);
    }
}
