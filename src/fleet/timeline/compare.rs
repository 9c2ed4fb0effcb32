//! What happened between two fleets.
//!
//! Only what changed costs: a row that is shared is passed over, and pools that are shared are not opened.

use std::sync::Arc;

use crate::base::clock::Timestamp;
use crate::base::id::InstanceId;
use crate::fleet::diff::{Pair, merge};
use crate::fleet::map::Map;
use crate::fleet::pool::{self, Pool};
use crate::fleet::service::{Fleet, Member, ServiceKey, Standing, VersionClaim};
use crate::fleet::timeline::sighting::{Sighting, What, Whom};

/// What Nova says that it made so much before we last looked was there before: it came into sight.
const LATE: std::time::Duration = std::time::Duration::from_secs(60);

/// What a comparison has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// What happened.
    pub sightings: Vec<Sighting>,
    /// Instances to whom Nova did something, or that are gone: their history may tell who wanted it. The newest first.
    pub touched: Vec<Whom>,
}

/// What happened between two fleets: after the first was read, and by the time that the second was.
pub fn compare(before: &Fleet, after: &Fleet, (from, to): (Timestamp, Timestamp)) -> Compared {
    let mut walk = Walk { before, after, from, to, found: Vec::new(), touched: Vec::new() };
    let stays = stays(before, after);
    let order = |a: &Member, b: &Member| a.instance.id.cmp(&b.instance.id);
    merge(&before.members, &after.members, order, |pair| match pair {
        Pair::Both(old, new) => {
            let same_row = Arc::ptr_eq(&old.instance, &new.instance);
            let same_service = old.service == new.service && stays.get(new.service).copied().unwrap_or(false);
            if !(same_row && same_service && old.version.version == new.version.version) {
                walk.both(old, new);
            }
        }
        Pair::Before(old) => walk.gone(old),
        Pair::After(new) => walk.appeared(new),
    });
    if !Arc::ptr_eq(&before.pools, &after.pools) {
        walk.pools();
    }
    let Walk { found, mut touched, .. } = walk;
    touched.sort_by(|(a, _), (b, _)| b.cmp(a));
    Compared { sightings: found, touched: touched.into_iter().map(|(_, whom)| whom).collect() }
}

/// What the first fleet ever seen tells of the time since.
pub fn first(fleet: &Fleet, since: Timestamp) -> Compared {
    let recent = |at: Option<Timestamp>| at.filter(|at| *at >= since);
    let created = fleet.members.iter().filter_map(|member| Some((member, recent(member.instance.created)?)));
    let made =
        |(member, at)| Sighting { at, after: None, stamped: true, whom: whom(fleet, member), what: What::Created };
    let mut touched: Vec<(Timestamp, &Member)> =
        fleet.members.iter().filter_map(|member| Some((recent(member.instance.updated)?, member))).collect();
    touched.sort_by(|(a, _), (b, _)| b.cmp(a));
    Compared {
        sightings: created.map(made).collect(),
        touched: touched.into_iter().map(|(_, member)| whom(fleet, member)).collect(),
    }
}

/// For each service afterwards, whether it stood at the same place before.
fn stays(before: &Fleet, after: &Fleet) -> Vec<bool> {
    let key = |at: usize| before.services.get(at).map(|service| &service.key);
    after.services.iter().enumerate().map(|(at, service)| key(at) == Some(&service.key)).collect()
}

fn whom(fleet: &Fleet, member: &Member) -> Whom {
    let instance = &member.instance;
    Whom {
        instance: Some(instance.id.clone()),
        name: if instance.name.is_empty() { instance.id.as_str().into() } else { instance.name.as_str().into() },
        service: fleet.services.get(member.service).map(|service| service.key.clone()),
    }
}

struct Walk<'a> {
    before: &'a Fleet,
    after: &'a Fleet,
    from: Timestamp,
    to: Timestamp,
    found: Vec<Sighting>,
    touched: Vec<(Timestamp, Whom)>,
}

