//! What people read: aligned columns, a colour where the terminal has one.

use std::io::{self, Write};

use crate::base::text::{sanitise, width};
use crate::fleet::service::Severity;

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    text: String,
    paint: Paint,
    right: bool,
}

/// How a cell stands out. The text says the same without it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Paint {
    #[default]
    Plain,
    Dim,
    Good,
    Busy,
    Warn,
    Bad,
}

impl Cell {
    /// Text from anywhere: it is made safe here. No cell is empty: tools that count columns would miscount.
    pub fn text(text: &str) -> Self {
        let text = sanitise(text);
        if text.trim().is_empty() {
            return Self::missing();
        }
        Self { text: text.into_owned(), ..Self::default() }
    }

    /// A number or a short quantity, aligned to the right.
    pub fn number(number: impl std::fmt::Display) -> Self {
        Self { text: number.to_string(), right: true, ..Self::default() }
    }

    /// Text that may be missing.
    pub fn maybe(text: Option<&str>) -> Self {
        text.map_or_else(Self::missing, Self::text)
    }

    /// A number that may be missing.
    pub fn maybe_number(number: Option<impl std::fmt::Display>) -> Self {
        number.map_or_else(|| Self { right: true, ..Self::missing() }, Self::number)
    }

    /// What the cloud did not tell.
    pub fn missing() -> Self {
        Self { text: "-".to_owned(), paint: Paint::Dim, right: false }
    }

    /// A severity in words.
    pub fn severity(severity: Severity) -> Self {
        Self { text: super::json::fleet::severity(severity).to_owned(), ..Self::default() }.judged(severity)
    }

    /// The same, standing out as the severity does.
    #[must_use]
    pub fn judged(mut self, severity: Severity) -> Self {
        self.paint = match severity {
            Severity::Ok => Paint::Good,
            Severity::Busy => Paint::Busy,
            Severity::Unknown => Paint::Dim,
            Severity::Warning => Paint::Warn,
            Severity::Critical => Paint::Bad,
        };
        self
    }
}

impl Paint {
    fn codes(self) -> &'static str {
        match self {
            Paint::Plain => "",
            Paint::Dim => "\u{1b}[2m",
            Paint::Good => "\u{1b}[32m",
            Paint::Busy => "\u{1b}[36m",
            Paint::Warn => "\u{1b}[33m",
            Paint::Bad => "\u{1b}[1;31m",
        }
    }
}

/// Prints rows below their headings. `colour` is for a terminal that wants it.
pub fn print(headings: &[&str], rows: &[Vec<Cell>], colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let header: Vec<Cell> = headings.iter().enumerate().map(|(at, text)| heading(text, at, rows)).collect();
    let widths: Vec<usize> = (0..headings.len())
        .map(|at| rows.iter().chain([&header]).filter_map(|row| row.get(at)).map(|cell| width(&cell.text)).max())
        .map(Option::unwrap_or_default)
        .collect();
    for row in [&header].into_iter().chain(rows) {
        write_row(row, &widths, colour, out)?;
    }
    Ok(())
}

fn heading(text: &str, at: usize, rows: &[Vec<Cell>]) -> Cell {
    let right = rows.first().and_then(|row| row.get(at)).is_some_and(|cell| cell.right);
    Cell { text: text.to_owned(), paint: Paint::Dim, right }
}

fn write_row(row: &[Cell], widths: &[usize], colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::new();
    let mut pending = 0;
    for (cell, widest) in row.iter().zip(widths) {
        let fill = widest - width(&cell.text);
        let before = pending + if cell.right { fill } else { 0 };
        line.extend(std::iter::repeat_n(' ', before));
        match cell.paint.codes() {
            "" => line.push_str(&cell.text),
            codes if colour => line.extend([codes, &cell.text, "\u{1b}[0m"]),
            _ => line.push_str(&cell.text),
        }
        // Blanks are written before the next cell, so that no line ends in them.
        pending = 2 + if cell.right { 0 } else { fill };
    }
    writeln!(out, "{line}")
}
