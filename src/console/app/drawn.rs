//! The cells of the rows that were drawn last: while only the cursor moves, they are drawn again as they are.
//!
//! A step of the cursor then costs what it changes. Whatever else happens forgets them, and so does the next second:
//! ages and what still stands depend on the time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::console::app::cell::Cell;
use crate::console::app::column::{Moment, RowId};

/// The rows of the last frame. Drawing only reads the model: this alone it may fill.
#[derive(Debug, Default)]
pub(super) struct Drawn(RefCell<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// The second on the wall, and in the cloud.
    at: (i64, i64),
    rows: BTreeMap<RowId, Arc<[Cell]>>,
}

impl Drawn {
    /// Something has happened that rows may depend on.
    pub(super) fn forget(&mut self) {
        self.0.get_mut().rows.clear();
    }

    /// Where the cells of rows are taken from for one frame; what is taken is kept for the next one, and nothing else.
    pub(super) fn frame(&self, moment: &Moment) -> Frame<'_> {
        let at = (moment.wall.as_second(), moment.cloud.as_second());
        let before = self.0.take();
        let rows = if before.at == at { before.rows } else { BTreeMap::new() };
        Frame { drawn: self, before: rows, now: Kept { at, rows: BTreeMap::new() } }
    }
}

/// A frame that is being drawn.
pub(super) struct Frame<'a> {
    drawn: &'a Drawn,
    before: BTreeMap<RowId, Arc<[Cell]>>,
    now: Kept,
}

impl Frame<'_> {
    /// The cells of a row, made where they are not kept.
    pub(super) fn cells(&mut self, id: &RowId, make: impl FnOnce() -> Arc<[Cell]>) -> Arc<[Cell]> {
        let cells = self.before.remove(id).unwrap_or_else(make);
        self.now.rows.insert(id.clone(), Arc::clone(&cells));
        cells
    }
}

impl Drop for Frame<'_> {
    fn drop(&mut self) {
        self.drawn.0.replace(std::mem::take(&mut self.now));
    }
}
