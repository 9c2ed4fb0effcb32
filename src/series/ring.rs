//! The steps of one tier: the newest so many, each known or a gap. Steps are numbered from 1970 on.

use std::collections::VecDeque;

use crate::series::tier::{Cell, Point};

/// As many as are told, and never more than `most`, which the tier knows.
#[derive(Clone, Debug)]
pub(crate) struct Ring<T> {
    cells: VecDeque<T>,
    /// The number of the last cell; means nothing while there is none.
    newest: i64,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self { cells: VecDeque::new(), newest: 0 }
    }
}

impl<T: Cell> Ring<T> {
    /// What was told of a step.
    pub(crate) fn point(&self, number: i64) -> Option<Point> {
        let at = number - self.oldest()?;
        self.cells.get(usize::try_from(at).ok()?).copied().and_then(Cell::point)
    }

    /// Whether a step is new enough to be kept.
    pub(crate) fn holds(&self, number: i64, most: usize) -> bool {
        self.cells.is_empty() || number > self.newest - most as i64
    }

    /// The cell of a step, with gaps made between it and what is there; `None` when it is too old.
    pub(crate) fn cell(&mut self, number: i64, most: usize) -> Option<&mut T> {
        if !self.holds(number, most) {
            return None;
        }
        if self.cells.is_empty() || number - self.newest >= most as i64 {
            self.cells.clear();
            self.newest = number;
            self.push(most, VecDeque::push_back);
        }
        while self.newest < number {
            if self.cells.len() == most {
                self.cells.pop_front();
            }
            self.push(most, VecDeque::push_back);
            self.newest += 1;
        }
        while self.oldest()? > number {
            self.push(most, VecDeque::push_front);
        }
        let at = usize::try_from(number - self.oldest()?).ok()?;
        self.cells.get_mut(at)
    }

    /// Forgets what is after a step.
    pub(crate) fn cut(&mut self, last: i64) {
        while self.newest > last && self.cells.pop_back().is_some() {
            self.newest -= 1;
        }
    }

    /// The number of the first cell.
    pub(crate) fn oldest(&self) -> Option<i64> {
        let count = i64::try_from(self.cells.len()).ok().filter(|count| *count > 0)?;
        Some(self.newest - count + 1)
    }

    /// The number of the last cell.
    pub(crate) fn newest(&self) -> Option<i64> {
        (!self.cells.is_empty()).then_some(self.newest)
    }

    /// Bytes beside the ring itself.
    pub(crate) fn bytes(&self) -> usize {
        self.cells.capacity() * size_of::<T>()
    }

    /// A gap at one end; room is made by halves, so that a young series is small and a full one has none to spare.
    fn push(&mut self, most: usize, push: fn(&mut VecDeque<T>, T)) {
        let count = self.cells.len();
        if count == self.cells.capacity() {
            self.cells.reserve_exact((count / 2).max(4).min(most.saturating_sub(count)));
        }
        push(&mut self.cells, T::GAP);
    }
}
