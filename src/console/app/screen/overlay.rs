//! What lies over the view, as texts: only what fits.

use crate::console::app::cell::{Cell, Tone};
use crate::console::app::command::{self, Command};
use crate::console::app::keymap::Context;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::notation;
use crate::console::app::overlay::{Overlay, Picker, Purpose};
use crate::console::app::prompt::{Prompt, Suggestion};
use crate::console::app::screen::review::{self, ReviewBox};
use crate::console::app::screen::row;
use crate::console::app::tables;

/// What lies over the view.
#[derive(Clone, Debug)]
pub enum Over<'a> {
    /// A list in a box.
    List(ListBox),
    /// The line that replaces the hint bar, with suggestions above it.
    Line(LineBox<'a>),
    /// A choice: a box with a line and a list.
    Choice(LineBox<'a>, ListBox),
    /// A plan that waits for consent, or a question.
    Review(ReviewBox<'a>),
    /// A password is typed: nothing of it is shown, whom it is for is.
    Password {
        /// Whose.
        whom: Cell,
        /// Whether something was typed: the only thing that is shown of it.
        typed: bool,
    },
}

/// A list in a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListBox {
    /// What it is.
    pub title: String,
    /// The visible rows.
    pub rows: Vec<ListRow>,
    /// How many rows are above the first visible one.
    pub top: usize,
    /// How many there are.
    pub total: usize,
    /// Said instead of rows.
    pub empty: Option<Cell>,
}

/// A row of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRow {
    /// The pieces, each in its own column.
    pub cells: Vec<Cell>,
    /// The cursor is on it.
    pub cursor: bool,
    /// It is a heading.
    pub heading: bool,
}

/// A line being typed.
#[derive(Clone, Debug)]
pub struct LineBox<'a> {
    /// What stands before it: `/`, `:`.
    pub sign: &'static str,
    /// The line and its cursor.
    pub prompt: &'a Prompt,
    /// What may follow, best first, and which has been taken.
    pub suggestions: &'a [Suggestion],
    /// What is wrong with it.
    pub problem: Option<Cell>,
}

/// How many rows of a list are shown at once: the body without the box's frame.
pub fn room(model: &Model) -> usize {
    usize::from(model.size.body().saturating_sub(2)).max(1)
}

/// What lies over the view; `None` for nothing.
pub fn overlay(model: &Model) -> Option<Over<'_>> {
    Some(match model.overlay.as_ref()? {
        Overlay::Help { contexts, top } => {
            let rows = help(model, contexts);
            Over::List(boxed("Help: what can be done here", rows, *top, room(model)))
        }
        Overlay::Command(prompt) => Over::Line(line(":", prompt)),
        Overlay::Filter(prompt) | Overlay::Search(prompt, _) => Over::Line(line("/", prompt)),
        Overlay::Columns(chooser) => {
            let rows = tables::rows(model, &model.pane())?;
            let row = |(place, (at, shown)): (usize, &(usize, bool))| {
                let column = rows.column(*at);
                let mark = Cell::new(if *shown { "[x]" } else { "[ ]" }, Tone::Accent);
                let cells = vec![mark, Cell::plain(column.title), Cell::new(column.help, Tone::Dim)];
                ListRow { cells, cursor: place == chooser.cursor, heading: false }
            };
            let all = chooser.draft.iter().enumerate().map(row).collect();
            Over::List(around("Columns", all, chooser.cursor, room(model)))
        }
        Overlay::Picker(picker) => picker_box(model, picker),
        Overlay::Row(chosen) => Over::List(row::row_box(model, chosen, room(model))),
        Overlay::Review(review) => Over::Review(review::review(model, review)),
        Overlay::Abort(question) => Over::Review(review::abort(model, question)),
        Overlay::Password(password) => {
            Over::Password { whom: Cell::plain(&password.whom), typed: !password.is_empty() }
        }
        Overlay::Notices(at) => {
            let mut list = around("Notices, the newest first", notices(model, *at), *at, room(model).div_ceil(2));
            list.empty = list.rows.is_empty().then(|| Cell::new("Nothing was told yet", Tone::Dim));
            Over::List(list)
        }
    })
}

fn line<'a>(sign: &'static str, prompt: &'a Prompt) -> LineBox<'a> {
    let problem = prompt.problem.as_deref().map(|text| Cell::new(text, Tone::Warn));
    LineBox { sign, prompt, suggestions: &prompt.suggestions, problem }
}

