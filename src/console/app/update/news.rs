//! What came from outside: the cloud, the terminal, the log.

use std::sync::Arc;

use crate::base::clock::since;
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::ProjectId;
use crate::console::app::changes;
use crate::console::app::commands::scope;
use crate::console::app::effect::Effect;
use crate::console::app::layout::Size;
use crate::console::app::log::{self, LogLine};
use crate::console::app::model::{Model, Session, SignIn};
use crate::console::app::msg::{FleetNews, PollNews};
use crate::console::app::overlay::{Overlay, Purpose};
use crate::console::app::pane::PaneId;
use crate::console::app::prompt::Password;
use crate::console::app::table::Table;
use crate::console::app::tables;
use crate::console::app::trail::View;
use crate::fleet::Fleet;
use crate::fleet::control_plane::ControlPlane;
use crate::fleet::detail::DetailOf;
use crate::fleet::diff::unchanged;

type Effects = Vec<Effect>;

pub(super) fn resize(model: &mut Model, width: u16, height: u16) -> Effects {
    model.size = Size { width, height };
    model.touch();
    Vec::new()
}

pub(super) fn signed_in(model: &mut Model, session: Session) -> Effects {
    if matches!(&model.overlay, Some(Overlay::Password(password)) if password.resumes.is_none()) {
        model.overlay = None;
    }
    model.sign_in = SignIn::Done;
    model.scope = session.scope.clone();
    model.session = Some(session);
    outdate(model, |_| true);
    model.touch();
    // Ids of projects tell nobody anything.
    if model.scope.all_projects { vec![Effect::ListProjects] } else { Vec::new() }
}

pub(super) fn password_wanted(model: &mut Model, whom: String) -> Effects {
    model.overlay = Some(Overlay::Password(Password::of(whom.clone())));
    model.sign_in = SignIn::PasswordWanted(whom);
    model.touch();
    Vec::new()
}

pub(super) fn sign_in_failed(model: &mut Model, failure: Failure) -> Effects {
    if let (FailureKind::Auth, Some(Overlay::Password(password))) = (failure.kind, &mut model.overlay)
        && password.resumes.is_none()
    {
        *password = Password::of(std::mem::take(&mut password.whom));
    }
    model.sign_in = SignIn::Failed(failure.clone());
    model.notices.fail(failure, model.now);
    model.touch();
    Vec::new()
}

pub(super) fn fleet(model: &mut Model, news: FleetNews) -> Effects {
    let effects = changes::fleet(model, &news);
    let changed = !Arc::ptr_eq(&model.seen, &news.fleet);
    if changed || model.partial != news.partial || model.freshness.from_cache != news.from_cache {
        model.touch();
    }
    model.partial = news.partial;
    model.freshness.as_of = Some(news.as_of);
    model.freshness.from_cache = news.from_cache;
    if changed {
        model.seen = news.fleet;
        Arc::make_mut(&mut model.condition).outdate();
        // What was concluded holds until the next look.
        let judged = model.condition.judged(&model.seen);
        replace(model, judged);
    }
    effects
}

/// The same fleet, with other conclusions.
pub(super) fn judged(model: &mut Model, fleet: Arc<Fleet>) {
    replace(model, fleet);
    model.touch();
}

fn replace(model: &mut Model, fleet: Arc<Fleet>) {
    let before = std::mem::replace(&mut model.fleet, fleet);
    outdate(model, |pane| !matches!(pane, PaneId::Cloud(_) | PaneId::Instances(_)));
    outdate_instances(model, &before);
}

/// The tables of services and instances.
pub(super) fn outdate_fleet(model: &mut Model) {
    outdate(model, |pane| matches!(pane, PaneId::Services | PaneId::Instances(_) | PaneId::Heat(_)));
}

/// Tables that are sorted by what is measured.
pub(super) fn reorder_by_load(model: &mut Model) {
    let here = model.pane();
    let Some(rows) = tables::rows(model, &here) else { return };
    let by_load = |table: &&Table| table.sort.column < rows.columns() && rows.column(table.sort.column).live;
    let outdated = model.tables.get(&here).is_some_and(|table| by_load(&table));
    drop(rows);
    if outdated && let Some(table) = model.tables.get_mut(&here) {
        table.outdate_order();
    }
}

