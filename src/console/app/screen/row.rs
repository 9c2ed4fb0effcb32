//! One row of a table, whole: every column under the other, whatever the table has room for.

use crate::base::text::width;
use crate::console::app::alerts::Alert;
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::column::RowId;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::overlay::WholeRow;
use crate::console::app::screen::overlay::{ListBox, ListRow};
use crate::console::app::tables::{self, why};
use crate::console::app::wrap::wrapped;
use crate::fleet::service::Finding;

/// What is wrong with what a row is of, and every column: its heading and what it says. Empty when the row is gone.
pub fn fields(model: &Model, row: &WholeRow) -> Vec<(&'static str, Cell)> {
    let Some(rows) = tables::rows(model, &model.pane()) else { return Vec::new() };
    let Some(at) = rows.find(&row.id) else { return Vec::new() };
    let moment = model.moment();
    let columns = (0..rows.columns()).map(|column| (rows.column(column).title, rows.cell(at, column, &moment)));
    found(model, &row.id).into_iter().chain(columns).collect()
}

/// What was found: of a service the alert first that was gone to.
fn found(model: &Model, id: &RowId) -> Vec<(&'static str, Cell)> {
    let (service, findings) = match id {
        RowId::Service(key) => (model.fleet.service(key), model.fleet.service(key).map(|service| &service.findings)),
        RowId::Instance(id) => {
            let member = model.member(id);
            (member.and_then(|member| model.fleet.services.get(member.service)), member.map(|member| &member.findings))
        }
        RowId::Named(_) => (None, None),
    };
    let (Some(service), Some(findings)) = (service, findings) else { return Vec::new() };
    let mut findings: Vec<&Finding> = findings.iter().collect();
    let gone_to = |finding: &Finding| {
        let at = model.alerts.at.as_ref();
        at.is_some_and(|at| Alert { service: &service.key, finding }.is(at))
    };
    findings.sort_by_key(|finding| !gone_to(finding));
    why::of(model, &service.key, &findings)
}

/// The box of a row, with the chosen column in its window.
pub(super) fn row_box(model: &Model, row: &WholeRow, height: usize) -> ListBox {
    let fields = fields(model, row);
    let label = fields.iter().map(|(title, _)| width(title)).max().unwrap_or(0);
    let room = layout::list_text(model.size).saturating_sub(label + layout::LABEL_GAP).max(1);
    let mut lines = Vec::new();
    let mut end = 0;
    for (at, (title, cell)) in fields.iter().enumerate() {
        lines.extend(lines_of(title, cell, room, at == row.cursor));
        if at <= row.cursor {
            end = lines.len();
        }
    }
    let gone = Cell::new("This row is gone", Tone::Warn).sign(Glyph::Warning);
    let (top, total) = (end.saturating_sub(height), lines.len());
    ListBox {
        title: "The row, whole".to_owned(),
        rows: lines.into_iter().skip(top).take(height).collect(),
        top,
        total,
        empty: fields.is_empty().then_some(gone),
    }
}

/// A column's heading, and its text in as many lines as it wants.
fn lines_of(title: &str, cell: &Cell, room: usize, cursor: bool) -> Vec<ListRow> {
    let sign = if cell.glyph.is_some() { 2 } else { 0 };
    let mut parts = wrapped(cell.text.trim(), room.saturating_sub(sign));
    if parts.is_empty() {
        parts.push(String::new());
    }
    let line = |(at, text): (usize, String)| {
        let said = Cell { text, glyph: cell.glyph.filter(|_| at == 0), ..cell.clone() };
        let title = if at == 0 { Cell::new(title, Tone::Dim) } else { Cell::default() };
        ListRow { cells: vec![title, said], cursor, heading: false }
    };
    parts.into_iter().enumerate().map(line).collect()
}