fn picker_box<'a>(model: &Model, picker: &'a Picker) -> Over<'a> {
    let title = match picker.purpose {
        Purpose::Cloud => "Go to a cloud".to_owned(),
        Purpose::Region => "Go to a region".to_owned(),
        Purpose::Project => "Go to a project".to_owned(),
        Purpose::Copy => "Copy".to_owned(),
        Purpose::Release => {
            let service = picker.rollout.as_ref().map_or("", |rollout| &rollout.service);
            format!("Roll out which release of {service}?")
        }
    };
    // One row of the box is the line.
    let height = room(model).saturating_sub(1).max(1);
    let top = (picker.cursor + 1).saturating_sub(height);
    let visible = picker.matches.iter().enumerate().skip(top).take(height);
    let rows = visible.map(|(place, at)| {
        let choice = &picker.choices[*at];
        let (tone, note) = match &choice.barred {
            Some(why) => (Tone::Dim, Cell::new(why, Tone::Warn)),
            None => (Tone::Normal, Cell::new(&choice.note, Tone::Dim)),
        };
        ListRow { cells: vec![Cell::new(&choice.title, tone), note], cursor: place == picker.cursor, heading: false }
    });
    let nothing = picker.empty.as_deref().unwrap_or("Nothing matches");
    let empty = picker.matches.is_empty().then(|| Cell::new(nothing, Tone::Dim));
    let list = ListBox { title, rows: rows.collect(), top, total: picker.matches.len(), empty };
    Over::Choice(line("/", &picker.prompt), list)
}

/// A list whose window begins at `top`.
fn boxed(title: &str, rows: Vec<ListRow>, top: usize, height: usize) -> ListBox {
    let total = rows.len();
    let rows = rows.into_iter().skip(top).take(height).collect();
    ListBox { title: title.to_owned(), rows, top, total, empty: None }
}

/// A list whose window holds the cursor.
fn around(title: &str, rows: Vec<ListRow>, cursor: usize, height: usize) -> ListBox {
    boxed(title, rows, (cursor + 1).saturating_sub(height), height)
}

/// How many rows the open list has.
pub fn length(model: &Model) -> usize {
    match &model.overlay {
        Some(Overlay::Help { contexts, .. }) => help(model, contexts).len(),
        Some(Overlay::Notices(_)) => model.notices.newest_first().len(),
        Some(Overlay::Columns(chooser)) => chooser.draft.len(),
        Some(Overlay::Picker(picker)) => picker.matches.len(),
        Some(Overlay::Row(chosen)) => row::fields(model, chosen).len(),
        Some(Overlay::Review(review)) => review::length(model, review),
        _ => 0,
    }
}

/// The commands of some contexts: keys, names, what they do, and why not now.
pub fn help(model: &Model, contexts: &[Context]) -> Vec<ListRow> {
    let mut rows = Vec::new();
    for context in contexts {
        let title = Cell::new(context.title(), Tone::Header);
        rows.push(ListRow { cells: vec![title], heading: true, cursor: false });
        rows.extend(command::within(&[*context]).flat_map(|command| help_rows(model, command)));
    }
    rows
}

fn help_rows(model: &Model, command: &Command) -> Vec<ListRow> {
    let keys = model.keymap.keys(command.id);
    let keys = keys.iter().map(|keys| notation::print(keys));
    let line = command.argument.map(|_| format!(":{}", command.id));
    let how = keys.chain(line).collect::<Vec<_>>().join("  ");
    let (tone, text) = match (command.available)(model) {
        Ok(()) => (Tone::Normal, command.help.to_owned()),
        Err(reason) => (Tone::Dim, format!("{} Not now: {reason}.", command.help)),
    };
    let how = Cell::new(&how, if tone == Tone::Dim { Tone::Dim } else { Tone::Accent });
    let lines = wrapped(&text, layout::help_text(model.size));
    let row = |(at, line): (usize, String)| {
        let how = if at == 0 { how.clone() } else { Cell::default() };
        ListRow { cells: vec![how, Cell::new(&line, tone)], cursor: false, heading: false }
    };
    lines.into_iter().enumerate().map(row).collect()
}

/// Cuts a sentence at spaces into lines of at most so many letters; a longer word has a line of its own.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn notices(model: &Model, cursor: usize) -> Vec<ListRow> {
    let row = |(at, notice): (usize, &crate::console::app::notice::Notice)| {
        let when = Cell::new(&notice.at.strftime("%H:%M:%S").to_string(), Tone::Dim);
        ListRow { cells: vec![when, notice.line()], cursor: at == cursor, heading: false }
    };
    model.notices.newest_first().enumerate().map(row).collect()
}
