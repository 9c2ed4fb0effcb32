//! Whether the observer still sees: a source that is lost is not a service that is down.

use super::conclusion::{Evidence, Trouble};
use super::memory::{Seen, Sight};
use super::round::{Round, Whom};
use super::scene::Scene;
use super::serving::{Answer, in_pools};
use crate::base::clock::{Timestamp, since};
use crate::base::observation::Observation;
use crate::fleet::Began;
use crate::fleet::load::Known;
use crate::fleet::metric::Meter;
use crate::fleet::service::{Service, Severity};

/// Whether our own health checks are cut off from everything: none of several is answered, nobody else finds the
/// instances failing, and somebody finds them well or three services went at once (row 39).
pub(crate) fn is_cut_off(scene: &Scene<'_>, answers: &[Answer]) -> bool {
    if answers.iter().any(|answer| matches!(answer, Answer::Yes | Answer::Doubt)) {
        return false;
    }
    let failing = || scene.fleet.members.iter().zip(answers).filter(|(_, answer)| **answer == Answer::No);
    let mut services: Vec<usize> = failing().map(|(member, _)| member.service).collect();
    services.dedup();
    services.sort_unstable();
    services.dedup();
    let pools = || failing().map(|(member, _)| in_pools(scene, member));
    failing().count() > 1
        && !pools().any(|found| found == Some(false))
        && (services.len() > 2 || pools().any(|found| found == Some(true)))
}

/// The observer as a whole, each of its sources, and each service.
pub(crate) fn look(round: &mut Round<'_>, of_members: &[Option<(Timestamp, bool)>], cut_off: bool) {
    let scene = *round.scene;
    let heard: Vec<(&Service, Option<(Timestamp, bool)>)> = scene
        .fleet
        .services
        .iter()
        .zip(of_members)
        .map(|(service, of)| (service, heard(&scene, service, *of)))
        .collect();
    let known = heard.iter().filter(|(_, heard)| heard.is_some()).count();
    let dark = heard.iter().filter(|(_, heard)| matches!(heard, Some((_, false)))).count();
    let all = known > 1 && dark == known;
    let newest = heard.iter().filter_map(|(_, heard)| *heard).map(|(at, _)| at).max();
    let observer = if cut_off {
        let text = "no health check from here is answered any more, yet others find instances well".to_owned();
        let seen = "every health check failed at once".to_owned();
        so(text, Evidence { meter: Meter::Probe, seen, value: None, at: Some(scene.now) }, CUT_OFF, None)
    } else if all {
        so(format!("no source tells anything of any of {known} services"), silent(&scene, newest), LOST, None)
    } else {
        Sight::Not
    };
    round.note(Trouble::Blind, Whom::default(), observer);
    for (service, heard) in heard {
        let sight = match heard {
            Some((at, false)) if !all => {
                let text = format!("no source tells anything of {} any more", service.key.name);
                so(text, silent(&scene, Some(at)), LOST, None)
            }
            _ => Sight::Not,
        };
        round.note(Trouble::Blind, Whom::service(service), sight);
    }
    for (meter, observation) in scene.load.meters() {
        round.note(Trouble::SourceLost, Whom::meter(*meter), lost(&scene, *meter, observation));
    }
}

const CUT_OFF: &str = "Check this host's own network before anything in the cloud: nothing is known to be down";
const LOST: &str = "Run doctor: it says for each source what is wrong; until then nothing here is known to be well";

/// The newest word of a service, and whether anything told of it still stands.
fn heard(scene: &Scene<'_>, service: &Service, members: Option<(Timestamp, bool)>) -> Option<(Timestamp, bool)> {
    newest(scene.service(service).heard(scene.now).into_iter().chain(members))
}

/// The same of its instances.
pub(crate) fn heard_of_members(
    scene: &Scene<'_>,
    service: &Service,
    members: &[Known<'_>],
) -> Option<(Timestamp, bool)> {
    newest(service.members.iter().filter_map(|at| members[*at].heard(scene.now)))
}

fn newest(heard: impl Iterator<Item = (Timestamp, bool)>) -> Option<(Timestamp, bool)> {
    heard.reduce(|one, other| (one.0.max(other.0), one.1 || other.1))
}

fn silent(scene: &Scene<'_>, newest: Option<Timestamp>) -> Evidence {
    let failed = scene.load.meters().iter().find_map(|(meter, told)| Some((*meter, told.failure.as_ref()?)));
    let (meter, seen) = match failed {
        Some((meter, failure)) => (meter, failure.to_string()),
        None => {
            let last = scene.load.meters().iter().max_by_key(|(_, told)| told.known.as_ref().map(|(_, at)| *at));
            (last.map_or(Meter::Probe, |(meter, _)| *meter), "nothing new came".to_owned())
        }
    };
    Evidence { meter, seen, value: None, at: newest }
}

/// One source alone: it said that it failed, or has been silent for too long.
fn lost(scene: &Scene<'_>, meter: Meter, told: &Observation<usize>) -> Sight {
    let Some((_, at)) = told.known else { return Sight::Not };
    let silent = since(at, scene.now);
    let failed = told.failure.as_ref().filter(|_| silent.as_secs() >= 120);
    if failed.is_none() && silent < scene.thresholds.silent {
        return Sight::Not;
    }
    let why = failed.map_or_else(|| "it is silent".to_owned(), ToString::to_string);
    let minutes = silent.as_secs() / 60;
    let evidence = Evidence { meter, seen: why.clone(), value: None, at: Some(at) };
    so(format!("{} tells nothing for {minutes} min: {why}", meter.title()), evidence, LOST, Some(Began::exactly(at)))
}

fn so(text: String, evidence: Evidence, advice: &str, began: Option<Began>) -> Sight {
    Sight::So(Seen {
        severity: Severity::Unknown,
        text,
        evidence: vec![evidence],
        advice: advice.to_owned(),
        began,
        lasts: false,
    })
}
