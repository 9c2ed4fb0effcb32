//! Gnocchi: measures of many resources at once, and at which steps they are kept.

use serde::Deserialize;
use serde::de::{IgnoredAny, SeqAccess};
use serde_json::{Value, json};

use crate::base::clock::Timestamp;
use crate::base::id::{InstanceId, ProjectId};
use crate::openstack::error::CloudError;
use crate::openstack::lenient::{Entries, Fit, Float, List, Object, Objects, Text, Time, takes_anything};
use crate::openstack::reader::Reader;
use crate::openstack::request::{Read, ServiceType};
use crate::openstack::wire::{json as parse, query, read, segment};

/// A resource, as far as its metrics need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Gnocchi's own field names")]
pub struct Resource {
    pub id: Text,
    /// Names of metrics and their ids.
    pub metrics: Object<Entries<Text>>,
}

/// A metric, as far as it tells how it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Gnocchi's own field names")]
pub struct Metric {
    pub name: Text,
    pub archive_policy: Object<Policy>,
}

/// At which steps a metric is kept, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Gnocchi's own field names")]
pub struct Policy {
    pub definition: Objects<Step>,
}

/// One step of a policy: `0:01:00` for `1 day, 0:00:00`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "Gnocchi's own field names")]
pub struct Step {
    pub granularity: Text,
    pub timespan: Text,
}

/// The measures of one metric of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// What was grouped by, where something was; else the resource.
    pub of: String,
    /// The resource itself.
    pub resource: String,
    /// The metric's name.
    pub metric: String,
    /// Beginning of a step, its length in seconds, and the value; in their order.
    pub points: Vec<(Timestamp, f64, f64)>,
}

/// What is asked of many resources at once.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Of which type the resources are.
    pub kind: &'a str,
    /// Names of metrics; those that no resource has are left out by Gnocchi, unless it has none of them.
    pub metrics: &'a [&'a str],
    /// An attribute that says whose a resource is.
    pub group_by: Option<&'a str>,
    /// The step, in seconds: one that the metrics' policy has.
    pub step: f64,
    /// From when on.
    pub since: Timestamp,
    /// Of that project alone: an admin would get everybody's.
    pub project: Option<&'a ProjectId>,
    /// Of these instances alone; of all, where none are named.
    pub of: &'a [&'a InstanceId],
}

/// Resources that have not ended.
fn living(project: Option<&ProjectId>) -> Value {
    let living = json!({ "=": { "ended_at": null } });
    match project {
        Some(project) => json!({ "and": [living, { "=": { "project_id": project.as_str() } }] }),
        None => living,
    }
}

/// Of those, the resources of some instances, where any are named.
fn among(search: Value, attribute: &str, instances: &[&InstanceId]) -> Value {
    if instances.is_empty() {
        return search;
    }
    let ids: Vec<&str> = instances.iter().map(|id| id.as_str()).collect();
    json!({ "and": [search, { "in": { attribute: ids } }] })
}

fn post(path: String, query: Vec<(String, String)>, body: Value) -> Read {
    Read { query, body: Some(body), ..read(ServiceType::METRIC, path) }
}

/// Some living resource of a type, the oldest as a rule, and which metrics it has: the newest may have none yet.
pub async fn example(
    reader: &dyn Reader,
    kind: &str,
    project: Option<&ProjectId>,
) -> Result<Option<Resource>, CloudError> {
    let path = format!("/search/resource/{}", segment(kind));
    let answer = reader.read(post(path, query([("limit", "1")]), living(project))).await?;
    let found: Objects<Resource> = parse(&answer, "the resources")?;
    Ok(found.all().next())
}

/// One metric, by its id.
pub async fn metric(reader: &dyn Reader, id: &str) -> Result<Metric, CloudError> {
    parse(&reader.read(read(ServiceType::METRIC, format!("/metric/{}", segment(id)))).await?, "the metric")
}

