//! Instances made anew in place: a rebuild, and a rollout by rebuilds.
//!
//! A rebuild keeps the id, the addresses, the ports and the volumes; what was on the root disk is lost. It stays on its
//! host, so it cannot fail for want of room, and it is no way off a host that is bad.

use crate::fleet::instance::ImageRef;
use crate::fleet::service::Member;
use crate::operation::change::{Change, Rebuild};
use crate::operation::draft::drawing::{Drawing, Place};
use crate::operation::draft::release::{misfit, told_anew};
use crate::operation::plan::Step;

impl Drawing<'_> {
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
}
