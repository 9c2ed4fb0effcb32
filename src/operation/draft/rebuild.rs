//! Instances made anew in place: a rebuild, and a rollout by rebuilds. And what any rollout says of its release.
//!
//! A rebuild keeps the id, the addresses, the ports and the volumes; what was on the root disk is lost. It stays on its
//! host, so it cannot fail for want of room, and it is no way off a host that is bad.

use std::collections::BTreeMap;

use crate::fleet::instance::{ImageRef, Instance};
use crate::fleet::release::Release;
use crate::fleet::service::{Fleet, Member};
use crate::fleet::version::{ITSELF, is_same};
use crate::operation::change::{Change, Rebuild};
use crate::operation::draft::Objection;
use crate::operation::draft::drawing::{Drawing, Place, is_alone};
use crate::operation::intent::{Strategy, Verb};
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
            _ if self.intent.verb != Verb::RollOut => None,
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

    pub(super) fn rebuild(&mut self, place: &Place<'_>, member: &Member, alone: bool) -> Vec<Step> {
        let slot = &place.slot;
        let target = &slot.target;
        let Some(change) = self.rebuilding(place, member) else { return Vec::new() };
        if !self.fits(slot, &change) {
            return Vec::new();
        }
        let places = self.draining(place);
        if (alone || self.alone_in(place) > 0) && !self.intent.downtime {
            let text = format!(
                "{} serves alone: while it is made anew nobody does; --accept-downtime lets that be",
                target.name
            );
            self.object(Some(&target.id), text);
        }
        let version = self.intent.release.as_ref().and_then(|release| release.version.clone());
        slot.drained(change, &places).into_iter().map(|step| step.awaiting(version.as_deref())).collect()
    }

    /// The call; `None` where something speaks against it, which is then said.
    fn rebuilding(&mut self, place: &Place<'_>, member: &Member) -> Option<Change> {
        let (target, instance) = (&place.slot.target, &*member.instance);
        if self.is_owned(target, instance) {
            return None;
        }
        let release = self.intent.release.as_ref();
        if let Some(why) = release.and_then(|release| misfit(release, instance)) {
            self.object(Some(&target.id), format!("{} {why}", target.name));
            return None;
        }
        let image = match (release, &instance.image) {
            (_, ImageRef::Volume) => {
                let text = format!("{} boots from a volume, which a rebuild would keep as it is", target.name);
                self.object(Some(&target.id), text);
                return None;
            }
            (Some(release), _) => release.image.clone(),
            (None, ImageRef::Image(image)) => image.clone(),
            (None, ImageRef::Untold) => {
                self.object(Some(&target.id), format!("Nova does not tell what {} was made from", target.name));
                return None;
            }
        };
        let (server, metadata) = (target.id.clone(), told_anew(release, member));
        let rebuild = Rebuild { server, image, metadata, description: None, user_data: None, volume_backed: false };
        Some(Change::Rebuild(Box::new(rebuild)))
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
