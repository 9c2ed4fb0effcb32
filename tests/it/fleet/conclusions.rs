//! What follows from load, health checks and rows together: told in time, not taken back at once, and never guessed.

use std::collections::BTreeMap;
use std::sync::Arc;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::fleet::health::{
    Conclusion, Memory, Scene, Thresholds, Trouble, Truth, Wanted, conclude, unmatched, wanted,
};
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};
use stackdeck::fleet::service::{Fleet, Severity};
use stackdeck::fleet::{Began, Instance, Load, ServiceKey, Sources};

use super::build::{Row, Surroundings, cloud, grouped, image, instance, now, pool, port, service};

/// So many seconds after noon.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

fn of(instance: &str) -> Subject {
    Subject::Instance(instance.into())
}

/// An observer of one cloud.
struct Watch {
    fleet: Fleet,
    load: Load,
    memory: Memory,
    wanted: BTreeMap<ServiceKey, Wanted>,
}

impl Watch {
    fn of(sources: &Sources) -> Self {
        let (load, memory) = (Load::default(), Memory::default());
        Self { fleet: grouped(sources), load, memory, wanted: BTreeMap::new() }
    }

    /// `web` with so many instances.
    fn web(count: usize) -> Self {
        Self::of(&cloud(rows("web", count)))
    }

    fn key(&self, name: &str) -> ServiceKey {
        service(&self.fleet, name).key.clone()
    }

    fn want(&mut self, wanted: Wanted) {
        self.wanted.insert(self.key("web"), wanted);
    }

    fn tell(&mut self, subject: &Subject, meter: Meter, seconds: i64, told: &[(Metric, f64)]) {
        let sample = |(metric, value): &(Metric, f64)| Sample {
            subject: subject.clone(),
            metric: *metric,
            meter,
            at: at(seconds),
            value: *value,
        };
        self.load.take(&told.iter().map(sample).collect::<Vec<_>>(), at(seconds));
    }

    fn look(&mut self, seconds: i64) -> Vec<Conclusion> {
        let thresholds = Thresholds::default();
        let Self { fleet, load, memory, wanted } = self;
        let scene = Scene { fleet, load, wanted, thresholds: &thresholds, now: at(seconds) };
        let (conclusions, kept) = conclude(&scene, std::mem::take(memory));
        *memory = kept;
        for told in &conclusions {
            assert!(!told.text.is_empty() && !told.advice.is_empty() && !told.evidence.is_empty(), "{told:?}");
            assert!(told.since.at <= at(seconds) && told.truth != Truth::False, "{told:?}");
        }
        conclusions
    }

    /// Tells the service's numbers every ten seconds, and what is concluded at the end.
    fn web_is(&mut self, from: i64, to: i64, told: &[(Metric, f64)]) -> Vec<String> {
        let subject = Subject::Service(self.key("web"));
        self.all_are(from, to, |_| vec![(subject.clone(), told.to_vec())], Meter::Prometheus)
    }

    fn all_are(
        &mut self,
        from: i64,
        to: i64,
        told: impl Fn(i64) -> Vec<(Subject, Vec<(Metric, f64)>)>,
        meter: Meter,
    ) -> Vec<String> {
        let mut last = Vec::new();
        for seconds in (from..to).step_by(10) {
            for (subject, told) in told(seconds) {
                self.tell(&subject, meter, seconds, &told);
            }
            last = lines(&self.look(seconds));
        }
        last
    }
}

fn rows(name: &str, count: usize) -> Vec<Instance> {
    (1..=count).map(|number| instance(&format!("{name}-{number}"))).collect()
}

/// Truth, severity, trouble and whom it is about.
fn lines(conclusions: &[Conclusion]) -> Vec<String> {
    let line = |told: &Conclusion| {
        let instance = told.about.instance.as_ref().map(ToString::to_string);
        let service = told.about.service.as_ref().map(|key| key.name.to_string());
        let whom = instance.or(service).unwrap_or_else(|| "observer".to_owned());
        format!("{:?} {:?} {}: {whom}", told.truth, told.severity, told.trouble.title())
    };
    conclusions.iter().map(line).collect()
}

const WELL: [(Metric, f64); 3] = [(Metric::Requests, 100.0), (Metric::Errors, 0.0), (Metric::ResponseP95, 0.1)];

