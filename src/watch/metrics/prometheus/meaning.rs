//! What a Prometheus's series mean: samples of instances and services. Pure.

use std::collections::BTreeMap;

use crate::base::clock::Timestamp;
use crate::fleet::metric::{Meter, Metric, Sample, Subject};
use crate::fleet::{Fleet, ServiceKey};
use crate::watch::metrics::prometheus::answer::Answered;
use crate::watch::metrics::prometheus::queries::{MARK, Unit};
use crate::watch::metrics::prometheus::whose::Whose;

/// What each mark of a request stands for.
pub type Marks = [(Metric, Unit)];

/// Samples, and how many series nobody could be found for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meant {
    /// In no order.
    pub samples: Vec<Sample>,
    /// Series whose labels name nobody.
    pub strangers: usize,
}

/// Reads an answer. Of a service's own queries, all is that service's. `skew` is how many milliseconds the server's
/// clock is ahead: samples are told in the cloud's time.
pub fn meant(answered: &Answered, marks: &Marks, service: Option<&ServiceKey>, fleet: &Fleet, skew: i64) -> Meant {
    let whose = Whose::new(fleet);
    let mut meant = Meant::default();
    let mut values: BTreeMap<(Subject, Metric, Timestamp), f64> = BTreeMap::new();
    for series in &answered.series {
        let mark = series.label(MARK).and_then(|mark| mark.parse::<usize>().ok());
        let Some((metric, unit)) = mark.and_then(|mark| marks.get(mark)).copied() else { continue };
        let subject = match service {
            Some(service) => Some(Subject::Service(service.clone())),
            None => whose.of(series),
        };
        let Some((subject, full)) = subject.and_then(|subject| full(&subject, unit, fleet).map(|full| (subject, full)))
        else {
            meant.strangers += 1;
            continue;
        };
        for (at, value) in &series.points {
            let at = Timestamp::from_millisecond(at.as_millisecond() - skew).unwrap_or(*at);
            let value = value / full;
            values
                .entry((subject.clone(), metric, at))
                .and_modify(|known| *known = if adds_up(metric) { *known + value } else { known.max(value) })
                .or_insert(value);
        }
    }
    let sample = |((subject, metric, at), value)| Sample { subject, metric, meter: Meter::Prometheus, at, value };
    meant.samples = values.into_iter().map(sample).filter(|sample| sample.value.is_finite()).collect();
    meant
}

/// What a share is a share of; none where the flavor does not tell.
fn full(subject: &Subject, unit: Unit, fleet: &Fleet) -> Option<f64> {
    let flavor = || match subject {
        Subject::Instance(id) => fleet.member(id).map(|member| &member.instance.flavor),
        _ => None,
    };
    let full = match unit {
        Unit::Own => return Some(1.0),
        Unit::Cpus => flavor()?.vcpus?,
        Unit::Mebibytes => flavor()?.ram_mib?,
    };
    (full > 0).then(|| f64::from(full))
}

/// Whether several series of one thing are parts of it: its interfaces, its pools. Else they are two words for one.
fn adds_up(metric: Metric) -> bool {
    !matches!(
        metric,
        Metric::Cpu
            | Metric::Memory
            | Metric::Saturation
            | Metric::ResponseMean
            | Metric::ResponseP50
            | Metric::ResponseP95
            | Metric::ResponseP99
            | Metric::ProbeP50
            | Metric::ProbeP95
            | Metric::ProbeP99
    )
}
