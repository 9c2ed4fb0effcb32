//! A table's state: order, cursor, marks, columns. It holds ids; what the rows say is asked of [`Rows`] when needed.
//!
//! Order is computed when data, filter or sort change, and never while drawing.

use std::collections::BTreeSet;

use crate::config::ViewSettings;
use crate::console::app::column::{Moment, RowId, Rows, SortKey};
use crate::console::app::filter::{Filter, find_column};

/// By which column, and which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// Position of the column in its table.
    pub column: usize,
    /// The greatest first.
    pub descending: bool,
}

/// A table's state.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Positions of the shown columns, in the order of showing.
    pub shown: Vec<usize>,
    /// These are the table's own, chosen by nobody: they may change with what there is to show.
    pub is_own: bool,
    /// Sorted by.
    pub sort: Sort,
    /// The column that the sort key will take: a position in `shown`.
    pub chosen: Option<usize>,
    /// What is filtered by, as typed.
    pub filter_text: String,
    /// The same, parsed.
    pub filter: Filter,
    /// First row of the window.
    pub top: usize,
    order: Vec<(RowId, u32)>,
    cursor: Option<RowId>,
    cursor_name: String,
    position: usize,
    marks: BTreeSet<RowId>,
    /// How many of them the filter hides: only a new order changes that, for marks are set and taken on shown rows.
    hidden: usize,
    last_mark: Option<RowId>,
    /// What plain words are looked for in, by position in the data; `None` where it is to be put together anew.
    words: Vec<Option<Box<str>>>,
    outdated: bool,
    read: bool,
    /// A hand has moved the cursor, or marked something.
    touched: bool,
    /// All that belongs here was there once.
    whole: bool,
}

/// What became of cursor and marks when the data changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// The row under the cursor is no longer in the table: its id and name, and whether it is still in the data.
    pub cursor_lost: Option<(RowId, String, bool)>,
    /// Marked rows that are gone from the data.
    pub marks_lost: usize,
}

impl Table {
    /// A table with columns and order as given by the settings, or its own.
    pub fn new(rows: &dyn Rows, wanted: Option<&ViewSettings>) -> Self {
        let wanted_columns = wanted.and_then(|view| view.columns.as_ref());
        let mut shown: Vec<usize> =
            wanted_columns.into_iter().flatten().filter_map(|name| find_column(rows, name)).collect();
        let is_own = shown.is_empty();
        if is_own {
            shown = (0..rows.columns()).filter(|at| rows.column(*at).shown).collect();
        }
        let sort = wanted.and_then(|view| view.sort.as_ref()).and_then(|sort| {
            find_column(rows, &sort.column).map(|column| Sort { column, descending: sort.descending })
        });
        let leading = (0..rows.columns()).find(|at| rows.column(*at).leads).unwrap_or(0);
        let own = Sort { column: leading, descending: rows.columns() > 0 && rows.column(leading).descends };
        Self { shown, is_own, sort: sort.unwrap_or(own), outdated: true, ..Self::default() }
    }

    /// How many rows are in it, the filter applied.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether no row is in it.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The rows in their order: ids, and positions in the data.
    pub fn order(&self) -> &[(RowId, u32)] {
        &self.order
    }

    /// The row under the cursor.
    pub fn cursor(&self) -> Option<&RowId> {
        self.cursor.as_ref()
    }

    /// Where the cursor is in the order.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The marked rows, in the order of their ids; also those that the filter hides.
    pub fn marks(&self) -> &BTreeSet<RowId> {
        &self.marks
    }

    /// How many marked rows the filter hides.
    pub fn hidden_marks(&self) -> usize {
        self.hidden
    }

    /// The marked rows: those that are shown, in their order, and those that the filter hides.
    pub fn marked(&self) -> (Vec<&RowId>, Vec<&RowId>) {
        apart(self.order.iter().map(|(id, _)| id), &self.marks)
    }

    /// The data have changed: the order is to be computed anew before it is used.
    pub fn outdate(&mut self) {
        self.outdated = true;
        self.words.clear();
    }

    /// What is measured has changed, and nothing else: words that rows are found by stay.
    pub fn outdate_order(&mut self) {
        self.outdated = true;
    }

    /// The same, but some rows say what they said before: `former` tells for each row where it was then.
    pub fn outdate_but(&mut self, former: &[Option<usize>]) {
        self.outdated = true;
        if self.has_words() {
            let mut words = std::mem::take(&mut self.words);
            self.words = former.iter().map(|at| words.get_mut((*at)?)?.take()).collect();
        }
    }

    /// Whether it was filtered by plain words, so that the text of each row is known.
    pub fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whether the order is to be computed anew.
    pub fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// All that belongs here is there: from now on the cursor stays with its row even if no hand has put it there.
    pub fn complete(&mut self) {
        self.whole = true;
    }

