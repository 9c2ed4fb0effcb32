//! An instance that is replaced: another like it is made and serves, and then it leaves.
//!
//! Else each half is a slot. When the new one does not come up, it is taken away again and the old one was not touched; when
//! the old one cannot leave, it is put back, and the new one stays: there is one more than before, and never one less.
//!
//! In a rollout both are one slot: whatever fails, the old one serves again before the new one is taken away.
//!
//! It is made like the one that it replaces, in the same zone. Where that is too ill to tell what it is made like, or is
//! in no pool any more while others of its service are, it is made like whoever of them would leave last.

use crate::fleet::mould::Mould;
use crate::fleet::service::{Fleet, Member};
use crate::operation::draft::drawing::{Drawing, Place};
use crate::operation::intent::Verb;
use crate::operation::plan::Step;

impl<'a> Drawing<'a> {
    pub(super) fn replacement(&mut self, fleet: &Fleet, place: Place<'_>, member: &Member) -> Vec<Step> {
        let instance = &*member.instance;
        let Some((like, mould)) = self.pattern_for(fleet, member) else {
            let text = format!("it was not read what {} is made like", instance.name);
            self.object(Some(&instance.id), text);
            return Vec::new();
        };
        // The one before has left when the next is made.
        self.room(mould, like, 1);
        let Some(pattern) = self.pattern(fleet, like, mould) else { return Vec::new() };
        let name = self.name_after(&instance.name, fleet);
        let made = self.made(&pattern, &place.slot.target.service, name, instance.zone.as_deref());
        if self.intent.verb.brings_release() {
            let leaves = self.removal(&place, member);
            let steps = if leaves.is_empty() { leaves } else { place.slot.succeeded(made, leaves) };
            // What ran before is compared with nothing: it is known, and the way back is short.
            let compares = self.intent.verb == Verb::RollOut;
            return steps.into_iter().map(|step| Step { compared: step.compared && compares, ..step }).collect();
        }
        let leaves = self.removal(&place.behind(), member);
        if leaves.is_empty() {
            return leaves;
        }
        let place = |step: Step| Step { instead_of: Some(instance.id.clone()), ..step };
        let mut made = made.into_iter();
        made.next().map(place).into_iter().chain(made).chain(leaves).collect()
    }

    /// Whom the new one is made like, and what that is made like.
    fn pattern_for<'f>(&self, fleet: &'f Fleet, member: &Member) -> Option<(&'f Member, &'a Mould)> {
        let (moulds, id): (&'a [Mould], _) = (&self.intent.moulds, &member.instance.id);
        let like = |mould: &Mould| fleet.member(&mould.like).filter(|like| like.service == member.service);
        let known = || {
            let own = moulds.iter().filter(|mould| mould.like == *id);
            let others = moulds.iter().filter(|mould| mould.like != *id);
            own.chain(others).filter_map(|mould| Some((like(mould)?, mould)))
        };
        let whole = |(_, mould): &(&Member, &Mould)| !mould.ports.is_empty();
        let seated = |(like, _): &(&Member, &Mould)| fleet.memberships(like).next().is_some();
        known().filter(whole).find(seated).or_else(|| known().find(whole)).or_else(|| known().next())
    }
}
