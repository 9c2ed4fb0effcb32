//! Octavia's pools with few requests.
//!
//! A pool's row has its members' ids only, and their health is one request for each pool. So members are read again
//! when the pool's row changed, when it is not well, and now and then. Of ten thousand members even that is most of what
//! an idle console does, so an answer that is the one before is not taken apart.

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

/// Members of a pool that is well and has not changed are read this often. Octavia writes to the pool's row whatever it
/// changes of a member, so this finds only what escaped between two requests.
const CALM: Duration = Duration::from_secs(120);

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
    balancers: HashMap<BalancerId, pool::Balancer>,
}

impl Pools {
    /// Reads the pools, and of their members what may have changed since `self` was read.
    pub(super) async fn read(
        &self,
        reader: &Arc<dyn Reader>,
        project: Option<&ProjectId>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let (rows, print) = match balancer::pools_unless(reader, project, self.print).await? {
            Some((rows, print)) => (rows.into_iter().map(Arc::new).collect(), print),
            None => (self.known.values().map(|known| Arc::clone(&known.row)).collect::<Vec<_>>(), self.print),
        };
        let balancers = if rows.is_empty() { Vec::new() } else { balancer::load_balancers(reader, project).await? };
        let balancers = balancers.into_iter().filter_map(convert::balancer).map(|one| (one.id.clone(), one)).collect();
        let mut known = HashMap::with_capacity(rows.len());
        for row in rows {
            let id = PoolId::from(row.id.0.clone().unwrap_or_default());
            let pool = self.one(reader, &id, row, now).await?;
            known.insert(id, pool);
        }
        Ok(Self { known, print, balancers })
    }

    async fn one(
        &self,
        reader: &Arc<dyn Reader>,
        id: &PoolId,
        row: Arc<balancer::Pool>,
        now: Timestamp,
    ) -> Result<Arc<Known>, Failure> {
        let before = self.known.get(id);
        if let Some(before) = before.filter(|before| before.fresh(&row, now)) {
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
        let mut pools: Vec<_> =
            pools.filter_map(|pool| convert::pool(&pool.row, &self.balancers, Arc::clone(&pool.members))).collect();
        pools.sort_by(|a, b| a.id.cmp(&b.id));
        pools
    }
}

impl Known {
    fn fresh(&self, row: &Arc<balancer::Pool>, now: Timestamp) -> bool {
        let well = ["ONLINE", "NO_MONITOR", "OFFLINE"].contains(&row.operating_status.as_deref().unwrap_or_default());
        let settled = row.provisioning_status.as_deref() == Some("ACTIVE");
        self.row == *row && well && settled && since(self.read, now) < CALM
    }
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
