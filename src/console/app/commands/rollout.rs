//! A rollout: to whom is decided when the key is pressed, to which release is chosen from what Glance has.

use std::sync::Arc;

use crate::base::clock::since;
use crate::base::failure::Failure;
use crate::console::app::commands::change::{self, Meant};
use crate::console::app::commands::{mould, suggest};
use crate::console::app::effect::Effect;
use crate::console::app::freshness::long;
use crate::console::app::model::Model;
use crate::console::app::overlay::{Choice, Given, Overlay, Picker, Purpose, Rollout};
use crate::console::app::prompt::Prompt;
use crate::fleet::release::Release;
use crate::fleet::version::is_same;
use crate::operation::{Aim, Intent, Verb};

type Effects = Vec<Effect>;

/// Opens the choice of a release for what is marked or under the cursor; what was typed narrows it down.
pub fn rollout(model: &mut Model, typed: &str) -> Effects {
    let meant = change::looked_at(model).and_then(|meant| service(model, &meant.aim).map(|service| (meant, service)));
    let (Meant { aim, hidden }, service) = match meant {
        Ok(meant) => meant,
        Err(why) => {
            model.notices.tell(format!("{}: {why}", Verb::RollOut), model.now);
            return Vec::new();
        }
    };
    let intent = Intent { strategy: model.start.strategy, ..Intent::new(Verb::RollOut, aim) };
    let rollout = Rollout { intent, service: Arc::clone(&service), hidden };
    model.overlay = Some(Overlay::Picker(Picker {
        purpose: Purpose::Release,
        prompt: Prompt::with(typed),
        choices: Vec::new(),
        matches: Vec::new(),
        cursor: 0,
        empty: Some(format!("Reading the images of {service} …")),
        rollout: Some(Box::new(rollout)),
    }));
    model.touch();
    vec![Effect::ListReleases(service)]
}

/// The one service that all of them are in.
fn service(model: &Model, aim: &Aim) -> Result<Arc<str>, String> {
    let name = |at: usize| model.fleet.services.get(at).map(|service| Arc::clone(&service.key.name));
    match aim {
        Aim::Service(key) => Ok(Arc::clone(&key.name)),
        Aim::Instances(ids) => {
            let mut names = ids.iter().filter_map(|id| model.fleet.member(id)).filter_map(|one| name(one.service));
            let first = names.next().ok_or("it is not there any more")?;
            if names.all(|name| name == first) { Ok(first) } else { Err("one service at a time".to_owned()) }
        }
    }
}

/// The releases have come: into the open choice, if it is still the one that they were read for.
pub(in crate::console::app) fn fill(model: &mut Model, service: &str, found: Result<Vec<Release>, Failure>) -> Effects {
    let Some(rollout) = open_choice(model).filter(|rollout| &*rollout.service == service) else { return Vec::new() };
    let (choices, empty) = match found {
        Ok(releases) => {
            let none = releases.is_empty().then(|| format!("No image says that it is a release of {service}"));
            (releases.into_iter().map(|release| choice(model, rollout, release)).collect(), none)
        }
        Err(failure) => (Vec::new(), Some(failure.message)),
    };
    if let Some(Overlay::Picker(picker)) = &mut model.overlay {
        (picker.choices, picker.empty) = (choices, empty);
    }
    suggest::narrow(model);
    model.touch();
    Vec::new()
}

fn open_choice(model: &Model) -> Option<&Rollout> {
    match &model.overlay {
        Some(Overlay::Picker(picker)) => picker.rollout.as_deref(),
        _ => None,
    }
}

/// A release, with what helps to tell which is the right one: its image, how old that is, how many run it.
fn choice(model: &Model, rollout: &Rollout, release: Release) -> Choice {
    let services = model.fleet.services.iter().filter(|one| one.key.name == rollout.service);
    let (mut running, mut all) = (0, 0);
    for (version, count) in services.flat_map(|service| &service.versions) {
        all += count;
        let same = version.as_deref().zip(release.version.as_deref()).is_some_and(|(a, b)| is_same(a, b));
        running += if same { *count } else { 0 };
    }
    let old = release.created.map(|created| format!("  {} old", long(since(created, model.moment().cloud))));
    Choice {
        title: release.title().to_owned(),
        note: format!("{}{}  on {running} of {all}", release.name, old.unwrap_or_default()),
        barred: (release.status != "active").then(|| format!("its image is {}", release.status)),
        gives: Given::Rollout(Box::new(Rollout {
            intent: Intent { release: Some(release), ..rollout.intent.clone() },
            ..rollout.clone()
        })),
    }
}

/// A release was chosen: the plan is to be read.
pub(super) fn review(model: &mut Model, rollout: Rollout) -> Effects {
    mould::open(model, rollout.intent, rollout.hidden)
}
