//! Going from alert to alert, and answering for them.

use std::time::Duration;

use crate::base::clock::read_duration;
use crate::console::app::alerts::{self, Alert, Answer};
use crate::console::app::column::RowId;
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::trail::View;
use crate::console::app::update::{refresh_table, table_mut};

type Effects = Vec<Effect>;

/// An hour, unless one says otherwise.
const MUTED: Duration = Duration::from_secs(3600);
/// Nobody remembers why for longer.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Whether anything needs a look.
pub fn is_any(model: &Model) -> Result<(), String> {
    if alerts::is_any(model) { Ok(()) } else { Err("nothing needs a look".to_owned()) }
}

/// To the next alert: the worst first, and round its end. The cursor is on what it is about.
pub fn next(model: &mut Model, _: &str) -> Effects {
    let told = alerts::told(model);
    let at = model.alerts.at.as_ref().and_then(|id| told.iter().position(|alert| alert.is(id)));
    let next = at.map_or(0, |at| (at + 1) % told.len().max(1));
    let Some(id) = told.get(next).map(Alert::id) else { return Vec::new() };
    let row = match &id.instance {
        Some(instance) => {
            model.trail.go(View::Services);
            model.trail.open(View::Instances(Some(id.service.clone())));
            RowId::Instance(instance.clone())
        }
        None => {
            model.trail.go(View::Services);
            RowId::Service(std::sync::Arc::new(id.service.clone()))
        }
    };
    let pane = model.pane();
    if let Some(table) = table_mut(model, &pane) {
        // A filter must not hide it.
        table.set_filter("");
    }
    refresh_table(model, &pane, false);
    if let Some(table) = table_mut(model, &pane) {
        table.seek(&row);
    }
    model.alerts.at = Some(id);
    model.touch();
    Vec::new()
}

/// Says that the alert was seen: no word of it until it comes back or becomes worse.
pub fn acknowledge(model: &mut Model, reason: &str) -> Effects {
    answer(model, None, reason)
}

/// Wants no word of the alert for a while: `2h the disk is being replaced`.
pub fn mute(model: &mut Model, wanted: &str) -> Effects {
    let (first, rest) = wanted.split_once(' ').unwrap_or((wanted, ""));
    let (time, reason) = match span(first) {
        Some(time) => (time, rest),
        None => (MUTED, wanted),
    };
    if reason.trim().is_empty() {
        model.notices.tell("Say for how long and why: :mute 2h the disk is being replaced", model.now);
        return Vec::new();
    }
    answer(model, Some(time), reason)
}

fn answer(model: &mut Model, time: Option<Duration>, reason: &str) -> Effects {
    let Some((alert, ..)) = alerts::current(model) else { return Vec::new() };
    let (id, severity) = (alert.id(), alert.finding.severity);
    let what = format!("{} {}", id.service.name, id.title);
    let until = time.and_then(|time| model.now.checked_add(time).ok());
    let told = match until {
        Some(until) => format!("No word of {what} until {}", until.strftime("%H:%MZ")),
        None => format!("{what} is acknowledged: it is told again when it comes back or becomes worse"),
    };
    let by = model.session.as_ref().map(|session| session.user.clone()).unwrap_or_default();
    let reason = reason.trim().to_owned();
    model.alerts.answer(id, Answer { at: model.now, severity, until, reason, by, taken_back: false });
    model.notices.tell(told, model.now);
    model.touch();
    Vec::new()
}

/// A time with its unit: a bare number may well be the first word of a reason.
fn span(text: &str) -> Option<Duration> {
    let read = Some(text).filter(|text| text.ends_with(char::is_alphabetic)).and_then(read_duration);
    read.filter(|time| (Duration::from_secs(1)..=LONGEST).contains(time))
}

/// Tells again of everything that somebody has answered for.
pub fn unmute(model: &mut Model, _: &str) -> Effects {
    let count = model.alerts.take_back_all(model.now);
    model.notices.tell(format!("{count} alerts are told again"), model.now);
    model.touch();
    Vec::new()
}

/// Whether somebody has answered for anything.
pub fn has_answers(model: &Model) -> Result<(), String> {
    if model.alerts.answered.counting(model.now).next().is_none() { Err("nothing is muted".to_owned()) } else { Ok(()) }
}
