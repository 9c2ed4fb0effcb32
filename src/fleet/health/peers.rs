//! One that is worse than its peers, by the modified z-score ([`crate::series::peers`]).
//!
//! The score alone would point at a microsecond among equals, so a value must also be several times its peers' and off
//! by what a person would notice. Only worse counts: an instance that answers sooner is no trouble.

use super::conclusion::{About, Trouble};
use super::memory::{Seen, Sight};
use super::quality;
use super::round::Round;
use super::scene::{Lately, Scene, Told, percent, time};
use super::serving::{State, title};
use crate::fleet::metric::{Metric, Subject};
use crate::fleet::service::{Member, Service, Severity};
use crate::series::peers::{FEWEST, score};
use crate::series::statistics::median;

/// Seconds over which each is taken.
const LATELY: u64 = 120;
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
pub(crate) fn look(round: &mut Round<'_>, service: &Service, states: &[State]) {
    let scene = *round.scene;
    if service.members.len() <= FEWEST {
        return;
    }
    let is_up = |at: &&usize| matches!(states[**at], State::Up | State::Doubt);
    let up = service.members.iter().filter(is_up).map(|at| &scene.fleet.members[*at]);
    let is_known = |member: &&Member| scene.load.is_known(&Subject::Instance(member.instance.id.clone()));
    let up: Vec<&Member> = up.filter(is_known).collect();
    for (metric, share, least) in COMPARED {
        let told: Vec<Told> = up.iter().map(|member| value(&scene, member, metric)).collect();
        let known: Vec<f64> = told.iter().filter_map(now).collect();
        let mut before = 0;
        for (member, told) in up.iter().zip(&told) {
            let sight = match told {
                Told::Never => continue,
                Told::Once => Sight::Dark,
                Told::Now(lately) => {
                    let mut peers = known.clone();
                    if known.len() < CROWD {
                        peers.remove(before);
                    }
                    before += 1;
                    compared(member, lately, &peers, (scene.thresholds, share, least))
                }
            };
            round.note(Trouble::Outlier, || About::instance(&service.key, &member.instance.id).of(metric), sight);
        }
    }
}

/// What is compared of a metric: of errors their share of the requests.
fn value(scene: &Scene<'_>, member: &Member, metric: Metric) -> Told {
    let subject = Subject::Instance(member.instance.id.clone());
    if metric != Metric::Errors {
        return scene.lately(&subject, metric, LATELY);
    }
    match quality::failures(scene, &subject) {
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
    peers: &[f64],
    (thresholds, share, least): (&super::Thresholds, f64, f64),
) -> Sight {
    let (Some(score), Some(middle)) = (score(lately.value, peers), median(peers)) else { return Sight::Not };
    let times = thresholds.outlier_times * share;
    let is = |part: f64| {
        score >= thresholds.outlier * part
            && lately.value >= middle * (1.0 + (times - 1.0) * part)
            && lately.value - middle >= least * part
    };
    if is(1.0) {
        Sight::So(seen(member, lately, middle, peers.len(), score))
    } else if is(0.6) {
        Sight::Wavering(seen(member, lately, middle, peers.len(), score))
    } else {
        Sight::Not
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
    Seen { severity: Severity::Warning, text, evidence: vec![evidence], advice: ADVICE.to_owned() }
}

const ADVICE: &str = "Open it beside a peer: version, host, memory, log; drain and replace it if nothing tells why";
