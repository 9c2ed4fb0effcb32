//! Whether what is removed as an orphan still is one, right before the call. Whoever has taken care of it meanwhile keeps it.

use crate::base::id::PortId;
use crate::operation::change::Change;
use crate::operation::next::Moment;
use crate::operation::plan::Mark;
use crate::operation::sight::{PortSeen, Sight, State};

impl Moment<'_> {
    /// Why it is none any more; `None` also where nothing is removed as one.
    pub(super) fn is_cared_for(&self, state: &State, sight: &Sight) -> Option<String> {
        let mark = self.step.orphan.as_ref()?;
        self.serves(mark, sight).or_else(|| match &self.step.change {
            Change::DeletePort { .. } => self.is_used(mark, sight.port.as_ref()?, sight),
            Change::RemoveMember { .. } if self.is_lone() => self.is_used(mark, sight.port.as_ref()?, sight),
            Change::DeleteServer { .. } | Change::RemoveMember { .. } if sight.state.is_some() => {
                let same = state.stamp.as_deref() == Some(mark.stamp.as_str());
                (!same).then(|| format!("{} does not bear its stamp any more", self.step.target.name))
            }
            _ => None,
        })
    }

    /// The port of an orphan's own place in a pool that this step removes, where no instance has it.
    pub(super) fn port_behind(&self) -> Option<&PortId> {
        let lone = self.step.orphan.is_some() && self.is_lone();
        self.operation.plan.of_slot(self.number).filter(|_| lone).find_map(|(_, step)| match &step.change {
            Change::DeletePort { port } => Some(port),
            _ => None,
        })
    }

    /// Whether the slot is about a port that nobody has.
    fn is_lone(&self) -> bool {
        self.step.target.known().is_none()
    }

    /// In which pool it is: only a member of our own that gets nothing is none.
    fn serves(&self, mark: &Mark, sight: &Sight) -> Option<String> {
        let name = &self.step.target.name;
        let Some(members) = &sight.members else {
            return Some(format!("whether {name} is in a pool cannot be read"));
        };
        let at = |address: &String| mark.addresses.contains(address);
        let mut seats = members.iter().filter(|seat| at(&seat.address));
        // Where nobody has the port, nobody answers, whatever the member's share is.
        let seat = seats.find(|seat| !(self.is_own(seat) && (seat.share.is_away() || self.is_lone())))?;
        Some(format!("{name} is in a pool: {}", seat.text))
    }

    /// Whether somebody has the port, or has given it another name.
    fn is_used(&self, mark: &Mark, port: &PortSeen, sight: &Sight) -> Option<String> {
        let stamped = port.name.strip_prefix(&mark.stamp).is_some_and(|rest| rest.starts_with('-'));
        if !stamped {
            return Some(format!("port {} does not bear its stamp any more", port.id));
        }
        let device = port.device.as_ref()?;
        // Neutron needs a moment to learn that its instance is gone.
        let leaving = *device == self.step.target.id && sight.state.is_none();
        (!leaving).then(|| format!("{device} has the port {}", port.id))
    }
}
