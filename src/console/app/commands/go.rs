//! From view to view.

use crate::base::id::InstanceId;
use crate::base::nearest::nearest;
use crate::console::app::column::RowId;
use crate::console::app::commands::{changes, list};
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::console::app::tables;
use crate::console::app::trail::{CloudTab, InstanceTab, View};
use crate::console::app::update::{refresh_table, table_mut};
use crate::fleet::ServiceKey;
use crate::fleet::detail::Detail;

type Effects = Vec<Effect>;

/// Clears the filter; without one, one step out.
pub fn back(model: &mut Model, _: &str) -> Effects {
    let pane = model.pane();
    model.notices.dismiss(model.now);
    if let Some(table) = table_mut(model, &pane)
        && !table.filter_text.is_empty()
    {
        table.set_filter("");
        refresh_table(model, &pane, false);
    } else if let Some(scroll) = model.scrolls.get_mut(&pane).filter(|scroll| !scroll.search.is_empty()) {
        scroll.search.clear();
        scroll.found = None;
    } else {
        model.trail.out();
    }
    model.touch();
    Vec::new()
}

/// The services.
pub fn services(model: &mut Model, _: &str) -> Effects {
    model.trail.go(View::Services);
    Vec::new()
}

/// All instances, or those of the named service.
pub fn instances(model: &mut Model, name: &str) -> Effects {
    if name.is_empty() {
        model.trail.go(View::Instances(None));
        return Vec::new();
    }
    match named(model, name) {
        Ok(key) => {
            model.trail.go(View::Services);
            model.trail.open(View::Instances(Some(key)));
        }
        Err(text) => model.notices.tell(text, model.now),
    }
    Vec::new()
}

/// The service of that name, or what to tell of there being none.
pub(super) fn named(model: &Model, name: &str) -> Result<ServiceKey, String> {
    let services = &model.fleet.services;
    let found = services.iter().find(|service| service.key.name.eq_ignore_ascii_case(name));
    found
        .map(|service| service.key.clone())
        .ok_or_else(|| unknown("service", name, nearest(name, services.iter().map(|service| &*service.key.name))))
}

fn unknown(what: &str, name: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("There is no {what} {name}. Did you mean {near}?"),
        None => format!("There is no {what} {name} here"),
    }
}

/// An instance by name or id.
pub fn instance(model: &mut Model, name: &str) -> Effects {
    if name.is_empty() {
        model.notices.tell("Which instance? Write :instance and its name or id", model.now);
        return Vec::new();
    }
    let members = &model.fleet.members;
    let named: Vec<&InstanceId> = members
        .iter()
        .map(|member| &*member.instance)
        .filter(|instance| instance.name.eq_ignore_ascii_case(name) || instance.id.as_str() == name)
        .map(|instance| &instance.id)
        .collect();
    match named.as_slice() {
        [one] => {
            let id = (*one).clone();
            look_into(model, id, InstanceTab::Overview);
        }
        [] => {
            let near = nearest(name, members.iter().map(|member| member.instance.name.as_str()));
            let text = unknown("instance", name, near);
            model.notices.tell(text, model.now);
        }
        several => {
            let text = format!("{} instances are called {name}: choose one", several.len());
            model.notices.tell(text, model.now);
            model.trail.go(View::Instances(None));
            let pane = PaneId::Instances(None);
            if let Some(table) = table_mut(model, &pane) {
                table.set_filter(&format!("name:\"{name}\""));
                refresh_table(model, &pane, false);
            }
        }
    }
    Vec::new()
}

/// The cloud itself.
pub fn cloud_view(model: &mut Model, _: &str) -> Effects {
    model.trail.go(View::Cloud);
    Vec::new()
}

/// Our own log.
pub fn log(model: &mut Model, _: &str) -> Effects {
    model.trail.go(View::Log);
    Vec::new()
}

/// To the view before this one.
pub fn history_back(model: &mut Model, _: &str) -> Effects {
    model.trail.back();
    Vec::new()
}

/// Forward again.
pub fn history_forward(model: &mut Model, _: &str) -> Effects {
    model.trail.forward();
    Vec::new()
}

/// To and fro.
pub fn last_view(model: &mut Model, _: &str) -> Effects {
    model.trail.swap();
    Vec::new()
}

/// Whether there is a view before this one.
pub fn has_past(model: &Model) -> Result<(), String> {
    if model.trail.has_past() { Ok(()) } else { Err("this is the first view".to_owned()) }
}

/// Whether one has gone back.
pub fn has_future(model: &Model) -> Result<(), String> {
    if model.trail.has_future() { Ok(()) } else { Err("this is the newest view".to_owned()) }
}

