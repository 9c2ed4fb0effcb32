//! The real cloud behind the worker's seam: how a question becomes reads, and a permit a call.

use std::sync::Arc;

use crate::base::failure::{Failure, FailureKind};
use crate::base::id::{ImageId, InstanceId, PoolId};
use crate::base::intern::Interner;
use crate::fleet::instance::Instance;
use crate::openstack::{self, Reader, balancer, compute};
use crate::operation::figures::Figures;
use crate::operation::preserved::Preserved;
use crate::operation::promise::is_promise;
use crate::operation::sight::{Entry, Seat};
use crate::operation::{Answer, Outcome, Question, Share, Sight, State};
use crate::store::Permit;
use crate::watch::convert;
use crate::watch::metrics::exporter::balancing::Counted;
use crate::watch::metrics::exporter::tally::Tally;
use crate::watch::metrics::probe::Check;
use crate::worker::seams::Cloud;
use crate::worker::{evidence, seek};

/// A cloud that the worker is signed in to.
pub struct Signed {
    cloud: openstack::Cloud,
    reader: Arc<dyn Reader>,
    check: Option<Check>,
    tally: Option<Tally>,
}

impl Signed {
    /// Through this session; instances themselves are asked by `check`, and balancers' exporters by `tally`, where that is
    /// configured.
    pub fn new(cloud: openstack::Cloud, check: Option<Check>, tally: Option<Tally>) -> Self {
        Self { reader: Arc::new(cloud.clone()), cloud, check, tally }
    }
}

impl Cloud for Signed {
    async fn perform(&self, permit: Permit) -> Outcome {
        self.cloud.perform(permit).await
    }

    async fn look(&self, question: &Question) -> Result<Sight, Failure> {
        let sight = look(&self.reader, self.check.as_ref(), question).await?;
        let figures = match self.tally.as_ref().filter(|_| question.figures) {
            Some(tally) => tally.read(&self.reader, &question.pools).await,
            None => None,
        };
        Ok(Sight { figures: figures.map(|counted| of_pools(&sight, counted)), ..sight })
    }

    async fn preserve(&self, server: &InstanceId) -> Preserved {
        evidence::preserve(&self.reader, server).await
    }
}

/// Looks at a target, by reads that any cloud answers, and asks it itself where that is wanted and configured.
async fn look(reader: &Arc<dyn Reader>, check: Option<&Check>, question: &Question) -> Result<Sight, Failure> {
    let instance = async {
        let instance = match &question.seek {
            Some(seek) => seek::sought(reader, seek).await?,
            None if is_promise(question.server.as_str()) => None,
            None => instance(reader, &question.server).await?,
        };
        let other = match &question.instead_of {
            Some(other) => self::instance(reader, other).await?,
            None => None,
        };
        let answer = match (instance.as_ref().or(other.as_ref()), check.filter(|_| question.ask)) {
            (Some(instance), Some(check)) => Some(answer(check, instance).await),
            _ => None,
        };
        let vacant = question.instead_of.is_some() && other.is_none();
        Ok::<_, Failure>((instance, vacant, answer))
    };
    let (seen, history, members, image, port) = tokio::join!(
        instance,
        history(reader, question),
        members(reader, &question.pools),
        image(reader, question.image.as_ref()),
        seek::port(reader, question.port.as_ref())
    );
    let (instance, vacant, answer) = seen?;
    let metadata = instance.iter().flat_map(|instance| instance.metadata.iter());
    Ok(Sight {
        metadata: metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        state: instance.as_ref().map(State::of),
        history: history?,
        members: members?,
        image: image?,
        found: instance.filter(|_| question.seek.is_some()).map(|instance| instance.id),
        port: port?,
        vacant,
        answer,
        figures: None,
    })
}

/// What was counted of those that are members now; others' pools may be behind the same balancer.
fn of_pools(sight: &Sight, counted: Vec<Counted>) -> Vec<Figures> {
    let known = |counted: &Counted| sight.members.iter().flatten().any(|seat| seat.member.as_str() == counted.member);
    let figures = |counted: Counted| Figures {
        member: counted.member.as_str().into(),
        answered: counted.answered as u64,
        failed: counted.failed as u64,
        mean: counted.mean,
    };
    counted.into_iter().filter(known).map(figures).collect()
}

/// The instance; `None` when the cloud says 404.
pub(super) async fn instance(reader: &Arc<dyn Reader>, server: &InstanceId) -> Result<Option<Instance>, Failure> {
    match compute::server(&**reader, server).await {
        Ok(server) => convert::instance(server, &mut Interner::default())
            .map(Some)
            // Only a 404 says that it is gone; an answer that makes no sense says nothing.
            .ok_or_else(|| Failure::new(FailureKind::Bug, "The cloud's answer about the server has no id")),
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn answer(check: &Check, instance: &Instance) -> Answer {
    let seen = check.ask(instance).await;
    Answer { up: seen.up, version: seen.version.map(|version| version.to_string()) }
}

/// What Glance says of an image now.
async fn image(reader: &Arc<dyn Reader>, image: Option<&ImageId>) -> Result<Option<String>, Failure> {
    let Some(image) = image else { return Ok(None) };
    match openstack::image::image(&**reader, image).await {
        Ok(image) => Ok(image.status.filled()),
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(Some("deleted".to_owned())),
        Err(failure) if matches!(failure.kind, FailureKind::Forbidden | FailureKind::Unsupported) => Ok(None),
        Err(failure) => Err(failure),
    }
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
            address: member.address.to_string(),
            port: member.port,
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
