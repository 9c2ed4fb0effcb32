//! The line above the hints, how old things are, and why a panel is empty.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::text::sanitise;
use crate::console::app::alerts::{self, Alert};
use crate::console::app::cell::{Cell, Glyph, Tone};
use crate::console::app::followed::Followed;
use crate::console::app::freshness::{self, Freshness};
use crate::console::app::graphs;
use crate::console::app::layout;
use crate::console::app::model::{Model, SignIn};
use crate::console::app::notation;
use crate::console::app::pane::PaneId;
use crate::console::app::screen::text::Text;
use crate::console::app::table::Table;
use crate::console::app::tables::{self, words};
use crate::console::app::trail::{CloudTab, InstanceTab};
use crate::console::app::wake::on_the_wall;

/// The status line: a notice if there is one to tell, else where one is in the table; and how old the data are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// At the left.
    pub left: Vec<Cell>,
    /// At the right; it stays when there is little room.
    pub right: Vec<Cell>,
}

/// The status line.
pub fn status(model: &Model) -> Status {
    let left = match model.notices.current(model.now) {
        _ if model.leaving => vec![Cell::new("Press ctrl-c once more to leave, any other key to stay", Tone::Warn)],
        Some(notice) => vec![notice.line()],
        None => facts(model),
    };
    let mut right = Vec::new();
    let more = model.notices.more(model.now);
    if more > 0 && !model.leaving {
        right.push(Cell::new(&format!("+{more} more, see :notices"), Tone::Warn));
    }
    if !model.pending.is_empty() {
        right.push(Cell::new(&notation::print(&model.pending), Tone::Accent));
    }
    right.extend(ages(model));
    Status { left, right }
}

/// What needs a look now: which, what, since when.
fn alert(model: &Model) -> Option<Cell> {
    let (alert, number, count) = alerts::current(model)?;
    let (tone, glyph) = words::look(alert.finding.severity);
    let since = alert.finding.since.map(|since| format!(" {}", since.words(model.moment().cloud)));
    let since = since.unwrap_or_default();
    let which = if count > 1 { format!("{number}/{count} ") } else { String::new() };
    let Alert { service, finding } = alert;
    let text = format!("{which}{} {}{since}: {}", sanitise(&service.name), finding.title, sanitise(&finding.evidence));
    Some(Cell::new(&text, tone).sign(glyph))
}

fn facts(model: &Model) -> Vec<Cell> {
    let mut facts = reasons(model);
    let pane = model.pane();
    if model.partial {
        facts.push(Cell::new(&format!("{} so far …", model.fleet.members.len()), Tone::Busy).sign(Glyph::Busy));
    }
    if let Some(table) = model.tables.get(&pane) {
        let place = if table.is_empty() { 0 } else { table.position() + 1 };
        facts.push(Cell::new(&format!("{place} of {}", table.len()), Tone::Dim));
        if !table.marks().is_empty() {
            let hidden = match table.hidden_marks() {
                0 => String::new(),
                hidden => format!(", {hidden} hidden by the filter"),
            };
            facts.push(Cell::new(&format!("{} marked{hidden}", table.marks().len()), Tone::Accent));
        }
        if let Some(title) = chosen(model, table, &pane) {
            facts.push(Cell::new(&format!("sort by {title}?"), Tone::Accent));
        }
        if !table.filter_text.is_empty() {
            facts.push(Cell::new(&format!("/{}", table.filter_text), Tone::Accent));
        }
    }
    facts.extend(graphs(model, &pane));
    facts.extend(changes(model, &pane));
    facts.extend(reading(model, &pane));
    facts.extend(alert(model));
    facts.extend(
        model.missing.iter().map(|(source, _)| Cell::new(&format!("no {source}"), Tone::Warn).sign(Glyph::Warning)),
    );
    facts
}

