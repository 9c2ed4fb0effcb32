//! Versions that should not be there, or not beside each other.

use super::conclusion::{Evidence, Trouble};
use super::memory::{Seen, Sight};
use super::round::{Round, Whom};
use crate::base::clock::since;
use crate::fleet::metric::Meter;
use crate::fleet::service::{Service, Severity};

/// Looks at one service; while an operation changes it several versions are meant.
pub(crate) fn look(round: &mut Round<'_>, service: &Service) {
    let scene = *round.scene;
    let wanted = scene.wanted_of(&service.key);
    let changing = wanted.is_some_and(|wanted| wanted.changing);
    let whom = Whom::service(service);
    let told: Vec<(&str, usize)> =
        service.versions.iter().filter_map(|(version, count)| Some((version.as_deref()?, *count))).collect();
    let young = service.census.newest.is_some_and(|newest| since(newest, scene.now) < scene.thresholds.mixed);
    let mixed = if changing || young || told.len() < 2 { Sight::Not } else { so(mixed(service, &told), MIXED) };
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
        so(text, OTHER)
    };
    round.note(Trouble::OtherVersion, whom, sight);
}

const MIXED: &str = "Finish or revert the rollout that was left: what changed tells who began it";
const OTHER: &str = "Roll out the expected version, or correct what is expected";

fn mixed(service: &Service, told: &[(&str, usize)]) -> String {
    format!("{} runs {} versions beside each other: {}", service.key.name, told.len(), list(told))
}

fn list(told: &[(&str, usize)]) -> String {
    told.iter().map(|(version, count)| format!("{}×{count}", super::quote(version))).collect::<Vec<_>>().join(" ")
}

fn so(text: String, advice: &str) -> Sight {
    let evidence = Evidence { meter: Meter::Nova, seen: text.clone(), value: None, at: None };
    let advice = advice.to_owned();
    Sight::So(Seen { severity: Severity::Warning, text, evidence: vec![evidence], advice, began: None, lasts: false })
}
