//! The cloud's own services, read only while somebody looks at them.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::base::clock::Clock;
use crate::base::failure::{Failure, FailureKind};
use crate::base::id::ProjectId;
use crate::base::observation::Observation;
use crate::fleet::control_plane::{ControlPlane, Quota};
use crate::openstack::{Reader, balancer, compute, network};
use crate::watch::convert;
use crate::watch::handle::Attention;
use crate::watch::news::News;
use crate::watch::settings::Settings;

pub(super) struct Overseer {
    pub(super) reader: Arc<dyn Reader>,
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Clock,
    pub(super) news: mpsc::Sender<News>,
}

impl Overseer {
    /// Runs until it is stopped.
    pub(super) async fn run(self, mut attention: watch::Receiver<Attention>, stop: CancellationToken) {
        let mut known = ControlPlane::default();
        loop {
            let looked_at = attention.borrow_and_update().control_plane;
            let look = async {
                if !looked_at {
                    return std::future::pending().await;
                }
                loop {
                    self.look(&mut known).await;
                    // Nobody listens any more: the loop is about to be stopped.
                    let _ = self.news.send(News::ControlPlane(Arc::new(known.clone()))).await;
                    tokio::time::sleep(self.settings.intervals.control_plane).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                open = until_other(&mut attention, looked_at) => {
                    if !open { break }
                    // Who opens the view again may have another role, or the operator has mended something.
                    forget_refusals(&mut known);
                }
                () = look => {}
            }
        }
    }

    async fn look(&self, known: &mut ControlPlane) {
        let reader = &self.reader;
        let project = reader.session().project_id;
        let (services, hypervisors, agents, quotas) = tokio::join!(
            unless_refused(&known.compute_services, compute::services(reader)),
            unless_refused(&known.hypervisors, compute::hypervisors(reader)),
            unless_refused(&known.agents, network::agents(reader)),
            self.quotas(project.as_ref()),
        );
        let now = self.clock.now();
        if let Some(outcome) = services {
            known.compute_services.learn(outcome.map(|rows| all(rows, convert::compute_service)), now);
        }
        if let Some(outcome) = hypervisors {
            known.hypervisors.learn(outcome.map(|rows| all(rows, convert::hypervisor)), now);
        }
        if let Some(outcome) = agents {
            known.agents.learn(outcome.map(|rows| all(rows, convert::agent)), now);
        }
        let (quotas, failure) = quotas;
        if !quotas.is_empty() || failure.is_none() {
            known.quotas.learn(Ok(quotas), now);
        }
        known.quotas.failure = failure;
        // Last, so that the numbers include the requests that were just made.
        known.endpoints = all(reader.endpoints(), convert::endpoint);
    }

    /// The quotas of all services that tell, and why one did not. A service that is not there has no quotas.
    async fn quotas(&self, project: Option<&ProjectId>) -> (Vec<Quota>, Option<Failure>) {
        let Some(project) = project else {
            let failure = Failure::new(FailureKind::Unsupported, "Quotas are of a project, and this scope has none");
            return (Vec::new(), Some(failure));
        };
        let (nova, neutron, octavia) = tokio::join!(
            compute::limits(&*self.reader),
            network::quotas(&*self.reader, project),
            self.octavia_quotas(project),
        );
        let told = [nova.map(|told| convert::limits(&told)), neutron.map(convert::network_quotas), octavia];
        let mut quotas = Vec::new();
        let mut failed = None;
        for outcome in told {
            match outcome {
                Ok(some) => quotas.extend(some),
                Err(failure) if failure.kind == FailureKind::Unsupported => {}
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        (quotas, failed)
    }

    async fn octavia_quotas(&self, project: &ProjectId) -> Result<Vec<Quota>, Failure> {
        let limits = balancer::quotas(&*self.reader, project).await?;
        let balancers = balancer::load_balancers(&self.reader, Some(project)).await?;
        let pools = balancer::pools(&self.reader, Some(project)).await?;
        let members = pools.iter().map(|pool| pool.members.0.len()).sum();
        let counted = [("load_balancer", balancers.len()), ("pool", pools.len()), ("member", members)];
        Ok(convert::octavia_quotas(&limits, &counted))
    }
}

fn all<A, B>(rows: Vec<A>, convert: impl Fn(A) -> B) -> Vec<B> {
    rows.into_iter().map(convert).collect()
}

fn refused<T>(seen: &Observation<T>) -> bool {
    let kind = seen.failure.as_ref().map(|failure| failure.kind);
    matches!(kind, Some(FailureKind::Forbidden | FailureKind::Unsupported))
}

/// What the role may not see is not asked for again while the view stays open.
async fn unless_refused<T, R>(
    seen: &Observation<T>,
    read: impl Future<Output = Result<R, Failure>>,
) -> Option<Result<R, Failure>> {
    if refused(seen) { None } else { Some(read.await) }
}

fn forget_refusals(known: &mut ControlPlane) {
    if refused(&known.compute_services) {
        known.compute_services = Observation::default();
    }
    if refused(&known.hypervisors) {
        known.hypervisors = Observation::default();
    }
    if refused(&known.agents) {
        known.agents = Observation::default();
    }
}

/// Waits until the view is opened or closed; false when nobody can any more.
async fn until_other(attention: &mut watch::Receiver<Attention>, looked_at: bool) -> bool {
    attention.wait_for(|now| now.control_plane != looked_at).await.is_ok()
}