/// What is missing among the changes: what is dropped, and who may not be asked.
fn changes(model: &Model, pane: &PaneId) -> Vec<Cell> {
    if !matches!(pane, PaneId::Changes(_)) {
        return Vec::new();
    }
    let dropped = model.changes.complete_since().map(|since| {
        let text = format!("whole since {}, older ones were too many", since.strftime("%H:%MZ"));
        Cell::new(&text, Tone::Warn).sign(Glyph::Warning)
    });
    let refused = model.changes.refused.as_ref().map(|_| Cell::new("Nova does not tell who", Tone::Dim));
    dropped.into_iter().chain(refused).collect()
}

/// How much time graphs show, what strips show, and which time is read.
fn graphs(model: &Model, pane: &PaneId) -> Vec<Cell> {
    let strips = matches!(pane, PaneId::Heat(_));
    if !strips && !pane.is_graphs() {
        return Vec::new();
    }
    let mut facts = vec![Cell::new(&format!("last {}", model.look.range.title()), Tone::Dim)];
    if strips {
        facts.push(Cell::new(graphs::heat(model).title(), Tone::Accent));
        return facts;
    }
    let at = |time: Timestamp| time.strftime("%H:%M:%SZ").to_string();
    facts.extend(model.look.cursor.map(|time| Cell::new(&format!("values at {}", at(time)), Tone::Accent)));
    facts.extend(model.look.frozen.map(|time| Cell::new(&format!("frozen at {}", at(time)), Tone::Accent)));
    facts
}

/// The column that is chosen for sorting: there may be no room for it on the screen.
fn chosen(model: &Model, table: &Table, pane: &PaneId) -> Option<&'static str> {
    let column = *table.shown.get(table.chosen?)?;
    (column != table.sort.column).then(|| tables::rows(model, pane).map(|rows| rows.column(column).title))?
}

/// Where one is in a text, and how one reads it.
fn reading(model: &Model, pane: &PaneId) -> Vec<Cell> {
    let Some(scroll) = model.scrolls.get(pane).filter(|_| !pane.is_table()) else { return Vec::new() };
    let text = Text::of(model, pane);
    if text.is_empty() && scroll.search.is_empty() {
        return Vec::new();
    }
    let mut facts = Vec::new();
    if pane.is_log() || text.len() > layout::window(model.size, pane) {
        let line = text.at(scroll.top).saturating_add(1).min(text.len());
        facts.push(Cell::new(&format!("line {line} of {}", text.len()), Tone::Dim));
    }
    if pane.is_log() || scroll.follows {
        facts.push(if scroll.follows { Cell::new("follows", Tone::Dim) } else { Cell::new("frozen", Tone::Accent) });
    }
    if scroll.left > 0 {
        facts.push(Cell::new(&format!("from column {}", scroll.left + 1), Tone::Dim));
    }
    if !scroll.search.is_empty() {
        let only = if scroll.narrows { "only " } else { "" };
        facts.push(Cell::new(&format!("{only}/{}", scroll.search), Tone::Accent));
    }
    facts
}

/// Why nothing newer is known: what failed and when it is tried again, or who lets us wait. Empty when all is well.
pub fn reasons(model: &Model) -> Vec<Cell> {
    let failure = match &model.sign_in {
        SignIn::Failed(failure) => Some(failure),
        _ => model.poll_failure.as_ref(),
    };
    let mut reasons: Vec<Cell> =
        failure.map(|failure| Cell::new(&failure.message, Tone::Bad).sign(Glyph::Down)).into_iter().collect();
    if let Some(left) = model.awaited.next_try.and_then(|at| freshness::left(since(model.now, at))) {
        reasons.push(Cell::new(&format!("next try in {left}"), Tone::Dim));
    }
    if let Some(silence) = model.awaited.silences.first() {
        let waited = freshness::coarse(since(silence.since, model.now));
        let text = format!("{} has not answered for {waited}", silence.service);
        reasons.push(Cell::new(&text, Tone::Warn).sign(Glyph::Busy));
    }
    reasons
}

