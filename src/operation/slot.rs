//! What is done at one place of a service, as steps. Pure: planner and simulation build plans from the same pieces.
//!
//! An instance behind a balancer is restarted so: taken out of rotation in each pool, left alone until what it had begun
//! to answer may end, restarted, put back as it was once its checks are well, and watched for a while. The putting back
//! [restores](Step::restores).
//!
//! One that is removed is switched off first, and deleted later: until then what was done to it can be
//! [undone](Step::undoes). The quiescent-safe order of `reference/rollouts-and-healing.md` removes the member before the
//! stop; here it goes with the instance. One that is put back is the same one, with its id, name, tags and monitor, and
//! one that is added again is not. At weight 0 it gets nothing meanwhile.
//!
//! One that is made gets its port first: the port is what a lost answer is looked for by, and of two instances that were
//! made for it only one can have it.

use crate::base::id::{MemberId, PoolId, PortId};
use crate::fleet::instance::Status;
use crate::operation::change::{Change, Member, NewPort, NewServer};
use crate::operation::plan::{Gate, Step, Target};
use crate::operation::sight::{Share, State};

/// One of an instance's places behind a balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// In which pool.
    pub pool: PoolId,
    /// As which member.
    pub member: MemberId,
    /// What it gets now.
    pub share: Share,
    /// What takes it out of rotation: weight 0, or disabled where the provider does not heed weights.
    pub away: Share,
    /// What it gets when it is put back.
    pub back: Share,
}

/// One place of a service, before anything is done there.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Which, from 0.
    pub number: usize,
    /// Who is there.
    pub target: Target,
    /// The state that the plan is made for.
    pub before: State,
    /// Whether a lock does not hold us.
    pub past_lock: bool,
    /// Its places behind balancers, all of them: the gates watch their pools.
    pub memberships: Vec<Membership>,
    /// Ports that were made with it: Nova leaves them when it deletes the instance.
    pub ports: Vec<PortId>,
}

impl Slot {
    /// A change of the instance alone.
    pub fn step(&self, change: Change, gate: Gate) -> Step {
        Step {
            target: self.target.clone(),
            change,
            slot: self.number,
            before: self.before.clone(),
            share: None,
            past_lock: self.past_lock,
            gate,
            restores: false,
            undoes: false,
            promise: None,
            instead_of: None,
            version: None,
            compared: false,
            orphan: None,
            pools: self.memberships.iter().map(|one| one.pool.clone()).collect(),
            own: self.memberships.iter().map(|one| one.member.clone()).collect(),
        }
    }

    /// Takes it out of rotation there; the last waits for all of them.
    pub fn drain(&self, places: &[Membership]) -> Vec<Step> {
        let sets = places.iter().map(|one| self.set(one, one.share, one.away)).collect();
        gated(sets, Gate::Drained)
    }

    /// Puts it back there; the last waits until all of it is well.
    pub fn put_back(&self, places: &[Membership]) -> Vec<Step> {
        let sets = places.iter().map(|one| self.set(one, one.share, one.back)).collect();
        gated(sets, Gate::Well)
    }

    /// A change while it is out of rotation there, if that is anywhere.
    pub fn drained(&self, change: Change, places: &[Membership]) -> Vec<Step> {
        if places.is_empty() {
            return vec![self.step(change, Gate::Well)];
        }
        let away: Vec<_> = places.iter().map(|one| Membership { share: one.away, ..one.clone() }).collect();
        let back = self.put_back(&away).into_iter().map(|step| Step { restores: true, ..step });
        let middle = self.step(change, Gate::Answering);
        self.drain(places).into_iter().chain([middle]).chain(back).collect()
    }

    /// It leaves for good: out of rotation where it is in it, switched off, kept so for a while, out of its pools, deleted.
    /// Until it leaves the first of them all can be undone.
    pub fn removed(&self, places: &[Membership]) -> Vec<Step> {
        let server = &self.target.id;
        let off = self.step(Change::Stop { server: server.clone() }, Gate::Kept);
        let on = self.step(Change::Start { server: server.clone() }, Gate::Open);
        let away: Vec<_> = places.iter().map(|one| Membership { share: one.away, ..one.clone() }).collect();
        let back = [on].into_iter().chain(self.put_back(&away)).map(|step| Step { undoes: true, ..step });
        // Whoever switches it on meanwhile wants it.
        let kept = Self { before: State { status: Status::Shutoff, ..self.before.clone() }, ..self.clone() };
        self.drain(places).into_iter().chain([off]).chain(back).chain(kept.deleted()).collect()
    }

