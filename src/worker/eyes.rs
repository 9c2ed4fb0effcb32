//! The real cloud behind the worker's seam: how a question becomes reads, and a permit a call.

use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::PoolId;
use crate::base::intern::Interner;
use crate::openstack::{self, Reader, balancer, compute};
use crate::operation::sight::{Entry, Seat};
use crate::operation::{Outcome, Question, Share, Sight, State};
use crate::store::Permit;
use crate::watch::convert;
use crate::worker::seams::Cloud;

/// A cloud that the worker is signed in to.
pub struct Signed {
    cloud: openstack::Cloud,
    reader: Arc<dyn Reader>,
}

impl Signed {
    /// Through this session.
    pub fn new(cloud: openstack::Cloud) -> Self {
        Self { reader: Arc::new(cloud.clone()), cloud }
    }
}

impl Cloud for Signed {
    async fn perform(&self, permit: Permit) -> Outcome {
        self.cloud.perform(permit).await
    }

    async fn look(&self, question: &Question) -> Result<Sight, Failure> {
        look(&self.reader, question).await
    }
}

/// Looks at a target, by reads that any cloud answers.
pub async fn look(reader: &Arc<dyn Reader>, question: &Question) -> Result<Sight, Failure> {
    let state = async {
        match compute::server(&**reader, &question.server).await {
            Ok(server) => convert::instance(server, &mut Interner::default())
                .map(|row| Some(State::of(&row)))
                // Only a 404 says that it is gone; an answer that makes no sense says nothing.
                .ok_or_else(|| Failure::new(FailureKind::Bug, "The cloud's answer about the server has no id")),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    };
    let (state, history, members) = tokio::join!(state, history(reader, question), members(reader, &question.pools));
    Ok(Sight { state: state?, history: history?, members: members? })
}

/// Nobody may be refused his own server's history; where a policy does it all the same, there is none.
async fn history(reader: &Arc<dyn Reader>, question: &Question) -> Result<Option<Vec<Entry>>, Failure> {
    if !question.history {
        return Ok(None);
    }
    let rows = absent_if_refused(compute::history(&**reader, &question.server).await)?;
    let entry = |row: compute::HistoryEntry| {
        let request_id = row.request_id.filled()?;
        let failed = row.message.as_deref().is_some_and(|message| message.eq_ignore_ascii_case("error"));
        Some(Entry { verb: row.verb.or_empty(), request_id: request_id.as_str().into(), failed })
    };
    Ok(rows.map(|rows| rows.into_iter().filter_map(entry).collect()))
}

async fn members(reader: &Arc<dyn Reader>, pools: &[PoolId]) -> Result<Option<Vec<Seat>>, Failure> {
    let (mut seats, mut texts) = (Vec::new(), Interner::default());
    for pool in pools {
        let Some(rows) = absent_if_refused(balancer::members(reader, pool).await)? else { return Ok(None) };
        seats.extend(rows.into_iter().filter_map(|row| convert::member(row, &mut texts)).map(|member| Seat {
            pool: pool.clone(),
            taking: member.admin_up
                && member.weight > 0
                && !matches!(&*member.operating_status, "ERROR" | "OFFLINE" | "DRAINING"),
            share: Share { weight: member.weight, admin_up: member.admin_up },
            text: format!("{} ({}:{}) is {}", member.name, member.address, member.port, member.operating_status),
            operating: member.operating_status,
            provisioning: member.provisioning_status,
            member: member.id,
        }));
    }
    Ok(Some(seats))
}

/// What does not exist or may not be read is no evidence, and no reason to stop looking.
fn absent_if_refused<T>(read: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match read {
        Ok(rows) => Ok(Some(rows)),
        Err(failure) => match failure.kind {
            FailureKind::NotFound | FailureKind::Forbidden | FailureKind::Unsupported => Ok(None),
            _ => Err(failure),
        },
    }
}