/// When the reasons change by themselves.
pub fn next_reason(model: &Model, now: Timestamp) -> Option<Duration> {
    let left = model.awaited.next_try.and_then(|at| freshness::left_change(since(now, at)));
    let waited = model.awaited.silences.iter().map(|silence| {
        let age = since(silence.since, now);
        freshness::next_step(age) - age
    });
    left.into_iter().chain(waited).min()
}

/// How old the panel's data is, where that matters.
pub fn ages(model: &Model) -> Vec<Cell> {
    freshnesses(model).into_iter().filter_map(|freshness| freshness.label(model.now)).take(1).collect()
}

/// The freshness of what the present panel shows, the oldest first.
pub fn freshnesses(model: &Model) -> Vec<Freshness> {
    let of = |at, interval: Option<Duration>| Freshness {
        as_of: at,
        interval: interval.unwrap_or(model.freshness.interval),
        from_cache: false,
    };
    match model.pane() {
        PaneId::Operations | PaneId::Operation(_) | PaneId::Log => Vec::new(),
        PaneId::Services | PaneId::Instances(_) | PaneId::Graphs(_) | PaneId::Heat(_) | PaneId::Changes(_) => {
            vec![model.freshness]
        }
        PaneId::Cloud(tab) => {
            cloud_time(model, tab).map(|at| of(at, model.start.control_plane_interval)).into_iter().collect()
        }
        PaneId::Instance(id, tab) => match model.detail_of(&id).and_then(|detail| detail_time(detail, tab)) {
            Some(at) => vec![of(Some(at), detail_interval(model, tab))],
            None => vec![model.freshness],
        },
    }
}

/// Each part of an instance is read at a pace of its own.
fn detail_interval(model: &Model, tab: InstanceTab) -> Option<Duration> {
    match tab {
        InstanceTab::Console => model.start.console_interval,
        _ => model.start.detail_interval,
    }
}

fn cloud_time(model: &Model, tab: CloudTab) -> Option<Option<Timestamp>> {
    let plane = model.control_plane.as_deref()?;
    Some(match tab {
        CloudTab::Endpoints => model.control_plane_told,
        CloudTab::Compute => plane.compute_services.known.as_ref().map(|(_, at)| *at),
        CloudTab::Hypervisors => plane.hypervisors.known.as_ref().map(|(_, at)| *at),
        CloudTab::Agents => plane.agents.known.as_ref().map(|(_, at)| *at),
        CloudTab::Quotas => plane.quotas.known.as_ref().map(|(_, at)| *at),
    })
}

fn detail_time(detail: &crate::fleet::detail::Detail, tab: InstanceTab) -> Option<Timestamp> {
    let own = detail.instance.known.as_ref().map(|(_, at)| *at);
    match tab {
        InstanceTab::Network => detail.ports.known.as_ref().map(|(_, at)| *at).or(own),
        InstanceTab::Volumes => detail.volumes.known.as_ref().map(|(_, at)| *at).or(own),
        InstanceTab::History => detail.history.known.as_ref().map(|(_, at)| *at),
        InstanceTab::Console => detail.console.known.as_ref().map(|(_, at)| *at),
        InstanceTab::Raw => detail.raw.known.as_ref().map(|(_, at)| *at),
        _ => own,
    }
}

/// The operations that are not over, those that run first, then the newest.
fn unfinished(model: &Model) -> Vec<&Followed> {
    let all = model.operations.iter().flatten().map(|followed| &**followed);
    let mut unfinished: Vec<&Followed> = all.filter(|followed| !followed.operation.is_over()).collect();
    unfinished.sort_by_key(|followed| !followed.is_driven());
    unfinished
}

