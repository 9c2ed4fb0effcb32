//! Whether a service's load rises as it should not, and when its capacity ends.
//!
//! *Now* is the mean of the last three minutes. It is held against the median of the hour before, and against what
//! yesterday had at the same time, give or take half an hour: an ordinary morning rises too. Where nothing is known of
//! yesterday the hour is taken to go on as it did. What remains must be beyond chance (four times the noise that minutes have among each other), must go on rising, and must either be
//! quicker than a day's curve ever is or go far beyond yesterday's.
//!
//! *Capacity* is what someone configured for an instance, or what the load would be at 90 % of what is used now; the
//! lesser counts. Minutes left are by the last ten minutes' trend ([`crate::series::trend`]), if that is beyond chance.
//! A rise that in half an hour stays below 70 % of a known capacity is no alarm.

use std::time::Duration;

use super::conclusion::{Evidence, Trouble};
use super::memory::{Seen, Sight};
use super::onset;
use super::past::Then;
use super::round::{Round, Whom};
use super::scene::{Lately, Scene, Told, number, percent};
use super::thresholds::Thresholds;
use crate::base::clock::Timestamp;
use crate::fleet::load::Known;
use crate::fleet::metric::{Meter, Metric};
use crate::fleet::service::{Service, Severity};
use crate::series::statistics::{DEVIATIONS, mean, median};
use crate::series::trend::{Trend, trend};
use crate::series::{Series, Tier};

const MINUTE: u64 = 60;
/// Seconds that "now" is.
const NOW: u64 = 3 * MINUTE;
/// Minutes of trend.
const TREND: u64 = 10;
/// Mann and Kendall's score from which on a trend is no chance: once in two hundred, one-sided.
const SURE: f64 = 2.58;
/// How many times the noise of a mean a rise must be.
const BEYOND: f64 = 4.0;
/// How many minutes ago the middle of the hour before is.
const MIDDLE: f64 = 35.0;
/// Fewer minutes than this tell nothing of the last hour.
const FEWEST: usize = 10;

/// What the load does.
#[derive(Clone, Debug)]
struct Course<'a> {
    metric: Metric,
    meter: Meter,
    series: &'a Series,
    at: Timestamp,
    /// A second, now.
    level: f64,
    /// A second, in the hour before; `None` without enough of it.
    hour: Option<f64>,
    /// How much it rose in that hour already, a second a minute; never less than zero.
    before: f64,
    /// Standard deviation of a minute's mean.
    noise: f64,
    /// Of the last ten minutes, a second a minute.
    trend: Option<Trend>,
    /// Growth over yesterday's last hour at this time, as a share.
    usual: Option<f64>,
}

/// Where capacity ends, a second, and why there.
struct Capacity {
    limit: f64,
    /// How many instances it is of.
    serving: usize,
    basis: String,
    evidence: Option<Evidence>,
}

/// Looks at the load of one service.
pub(crate) fn look(round: &mut Round<'_>, service: &Service, serving: usize) {
    let scene = *round.scene;
    let (known, whom) = (scene.service(service), Whom::service(service));
    let course = match course(&scene, known) {
        None => return,
        Some(Err(Dark)) => {
            round.note(Trouble::LoadRising, whom, Sight::Dark);
            round.note(Trouble::NearingCapacity, whom, Sight::Dark);
            return;
        }
        Some(Ok(course)) => course,
    };
    let capacity = capacity(&scene, service, known, &course, serving);
    let nearing = nearing(&scene, service, &course, capacity.as_ref());
    round.note(Trouble::NearingCapacity, whom, nearing);
    let rising = rising(&scene, service, &course, capacity.as_ref());
    round.note(Trouble::LoadRising, whom, rising);
}

/// Nobody tells the load any more.
struct Dark;

