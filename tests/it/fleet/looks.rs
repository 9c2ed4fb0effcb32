//! Looks that are carried out elsewhere, step by step, find what one look at once does, though they go only over what
//! may be otherwise by now.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::health::{Thresholds, Wanted};
use stackdeck::fleet::look::Next;
use stackdeck::fleet::metric::{Meter, Metric, Sample, Subject};
use stackdeck::fleet::{Condition, Fleet, ServiceKey};

use super::build::{cloud, grouped, instance, now};

/// Crowds, a few, and one alone.
fn names() -> Vec<String> {
    let of = |(name, count): (&str, usize)| (1..=count).map(move |at| format!("{name}-{at:02}")).collect::<Vec<_>>();
    [("crowd", 34), ("web", 5), ("db", 1)].into_iter().flat_map(of).collect()
}

/// All but some of them.
fn fleet(without: usize) -> Arc<Fleet> {
    Arc::new(grouped(&cloud(names().iter().skip(without).map(|name| instance(name)))))
}

/// What happens next: so many seconds pass, then some are told something; seldom, some are gone.
#[derive(Clone, Debug)]
struct Turn {
    seconds: u64,
    told: Vec<(usize, Metric, Meter, i64, f64)>,
    of_service: Option<(usize, Metric, f64)>,
    without: usize,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let metric = prop::sample::select(vec![
        Metric::Cpu,
        Metric::Memory,
        Metric::Requests,
        Metric::Errors,
        Metric::ResponseMean,
        Metric::ProbeUp,
        Metric::ProbeTime,
    ]);
    let meter = prop::sample::select(vec![Meter::Gnocchi, Meter::Prometheus, Meter::Probe]);
    let value = prop::sample::select(vec![0.0, 0.1, 0.11, 0.5, 0.97, 1.0, 30.0]);
    let one = (0..40_usize, metric.clone(), meter, 0..900_i64, value.clone());
    let many = prop::collection::vec(one.clone(), 40..160);
    // Of one service alone: the others are left alone.
    let few = prop::collection::vec(one, 0..6);
    let nothing = Just(Vec::new());
    let told = prop_oneof![2 => many, 3 => few, 4 => nothing];
    let of_service = prop::option::weighted(0.2, (0..3_usize, metric, value));
    let without = prop::sample::select(vec![0_usize, 0, 0, 0, 0, 0, 0, 0, 1]);
    let turn = (prop::sample::select(vec![1_u64, 10, 10, 20, 30, 60, 130, 400]), told, of_service, without);
    let turn = turn.prop_map(|(seconds, told, of_service, without)| Turn { seconds, told, of_service, without });
    prop::collection::vec(turn, 1..40)
}

fn samples(turn: &Turn, fleet: &Fleet, at: Timestamp) -> Vec<Sample> {
    let names = names();
    let one = |(whom, metric, meter, ago, value): &(usize, Metric, Meter, i64, f64)| Sample {
        subject: Subject::Instance(names[*whom].as_str().into()),
        metric: *metric,
        meter: *meter,
        // Most of it is of now; a third is a past told afterwards.
        at: if ago % 3 == 0 { at - Duration::from_secs(ago.unsigned_abs()) } else { at },
        value: *value,
    };
    let of_service = turn.of_service.iter().map(|(service, metric, value)| Sample {
        subject: Subject::Service(fleet.services[*service].key.clone()),
        metric: *metric,
        meter: Meter::Prometheus,
        at,
        value: *value,
    });
    turn.told.iter().map(one).chain(of_service).collect()
}

fn wanted(fleet: &Fleet) -> BTreeMap<ServiceKey, Wanted> {
    let all = fleet.services.iter().map(|service| {
        (service.key.clone(), Wanted { floor: Some(service.members.len()), p95: Some(0.2), ..Wanted::default() })
    });
    all.collect()
}

/// The fleet as it is judged, if that is another way than before.
fn step_by_step(condition: &mut Arc<Condition>, fleet: &Arc<Fleet>, at: Timestamp) -> Option<Arc<Fleet>> {
    let mut look = condition.begin(fleet, wanted(fleet), Thresholds::default(), at);
    loop {
        assert!(condition.is_looking());
        match condition.go_on(look.carry_out()) {
            Next::Look(next) => look = *next,
            Next::Done(changed) => return changed.map(|(_, judged)| judged),
        }
    }
}

/// What is known of the fleet. Of who is gone it is kept for a while, to the minute.
fn known(condition: &Condition, fleet: &Fleet, at: Timestamp) -> Vec<String> {
    let services = fleet.services.iter().map(|service| Subject::Service(service.key.clone()));
    let instances = fleet.members.iter().map(|member| Subject::Instance(member.instance.id.clone()));
    let current = |subject: &Subject, metric| condition.load().current(subject, metric, at).known;
    let all = services.chain(instances).flat_map(|subject| {
        Metric::ALL.map(|metric| current(&subject, metric).map(|known| format!("{subject:?} {metric:?}: {known:?}")))
    });
    all.flatten().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: RngSeed::Fixed(27), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn step_by_step_or_at_once(turns in turns()) {
        let (mut one, mut other) = (Condition::default(), Arc::new(Condition::default()));
        let fleets = [fleet(0), fleet(1)];
        let mut at = now();
        for turn in &turns {
            at += Duration::from_secs(turn.seconds);
            let fleet = &fleets[turn.without];
            let told = samples(turn, fleet, at);
            prop_assert_eq!(one.take(&told, at), Arc::make_mut(&mut other).take(&told, at));
            let changed = one.look(fleet, &wanted(fleet), &Thresholds::default(), at);
            let judged = step_by_step(&mut other, fleet, at);
            prop_assert_eq!(changed, judged.is_some());
            if let Some(judged) = judged {
                prop_assert_eq!(&*one.judged(fleet), &*judged);
            }
            prop_assert_eq!(one.conclusions(), other.conclusions());
            prop_assert_eq!(known(&one, fleet, at), known(&other, fleet, at));
            prop_assert_eq!(one.rest(at), other.rest(at));
        }
    }
}

#[test]
fn a_look_over_another_place_is_dropped() {
    let (here, there) = (fleet(0), fleet(0));
    let mut condition = Arc::new(Condition::default());
    let look = condition.begin(&there, BTreeMap::new(), Thresholds::default(), now());
    // One goes elsewhere, and looks there.
    condition = Arc::default();
    let own = condition.begin(&here, BTreeMap::new(), Thresholds::default(), now());
    assert!(matches!(condition.go_on(look.carry_out()), Next::Done(None)));
    assert!(condition.is_looking(), "ours goes on");
    assert!(matches!(condition.go_on(own.carry_out()), Next::Look(_)));
}
