//! The fleet as the tables list it: with what else must be known to word its rows.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::id::ProjectId;
use crate::console::app::column::{Column, Rows};
use crate::console::app::model::Model;
use crate::fleet::metric::{Metric, Subject};
use crate::fleet::{Condition, Fleet};
use crate::series::Grid;

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
        let grid = Grid::last(HOUR, signs, self.now);
        let graph = self.condition.load().graph(subject, metric, &grid, self.now)?;
        Some(graph.columns.into_iter().map(|point| point.map(|point| point.mean)).collect())
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
        _ => column.shown,
    }
}
