//! `graph`: what one metric was.

use serde::Serialize;

use super::load::{meter_id, scaled, unit};
use crate::base::clock::Timestamp;
use crate::fleet::load::Graph;
use crate::fleet::metric::Metric;
use crate::series::Grid;

/// `graph`.
#[derive(Clone, Debug, Serialize)]
pub struct Document<'a> {
    /// The graph.
    pub graph: GraphOf<'a>,
}

/// One metric over time.
#[derive(Clone, Debug, Serialize)]
pub struct GraphOf<'a> {
    /// Name of the service.
    pub service: Option<&'a str>,
    /// Id of the project that owns it.
    pub project_id: &'a str,
    /// Id of the instance; null for the service as a whole.
    pub instance_id: Option<&'a str>,
    /// As it was asked for.
    pub metric: &'static str,
    /// What the numbers are in: `per_second`, `count`, `ms`, `share` (1 is all) or `bytes_per_second`.
    pub unit: &'static str,
    /// Who told it; null where nobody did.
    pub source: Option<&'static str>,
    /// Whether it is made of what instances told: then least and most are bounds.
    pub added_up: Option<bool>,
    /// How much time a point stands for.
    pub step_ms: u64,
    /// The points, oldest first; all of the range.
    pub points: Vec<PointOf>,
}

/// What is known of one step of time.
#[derive(Clone, Debug, Serialize)]
pub struct PointOf {
    /// When it begins, in the cloud's time.
    pub at: Timestamp,
    /// The mean; null in a gap.
    pub mean: Option<f64>,
    /// The least.
    pub min: Option<f64>,
    /// The most.
    pub max: Option<f64>,
}

/// The points of a graph; gaps alone where nothing is known.
pub fn points(metric: Metric, graph: Option<&Graph>, grid: &Grid) -> Vec<PointOf> {
    let point = |column: usize| {
        let known = graph.and_then(|graph| *graph.columns.get(column)?);
        let of = |value: f64| scaled(metric, value);
        PointOf {
            at: grid.time(column),
            mean: known.map(|point| of(point.mean)),
            min: known.map(|point| of(point.min)),
            max: known.map(|point| of(point.max)),
        }
    };
    (0..grid.columns()).map(point).collect()
}

impl<'a> GraphOf<'a> {
    /// Of a metric over a grid; whose it is, is filled in by whoever knows.
    pub fn of(metric: Metric, graph: Option<&Graph>, grid: &Grid) -> Self {
        Self {
            service: None,
            project_id: "",
            instance_id: None,
            metric: metric.id(),
            unit: unit(metric),
            source: graph.map(|graph| meter_id(graph.meter)),
            added_up: graph.map(|graph| graph.added_up),
            step_ms: u64::try_from(grid.step().as_millis()).unwrap_or(u64::MAX),
            points: points(metric, graph, grid),
        }
    }
}