/// The mean of several metrics of all living resources of a type: one request.
pub async fn measures(reader: &dyn Reader, wanted: Wanted<'_>) -> Result<Vec<Measures>, CloudError> {
    let start = wanted.since.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let mut asked = query([("granularity", wanted.step.to_string().as_str()), ("start", start.as_str())]);
    asked.extend(wanted.group_by.map(|attribute| ("groupby".to_owned(), attribute.to_owned())));
    let mut operations = vec![json!("metric")];
    operations.extend(wanted.metrics.iter().map(|name| json!([name, "mean"])));
    let search = among(living(wanted.project), wanted.group_by.unwrap_or("id"), wanted.of);
    let body = json!({ "operations": operations, "search": search, "resource_type": wanted.kind });
    let answer = reader.read(post("/aggregates".to_owned(), asked, body)).await?;
    Ok(match wanted.group_by {
        None => {
            let Whole { measures } = parse(&answer, "the measures")?;
            of_resources(None, measures.0.unwrap_or_default())
        }
        Some(attribute) => {
            let groups: Objects<Group> = parse(&answer, "the measures")?;
            groups.all().flat_map(|group| of_group(attribute, group)).collect()
        }
    })
}

type Points = List<Point>;
/// By resource, by metric, by aggregation.
type OfResources = Entries<Object<Entries<Object<Entries<Points>>>>>;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Whole {
    measures: Object<OfResources>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group {
    group: Object<Entries<Text>>,
    measures: Object<Whole>,
}

fn of_group(attribute: &str, group: Group) -> Vec<Measures> {
    let by = group.group.0.unwrap_or_default().texts().find(|(name, _)| name == attribute);
    let inner = group.measures.0.and_then(|whole| whole.measures.0);
    by.zip(inner).map(|((_, of), measures)| of_resources(Some(&of), measures)).unwrap_or_default()
}

fn of_resources(of: Option<&str>, measures: OfResources) -> Vec<Measures> {
    let mut told = Vec::new();
    for (resource, metrics) in measures.0 {
        for (metric, kinds) in metrics.0.unwrap_or_default().0 {
            for (_, points) in kinds.0.unwrap_or_default().0 {
                let of = of.unwrap_or(&resource).to_owned();
                let points = points.0.into_iter().filter_map(|point| point.0).collect();
                told.push(Measures { of, resource: resource.clone(), metric: metric.clone(), points });
            }
        }
    }
    told
}

/// A point as it is told: a list of three. None where one of them is missing or odd.
#[derive(Default)]
struct Point(Option<(Timestamp, f64, f64)>);

impl<'de> Fit<'de> for Point {
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let at = list.next_element::<Time>()?.and_then(|at| at.0);
        let step = list.next_element::<Float>()?.and_then(|step| step.0);
        let value = list.next_element::<Float>()?.and_then(|value| value.0);
        while list.next_element::<IgnoredAny>()?.is_some() {}
        let sound = |(step, value): &(f64, f64)| value.is_finite() && *step > 0.0;
        let told = at.zip(step.zip(value).filter(sound));
        Ok(Self(told.map(|(at, (step, value))| (at, step, value))))
    }
}

takes_anything!(Point);

impl Policy {
    /// Its steps and how long each is kept, in seconds, the finest first.
    pub fn steps(&self) -> Vec<(f64, f64)> {
        let steps = self.definition.0.iter().filter_map(|step| {
            let step = step.0.as_ref()?;
            Some((seconds(step.granularity.as_deref()?)?, seconds(step.timespan.as_deref()?)?))
        });
        let mut steps: Vec<(f64, f64)> = steps.collect();
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        steps
    }
}

/// Python's way to write a span: `0:01:00`, `30 days, 0:00:00`, `1 day, 2:00:00.500000`; or a number of seconds.
fn seconds(text: &str) -> Option<f64> {
    if let Ok(number) = text.parse::<f64>() {
        return (number.is_finite() && number > 0.0).then_some(number);
    }
    let (days, rest) = match text.split_once(" day") {
        Some((days, rest)) => (days.trim().parse().ok()?, rest.trim_start_matches(['s', ',', ' '])),
        None => (0.0, text),
    };
    let parts: Option<Vec<f64>> = rest.split(':').map(|part| part.trim().parse().ok()).collect();
    let [hours, minutes, seconds] = parts?[..] else { return None };
    let whole: f64 = days * 86_400.0 + hours * 3600.0 + minutes * 60.0 + seconds;
    (whole.is_finite() && whole > 0.0).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn spans_are_read_as_python_writes_them() {
        assert_eq!(seconds("0:01:00"), Some(60.0));
        assert_eq!(seconds("30 days, 0:00:00"), Some(2_592_000.0));
        assert_eq!(seconds("1 day, 2:00:00.500000"), Some(93_600.5));
        assert_eq!(seconds("300.0"), Some(300.0));
        for odd in ["", "day", "0:00:00", "-5", "NaN", "1:2", "x days, 0:00:01"] {
            assert_eq!(seconds(odd), None, "{odd}");
        }
    }
}
