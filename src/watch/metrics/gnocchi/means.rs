//! What Gnocchi's measures mean. Pure.
//!
//! `cpu` and bytes are sums that only grow. Gnocchi can tell their growth itself (`rate:mean`), but from one measure to
//! the next, and how far apart these are it does not say: a value "per step" that is really per polling of ceilometer
//! would be wrong by that ratio. So the means of neighbouring steps are compared, whose distance is known.

use std::collections::BTreeMap;

use crate::base::clock::Timestamp;
use crate::base::id::InstanceId;
use crate::fleet::Fleet;
use crate::fleet::instance::Instance;
use crate::fleet::metric::{Lack, Meter, Metric, Sample, Subject};
use crate::openstack::metric::Measures;

/// A type of resource, and what is asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its name.
    pub kind: &'static str,
    /// The attribute that names the instance, where the resource is a part of one.
    pub group_by: Option<&'static str>,
    /// The metrics that may be there.
    pub metrics: &'static [&'static str],
}

/// What has been told already, so that nothing is told twice.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// The end of the newest step that was told.
    told: BTreeMap<(InstanceId, Metric), Timestamp>,
}

/// Sums of several parts of one instance, by the end of a step.
type Steps = BTreeMap<Timestamp, f64>;

impl Means {
    /// Nothing has been told yet.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Takes an answer; returns what is new in it, until some time. A value's time is the end of its step.
    pub fn learn(
        &mut self,
        told: &[Measures],
        step: f64,
        fleet: &Fleet,
        now: Timestamp,
        until: Timestamp,
    ) -> Vec<Sample> {
        self.told.retain(|(id, _), _| fleet.member(id).is_some());
        let mut values: BTreeMap<(InstanceId, Metric), Steps> = BTreeMap::new();
        for measures in told {
            let Some(member) = fleet.member(&InstanceId::from(measures.of.as_str())) else { continue };
            let Some((metric, ended)) = meaning(measures, step, &member.instance, now) else { continue };
            let steps = values.entry((member.instance.id.clone(), metric)).or_default();
            ended.into_iter().for_each(|(at, value)| *steps.entry(at).or_default() += value);
        }
        let mut samples = Vec::new();
        for ((id, metric), steps) in values {
            let last = self.told.get(&(id.clone(), metric)).copied();
            let fresh = steps.into_iter().filter(|(at, _)| *at <= until && last.is_none_or(|last| *at > last));
            let before = samples.len();
            samples.extend(fresh.map(|(at, value)| Sample {
                subject: Subject::Instance(id.clone()),
                metric,
                meter: Meter::Gnocchi,
                at,
                value,
            }));
            if let Some(newest) = samples[before..].last() {
                self.told.insert((id, metric), newest.at);
            }
        }
        samples
    }

    /// Instances that serve and of which nothing was told yet, service by service.
    pub fn lacks(&self, fleet: &Fleet) -> Vec<Lack> {
        if self.is_empty() {
            return Vec::new();
        }
        let has = |id: &InstanceId| self.told.contains_key(&(id.clone(), Metric::Cpu));
        let lack = |service: &crate::fleet::Service| {
            let members = || service.members.iter().filter_map(|at| fleet.members.get(*at));
            let none = !service.members.is_empty() && !members().any(|member| has(&member.instance.id));
            none.then(|| Lack {
                service: Some(service.key.clone()),
                why: "Gnocchi has no CPU of its instances".to_owned(),
                paste: None,
            })
        };
        fleet.services.iter().filter_map(lack).collect()
    }
}

/// What a series is, and its values by the end of their steps; only of steps that are over.
fn meaning(
    measures: &Measures,
    step: f64,
    instance: &Instance,
    now: Timestamp,
) -> Option<(Metric, Vec<(Timestamp, f64)>)> {
    let cpus = instance.flavor.vcpus.filter(|cpus| *cpus > 0).map(f64::from);
    let ram = instance.flavor.ram_mib.filter(|ram| *ram > 0).map(f64::from);
    let (metric, growing, unit) = match measures.metric.as_str() {
        // Nanoseconds of all virtual CPUs together.
        "cpu" => (Metric::Cpu, true, 1e9 * cpus?),
        // The megabytes of libvirt are MiB.
        "memory.usage" => (Metric::Memory, false, ram?),
        "network.incoming.bytes" => (Metric::Received, true, 1.0),
        "network.outgoing.bytes" => (Metric::Sent, true, 1.0),
        "disk.read.bytes" | "disk.device.read.bytes" => (Metric::DiskRead, true, 1.0),
        "disk.write.bytes" | "disk.device.write.bytes" => (Metric::DiskWritten, true, 1.0),
        _ => return None,
    };
    let points: Vec<_> = measures.points.iter().filter(|(_, length, _)| (length - step).abs() < 0.5).collect();
    let over = |at: usize| points.len() > at + 1 || end(points[at].0, step * 2.0) <= now;
    let mut values = Vec::with_capacity(points.len());
    for (at, (began, _, value)) in points.iter().enumerate().filter(|(at, _)| over(*at)) {
        let value = match (growing, at.checked_sub(1).map(|before| points[before])) {
            (false, _) => value / unit,
            (true, None) => continue,
            (true, Some((before, _, old))) => {
                let apart = began.as_millisecond() - before.as_millisecond();
                // A sum that fell began anew: what it grew by meanwhile is not known.
                if apart <= 0 || value < old {
                    continue;
                }
                (value - old) / (apart as f64 / 1000.0) / unit
            }
        };
        values.push((end(*began, step), value));
    }
    Some((metric, values))
}

fn end(began: Timestamp, step: f64) -> Timestamp {
    Timestamp::from_millisecond(began.as_millisecond() + (step * 1000.0) as i64).unwrap_or(began)
}
