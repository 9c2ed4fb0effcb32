//! Two operations at one service: the second is refused. Each would leave enough instances in rotation, and both
//! together not; and of one instance the one would undo what the other does.
//!
//! What is seen is what this journal has: colleagues on this host. Whoever works from another host is met by the state
//! that each step is held against.

use crate::base::clock::{Timestamp, since};
use crate::base::id::{InstanceId, ProjectId};
use crate::fleet::sources::Place;
use crate::operation::fold::{Operation, Stage};
use crate::operation::plan::{Plan, Target};
use crate::operation::ulid::OperationId;

/// An operation that is not over, as far as others have to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// Which.
    pub operation: OperationId,
    /// Its title.
    pub title: String,
    /// Who approved it.
    pub by: String,
    place: Place,
    project: ProjectId,
    instances: Vec<InstanceId>,
    services: Vec<String>,
    disturbs: bool,
}

impl Busy {
    /// Of an operation; `None` when it is over, or was never begun while its approval held.
    pub fn of(operation: &Operation, now: Timestamp) -> Option<Self> {
        let plan = &operation.plan;
        let lapsed = operation.stage == Stage::Approved && since(operation.approved, now) > plan.limits.approval;
        if operation.is_over() || lapsed {
            return None;
        }
        Some(Self {
            operation: operation.id.clone(),
            title: plan.title.clone(),
            by: operation.by.user.clone(),
            place: plan.place.clone(),
            project: plan.project.clone(),
            // What is not there yet is nobody else's target.
            instances: plan.targets().filter_map(Target::known).cloned().collect(),
            services: services(plan),
            disturbs: disturbs(plan),
        })
    }

    /// Why a plan has to wait for it, if it has to: both are about one instance, or both take away from one service.
    pub fn speaks_against(&self, plan: &Plan) -> Option<String> {
        if self.place != plan.place || self.project != plan.project {
            return None;
        }
        let shared = plan.targets().find(|target| self.instances.contains(&target.id)).map(|target| &target.name);
        let service = || services(plan).into_iter().find(|name| self.services.contains(name));
        let at = match shared {
            Some(name) => name.clone(),
            None => service().filter(|_| self.disturbs && disturbs(plan))?,
        };
        let (id, by, title) = (self.operation.short(), &self.by, &self.title);
        Some(format!("{by}'s operation {id} is at {at} ({title}): wait for its end, or abort it"))
    }
}

/// Whether anybody gets less of what is asked of the service meanwhile.
fn disturbs(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| step.change.interrupts() || step.change.takes_away())
}

/// The services of its targets, by name; each once. An instance of no service is of none.
pub(super) fn services(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = plan.targets().map(|target| target.service.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}