#[test]
fn a_service_that_is_well_has_no_conclusion() {
    assert_eq!(Watch::web(4).web_is(0, 3600, &WELL), [""; 0]);
}

#[test]
fn failures_are_told_after_half_a_minute_and_withdrawn_after_two() {
    let failing = |share: f64| [(Metric::Requests, 100.0), (Metric::Errors, 100.0 * share)];
    let mut watch = Watch::web(4);
    assert_eq!(watch.web_is(0, 300, &failing(0.0)), [""; 0]);
    assert_eq!(watch.web_is(300, 310, &failing(0.5)), [""; 0], "one look is none");
    assert_eq!(watch.web_is(310, 400, &failing(0.5)), ["True Critical erroring: web"]);
    // Down to where it is neither clearly so nor clearly over: it stays.
    assert_eq!(watch.web_is(400, 1000, &failing(0.007)), ["True Warning erroring: web"]);
    assert_eq!(watch.web_is(1000, 1100, &failing(0.0)), ["True Warning erroring: web"]);
    assert_eq!(watch.web_is(1100, 1400, &failing(0.0)), [""; 0]);
    // Three of a hundred requests are no share.
    assert_eq!(Watch::web(1).web_is(0, 600, &[(Metric::Requests, 0.1), (Metric::Errors, 0.02)]), [""; 0]);
}

#[test]
fn since_when_and_on_what_evidence_is_told() {
    let mut watch = Watch::web(4);
    watch.web_is(0, 600, &WELL);
    watch.web_is(600, 900, &[(Metric::Requests, 100.0), (Metric::Errors, 20.0), (Metric::ResponseP95, 0.1)]);
    let [told] = watch.look(905).try_into().unwrap();
    assert_eq!(told.text, "20 % of web's requests fail: 20 of 100 a second");
    assert_eq!(told.since, Began::exactly(at(600)));
    let evidence = &told.evidence[0];
    assert_eq!((evidence.meter, evidence.value.map(|(metric, _)| metric)), (Meter::Prometheus, Some(Metric::Errors)));
    assert_eq!((evidence.at, told.age(at(905)).map(|age| age.as_secs())), (Some(at(890)), Some(15)));
    let finding = told.finding();
    assert_eq!((finding.title, finding.severity), ("erroring", Severity::Critical));
}

/// A past that a source tells at once, a sample each minute.
fn past(watch: &mut Watch, from: i64, to: i64, told: &[(Metric, f64)]) {
    let subject = Subject::Service(watch.key("web"));
    for (metric, value) in told {
        let sample = |seconds: i64| Sample {
            subject: subject.clone(),
            metric: *metric,
            meter: Meter::Prometheus,
            at: at(seconds),
            value: *value,
        };
        watch.load.take(&(from..to).step_by(60).map(sample).collect::<Vec<_>>(), at(to.max(70)));
    }
}

const FAILING: [(Metric, f64); 2] = [(Metric::Requests, 100.0), (Metric::Errors, 20.0)];

#[test]
fn what_began_before_the_first_look_is_told_as_that() {
    let mut watch = Watch::web(4);
    past(&mut watch, -3 * 3600, -2400, &WELL);
    past(&mut watch, -2400, 0, &FAILING);
    let [told] = watch.look(5).try_into().unwrap();
    assert_eq!((told.trouble, told.since), (Trouble::Erroring, Began::exactly(at(-2400))), "and at once");
    // What is kept in coarser steps by now does not move it.
    watch.web_is(10, 4000, &FAILING);
    let [told] = watch.look(4000).try_into().unwrap();
    assert_eq!(told.since, Began::exactly(at(-2400)));
}

#[test]
fn a_minute_that_is_well_is_no_end_and_two_are() {
    let mut watch = Watch::web(4);
    past(&mut watch, -3000, -2400, &FAILING);
    past(&mut watch, -2400, -2280, &WELL);
    past(&mut watch, -2280, -1200, &FAILING);
    past(&mut watch, -1200, -1140, &WELL);
    past(&mut watch, -1140, 0, &FAILING);
    let [told] = watch.look(5).try_into().unwrap();
    assert_eq!(told.since, Began::exactly(at(-2280)));
}

