//! Latencies as buckets.

use proptest::prelude::*;
use stackdeck::series::Histogram;
use stackdeck::series::statistics::quantile;

use super::{cases, is_near};

const END: f64 = f64::INFINITY;

fn of(buckets: &[(f64, f64)]) -> Histogram {
    Histogram::new(buckets.iter().copied()).unwrap()
}

/// As in Prometheus' own tests (promql/promqltest/testdata/histograms.test, `testhistogram`).
#[test]
fn quantiles_are_those_of_prometheus() {
    let positive = of(&[(0.1, 5.0), (0.2, 7.0), (1e0, 11.0), (END, 12.0)]);
    assert_eq!(positive.quantile(0.0), Some(0.0));
    assert!(is_near(positive.quantile(0.2).unwrap(), 0.048, 1e-9));
    assert!(is_near(positive.quantile(0.5).unwrap(), 0.15, 1e-9));
    assert!(is_near(positive.quantile(0.8).unwrap(), 0.72, 1e-9));
    assert_eq!(positive.quantile(1.0), Some(1.0), "beyond the last finite bound that bound is told");
    let negative = of(&[(-0.2, 1.0), (-0.1, 2.0), (0.3, 2.0), (END, 3.0)]);
    assert_eq!(negative.quantile(0.2), Some(-0.2), "a first bucket below zero has no beginning");
    assert!(is_near(negative.quantile(0.5).unwrap(), -0.15, 1e-9));
}

#[test]
fn odd_histograms_have_no_quantile() {
    assert_eq!(Histogram::new([(0.1, 1.0)]), None, "without an infinite bound");
    assert_eq!(Histogram::new([(0.1, -1.0), (END, 1.0)]), None);
    assert_eq!(Histogram::new([(f64::NAN, 1.0), (END, 1.0)]), None);
    assert_eq!(of(&[(0.1, 0.0), (END, 0.0)]).quantile(0.5), None, "nothing counted");
    assert_eq!(of(&[(END, 9.0)]).quantile(0.5), None, "no finite bound");
    assert_eq!(of(&[(0.1, 9.0), (END, 9.0)]).quantile(1.5), None);
    // Counts that are a little out of step are made to ascend.
    assert_eq!(of(&[(0.1, 5.0), (0.2, 4.0), (END, 6.0)]).buckets(), [(0.1, 5.0), (0.2, 5.0), (END, 6.0)]);
}

#[test]
fn what_was_counted_since_is_the_difference() {
    let before = of(&[(0.1, 5.0), (0.5, 7.0), (END, 8.0)]);
    let after = of(&[(0.1, 6.0), (0.5, 10.0), (END, 12.0)]);
    assert_eq!(after.since(&before), of(&[(0.1, 1.0), (0.5, 3.0), (END, 4.0)]));
    assert_eq!(before.since(&after), before, "a reset: all of it was counted since");
    assert_eq!(after.since(&Histogram::default()), after);
}

#[test]
fn buckets_that_differ_are_merged_where_they_meet() {
    let one = of(&[(0.1, 5.0), (0.5, 7.0), (END, 8.0)]);
    let other = of(&[(0.2, 1.0), (0.5, 2.0), (END, 2.0)]);
    assert_eq!(one.merge(&other), of(&[(0.5, 9.0), (END, 10.0)]));
    assert_eq!(one.merge(&Histogram::default()), one);
}

#[test]
fn a_merged_percentile_is_not_the_mean_of_percentiles() {
    let bounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
    let (mut quick, mut slow) = (Histogram::with_bounds(&bounds), Histogram::with_bounds(&bounds));
    (0..990).for_each(|_| quick.count(0.015));
    (0..10).for_each(|_| slow.count(0.9));
    let mean = (quick.quantile(0.95).unwrap() + slow.quantile(0.95).unwrap()) / 2.0;
    let merged = quick.merge(&slow).quantile(0.95).unwrap();
    assert!(mean > 0.4 && merged <= 0.02, "{mean} {merged}");
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.0005..20.0_f64, 1..200)
}

proptest! {
    #![proptest_config(cases(64))]

    /// A quantile errs by no more than the bucket that it is in.
    #[test]
    fn a_quantile_is_in_its_bucket(values in values(), share in 0.01..0.99_f64) {
        let bounds: Vec<f64> = (0..18).map(|power| 0.001 * 1.8_f64.powi(power)).collect();
        let mut counted = Histogram::with_bounds(&bounds);
        values.iter().for_each(|value| counted.count(*value));
        let told = counted.quantile(share).unwrap();
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let rank = (share * values.len() as f64).ceil().max(1.0) as usize;
        let exact = sorted[rank - 1];
        let above = bounds.iter().copied().find(|bound| exact <= *bound).unwrap_or(bounds[17]);
        let below = bounds.iter().copied().rfind(|bound| *bound < above).unwrap_or(0.0);
        let below = if exact > bounds[17] { above } else { below };
        prop_assert!(told >= below - 1e-12 && told <= above + 1e-12, "{told} is not within {below} and {above}");
    }

    /// Merging is counting together, in any order.
    #[test]
    fn merging_is_counting_together(one in values(), other in values()) {
        let bounds = [0.01, 0.1, 1.0, 10.0];
        let count = |values: &[f64]| {
            let mut counted = Histogram::with_bounds(&bounds);
            values.iter().for_each(|value| counted.count(*value));
            counted
        };
        let together = count(&one.iter().chain(&other).copied().collect::<Vec<_>>());
        prop_assert_eq!(count(&one).merge(&count(&other)), together.clone());
        prop_assert_eq!(count(&other).merge(&count(&one)), together.clone());
        prop_assert_eq!(together.since(&count(&one)), count(&other));
    }

    #[test]
    fn quantiles_of_numbers_ascend(values in values(), low in 0.0..1.0_f64, more in 0.0..1.0_f64) {
        let high = low + (1.0 - low) * more;
        prop_assert!(quantile(&values, low).unwrap() <= quantile(&values, high).unwrap() + 1e-12);
    }
}
