//! The last changes of a service, as they stand below its graphs.

use crate::console::app::cell::{Cell, Tone};
use crate::console::app::model::Model;
use crate::console::app::tables::changes::{between, marked};
use crate::console::app::tables::words;
use crate::fleet::ServiceKey;

/// The last changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// What it is, and how much of it is not shown.
    pub title: String,
    /// Each in cells: when, to whom, what.
    pub lines: Vec<[Cell; 3]>,
    /// Said instead of lines.
    pub empty: Option<Cell>,
}

/// As many of the last changes of a service as there is room for.
pub fn recent(model: &Model, key: &ServiceKey, room: usize) -> Recent {
    let now = model.moment().cloud;
    let changes = &model.changes;
    let count = changes.of_service(key).count();
    let line = |entry: &crate::fleet::timeline::Entry| {
        let what = marked(entry, &format!("{}{}", entry.text(), between(entry, now)));
        [Cell::new(&words::when(entry.at, now), Tone::Dim), Cell::plain(&entry.subject()), what]
    };
    let lines: Vec<_> = changes.of_service(key).take(room).map(line).collect();
    let key = model.keymap.first_key("service-changes");
    let more =
        if count > lines.len() && !key.is_empty() { format!(" · {key} shows all {count}") } else { String::new() };
    let empty =
        lines.is_empty().then(|| Cell::new("Nothing has changed in the last day, as far as is known", Tone::Dim));
    Recent { title: format!("what changed{more}"), lines, empty }
}
