//! Octavia's pools with few requests.
//!
//! A pool's row has its members' ids only, and their health is one request for each pool. So members are read again
//! when the pool's row changed, when it is not well, and now and then.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::Failure;
use crate::base::id::{BalancerId, PoolId, ProjectId};
use crate::base::intern::Interner;
use crate::fleet::pool;
use crate::openstack::{Reader, balancer};
use crate::watch::convert;

/// Members of a pool that is well and has not changed are read this often.
const CALM: Duration = Duration::from_secs(60);

/// A pool as it was read.
#[derive(Debug)]
pub(in crate::watch) struct Known {
    row: balancer::Pool,
    members: Arc<[pool::Member]>,
    read: Timestamp,
}

/// The pools as they were read, by id. What has not changed is shared with the reading before: it is most, every time.
#[derive(Debug, Default)]
pub(in crate::watch) struct Pools {
    known: HashMap<PoolId, Arc<Known>>,
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
        let rows = balancer::pools(reader, project).await?;
        let balancers = if rows.is_empty() { Vec::new() } else { balancer::load_balancers(reader, project).await? };
        let balancers = balancers.into_iter().filter_map(convert::balancer).map(|one| (one.id.clone(), one)).collect();
        let mut known = HashMap::with_capacity(rows.len());
        for row in rows {
            let id = PoolId::from(row.id.0.clone().unwrap_or_default());
            let pool = self.one(reader, &id, row, now).await?;
            known.insert(id, pool);
        }
        Ok(Self { known, balancers })
    }

    async fn one(
        &self,
        reader: &Arc<dyn Reader>,
        id: &PoolId,
        row: balancer::Pool,
        now: Timestamp,
    ) -> Result<Arc<Known>, Failure> {
        let before = self.known.get(id);
        if let Some(before) = before.filter(|before| before.fresh(&row, now)) {
            return Ok(Arc::clone(before));
        }
        let members = balancer::members(reader, id).await;
        let members = match members {
            // The pool was deleted between the two requests: the next reading will not have it.
            Err(failure) if failure.kind == crate::base::failure::FailureKind::NotFound => Vec::new(),
            other => other?,
        };
        let mut texts = Interner::default();
        let members: Vec<_> = members.into_iter().filter_map(|member| convert::member(member, &mut texts)).collect();
        let members = match before {
            Some(before) if *before.members == *members => Arc::clone(&before.members),
            _ => members.into(),
        };
        Ok(Arc::new(Known { row, members, read: now }))
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
    fn fresh(&self, row: &balancer::Pool, now: Timestamp) -> bool {
        let well = ["ONLINE", "NO_MONITOR", "OFFLINE"].contains(&row.operating_status.as_deref().unwrap_or_default());
        let settled = row.provisioning_status.as_deref() == Some("ACTIVE");
        self.row == *row && well && settled && since(self.read, now) < CALM
    }
}
