//! What Gnocchi's measures mean. Pure.
//!
//! `cpu` and bytes are sums that only grow. Gnocchi can tell their growth itself (`rate:mean`), but from one measure to
//! the next, and how far apart these are it does not say: a value "per step" that is really per polling of ceilometer
//! would be wrong by that ratio. So the means of neighbouring steps are compared, whose distance is known.

use std::collections::{BTreeMap, HashMap};

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
    /// Of each metric of an instance the end of the newest step that was told.
    told: HashMap<InstanceId, Vec<(Metric, Timestamp)>>,
}

/// A value and the end of its step.
type Ended = (Timestamp, f64);

impl Means {
    /// Nothing has been told yet.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Forgets instances that are gone.
    pub fn keep(&mut self, fleet: &Fleet) {
        self.told.retain(|id, _| fleet.member(id).is_some());
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
        // Members are told apart by their places: to compare ids takes longer than all the rest.
        let mut series: Vec<(usize, Metric, Vec<Ended>)> = Vec::with_capacity(told.len());
        for of_one in told.chunk_by(|one, other| one.of == other.of) {
            let Some(at) = of_one.first().and_then(|first| fleet.place(&first.of)) else { continue };
            let instance = &fleet.members[at].instance;
            let told = of_one.iter().filter_map(|measures| meaning(measures, step, instance, now));
            series.extend(told.map(|(metric, ended)| (at, metric, ended)));
        }
        series.sort_by_key(|(at, metric, _)| (*at, *metric));
        let mut samples = Vec::new();
        for same in series.chunk_by_mut(|one, other| (one.0, one.1) == (other.0, other.1)) {
            let Some((at, metric, steps)) = sum(same) else { continue };
            let id = &fleet.members[at].instance.id;
            let told = self.told.get(id).and_then(|told| told.iter().find(|(of, _)| *of == metric));
            let last = told.map(|(_, last)| *last);
            let fresh = steps.into_iter().filter(|(at, _)| *at <= until && last.is_none_or(|last| *at > last));
            let before = samples.len();
            let subject = Subject::Instance(id.clone());
            let sample = |(at, value)| Sample { subject: subject.clone(), metric, meter: Meter::Gnocchi, at, value };
            samples.extend(fresh.map(sample));
            if let Some(newest) = samples[before..].last() {
                self.note(id, metric, newest.at);
            }
        }
        samples
    }

    fn note(&mut self, id: &InstanceId, metric: Metric, at: Timestamp) {
        let told = match self.told.get_mut(id) {
            Some(told) => told,
            None => self.told.entry(id.clone()).or_default(),
        };
        match told.iter_mut().find(|(of, _)| *of == metric) {
            Some((_, newest)) => *newest = at,
            None => told.push((metric, at)),
        }
    }

    /// Instances that serve and of which nothing was told yet, service by service.
    pub fn lacks(&self, fleet: &Fleet) -> Vec<Lack> {
        if self.is_empty() {
            return Vec::new();
        }
        let of_cpu = |told: &Vec<(Metric, Timestamp)>| told.iter().any(|(of, _)| *of == Metric::Cpu);
        let has = |id: &InstanceId| self.told.get(id).is_some_and(of_cpu);
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

/// The series of one metric of an instance as one: several parts of it are added up, step by step.
fn sum(parts: &mut [(usize, Metric, Vec<Ended>)]) -> Option<(usize, Metric, Vec<Ended>)> {
    let ((at, metric, first), others) = parts.split_first_mut()?;
    let mut ended = std::mem::take(first);
    if !others.is_empty() {
        let mut steps: BTreeMap<Timestamp, f64> = BTreeMap::new();
        let all = ended.iter().chain(others.iter().flat_map(|(.., ended)| ended));
        all.for_each(|(at, value)| *steps.entry(*at).or_default() += value);
        ended = steps.into_iter().collect();
    }
    Some((*at, *metric, ended))
}

/// What a series is, and its values by the end of their steps; only of steps that are over.
fn meaning(measures: &Measures, step: f64, instance: &Instance, now: Timestamp) -> Option<(Metric, Vec<Ended>)> {
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
