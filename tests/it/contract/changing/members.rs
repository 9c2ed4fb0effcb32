//! What changes members and listeners owes on any cloud: the class of each answer, and what is so afterwards.

use stackdeck::base::failure::FailureKind;
use stackdeck::base::id::{BalancerId, ListenerId, MemberId, PoolId, SubnetId};
use stackdeck::openstack::balancer;
use stackdeck::operation::change::{Made, Member, Refusal};
use stackdeck::operation::{Change, Outcome};

use super::{accepted, refused, until};
use crate::contract::side::Side;
use crate::support::permits::permit;

/// A balancer of the test's own, with a monitored pool that has no member and a second pool that no listener uses.
pub(crate) struct Balanced {
    pub(crate) balancer: BalancerId,
    pub(crate) listener: ListenerId,
    pub(crate) pool: PoolId,
    pub(crate) spare: PoolId,
    pub(crate) subnet: SubnetId,
    /// Where two servers answer, and an address that nobody has.
    pub(crate) addresses: [String; 3],
    pub(crate) port: u16,
    /// Writes a provisioning status where the cloud keeps it.
    pub(crate) mark: Box<dyn Fn(&'static str) + Send + Sync>,
}

impl Balanced {
    async fn accepted(&self, side: &Side, change: Change, status: u16) -> Option<Made> {
        self.settled(side).await;
        accepted(side, change, status).await
    }

    async fn refused(&self, side: &Side, change: Change) -> Refusal {
        self.settled(side).await;
        refused(side, change).await
    }

    /// Waits until the balancer takes a change.
    async fn settled(&self, side: &Side) {
        let cloud = &side.member.cloud;
        until("the balancer is done", async || {
            let row = balancer::load_balancer(cloud, &self.balancer).await.expect("the balancer");
            row.provisioning_status.as_deref() == Some("ACTIVE")
        })
        .await;
    }

    async fn member(&self, side: &Side, id: &MemberId) -> balancer::Member {
        balancer::member(&side.member.cloud, &self.pool, id).await.expect("the member")
    }

    async fn comes_to(&self, side: &Side, id: &MemberId, status: &str) {
        until(&format!("the member is {status}"), async || {
            self.member(side, id).await.operating_status.as_deref() == Some(status)
        })
        .await;
    }

    fn wanted(&self, place: usize, weight: u16) -> Member {
        Member {
            address: self.addresses[place].clone(),
            port: self.port,
            subnet: Some(self.subnet.clone()),
            weight,
            admin_state_up: true,
            backup: false,
            name: format!("sd-test-{place}"),
            tags: vec!["sd-test".into()],
            monitor_address: None,
            monitor_port: None,
        }
    }

    fn add(&self, place: usize, weight: u16) -> Change {
        Change::AddMember { pool: self.pool.clone(), member: Box::new(self.wanted(place, weight)) }
    }

    fn set(&self, member: &MemberId, weight: Option<u16>, admin_state_up: Option<bool>) -> Change {
        Change::SetMember { pool: self.pool.clone(), member: member.clone(), weight, admin_state_up }
    }

    fn remove(&self, member: &MemberId) -> Change {
        Change::RemoveMember { pool: self.pool.clone(), member: member.clone() }
    }

