//! How well something serves: erroring, slow, saturated. The same rules for a service and for each instance.

use std::time::Duration;

use super::conclusion::{Evidence, Trouble};
use super::memory::{Seen, Sight};
use super::past::{self, Then};
use super::round::{Round, Whom};
use super::scene::{Lately, Scene, Told, number, percent, time};
use crate::fleet::Began;
use crate::fleet::load::Known;
use crate::fleet::metric::{Meter, Metric};
use crate::fleet::service::Severity;
use crate::series::{Series, Tier};

/// Seconds over which failures and their share are taken.
pub(super) const FAILURES: u64 = 120;
/// Seconds over which response times are taken.
pub(super) const RESPONSES: u64 = 60;
/// Seconds over which fullness is taken.
pub(super) const FULLNESS: u64 = 300;

/// Well for so long is well, in the past.
pub(super) const TWO_MINUTES: Duration = Duration::from_secs(FAILURES);

/// Looks at a service, or at an instance; `target` is the service's own for the 95th percentile.
pub(crate) fn look(round: &mut Round<'_>, whom: Whom<'_>, known: Known<'_>, target: Option<f64>) {
    let scene = *round.scene;
    if let Some(sight) = erroring(&scene, known, whom) {
        round.note(Trouble::Erroring, whom, sight);
    }
    if let Some(sight) = slow(&scene, known, whom, target) {
        round.note(Trouble::Slow, whom, sight);
    }
    let limits = scene.thresholds;
    for (metric, limit) in
        [(Metric::Saturation, limits.full), (Metric::Cpu, limits.full), (Metric::Memory, limits.memory)]
    {
        if let Some(sight) = saturated(&scene, known, whom, metric, limit) {
            round.note(Trouble::Saturated, whom.of(metric), sight);
        }
    }
}

/// The share of requests that failed, and both numbers, by one source.
pub(crate) fn failures(scene: &Scene<'_>, known: Known<'_>) -> Option<Result<(f64, Lately, Lately), Told>> {
    match scene.pair(known, Metric::Requests, Metric::Errors, FAILURES)? {
        (Told::Now(requests), Told::Now(errors)) => {
            let all = requests.value.max(errors.value);
            Some(Ok((if all > 0.0 { errors.value / all } else { 0.0 }, requests, errors)))
        }
        (Told::Never, _) | (_, Told::Never) => None,
        _ => Some(Err(Told::Once)),
    }
}

fn erroring(scene: &Scene<'_>, known: Known<'_>, whom: Whom<'_>) -> Option<Sight> {
    let Ok((share, requests, errors)) = failures(scene, known)? else { return Some(Sight::Dark) };
    let limits = scene.thresholds;
    let count = errors.value * FAILURES as f64;
    let seen = || {
        let severity = if share >= limits.errors_bad { Severity::Critical } else { Severity::Warning };
        let text = format!(
            "{} of {}'s requests fail: {} of {} a second",
            percent(share),
            whom.name(),
            number(errors.value),
            number(requests.value)
        );
        let evidence = vec![
            errors.evidence(format!("{} failures a second over 2 min", number(errors.value))),
            requests.evidence(format!("{} requests a second", number(requests.value))),
        ];
        let began = failing_since(scene, known, errors.meter, (limits.errors, limits.errors / 2.0));
        Seen { severity, text, evidence, advice: ERRORING.to_owned(), began, lasts: true }
    };
    Some(if share >= limits.errors && count >= limits.errors_least {
        Sight::So(seen())
    } else if share >= limits.errors / 2.0 && count >= limits.errors_least / 2.0 {
        Sight::Wavering(seen())
    } else {
        Sight::Not
    })
}

