//! Many series to few: sums and their kin, quantiles of histograms.

use std::collections::BTreeMap;

use super::Row;

type Key = BTreeMap<String, String>;

fn groups(rows: Vec<Row>, key: impl Fn(&str) -> bool) -> BTreeMap<Key, Vec<Row>> {
    let mut groups: BTreeMap<Key, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let kept = row.labels.iter().filter(|(name, _)| key(name)).map(|(name, label)| (name.clone(), label.clone()));
        groups.entry(kept.collect()).or_default().push(row);
    }
    groups
}

pub(super) fn fold(name: &str, by: Option<&[String]>, without: &[String], rows: Vec<Row>) -> Vec<Row> {
    let key = |label: &str| match by {
        Some(by) => by.iter().any(|wanted| wanted == label),
        None => label != "__name__" && !without.iter().any(|left_out| left_out == label),
    };
    let of = |(labels, rows): (Key, Vec<Row>)| {
        let steps = rows.first().map_or(0, |row| row.values.len());
        let values = (0..steps).map(|step| {
            let all: Vec<f64> = rows.iter().filter_map(|row| row.values[step]).collect();
            reduce(name, &all)
        });
        Row { values: values.collect(), labels }
    };
    groups(rows, key).into_iter().map(of).collect()
}

fn reduce(name: &str, all: &[f64]) -> Option<f64> {
    let sum: f64 = all.iter().sum();
    if all.is_empty() {
        return None;
    }
    match name {
        "sum" => Some(sum),
        "avg" => Some(sum / all.len() as f64),
        "max" => all.iter().copied().reduce(f64::max),
        "min" => all.iter().copied().reduce(f64::min),
        "count" => Some(all.len() as f64),
        _ => Some(1.0),
    }
}

/// `histogram_quantile`: between two bounds as if evenly spread.
pub(super) fn quantile(share: f64, rows: Vec<Row>) -> Vec<Row> {
    let bound = |row: &Row| match row.labels.get("le").map(String::as_str) {
        Some("+Inf") => Some(f64::INFINITY),
        Some(text) => text.parse::<f64>().ok(),
        None => None,
    };
    let of = |(labels, rows): (Key, Vec<Row>)| {
        let mut buckets: Vec<(f64, &Row)> = rows.iter().filter_map(|row| Some((bound(row)?, row))).collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let steps = rows.first().map_or(0, |row| row.values.len());
        let at = |step: usize| {
            let told: Vec<(f64, f64)> =
                buckets.iter().filter_map(|(bound, row)| Some((*bound, row.values[step]?))).collect();
            of_buckets(share, &told)
        };
        Row { values: (0..steps).map(at).collect(), labels }
    };
    let grouped = groups(rows, |label| label != "le" && label != "__name__").into_iter().map(of);
    grouped.filter(|row| row.values.iter().any(Option::is_some)).collect()
}

fn of_buckets(share: f64, told: &[(f64, f64)]) -> Option<f64> {
    let (last_bound, all) = *told.last()?;
    if told.len() < 2 || last_bound.is_finite() || all <= 0.0 {
        return (!told.is_empty()).then_some(f64::NAN);
    }
    let rank = share * all;
    let place = told.iter().position(|(_, count)| *count >= rank)?;
    if place == told.len() - 1 {
        return Some(told[place - 1].0);
    }
    let (low, below) = if place == 0 { (0.0, 0.0) } else { told[place - 1] };
    let (high, upto) = told[place];
    let within = upto - below;
    Some(if within > 0.0 { low + (high - low) * (rank - below) / within } else { low })
}
