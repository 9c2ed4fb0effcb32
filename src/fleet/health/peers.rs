//! One that is worse than its peers, by the modified z-score ([`crate::series::peers`]).
//!
//! The score alone would point at a microsecond among equals, so a value must also be several times its peers' and off
//! by what a person would notice. Only worse counts: an instance that answers sooner is no trouble.

use super::conclusion::Trouble;
use super::memory::{Seen, Sight};
use super::past;
use super::quality;
use super::round::{Round, Whom};
use super::scene::{Lately, Scene, Told, percent, time};
use super::serving::{State, title};
use crate::fleet::Began;
use crate::fleet::load::Known;
use crate::fleet::metric::Metric;
use crate::fleet::service::{Member, Service, Severity};
use crate::series::peers::{Crowd, FEWEST};

/// Seconds over which each is taken.
const LATELY: u64 = quality::FAILURES;
/// With so many peers one more or less among them makes no difference.
const CROWD: usize = 30;

/// What is compared: the metric, the share of the threshold for times that applies to it, and how much worse in its own
/// unit it is at least. Shares of a whole cannot be many times as much.
const COMPARED: [(Metric, f64, f64); 6] = [
    (Metric::Errors, 1.0, 0.02),
    (Metric::ResponseP95, 1.0, 0.02),
    (Metric::ResponseMean, 1.0, 0.02),
    (Metric::ProbeTime, 1.0, 0.02),
    (Metric::Cpu, 0.75, 0.2),
    (Metric::Memory, 0.65, 0.2),
];

/// Compares the instances of a service that are up.
pub(crate) fn look(round: &mut Round<'_>, service: &Service, known: &[Known<'_>], states: &[State]) {
    let scene = *round.scene;
    if service.members.len() <= FEWEST {
        return;
    }
    let is_up = |at: &&usize| matches!(states[**at], State::Up | State::Doubt) && !known[**at].is_empty();
    let up: Vec<usize> = service.members.iter().filter(is_up).copied().collect();
    for (metric, share, least) in COMPARED {
        let told: Vec<Told> = up.iter().map(|at| value(&scene, known[*at], metric)).collect();
        let values: Vec<f64> = told.iter().filter_map(now).collect();
        // Of many, all have the same peers.
        let all = if values.len() < CROWD { None } else { Crowd::of(&values).map(|crowd| (crowd, values.len())) };
        let mut before = 0;
        for (at, told) in up.iter().zip(&told) {
            let member = &scene.fleet.members[*at];
            let sight = match told {
                Told::Never => continue,
                Told::Once => Sight::Dark,
                Told::Now(lately) => {
                    let peers = all.or_else(|| {
                        let mut others = values.clone();
                        others.remove(before);
                        Crowd::of(&others).map(|crowd| (crowd, others.len()))
                    });
                    before += 1;
                    let began = |bar: f64, near: f64| began(&scene, known[*at], lately, bar, near);
                    let limits = (scene.thresholds, share, least);
                    peers.map_or(Sight::Not, |peers| compared(member, lately, peers, limits, began))
                }
            };
            round.note(Trouble::Outlier, Whom::member(service, member).of(metric), sight);
        }
    }
}

/// What is compared of a metric: of errors their share of the requests.
fn value(scene: &Scene<'_>, known: Known<'_>, metric: Metric) -> Told {
    if metric != Metric::Errors {
        return scene.lately(known, metric, LATELY);
    }
    match quality::failures(scene, known) {
        None => Told::Never,
        Some(Ok((share, _, errors))) => Told::Now(Lately { value: share, ..errors }),
        Some(Err(told)) => told,
    }
}

fn now(told: &Told) -> Option<f64> {
    match told {
        Told::Now(lately) => Some(lately.value),
        _ => None,
    }
}

fn compared(
    member: &Member,
    lately: &Lately,
    (crowd, peers): (Crowd, usize),
    (thresholds, share, least): (&super::Thresholds, f64, f64),
    began: impl Fn(f64, f64) -> Option<Began>,
) -> Sight {
    let (score, middle) = (crowd.score(lately.value), crowd.middle);
    let times = thresholds.outlier_times * share;
    let bar = |part: f64| (middle * (1.0 + (times - 1.0) * part)).max(middle + least * part);
    let is = |part: f64| score >= thresholds.outlier * part && lately.value >= bar(part);
    if is(1.0) {
        let began = began(bar(1.0), bar(0.6));
        Sight::So(Seen { began, ..seen(member, lately, middle, peers, score) })
    } else if is(0.6) {
        Sight::Wavering(seen(member, lately, middle, peers, score))
    } else {
        Sight::Not
    }
}

/// Since when its own value is what it is now beside its peers: what those were then is not asked.
fn began(scene: &Scene<'_>, known: Known<'_>, lately: &Lately, bar: f64, near: f64) -> Option<Began> {
    match lately.metric {
        Metric::Errors => quality::failing_since(scene, known, lately.meter, (bar, near)),
        _ => quality::series(known, lately).and_then(|past| past::above(past, bar, near, quality::TWO_MINUTES)),
    }
}

fn seen(member: &Member, lately: &Lately, middle: f64, peers: usize, score: f64) -> Seen {
    let (what, one, other) = match lately.metric {
        Metric::Errors => ("fails requests", percent(lately.value), percent(middle)),
        Metric::Cpu => ("uses its processors", percent(lately.value), percent(middle)),
        Metric::Memory => ("uses its memory", percent(lately.value), percent(middle)),
        Metric::ProbeTime => ("answers health checks in", time(lately.value), time(middle)),
        _ => ("answers in", time(lately.value), time(middle)),
    };
    let version = member.version.version.as_deref().map_or_else(String::new, |version| format!("; it runs {version}"));
    let text = format!("{} {what} {one}, its {peers} peers {other}{version}", title(member));
    let score = if score.is_finite() { format!("{score:.1}") } else { "beyond measure".to_owned() };
    let evidence = lately.evidence(format!("{one} over 2 min, the peers' median is {other}; modified z-score {score}"));
    Seen {
        severity: Severity::Warning,
        text,
        evidence: vec![evidence],
        advice: ADVICE.to_owned(),
        began: None,
        lasts: false,
    }
}

const ADVICE: &str = "Open it beside a peer: version, host, memory, log; drain and replace it if nothing tells why";