#[test]
fn where_the_past_ends_first_it_may_have_begun_earlier() {
    let mut watch = Watch::web(4);
    assert_eq!(watch.web_is(0, 60, &FAILING), ["True Critical erroring: web"]);
    let [told] = watch.look(60).try_into().unwrap();
    assert_eq!(told.since, Began::by(at(0)));
    assert_eq!(told.since.words(at(60)), "since before 12:00Z");
    // A source tells the past afterwards: some of it, then more.
    past(&mut watch, -1200, 0, &FAILING);
    let [told] = watch.look(65).try_into().unwrap();
    assert_eq!(told.since, Began::by(at(-1200)));
    past(&mut watch, -3600, -1200, &WELL);
    let [told] = watch.look(70).try_into().unwrap();
    assert_eq!((told.since, told.since.words(at(70))), (Began::exactly(at(-1200)), "since 11:40Z".to_owned()));
    // Of an hour in which nobody told anything nothing is known either.
    let mut watch = Watch::web(4);
    past(&mut watch, -7200, -3600, &FAILING);
    past(&mut watch, -600, 0, &FAILING);
    let [told] = watch.look(5).try_into().unwrap();
    assert_eq!(told.since, Began::by(at(-600)));
}

#[test]
fn what_no_series_tells_of_is_new_only_if_it_was_looked_for_before() {
    let versions = |one: &str| cloud([instance("web-1").meta("version", "1"), instance("web-2").meta("version", one)]);
    let mut watch = Watch::of(&versions("2"));
    let [told] = watch.look(7200).try_into().unwrap();
    assert_eq!((told.trouble, told.since), (Trouble::MixedVersions, Began::by(at(7200))));
    let mut watch = Watch::of(&versions("1"));
    assert_eq!(watch.look(7200), []);
    watch.fleet = grouped(&versions("2"));
    let [told] = watch.look(7210).try_into().unwrap();
    assert_eq!(told.since, Began::exactly(at(7210)));
}

/// A load of 400 a second that rises by 8 a minute from then on.
fn rising_from(start: i64) -> impl Fn(i64) -> f64 {
    move |second| 400.0 + (second - start).max(0) as f64 / 60.0 * 8.0
}

/// What is concluded of `web`, with six instances good for 100 each, by two hours of a load that were told at once.
fn loaded(load: impl Fn(i64) -> f64) -> Vec<Conclusion> {
    let mut watch = Watch::web(6);
    watch.want(Wanted { per_instance: Some(100.0), ..Wanted::default() });
    for second in (-7200..0).step_by(60) {
        past(&mut watch, second, second + 1, &[(Metric::Requests, load(second))]);
    }
    for second in (0..70).step_by(10) {
        watch.web_is(second, second + 10, &[(Metric::Requests, load(second))]);
    }
    watch.look(70)
}

fn since(told: &[Conclusion], trouble: Trouble) -> Began {
    told.iter().find(|one| one.trouble == trouble).unwrap_or_else(|| panic!("{told:?}")).since
}

#[test]
fn a_rise_began_when_the_load_left_what_it_was_and_its_end_came_near_when_it_could_be_told() {
    let told = loaded(rising_from(-900));
    assert_eq!(since(&told, Trouble::LoadRising), Began::exactly(at(-840)), "the first minute above");
    let nearing = since(&told, Trouble::NearingCapacity);
    assert!(!nearing.maybe_earlier && (at(-660)..=at(-360)).contains(&nearing.at), "ten minutes of trend: {nearing:?}");
}

#[test]
fn a_capacity_that_ended_before_the_last_hour_ended_before_then() {
    let nearing = since(&loaded(|_| 700.0), Trouble::NearingCapacity);
    assert!(nearing.maybe_earlier && (at(-3600)..=at(-2700)).contains(&nearing.at), "{nearing:?}");
}

#[test]
fn versions_of_images_stood_beside_each_other_once_the_last_was_launched() {
    let web = |name: &str, version: &str, minutes: i64| Instance {
        launched: Some(at(-60 * minutes)),
        ..instance(name).image(version)
    };
    let both = || ["1.4.2", "1.5.0"].map(|version| image(version, &format!("web-{version}"), &[]));
    let rows = [web("web-1", "1.4.2", 900), web("web-2", "1.5.0", 300), web("web-3", "1.5.0", 200)];
    let [told] = Watch::of(&cloud(rows.clone()).images(both().into())).look(5).try_into().unwrap();
    assert_eq!((told.trouble, told.since), (Trouble::MixedVersions, Began::by(at(-300 * 60))));
    // What one of them says itself may have changed since.
    let [one, two, three] = rows.clone();
    let rows = [one, two.meta("version", "1.5.0"), three.meta("version", "1.5.0")];
    let [told] = Watch::of(&cloud(rows).images(both().into())).look(5).try_into().unwrap();
    assert_eq!(told.since, Began::by(at(5)));
}

