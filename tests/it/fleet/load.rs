//! How loaded everything is: whom to believe, what is added up, what is forgotten.

use std::time::Duration;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::base::observation::Observation;
use stackdeck::fleet::load::{Reading, Taken};
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};
use stackdeck::fleet::service::Fleet;
use stackdeck::fleet::{Instance, Load, ServiceKey};
use stackdeck::series::Grid;

use super::build::{Row, cloud, grouped, instance, now, service};

/// So many seconds before noon; after it when negative.
fn at(seconds_ago: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() - seconds_ago).unwrap()
}

fn sample(subject: &Subject, metric: Metric, meter: Meter, seconds_ago: i64, value: f64) -> Sample {
    Sample { subject: subject.clone(), metric, meter, at: at(seconds_ago), value }
}

fn of(instance: &str) -> Subject {
    Subject::Instance(instance.into())
}

fn web(fleet: &Fleet) -> ServiceKey {
    service(fleet, "web").key.clone()
}

fn fleet(rows: impl IntoIterator<Item = Instance>) -> Fleet {
    grouped(&cloud(rows))
}

fn six() -> Fleet {
    fleet((1..=6).map(|number| instance(&format!("web-{number}"))))
}

fn value(load: &Load, subject: &Subject, metric: Metric) -> Option<f64> {
    load.current(subject, metric, now()).value().map(|reading| reading.value)
}

#[test]
fn the_most_believed_source_that_still_stands_is_taken() {
    let (mut load, subject) = (Load::default(), of("web-1"));
    for seconds in [40, 30, 20, 10] {
        load.take(&[sample(&subject, Metric::Cpu, Meter::Gnocchi, seconds, 0.4)], now());
        load.take(&[sample(&subject, Metric::Cpu, Meter::Prometheus, seconds, 0.5)], now());
    }
    let told = load.current(&subject, Metric::Cpu, now());
    let reading = Reading { value: 0.5, meter: Meter::Prometheus, added_up: false };
    assert_eq!(told.known, Some((reading, at(10))));
    assert_eq!(told.age(now()), Some(Duration::from_secs(10)));
    // Half a minute on Prometheus has gone silent.
    for seconds in [0, -10, -20] {
        load.take(&[sample(&subject, Metric::Cpu, Meter::Gnocchi, seconds, 0.4)], at(-30));
    }
    assert_eq!(load.current(&subject, Metric::Cpu, at(-30)).value().map(|of| of.meter), Some(Meter::Gnocchi));
    // When none stands the newest is told, with its age.
    let late = load.current(&subject, Metric::Cpu, at(-600));
    assert_eq!((late.value().map(|of| of.meter), late.known.map(|(_, at)| at)), (Some(Meter::Gnocchi), Some(at(-20))));
}

#[test]
fn why_there_is_nothing_is_told() {
    let (mut load, subject) = (Load::default(), of("web-1"));
    assert_eq!(load.current(&subject, Metric::Cpu, now()), Observation::default());
    load.fail(Meter::Gnocchi, Failure::new(FailureKind::Forbidden, "Gnocchi refuses"), now());
    let told = load.current(&subject, Metric::Cpu, now());
    assert_eq!((told.known, told.failure.map(|failure| failure.message)), (None, Some("Gnocchi refuses".to_owned())));
    load.take(&[sample(&subject, Metric::Cpu, Meter::Gnocchi, 0, 0.4)], now());
    assert_eq!(load.current(&subject, Metric::Cpu, now()).failure, None);
}

