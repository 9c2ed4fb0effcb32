//! A plan held against the guard rails of the configuration.

use std::collections::{BTreeMap, HashSet};

use crate::base::id::InstanceId;
use crate::fleet::service::Fleet;
use crate::operation::draft::drawing::Drawing;
use crate::operation::draft::naming::several;
use crate::operation::draft::{Approved, Objection, Rails};
use crate::operation::intent::Verb;
use crate::operation::plan::Target;

/// What the rails say of a plan.
#[derive(Default)]
pub(super) struct Railed {
    /// Those that break-glass lifts, in words.
    pub(super) waived: Vec<String>,
    /// That a second person has to approve it, and nobody has.
    pub(super) unapproved: Option<String>,
}

impl Drawing<'_> {
    /// Objects for each rail that is in the way, or notes that the wish lifts it.
    pub(super) fn rails(&mut self, fleet: &Fleet) -> Railed {
        let (mut railed, rails) = (Railed::default(), &self.guard.rails);
        self.many(&mut railed.waived);
        let excess = rails.second_above.and_then(|above| self.excess(fleet, above));
        match (&self.guard.approved, excess) {
            (Approved::By(_), _) | (Approved::Nobody, None) => {}
            (Approved::Not(why), None) => self.notes.push(Objection { target: None, text: format!("approval: {why}") }),
            (approved, Some(excess)) => {
                let text = unapproved(&excess, approved, rails);
                if !self.waives("the second approver", &mut railed.waived) {
                    self.object(None, text.clone());
                    railed.unapproved = Some(text);
                }
            }
        }
        railed
    }

    /// Whether it changes more instances than one operation may.
    fn many(&mut self, waived: &mut Vec<String>) {
        let targets: BTreeMap<&InstanceId, &Target> =
            self.steps.iter().map(|step| (&step.target.id, &step.target)).collect();
        // Of one that is replaced there are two for a while, and it is one that is changed.
        let known = targets.values().filter(|target| target.known().is_some()).count();
        let count = known.max(targets.len() - known);
        let most = self.guard.rails.most.and_then(|most| usize::try_from(most).ok());
        let Some(most) = most.filter(|most| count > *most) else { return };
        let allowed = format!("at most {} at once", several(most, "instance"));
        if !self.waives(&allowed, waived) {
            let text = format!(
                "it changes {}, and {allowed} may be (most_at_once): change fewer; --break-glass REASON in a shell lifts it, for the record",
                several(count, "instance")
            );
            self.object(None, text);
        }
    }

    /// Whether break-glass lifts it: then it is noted.
    fn waives(&mut self, rail: &str, waived: &mut Vec<String>) -> bool {
        let Some(reason) = &self.intent.break_glass else { return false };
        let text = format!("{rail} is waived by break-glass: {reason}");
        self.notes.push(Objection { target: None, text });
        waived.push(rail.to_owned());
        true
    }

    /// How much more of a service is changed than one person may change alone. What takes nothing from those who serve
    /// does not count, nor do instances that are only to be made.
    fn excess(&self, fleet: &Fleet, above: u8) -> Option<String> {
        if matches!(self.intent.verb, Verb::Start | Verb::PutBack | Verb::Lock | Verb::Unlock) {
            return None;
        }
        let known: HashSet<&InstanceId> = self.steps.iter().filter_map(|step| step.target.known()).collect();
        let mut changed = BTreeMap::<usize, usize>::new();
        for member in known.into_iter().filter_map(|id| fleet.member(id)) {
            *changed.entry(member.service).or_default() += 1;
        }
        let services = changed.into_iter().filter_map(|(at, count)| Some((fleet.services.get(at)?, count)));
        let over = services.filter(|(service, count)| count * 100 > usize::from(above) * service.members.len());
        let (service, count) = over.max_by_key(|(service, count)| count * 10_000 / service.members.len().max(1))?;
        let (name, all) = (&service.key.name, service.members.len());
        let share = count * 100 / all.max(1);
        Some(format!("{count} of the {} of {name} ({share} %) are more than {above} %", several(all, "instance")))
    }
}

fn unapproved(excess: &str, approved: &Approved, rails: &Rails) -> String {
    let why = match approved {
        Approved::Not(why) => format!(" ({why})"),
        Approved::Nobody | Approved::By(_) => String::new(),
    };
    let signers = if rails.signers { "" } else { "; `[operations] allowed_signers` has to name their keys first" };
    format!(
        "{excess}, which wants a second person's approval{why}: save it in a shell (--plan=FILE), let somebody else \
         sign it (`stackdeck approve FILE`), start it (`stackdeck apply FILE`){signers}; --break-glass REASON lifts it, for the record"
    )
}
