//! Series on one grid.

use proptest::prelude::*;
use stackdeck::base::clock::Timestamp;
use stackdeck::series::combine::{Fold, combine, mean_by_weight, weighted};
use stackdeck::series::{Grid, Point, Series};

use super::{at, cases, is_near, minutes, told};

fn means(columns: &[Option<Point>]) -> Vec<Option<f64>> {
    columns.iter().map(|column| column.map(|point| (point.mean * 1000.0).round() / 1000.0)).collect()
}

#[test]
fn columns_begin_at_multiples_of_their_width() {
    let one = Grid::last(minutes(15), 60, at(3600));
    let other = Grid::last(minutes(15), 60, at(3614));
    assert_eq!(one, other, "a quiet graph is the same graph");
    assert_ne!(one, Grid::last(minutes(15), 60, at(3615)));
    assert_eq!((one.step().as_secs(), one.columns()), (15, 60));
    assert_eq!((one.time(0), one.time(60)), (at(3615 - 900), at(3615)));
    assert_eq!((one.column(at(3600)), one.column(at(3615)), one.column(at(0))), (Some(59), None, None));
    assert_eq!(Grid::last(minutes(0), 0, at(0)).columns(), 0);
}

#[test]
fn a_gap_is_drawn_as_a_gap() {
    let series = told((0..1800).step_by(10).filter(|s| !(1200..1500).contains(s)).map(|s| (s, 4.0)));
    let columns = means(&series.on(&Grid::last(minutes(15), 90, at(1799))));
    // The last value stands for half a minute.
    let gap = columns.iter().position(Option::is_none).unwrap();
    assert_eq!(gap, (1200 - 900) / 10 + 3);
    assert_eq!(columns.iter().filter(|column| column.is_none()).count(), 27);
    assert!(columns.iter().flatten().all(|mean| *mean == 4.0), "never a zero");
}

#[test]
fn a_slow_source_draws_a_line() {
    let series = told((0..7200).step_by(300).map(|second| (second, second as f64)));
    let columns = means(&series.on(&Grid::last(minutes(15), 90, at(7199))));
    assert!(columns.iter().all(Option::is_some));
    assert_eq!(columns[89], Some(6900.0));
    // Until it has been silent for twice as long as usual.
    let later = series.on(&Grid::last(minutes(15), 90, at(6900 + 899)));
    assert_eq!(later.iter().filter(|column| column.is_none()).count(), 29);
}

#[test]
fn a_day_comes_from_the_coarse_tier_and_a_quarter_from_the_fine_one() {
    let series = told((0..86_400).step_by(10).map(|second| (second, (second % 7200) as f64)));
    let now = at(86_399);
    for (range, columns, least_width) in [(15, 90, 10.0), (60, 60, 60.0), (360, 72, 300.0), (1440, 96, 900.0)] {
        let grid = Grid::last(minutes(range), columns, now);
        for (column, point) in series.on(&grid).into_iter().enumerate() {
            let begin = (grid.time(column).as_second() - at(0).as_second()).rem_euclid(7200) as f64;
            let point = point.unwrap();
            assert!(is_near(point.mean, begin + least_width / 2.0 - 5.0, 0.003), "{range} {column} {point:?}");
            assert!(is_near(point.max - point.min, least_width - 10.0, 0.03) || point.max < 1e4, "{range} {point:?}");
        }
    }
}

#[test]
fn a_whole_with_too_few_of_its_parts_is_a_gap() {
    let flat = |known: std::ops::Range<usize>| {
        (0..10).map(|column| known.contains(&column).then(|| Point::of(1.0))).collect::<Vec<_>>()
    };
    // One begins later and one ends earlier: neither is missed.
    let sum = combine(&[flat(0..10), flat(4..10), flat(0..6)], Fold::Sum);
    assert_eq!(means(&sum)[..], [2.0, 2.0, 2.0, 2.0, 3.0, 3.0, 2.0, 2.0, 2.0, 2.0].map(Some));
    let mut holed = flat(0..10);
    holed[5] = None;
    assert_eq!(combine(&[flat(0..10), holed.clone()], Fold::Sum)[5], None);
    assert_eq!(combine(&[flat(0..10), holed.clone()], Fold::Mean)[6], Some(Point::of(1.0)));
    let five = [flat(0..10), flat(0..10), flat(0..10), flat(0..10), holed];
    assert_eq!(combine(&five, Fold::Sum)[5].map(|point| point.mean), Some(4.0));
    assert_eq!(combine(&[], Fold::Sum), []);
}

#[test]
fn means_are_merged_by_their_weight() {
    let part = |value: f64| vec![Some(Point::of(value))];
    let merged = weighted(&[part(0.1), part(0.4)], &[part(90.0), part(10.0)]);
    assert!(is_near(merged[0].unwrap().mean, 0.13, 1e-9));
    assert_eq!(weighted(&[part(0.1), part(0.4)], &[part(90.0), vec![None]]), [None], "an unknown weight is not zero");
    let idle =
        mean_by_weight([(None, Some(Point::of(0.0))), (Some(Point::of(0.2)), Some(Point::of(5.0)))].into_iter(), 2);
    assert_eq!(idle.map(|point| point.mean), Some(0.2));
}

proptest! {
    #![proptest_config(cases(64))]

    /// However wide the columns, none is outside of what was told, and a series told without gaps has none.
    #[test]
    fn no_column_is_made_up(
        values in prop::collection::vec(0.5..100.0_f64, 300),
        step in 10..40_i64, columns in 1..250_usize, range in 1..60_u64,
    ) {
        let series = told(values.iter().enumerate().map(|(number, value)| (number as i64 * step, *value)));
        let now = at(299 * step);
        let most = values.iter().copied().fold(0.0, f64::max);
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let grid = Grid::last(minutes(range), columns, now);
        let drawn = series.on(&grid);
        prop_assert_eq!(drawn.len(), columns);
        for (column, point) in drawn.into_iter().enumerate() {
            let begun = grid.time(column) >= at(0);
            prop_assert!(point.is_some() || !begun, "{column} of {grid:?}");
            if let Some(point) = point {
                prop_assert!(point.min >= least * 0.998 && point.max <= most * 1.002 && point.min <= point.max);
            }
        }
    }
}

#[test]
fn a_past_that_was_fetched_is_a_line_though_the_present_is_told_more_often() {
    let mut series = Series::default();
    let mut past: Vec<(Timestamp, f64)> = (0..12).map(|five| (at(five * 300), 5.0)).collect();
    series.put_all(&mut past);
    for second in (3600..4500).step_by(60) {
        series.put(at(second), 7.0);
    }
    let grid = Grid::last(minutes(60), 40, at(4499));
    let dots = series.on(&grid);
    assert!(dots.iter().all(Option::is_some), "{dots:?}");
    // Twenty minutes without a word are a gap all the same.
    series.put(at(5700), 7.0);
    series.put(at(5760), 7.0);
    let dots = series.on(&Grid::last(minutes(60), 40, at(5760)));
    let gap = dots.iter().filter(|dot| dot.is_none()).count();
    assert!((9..=13).contains(&gap), "{gap} of {dots:?}");
}