/// What is being changed now, for the header: in one line, and in fewer and fewer words. Empty when nothing is. The
/// journal is of all clouds: one that is not looked at is named.
pub fn under_way(model: &Model) -> Vec<String> {
    let now = model.moment().cloud;
    let unfinished = unfinished(model);
    let Some(first) = unfinished.first() else {
        let starting = |title: &String| [format!("starting: {title}"), "starting".to_owned()];
        return model.starting.iter().flat_map(starting).collect();
    };
    let more = if unfinished.len() > 1 { format!(" +{}", unfinished.len() - 1) } else { String::new() };
    let cloud = &first.operation.plan.place.cloud;
    let (place, where_) = match **cloud == *model.scope.cloud {
        true => (String::new(), String::new()),
        false => (format!("{cloud}: "), format!("{cloud} ")),
    };
    let short = |text: String| format!("{where_}{text}{more}");
    let long = format!("{place}{}{more}", first.line(now));
    vec![long, short(first.short_line(now)), short(first.shorter_line()), short(first.progress())]
}

/// How that is meant.
pub fn under_way_tone(model: &Model) -> Tone {
    unfinished(model).first().map_or(Tone::Busy, |followed| followed.look().0)
}

/// When that changes by time alone, on the wall's clock.
pub fn next_step(model: &Model, now: Timestamp) -> Option<Duration> {
    let pace = model.pace();
    let left = unfinished(model).first()?.next_change(pace.cloud(now))?;
    Some(on_the_wall(left, pace))
}

/// Why a panel shows nothing: what is known of the reason, and what helps.
pub fn why_empty(model: &Model, pane: &PaneId) -> Vec<Cell> {
    let failure = |failure: &crate::base::failure::Failure| {
        let mut lines = vec![Cell::new(&failure.message, Tone::Bad).sign(Glyph::Down)];
        lines.extend(failure.causes.iter().chain(&failure.hints).map(|line| Cell::new(line, Tone::Dim)));
        lines.extend(failure.request_id.iter().map(|id| Cell::new(&format!("request {id}"), Tone::Dim)));
        lines
    };
    if let Some(why) = panel_failure(model, pane) {
        return failure(why);
    }
    if let Some(table) = model.tables.get(pane)
        && !table.filter.is_empty()
        && tables::rows(model, pane).is_some_and(|rows| rows.count() > 0)
    {
        return vec![Cell::new(&format!("Nothing matches /{}", table.filter_text), Tone::Dim)];
    }
    if let Some(scroll) = model.scrolls.get(pane).filter(|scroll| scroll.narrows && !scroll.search.is_empty()) {
        return vec![Cell::new(&format!("Nothing matches /{}", scroll.search), Tone::Dim)];
    }
    match pane {
        PaneId::Log => return vec![Cell::new("Nothing was logged yet", Tone::Dim)],
        PaneId::Operations | PaneId::Operation(_) if model.operations.is_none() => {
            return vec![Cell::new("Reading the journal …", Tone::Busy).sign(Glyph::Busy)];
        }
        PaneId::Operations => return vec![Cell::new("Nothing was changed yet", Tone::Dim)],
        PaneId::Changes(_) if model.freshness.as_of.is_some() && !model.freshness.from_cache => {
            return vec![Cell::new("Nothing has changed in the last day, as far as is known", Tone::Dim)];
        }
        PaneId::Operation(id) => return vec![Cell::new(&format!("There is no operation {id}"), Tone::Warn)],
        _ => {}
    }
    match (&model.sign_in, &model.poll_failure) {
        (SignIn::Failed(why), _) => return failure(why),
        (SignIn::Connecting, _) => {
            return waiting(model, Cell::new("Signing in …", Tone::Busy).sign(Glyph::Busy));
        }
        (SignIn::PasswordWanted(_), _) => return vec![Cell::new("A password is wanted", Tone::Warn)],
        (SignIn::Done, Some(why)) if model.freshness.as_of.is_none() => return failure(why),
        (SignIn::Done, _) => {}
    }
    match nothing(model, pane) {
        reading if reading.tone == Tone::Busy => waiting(model, reading),
        nothing => vec![nothing],
    }
}

/// What is under way, and for which answers it waits.
fn waiting(model: &Model, what: Cell) -> Vec<Cell> {
    std::iter::once(what).chain(silences(model)).collect()
}

