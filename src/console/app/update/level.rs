//! What follows from the state alone, whichever message brought it about: what is to be watched, and whether the
//! screen looks the same.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use crate::console::app::effect::Effect;
use crate::console::app::model::{Model, Told};
use crate::console::app::screen::status;
use crate::console::app::trail::{InstanceTab, View};
use crate::console::app::update::{measure, news};
use crate::console::app::{alerts, changes};
use crate::fleet::detail::Interest;

/// Tells `run` what is wanted now where that is not what it was told last.
pub(super) fn level(model: &mut Model, effects: &mut Vec<Effect>) {
    let wanted = wanted(model);
    if wanted.follow != model.told.follow {
        effects.push(Effect::Follow(wanted.follow.clone()));
    }
    if wanted.measured != model.told.measured {
        effects.push(Effect::Measure(wanted.measured.clone()));
    }
    if wanted.control_plane != model.told.control_plane {
        effects.push(Effect::WatchControlPlane(wanted.control_plane));
    }
    if wanted.operations != model.told.operations {
        effects.push(Effect::WatchOperations(wanted.operations));
    }
    if wanted.absent != model.told.absent {
        effects.push(Effect::Presence(!wanted.absent));
    }
    model.told = wanted;
    effects.extend(changes::save(model));
    effects.extend(alerts::save(model));
}

fn wanted(model: &Model) -> Told {
    let follow = match model.trail.here() {
        View::Instance(id) => {
            let tab = model.instance_tab;
            let interest = Interest { console: tab == InstanceTab::Console, raw: tab == InstanceTab::Raw };
            Some((id.clone(), interest))
        }
        _ => None,
    };
    let control_plane = model.trail.here() == &View::Cloud;
    let operations = matches!(model.trail.here(), View::Operations | View::Operation(_));
    let absent = news::unattended(model) >= model.start.absence;
    Told { follow, measured: measure::on_screen(model), control_plane, operations, absent }
}

/// A number that changes when the screen does, as far as time and keys go; news touch the model themselves.
pub(super) fn face(model: &Model) -> u64 {
    let mut hasher = DefaultHasher::new();
    // The header's clock is the cloud's; ages of what we have asked are told by our own.
    let moment = model.moment();
    [moment.wall, moment.cloud].map(|now| now.as_second().div_euclid(60)).hash(&mut hasher);
    format!("{:?}", model.trail.here()).hash(&mut hasher);
    (model.instance_tab, model.cloud_tab).hash(&mut hasher);
    for label in status::ages(model).into_iter().chain(status::reasons(model)).chain(status::silences(model)) {
        label.text.hash(&mut hasher);
        label.tone.hash(&mut hasher);
    }
    for line in status::under_way(model) {
        line.hash(&mut hasher);
    }
    if let Some(notice) = model.notices.current(model.now) {
        (&notice.text, notice.count, notice.at).hash(&mut hasher);
    }
    (model.pending.len(), model.leaving, model.generation).hash(&mut hasher);
    hasher.finish()
}
