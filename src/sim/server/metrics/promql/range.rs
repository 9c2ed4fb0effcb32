//! Functions over windows, as Prometheus computes them: rates reach beyond their samples, and know resets.

/// Of samples and the window's begin and end in milliseconds.
pub(super) type Function = fn(&[(i64, f64)], (i64, i64)) -> Option<f64>;

pub(super) fn function(name: &str) -> Option<Function> {
    Some(match name {
        "rate" => |told, window| extrapolated(told, window, true).map(|sum| sum * 1000.0 / length(window)),
        "increase" => |told, window| extrapolated(told, window, true),
        "delta" => |told, window| extrapolated(told, window, false),
        "irate" => |told, _| {
            let [.., (before, less), (after, more)] = told else { return None };
            let grown = if more < less { *more } else { more - less };
            Some(grown * 1000.0 / (after - before) as f64)
        },
        "avg_over_time" => |told, _| (!told.is_empty()).then(|| sum(told) / told.len() as f64),
        "sum_over_time" => |told, _| (!told.is_empty()).then(|| sum(told)),
        "count_over_time" => |told, _| (!told.is_empty()).then_some(told.len() as f64),
        "min_over_time" => |told, _| told.iter().map(|(_, value)| *value).reduce(f64::min),
        "max_over_time" => |told, _| told.iter().map(|(_, value)| *value).reduce(f64::max),
        "last_over_time" => |told, _| told.last().map(|(_, value)| *value),
        "changes" => |told, _| {
            let changed = told.windows(2).filter(|two| two[0].1 != two[1].1).count();
            (!told.is_empty()).then_some(changed as f64)
        },
        "resets" => |told, _| {
            let fell = told.windows(2).filter(|two| two[1].1 < two[0].1).count();
            (!told.is_empty()).then_some(fell as f64)
        },
        _ => return None,
    })
}

fn length((from, until): (i64, i64)) -> f64 {
    (until - from) as f64
}

fn sum(told: &[(i64, f64)]) -> f64 {
    told.iter().map(|(_, value)| value).sum()
}

/// Prometheus' own extrapolation to the window's ends.
fn extrapolated(told: &[(i64, f64)], (from, until): (i64, i64), counter: bool) -> Option<f64> {
    let ([(first, first_value), ..], [.., (last, last_value)]) = (told, told) else { return None };
    if told.len() < 2 {
        return None;
    }
    let mut grown = last_value - first_value;
    if counter {
        grown += told.windows(2).filter(|two| two[1].1 < two[0].1).map(|two| two[0].1).sum::<f64>();
    }
    let sampled = (last - first) as f64;
    let between = sampled / (told.len() - 1) as f64;
    let (mut before, mut after) = ((first - from) as f64, (until - last) as f64);
    if counter && grown > 0.0 && *first_value >= 0.0 {
        // It was not below zero.
        before = before.min(sampled * (first_value / grown));
    }
    let near = between * 1.1;
    before = if before >= near { between / 2.0 } else { before };
    after = if after >= near { between / 2.0 } else { after };
    Some(grown * (sampled + before + after) / sampled)
}
