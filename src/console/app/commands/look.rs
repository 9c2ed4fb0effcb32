//! Reading again, copying, drawing anew, leaving.

use crate::console::app::column::RowId;
use crate::console::app::effect::Effect;
use crate::console::app::followed::Followed;
use crate::console::app::log::LogLine;
use crate::console::app::model::Model;
use crate::console::app::overlay::{Choice, Given, Overlay, Picker, Purpose};
use crate::console::app::pane::PaneId;
use crate::console::app::prompt::Prompt;
use crate::console::app::table::Table;
use crate::console::app::tables;
use crate::console::app::tables::instances::label;
use crate::console::app::trail::InstanceTab;
use crate::fleet::instance::Instance;
use crate::operation::handoff::handoff;

type Effects = Vec<Effect>;

/// Reads the cloud now.
pub fn refresh(model: &mut Model, _: &str) -> Effects {
    model.notices.tell("Reading the cloud …", model.now);
    vec![Effect::Refresh]
}

/// Draws anew.
pub fn redraw(model: &mut Model, _: &str) -> Effects {
    model.touch();
    vec![Effect::Redraw]
}

/// Goes to the background.
pub fn suspend(_: &mut Model, _: &str) -> Effects {
    vec![Effect::Suspend]
}

/// Leaves when pressed twice: `leaving` is set by the first, and taken back by any other key.
pub fn leave(model: &mut Model, _: &str) -> Effects {
    if std::mem::replace(&mut model.leaving, true) { vec![Effect::Quit] } else { Vec::new() }
}

/// Leaves.
pub fn quit(_: &mut Model, _: &str) -> Effects {
    vec![Effect::Quit]
}

/// Offers what can be copied; where there is only one thing, copies it.
pub fn copy(model: &mut Model, _: &str) -> Effects {
    let mut choices = choices(model);
    if choices.len() == 1
        && let Some(Choice { gives: Given::Text(text), title, .. }) = choices.pop()
    {
        return copy_text(model, &title, text);
    }
    if !choices.is_empty() {
        let matches = (0..choices.len()).collect();
        let picker = Picker {
            purpose: Purpose::Copy,
            prompt: Prompt::default(),
            choices,
            matches,
            cursor: 0,
            empty: None,
            rollout: None,
        };
        model.overlay = Some(Overlay::Picker(picker));
        model.touch();
    }
    Vec::new()
}

/// Puts text on the clipboard and says so.
pub(super) fn copy_text(model: &mut Model, what: &str, text: String) -> Effects {
    model.notices.tell(format!("Copied: {what}"), model.now);
    vec![Effect::Copy(text)]
}

/// Whether there is something to copy.
pub fn has_something_to_copy(model: &Model) -> Result<(), String> {
    if choices(model).is_empty() { Err("there is nothing to copy here".to_owned()) } else { Ok(()) }
}

fn choice(title: &str, text: &str) -> Choice {
    Choice { title: title.to_owned(), note: text.to_owned(), barred: None, gives: Given::Text(text.to_owned()) }
}

fn choices(model: &Model) -> Vec<Choice> {
    let mut choices = Vec::new();
    let pane = model.pane();
    if let PaneId::Instance(id, tab) = &pane {
        let detail = model.detail_of(id);
        match tab {
            InstanceTab::Raw => {
                let raw = detail.and_then(|detail| detail.raw.value());
                choices.extend(raw.map(|text| Choice { note: String::new(), ..choice("the whole object", text) }));
            }
            InstanceTab::Console => {
                let log = detail.and_then(|detail| detail.console.value());
                choices.extend(log.map(|log| Choice {
                    note: format!("{} lines", log.lines.len()),
                    ..choice("the console log", &crate::base::text::sanitise_lines(&log.lines.join("\n")))
                }));
            }
            _ => {}
        }
    }
    if pane == PaneId::Log && !model.log.is_empty() {
        let lines: Vec<String> = model.log.iter().map(LogLine::written).collect();
        choices.push(Choice { note: format!("{} lines", lines.len()), ..choice("the log", &lines.join("\n")) });
    }
    let marked = marked(model);
    if marked.len() > 1 {
        choices.push(Choice {
            note: format!("{} lines", marked.len()),
            ..choice("the ids of the marked rows", &marked.join("\n"))
        });
    }
    if let Some(instance) = model.current_instance() {
        choices.extend(of_instance(instance));
    }
    choices.extend(model.current_operation().into_iter().flat_map(|followed| of_operation(followed)));
    choices.extend(of_row(model, &pane));
    choices
}

fn marked(model: &Model) -> Vec<String> {
    let marks = model.table().map(Table::marks).into_iter().flatten();
    marks
        .map(|id| match id {
            RowId::Instance(id) => id.to_string(),
            RowId::Service(key) => key.name.to_string(),
            RowId::Named(name) => name.to_string(),
        })
        .collect()
}

fn of_instance(instance: &Instance) -> Vec<Choice> {
    let mut choices = vec![choice("id", instance.id.as_str()), choice("name", label(instance))];
    choices.extend(instance.addresses.iter().map(|address| {
        let title = if address.floating { "floating address" } else { "address" };
        choice(title, &address.address)
    }));
    choices
}

/// An operation's id, what shows it in a shell, and the requests in the cloud's own logs.
fn of_operation(followed: &Followed) -> Vec<Choice> {
    let id = followed.id().as_str();
    let told = handoff(&followed.operation, &followed.records, followed.is_driven());
    let whole = Choice { note: "all of it, to hand over".to_owned(), ..choice("Markdown", &told) };
    let shell = choice("for a shell", &format!("stackdeck operations show {id}"));
    let mut choices = vec![choice("id", id), whole, shell];
    let steps = followed.operation.plan.steps.iter().zip(&followed.operation.steps);
    choices.extend(steps.flat_map(|(step, progress)| {
        let title = format!("request of {}", step.target.name);
        progress.requests.iter().map(move |request| choice(&title, request.as_str())).collect::<Vec<_>>()
    }));
    choices
}

/// The cells of the row under the cursor, for rows that are not instances.
fn of_row(model: &Model, pane: &PaneId) -> Vec<Choice> {
    let Some(table) = model.tables.get(pane) else { return Vec::new() };
    let Some((id, at)) = table.order().get(table.position()) else { return Vec::new() };
    if matches!(id, RowId::Instance(_)) || pane == &PaneId::Operations {
        return Vec::new();
    }
    let Some(rows) = tables::rows(model, pane) else { return Vec::new() };
    let moment = model.moment();
    // Also what the screen has no room for.
    let columns = (0..rows.columns()).filter(|column| rows.column(*column).timeless);
    columns
        .map(|column| (rows.column(column).title, rows.cell(*at as usize, column, &moment).text))
        .filter(|(_, text)| !text.is_empty() && text != "–")
        .map(|(title, text)| choice(&title.to_lowercase(), text.trim()))
        .collect()
}
