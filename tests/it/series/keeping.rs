//! What is kept, what becomes coarser, what is odd.

use proptest::prelude::*;
use stackdeck::base::clock::Timestamp;
use stackdeck::series::packed::Packed;
use stackdeck::series::{Put, Series, Tier};

use super::{at, cases, is_near, steps, told};

const DAY: i64 = 24 * 3600;

/// Every tier's content.
fn content(series: &Series) -> Vec<Vec<(i64, f64, f64, f64)>> {
    Tier::ALL.iter().map(|tier| steps(series, *tier)).collect()
}

#[test]
fn older_times_are_coarser_and_have_mean_least_and_most() {
    let series = told((0..DAY).step_by(10).map(|second| (second, (second % 3600) as f64)));
    for tier in Tier::ALL {
        let kept = steps(&series, tier);
        let expected = tier.most().min((DAY / tier.step()) as usize);
        assert_eq!(kept.len(), expected, "{tier:?}");
        for (begin, mean, min, max) in kept {
            let (least, most) = ((begin % 3600) as f64, (begin % 3600 + tier.step() - 10) as f64);
            assert!(is_near(min, least, 0.001) && is_near(max, most, 0.001), "{tier:?} {begin}: {min} to {max}");
            assert!(is_near(mean, (least + most) / 2.0, 0.002), "{tier:?} {begin}: {mean}");
        }
    }
}

#[test]
fn a_gap_is_a_gap_in_every_tier() {
    let quiet = 7200..14400;
    let series = told((0..21600).step_by(10).filter(|second| !quiet.contains(second)).map(|second| (second, 5.0)));
    for tier in [Tier::FiveMinutes, Tier::Quarter] {
        let kept = steps(&series, tier);
        assert!(kept.iter().all(|(begin, mean, ..)| !quiet.contains(begin) && is_near(*mean, 5.0, 0.001)));
        assert_eq!(kept.len() as i64, (21600 - 7200) / tier.step());
    }
}

#[test]
fn going_back_tells_each_time_once_and_as_finely_as_it_is_kept() {
    let series = told((0..DAY).step_by(10).map(|second| (second, 5.0)));
    for finest in [Tier::Full, Tier::Minute] {
        let back: Vec<_> = series.back(finest).collect();
        let (_, tier, _) = back.first().unwrap();
        assert_eq!(*tier, finest);
        for pair in back.windows(2) {
            let ((later, fine, _), (at, coarse, _)) = (&pair[0], &pair[1]);
            let end = at.as_second() + coarse.step();
            assert!(coarse >= fine && end <= later.as_second(), "{at} {coarse:?} tells of what follows it");
            assert!(later.as_second() - end < coarse.step(), "{at} {coarse:?}: no more is left out than one step");
        }
        let (first, ..) = back.last().unwrap();
        assert!(first.as_second() < at(Tier::Quarter.step()).as_second(), "to the beginning");
    }
}

#[test]
fn several_within_one_step_are_their_mean() {
    let series = told([(0, 1.0), (3, 2.0), (6, 6.0), (10, 7.0)]);
    assert_eq!(steps(&series, Tier::Full), [(0, 3.0, 3.0, 3.0), (10, 7.0, 7.0, 7.0)]);
    assert_eq!(series.newest(), Some((7.0, at(10))));
}

