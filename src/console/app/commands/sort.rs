//! Sorting.

use crate::base::nearest::nearest;
use crate::console::app::effect::Effect;
use crate::console::app::filter::find_column;
use crate::console::app::model::Model;
use crate::console::app::table::Sort;
use crate::console::app::tables;
use crate::console::app::update::{refresh_table, table_mut};

type Effects = Vec<Effect>;

fn choose(model: &mut Model, by: isize) -> Effects {
    let pane = model.pane();
    if let Some(table) = table_mut(model, &pane) {
        let sorted = table.shown.iter().position(|column| *column == table.sort.column).unwrap_or(0);
        let now = table.chosen.unwrap_or(sorted);
        table.chosen = Some(now.saturating_add_signed(by).min(table.shown.len().saturating_sub(1)));
    }
    model.touch();
    Vec::new()
}

/// The column to the left.
pub fn choose_left(model: &mut Model, _: &str) -> Effects {
    choose(model, -1)
}

/// The column to the right.
pub fn choose_right(model: &mut Model, _: &str) -> Effects {
    choose(model, 1)
}

/// By the chosen column, or the named one: `age`, `age desc`. The same again turns it round.
pub fn sort(model: &mut Model, wanted: &str) -> Effects {
    let pane = model.pane();
    let mut words = wanted.split_whitespace();
    let column = match words.next() {
        Some(name) => match column(model, name) {
            Some(column) => Some(column),
            None => return Vec::new(),
        },
        None => table_mut(model, &pane).and_then(|table| {
            let place = table.chosen?;
            table.shown.get(place).copied()
        }),
    };
    let way = words.next().map(|way| way.to_lowercase().starts_with("desc"));
    let Some(present) = table_mut(model, &pane).map(|table| table.sort) else { return Vec::new() };
    let column = column.unwrap_or(present.column);
    let first = tables::rows(model, &pane).is_some_and(|rows| column < rows.columns() && rows.column(column).descends);
    let descending = way.unwrap_or(if present.column == column { !present.descending } else { first });
    set(model, Sort { column, descending });
    Vec::new()
}

fn column(model: &mut Model, name: &str) -> Option<usize> {
    let pane = model.pane();
    let rows = tables::rows(model, &pane)?;
    let found = find_column(&*rows, name);
    if found.is_none() {
        let names: Vec<&str> = (0..rows.columns()).map(|at| rows.column(at).id).collect();
        let text = match nearest(name, names) {
            Some(near) => format!("There is no column {name}. Did you mean {near}?"),
            None => format!("There is no column {name} here"),
        };
        drop(rows);
        model.notices.tell(text, model.now);
    }
    found
}

fn set(model: &mut Model, sort: Sort) {
    let pane = model.pane();
    if let Some(table) = table_mut(model, &pane) {
        table.sort = sort;
        table.chosen = None;
    }
    refresh_table(model, &pane, false);
    model.touch();
}

/// The first of these columns that the present table has.
fn first_of(model: &Model, names: &[&str]) -> Option<usize> {
    let rows = tables::rows(model, &model.pane())?;
    names.iter().find_map(|name| find_column(&*rows, name))
}

fn by(model: &mut Model, names: &[&str], greatest_first: bool) -> Effects {
    let Some(column) = first_of(model, names) else { return Vec::new() };
    let present = model.table().map(|table| table.sort);
    let same = present.filter(|sort| sort.column == column);
    let descending = same.map_or(greatest_first, |sort| !sort.descending);
    set(model, Sort { column, descending });
    Vec::new()
}

fn has(model: &Model, names: &[&str]) -> Result<(), String> {
    let there = first_of(model, names).is_some();
    if there { Ok(()) } else { Err(format!("this table has no column {}", names[0])) }
}

const NAME: &[&str] = &["name", "service", "type", "binary", "kind", "resource"];
const AGE: &[&str] = &["age", "heard", "since", "when"];
const STATUS: &[&str] = &["status", "state", "standing", "result"];
const HEALTH: &[&str] = &["health", "share"];
const VERSION: &[&str] = &["version", "versions"];

/// By name.
pub fn by_name(model: &mut Model, _: &str) -> Effects {
    by(model, NAME, false)
}

/// Whether the table has names.
pub fn has_name(model: &Model) -> Result<(), String> {
    has(model, NAME)
}

/// By age, the youngest first: the latest time is the greatest.
pub fn by_age(model: &mut Model, _: &str) -> Effects {
    by(model, AGE, true)
}

/// Whether the table has ages.
pub fn has_age(model: &Model) -> Result<(), String> {
    has(model, AGE)
}

/// By status.
pub fn by_status(model: &mut Model, _: &str) -> Effects {
    by(model, STATUS, false)
}

/// Whether the table has a status.
pub fn has_status(model: &Model) -> Result<(), String> {
    has(model, STATUS)
}

/// By health, the worst first.
pub fn by_health(model: &mut Model, _: &str) -> Effects {
    by(model, HEALTH, true)
}

/// Whether the table tells of health.
pub fn has_health(model: &Model) -> Result<(), String> {
    has(model, HEALTH)
}

/// By version.
pub fn by_version(model: &mut Model, _: &str) -> Effects {
    by(model, VERSION, false)
}

/// Whether the table has versions.
pub fn has_version(model: &Model) -> Result<(), String> {
    has(model, VERSION)
}