fn course<'a>(scene: &Scene<'_>, known: Known<'a>) -> Option<Result<Course<'a>, Dark>> {
    let told = [Metric::Requests, Metric::Connections].map(|metric| (metric, known.series(metric, scene.now)));
    let mut told =
        told.into_iter().filter_map(|(metric, series)| series.map(|(meter, series)| (metric, meter, series)));
    let first = told.next()?;
    let (metric, meter, series) = match first.2.is_fresh(scene.now) {
        true => first,
        false => told.find(|(.., series)| series.is_fresh(scene.now)).unwrap_or(first),
    };
    let (newest, at) = series.newest()?;
    if !series.is_fresh(scene.now) {
        return Some(Err(Dark));
    }
    let of = |tier, from: u64, to: u64| values(scene, series, tier, from, to);
    let seldom = series.period().map_or(0, |period| period.as_secs()) * 3;
    let level = mean(&of(Tier::Full, NOW.max(seldom), 0)).unwrap_or(newest);
    let minutes = of(Tier::Minute, 60 * MINUTE, 0);
    let hour = of(Tier::Minute, 60 * MINUTE, TREND * MINUTE);
    let steps: Vec<f64> = minutes.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let recent = series.within(Tier::Minute, scene.before(Duration::from_secs(TREND * MINUTE)), Timestamp::MAX);
    let begin = scene.now.as_second();
    let recent: Vec<(f64, f64)> =
        recent.map(|(at, point)| ((at.as_second() - begin) as f64 / MINUTE as f64, point.mean)).collect();
    Some(Ok(Course {
        metric,
        meter,
        series,
        at,
        level,
        hour: if hour.len() < FEWEST { None } else { median(&hour) },
        before: rise_of(&hour),
        noise: median(&steps).unwrap_or(0.0) * DEVIATIONS / std::f64::consts::SQRT_2,
        trend: trend(&recent),
        usual: usual(scene, series),
    }))
}

/// By how much minutes rise each, from the first third to the last; not less than zero.
fn rise_of(minutes: &[f64]) -> f64 {
    let third = minutes.len() / 3;
    let (first, last) = (median(&minutes[..third]), median(&minutes[minutes.len() - third..]));
    match (first, last) {
        (Some(first), Some(last)) => ((last - first) / (minutes.len() - third) as f64).max(0.0),
        _ => 0.0,
    }
}

/// Means of the steps that begin between so many seconds ago and so many.
fn values(scene: &Scene<'_>, series: &Series, tier: Tier, from: u64, to: u64) -> Vec<f64> {
    let (from, to) = (scene.before(Duration::from_secs(from)), scene.before(Duration::from_secs(to)));
    let to = if to == scene.now { Timestamp::MAX } else { to };
    series.within(tier, from, to).map(|(_, point)| point.mean).collect()
}

/// How much yesterday's load grew over its last hour at this time; of half an hour sooner and later the most. Without all
/// of that hour it is not known: the part that is missing may be the one that grew.
fn usual(scene: &Scene<'_>, series: &Series) -> Option<f64> {
    const DAY: u64 = 24 * 60 * MINUTE;
    const HALF: u64 = 30 * MINUTE;
    let growth = |shift: u64| {
        let end = DAY + HALF - shift;
        let level = values(scene, series, Tier::Quarter, end + 15 * MINUTE, end - 15 * MINUTE);
        let before = values(scene, series, Tier::Quarter, end + 65 * MINUTE, end + 10 * MINUTE);
        let before = (before.len() > 2).then(|| mean(&before))?.filter(|before| *before > 0.0)?;
        Some(level.into_iter().reduce(f64::max)? / before - 1.0)
    };
    let all: Option<Vec<f64>> = (0..=4).map(|quarter| growth(quarter * 15 * MINUTE)).collect();
    all?.into_iter().reduce(f64::max)
}

