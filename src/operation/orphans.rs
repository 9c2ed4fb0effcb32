//! Orphans: what an operation has made and nobody takes care of any more.
//!
//! An operation that is given up takes away again what it has made, and mostly can. Where it could not (nobody could sign
//! in any more, the cloud did not answer, a create was repeated and both came), something stays: it costs, holds addresses,
//! and serves nobody. Its stamp tells whose it was, and the journal what became of that operation.
//!
//! Who is in doubt is none: whatever is in rotation, was renamed, was rebuilt since, or is older or newer than the
//! operation that it names, is somebody's. What another journal's operation has made is that journal's matter. To be
//! deleted an orphan wants a plan of its own, and is looked at once more [right before](crate::operation::plan::Mark).

mod left;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::id::{InstanceId, MemberId, PortId};
use crate::operation::change::{Change, NewServer};
use crate::operation::fold::{Operation, Phase};
use crate::operation::plan::Step;
use crate::operation::promise::is_promise;
use crate::operation::ulid::OperationId;
pub use left::{Left, LeftPort};

/// So far two clocks may be apart.
const APART: Duration = Duration::from_secs(600);
/// So long after the end of an operation what it has asked for may still come.
const LATE: Duration = Duration::from_secs(3600);

/// Something that bears a stamp, as the cloud tells it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// What it is.
    pub thing: Thing,
    /// What it is called.
    pub name: String,
    /// The operation that its stamp names.
    pub operation: OperationId,
    /// The slot that its stamp names.
    pub slot: usize,
    /// When the cloud made it, where that is told.
    pub created: Option<Timestamp>,
    /// Where it is reached, or would be.
    pub addresses: Vec<String>,
    /// The members of pools at these addresses.
    pub seats: Vec<Sitting>,
}

/// What bears the stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An instance.
    Server(InstanceId),
    /// A port.
    Port {
        /// Neutron's id of it.
        id: PortId,
        /// Which of an instance's ports it was to be.
        number: usize,
        /// Who has it.
        held: Held,
    },
}

/// Who has a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nobody.
    Nobody,
    /// An instance.
    Instance(InstanceId),
    /// Something else.
    Other,
}

/// A place in a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// As which member.
    pub member: MemberId,
    /// What the pool is called.
    pub pool: String,
    /// Whether it gets no requests.
    pub away: bool,
}

/// What is to be thought of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// This journal does not know its operation: another one does.
    Foreign,
    /// Its operation is not over: it is in use.
    InUse,
    /// It is somebody's, and why.
    Kept(String),
    /// Nobody takes care of it, and why that is so.
    Orphan(String),
}

impl Fate {
    /// Whether nobody takes care of it.
    pub fn is_orphan(&self) -> bool {
        matches!(self, Fate::Orphan(_))
    }
}

/// The operations of a journal that stamps name.
pub type Known = BTreeMap<OperationId, Operation>;

impl Stamped {
    /// The cloud's id of it.
    pub fn id(&self) -> &str {
        match &self.thing {
            Thing::Server(id) => id.as_str(),
            Thing::Port { id, .. } => id.as_str(),
        }
    }

    /// What it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self.thing {
            Thing::Server(_) => "instance",
            Thing::Port { .. } => "port",
        }
    }

    /// Whether it is a port that nobody has.
    pub fn is_lone(&self) -> bool {
        matches!(self.thing, Thing::Port { held: Held::Nobody, .. })
    }
}

/// What is to be thought of each, in their order. `there` tells whether an instance is there, whatever stamp it bears.
pub fn judge(found: &[Stamped], known: &Known, there: impl Fn(&InstanceId) -> bool) -> Vec<Fate> {
    let servers = found.iter().filter_map(|one| match &one.thing {
        Thing::Server(id) => Some((id, (one, of_one(one, known, |case, _| case.server(id))))),
        Thing::Port { .. } => None,
    });
    let servers: BTreeMap<&InstanceId, (&Stamped, Fate)> = servers.collect();
    let fate = |one: &Stamped| match &one.thing {
        Thing::Server(id) => servers.get(id).map_or(Fate::Foreign, |(_, fate)| fate.clone()),
        Thing::Port { id, number, held } => of_one(one, known, |case, one| match held {
            Held::Other => Fate::Kept("it is in use".to_owned()),
            Held::Instance(device) => match servers.get(device) {
                Some((server, Fate::Orphan(_))) if server.operation == one.operation => {
                    Fate::Orphan(format!("{} has it, which is an orphan itself", server.name))
                }
                _ => Fate::Kept("an instance has it".to_owned()),
            },
            Held::Nobody => {
                let kept = |id: &InstanceId| there(id) && !servers.get(id).is_some_and(|(_, fate)| fate.is_orphan());
                case.lone(id, *number, kept)
            }
        }),
    };
    found.iter().map(fate).collect()
}