#[test]
fn what_comes_late_fills_its_gap_and_nothing_else() {
    let mut series = told((0..600).step_by(10).filter(|second| *second != 300).map(|second| (second, 1.0)));
    assert_eq!(series.put(at(300), 7.0), Put::Late);
    assert_eq!(series.put(at(300), 9.0), Put::Repeated);
    assert_eq!(series.put(at(590), 9.0), Put::Repeated);
    let minute = steps(&series, Tier::Minute)[5];
    assert!(minute.0 == 300 && is_near(minute.1, 2.0, 0.001) && minute.2 == 1.0 && minute.3 == 7.0, "{minute:?}");
    // Beyond full step it fills a gap, or widens what is known.
    let mut series = told((1800..3600).step_by(10).map(|second| (second, 1.0)));
    assert_eq!(series.put(at(1000), 4.0), Put::Late);
    assert_eq!(steps(&series, Tier::Minute)[0], (960, 4.0, 4.0, 4.0));
    assert_eq!(series.put(at(1800), 4.0), Put::Late);
    let known = steps(&series, Tier::Minute).into_iter().find(|step| step.0 == 1800).unwrap();
    assert_eq!(known, (1800, 1.0, 1.0, 4.0));
    assert_eq!(series.put(at(-27 * 3600), 4.0), Put::TooOld);
}

#[test]
fn what_no_metric_can_be_is_refused() {
    let mut series = told([(0, 1.0)]);
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.5] {
        assert_eq!(series.put(at(10), odd), Put::Odd);
    }
    assert_eq!(content(&series), content(&told([(0, 1.0)])));
}

#[test]
fn a_clock_put_back_loses_nothing_and_one_put_on_is_cut() {
    let mut series = told((0..1200).step_by(10).map(|second| (second, 1.0)));
    let before = content(&series);
    for second in (600..700).step_by(10) {
        assert_eq!(series.put(at(second), 9.0), Put::Repeated);
    }
    assert_eq!(content(&series), before);
    // A day ahead, and back.
    series.put(at(DAY + 1200), 9.0);
    series.cut(at(1320));
    assert!(content(&series).into_iter().flatten().all(|(begin, mean, ..)| begin <= 1320 && mean == 1.0));
    assert!(series.newest().unwrap().1 <= at(1200));
    for second in (1200..2400).step_by(10) {
        assert_eq!(series.put(at(second), 2.0), Put::Newest);
    }
    assert_eq!(steps(&series, Tier::Full).len(), 90);
    // A few minutes ahead: the steps that hold both times are made anew.
    series.put(at(2700), 50.0);
    series.cut(at(2520));
    assert!(content(&series).into_iter().flatten().all(|(.., max)| max < 3.0));
    series.cut(at(-1));
    assert_eq!(series.newest(), None);
    assert!(content(&series).into_iter().all(|tier| tier.is_empty()));
}

#[test]
fn how_often_it_is_told_is_learnt() {
    let seconds = |series: &Series| series.period().map(|period| period.as_secs());
    assert_eq!(seconds(&told([(0, 1.0)])), None);
    let minutely = (0..600).step_by(60).map(|second| (second, 1.0));
    assert_eq!(seconds(&told(minutely.clone())), Some(60));
    let with_an_outage = minutely.chain([(4000, 1.0), (4060, 1.0)]);
    assert_eq!(seconds(&told(with_an_outage)), Some(60));
    let series = told([(0, 1.0), (60, 1.0), (120, 1.0)]);
    assert!(series.is_fresh(at(240)) && !series.is_fresh(at(241)));
}

#[test]
fn two_bytes_hold_a_number_within_a_thousandth() {
    assert_eq!(Packed::of(0.0).value(), Some(0.0));
    assert_eq!(Packed::of(-1.0).value(), Some(0.0));
    assert_eq!(Packed::of(f32::NAN).value(), None);
    assert!(Packed::of(f32::MAX).value().unwrap() > 1e19);
    assert_eq!(Packed::of(1e-30).value(), Some(0.0));
}