#[test]
fn a_floor_was_undercut_when_the_last_that_is_missing_fell() {
    let fell = [-1800, -1200, -600];
    let rows = rows("web", 5).into_iter().enumerate().map(|(number, row)| match fell.get(number) {
        Some(seconds) => Instance { updated: Some(at(*seconds)), ..row.status("ERROR") },
        None => row,
    });
    let rows: Vec<Instance> = rows.collect();
    let since_when = |floor, rows: &[Instance]| {
        let mut watch = Watch::of(&cloud(rows.to_vec()));
        watch.want(Wanted { floor: Some(floor), ..Wanted::default() });
        let told = watch.web_is(0, 60, &[]);
        assert!(told.contains(&"True Warning below floor: web".to_owned()), "{told:?}");
        since(&watch.look(60), Trouble::BelowFloor)
    };
    assert_eq!(since_when(3, &rows), Began::exactly(at(-600)));
    assert_eq!(since_when(4, &rows), Began::exactly(at(-1200)));
    assert_eq!(since_when(6, &rows), Began::by(at(0)), "the sixth was never seen");
    let grown: Vec<Instance> = rows.iter().cloned().map(|row| Instance { launched: Some(at(-400)), ..row }).collect();
    assert_eq!(since_when(3, &grown), Began::by(at(-600)), "of those that serve none did then");
}

#[test]
fn a_balancers_verdict_is_as_old_as_its_row_at_least() {
    let mut pools = vec![pool("web", &[("10.0.0.1", "ERROR")])];
    Arc::make_mut(&mut pools[0].members)[0].updated = Some(at(-1800));
    let mut watch = Watch::of(&cloud(rows("web", 1)).pools(pools).ports(vec![port("web-1", "10.0.0.1")]));
    let told = watch.look(5);
    let down = told.iter().find(|told| told.trouble == Trouble::Down).unwrap();
    assert_eq!(down.since, Began::by(at(-1800)));
    let finding = &watch.fleet.members[0].findings[0];
    assert_eq!((finding.title, finding.since), ("member down", Some(Began::by(at(-1800)))));
}

#[test]
fn slow_is_by_the_percentile_else_by_the_mean() {
    let mut watch = Watch::web(4);
    watch.want(Wanted { p95: Some(0.2), ..Wanted::default() });
    assert_eq!(watch.web_is(0, 120, &[(Metric::ResponseP95, 0.25)]), ["True Warning slow: web"]);
    let [told] = watch.look(115).try_into().unwrap();
    assert_eq!(told.text, "web takes 250 ms for the slowest 5 %; 200 ms is the target");
    assert_eq!(Watch::web(4).web_is(0, 120, &[(Metric::ResponseP95, 0.25)]), [""; 0]);
    assert_eq!(Watch::web(4).web_is(0, 120, &[(Metric::ResponseMean, 0.8)]), ["True Critical slow: web"]);
}

#[test]
fn what_cannot_be_told_any_more_is_told_as_that_and_let_go() {
    let mut watch = Watch::web(4);
    watch.web_is(0, 300, &[(Metric::ResponseP95, 0.8)]);
    assert_eq!(lines(&watch.look(310)), ["True Warning slow: web"]);
    let told = (320..600).step_by(10).map(|seconds| lines(&watch.look(seconds))).last().unwrap();
    assert_eq!(told, ["Unknown Unknown slow: web", "True Unknown blind: web", "True Unknown source lost: observer"]);
    let told = (600..2000).step_by(10).map(|seconds| lines(&watch.look(seconds))).last().unwrap();
    assert!(!told.iter().any(|line| line.contains("slow")), "{told:?}");
}