    /// Whether it ever was in order, so that somebody may have looked at it.
    pub fn was_read(&self) -> bool {
        self.read
    }

    /// Filters by what was typed; the order is to be computed anew.
    pub fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter_text);
        self.filter = Filter::parse(text);
    }

    /// Shows these columns, in this order.
    pub fn show(&mut self, columns: Vec<usize>) {
        self.shown = columns;
        self.is_own = false;
        self.chosen = None;
        self.outdate();
    }

    /// Shows these as its own; the order is to be computed anew where it looks at them.
    pub fn show_own(&mut self, columns: Vec<usize>) {
        if self.shown != columns {
            self.shown = columns;
            self.chosen = None;
            self.words.clear();
        }
    }

    /// Remembers what the row under the cursor is called, to tell its name when it is gone.
    pub fn remember_name(&mut self, rows: &dyn Rows) {
        let at = self.order.get(self.position).map(|(_, at)| *at as usize);
        self.cursor_name = at.filter(|at| *at < rows.count()).map_or("", |at| rows.name_of(at)).to_owned();
    }

    /// Computes the order anew. `base` limits it to some positions; `keep` says that rows may yet come back (a partial
    /// listing), so that no mark is dropped.
    pub fn reorder(&mut self, rows: &dyn Rows, base: Option<&[usize]>, moment: &Moment, keep: bool) -> Moved {
        (self.outdated, self.read) = (false, true);
        let mut at: Vec<usize> = base.map_or_else(|| (0..rows.count()).collect(), <[usize]>::to_vec);
        self.retain_matching(rows, &mut at, moment);
        let order = self.sorted(rows, &at);
        let former = std::mem::replace(&mut self.order, order);
        let mut moved = self.settle(rows, &former, keep);
        // Rows still come, and nobody has chosen one: the first is what is to be seen first.
        if !self.touched && !self.whole {
            moved.cursor_lost = None;
            self.put(0);
        }
        self.hidden = if self.marks.is_empty() { 0 } else { self.marked().1.len() };
        moved
    }

    fn retain_matching(&mut self, rows: &dyn Rows, at: &mut Vec<usize>, moment: &Moment) {
        if self.filter.is_empty() {
            return;
        }
        let test = self.filter.test(rows);
        if test.wants_words() {
            self.words.resize(rows.count(), None);
            for (at, text) in self.words.iter_mut().enumerate() {
                text.get_or_insert_with(|| words(rows, &self.shown, at, moment));
            }
        }
        let text = |at: usize| self.words.get(at).and_then(Option::as_deref).unwrap_or_default();
        at.retain(|at| test.matches(rows, *at, text(*at), moment));
    }

    fn sorted(&self, rows: &dyn Rows, at: &[usize]) -> Vec<(RowId, u32)> {
        let column = self.sort.column.min(rows.columns().saturating_sub(1));
        let mut keyed: Vec<(SortKey, &str, RowId, usize)> =
            at.iter().map(|at| (rows.key(*at, column), rows.name_of(*at), rows.id(*at), *at)).collect();
        keyed.sort_by(|one, two| {
            one.0
                .compare(&two.0, self.sort.descending)
                .then_with(|| super::column::natural(one.1, two.1))
                .then_with(|| one.2.cmp(&two.2))
        });
        keyed.into_iter().map(|(_, _, id, at)| (id, u32::try_from(at).unwrap_or(u32::MAX))).collect()
    }

    /// Puts cursor and marks onto the new order: the same row, or the nearest that followed it.
    fn settle(&mut self, rows: &dyn Rows, former: &[(RowId, u32)], keep: bool) -> Moved {
        let mut moved = Moved::default();
        if !keep {
            let before = self.marks.len();
            self.marks.retain(|id| rows.find(id).is_some());
            moved.marks_lost = before - self.marks.len();
            if self.last_mark.as_ref().is_some_and(|id| !self.marks.contains(id)) {
                self.last_mark = None;
            }
        }
        let Some(cursor) = self.cursor.clone() else {
            self.put(self.position.min(self.order.len().saturating_sub(1)));
            return moved;
        };
        let places: std::collections::HashMap<&RowId, usize> =
            self.order.iter().enumerate().map(|(place, (id, _))| (id, place)).collect();
        if let Some(place) = places.get(&cursor) {
            self.put(*place);
            return moved;
        }
        let following = former.iter().skip(self.position).find_map(|(id, _)| places.get(id).copied());
        let preceding =
            || former.iter().take(self.position).rev().find_map(|(id, _)| places.get(id).copied()).unwrap_or(0);
        let place = following.unwrap_or_else(preceding);
        drop(places);
        let name = std::mem::take(&mut self.cursor_name);
        moved.cursor_lost = Some((cursor.clone(), name, rows.find(&cursor).is_some()));
        self.put(place);
        moved
    }

    /// Puts the cursor at a place of the order, as near as there is one.
    pub fn put(&mut self, place: usize) {
        self.position = place.min(self.order.len().saturating_sub(1));
        self.cursor = self.order.get(self.position).map(|(id, _)| id.clone());
    }

    /// Puts the cursor on a row, if it is in the order.
    pub fn seek(&mut self, id: &RowId) -> bool {
        self.touched = true;
        let Some(place) = self.order.iter().position(|(other, _)| other == id) else { return false };
        self.put(place);
        true
    }

    /// Moves the cursor by some rows.
    pub fn step(&mut self, by: isize) {
        self.touched = true;
        self.put(self.position.saturating_add_signed(by));
    }

    /// Shifts the window so that the cursor is in it.
    pub fn scroll_to_cursor(&mut self, height: usize) {
        let height = height.max(1);
        self.top = self.top.min(self.order.len().saturating_sub(height));
        if self.position < self.top {
            self.top = self.position;
        } else if self.position >= self.top + height {
            self.top = self.position + 1 - height;
        }
    }

    /// Marks the row under the cursor, or unmarks it.
    pub fn toggle_mark(&mut self) {
        let Some(id) = self.cursor.clone() else { return };
        if self.marks.remove(&id) {
            self.last_mark = None;
        } else {
            self.marks.insert(id.clone());
            self.last_mark = Some(id);
        }
    }

    /// Marks everything from the last mark to the cursor; without a last mark, the row under the cursor.
    pub fn mark_range(&mut self) {
        let Some(id) = self.cursor.clone() else { return };
        let from = self.last_mark.as_ref().and_then(|last| self.order.iter().position(|(id, _)| id == last));
        let from = from.unwrap_or(self.position);
        let (first, last) = (from.min(self.position), from.max(self.position));
        let range = self.order.iter().skip(first).take(last + 1 - first).map(|(id, _)| id.clone());
        self.marks.extend(range);
        self.last_mark = Some(id);
    }

    /// Marks what is unmarked and the other way round, among the rows that the filter shows.
    pub fn invert_marks(&mut self) {
        for (id, _) in &self.order {
            if !self.marks.remove(id) {
                self.marks.insert(id.clone());
            }
        }
        self.last_mark = None;
    }

    /// Unmarks everything; tells whether anything was marked.
    pub fn clear_marks(&mut self) -> bool {
        (self.last_mark, self.hidden) = (None, 0);
        !std::mem::take(&mut self.marks).is_empty()
    }
}