impl Course<'_> {
    /// What it is in that many minutes if it goes on like this.
    fn ahead(&self, minutes: f64) -> f64 {
        self.level + self.pace().unwrap_or(0.0).max(0.0) * minutes
    }

    /// How much it rises, a second a minute, if that is no chance.
    fn pace(&self) -> Option<f64> {
        sure(self.trend)
    }

    /// By how much a mean over "now" may lie above what was before, by chance.
    fn chance(&self) -> f64 {
        BEYOND * self.noise / (NOW as f64 / MINUTE as f64).sqrt()
    }

    fn unit(&self) -> &'static str {
        if self.metric == Metric::Requests { "requests" } else { "connections" }
    }

    fn evidence(&self, seen: String) -> Evidence {
        Lately { value: self.level, meter: self.meter, metric: self.metric, at: self.at }.evidence(seen)
    }
}

/// How much it rises, if that is no chance.
fn sure(trend: Option<Trend>) -> Option<f64> {
    trend.filter(|trend| trend.slope > 0.0 && trend.score >= SURE).map(|trend| trend.slope)
}

fn rising(scene: &Scene<'_>, service: &Service, course: &Course<'_>, capacity: Option<&Capacity>) -> Sight {
    let limits = scene.thresholds;
    // Without an hour before, "rising" has no meaning yet; capacity has.
    let Some(hour) = course.hour.filter(|hour| *hour > 0.0) else { return Sight::Dark };
    let growth = course.level / hour - 1.0;
    // Where yesterday is not known the hour itself tells what is usual: that it goes on as it did.
    let (expected, before) = match course.usual {
        Some(usual) => (hour * (1.0 + usual.max(0.0)), 0.0),
        None => (hour + course.before * MIDDLE, course.before),
    };
    let excess = (course.level - expected) / hour;
    let pace = course.pace().map_or(0.0, |pace| (pace - before) / hour);
    let beyond_chance = course.level - hour >= course.chance();
    let quick = excess >= limits.rise && pace >= limits.rise_pace;
    let far = course.usual.is_some() && excess >= limits.rise_slow && pace >= limits.rise_pace / 5.0;
    let is = course.level >= limits.rise_least && beyond_chance && (quick || far);
    let seen = || {
        let half_an_hour = course.ahead(30.0);
        let harmless = capacity.is_some_and(|capacity| half_an_hour < limits.headroom * capacity.limit);
        let severity = if harmless { Severity::Ok } else { Severity::Warning };
        let yesterday = course.usual.map_or_else(
            || "of yesterday nothing is known".to_owned(),
            |usual| format!("yesterday at this time by {}", percent(usual.max(0.0))),
        );
        let text = format!(
            "{}'s load grew by {} over its last hour ({yesterday}): {} {} a second, {} more each minute",
            service.key.name,
            percent(growth),
            number(course.level),
            course.unit(),
            number(course.pace().unwrap_or(0.0)),
        );
        let mut evidence = vec![course.evidence(format!(
            "{} a second now, {} in the hour before",
            number(course.level),
            number(hour)
        ))];
        evidence.extend(capacity.and_then(|capacity| capacity.evidence.clone()));
        let began = onset::left(course.series, hour, course.chance());
        Seen { severity, text, evidence, advice: rising_advice(capacity, harmless), began, lasts: false }
    };
    if is {
        Sight::So(seen())
    } else if growth - course.usual.unwrap_or(0.0).max(0.0) >= limits.rise / 2.0
        && course.trend.is_some_and(|trend| trend.slope > 0.0)
    {
        Sight::Wavering(seen())
    } else {
        Sight::Not
    }
}

fn rising_advice(capacity: Option<&Capacity>, harmless: bool) -> String {
    let look = "Look for who sends more: a client that repeats calls, a batch, an upstream change";
    match capacity {
        _ if harmless => format!("{look}; there is room for now"),
        Some(_) => format!("{look}; scale out before capacity ends"),
        None => format!("{look}; watch response times, since nothing tells how much it can carry"),
    }
}