/// Since when too large a share fails. Few failures say as little as they do now.
pub(super) fn failing_since(
    scene: &Scene<'_>,
    known: Known<'_>,
    meter: Meter,
    (limit, near): (f64, f64),
) -> Option<Began> {
    let least = scene.thresholds.errors_least / 2.0;
    let (requests, errors) = (known.by(Metric::Requests, meter)?, known.by(Metric::Errors, meter)?);
    let past = errors.back(Tier::Minute).filter_map(|(at, tier, errors)| {
        let requests = requests.at(tier, at)?.mean.max(errors.mean);
        let enough = errors.mean * FAILURES as f64 >= least;
        let share = if requests > 0.0 && enough { errors.mean / requests } else { 0.0 };
        Some((at, tier, Then::of(share, limit, near)))
    });
    past::began(past, TWO_MINUTES)
}

const ERRORING: &str = "Compare its versions and instances: if one stands out take it out of the pool; if none does look at what it depends on";

fn slow(scene: &Scene<'_>, known: Known<'_>, whom: Whom<'_>, target: Option<f64>) -> Option<Sight> {
    let limits = scene.thresholds;
    let p95 = scene.lately(known, Metric::ResponseP95, RESPONSES);
    let (told, limit, what) = match p95 {
        Told::Never | Told::Once => {
            let mean = scene.lately(known, Metric::ResponseMean, RESPONSES);
            let told = if matches!((&mean, &p95), (Told::Never, Told::Once)) { Told::Once } else { mean };
            (told, target.map_or(limits.mean, |target| target / 2.0), "on average")
        }
        Told::Now(_) => (p95, target.unwrap_or(limits.p95), "for the slowest 5 %"),
    };
    let lately = match told {
        Told::Never => return None,
        Told::Once => return Some(Sight::Dark),
        Told::Now(lately) => lately,
    };
    let seen = || {
        let severity = if lately.value >= 3.0 * limit { Severity::Critical } else { Severity::Warning };
        let text = format!("{} takes {} {what}; {} is the target", whom.name(), time(lately.value), time(limit));
        let evidence: Vec<Evidence> = vec![lately.evidence(format!("{} over the last minute", time(lately.value)))];
        let began = series(known, &lately).and_then(|past| past::above(past, limit, 0.9 * limit, TWO_MINUTES));
        Seen { severity, text, evidence, advice: SLOW.to_owned(), began, lasts: true }
    };
    Some(match lately.value {
        over if over > limit => Sight::So(seen()),
        near if near > 0.9 * limit => Sight::Wavering(seen()),
        _ => Sight::Not,
    })
}

/// What a reading is of.
pub(super) fn series<'a>(known: Known<'a>, lately: &Lately) -> Option<&'a Series> {
    known.by(lately.metric, lately.meter)
}

const SLOW: &str = "See whether load or fullness rose with it: then scale out; if not, look at what it depends on, since more instances would press harder on that";

fn saturated(scene: &Scene<'_>, known: Known<'_>, whom: Whom<'_>, metric: Metric, limit: f64) -> Option<Sight> {
    let lately = match scene.lately(known, metric, FULLNESS) {
        Told::Never => return None,
        Told::Once => return Some(Sight::Dark),
        Told::Now(lately) => lately,
    };
    let what = match metric {
        Metric::Cpu => "of its processors",
        Metric::Memory => "of its memory",
        _ => "of what it can hold",
    };
    let seen = || {
        let text = format!("{} uses {} {what}", whom.name(), percent(lately.value));
        let evidence =
            vec![lately.evidence(format!("{} over 5 min, {} is full", percent(lately.value), percent(limit)))];
        let calm = Duration::from_secs(FULLNESS);
        let began = series(known, &lately).and_then(|past| past::above(past, limit, limit - 0.05, calm));
        Seen { severity: Severity::Warning, text, evidence, advice: SATURATED.to_owned(), began, lasts: true }
    };
    Some(match lately.value {
        over if over >= limit => Sight::So(seen()),
        near if near >= limit - 0.05 => Sight::Wavering(seen()),
        _ => Sight::Not,
    })
}

const SATURATED: &str = "Scale out, or find what fills it; of one instance alone compare its peers first";
