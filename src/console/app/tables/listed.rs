//! The fleet as the tables list it: with what else must be known to word its rows.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::id::ProjectId;
use crate::console::app::column::{Column, Rows};
use crate::console::app::graphs::{self, Range};
use crate::console::app::model::Model;
use crate::console::app::trail::View;
use crate::fleet::ServiceKey;
use crate::fleet::metric::{Metric, Subject};
use crate::fleet::{Condition, Fleet};
use crate::series::Grid;
use crate::series::statistics::median;

/// Signs of a strip of heat.
const SIGNS: usize = 32;

/// How far back the small graphs of tables reach.
const HOUR: Duration = Duration::from_secs(3600);

/// The fleet, names of projects, and what is missing. Cheap to make: everything in it is shared.
#[derive(Debug)]
pub struct Listed {
    fleet: Arc<Fleet>,
    projects: Arc<BTreeMap<ProjectId, Arc<str>>>,
    /// What the one project is called in which all instances are.
    only: Option<Arc<str>>,
    /// Octavia does not answer, or there is none: no word of pools is no news of them.
    pub(super) without_balancers: bool,
    condition: Arc<Condition>,
    now: Timestamp,
    /// The service whose instances are heat strips, what these show, and over which time.
    heat_of: Option<ServiceKey>,
    pub(super) heat: Metric,
    range: Range,
    signs: usize,
    peers: OnceCell<Peers>,
}

/// What the instances of a service have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Peers {
    /// The median of what was last measured.
    pub(super) median: Option<f64>,
    /// The greatest of all strips: all are drawn to one scale.
    pub(super) most: f64,
}

impl Deref for Listed {
    type Target = Fleet;

    fn deref(&self) -> &Fleet {
        &self.fleet
    }
}

impl Listed {
    /// As it is now.
    pub fn of(model: &Model) -> Self {
        let session = model.session.as_ref().filter(|_| !model.scope.all_projects);
        Self {
            fleet: Arc::clone(&model.fleet),
            projects: Arc::clone(&model.projects),
            only: session.and_then(|session| session.project.as_deref()).map(Arc::from),
            condition: Arc::clone(&model.condition),
            now: model.moment().cloud,
            heat_of: match model.trail.here() {
                View::Heat(key) => Some(key.clone()),
                _ => None,
            },
            heat: graphs::heat(model),
            range: model.look.range,
            signs: SIGNS,
            peers: OnceCell::new(),
            without_balancers: model.missing.iter().any(|(source, _)| *source == "load-balancer"),
        }
    }

    /// What was last measured, as long as it stands.
    pub(super) fn measured(&self, subject: &Subject, metric: Metric) -> Option<f64> {
        let (_, series) = self.condition.load().series(subject, metric, self.now)?;
        series.is_fresh(self.now).then(|| series.newest().map(|(value, _)| value))?
    }

    /// The last hour in so many signs.
    pub(super) fn hour(&self, subject: &Subject, metric: Metric, signs: usize) -> Option<Vec<Option<f64>>> {
        self.past(subject, metric, HOUR, signs)
    }

    fn past(&self, subject: &Subject, metric: Metric, range: Duration, signs: usize) -> Option<Vec<Option<f64>>> {
        let grid = Grid::last(range, signs, self.now);
        let graph = self.condition.load().graph(subject, metric, &grid, self.now)?;
        Some(graph.columns.into_iter().map(|point| point.map(|point| point.mean)).collect())
    }

    /// What the instances of the service have in common whose strips are shown; worked out once.
    pub(super) fn peers(&self) -> Peers {
        *self.peers.get_or_init(|| {
            let service = self.heat_of.as_ref().and_then(|key| self.fleet.service(key));
            let members = service.into_iter().flat_map(|service| &service.members);
            let subjects: Vec<Subject> =
                members.map(|at| Subject::Instance(self.fleet.members[*at].instance.id.clone())).collect();
            let known: Vec<f64> = subjects.iter().filter_map(|subject| self.measured(subject, self.heat)).collect();
            let strips = subjects.iter().filter_map(|subject| self.strip(subject));
            Peers { median: median(&known), most: strips.flatten().flatten().fold(0.0, f64::max) }
        })
    }

    /// An instance's past as a strip.
    pub(super) fn strip(&self, subject: &Subject) -> Option<Vec<Option<f64>>> {
        self.past(subject, self.heat, self.range.span(), self.signs)
    }

    /// What a project is called; its id where nobody told.
    pub(super) fn project<'a>(&'a self, id: &'a ProjectId) -> &'a str {
        self.projects.get(id).or(self.only.as_ref()).map_or(id.as_str(), |name| name)
    }
}

/// Whether a column is shown unless somebody says otherwise: some appear where they tell something.
pub fn is_shown(model: &Model, rows: &dyn Rows, column: &Column) -> bool {
    match (rows.name(), column.id) {
        ("services" | "instances", "project") => model.scope.all_projects,
        ("instances", "host") => model.fleet.members.iter().any(|member| member.instance.host.is_some()),
        (_, "hour") => column.shown && !model.condition.load().is_empty(),
        _ if column.live => column.shown && !model.condition.load().is_empty(),
        _ => column.shown,
    }
}
