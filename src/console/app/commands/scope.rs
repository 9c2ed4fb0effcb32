//! Another cloud, region, project or breadth, without leaving.

use crate::base::awaited::Awaited;
use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::console::app::changes::{self, Changes};
use crate::console::app::commands::suggest;
use crate::console::app::effect::Effect;
use crate::console::app::freshness::Freshness;
use crate::console::app::model::Model;
use crate::console::app::overlay::{Choice, Given, Overlay, Picker, Purpose};
use crate::console::app::prompt::Prompt;
use crate::console::app::scope::{Scope, SignIn};
use crate::console::app::trail::View;

type Effects = Vec<Effect>;

/// Goes somewhere else. What was known of the place before does not stay on the screen for a moment.
pub(super) fn switch(model: &mut Model, to: Scope) -> Effects {
    // What was seen here is kept here.
    let unsaved = changes::take_unsaved(model);
    let same_cloud = to.cloud == model.scope.cloud && to.region == model.scope.region;
    model.scope = to.clone();
    if !same_cloud {
        model.session = None;
    }
    model.sign_in = SignIn::Connecting;
    model.awaited = Awaited::default();
    (model.fleet, model.seen, model.condition, model.alerts) = Default::default();
    model.changes = Changes::default();
    changes::operations(model);
    model.freshness = Freshness { interval: model.freshness.interval, ..Freshness::default() };
    model.partial = false;
    model.poll_failure = None;
    model.missing.clear();
    model.control_plane = None;
    model.detail = None;
    model.expanded.clear();
    model.tables.clear();
    model.scrolls.clear();
    let stays = matches!(
        model.trail.path(),
        [View::Services | View::Instances(None) | View::Changes(None) | View::Operations | View::Cloud | View::Log]
    );
    let here = model.trail.here().clone();
    model.trail.reset();
    if stays {
        model.trail.begin(here);
    }
    model.touch();
    unsaved.into_iter().chain([Effect::Switch(to)]).collect()
}

/// Whether there are clouds to choose from.
pub fn has_clouds(model: &Model) -> Result<(), String> {
    if model.start.clouds.is_empty() { Err("clouds.yaml names no cloud".to_owned()) } else { Ok(()) }
}

/// Whether the catalog tells of several regions.
pub fn has_regions(model: &Model) -> Result<(), String> {
    match &model.session {
        None => Err("not signed in yet".to_owned()),
        Some(session) if session.regions.len() < 2 => Err("this cloud has one region".to_owned()),
        Some(_) => Ok(()),
    }
}

/// Whether we know who we are.
pub fn is_signed_in(model: &Model) -> Result<(), String> {
    if model.session.is_some() { Ok(()) } else { Err("not signed in yet".to_owned()) }
}

/// No cloud was named: the first thing to do is to choose one.
pub(in crate::console::app) fn begin(model: &mut Model) {
    let none = Failure::new(FailureKind::Usage, "No cloud is chosen").hint(":cloud chooses one");
    model.sign_in = SignIn::Failed(none);
    let _nothing_yet = cloud(model, "");
}

/// Another cloud: the named one, or by choice.
pub fn cloud(model: &mut Model, name: &str) -> Effects {
    // From nowhere, what was said on the command line of the place still counts.
    let from = if model.scope.cloud.is_empty() { model.scope.clone() } else { Scope::default() };
    let choice = |cloud: &crate::console::app::scope::CloudChoice| Choice {
        title: cloud.name.clone(),
        note: if cloud.protected { "protected".to_owned() } else { String::new() },
        barred: cloud.broken.as_ref().map(|failure| failure.message.clone()),
        gives: Given::Scope(Scope { cloud: cloud.name.clone(), ..from.clone() }),
    };
    let choices = model.start.clouds.iter().map(choice).collect();
    choose(model, Purpose::Cloud, choices, name)
}

/// Another region: the named one, or by choice.
pub fn region(model: &mut Model, name: &str) -> Effects {
    let scope = Scope { region: None, ..model.scope.clone() };
    let regions = model.session.as_ref().map_or(&[][..], |session| &session.regions);
    let choice = |region: &String| Choice {
        title: region.clone(),
        note: String::new(),
        barred: None,
        gives: Given::Scope(Scope { region: Some(region.clone()), ..scope.clone() }),
    };
    let choices = regions.iter().map(choice).collect();
    choose(model, Purpose::Region, choices, name)
}

/// Goes to the named choice, or opens the picker.
fn choose(model: &mut Model, purpose: Purpose, choices: Vec<Choice>, name: &str) -> Effects {
    if name.is_empty() {
        let matches = (0..choices.len()).collect();
        let picker =
            Picker { purpose, prompt: Prompt::default(), choices, matches, cursor: 0, empty: None, rollout: None };
        model.overlay = Some(Overlay::Picker(picker));
        model.touch();
        return Vec::new();
    }
    let Some(choice) = choices.iter().find(|choice| choice.title == name) else {
        let text = match nearest(name, choices.iter().map(|choice| choice.title.as_str())) {
            Some(near) => format!("There is no {name}. Did you mean {near}?"),
            None => format!("There is no {name}"),
        };
        model.notices.tell(text, model.now);
        return Vec::new();
    };
    match (&choice.barred, &choice.gives) {
        (Some(why), _) => {
            model.notices.tell(format!("{name} cannot be used: {why}"), model.now);
            Vec::new()
        }
        (None, Given::Scope(to)) => switch(model, to.clone()),
        (None, Given::Text(_) | Given::Rollout(_)) => Vec::new(),
    }
}

/// Another project: the named one (the cloud knows whether it exists), or by choice.
pub fn project(model: &mut Model, name: &str) -> Effects {
    if !name.is_empty() {
        let to = Scope { project: Some(name.to_owned()), all_projects: false, ..model.scope.clone() };
        return switch(model, to);
    }
    let picker = Picker {
        purpose: Purpose::Project,
        prompt: Prompt::default(),
        choices: Vec::new(),
        matches: Vec::new(),
        cursor: 0,
        empty: Some("Reading the projects …".to_owned()),
        rollout: None,
    };
    model.overlay = Some(Overlay::Picker(picker));
    model.touch();
    vec![Effect::ListProjects]
}

/// The projects have come: into the open picker.
pub(in crate::console::app) fn fill_projects(model: &mut Model, projects: Result<Vec<(String, String)>, Failure>) {
    let scope = model.scope.clone();
    let Some(Overlay::Picker(picker)) = &mut model.overlay else { return };
    match projects {
        Err(failure) => picker.empty = Some(failure.message),
        Ok(mut projects) => {
            projects.sort_by(|(_, one), (_, two)| one.cmp(two));
            picker.empty = projects.is_empty().then(|| "There is no project that you may go to".to_owned());
            let choice = |(id, name): (String, String)| Choice {
                title: name,
                note: id.clone(),
                barred: None,
                gives: Given::Scope(Scope { project: Some(id), all_projects: false, ..scope.clone() }),
            };
            picker.choices = projects.into_iter().map(choice).collect();
        }
    }
    suggest::narrow(model);
}

/// All projects, or this one again.
pub fn all_projects(model: &mut Model, _: &str) -> Effects {
    let to = Scope { all_projects: !model.scope.all_projects, ..model.scope.clone() };
    switch(model, to)
}