#[test]
fn fullness_is_told_of_service_and_instance() {
    let mut watch = Watch::web(2);
    let told = watch.all_are(
        0,
        600,
        |_| vec![(of("web-1"), vec![(Metric::Cpu, 0.96)]), (of("web-2"), vec![(Metric::Cpu, 0.3)])],
        Meter::Gnocchi,
    );
    assert_eq!(told, ["True Warning saturated: web-1"]);
    let mut watch = Watch::web(2);
    assert_eq!(watch.web_is(0, 600, &[(Metric::Memory, 0.97)]), ["True Warning saturated: web"]);
}

#[test]
fn the_one_that_is_worse_than_its_peers_is_pointed_at() {
    let sick = |slow: f64| {
        move |_: i64| {
            let of_one = |number: usize| {
                let response = if number == 3 { slow } else { 0.040 + number as f64 * 0.001 };
                (of(&format!("web-{number}")), vec![(Metric::ResponseMean, response)])
            };
            (1..=6).map(of_one).collect()
        }
    };
    let mut watch = Watch::of(&cloud(rows("web", 6).into_iter().map(|row| {
        let version = if row.name == "web-3" { "1.5.0" } else { "1.4.2" };
        row.meta("version", version)
    })));
    watch.want(Wanted { changing: true, ..Wanted::default() });
    assert_eq!(watch.all_are(0, 600, sick(0.2), Meter::Balancer), ["True Warning outlier: web-3"]);
    let [told] = watch.look(600).try_into().unwrap();
    assert_eq!(told.text, "web-3 answers in 200 ms, its 5 peers 44 ms; it runs 1.5.0");
    assert_eq!(Watch::web(6).all_are(0, 600, sick(0.06), Meter::Balancer), [""; 0], "a little slower is no outlier");
    assert_eq!(Watch::web(6).all_are(0, 600, sick(0.001), Meter::Balancer), [""; 0], "nor is one that is quicker");
}

/// `web` with a health check each, and a pool whose members have that status.
fn probed(status: Option<&str>, count: usize) -> Watch {
    let addresses: Vec<String> = (1..=count).map(|number| format!("10.0.0.{number}")).collect();
    let ports = (1..=count).map(|number| port(&format!("web-{number}"), &addresses[number - 1])).collect();
    let members: Vec<(&str, &str)> = addresses.iter().map(|address| (&**address, status.unwrap_or_default())).collect();
    let sources = cloud(rows("web", count));
    let sources = match status {
        Some(_) => sources.pools(vec![pool("web", &members)]).ports(ports),
        None => sources,
    };
    Watch::of(&sources)
}

/// What is told of each.
type Told = Vec<(Subject, Vec<(Metric, f64)>)>;

/// So many of the instances answer, the first ones not.
fn answering(failing: usize, count: usize) -> impl Fn(i64) -> Told {
    move |_| {
        let up = |number: usize| if number <= failing { 0.0 } else { 1.0 };
        (1..=count).map(|number| (of(&format!("web-{number}")), vec![(Metric::ProbeUp, up(number))])).collect()
    }
}

#[test]
fn two_witnesses_call_it_down_and_one_alone_unreachable() {
    let told = |status| probed(status, 3).all_are(0, 100, answering(1, 3), Meter::Probe);
    assert_eq!(told(None), ["True Critical unreachable: web-1"]);
    assert_eq!(told(Some("ONLINE")), ["True Warning unreachable: web-1"]);
    let mut mixed = probed(Some("ONLINE"), 3);
    let pools = Arc::make_mut(&mut mixed.fleet.pools);
    Arc::make_mut(&mut pools[0].members)[0].operating_status = "ERROR".into();
    assert_eq!(mixed.all_are(0, 100, answering(1, 3), Meter::Probe), ["True Critical down: web-1"]);
    assert_eq!(mixed.look(95)[0].evidence.len(), 2);
    // Two failures are not three.
    assert_eq!(probed(None, 3).all_are(0, 20, answering(1, 3), Meter::Probe), [""; 0]);
}

#[test]
fn what_is_new_at_rest_or_under_way_is_not_down() {
    let told = |row: Instance| {
        let mut all = rows("web", 3);
        all[0] = row;
        Watch::of(&cloud(all)).all_are(0, 100, answering(1, 3), Meter::Probe)
    };
    assert_eq!(told(instance("web-1")), ["True Critical unreachable: web-1"]);
    assert_eq!(told(instance("web-1").status("SHUTOFF")), [""; 0]);
    assert_eq!(told(instance("web-1").doing("rebooting", now())), [""; 0]);
    assert_eq!(told(Instance { launched: Some(now()), ..instance("web-1") }), [""; 0]);
    assert_eq!(told(instance("web-1").status("ERROR")), ["True Critical down: web-1"]);
}

