//! What is measured of the fixture's fleet: an hour up to the moment that is looked at.

use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::Fleet;
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};

/// A value every two and a half minutes, which is enough for a line: a wave around a mean, the same every time.
fn hour(subject: &Subject, metric: Metric, meter: Meter, now: Timestamp, value: impl Fn(f64) -> f64) -> Vec<Sample> {
    let sample = |at: i64| Sample {
        subject: subject.clone(),
        metric,
        meter,
        at: Timestamp::from_second(now.as_second() - 5 - at * 150).unwrap(),
        value: value(at as f64 * 2.5),
    };
    // For ten minutes nobody asked.
    (0..30).rev().filter(|at| !(12..15).contains(at)).map(sample).collect()
}

fn wave(mean: f64, at: f64) -> f64 {
    mean * (1.0 + 0.2 * (at / 9.0).sin() + 0.05 * (at * 1.7).cos())
}

/// What is told of services, of versions where several run, and of instances. One instance of payments is at its end.
pub(crate) fn measured(fleet: &Fleet, now: Timestamp) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (at, service) in fleet.services.iter().enumerate() {
        let (whole, mean) = (Subject::Service(service.key.clone()), 120.0 * (at + 1) as f64);
        let mut tell = |metric, value: &dyn Fn(f64) -> f64| {
            samples.extend(hour(&whole, metric, Meter::Balancer, now, value));
        };
        tell(Metric::Requests, &|minute| wave(mean, minute));
        tell(Metric::Errors, &|minute| if at == 1 { mean * 0.04 * (75.0 - minute) / 75.0 } else { 0.0 });
        tell(Metric::ResponseMean, &|minute| wave(0.012 * (at + 1) as f64, minute));
        tell(Metric::ResponseP95, &|minute| wave((0.045 * (at + 1) as f64).min(0.46), minute));
        for (place, (version, _)) in service.versions.iter().enumerate().filter(|_| service.versions.len() > 1) {
            let Some(version) = version else { continue };
            let of = Subject::Version(service.key.clone(), version.clone());
            let share = mean / (place + 2) as f64;
            samples.extend(hour(&of, Metric::Requests, Meter::Balancer, now, |minute| wave(share, minute)));
        }
    }
    for (at, member) in fleet.members.iter().enumerate() {
        let of = Subject::Instance(member.instance.id.clone());
        let sick = member.instance.name == "payments-02";
        let cpu = if sick { 0.9 } else { 0.2 + 0.05 * (at % 7) as f64 };
        samples.extend(hour(&of, Metric::Cpu, Meter::Gnocchi, now, |minute| wave(cpu, minute).min(1.0)));
        samples.extend(hour(&of, Metric::Memory, Meter::Gnocchi, now, |minute| wave(0.4, minute)));
    }
    samples
}
