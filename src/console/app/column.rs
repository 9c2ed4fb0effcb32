//! Columns, and tables of any data as the console sees them: ids, cells and sort keys by position.
//!
//! A [`Kind`] is a static description of one table. [`Rows`] is that description bound to its data: nothing is
//! computed before it is asked for, so a frame costs what its window costs.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::id::InstanceId;
use crate::console::app::cell::Cell;
use crate::fleet::ServiceKey;

/// What a row is, whatever its position: cursor and marks stick to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowId {
    /// A service.
    Service(Arc<ServiceKey>),
    /// An instance.
    Instance(InstanceId),
    /// Anything else that has a name of its own in its table.
    Named(Arc<str>),
}

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Numbers and ages.
    Right,
}

/// A column: what it is called and how much room it wants.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in filters, settings and the command line.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What it says, for the column chooser.
    pub help: &'static str,
    /// Where the text stands.
    pub align: Align,
    /// Narrower than this it is not worth showing.
    pub min: u16,
    /// What it wants; wider only if `grow`.
    pub ideal: u16,
    /// Its share of what is left over; 0 takes none.
    pub grow: u16,
    /// Who goes first on a narrow screen: the highest number. 0 always stays.
    pub drop: u8,
    /// Shown unless the settings say otherwise.
    pub shown: bool,
    /// Sorted by it, the greatest comes first, until one turns that round.
    pub descends: bool,
    /// Its text stays while time passes: only such columns are searched by plain words.
    pub timeless: bool,
    /// It is measured: it may say something else with every sample.
    pub live: bool,
    /// The table is sorted by it unless somebody says otherwise.
    pub leads: bool,
}

impl Column {
    /// A shown column of words, as wide as `ideal`, dropped in the order of `drop`.
    pub const fn new(id: &'static str, title: &'static str, help: &'static str, ideal: u16, drop: u8) -> Self {
        let min = if ideal < 8 { ideal } else { 8 };
        Self {
            id,
            title,
            help,
            align: Align::Left,
            min,
            ideal,
            grow: 0,
            drop,
            shown: true,
            descends: false,
            timeless: true,
            live: false,
            leads: false,
        }
    }

    /// Whether it is meant by that name: its own, or its heading.
    pub fn is_called(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name) || self.title.eq_ignore_ascii_case(name)
    }

    /// The same, taking a share of what is left over.
    #[must_use]
    pub const fn grows(mut self, share: u16) -> Self {
        self.grow = share;
        self
    }

    /// The same, dropped rather than cut at all.
    #[must_use]
    pub const fn whole(mut self) -> Self {
        self.min = self.ideal;
        self
    }

    /// The same, with the greatest first.
    #[must_use]
    pub const fn descends(mut self) -> Self {
        self.descends = true;
        self
    }

    /// The same for numbers.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.align = Align::Right;
        self
    }

    /// The same for ages, which change by themselves.
    #[must_use]
    pub const fn ages(mut self) -> Self {
        self.align = Align::Right;
        self.timeless = false;
        self
    }

    /// The same for what is measured: the greatest first.
    #[must_use]
    pub const fn live(mut self) -> Self {
        self.align = Align::Right;
        (self.timeless, self.live, self.descends) = (false, true, true);
        self
    }

    /// The same, and the table is sorted by it.
    #[must_use]
    pub const fn leads(mut self) -> Self {
        self.leads = true;
        self
    }

    /// The same for words that change by themselves.
    #[must_use]
    pub const fn changes(mut self) -> Self {
        self.timeless = false;
        self
    }

    /// The same, shown only on demand.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.shown = false;
        self
    }
}

/// What a column is sorted by. What is missing comes last either way.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// A number.
    Number(i64),
    /// A time.
    Time(Timestamp),
    /// Text: without case, digits by their value, so that `web-9` stands before `web-10`.
    Text(Box<str>),
    /// Nothing was told.
    Missing,
}

impl SortKey {
    /// The key of a text that may be missing.
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Missing, |text| Self::Text(text.to_lowercase().into()))
    }

    /// The key of a time that may be missing.
    pub fn time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Missing, Self::Time)
    }

    /// Which comes first.
    pub fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Missing, Self::Missing) => return Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, Self::Missing) => return Ordering::Less,
            (Self::Number(one), Self::Number(two)) => one.cmp(two),
            (Self::Time(one), Self::Time(two)) => one.cmp(two),
            (Self::Text(one), Self::Text(two)) => natural(one, two),
            (one, two) => one.rank().cmp(&two.rank()),
        };
        if descending { order.reverse() } else { order }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Time(_) => 1,
            Self::Text(_) => 2,
            Self::Missing => 3,
        }
    }
}

