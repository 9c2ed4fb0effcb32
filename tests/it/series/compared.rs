//! One beside its peers, and now beside before.

use proptest::prelude::*;
use stackdeck::series::peers::score;
use stackdeck::series::statistics::{median, quantile, spread};
use stackdeck::series::trend::trend;

use super::{cases, is_near};

#[test]
fn the_score_is_iglewicz_and_hoaglins() {
    // NIST e-Handbook 1.3.5.17's way: 0.6745 × (x - median) / MAD.
    let peers = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3];
    assert!(is_near(median(&peers).unwrap(), 2.45, 1e-9) && is_near(spread(&peers).unwrap(), 0.15, 1e-9));
    assert!(is_near(score(8.2, &peers).unwrap(), 0.6745 * 5.75 / 0.15, 1e-9));
    assert_eq!(score(2.45, &peers), Some(0.0));
    assert!(score(1.0, &peers).unwrap() < 0.0);
}

#[test]
fn few_or_equal_peers() {
    assert_eq!(score(9.0, &[1.0, 1.0]), None, "two are no crowd");
    assert_eq!(score(1.0, &[1.0, 1.0, 1.0]), Some(0.0));
    assert_eq!(score(9.0, &[1.0, 1.0, 1.0]), Some(f64::INFINITY));
    // More than half are equal: the mean distance stands in.
    assert!(is_near(score(3.0, &[1.0, 1.0, 1.0, 2.0]).unwrap(), 2.0 / (1.253_314 * 0.25), 1e-9));
}

#[test]
fn numbers_in_order() {
    assert_eq!(quantile(&[], 0.5), None);
    assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
    assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95), Some(4.8));
}

#[test]
fn a_rise_is_told_from_chance() {
    let points = |y: fn(f64) -> f64| (0..12).map(|x| (f64::from(x), y(f64::from(x)))).collect::<Vec<_>>();
    let rising = trend(&points(|x| 5.0 + 2.0 * x)).unwrap();
    assert!(is_near(rising.slope, 2.0, 1e-9) && is_near(rising.last, 27.0, 1e-9) && rising.score > 4.0);
    let flat = trend(&points(|_| 5.0)).unwrap();
    assert_eq!((flat.slope, flat.last, flat.score), (0.0, 5.0, 0.0));
    let wavy = trend(&points(|x| if x as i64 % 2 == 0 { 1.0 } else { 2.0 })).unwrap();
    assert!(wavy.score.abs() < 1.0);
    // One wild value does not move it.
    let mut wild = points(|x| 5.0 + 2.0 * x);
    wild[6].1 = 1e6;
    assert!(is_near(trend(&wild).unwrap().slope, 2.0, 0.1));
    assert_eq!(trend(&[(0.0, 1.0), (1.0, 2.0)]), None);
    assert_eq!(trend(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None);
}

proptest! {
    #![proptest_config(cases(64))]

    /// The score does not depend on unit or zero point.
    #[test]
    fn the_score_has_no_unit(
        peers in prop::collection::vec(0.0..100.0_f64, 3..30), value in 0.0..100.0_f64,
        scale in 0.1..10.0_f64, shift in -50.0..50.0_f64,
    ) {
        let moved: Vec<f64> = peers.iter().map(|peer| peer * scale + shift).collect();
        let (one, other) = (score(value, &peers).unwrap(), score(value * scale + shift, &moved).unwrap());
        prop_assert!(is_near(one, other, 1e-6) || (one - other).abs() < 1e-6, "{one} {other}");
    }

    #[test]
    fn a_trend_turns_with_its_points(ys in prop::collection::vec(-10.0..10.0_f64, 3..20)) {
        let points: Vec<(f64, f64)> = ys.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect();
        let turned: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x, -y)).collect();
        let (one, other) = (trend(&points).unwrap(), trend(&turned).unwrap());
        prop_assert!((one.slope + other.slope).abs() < 1e-9 && (one.score + other.score).abs() < 1e-9);
    }
}