impl Walk<'_> {
    /// It happened between the two; where the cloud's own time lies between them too, by then.
    fn sighting(&self, whom: &Whom, what: What, told: Option<Timestamp>) -> Sighting {
        let told = told.filter(|at| *at > self.from && *at <= self.to);
        Sighting {
            at: told.unwrap_or(self.to),
            after: Some(self.from),
            stamped: told.is_some(),
            whom: whom.clone(),
            what,
        }
    }

    fn both(&mut self, old: &Member, new: &Member) {
        let whom = whom(self.after, new);
        let (a, b) = (&old.instance, &new.instance);
        if a.status != b.status {
            let what = What::Status(a.status.clone(), b.status.clone());
            self.found.push(self.sighting(&whom, what, b.updated));
        }
        if let (Some(one), Some(other)) = (&old.version.version, &new.version.version)
            && one != other
            && !is_another_word(&old.version, &new.version)
        {
            let told = b.updated.filter(|_| a.updated != b.updated);
            self.found.push(self.sighting(&whom, What::Version(Arc::clone(one), Arc::clone(other)), told));
        }
        if let Some(left) = self.moved(old, new) {
            self.found.push(self.sighting(&whom, What::Moved(left), None));
        }
        if (a.updated, &a.status, &a.task_state) != (b.updated, &b.status, &b.task_state) {
            self.touched.push((b.updated.unwrap_or(self.to), whom));
        }
    }

    /// The service that it was in, where both are settled: what is provisional says nothing yet.
    fn moved(&self, old: &Member, new: &Member) -> Option<Arc<str>> {
        let (a, b) = (self.before.services.get(old.service)?, self.after.services.get(new.service)?);
        let settled = a.standing == Standing::Settled && b.standing == Standing::Settled;
        (settled && a.key != b.key).then(|| Arc::clone(&a.key.name))
    }

    fn gone(&mut self, old: &Member) {
        let whom = whom(self.before, old);
        self.found.push(self.sighting(&whom, What::Gone, None));
        self.touched.push((self.to, whom));
    }

    fn appeared(&mut self, new: &Member) {
        let whom = whom(self.after, new);
        let created = new.instance.created;
        let late = created.is_some_and(|at| at.checked_add(LATE).is_ok_and(|at| at < self.from));
        let one = match created {
            Some(at) if !late => Sighting { at, after: None, stamped: true, whom: whom.clone(), what: What::Created },
            Some(_) => self.sighting(&whom, What::Appeared, None),
            None => self.sighting(&whom, What::Created, None),
        };
        self.found.push(one);
        self.touched.push((created.unwrap_or(self.to), whom));
    }

    /// Where nothing was told before, or nothing is told now, nothing is known to have happened.
    fn pools(&mut self) {
        if self.before.pools.is_empty() || self.after.pools.is_empty() {
            return;
        }
        let changes = pool_changes(&self.before.pools, &self.after.pools);
        if changes.is_empty() {
            return;
        }
        let (old, new) = (Seats::of(self.before), Seats::of(self.after));
        for (pool, member, what, is_old) in changes {
            let whom = if is_old { old.whom(pool, member) } else { new.whom(pool, member) };
            let told = member.updated.filter(|_| !is_old);
            self.found.push(self.sighting(&whom, what, told));
        }
    }
}

/// What happened to members of pools: in which pool, to which member, what, and whether it is one of before.
type Change<'a> = (&'a Pool, &'a pool::Member, What, bool);

fn pool_changes<'a>(before: &'a [Pool], after: &'a [Pool]) -> Vec<Change<'a>> {
    let by_id = |pools: &'a [Pool]| pools.iter().map(|pool| (&pool.id, pool)).collect::<Map<_, _>>();
    let (old, new) = (by_id(before), by_id(after));
    let mut found = Vec::new();
    for pool in after {
        let known: &[pool::Member] = match old.get(&pool.id) {
            Some(before) if Arc::ptr_eq(&before.members, &pool.members) => continue,
            Some(before) => &before.members,
            None => &[],
        };
        members(pool, known, &mut found);
    }
    for pool in before {
        let left = |member: &pool::Member| {
            new.get(&pool.id).is_none_or(|after| !after.members.iter().any(|one| one.id == member.id))
        };
        let gone = pool.members.iter().filter(|member| left(member));
        found.extend(gone.map(|member| (pool, member, What::Left(pool.title().into()), true)));
    }
    found
}

fn members<'a>(pool: &'a Pool, before: &[pool::Member], found: &mut Vec<Change<'a>>) {
    let title: Arc<str> = pool.title().into();
    let old: Map<_, _> = before.iter().map(|member| (&member.id, member)).collect();
    for new in &*pool.members {
        let mut tell = |what| found.push((pool, new, what, false));
        let Some(old) = old.get(&new.id) else {
            tell(What::Joined(Arc::clone(&title), new.weight));
            continue;
        };
        if old.weight != new.weight {
            tell(What::Weight(Arc::clone(&title), old.weight, new.weight));
        }
        if old.operating_status != new.operating_status {
            let (a, b) = (Arc::clone(&old.operating_status), Arc::clone(&new.operating_status));
            tell(What::Operating(Arc::clone(&title), a, b));
        }
        if old.admin_up != new.admin_up {
            tell(What::Switched(Arc::clone(&title), new.admin_up));
        }
    }
}

/// Who sits where in the pools of a fleet.
struct Seats<'a> {
    fleet: &'a Fleet,
    sitting: Map<&'a str, &'a Member>,
}

impl<'a> Seats<'a> {
    fn of(fleet: &'a Fleet) -> Self {
        let seats = fleet
            .members
            .iter()
            .flat_map(|member| fleet.memberships(member).map(move |(_, seat)| (seat.id.as_str(), member)));
        Self { fleet, sitting: seats.collect() }
    }

    /// The instance that a member is; else its address, and the service of its pool.
    fn whom(&self, pool: &Pool, member: &pool::Member) -> Whom {
        if let Some(found) = self.sitting.get(member.id.as_str()) {
            return whom(self.fleet, found);
        }
        Whom {
            instance: None::<InstanceId>,
            name: format!("{}:{}", member.address, member.port).into(),
            service: self.service(pool.title()),
        }
    }

    fn service(&self, pool: &str) -> Option<ServiceKey> {
        let services = &self.fleet.services;
        services.iter().find(|service| service.pools.iter().any(|name| **name == *pool)).map(|found| found.key.clone())
    }
}

/// Both versions are claimed at one time: another source is heard now, such as the instance itself, and runs as before.
fn is_another_word(old: &VersionClaim, new: &VersionClaim) -> bool {
    let claims = |claim: &VersionClaim, of: &VersionClaim| {
        claim.disputed.iter().any(|(_, version)| Some(version) == of.version.as_ref())
    };
    claims(new, old) || claims(old, new)
}
