//! Lists over a view: help, notices, columns, a row whole.

use crate::console::app::command;
use crate::console::app::commands::look;
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::overlay::{ColumnChooser, Overlay, WholeRow};
use crate::console::app::screen;
use crate::console::app::tables::{self, listed};
use crate::console::app::update::{refresh_table, table_mut};

type Effects = Vec<Effect>;

/// What can be done here.
pub fn help(model: &mut Model, _: &str) -> Effects {
    model.overlay = Some(Overlay::Help { contexts: command::contexts(model), top: 0 });
    model.touch();
    Vec::new()
}

/// What was told.
pub fn notices(model: &mut Model, _: &str) -> Effects {
    model.overlay = Some(Overlay::Notices(0));
    model.touch();
    Vec::new()
}

/// The row under the cursor, whole.
pub fn row(model: &mut Model, _: &str) -> Effects {
    if let Some(id) = model.table().and_then(|table| table.cursor().cloned()) {
        model.overlay = Some(Overlay::Row(WholeRow { id, cursor: 0 }));
        model.touch();
    }
    Vec::new()
}

/// Whether there is a row.
pub fn has_row(model: &Model) -> Result<(), String> {
    let row = model.table().and_then(|table| table.cursor());
    row.map(|_| ()).ok_or_else(|| "there is no row".to_owned())
}

/// What would be copied of the open list: what it is, and the text.
fn chosen(model: &Model) -> Option<(String, String)> {
    match &model.overlay {
        Some(Overlay::Notices(at)) => {
            let notice = model.notices.newest_first().nth(*at)?;
            Some(("the notice".to_owned(), notice.whole()))
        }
        Some(Overlay::Row(row)) => {
            let (title, cell) = screen::row::fields(model, row).into_iter().nth(row.cursor)?;
            let said = cell.text.trim();
            (!said.is_empty() && said != "–").then(|| (title.to_lowercase(), said.to_owned()))
        }
        _ => None,
    }
}

/// Whether something of the open list can be copied.
pub fn can_copy_chosen(model: &Model) -> Result<(), String> {
    chosen(model).map(|_| ()).ok_or_else(|| "there is nothing to copy here".to_owned())
}

/// Copies what is chosen, whole.
pub fn copy_chosen(model: &mut Model, _: &str) -> Effects {
    let Some((what, text)) = chosen(model) else { return Vec::new() };
    model.touch();
    if matches!(model.overlay, Some(Overlay::Notices(_))) {
        // Telling of it would move the list under the cursor, so the list is closed.
        model.overlay = None;
    }
    look::copy_text(model, &what, text)
}

/// Chooses columns.
pub fn columns(model: &mut Model, _: &str) -> Effects {
    let pane = model.pane();
    let Some(count) = tables::rows(model, &pane).map(|rows| rows.columns()) else { return Vec::new() };
    let Some(table) = model.tables.get(&pane) else { return Vec::new() };
    let shown = table.shown.iter().map(|at| (*at, true));
    let hidden = (0..count).filter(|at| !table.shown.contains(at)).map(|at| (at, false));
    let draft = shown.chain(hidden).collect();
    model.overlay = Some(Overlay::Columns(ColumnChooser { draft, cursor: 0 }));
    model.touch();
    Vec::new()
}

fn with_chooser(model: &mut Model, change: impl FnOnce(&mut ColumnChooser)) -> Effects {
    if let Some(Overlay::Columns(chooser)) = &mut model.overlay {
        change(chooser);
    }
    model.touch();
    Vec::new()
}

/// Shows the column, or hides it; the last shown one stays.
pub fn toggle_column(model: &mut Model, _: &str) -> Effects {
    with_chooser(model, |chooser| {
        let shown = chooser.draft.iter().filter(|(_, shown)| *shown).count();
        if let Some((_, on)) = chooser.draft.get_mut(chooser.cursor) {
            *on = !*on || shown == 1;
        }
    })
}

/// Moves the column to the left in the table.
pub fn column_up(model: &mut Model, _: &str) -> Effects {
    with_chooser(model, |chooser| {
        if chooser.cursor > 0 {
            chooser.draft.swap(chooser.cursor, chooser.cursor - 1);
            chooser.cursor -= 1;
        }
    })
}

/// Moves the column to the right in the table.
pub fn column_down(model: &mut Model, _: &str) -> Effects {
    with_chooser(model, |chooser| {
        if chooser.cursor + 1 < chooser.draft.len() {
            chooser.draft.swap(chooser.cursor, chooser.cursor + 1);
            chooser.cursor += 1;
        }
    })
}

/// The table's own columns.
pub fn default_columns(model: &mut Model, _: &str) -> Effects {
    let Some(rows) = tables::rows(model, &model.pane()) else { return Vec::new() };
    let draft = (0..rows.columns()).map(|at| (at, listed::is_shown(model, &*rows, rows.column(at)))).collect();
    drop(rows);
    with_chooser(model, |chooser| *chooser = ColumnChooser { draft, cursor: 0 })
}

/// Takes the draft: for this table, and for those of its kind that are opened later.
pub(super) fn take_columns(model: &mut Model, chooser: &ColumnChooser) {
    let shown: Vec<usize> = chooser.draft.iter().filter(|(_, shown)| *shown).map(|(at, _)| *at).collect();
    let pane = model.pane();
    let Some(rows) = tables::rows(model, &pane) else { return };
    let (name, ids) = (rows.name(), shown.iter().map(|at| rows.column(*at).id.to_owned()).collect());
    drop(rows);
    model.start.views.entry(name.to_owned()).or_default().columns = Some(ids);
    if let Some(table) = table_mut(model, &pane) {
        table.show(shown);
    }
    refresh_table(model, &pane, false);
}