#[test]
fn odd_samples_are_refused_and_counted() {
    let (mut load, subject) = (Load::default(), of("web-1"));
    let taken = load.take(
        &[
            sample(&subject, Metric::Cpu, Meter::Nova, 0, f64::NAN),
            sample(&subject, Metric::Cpu, Meter::Nova, 0, -1.0),
            sample(&subject, Metric::Cpu, Meter::Nova, -300, 0.9),
            sample(&subject, Metric::Cpu, Meter::Nova, 0, 0.5),
            sample(&subject, Metric::Cpu, Meter::Nova, 0, 0.5),
        ],
        now(),
    );
    assert_eq!(taken, Taken { kept: 1, known: 1, ahead: 1, odd: 2 });
    assert_eq!(value(&load, &subject, Metric::Cpu), Some(0.5));
}

#[test]
fn when_our_clock_is_put_back_what_it_told_wrongly_is_cut() {
    let (mut load, subject) = (Load::default(), of("web-1"));
    load.take(&[sample(&subject, Metric::Cpu, Meter::Nova, -7200, 0.9)], at(-7200));
    load.take(&[sample(&subject, Metric::Cpu, Meter::Nova, 0, 0.5)], now());
    assert_eq!(load.current(&subject, Metric::Cpu, now()).known.map(|(of, at)| (of.value, at)), Some((0.5, now())));
}

/// Each of these instances tells requests, response time and fullness; the first is the busiest.
fn tell(load: &mut Load, instances: impl IntoIterator<Item = usize>, seconds_ago: i64) {
    for number in instances {
        let subject = of(&format!("web-{number}"));
        let tell = |metric, value| sample(&subject, metric, Meter::Balancer, seconds_ago, value);
        let requests = if number == 1 { 50.0 } else { 10.0 };
        let response = if number == 1 { 0.4 } else { 0.1 };
        let told = [
            tell(Metric::Requests, requests),
            tell(Metric::ResponseMean, response),
            tell(Metric::Cpu, requests / 100.0),
            tell(Metric::ResponseP95, 1.0),
        ];
        load.take(&told, at(seconds_ago));
    }
}

#[test]
fn instances_are_added_up_to_their_service() {
    let (mut load, fleet) = (Load::default(), six());
    let whole = Subject::Service(web(&fleet));
    tell(&mut load, 1..=6, 0);
    load.follow(&fleet, now());
    assert_eq!(value(&load, &whole, Metric::Requests), Some(100.0));
    let mean = value(&load, &whole, Metric::ResponseMean).unwrap();
    assert!((mean - (50.0 * 0.4 + 50.0 * 0.1) / 100.0).abs() < 1e-9, "each weighs as many requests as it had: {mean}");
    assert!((value(&load, &whole, Metric::Cpu).unwrap() - 1.0 / 6.0).abs() < 1e-9);
    assert_eq!(value(&load, &whole, Metric::ResponseP95), None, "percentiles of instances tell none of the whole");
    assert!(load.current(&whole, Metric::Requests, now()).value().unwrap().added_up);
    // What is told of the service itself is believed before.
    load.take(&[sample(&whole, Metric::Requests, Meter::Balancer, 0, 99.0)], now());
    load.follow(&fleet, now());
    assert_eq!(value(&load, &whole, Metric::Requests), Some(99.0));
}

#[test]
fn too_few_make_no_sum_and_those_that_are_down_are_not_missed() {
    let (mut load, fleet) = (Load::default(), six());
    tell(&mut load, 1..=4, 0);
    load.follow(&fleet, now());
    let whole = Subject::Service(web(&fleet));
    assert_eq!(value(&load, &whole, Metric::Requests), None, "four of six are not enough");
    let rows =
        (1..=6).map(|number| instance(&format!("web-{number}")).status(if number > 4 { "ERROR" } else { "ACTIVE" }));
    let fleet = self::fleet(rows);
    load.follow(&fleet, now());
    assert_eq!(value(&load, &whole, Metric::Requests), Some(80.0));
}