#[test]
fn a_service_of_which_all_are_down_is_down() {
    let mut watch = probed(Some("ERROR"), 3);
    let told = watch.all_are(0, 100, answering(3, 3), Meter::Probe);
    assert_eq!(told[0], "True Critical down: web");
    assert_eq!(watch.look(95)[0].text, "web serves nobody: all 3 instances are down");
    let mut rows = rows("web", 3);
    rows.push(instance("other-1"));
    let mut watch = Watch::of(&cloud(rows));
    let told = watch.all_are(
        0,
        100,
        |second| {
            let mut told = answering(3, 3)(second);
            told.push((of("other-1"), vec![(Metric::ProbeUp, 1.0)]));
            told
        },
        Meter::Probe,
    );
    assert_eq!(told[0], "True Critical unreachable: web");
}

#[test]
fn when_no_check_is_answered_the_observer_is_cut_off_and_nothing_is_down() {
    let mut watch = probed(Some("ONLINE"), 4);
    assert_eq!(watch.all_are(0, 200, answering(4, 4), Meter::Probe), ["True Unknown blind: observer"]);
    // Three services at once, of which nobody else knows anything.
    let names = ["api", "pay", "tax"];
    let mut watch = Watch::of(&cloud(names.iter().flat_map(|name| rows(name, 2))));
    let none = |_| {
        names
            .iter()
            .flat_map(|name| (1..3).map(move |n| (of(&format!("{name}-{n}")), vec![(Metric::ProbeUp, 0.0)])))
            .collect()
    };
    assert_eq!(watch.all_are(0, 200, none, Meter::Probe), ["True Unknown blind: observer"]);
}

#[test]
fn an_observer_without_sources_is_blind_not_among_the_dead() {
    let mut watch = Watch::of(&cloud(rows("web", 3).into_iter().chain(rows("pay", 3))));
    let well = |second: i64| {
        let mut told = answering(0, 3)(second);
        told.extend((1..=3).map(|number| (of(&format!("pay-{number}")), vec![(Metric::ProbeUp, 1.0)])));
        told
    };
    assert_eq!(watch.all_are(0, 300, well, Meter::Probe), [""; 0]);
    watch.load.fail(Meter::Probe, Failure::new(FailureKind::Retry, "no route to host"), at(310));
    let told = (310..900).step_by(10).map(|seconds| watch.look(seconds)).last().unwrap();
    assert_eq!(lines(&told), ["True Unknown blind: observer", "True Unknown source lost: observer"]);
    assert_eq!(told[0].evidence[0].seen, "no route to host");
    // One service alone that fell silent is told by name.
    let mut watch = Watch::of(&cloud(rows("web", 3).into_iter().chain(rows("pay", 3))));
    watch.all_are(0, 300, well, Meter::Probe);
    let told = watch.all_are(300, 600, answering(0, 3), Meter::Probe);
    assert_eq!(told, ["True Unknown blind: pay"]);
}

#[test]
fn a_lost_source_is_told_while_others_go_on() {
    let mut watch = Watch::web(2);
    watch.tell(&of("web-1"), Meter::Gnocchi, 0, &[(Metric::Cpu, 0.2)]);
    watch.load.fail(Meter::Gnocchi, Failure::new(FailureKind::Retry, "Gnocchi answers 503"), at(60));
    let told = watch.web_is(0, 600, &WELL);
    assert_eq!(told, ["True Unknown source lost: observer"]);
    watch.tell(&of("web-1"), Meter::Gnocchi, 600, &[(Metric::Cpu, 0.2)]);
    assert_eq!(watch.web_is(600, 700, &WELL), [""; 0]);
}

