//! A part that was asked for by itself: its rows, or why there are none.

use std::io::{self, Write};

use crate::base::observation::Observation;
use crate::base::text::sanitise;
use crate::cli::table::{self, Cell};

use super::Answer;

/// Prints a title and the part's table. `empty` is said of a list without rows.
pub(super) fn section<T>(
    title: &str,
    empty: &str,
    part: &Observation<Vec<T>>,
    headings: &[&str],
    row: fn(&T) -> Vec<Cell>,
    answer: &Answer<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\n{title}")?;
    match (part.value(), &part.failure) {
        (Some(rows), _) if rows.is_empty() => writeln!(out, "{empty}"),
        (Some(rows), _) => table::print(headings, &rows.iter().map(row).collect::<Vec<_>>(), answer.colour, out),
        (None, Some(failure)) => writeln!(out, "not known: {}", sanitise(&failure.message)),
        (None, None) => writeln!(out, "not known"),
    }
}
