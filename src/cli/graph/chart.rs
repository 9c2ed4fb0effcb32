//! A chart of 7-bit characters. Pure.
//!
//! A column is filled up to its mean; the topmost cell says in thirds how full it is (`.`, `:`, `#`). A zero is a line at
//! the foot, a gap is blank: nothing told is not nothing there.

use crate::fleet::metric::Metric;
use crate::fleet::metric::words::{axis, whole};
use crate::series::{Grid, Point};

/// How many rows the values have.
const ROWS: usize = 12;
/// Seconds between two times at the foot, at most as many as are legible.
const MARKS: [i64; 13] = [10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200];
/// Columns that a time takes, and what is between two.
const MARK_ROOM: i64 = 10;

/// The lines of a chart, without their ends.
pub fn chart(metric: Metric, columns: &[Option<Point>], grid: &Grid) -> Vec<String> {
    let most = columns.iter().flatten().map(|point| point.mean).fold(0.0, f64::max);
    let (end, tick) = axis(metric, most);
    let label = |row: usize| {
        let value = end * row as f64 / ROWS as f64;
        // Where the axis is divided, and at both ends.
        let ticks = (value / tick).round() * tick;
        ((value - ticks).abs() < end * 1e-6).then(|| ascii(&whole(metric, ticks)))
    };
    let labels: Vec<Option<String>> = (0..=ROWS).map(label).collect();
    let margin = labels.iter().flatten().map(String::len).max().unwrap_or(0);
    let mut lines: Vec<String> = Vec::with_capacity(ROWS + 3);
    for row in (0..ROWS).rev() {
        let cells: String = columns.iter().map(|point| cell(point.as_ref(), row, end)).collect();
        let label = labels[row + 1].as_deref().unwrap_or("");
        let edge = if label.is_empty() { '|' } else { '+' };
        lines.push(format!("{label:>margin$} {edge}{cells}").trim_end().to_owned());
    }
    let (ticks, times) = foot(grid, columns.len());
    lines.push(format!("{:>margin$} +{ticks}", labels[0].as_deref().unwrap_or("0")));
    lines.push(format!("{:margin$}  {times}", "").trim_end().to_owned());
    lines
}

/// What a column has in a row; rows count from the foot.
fn cell(point: Option<&Point>, row: usize, end: f64) -> char {
    let Some(point) = point else { return ' ' };
    let filled = point.mean / end * ROWS as f64 - row as f64;
    match filled {
        full if full >= 0.83 => '#',
        half if half >= 0.5 => ':',
        little if little > 0.16 => '.',
        // Something very small, or nothing: it was told all the same.
        _ if row == 0 => '_',
        _ => ' ',
    }
}

/// The axis with a mark for each time, and the times.
fn foot(grid: &Grid, columns: usize) -> (String, String) {
    let step = i64::try_from(grid.step().as_secs()).unwrap_or(1).max(1);
    let apart = MARKS.into_iter().find(|apart| apart / step >= MARK_ROOM).unwrap_or(86_400);
    let (mut ticks, mut times) = (String::with_capacity(columns), String::with_capacity(columns + 8));
    for column in 0..columns {
        let (begins, ends) = (grid.time(column).as_second(), grid.time(column + 1).as_second());
        // The mark is in this column when a multiple of the distance is.
        let mark = (ends - 1).div_euclid(apart) * apart;
        if mark < begins {
            ticks.push('-');
            continue;
        }
        ticks.push('+');
        if times.len() <= column && column + 5 <= columns {
            times.extend(std::iter::repeat_n(' ', column - times.len()));
            let format = if apart < 60 { "%H:%M:%S" } else { "%H:%M" };
            let at = crate::base::clock::Timestamp::from_second(mark).unwrap_or_default();
            times.push_str(&at.strftime(format).to_string());
        }
    }
    (ticks, times)
}

/// Words of metrics are 7-bit already; whoever changes that shall not break a terminal.
fn ascii(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::clock::Timestamp;

    fn grid(columns: usize) -> Grid {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        Grid::last(Duration::from_secs(60 * columns as u64), columns, now)
    }

    fn told(values: &[f64]) -> Vec<Option<Point>> {
        values.iter().map(|value| (*value >= 0.0).then(|| Point::of(*value))).collect()
    }

    #[test]
    fn values_gaps_and_zeros_look_different_and_axes_have_units_and_times() {
        let mut values = vec![100.0; 24];
        (values[3], values[4], values[5]) = (-1.0, 0.0, 50.0);
        let lines = chart(Metric::Requests, &told(&values), &grid(24));
        assert_eq!(
            lines,
            [
                "100/s +###   ##################",
                "      |###   ##################",
                "      |###   ##################",
                "      |###   ##################",
                "      |###   ##################",
                "      |###   ##################",
                " 50/s +###  ###################",
                "      |###  ###################",
                "      |###  ###################",
                "      |###  ###################",
                "      |###  ###################",
                "      |### _###################",
                "  0/s +---+---------+---------+",
                "          11:40     11:50",
            ],
            "\n{}",
            lines.join("\n")
        );
    }

    #[test]
    fn it_is_seven_bit_and_no_line_is_longer_than_the_axis() {
        for metric in Metric::ALL {
            for most in [0.0, 0.003, 0.7, 12.0, 4_000.0, 3e9] {
                let values: Vec<f64> = (0..72).map(|at| most * f64::from(at) / 71.0).collect();
                let lines = chart(metric, &told(&values), &grid(72));
                let axis = lines[ROWS].len();
                assert!(lines.iter().all(|line| line.is_ascii() && line.len() <= axis), "{}", lines.join("\n"));
                assert!(lines[ROWS + 1].matches(':').count() >= 3, "{}", lines.join("\n"));
                assert_eq!(lines.len(), ROWS + 2);
            }
        }
    }

    #[test]
    fn nothing_told_is_an_empty_chart() {
        let lines = chart(Metric::Cpu, &vec![None; 40], &grid(40));
        assert!(
            lines[..ROWS].iter().all(|line| !line.contains(['#', ':', '.', '_']) || line.contains('%')),
            "{lines:?}"
        );
    }
}
