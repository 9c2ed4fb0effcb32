//! The one function that changes the model.

use crate::base::clock::Timestamp;
use crate::console::app::commands::{mould, rollback, rollout};
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::msg::Msg;
use crate::console::app::prompt::Password;
use crate::console::app::{alerts, changes};

mod input;
mod level;
pub(super) mod measure;
mod news;
mod operations;
mod panes;
mod paste;

pub(super) use input::start;
pub(super) use panes::{refresh_table, table_mut};

/// Something has happened: changes the model, and tells what is to be done.
///
/// `now` is wall time. [`Model::generation`] grows when what is on the screen may have changed.
pub fn update(model: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    let before = level::face(model);
    model.now = now;
    if !matches!(msg, Msg::Key { .. }) {
        model.drawn.forget();
    }
    let mut effects = match msg {
        Msg::Key { key, burst } => input::key(model, key, burst),
        Msg::Paste(text) => paste::paste(model, &text),
        Msg::Resize { width, height } => news::resize(model, width, height),
        Msg::Tick => Vec::new(),
        Msg::SignedIn(session) => {
            let effects = news::signed_in(model, *session);
            operations::refresh_review(model);
            effects
        }
        Msg::PasswordWanted { whom } => news::password_wanted(model, whom),
        Msg::SignInFailed(failure) => news::sign_in_failed(model, failure),
        Msg::Fleet(fleet) => {
            let effects = news::fleet(model, fleet);
            operations::refresh_review(model);
            effects
        }
        Msg::Polled(poll) => news::polled(model, poll),
        Msg::Timeline(kept) => changes::kept(model, &kept),
        Msg::Answers(kept) => alerts::kept(model, &kept),
        Msg::History(id, told) => changes::history(model, &id, told),
        Msg::Awaited(awaited) => {
            model.awaited = awaited;
            Vec::new()
        }
        Msg::Detail(detail) => news::detail(model, detail),
        Msg::Samples(samples) => measure::samples(model, &samples),
        Msg::Meters(meters) => measure::meters(model, meters),
        Msg::Looked(found) => measure::looked(model, *found),
        Msg::ControlPlane(plane) => news::control_plane(model, plane),
        Msg::ProjectNames(named) => {
            news::project_names(model, &named);
            Vec::new()
        }
        Msg::Projects(projects) => news::projects(model, projects),
        Msg::Release(image, read) => rollback::read(model, &image, read),
        Msg::Releases(service, found) => rollout::fill(model, &service, found),
        Msg::Moulds(likes, read) => mould::read(model, &likes, read),
        Msg::Logged(lines) => news::logged(model, lines),
        Msg::Operations(known) => operations::operations(model, known),
        Msg::Outlives { told, dies } => operations::outlives(model, told, dies),
        Msg::PasswordToResume { operation, cloud, whom, refused } => {
            operations::password_to_resume(model, Password::to_resume(operation, cloud, &whom), refused)
        }
        Msg::Credentials(known) => {
            model.credentials = Some(known);
            model.touch();
            Vec::new()
        }
        Msg::Started(id) => operations::started(model, &id),
        Msg::NotStarted(failure) => operations::not_started(model, failure),
        Msg::Trouble(failure) => news::trouble(model, failure),
    };
    effects.extend(measure::look(model));
    changes::settle(model);
    panes::settle(model);
    level::level(model, &mut effects);
    if level::face(model) != before {
        model.touch();
    }
    effects
}