/// The least of what is configured and what is measured.
fn capacity(
    scene: &Scene<'_>,
    service: &Service,
    known: Known<'_>,
    course: &Course<'_>,
    serving: usize,
) -> Option<Capacity> {
    let configured = scene.wanted_of(&service.key).and_then(|wanted| wanted.per_instance).filter(|_| serving > 0);
    let configured = configured.map(|each| Capacity {
        limit: each * serving as f64,
        serving,
        basis: format!("{serving} instances good for {} each", number(each)),
        evidence: None,
    });
    let measured = [Metric::Saturation, Metric::Cpu].into_iter().filter_map(|metric| {
        let Told::Now(used) = scene.lately(known, metric, NOW) else { return None };
        // From an idle thing nothing follows.
        (used.value >= 0.15).then(|| {
            let limit = course.level * scene.thresholds.usable / used.value;
            let what = if metric == Metric::Cpu { "processors" } else { "capacity by its own measure" };
            let basis = format!("{} of {what} used at {} a second", percent(used.value), number(course.level));
            Capacity { limit, serving, evidence: Some(used.evidence(basis.clone())), basis }
        })
    });
    measured.chain(configured).min_by(|one, other| one.limit.total_cmp(&other.limit))
}

fn nearing(scene: &Scene<'_>, service: &Service, course: &Course<'_>, capacity: Option<&Capacity>) -> Sight {
    let limits = scene.thresholds;
    let Some(capacity) = capacity else { return Sight::Not };
    let (then, minutes) = ends(limits, capacity.limit, course.level, course.pace());
    let seen = || {
        let severity = if minutes <= ahead(limits.ahead_bad) { Severity::Critical } else { Severity::Warning };
        let when = if minutes < 1.0 {
            "is at its capacity".to_owned()
        } else {
            format!("reaches its capacity in {minutes:.0} min")
        };
        let text = format!(
            "{} {when}: {} of {} {} a second ({})",
            service.key.name,
            number(course.level),
            number(capacity.limit),
            course.unit(),
            capacity.basis,
        );
        let mut evidence = vec![course.evidence(format!(
            "{} a second, {} more each minute over {TREND} min",
            number(course.level),
            number(course.pace().unwrap_or(0.0)),
        ))];
        evidence.extend(capacity.evidence.clone());
        let began = onset::was(course.series, ((NOW / MINUTE) as usize, TREND as usize), |level, minutes| {
            ends(limits, capacity.limit, level, sure(trend(minutes))).0
        });
        Seen { severity, text, evidence, advice: advice(scene, course, capacity), began, lasts: false }
    };
    match then {
        Then::So => Sight::So(seen()),
        Then::Wavering => Sight::Wavering(seen()),
        Then::Not => Sight::Not,
    }
}

fn ahead(time: Duration) -> f64 {
    time.as_secs_f64() / MINUTE as f64
}

/// Whether a capacity is about to end, and in how many minutes.
fn ends(limits: &Thresholds, capacity: f64, level: f64, pace: Option<f64>) -> (Then, f64) {
    let left = capacity - level;
    let minutes = if left <= 0.0 { 0.0 } else { pace.map_or(f64::INFINITY, |pace| left / pace) };
    // Well short of capacity a trend of ten minutes is no forecast.
    let close = level >= capacity * limits.headroom * 0.8;
    let then = match minutes {
        soon if soon <= ahead(limits.ahead) && close => Then::So,
        later if later <= 1.5 * ahead(limits.ahead) => Then::Wavering,
        _ => Then::Not,
    };
    (then, minutes)
}

/// How many more instances carry what is to come in an hour with room to spare.
fn advice(scene: &Scene<'_>, course: &Course<'_>, capacity: &Capacity) -> String {
    let each = capacity.limit / capacity.serving.max(1) as f64;
    let needed = (course.ahead(60.0) / (each * scene.thresholds.headroom)).ceil();
    let more = (needed - capacity.serving as f64).max(1.0);
    if capacity.serving == 0 || !more.is_finite() {
        return "Scale out now, and find out who sends more".to_owned();
    }
    format!("Scale out by {more:.0}: that carries an hour more of this rise; and find out who sends more")
}
