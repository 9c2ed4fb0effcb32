//! A console without a terminal: messages in, frames out.

use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use stackdeck::base::awaited::Awaited;
use stackdeck::base::clock::{Pace, Timestamp};
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::key::{Key, KeyCode};
use stackdeck::console::app::Model;
use stackdeck::console::app::layout::Size;
use stackdeck::console::app::model::{CloudChoice, Scope, Session, Start};
use stackdeck::console::app::msg::{FleetNews, Msg, PollNews};
use stackdeck::console::view::draw;
use stackdeck::console::view::theme::Theme;
use stackdeck::fleet::Fleet;
use stackdeck::operation::Rails;

use crate::support::console::update;

use super::fleet::{at, fleet};
use super::load::measured;
use super::timeline::timeline;

/// When the fixture's screen is looked at.
pub(crate) fn now() -> Timestamp {
    at("14:32:00")
}

/// A console that has just been started.
pub(crate) fn started() -> Model {
    let cloud = |name: &str, accent: Option<&str>| CloudChoice {
        name: name.to_owned(),
        broken: None,
        protected: accent.is_some(),
        read_only: false,
        ticket: false,
        rails: Rails::default(),
        accent: accent.map(str::to_owned),
    };
    let start = Start {
        scope: Scope { cloud: "prod-eu".to_owned(), ..Scope::default() },
        clouds: vec![cloud("prod-eu", Some("#c2410c")), cloud("staging", None), cloud("rig-demo", None)],
        ..Start::default()
    };
    Model::new(start, now())
}

/// The same, signed in and with a fleet that was read just now.
pub(crate) fn normal() -> Model {
    let mut model = started();
    sign_in(&mut model);
    let fleet = fleet();
    update(&mut model, Msg::Samples(measured(&fleet, now())), now());
    update(&mut model, Msg::Timeline(Box::new(timeline(&fleet))), now());
    tell_fleet(&mut model, fleet, now());
    model
}

/// Signs in.
pub(crate) fn sign_in(model: &mut Model) {
    let session = Session {
        scope: model.scope.clone(),
        region: "RegionOne".to_owned(),
        regions: vec!["RegionOne".to_owned(), "RegionTwo".to_owned()],
        project: Some("payments-team".to_owned()),
        project_domain: Some("Default".into()),
        project_id: Some("8f1c44d0b0a74c7c9d1f6f3f0f0a5a11".into()),
        user: "anna".to_owned(),
        roles: vec!["member".to_owned()],
        insecure: false,
        pace: Pace::REAL,
    };
    update(model, Msg::SignedIn(Box::new(session)), now());
}

/// Tells of a fleet.
pub(crate) fn tell_fleet(model: &mut Model, fleet: Fleet, as_of: Timestamp) {
    let news = FleetNews { fleet: Arc::new(fleet), as_of, from_cache: false, partial: false };
    update(model, Msg::Fleet(news), now());
    let poll = PollNews { at: as_of, interval: Duration::from_secs(5), failure: None, missing: vec![] };
    update(model, Msg::Polled(poll), now());
}

/// Nothing is heard for a while.
pub(crate) fn grow_old(model: &mut Model, old: Duration) {
    update(model, Msg::Tick, now() + old);
}

/// The cloud does not answer any more, and data are this old.
pub(crate) fn break_down(model: &mut Model, old: Duration) {
    let later = now() + old;
    let mut failure = Failure::new(FailureKind::Retry, "compute does not answer: connection refused");
    failure.hints = vec!["Is the endpoint right, and reachable from here?".to_owned()];
    failure.place = Some("GET compute /servers/detail".to_owned());
    let poll = PollNews { at: later, interval: Duration::from_secs(5), failure: Some(failure), missing: vec![] };
    update(model, Msg::Polled(poll), later);
    let next_try = Some(later + Duration::from_secs(12));
    update(model, Msg::Awaited(Awaited { silences: Vec::new(), next_try }), later);
    update(model, Msg::Tick, later);
}

/// Presses keys: characters as they are, others by their name in angle brackets.
pub(crate) fn press(model: &mut Model, keys: &str) {
    for word in keys.split(' ').filter(|word| !word.is_empty()) {
        let code = match word {
            "<enter>" => KeyCode::Enter,
            "<esc>" => KeyCode::Esc,
            "<tab>" => KeyCode::Tab,
            "<space>" => KeyCode::Char(' '),
            "<down>" => KeyCode::Down,
            letters => {
                for letter in letters.chars() {
                    press_code(model, KeyCode::Char(letter));
                }
                continue;
            }
        };
        press_code(model, code);
    }
}

fn press_code(model: &mut Model, code: KeyCode) {
    let key = Key { code, ctrl: false, alt: false, shift: false };
    update(model, Msg::Key { key, burst: false }, model.now);
}

/// The frame of a model at a size.
pub(crate) fn frame(model: &mut Model, (width, height): (u16, u16), theme: &Theme) -> Buffer {
    if model.size != (Size { width, height }) {
        update(model, Msg::Resize { width, height }, model.now);
    }
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(model, theme, frame)).unwrap();
    terminal.backend().buffer().clone()
}
