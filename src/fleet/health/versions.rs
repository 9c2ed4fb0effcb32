//! Versions that should not be there, or not beside each other.

use std::sync::Arc;

use super::conclusion::{Evidence, Trouble};
use super::memory::{Seen, Sight};
use super::round::{Round, Whom};
use super::scene::Scene;
use crate::base::clock::{Timestamp, since};
use crate::fleet::Began;
use crate::fleet::metric::Meter;
use crate::fleet::service::{Member, Service, Severity};

/// Looks at one service; while an operation changes it several versions are meant.
pub(crate) fn look(round: &mut Round<'_>, service: &Service) {
    let scene = *round.scene;
    let wanted = scene.wanted_of(&service.key);
    let changing = wanted.is_some_and(|wanted| wanted.changing);
    let whom = Whom::service(service);
    let told: Vec<(&str, usize)> =
        service.versions.iter().filter_map(|(version, count)| Some((version.as_deref()?, *count))).collect();
    let young = service.census.newest.is_some_and(|newest| since(newest, scene.now) < scene.thresholds.mixed);
    let mixed = if changing || young || told.len() < 2 {
        Sight::Not
    } else {
        so(mixed(service, &told), MIXED, mixed_since(&scene, service))
    };
    round.note(Trouble::MixedVersions, whom, mixed);
    let Some(expected) = wanted.and_then(|wanted| wanted.version.as_deref()) else { return };
    let others: Vec<(&str, usize)> = told.iter().copied().filter(|(version, _)| *version != expected).collect();
    let sight = if changing || others.is_empty() {
        let untold = told.is_empty() && !service.members.is_empty();
        if untold { Sight::Dark } else { Sight::Not }
    } else {
        let count: usize = others.iter().map(|(_, count)| count).sum();
        let of = service.members.len();
        let text =
            format!("{count} of {}'s {of} instances run {}, {expected} is expected", service.key.name, list(&others));
        so(text, OTHER, None)
    };
    round.note(Trouble::OtherVersion, whom, sight);
}

const MIXED: &str = "Finish or revert the rollout that was left: what changed tells who began it";
const OTHER: &str = "Roll out the expected version, or correct what is expected";

fn mixed(service: &Service, told: &[(&str, usize)]) -> String {
    format!("{} runs {} versions beside each other: {}", service.key.name, told.len(), list(told))
}

/// By when the last of the versions was there, by the instances that run it still; others may have run it before. An
/// image is what an instance was launched with; anything else that names a version may have been written later.
fn mixed_since(scene: &Scene<'_>, service: &Service) -> Option<Began> {
    let by_image = |member: &&Member| member.version.said_by.is_some_and(|who| who.starts_with("image"));
    let first = |version: &Arc<str>| {
        let members = service.members.iter().map(|at| &scene.fleet.members[*at]);
        let of_it = members.filter(|member| member.version.version.as_ref() == Some(version));
        of_it.filter(by_image).filter_map(|member| member.instance.launched.or(member.instance.created)).min()
    };
    let versions = service.versions.iter().filter_map(|(version, _)| version.as_ref());
    let all: Vec<Timestamp> = versions.map(first).collect::<Option<_>>()?;
    all.into_iter().max().map(Began::by)
}

fn list(told: &[(&str, usize)]) -> String {
    told.iter().map(|(version, count)| format!("{}×{count}", super::quote(version))).collect::<Vec<_>>().join(" ")
}

fn so(text: String, advice: &str, began: Option<Began>) -> Sight {
    let evidence = Evidence { meter: Meter::Nova, seen: text.clone(), value: None, at: None };
    let advice = advice.to_owned();
    Sight::So(Seen { severity: Severity::Warning, text, evidence: vec![evidence], advice, began, lasts: false })
}