/// Those marked among some rows, in the rows' order, and the marked ones that are not among them. There may be very many
/// of both: each is looked up, none is compared with all.
fn apart<'a, T: Ord>(rows: impl Iterator<Item = &'a T>, marks: &'a BTreeSet<T>) -> (Vec<&'a T>, Vec<&'a T>) {
    let shown: Vec<&T> = rows.filter(|row| marks.contains(row)).collect();
    let known: BTreeSet<&T> = shown.iter().copied().collect();
    let hidden = marks.iter().filter(|mark| !known.contains(mark)).collect();
    (shown, hidden)
}

/// What plain words are looked for in: the timeless shown columns, in lower case.
fn words(rows: &dyn Rows, shown: &[usize], at: usize, moment: &Moment) -> Box<str> {
    let mut text = String::new();
    for column in shown.iter().filter(|column| rows.column(**column).timeless) {
        text.push_str(&rows.cell(at, *column, moment).text);
        text.push('\n');
    }
    text.to_lowercase().into()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::cmp::Ordering;
    use std::collections::BTreeSet;

    use super::apart;

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// A number that counts how often it is compared with another.
    #[derive(Debug, Eq)]
    struct Counted(usize);

    impl Ord for Counted {
        fn cmp(&self, other: &Self) -> Ordering {
            COMPARED.set(COMPARED.get() + 1);
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Counted {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other) == Ordering::Equal
        }
    }

    #[test]
    fn ten_thousand_marks_are_told_apart_without_comparing_each_with_all() {
        let rows: Vec<Counted> = (0..10_000).rev().map(Counted).collect();
        let marks: BTreeSet<Counted> = (2_000..12_000).map(Counted).collect();
        COMPARED.set(0);
        let (shown, hidden) = apart(rows.iter(), &marks);
        let compared = COMPARED.get();
        assert!(compared < 60 * rows.len(), "{compared} comparisons");
        assert_eq!((shown.len(), hidden.len()), (8_000, 2_000));
        assert_eq!((shown[0].0, shown[7_999].0), (9_999, 2_000), "in the order of the rows");
        assert_eq!((hidden[0].0, hidden[1_999].0), (10_000, 11_999));
    }
}