#[test]
fn versions_beside_each_other_are_added_up_apart() {
    let rows = (1..=6)
        .map(|number| instance(&format!("web-{number}")).meta("version", if number == 1 { "1.5.0" } else { "1.4.2" }));
    let (mut load, fleet) = (Load::default(), fleet(rows));
    tell(&mut load, 1..=6, 0);
    load.follow(&fleet, now());
    let key = web(&fleet);
    let of = |version: &str| value(&load, &Subject::Version(key.clone(), version.into()), Metric::Requests);
    assert_eq!((of("1.5.0"), of("1.4.2")), (Some(50.0), Some(50.0)));
    assert_eq!(load.versions(&key).iter().map(|version| &**version).collect::<Vec<_>>(), ["1.4.2", "1.5.0"]);
}

#[test]
fn the_past_stays_when_instances_go() {
    let (mut load, all) = (Load::default(), six());
    for seconds in (300..900).rev().step_by(10) {
        tell(&mut load, 1..=6, seconds);
        load.follow(&all, at(seconds));
    }
    let left = fleet((1..=2).map(|number| instance(&format!("web-{number}"))));
    for seconds in (0..300).rev().step_by(10) {
        tell(&mut load, 1..=2, seconds);
        load.follow(&left, at(seconds));
    }
    let grid = Grid::last(Duration::from_secs(840), 14, now());
    let graph = load.graph(&Subject::Service(web(&all)), Metric::Requests, &grid, now()).unwrap();
    let means: Vec<f64> = graph.columns.iter().map(|point| point.unwrap().mean).collect();
    assert!(graph.added_up && means[..8].iter().all(|mean| *mean == 100.0), "{means:?}");
    assert!(means[8..].iter().all(|mean| *mean == 60.0), "{means:?}");
    load.follow(&left, at(-300));
    assert_eq!(load.known(&of("web-6")).count(), 0, "what is gone is forgotten");
    assert_ne!(load.known(&of("web-1")).count(), 0);
    load.follow(&left, at(-27 * 3600));
    assert_eq!(load.known(&Subject::Service(web(&all))).count(), 0, "and so is what is older than all that is kept");
}

#[test]
fn a_past_that_is_told_afterwards_is_added_up_too() {
    let (mut load, fleet) = (Load::default(), six());
    tell(&mut load, 1..=6, 0);
    load.follow(&fleet, now());
    for number in 1..=6 {
        let subject = of(&format!("web-{number}"));
        let past = (1..280).rev().map(|five| sample(&subject, Metric::Requests, Meter::Balancer, five * 300, 7.0));
        load.take(&past.collect::<Vec<_>>(), now());
    }
    load.follow(&fleet, now());
    for (hours, columns) in [(6, 24), (23, 46)] {
        let grid = Grid::last(Duration::from_secs(hours * 3600), columns, now());
        let graph = load.graph(&Subject::Service(web(&fleet)), Metric::Requests, &grid, now()).unwrap();
        for point in &graph.columns[..columns - 1] {
            let mean = point.unwrap().mean;
            assert!((mean - 42.0).abs() < 0.2, "{hours} h: {mean}");
        }
    }
}

/// `DESIGN.md`'s budget: 40 kB for a day of all metrics of an instance.
#[test]
fn a_day_of_all_metrics_fits_the_budget() {
    let meter = |metric| match metric {
        Metric::ProbeTime | Metric::ProbeUp => Meter::Probe,
        _ => Meter::Prometheus,
    };
    // Percentiles of checks are told of services and versions alone.
    let of_many = |metric: &Metric| matches!(metric, Metric::ProbeP50 | Metric::ProbeP95 | Metric::ProbeP99);
    let told = Metric::ALL.into_iter().filter(|metric| !of_many(metric)).map(|metric| (metric, meter(metric)));
    let mut load = Load::default();
    for (metric, meter) in told {
        let day = (0..26 * 120).rev().map(|half| sample(&of("web-1"), metric, meter, half * 30, 0.5));
        load.take(&day.collect::<Vec<_>>(), now());
    }
    let each = load.bytes();
    assert!(each <= 40_000, "{each}");
}
