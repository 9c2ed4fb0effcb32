//! What is on the screen, as texts with their meaning: computed only for what fits on it. The view styles and places.

pub mod overlay;
pub mod recent;
pub mod review;
pub mod row;
pub mod status;
pub mod text;

use std::sync::Arc;

use crate::console::app::cell::{Cell, Tone};
use crate::console::app::column::{Column, RowId};
use crate::console::app::command;
use crate::console::app::followed;
use crate::console::app::graphs::{self, GraphPanel};
use crate::console::app::layout;
use crate::console::app::model::{Model, SignIn};
use crate::console::app::pane::PaneId;
use crate::console::app::tables;
use crate::console::app::tables::instances::label;
use crate::console::app::trail::{CloudTab, InstanceTab, View};

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Cloud, project, region: `prod-eu / payments / RegionOne`.
    pub scope: Vec<Cell>,
    /// What must never be missed: protected, read-only, certificates not checked, the cloud does not answer.
    pub facts: Vec<Cell>,
    /// What is being changed now: in one line, and in fewer and fewer words. Empty when nothing is.
    pub under_way: Vec<Cell>,
    /// Hours and minutes, UTC: the cloud's, as all records are.
    pub clock: String,
}

/// A tab of a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its title.
    pub title: &'static str,
    /// How many rows are in it, where that is known; of the operations, how many are not over.
    pub count: Option<usize>,
    /// It is the one that is open.
    pub current: bool,
    /// The key that opens it; empty for none.
    pub key: String,
}

/// What a key does, for the hint bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The key in writing.
    pub key: String,
    /// What it does.
    pub title: &'static str,
}

/// What fills the body.
#[derive(Clone, Debug)]
pub enum Panel {
    /// Rows.
    Table(TablePanel),
    /// Lines.
    Text(TextPanel),
    /// Graphs.
    Graphs(GraphPanel),
}

/// The visible part of a table.
#[derive(Clone, Debug)]
pub struct TablePanel {
    /// Its shown columns.
    pub columns: Vec<Heading>,
    /// The visible rows.
    pub rows: Vec<Row>,
    /// How many rows are above the first visible one.
    pub top: usize,
    /// How many there are.
    pub total: usize,
    /// Said instead of rows: why there are none.
    pub empty: Vec<Cell>,
}

/// A column's heading.
#[derive(Clone, Copy, Debug)]
pub struct Heading {
    /// The column.
    pub column: &'static Column,
    /// The table is sorted by it; `true` for the greatest first.
    pub sorted: Option<bool>,
    /// The sort key will take it.
    pub chosen: bool,
}

/// A visible row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub id: RowId,
    /// Its cells, one for each heading.
    pub cells: Arc<[Cell]>,
    /// The cursor is on it.
    pub cursor: bool,
    /// It is marked.
    pub marked: bool,
}

/// The visible part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPanel {
    /// The visible rows, each of pieces.
    pub lines: Vec<TextLine>,
    /// Columns that the labels take; 0 for a text without labels.
    pub labels: usize,
    /// How many are above the first visible one.
    pub top: usize,
    /// How many there are.
    pub total: usize,
    /// Whether it follows its end; `None` for what does not grow.
    pub follows: Option<bool>,
    /// What is searched for; empty for nothing.
    pub search: String,
    /// Said instead of lines: why there are none.
    pub empty: Vec<Cell>,
}

/// A line of a text, or a row of it where it is wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextLine {
    /// A label before the text; the view lines these up. Empty in the further rows of a line that has one.
    pub label: Option<&'static str>,
    /// The text.
    pub cells: Vec<Cell>,
    /// The present match of the search is in it.
    pub found: bool,
}

/// The first line.
pub fn header(model: &Model) -> Header {
    let dim = |text: &str| Cell::new(text, Tone::Dim);
    let mut scope = vec![Cell::new(&model.scope.cloud, Tone::Accent)];
    let session = model.session.as_ref();
    let project = match (model.scope.all_projects, session.and_then(|session| session.project.as_deref())) {
        (true, _) => Some("all projects"),
        (false, known) => known.or(model.scope.project.as_deref()),
    };
    let region = session.map(|session| session.region.as_str()).or(model.scope.region.as_deref());
    scope.extend(project.map(Cell::plain));
    scope.extend(region.filter(|region| !region.is_empty()).map(Cell::plain));
    let mut facts = Vec::new();
    facts.extend(model.start.banner.as_deref().map(|text| Cell::new(text, Tone::Accent)));
    match &model.sign_in {
        SignIn::Done => {}
        SignIn::Connecting => facts.push(Cell::new("signing in", Tone::Busy)),
        SignIn::PasswordWanted(_) => facts.push(Cell::new("password wanted", Tone::Warn)),
        SignIn::Failed(_) => facts.push(Cell::new("not signed in", Tone::Bad)),
    }
    if session.is_some_and(|session| session.insecure) {
        facts.push(Cell::new("INSECURE: certificates not checked", Tone::Bad));
    }
    if model.is_protected() {
        facts.push(Cell::new("PROTECTED", Tone::Warn));
    }
    if model.is_read_only() {
        facts.push(Cell::new("READ-ONLY", Tone::Accent));
    }
    facts.extend(session.map(|session| dim(&session.user)));
    let clock = model.moment().cloud.strftime("%H:%MZ").to_string();
    let tone = status::under_way_tone(model);
    let under_way = status::under_way(model).iter().map(|line| Cell::new(line, tone)).collect();
    Header { scope, facts, under_way, clock }
}