/// What holds for whatever is stamped; the rest is `inner`'s.
fn of_one(one: &Stamped, known: &Known, inner: impl FnOnce(&Case<'_>, &Stamped) -> Fate) -> Fate {
    let Some(operation) = known.get(&one.operation) else { return Fate::Foreign };
    if !operation.is_over() {
        return Fate::InUse;
    }
    if !operation.unknown.is_empty() {
        return Fate::Kept("a newer Stackdeck has driven its operation".to_owned());
    }
    let case = Case { operation, slot: one.slot, found: one };
    // Where nobody has the port, nobody answers, whatever the member's share is.
    let idle = |seat: &Sitting| seat.away || one.is_lone();
    let stranger = |seat: &&Sitting| !(idle(seat) && case.members().any(|own| *own == seat.member));
    if let Some(seat) = one.seats.iter().find(stranger) {
        return Fate::Kept(format!("it is in {}", seat.pool));
    }
    inner(&case, one)
}

/// Something stamped, and the slot that it names, of an operation that is over.
struct Case<'a> {
    operation: &'a Operation,
    slot: usize,
    found: &'a Stamped,
}

impl<'a> Case<'a> {
    fn steps(&self) -> impl Iterator<Item = (usize, &'a Step)> + use<'a> {
        let slot = self.slot;
        self.operation.plan.steps.iter().enumerate().filter(move |(_, step)| step.slot == slot)
    }

    /// The step that makes the slot's instance.
    fn making(&self) -> Option<(usize, &'a Step, &'a NewServer)> {
        self.steps().find_map(|(number, step)| match &step.change {
            Change::CreateServer(new) => Some((number, step, &**new)),
            _ => None,
        })
    }

    /// The members of pools that the slot's instance has got.
    fn members(&self) -> impl Iterator<Item = &'a MemberId> + use<'a> {
        let target = self.making().map(|(_, step, _)| &step.target.id);
        let own = self.steps().filter(move |(_, step)| Some(&step.target.id) == target);
        own.flat_map(|(_, step)| &step.own).filter(|id| !is_promise(id.as_str()))
    }

    fn server(&self, id: &InstanceId) -> Fate {
        let kept = |why: &str| Fate::Kept(why.to_owned());
        let Some((number, step, new)) = self.making() else { return kept("it was not made by its operation") };
        if self.operation.steps[number].announced.is_none() {
            return kept("its operation has made none");
        }
        if self.found.name != new.name {
            return kept("it was renamed");
        }
        if !self.is_timely() {
            return kept("it was not made in the time of its operation");
        }
        match step.target.known() {
            None => Fate::Orphan("its operation never learned that it was made".to_owned()),
            Some(other) if other != id => Fate::Orphan(format!("it was made twice, and its operation took {other}")),
            Some(_) if self.is_given_up(id) => Fate::Orphan("its operation has given it up".to_owned()),
            Some(_) => kept("its operation has made it to stay"),
        }
    }

    /// Whether the operation was to take it away again. What it then left on purpose is not given up.
    fn is_given_up(&self, id: &InstanceId) -> bool {
        let deletes = |step: &Step| matches!(&step.change, Change::DeleteServer { server } if server == id);
        let mut undone = self.steps().filter(|(_, step)| step.undoes && deletes(step));
        undone.any(|(number, _)| {
            !self.operation.is_passed_over(number) && self.operation.steps[number].phase != Phase::Skipped
        })
    }

    /// A port that nobody has.
    fn lone(&self, id: &PortId, number: usize, kept: impl Fn(&InstanceId) -> bool) -> Fate {
        let is_it = |step: &Step| matches!(&step.change, Change::CreatePort(new) if new.name == number.to_string());
        let made = self.steps().find(|(_, step)| is_it(step));
        if made.is_none_or(|(at, _)| self.operation.steps[at].announced.is_none()) {
            return Fate::Kept("its operation has made none".to_owned());
        }
        if !self.is_timely() {
            return Fate::Kept("it was not made in the time of its operation".to_owned());
        }
        let making = self.making();
        let adopted = making.and_then(|(.., new)| new.ports.get(number)).filter(|port| !is_promise(port.as_str()));
        match (adopted, making.and_then(|(_, step, _)| step.target.known())) {
            (None, _) => Fate::Orphan("its operation never learned that it was made".to_owned()),
            (Some(other), _) if other != id => {
                Fate::Orphan(format!("it was made twice, and its operation took {other}"))
            }
            // It may be put to it again.
            (Some(_), Some(server)) if kept(server) => {
                Fate::Kept("the instance is there that it was made for".to_owned())
            }
            (Some(_), _) => Fate::Orphan("nobody has it".to_owned()),
        }
    }

    /// Whether the operation may have made it, by the time. Who has copied a stamp has done so at another.
    fn is_timely(&self) -> bool {
        let Some(created) = self.found.created else { return true };
        since(created, self.operation.approved) <= APART && since(self.operation.changed, created) <= LATE
    }
}