/// Most instances are as they were: what a filter knows of those stays.
fn outdate_instances(model: &mut Model, before: &Fleet) {
    let after = Arc::clone(&model.fleet);
    let tables = model.tables.iter_mut().filter(|(pane, _)| matches!(pane, PaneId::Instances(_)));
    let mut former = None;
    for (_, table) in tables {
        if table.has_words() {
            table.outdate_but(former.get_or_insert_with(|| unchanged(before, &after)));
        } else {
            table.outdate();
        }
    }
}

pub(super) fn polled(model: &mut Model, poll: PollNews) -> Effects {
    if poll.failure.is_none() && !model.partial && !model.freshness.from_cache {
        changes::polled(model, poll.at);
    }
    model.freshness.interval = poll.interval;
    if poll.missing != model.missing {
        for (source, failure) in &poll.missing {
            if !model.missing.iter().any(|(known, _)| known == source) {
                model.notices.fail(failure.clone(), model.now);
            }
        }
        model.missing = poll.missing;
        model.touch();
    }
    match poll.failure {
        None => {
            let listed = !model.partial && !model.freshness.from_cache && model.freshness.as_of.is_some();
            if listed {
                model.freshness.as_of = model.freshness.as_of.max(Some(poll.at));
            }
            if model.poll_failure.take().is_some() {
                model.notices.tell("The cloud answers again", model.now);
            }
        }
        Some(failure) => {
            if model.poll_failure.as_ref() != Some(&failure) {
                model.touch();
            }
            let told = model.poll_failure.as_ref().is_some_and(|known| known.message == failure.message);
            if !told {
                model.notices.fail(failure.clone(), model.now);
            }
            model.poll_failure = Some(failure);
        }
    }
    Vec::new()
}

pub(super) fn detail(model: &mut Model, detail: DetailOf) -> Effects {
    let here = matches!(model.trail.here(), View::Instance(id) if *id == detail.id);
    if !here || model.detail.as_ref() == Some(&detail) {
        return Vec::new();
    }
    model.detail = Some(detail);
    outdate(model, |pane| matches!(pane, PaneId::Instance(..)));
    model.touch();
    Vec::new()
}

pub(super) fn control_plane(model: &mut Model, plane: Arc<ControlPlane>) -> Effects {
    if model.trail.here() == &View::Cloud && model.control_plane.as_ref() != Some(&plane) {
        model.touch();
    }
    model.control_plane = Some(plane);
    model.control_plane_told = Some(model.now);
    outdate(model, |pane| matches!(pane, PaneId::Cloud(_)));
    Vec::new()
}

/// Beside those that are known: an administrator's own projects are told by another list than all.
pub(super) fn project_names(model: &mut Model, named: &[(String, String)]) {
    if named.is_empty() {
        return;
    }
    let named = named.iter().map(|(id, name)| (ProjectId::from(id.as_str()), name.as_str().into()));
    Arc::make_mut(&mut model.projects).extend(named);
    outdate(model, |pane| matches!(pane, PaneId::Services | PaneId::Instances(_)));
    model.touch();
}

pub(super) fn projects(model: &mut Model, projects: Result<Vec<(String, String)>, Failure>) -> Effects {
    match &projects {
        Err(failure) => model.notices.fail(failure.clone(), model.now),
        Ok(named) => project_names(model, named),
    }
    let Some(Overlay::Picker(picker)) = &model.overlay else { return Vec::new() };
    if picker.purpose == Purpose::Project {
        scope::fill_projects(model, projects);
        model.touch();
    }
    Vec::new()
}

pub(super) fn logged(model: &mut Model, lines: Vec<LogLine>) -> Effects {
    let forgotten = log::append(&mut model.log, lines);
    if let Some(scroll) = model.scrolls.get_mut(&PaneId::Log) {
        scroll.top = scroll.top.saturating_sub(forgotten);
        scroll.found = scroll.found.and_then(|line| line.checked_sub(forgotten));
    }
    if model.trail.here() == &View::Log {
        model.touch();
    }
    Vec::new()
}

pub(super) fn trouble(model: &mut Model, failure: Failure) -> Effects {
    model.notices.fail(failure, model.now);
    Vec::new()
}

fn outdate(model: &mut Model, concerns: impl Fn(&PaneId) -> bool) {
    for (_, table) in model.tables.iter_mut().filter(|(pane, _)| concerns(pane)) {
        table.outdate();
    }
}

/// How long nobody has pressed a key.
pub(super) fn unattended(model: &Model) -> std::time::Duration {
    since(model.last_key, model.now)
}
