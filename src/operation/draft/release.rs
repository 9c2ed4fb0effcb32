//! What is rolled out: what there is to say of a release, whom it fits, and how each instance comes to it.
//!
//! Deliberately absent: how a strategy does that. One is a [rebuild](super::rebuild), the other a
//! [replacement](super::replacement).

use std::collections::BTreeMap;

use crate::fleet::instance::Instance;
use crate::fleet::release::Release;
use crate::fleet::service::{Fleet, Member};
use crate::fleet::version::{ITSELF, is_same};
use crate::operation::draft::Objection;
use crate::operation::draft::drawing::{Drawing, Place, is_alone};
use crate::operation::intent::Strategy;
use crate::operation::plan::Step;

/// What lets a rollout be verified.
const ASKING: &str = "[metrics.probes] enabled = true, with a version_path";

impl Drawing<'_> {
    /// What there is to say of the release as such.
    pub(super) fn release(&mut self) {
        let Some(release) = &self.intent.release else { return };
        let title = release.title().to_owned();
        if release.status != "active" {
            self.object(None, format!("the image of {title} is {}: nothing can be made from it", release.status));
        }
        let unproved = match (&release.version, self.guard.asks) {
            _ if !self.intent.verb.brings_release() => None,
            (None, _) => Some(format!("{title} tells no version: that it runs will not be proved")),
            (Some(_), true) => None,
            (Some(_), false) => {
                Some(format!("no instance is asked for its version, so this ends as incomplete: {ASKING} changes that"))
            }
        };
        self.notes.extend(unproved.map(|text| Objection { target: None, text }));
    }

    /// To the release, by the strategy that is wished. Who runs it is left out.
    pub(super) fn roll_out(&mut self, fleet: &Fleet, place: Place<'_>, member: &Member) -> Vec<Step> {
        let target = &place.slot.target;
        if self.runs_already(member) {
            let release = self.intent.release.as_ref().map_or("", Release::title);
            self.note(target, format!("{} answers as {release} already: it is left as it is", target.name));
            return Vec::new();
        }
        match self.intent.strategy {
            Strategy::Rebuild => self.rebuild(&place, member, is_alone(fleet, member)),
            Strategy::Replace => self.replacement(fleet, place, member),
        }
    }

    /// Whether it runs the release by its own word: the image that Nova names proves nothing.
    fn runs_already(&self, member: &Member) -> bool {
        let version = self.intent.release.as_ref().and_then(|release| release.version.as_deref());
        let claim = &member.version;
        let itself = claim.said_by == Some(ITSELF);
        itself && version.zip(claim.version.as_deref()).is_some_and(|(wanted, runs)| is_same(wanted, runs))
    }
}

/// Why the release does not fit the instance's size.
pub(super) fn misfit(release: &Release, instance: &Instance) -> Option<String> {
    let too_small = |has: Option<u32>, wants: u32| has.filter(|has| *has > 0 && *has < wants);
    if let Some(has) = too_small(instance.flavor.disk_gib, release.min_disk_gib) {
        return Some(format!("has a root disk of {has} GiB; {} wants {}", release.title(), release.min_disk_gib));
    }
    let has = too_small(instance.flavor.ram_mib, release.min_ram_mib)?;
    Some(format!("has {has} MiB of memory; {} wants {}", release.title(), release.min_ram_mib))
}

/// What its metadata says of its version, as it will be.
pub(super) fn told_anew(release: Option<&Release>, member: &Member) -> BTreeMap<String, String> {
    let version = release.and_then(|release| release.version.clone());
    member.version.key.iter().map(ToString::to_string).zip(version).collect()
}