/// The views, as tabs on the second line.
pub fn views(model: &Model) -> Vec<Tab> {
    let root = model.trail.path().first().unwrap_or(&View::Services);
    let drilled = matches!(root, View::Instances(_) | View::Instance(_));
    let looked_up = matches!(root, View::Operations | View::Operation(_));
    let unfinished = model.operations.iter().flatten().filter(|followed| !followed.operation.is_over()).count();
    let under_way = (unfinished > 0).then_some(unfinished);
    let tab =
        |title, count, current, command| Tab { title, count, current, key: model.keymap.first_key(command).to_owned() };
    vec![
        tab("Services", Some(model.fleet.services.len()), root == &View::Services, "services"),
        tab("Instances", Some(model.fleet.members.len()), drilled, "instances"),
        tab("Operations", under_way, looked_up, "operations"),
        tab("Cloud", None, root == &View::Cloud, "control-plane"),
        tab("Log", None, root == &View::Log, "log"),
    ]
}

/// The path to where we are, below the view's tab: empty at the top.
pub fn crumbs(model: &Model) -> Vec<Cell> {
    let crumb = |view: &View| match view {
        View::Services => "Services".to_owned(),
        View::Instances(None) => "Instances".to_owned(),
        View::Instances(Some(key)) => key.name.to_string(),
        View::Graphs(key) => format!("{} graphs", key.name),
        View::Heat(key) => format!("{} heat", key.name),
        View::Changes(None) => "What changed".to_owned(),
        View::Changes(Some(key)) => format!("{} changes", key.name),
        View::Instance(id) => model.instance(id).map_or_else(|| id.to_string(), |instance| label(instance).to_owned()),
        View::Operations => "Operations".to_owned(),
        View::Operation(id) => model.operation(id).map_or_else(
            || id.short().to_owned(),
            |followed| {
                let plan = &followed.operation.plan;
                format!("{} {} {}", id.short(), plan.verb().word(), followed::aim(plan))
            },
        ),
        View::Cloud => "Cloud".to_owned(),
        View::Log => "Log".to_owned(),
    };
    let path = model.trail.path();
    let named = matches!(path, [View::Instances(Some(_)) | View::Instance(_) | View::Changes(_), ..]);
    path.iter().skip(usize::from(!named)).map(|view| Cell::plain(&crumb(view))).collect()
}

/// The tab bar on top of the body of an instance or the cloud; empty elsewhere.
pub fn tabs(model: &Model) -> Vec<Tab> {
    let key = |command| model.keymap.first_key(command).to_owned();
    match model.pane() {
        PaneId::Instance(_, current) => InstanceTab::ALL
            .into_iter()
            .map(|tab| {
                let key = match tab {
                    InstanceTab::Overview => key("describe"),
                    InstanceTab::Graphs => key("graphs"),
                    InstanceTab::History => key("events"),
                    InstanceTab::Console => key("console"),
                    InstanceTab::Raw => key("raw"),
                    _ => String::new(),
                };
                Tab { title: tab.title(), count: None, current: tab == current, key }
            })
            .collect(),
        PaneId::Cloud(current) => CloudTab::ALL
            .into_iter()
            .map(|tab| Tab { title: tab.title(), count: None, current: tab == current, key: String::new() })
            .collect(),
        _ => Vec::new(),
    }
}

/// What fills the body: the visible part of it.
pub fn panel(model: &Model) -> Panel {
    let pane = model.pane();
    if pane.is_table() {
        return Panel::Table(table(model, &pane));
    }
    if let Some(panel) = graphs::panel(model, &pane) {
        return Panel::Graphs(panel);
    }
    Panel::Text(text::panel(model, &pane))
}

fn table(model: &Model, pane: &PaneId) -> TablePanel {
    let nothing = TablePanel { columns: Vec::new(), rows: Vec::new(), top: 0, total: 0, empty: Vec::new() };
    let (Some(table), Some(rows)) = (model.tables.get(pane), tables::rows(model, pane)) else {
        return TablePanel { empty: status::why_empty(model, pane), ..nothing };
    };
    let columns = table.shown.iter().enumerate().map(|(place, at)| Heading {
        column: rows.column(*at),
        sorted: (table.sort.column == *at).then_some(table.sort.descending),
        chosen: table.chosen == Some(place),
    });
    let moment = model.moment();
    let window = layout::window(model.size, pane);
    let visible = table.order().iter().enumerate().skip(table.top).take(window);
    let cells = |at: usize| table.shown.iter().map(|column| rows.cell(at, *column, &moment)).collect();
    let mut frame = model.drawn.frame(&moment);
    let visible = visible.filter(|(_, (_, at))| (*at as usize) < rows.count()).map(|(place, (id, at))| Row {
        cells: frame.cells(id, || cells(*at as usize)),
        cursor: place == table.position(),
        marked: table.marks().contains(id),
        id: id.clone(),
    });
    let empty = if table.is_empty() { status::why_empty(model, pane) } else { Vec::new() };
    TablePanel { columns: columns.collect(), rows: visible.collect(), top: table.top, total: table.len(), empty }
}

/// What the keys do here, the most useful first; the view shows as many as there is room for.
pub fn hints(model: &Model) -> Vec<Hint> {
    let mut commands: Vec<_> = command::within(command::contexts(model))
        .filter(|command| command.hint > 0 && (command.available)(model).is_ok())
        .collect();
    commands.sort_by_key(|command| command.hint);
    let here = command::contexts(model);
    let key = |id| model.keymap.first_key_in(here, id).into_owned();
    let hint = |command: &command::Command| Hint { key: key(command.id), title: command.title };
    commands.into_iter().map(hint).filter(|hint| !hint.key.is_empty()).collect()
}