    /// It leaves at once, as it is: out of its pools, and deleted.
    pub fn deleted(&self) -> Vec<Step> {
        let leave = |one: &Membership| {
            let change = Change::RemoveMember { pool: one.pool.clone(), member: one.member.clone() };
            self.step(change, Gate::Open)
        };
        let deleted = self.step(Change::DeleteServer { server: self.target.id.clone() }, Gate::Well);
        let port = |port: &PortId| self.step(Change::DeletePort { port: port.clone() }, Gate::Open);
        self.memberships.iter().map(leave).chain([deleted]).chain(self.ports.iter().map(port)).collect()
    }

    /// It is made: its ports, the instance, its places behind balancers at a share of nothing; and once its checks are
    /// well it gets its share. Until then all of it can be taken away again. The target, its ports and its places are
    /// [promises](crate::operation::promise).
    pub fn made(&self, new: NewServer, ports: Vec<NewPort>, members: Vec<(PoolId, Member)>) -> Vec<Step> {
        let promised = |step: Step, promise: &str| Step { promise: Some(promise.to_owned()), ..step };
        let ports = ports.into_iter().zip(&self.ports).map(|(port, promise)| {
            promised(self.step(Change::CreatePort(Box::new(port)), Gate::Open), promise.as_str())
        });
        let gate = if members.is_empty() { Gate::Well } else { Gate::Answering };
        let server = self.step(Change::CreateServer(Box::new(new)), gate);
        let server = promised(server, self.target.id.as_str());
        let seats = members.into_iter().zip(&self.memberships).map(|((pool, member), one)| {
            let change = Change::AddMember { pool, member: Box::new(member) };
            promised(self.step(change, Gate::Open), one.member.as_str())
        });
        let seats = gated(seats.collect(), Gate::Answering);
        let undo = |step| Step { undoes: true, ..step };
        let serving: Vec<_> =
            self.memberships.iter().map(|one| Membership { share: one.back, ..one.clone() }).collect();
        let leaves = self.drain(&serving).into_iter().map(undo);
        let gone = self.deleted().into_iter().map(|step| Step { gate: Gate::Open, ..undo(step) });
        ports.chain([server]).chain(seats).chain(self.put_back(&self.memberships)).chain(leaves).chain(gone).collect()
    }

    /// Another takes its place: made as by [`made`](Self::made), and when that serves, this one leaves as by
    /// [`removed`](Self::removed), all in one slot. Until its first place is given up all of it can be undone: it is brought
    /// back first, and then the other is taken away. Once it serves, the new one is compared with the others.
    pub fn succeeded(&self, made: Vec<Step>, leaves: Vec<Step>) -> Vec<Step> {
        let (mut ahead, unmake): (Vec<Step>, Vec<Step>) = made.into_iter().partition(|step| !step.undoes);
        if let Some(last) = ahead.last_mut().filter(|last| last.change.is_about_seat()) {
            last.compared = true;
        }
        let back = leaves.iter().rposition(|step| step.undoes).map_or(0, |last| last + 1);
        let mut leaves = leaves;
        let gone = leaves.split_off(back);
        let place = |step: Step| Step { instead_of: Some(self.target.id.clone()), ..step };
        let mut ahead = ahead.into_iter();
        ahead.next().map(place).into_iter().chain(ahead).chain(leaves).chain(unmake).chain(gone).collect()
    }

    fn set(&self, one: &Membership, from: Share, to: Share) -> Step {
        let change = Change::SetMember {
            pool: one.pool.clone(),
            member: one.member.clone(),
            weight: (from.weight != to.weight).then_some(to.weight),
            admin_state_up: (from.admin_up != to.admin_up).then_some(to.admin_up),
        };
        Step { share: Some(from), ..self.step(change, Gate::Open) }
    }
}

/// One gate behind all of them.
fn gated(mut steps: Vec<Step>, gate: Gate) -> Vec<Step> {
    if let Some(last) = steps.last_mut() {
        last.gate = gate;
    }
    steps
}
