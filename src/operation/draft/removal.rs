//! Instances that leave for good: removed by name, or because their service shall have fewer.
//!
//! Who leaves when a service shrinks is decided here, and told in the plan: whoever does not serve, then whoever runs
//! another version than most, then whoever stands in the zone that has most of them, then the oldest. Last of all whoever
//! is locked, or belongs to somebody else.
//!
//! Source of the order: `reference/rollouts-and-healing.md`, 13 (b) 31.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::fleet::health::is_up;
use crate::fleet::instance::Instance;
use crate::fleet::owner::owner;
use crate::fleet::service::{Fleet, Member, Service, Severity, worst};
use crate::operation::change::Change;
use crate::operation::draft::Objection;
use crate::operation::draft::drawing::{Drawing, Place};
use crate::operation::draft::naming::several;
use crate::operation::plan::Step;
use crate::operation::state::{self, Fit};

impl Drawing<'_> {
    /// The targets of a service that shall have so many instances.
    pub(super) fn scale(&mut self, fleet: &Fleet, service: &Service) {
        let (name, has) = (&service.key.name, service.members.len());
        let Some(wanted) = self.intent.size else {
            return self.object(None, format!("how many instances {name} shall have is not said"));
        };
        if wanted > has {
            return self.grow(fleet, service, wanted - has);
        }
        if wanted == has {
            let text = format!("{name} has {has} instances already");
            self.notes.push(Objection { target: None, text });
        }
        let leaving = &self.intent.leaving;
        if !leaving.is_empty() && leaving.len() != has - wanted {
            return self.object(None, format!("{name} has {has} by now: {} would leave", leaving.len()));
        }
        if leaving.is_empty() {
            first_to_leave(fleet, service, has - wanted).into_iter().for_each(|member| self.target(fleet, member));
        } else {
            self.named(leaving, fleet);
        }
    }

    pub(super) fn removal(&mut self, place: &Place<'_>, member: &Member) -> Vec<Step> {
        let (slot, instance) = (&place.slot, &*member.instance);
        let delete = Change::DeleteServer { server: slot.target.id.clone() };
        if self.is_owned(&slot.target, instance) || !self.fits(slot, &delete) {
            return Vec::new();
        }
        let places = self.leaving(place);
        self.volumes(place, instance);
        // What neither can be switched off nor ever will be, has nothing that could be brought back.
        let off = Change::Stop { server: slot.target.id.clone() };
        let stops = matches!(state::fit(&off, &slot.before, slot.past_lock), Fit::Now | Fit::Busy(_));
        if stops && !self.intent.undrained { slot.removed(&places) } else { slot.deleted() }
    }

    /// What becomes of its volumes.
    pub(super) fn volumes(&mut self, place: &Place<'_>, instance: &Instance) {
        let target = &place.slot.target;
        let goes =
            |delete: Option<bool>| instance.volumes.iter().filter(move |one| one.delete_on_termination == delete);
        let told =
            [(Some(true), "is deleted with it"), (Some(false), "stays"), (None, "stays or goes: Nova does not say")];
        for (which, what) in told {
            match goes(which).count() {
                0 => {}
                count => self.note(target, format!("{}: {} {what}", target.name, several(count, "volume"))),
            }
        }
    }
}

/// Who leaves first when so many of a service leave.
pub fn first_to_leave<'f>(fleet: &'f Fleet, service: &'f Service, count: usize) -> Vec<&'f Member> {
    let mut left: Vec<&Member> = service.members.iter().filter_map(|at| fleet.members.get(*at)).collect();
    let usual = service.versions.first().and_then(|(version, _)| version.clone());
    let mut leaving = Vec::with_capacity(count);
    while leaving.len() < count {
        let crowd = crowd(&left);
        let Some(at) = (0..left.len()).max_by_key(|at| rank(left[*at], usual.as_ref(), &crowd)) else { break };
        leaving.push(left.remove(at));
    }
    leaving
}

/// How many of them stand in each zone.
fn crowd(members: &[&Member]) -> BTreeMap<Option<Arc<str>>, usize> {
    let mut crowd = BTreeMap::new();
    for member in members {
        *crowd.entry(member.instance.zone.clone()).or_default() += 1;
    }
    crowd
}

type Rank<'m> = (bool, bool, Severity, bool, usize, Reverse<Option<Timestamp>>, Reverse<&'m str>);

/// The highest leaves first. Who is as old as another goes by the name, so that two looks choose the same.
fn rank<'m>(member: &'m Member, usual: Option<&Arc<str>>, crowd: &BTreeMap<Option<Arc<str>>, usize>) -> Rank<'m> {
    let instance = &member.instance;
    let critical = worst(&member.findings);
    let ill = if critical == Severity::Critical { critical } else { Severity::Ok };
    let odd = member.version.version.as_ref() != usual;
    let zone = crowd.get(&instance.zone).copied().unwrap_or_default();
    let held = instance.locked.as_ref().is_some_and(|lock| lock.locked) || owner(instance).is_some();
    (!held, !is_up(instance), ill, odd, zone, Reverse(instance.created), Reverse(&instance.name))
}
