//! Octavia's pools with few requests.
//!
//! A pool's row has its members' ids only, and their health is one request for each pool. So members are read again
//! when the pool's row changed: Octavia writes to it whatever it changes of a member. A pool that is not well may become
//! worse without a word in its row, and something may escape between two requests. So of all pools one is read every
//! second time, whichever has waited longest. However many pools there are and however much is wrong, requests do not
//! grow. Of ten thousand members even that is most of what an idle console does, so an answer that is the one before is
//! not taken apart.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{BalancerId, PoolId, ProjectId};
use crate::base::intern::Interner;
use crate::fleet::pool;
use crate::openstack::page::Print;
use crate::openstack::{Reader, balancer};
use crate::watch::convert;

/// A pool that is not well, or is being changed, waits so many times as hard as one of which nothing is to be feared.
const WORRY: u32 = 10;

/// Balancers are read this often while all are at rest and no pool changes.
const AT_REST: Duration = Duration::from_secs(60);

/// A pool as it was read.
#[derive(Debug)]
pub(in crate::watch) struct Known {
    row: Arc<balancer::Pool>,
    members: Arc<[pool::Member]>,
    /// Of the members' answer.
    print: Option<Print>,
    read: Timestamp,
}

/// The pools as they were read, by id. What has not changed is shared with the reading before: it is most, every time.
#[derive(Debug, Default)]
pub(in crate::watch) struct Pools {
    known: HashMap<PoolId, Arc<Known>>,
    /// Of the pools' answer.
    print: Option<Print>,
    balancers: Arc<Balancers>,
    /// Whether a pool had its turn in this reading.
    turned: bool,
}

/// The balancers as they were read.
#[derive(Debug, Default)]
struct Balancers {
    known: HashMap<BalancerId, pool::Balancer>,
    read: Timestamp,
}

impl Pools {
    /// Reads the pools, and of their members what may have changed since `self` was read.
    pub(super) async fn read(
        &self,
        reader: &Arc<dyn Reader>,
        project: Option<&ProjectId>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let told = balancer::pools_unless(reader, project, self.print).await?;
        let changed = told.is_some();
        let (rows, print) = match told {
            Some((rows, print)) => (rows.into_iter().map(Arc::new).collect(), print),
            None => (self.known.values().map(|known| Arc::clone(&known.row)).collect::<Vec<_>>(), self.print),
        };
        let balancers = self.balancers(reader, project, !rows.is_empty(), changed, now).await?;
        let turn = if self.turned { None } else { self.longest_waiting(&rows, now) };
        let mut known = HashMap::with_capacity(rows.len());
        for row in rows {
            let id = id(&row);
            let has_turn = turn.as_ref() == Some(&id);
            let pool = self.one(reader, &id, row, has_turn, now).await?;
            known.insert(id, pool);
        }
        Ok(Self { known, print, balancers, turned: turn.is_some() })
    }

    /// Of those that nothing else makes us read.
    fn longest_waiting(&self, rows: &[Arc<balancer::Pool>], now: Timestamp) -> Option<PoolId> {
        let waiting = |row: &Arc<balancer::Pool>| {
            let known = self.known.get(&id(row)).filter(|known| known.row == *row)?;
            Some((known.waiting(now), id(row)))
        };
        rows.iter().filter_map(waiting).max().map(|(_, id)| id)
    }

    async fn balancers(
        &self,
        reader: &Arc<dyn Reader>,
        project: Option<&ProjectId>,
        any: bool,
        changed: bool,
        now: Timestamp,
    ) -> Result<Arc<Balancers>, Failure> {
        if !any {
            return Ok(Arc::default());
        }
        let at_rest = self.balancers.known.values().all(|balancer| balancer.provisioning_status == "ACTIVE");
        if !changed && at_rest && since(self.balancers.read, now) < AT_REST {
            return Ok(Arc::clone(&self.balancers));
        }
        let rows = balancer::load_balancers(reader, project).await?;
        let known = rows.into_iter().filter_map(convert::balancer).map(|one| (one.id.clone(), one)).collect();
        Ok(Arc::new(Balancers { known, read: now }))
    }

    async fn one(
        &self,
        reader: &Arc<dyn Reader>,
        id: &PoolId,
        row: Arc<balancer::Pool>,
        has_turn: bool,
        now: Timestamp,
    ) -> Result<Arc<Known>, Failure> {
        let before = self.known.get(id);
        if let Some(before) = before.filter(|before| before.row == row && !has_turn) {
            return Ok(Arc::clone(before));
        }
        let told = balancer::members_unless(reader, id, before.and_then(|before| before.print)).await;
        let (members, print) = match (told, before) {
            (Ok(Some((members, print))), before) => (converted(members, before), print),
            (Ok(None), Some(before)) => (Arc::clone(&before.members), before.print),
            (Ok(None), None) => Default::default(),
            // The pool was deleted between the two requests: the next reading will not have it.
            (Err(failure), _) if failure.kind == FailureKind::NotFound => Default::default(),
            (Err(failure), _) => return Err(failure),
        };
        Ok(Arc::new(Known { row, members, print, read: now }))
    }

    /// As the fleet wants them, sorted by id.
    pub(super) fn pools(&self) -> Vec<pool::Pool> {
        let pools = self.known.values();
        let mut pools: Vec<_> = pools
            .filter_map(|pool| convert::pool(&pool.row, &self.balancers.known, Arc::clone(&pool.members)))
            .collect();
        pools.sort_by(|a, b| a.id.cmp(&b.id));
        pools
    }
}

impl Known {
    fn waiting(&self, now: Timestamp) -> Duration {
        let well =
            ["ONLINE", "NO_MONITOR", "OFFLINE"].contains(&self.row.operating_status.as_deref().unwrap_or_default());
        let settled = self.row.provisioning_status.as_deref() == Some("ACTIVE");
        since(self.read, now) * if well && settled { 1 } else { WORRY }
    }
}

fn id(row: &balancer::Pool) -> PoolId {
    row.id.0.clone().unwrap_or_default().into()
}

/// The members as the fleet wants them; the ones before, if they are the same.
fn converted(members: Vec<balancer::Member>, before: Option<&Arc<Known>>) -> Arc<[pool::Member]> {
    let mut texts = Interner::default();
    let members: Vec<_> = members.into_iter().filter_map(|member| convert::member(member, &mut texts)).collect();
    match before {
        Some(before) if *before.members == *members => Arc::clone(&before.members),
        _ => members.into(),
    }
}