/// Text order in which runs of digits count by their value; equal only for equal texts.
pub fn natural(one: &str, two: &str) -> Ordering {
    let (mut left, mut right) = (one.as_bytes(), two.as_bytes());
    while let (Some(a), Some(b)) = (left.first(), right.first()) {
        let order = if a.is_ascii_digit() && b.is_ascii_digit() {
            let (x, y) = (digits(&mut left), digits(&mut right));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            let order = a.cmp(b);
            (left, right) = (&left[1..], &right[1..]);
            order
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| one.cmp(two))
}

/// Takes the leading digits off, and gives them without leading zeros.
fn digits<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    *text = rest;
    &run[run.iter().position(|byte| *byte != b'0').unwrap_or(run.len())..]
}

/// The two clocks that ages are told by.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// On the wall.
    pub wall: Timestamp,
    /// In the cloud.
    pub cloud: Timestamp,
}

/// A column bound to the data that it is computed from.
pub struct Field<D: 'static> {
    /// The column.
    pub column: Column,
    /// Its cell in the row at a position.
    pub cell: fn(&D, usize, &Moment) -> Cell,
    /// What it is sorted by there.
    pub key: fn(&D, usize) -> SortKey,
}

/// The static description of a table over data of one type.
pub struct Kind<D: 'static> {
    /// Its name in the settings: `instances`.
    pub name: &'static str,
    /// Its columns in their own order.
    pub fields: &'static [Field<D>],
    /// How many rows the data has.
    pub len: fn(&D) -> usize,
    /// Which row is at a position.
    pub id: fn(&D, usize) -> RowId,
    /// What it is called: breaks ties, and names it in notices.
    pub name_of: fn(&D, usize) -> &str,
    /// Where a row is, if it is there.
    pub find: fn(&D, &RowId) -> Option<usize>,
}

/// A table's data, seen by position.
pub trait Rows {
    /// The table's name.
    fn name(&self) -> &'static str;
    /// How many rows there are.
    fn count(&self) -> usize;
    /// How many columns there are.
    fn columns(&self) -> usize;
    /// One column.
    fn column(&self, column: usize) -> &'static Column;
    /// Which row is at a position.
    fn id(&self, at: usize) -> RowId;
    /// What it is called.
    fn name_of(&self, at: usize) -> &str;
    /// Where a row is, if it is there.
    fn find(&self, id: &RowId) -> Option<usize>;
    /// One cell.
    fn cell(&self, at: usize, column: usize, moment: &Moment) -> Cell;
    /// One sort key.
    fn key(&self, at: usize, column: usize) -> SortKey;
}

/// A [`Kind`] with its data, lent or (for the small tables, which are put together when asked for) owned.
pub struct Bound<D: 'static, B> {
    /// The description.
    pub kind: &'static Kind<D>,
    /// The data.
    pub data: B,
}

impl<D, B: Borrow<D>> Rows for Bound<D, B> {
    fn name(&self) -> &'static str {
        self.kind.name
    }
    fn count(&self) -> usize {
        (self.kind.len)(self.data.borrow())
    }
    fn columns(&self) -> usize {
        self.kind.fields.len()
    }
    fn column(&self, column: usize) -> &'static Column {
        &self.kind.fields[column].column
    }
    fn id(&self, at: usize) -> RowId {
        (self.kind.id)(self.data.borrow(), at)
    }
    fn name_of(&self, at: usize) -> &str {
        (self.kind.name_of)(self.data.borrow(), at)
    }
    fn find(&self, id: &RowId) -> Option<usize> {
        (self.kind.find)(self.data.borrow(), id)
    }
    fn cell(&self, at: usize, column: usize, moment: &Moment) -> Cell {
        (self.kind.fields[column].cell)(self.data.borrow(), at, moment)
    }
    fn key(&self, at: usize, column: usize) -> SortKey {
        (self.kind.fields[column].key)(self.data.borrow(), at)
    }
}