    async fn at(&self, side: &Side, place: usize) -> Vec<balancer::Member> {
        let reader = side.member.reader();
        balancer::members_at(&reader, &self.pool, &self.addresses[place], self.port).await.expect("members")
    }
}

fn made(member: Option<Made>) -> MemberId {
    match member {
        Some(Made::Member(id)) => id,
        other => panic!("a member: {other:?}"),
    }
}

/// Added once, found by its address, weighed, disabled, and taken out.
pub(crate) async fn one_member(side: &Side, of: &Balanced) {
    assert!(of.at(side, 0).await.is_empty());
    let id = made(of.accepted(side, of.add(0, 3), 201).await);
    let row = of.member(side, &id).await;
    assert_eq!((row.weight.0, row.name.as_deref()), (Some(3), Some("sd-test-0")));
    assert_eq!(row.tags.0.iter().filter_map(|tag| tag.as_deref()).collect::<Vec<_>>(), ["sd-test"]);
    let found = of.at(side, 0).await;
    assert_eq!(found.iter().filter_map(|row| row.id.as_deref()).collect::<Vec<_>>(), [id.as_str()]);
    assert_eq!(of.refused(side, of.add(0, 3)).await, Refusal::Duplicate);
    of.comes_to(side, &id, "ONLINE").await;

    assert_eq!(of.accepted(side, of.set(&id, Some(0), None), 200).await, None);
    let row = of.member(side, &id).await;
    assert_eq!((row.weight.0, row.admin_state_up.0), (Some(0), Some(true)), "shown at once");
    of.comes_to(side, &id, "DRAINING").await;
    of.accepted(side, of.set(&id, None, Some(false)), 200).await;
    let row = of.member(side, &id).await;
    assert_eq!((row.weight.0, row.admin_state_up.0), (Some(0), Some(false)), "the weight stays");
    of.comes_to(side, &id, "OFFLINE").await;
    of.accepted(side, of.set(&id, Some(1), Some(true)), 200).await;
    of.comes_to(side, &id, "ONLINE").await;
    assert_eq!(of.refused(side, of.set(&id, Some(257), None)).await, Refusal::Other);

    of.accepted(side, of.remove(&id), 204).await;
    of.settled(side).await;
    let gone = balancer::member(&side.member.cloud, &of.pool, &id).await.expect_err("it is gone");
    assert_eq!(gone.kind, FailureKind::NotFound);
    assert_eq!(of.refused(side, of.remove(&id)).await, Refusal::Gone);
    assert_eq!(of.refused(side, of.set(&id, Some(1), None)).await, Refusal::Gone);
}

/// Many at once: who is not among them stays, and what is left out of one is set back.
pub(crate) async fn many_members(side: &Side, of: &Balanced) {
    let first = made(of.accepted(side, of.add(0, 3), 201).await);
    let batch = |members| Change::SetMembers { pool: of.pool.clone(), members };
    of.accepted(side, batch(vec![of.wanted(0, 100), of.wanted(1, 7)]), 202).await;
    of.settled(side).await;
    let [second] = <[_; 1]>::try_from(of.at(side, 1).await).expect("it was added");
    let weight = async |id: &MemberId| of.member(side, id).await.weight.0;
    let second: MemberId = second.id.as_deref().expect("an id").into();
    assert_eq!((weight(&first).await, weight(&second).await), (Some(100), Some(7)));

    of.accepted(side, of.set(&first, None, Some(false)), 200).await;
    of.accepted(side, batch(vec![of.wanted(0, 5)]), 202).await;
    of.settled(side).await;
    let row = of.member(side, &first).await;
    assert_eq!((row.weight.0, row.admin_state_up.0), (Some(5), Some(true)), "the batch writes a member whole");
    assert_eq!(weight(&second).await, Some(7), "additive: nobody is taken out");
    for id in [&first, &second] {
        of.accepted(side, of.remove(id), 204).await;
    }
    of.settled(side).await;
}

/// A balancer that is being changed takes no other change; and nobody can tell by the answer that it never will again.
pub(crate) async fn one_at_a_time(side: &Side, of: &Balanced) {
    let id = made(of.accepted(side, of.add(0, 3), 201).await);
    of.settled(side).await;
    let set = |weight| side.member.cloud.perform(permit(of.set(&id, Some(weight), None)));
    let (one, other) = tokio::join!(set(4), set(5));
    let accepted = |outcome: &Outcome| matches!(outcome, Outcome::Accepted { .. });
    let busy = |outcome: &Outcome| matches!(outcome, Outcome::Refused { why: Refusal::Busy, .. });
    // The first may be through before the second comes.
    let fine = |outcome: &Outcome| accepted(outcome) || busy(outcome);
    assert!(fine(&one) && fine(&other) && (accepted(&one) || accepted(&other)), "{one:?}\n{other:?}");
    of.settled(side).await;
    for status in ["PENDING_UPDATE", "ERROR"] {
        (of.mark)(status);
        let refused = side.member.cloud.perform(permit(of.set(&id, Some(6), None))).await;
        let row = balancer::load_balancer(&side.member.cloud, &of.balancer).await.expect("the balancer");
        (of.mark)("ACTIVE");
        assert!(busy(&refused), "{status}: {refused:?}");
        assert_eq!((row.provisioning_status.as_deref(), row.provider.as_deref()), (Some(status), Some("amphora")));
    }
    of.accepted(side, of.remove(&id), 204).await;
    of.settled(side).await;
}

/// Nobody is at its address: it shows ONLINE before any check, and only then ERROR.
pub(crate) async fn a_silent_member(side: &Side, of: &Balanced) {
    let id = made(of.accepted(side, of.add(2, 1), 201).await);
    of.comes_to(side, &id, "ERROR").await;
    of.accepted(side, of.remove(&id), 204).await;
    of.settled(side).await;
}

/// A listener goes to another pool in one call, and back.
pub(crate) async fn a_switch(side: &Side, of: &Balanced) {
    let cloud = &side.member.cloud;
    let to = |pool: &PoolId| Change::SwitchListener { listener: of.listener.clone(), pool: pool.clone() };
    for pool in [&of.spare, &of.pool] {
        of.accepted(side, to(pool), 200).await;
        let row = balancer::listener(cloud, &of.listener).await.expect("the listener");
        assert_eq!(row.default_pool_id.as_deref(), Some(pool.as_str()));
        of.settled(side).await;
        let row = balancer::pool(cloud, pool).await.expect("the pool");
        let listeners: Vec<_> = row.listeners.all().filter_map(|listener| listener.id.filled()).collect();
        assert_eq!(listeners, [of.listener.as_str()]);
    }
    let nowhere = "00000000-0000-4000-8000-00000000dead".into();
    assert_eq!(of.refused(side, to(&nowhere)).await, Refusal::Gone);
}

/// A pool that is not there, and a role that may not.
pub(crate) async fn refusals(side: &Side, of: &Balanced) {
    let nowhere: PoolId = "00000000-0000-4000-8000-00000000dead".into();
    let add = Change::AddMember { pool: nowhere, member: Box::new(of.wanted(0, 1)) };
    assert_eq!(of.refused(side, add).await, Refusal::Gone);
    let refused = side.reader.cloud.perform(permit(of.add(0, 1))).await;
    assert!(matches!(refused, Outcome::Refused { why: Refusal::Forbidden, .. }), "{refused:?}");
}

/// All of them, one after another: they share a balancer.
pub(crate) async fn all(side: &Side, of: &Balanced) {
    one_member(side, of).await;
    many_members(side, of).await;
    one_at_a_time(side, of).await;
    a_silent_member(side, of).await;
    a_switch(side, of).await;
    refusals(side, of).await;
}