/// Every answer that is waited for, and for how long.
pub fn silences(model: &Model) -> impl Iterator<Item = Cell> {
    model.awaited.silences.iter().map(|silence| {
        let waited = freshness::coarse(since(silence.since, model.now));
        Cell::new(&format!("No answer for {waited}: {}", silence.place), Tone::Dim)
    })
}

fn nothing(model: &Model, pane: &PaneId) -> Cell {
    let reading = || Cell::new("Reading …", Tone::Busy).sign(Glyph::Busy);
    match pane {
        PaneId::Services | PaneId::Instances(None) if model.freshness.as_of.is_none() => reading(),
        PaneId::Services | PaneId::Instances(None) => Cell::new("There are no instances here", Tone::Dim),
        PaneId::Instances(Some(key)) => Cell::new(&format!("{} has no instances", key.name), Tone::Dim),
        PaneId::Instance(id, _) if model.instance(id).is_none() => Cell::new("This instance is gone", Tone::Warn),
        PaneId::Instance(id, tab) if unread(model, id, *tab) => reading(),
        PaneId::Instance(_, tab) => Cell::new(none_of(*tab), Tone::Dim),
        PaneId::Cloud(_) if model.control_plane.is_none() => reading(),
        PaneId::Cloud(CloudTab::Agents) if tables::rows(model, pane).is_some() => {
            Cell::new("No agents: there are none, or your role may not see them", Tone::Dim)
        }
        PaneId::Cloud(_) if tables::rows(model, pane).is_none() => reading(),
        _ => Cell::new("Nothing here", Tone::Dim),
    }
}

/// What it means that a tab of an instance is empty.
fn none_of(tab: InstanceTab) -> &'static str {
    match tab {
        InstanceTab::Network => "It has no port and no address",
        InstanceTab::Volumes => "No volume is attached to it",
        InstanceTab::Pools => "It is in no pool of a load balancer",
        InstanceTab::History => "Nova remembers nothing that was done to it",
        InstanceTab::Console => "Its console log is empty",
        _ => "Nothing here",
    }
}

fn unread(model: &Model, id: &crate::base::id::InstanceId, tab: InstanceTab) -> bool {
    let Some(detail) = model.detail_of(id) else {
        return matches!(tab, InstanceTab::History | InstanceTab::Console | InstanceTab::Raw);
    };
    match tab {
        InstanceTab::History => detail.history.known.is_none(),
        InstanceTab::Console => detail.console.known.is_none(),
        InstanceTab::Raw => detail.raw.known.is_none(),
        _ => false,
    }
}

/// Why the panel's own source has failed, where it has none to show.
pub fn panel_failure<'a>(model: &'a Model, pane: &PaneId) -> Option<&'a crate::base::failure::Failure> {
    match pane {
        PaneId::Cloud(tab) => {
            let plane = model.control_plane.as_deref()?;
            match tab {
                CloudTab::Endpoints => None,
                CloudTab::Compute => plane.compute_services.failure.as_ref(),
                CloudTab::Hypervisors => plane.hypervisors.failure.as_ref(),
                CloudTab::Agents => plane.agents.failure.as_ref(),
                CloudTab::Quotas => plane.quotas.failure.as_ref(),
            }
        }
        PaneId::Instance(id, tab) => {
            let detail = model.detail_of(id)?;
            match tab {
                InstanceTab::Network => detail.ports.failure.as_ref(),
                InstanceTab::Volumes => detail.volumes.failure.as_ref(),
                InstanceTab::History => detail.history.failure.as_ref(),
                InstanceTab::Console => detail.console.failure.as_ref(),
                InstanceTab::Raw => detail.raw.failure.as_ref(),
                InstanceTab::Pools => {
                    model.missing.iter().find(|(source, _)| *source == "load-balancer").map(|(_, why)| why)
                }
                _ => detail.instance.failure.as_ref(),
            }
        }
        _ => None,
    }
}