#[test]
fn one_that_comes_and_goes_is_flapping() {
    let mut watch = probed(None, 3);
    let flapping = |second: i64| answering(usize::from(second / 60 % 2 == 1), 3)(second);
    let told = watch.all_are(0, 600, flapping, Meter::Probe);
    assert!(told.contains(&"True Warning flapping: web-1".to_owned()), "{told:?}");
    assert_eq!(watch.all_are(600, 2400, answering(0, 3), Meter::Probe), [""; 0]);
    // One fall is no flapping.
    let once = |second: i64| answering(usize::from((60..120).contains(&second)), 3)(second);
    assert_eq!(probed(None, 3).all_are(0, 600, once, Meter::Probe), [""; 0]);
}

#[test]
fn fewer_than_wanted_and_other_than_expected() {
    let mut watch = Watch::of(&cloud(rows("web", 3).into_iter().map(|row| row.meta("version", "1.4.2"))));
    let wanted = Wanted { floor: Some(4), version: Some("1.5.0".into()), ..Wanted::default() };
    watch.want(wanted.clone());
    let told = watch.web_is(0, 120, &WELL);
    assert_eq!(told, ["True Warning below floor: web", "True Warning other version: web"]);
    assert_eq!(watch.look(110)[1].text, "3 of web's 3 instances run 1.4.2×3, 1.5.0 is expected");
    watch.want(Wanted { changing: true, floor: Some(3), ..wanted });
    assert_eq!(watch.web_is(120, 400, &WELL), [""; 0]);
}

#[test]
fn versions_beside_each_other_are_told_when_no_rollout_explains_them() {
    let mixed =
        || rows("web", 3).into_iter().enumerate().map(|(at, row)| row.meta("version", ["1.4.2", "1.5.0"][at % 2]));
    assert_eq!(Watch::of(&cloud(mixed())).web_is(0, 60, &WELL), ["True Warning mixed versions: web"]);
    let young = mixed().map(|row| Instance { created: Some(now()), ..row });
    assert_eq!(Watch::of(&cloud(young)).web_is(0, 60, &WELL), [""; 0]);
}

#[test]
fn minutes_left_are_told_with_their_basis() {
    let mut watch = Watch::web(6);
    watch.want(Wanted { per_instance: Some(100.0), ..Wanted::default() });
    let subject = Subject::Service(watch.key("web"));
    let load = |second: i64| 400.0 + (second - 1800).max(0) as f64 / 60.0 * 8.0;
    let told = |second: i64| vec![(subject.clone(), vec![(Metric::Requests, load(second))])];
    assert_eq!(watch.all_are(0, 1800, told, Meter::Prometheus), [""; 0]);
    watch.all_are(1800, 1800 + 600, told, Meter::Prometheus);
    let told = watch.look(2399);
    let nearing = told.iter().find(|of| of.trouble == Trouble::NearingCapacity).unwrap();
    assert!(nearing.text.ends_with("of 600 requests a second (6 instances good for 100 each)"), "{}", nearing.text);
    let minutes: f64 = nearing.text.split("capacity in ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((14.0..=18.0).contains(&minutes), "15 are left: {}", nearing.text);
    assert!(nearing.advice.starts_with("Scale out by "), "{}", nearing.advice);
}

#[test]
fn a_rise_with_room_to_spare_is_no_alarm() {
    let mut watch = Watch::web(6);
    watch.want(Wanted { per_instance: Some(1000.0), ..Wanted::default() });
    let subject = Subject::Service(watch.key("web"));
    let load = |second: i64| 400.0 + (second - 1800).max(0) as f64 / 60.0 * 8.0;
    let told = |second: i64| vec![(subject.clone(), vec![(Metric::Requests, load(second))])];
    assert_eq!(watch.all_are(0, 2600, told, Meter::Prometheus), ["True Ok load rising: web"]);
}

#[test]
fn a_name_wants_the_same_of_every_service_that_has_it() {
    let elsewhere = rows("web", 3).into_iter().skip(2).map(|row| Instance { project: "another".into(), ..row });
    let fleet = grouped(&cloud(rows("web", 2).into_iter().chain(rows("db", 2)).chain(elsewhere)));
    let floor = |floor| Wanted { floor: Some(floor), ..Wanted::default() };
    let by_name = BTreeMap::from([("web".to_owned(), floor(2)), ("wbe".to_owned(), floor(3))]);
    let found = wanted(&fleet, &by_name);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|(key, wanted)| *key.name == *"web" && *wanted == floor(2)), "{found:?}");
    assert_eq!(unmatched(&fleet, &by_name), ["wbe"]);
}