/// Opens what is under the cursor.
pub fn open(model: &mut Model, _: &str) -> Effects {
    let Some(row) = model.table().and_then(|table| table.cursor().cloned()) else { return Vec::new() };
    match (model.pane(), row) {
        (PaneId::Operations, RowId::Named(name)) => {
            if let Ok(id) = name.parse() {
                model.trail.open(View::Operation(id));
            }
        }
        (PaneId::Changes(_), _) => return changes::open(model),
        (_, RowId::Service(key)) => model.trail.open(View::Instances(Some((*key).clone()))),
        (_, RowId::Instance(id)) => look_into(model, id, InstanceTab::Overview),
        (PaneId::Instance(id, InstanceTab::History), RowId::Named(row)) => return unfold(model, &id, &row),
        (_, RowId::Named(_)) => return list::row(model, ""),
    }
    Vec::new()
}

/// Whether there is something to open.
pub fn can_open(model: &Model) -> Result<(), String> {
    list::has_row(model)
}

/// Shows or hides the events of an entry of the history, and fetches them once.
fn unfold(model: &mut Model, id: &InstanceId, row: &str) -> Effects {
    let entry_id: std::sync::Arc<str> = row.split('#').next().unwrap_or(row).into();
    let opened = !model.expanded.remove(&entry_id);
    let mut effects = Vec::new();
    if opened {
        model.expanded.insert(entry_id.clone());
        let history = model.detail_of(id).and_then(|detail: &Detail| detail.history.value());
        let entry = history.into_iter().flatten().find(|entry| tables::instance::entry_id(entry) == entry_id);
        if let Some(request) = entry.filter(|entry| entry.events.is_empty()).and_then(|entry| entry.request_id.as_ref())
        {
            effects.push(Effect::FetchEvents(id.clone(), request.as_str().to_owned()));
        }
    }
    let pane = model.pane();
    if let Some(table) = table_mut(model, &pane) {
        table.outdate();
    }
    refresh_table(model, &pane, false);
    if let Some(table) = table_mut(model, &pane) {
        table.seek(&RowId::Named(entry_id));
    }
    model.touch();
    effects
}

fn look_into(model: &mut Model, id: InstanceId, tab: InstanceTab) {
    model.instance_tab = tab;
    model.trail.open(View::Instance(id));
}

fn show(model: &mut Model, tab: InstanceTab) -> Effects {
    if let Some(id) = model.current_instance().map(|instance| instance.id.clone()) {
        look_into(model, id, tab);
    }
    Vec::new()
}

/// Whether an instance is under the cursor or looked into.
pub fn has_instance(model: &Model) -> Result<(), String> {
    model.current_instance().map(|_| ()).ok_or_else(|| "there is no instance here".to_owned())
}

/// What it is and how it does.
pub fn describe(model: &mut Model, _: &str) -> Effects {
    show(model, InstanceTab::Overview)
}

/// Its console log.
pub fn console(model: &mut Model, _: &str) -> Effects {
    show(model, InstanceTab::Console)
}

/// What was done to it.
pub fn events(model: &mut Model, _: &str) -> Effects {
    show(model, InstanceTab::History)
}

/// As the cloud sends it.
pub fn raw(model: &mut Model, _: &str) -> Effects {
    show(model, InstanceTab::Raw)
}

/// The next tab.
pub fn next_tab(model: &mut Model, _: &str) -> Effects {
    turn(model, 1);
    Vec::new()
}

/// The tab before.
pub fn previous_tab(model: &mut Model, _: &str) -> Effects {
    turn(model, -1);
    Vec::new()
}

fn turn(model: &mut Model, by: isize) {
    match model.trail.here() {
        View::Instance(_) => model.instance_tab = neighbour(&InstanceTab::ALL, model.instance_tab, by),
        View::Cloud => model.cloud_tab = neighbour(&CloudTab::ALL, model.cloud_tab, by),
        _ => {}
    }
}

fn neighbour<T: Copy + PartialEq>(all: &[T], one: T, by: isize) -> T {
    let at = all.iter().position(|other| *other == one).unwrap_or(0);
    let len = isize::try_from(all.len()).unwrap_or(1);
    let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(len);
    all[next.unsigned_abs()]
}

/// The next view.
pub fn next_view(model: &mut Model, _: &str) -> Effects {
    // The graphs of an instance are one of its tabs, with keys of their own.
    let on = if matches!(model.trail.here(), View::Instance(_)) { turn } else { cycle };
    on(model, 1);
    Vec::new()
}

/// The view before.
pub fn previous_view(model: &mut Model, _: &str) -> Effects {
    let on = if matches!(model.trail.here(), View::Instance(_)) { turn } else { cycle };
    on(model, -1);
    Vec::new()
}

fn cycle(model: &mut Model, by: isize) {
    let views = [0, 1, 2, 3, 4, 5];
    let at = match model.trail.here() {
        View::Services | View::Graphs(_) | View::Heat(_) => 0,
        View::Instances(_) | View::Instance(_) => 1,
        View::Operations | View::Operation(_) => 2,
        View::Cloud => 3,
        View::Log => 4,
        View::Changes(_) => 5,
    };
    model.trail.go(match neighbour(&views, at, by) {
        0 => View::Services,
        1 => View::Instances(None),
        2 => View::Operations,
        3 => View::Cloud,
        4 => View::Log,
        _ => View::Changes(None),
    });
}