/// The measured size, for the budget of `DESIGN.md`: 40 kB for a day of all metrics of an instance.
#[test]
fn a_day_of_an_instances_metrics_fits_the_budget() {
    let full = told((0..2 * DAY).step_by(10).map(|second| (second, second as f64)));
    let young = told((0..60).step_by(10).map(|second| (second, 1.0)));
    let sparse = told((0..2 * DAY).step_by(300).map(|second| (second, 1.0)));
    assert!(full.bytes() <= 2_050, "{}", full.bytes());
    assert!(young.bytes() <= 400, "{}", young.bytes());
    assert!(Series::default().bytes() < young.bytes() && young.bytes() < sparse.bytes(), "{}", sparse.bytes());
    assert!(full.bytes() * 19 <= 40_000, "19 metrics, more than any source tells of an instance");
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.001..1000.0_f64, 1e6..1e12_f64]
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn packing_errs_by_a_thousandth(value in 1e-15_f32..1e15) {
        prop_assert!(is_near(Packed::of(value).value().unwrap().into(), value.into(), 0.001));
    }

    /// Whatever comes, each known step lies within what was told, and nothing is known where nothing was told.
    #[test]
    fn nothing_is_made_up(samples in prop::collection::vec((0..100_000_i64, value()), 1..200)) {
        let series = told(samples.clone());
        for tier in Tier::ALL {
            let kept = steps(&series, tier);
            prop_assert!(kept.len() <= tier.most());
            for (begin, mean, min, max) in kept {
                let of_step = samples.iter().filter(|(at, _)| (begin..begin + tier.step()).contains(at));
                let told: Vec<f64> = of_step.map(|(_, value)| *value).collect();
                prop_assert!(!told.is_empty());
                let least = told.iter().copied().fold(f64::INFINITY, f64::min);
                let most = told.iter().copied().fold(0.0, f64::max);
                prop_assert!(min >= least * 0.998 - 1e-9 && max <= most * 1.002 + 1e-9, "{tier:?}");
                prop_assert!(min <= mean * 1.003 && mean <= max * 1.003 + 1e-9, "{tier:?} {min} {mean} {max}");
            }
        }
    }

    /// Within a quarter of an hour the order does not matter.
    #[test]
    fn any_order_within_full_step_is_the_same(
        values in prop::collection::vec(value(), 80),
        order in Just((0..80_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let sample = |number: usize| (number as i64 * 10, values[number]);
        let in_order = told((0..80).map(sample));
        let shuffled = told(order.into_iter().map(sample));
        prop_assert_eq!(content(&in_order), content(&shuffled));
    }

    /// A batch that comes twice changes nothing the second time, as long as it reaches no further back than full step.
    #[test]
    fn twice_is_once(samples in prop::collection::vec((0..850_i64, value()), 1..60)) {
        let mut batch: Vec<(Timestamp, f64)> = samples.iter().map(|(second, value)| (at(*second), *value)).collect();
        let mut series = Series::default();
        series.put_all(&mut batch);
        let once = content(&series);
        prop_assert_eq!(series.put_all(&mut batch), 0);
        prop_assert_eq!(content(&series), once);
    }

    /// A past that is told after the present is the same past, but for the step in which one tier ends.
    #[test]
    fn a_past_told_afterwards_is_the_past(values in prop::collection::vec(0.5..2.0_f64, 288), now in 0..60_i64) {
        let past = |second: i64| (at(second), values[(second / 300) as usize]);
        let mut history: Vec<_> = (0..DAY).step_by(300).map(past).collect();
        let present: Vec<_> = (0..now).map(|number| (at(DAY + number * 10), 1.0)).collect();
        let (mut in_time, mut afterwards) = (Series::default(), Series::default());
        for (at, value) in history.iter().chain(&present) {
            in_time.put(*at, *value);
        }
        for (at, value) in &present {
            afterwards.put(*at, *value);
        }
        afterwards.put_all(&mut history);
        for tier in [Tier::FiveMinutes, Tier::Quarter] {
            let (one, other) = (steps(&in_time, tier), steps(&afterwards, tier));
            prop_assert_eq!(one.len(), other.len());
            let differ = one.iter().zip(&other).filter(|(one, other)| !is_near(one.1, other.1, 0.004)).count();
            prop_assert!(differ <= 1, "{tier:?}: {differ} differ");
        }
    }
}
