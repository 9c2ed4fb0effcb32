//! Breaking lines that are wider than the screen, and moving a window sideways over them.
//!
//! Lines break at spaces where there are any, else anywhere: nothing is ever unreadable for want of a space.

use unicode_segmentation::UnicodeSegmentation;

use crate::base::text::width;
use crate::console::app::cell::Cell;

/// A sign and the space behind it.
const SIGN: usize = 2;

/// Breaks a text into rows of at most some columns.
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for line in text.lines() {
        let mut rest = line;
        loop {
            let end = end_of_row(rest, room.max(1), true);
            rows.push(rest[..end].trim_end().to_owned());
            rest = rest[end..].trim_start();
            if rest.is_empty() {
                break;
            }
        }
    }
    rows
}

/// Breaks a line of cells, a column apart, into rows. All but the first are indented by `hang` columns.
pub fn flow(cells: &[Cell], room: usize, hang: usize) -> Vec<Vec<Cell>> {
    let hang = hang.min(room / 2);
    let mut rows: Vec<Vec<Cell>> = vec![Vec::new()];
    let mut used = 0;
    for cell in cells {
        let mut cell = cell.clone();
        loop {
            let fresh = rows.last().is_some_and(Vec::is_empty);
            let taken = used + usize::from(!fresh) + sign(&cell);
            let end = end_of_row(&cell.text, room.saturating_sub(taken), fresh);
            let (here, rest) = cell.text.split_at(end);
            let rest = rest.trim_start().to_owned();
            if end > 0 || cell.text.is_empty() || fresh {
                used = taken + width(here);
                let here = Cell { text: here.to_owned(), ..cell.clone() };
                rows.last_mut().into_iter().for_each(|row| row.push(here.clone()));
                cell.glyph = None;
                if rest.is_empty() {
                    break;
                }
            }
            cell.text = format!("{}{rest}", " ".repeat(hang));
            rows.push(Vec::new());
            used = 0;
        }
    }
    rows
}

/// The same line without its first columns.
pub fn shifted(cells: &[Cell], columns: usize) -> Vec<Cell> {
    let mut left = columns;
    let mut rest = Vec::new();
    for cell in cells {
        let all = cell_width(cell);
        if left > all {
            left -= all + 1;
            continue;
        }
        let mut cell = cell.clone();
        if left > 0 && cell.glyph.take().is_some() {
            left = left.saturating_sub(SIGN);
        }
        cell.text = skip_columns(&cell.text, left).to_owned();
        left = 0;
        rest.push(cell);
    }
    rest
}

/// How many columns a line of cells takes.
pub fn line_width(cells: &[Cell]) -> usize {
    cells.iter().map(cell_width).sum::<usize>() + cells.len().saturating_sub(1)
}

/// The text without its first columns.
pub fn skip_columns(text: &str, skipped: usize) -> &str {
    let mut used = 0;
    for (at, letter) in text.grapheme_indices(true) {
        if used >= skipped {
            return &text[at..];
        }
        used += width(letter);
    }
    ""
}

fn cell_width(cell: &Cell) -> usize {
    sign(cell) + width(&cell.text)
}

fn sign(cell: &Cell) -> usize {
    if cell.glyph.is_some() { SIGN } else { 0 }
}

/// Where the first row of a text ends. 0 when nothing of it fits; with `forced` at least one letter is taken.
fn end_of_row(text: &str, room: usize, forced: bool) -> usize {
    if text.len() <= room || width(text) <= room {
        return text.len();
    }
    let begun = text.len() - text.trim_start().len();
    let mut used = 0;
    let mut full = 0;
    for (at, letter) in text.grapheme_indices(true) {
        used += width(letter);
        if used > room && !(forced && full <= begun) {
            break;
        }
        full = at + letter.len();
    }
    // A space right behind the row ends it too.
    let gap = text[full..].starts_with(' ').then_some(full).or_else(|| text[..full].rfind(' '));
    match gap.filter(|gap| *gap > begun) {
        Some(gap) => gap,
        None if forced => full,
        None => 0,
    }
}
