//! Whether instances and services serve: down, unreachable, flapping, below their floor.
//!
//! Three witnesses: Nova's row, Octavia's members, our own health checks. One alone may lie: an instance whose checks
//! fail while Octavia finds it ONLINE is unreachable from here, not down. And when no check of anything is answered any
//! more, it is the observer who is cut off ([`super::blind`]).

use std::time::Duration;

use super::conclusion::{Evidence, Trouble};
use super::memory::{Seen, Sight, Ups};
use super::past::{self, Then};
use super::round::{Round, Whom};
use super::scene::Scene;
use super::{is_told, is_up, nova};
use crate::base::clock::since;
use crate::fleet::Began;
use crate::fleet::load::Known;
use crate::fleet::metric::{Meter, Metric, Subject};
use crate::fleet::service::{Member, Service, Severity};
use crate::series::{Point, Series, Tier};

/// What our own health checks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    /// Too few have failed yet to be sure.
    Doubt,
    No,
    /// They tell nothing any more.
    Dark,
    /// It is not checked.
    Never,
}

/// What all witnesses together say of an instance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    Up,
    Down(Fault),
    /// Our checks fail; whether anyone else says that it serves.
    Unreachable(Fault, bool),
    /// Witnesses disagree, or too few have been heard.
    Doubt,
    /// At rest, or on its way: not expected to serve.
    Exempt,
    Dark,
}

/// What speaks against an instance, and since when, where that is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    evidence: Vec<Evidence>,
    began: Option<Began>,
}

/// What a member's checks say.
pub(crate) fn answer(scene: &Scene<'_>, known: Known<'_>) -> Answer {
    let Some((_, series)) = known.series(Metric::ProbeUp, scene.now) else { return Answer::Never };
    if !series.is_fresh(scene.now) {
        return Answer::Dark;
    }
    let mut failed = series.points(Tier::Full).rev().take_while(|(_, point)| point.mean < 0.5);
    match series.newest() {
        Some((value, _)) if value >= 0.5 => Answer::Yes,
        _ if failed.nth(scene.thresholds.probes.saturating_sub(1)).is_some() => Answer::No,
        _ => Answer::Doubt,
    }
}

/// What the pools say: whether any finds it failing, else whether any finds it well.
pub(crate) fn in_pools(scene: &Scene<'_>, member: &Member) -> Option<bool> {
    let statuses = || scene.fleet.memberships(member).map(|(_, seat)| &*seat.operating_status);
    if statuses().any(|status| status == "ERROR") {
        return Some(false);
    }
    statuses().any(|status| status == "ONLINE").then_some(true)
}

/// What all witnesses say of an instance. While the observer is cut off its checks say nothing.
pub(crate) fn state(scene: &Scene<'_>, member: &Member, answer: Answer, cut_off: bool) -> State {
    let instance = &member.instance;
    if !is_told(member) {
        return State::Dark;
    }
    if nova::rest(&instance.status).is_some() || instance.task_state.is_some() || instance.status.is_transition() {
        return State::Exempt;
    }
    if !is_up(instance) {
        let seen = format!("status {} although it was not put to rest", instance.status);
        let evidence = vec![Evidence { meter: Meter::Nova, seen, value: None, at: instance.updated }];
        return State::Down(Fault { evidence, began: instance.updated.map(Began::exactly) });
    }
    let young = instance.launched.or(instance.created);
    if answer != Answer::Yes && young.is_some_and(|young| since(young, scene.now) < scene.thresholds.grace) {
        return State::Exempt;
    }
    let pools = in_pools(scene, member);
    let failing = || octavia("its member of the pool is ERROR", failing_since(scene, member));
    match (answer, pools) {
        (Answer::Yes | Answer::Doubt, Some(false)) => State::Doubt,
        (Answer::No, Some(false)) if !cut_off => State::Down(checks(scene, member).and(failing())),
        (_, Some(false)) => State::Down(failing()),
        (Answer::No, Some(true)) if !cut_off => {
            State::Unreachable(checks(scene, member).and(octavia("its member is ONLINE", None)), true)
        }
        (Answer::No, None) if !cut_off => State::Unreachable(checks(scene, member), false),
        (Answer::Dark | Answer::No, None) => State::Dark,
        (Answer::Doubt, _) => State::Doubt,
        _ => State::Up,
    }
}

/// What our own checks say of one that does not answer.
fn checks(scene: &Scene<'_>, member: &Member) -> Fault {
    let subject = Subject::Instance(member.instance.id.clone());
    let series = scene.load.series(&subject, Metric::ProbeUp, scene.now).map(|(_, series)| series);
    let newest = series.and_then(Series::newest);
    let seen = format!("the last {} health checks from here failed", scene.thresholds.probes);
    let value = newest.map(|(value, _)| (Metric::ProbeUp, value));
    let evidence = vec![Evidence { meter: Meter::Probe, seen, value, at: newest.map(|(_, at)| at) }];
    Fault { evidence, began: series.and_then(unanswered_since) }
}

/// One answer ends it: checks are few, and each is sure.
fn unanswered_since(series: &Series) -> Option<Began> {
    let steps = series.back(Tier::Full);
    let failed = |point: Point| if point.mean < 0.5 { Then::So } else { Then::Not };
    past::began(steps.map(|(at, tier, point)| (at, tier, failed(point))), Duration::ZERO)
}

fn octavia(seen: &str, began: Option<Began>) -> Fault {
    let evidence = Evidence { meter: Meter::Octavia, seen: seen.to_owned(), value: None, at: None };
    Fault { evidence: vec![evidence], began }
}

/// Since when a pool has found it failing, by then at the latest: Octavia tells when it last changed a member's row.
fn failing_since(scene: &Scene<'_>, member: &Member) -> Option<Began> {
    let seats = scene.fleet.memberships(member).filter(|(_, seat)| &*seat.operating_status == "ERROR");
    seats.filter_map(|(_, seat)| seat.updated).min().map(Began::by)
}

impl Fault {
    /// With what else speaks against it. What is known exactly says when it began, else who looks back further.
    fn and(mut self, other: Fault) -> Self {
        self.evidence.extend(other.evidence);
        self.began = match self.began {
            Some(exact) if !exact.maybe_earlier => Some(exact),
            own => own.into_iter().chain(other.began).min(),
        };
        self
    }
}

/// Of one instance: down, unreachable, flapping.
pub(crate) fn of_instance(round: &mut Round<'_>, service: &Service, at: usize, state: &State, answer: Answer) {
    let scene = *round.scene;
    let member = &scene.fleet.members[at];
    let whom = Whom::member(service, member);
    let (down, unreachable) = match state {
        State::Down(fault) => {
            (so(Severity::Critical, format!("{} serves nobody", whom.name()), fault, DOWN), Sight::Not)
        }
        State::Unreachable(fault, known_well) => {
            let (severity, text) = unreachable_text(&whom.name(), *known_well);
            (Sight::Not, so(severity, text, fault, UNREACHABLE))
        }
        State::Dark => (Sight::Dark, Sight::Dark),
        _ => (Sight::Not, Sight::Not),
    };
    round.note(Trouble::Down, whom, down);
    round.note(Trouble::Unreachable, whom, unreachable);
    let up = match (in_pools(&scene, member), answer) {
        (Some(false), _) => Some(false),
        (_, Answer::Yes) => Some(true),
        (_, Answer::No | Answer::Doubt) => Some(false),
        (known, _) => known,
    };
    let sight = flapping(round, member, up, matches!(state, State::Exempt));
    round.note(Trouble::Flapping, whom, sight);
}

fn unreachable_text(name: &str, known_well: bool) -> (Severity, String) {
    match known_well {
        true => (Severity::Warning, format!("{name} does not answer from here, yet its balancer finds it well")),
        false => (Severity::Critical, format!("{name} does not answer, and nobody says that it serves")),
    }
}

const DOWN: &str = "Read its console log and its history; replace it if it stays down";
const UNREACHABLE: &str =
    "Check the path from this host: security group, route, port; then the application on the instance";

/// How often it fell and came back within a quarter of an hour.
fn flapping(round: &mut Round<'_>, member: &Member, up: Option<bool>, exempt: bool) -> Sight {
    let (now, limit) = (round.scene.now, round.scene.thresholds.flaps);
    let id = &member.instance.id;
    if !round.memory.ups.contains_key(id) && up.is_none() {
        return Sight::Not;
    }
    let ups: &mut Ups = round.memory.ups.entry(id.clone()).or_default();
    ups.changes.retain(|at| since(*at, now).as_secs() <= 15 * 60);
    if exempt {
        // A restart is not a flap.
        ups.last = None;
        return Sight::Not;
    }
    let Some(up) = up else { return Sight::Dark };
    if ups.last.replace(up).is_some_and(|last| last != up) && ups.changes.len() < 64 {
        ups.changes.push(now);
    }
    let (count, first) = (ups.changes.len(), ups.changes.first().copied());
    let seen = || {
        let text = format!("{} fell and came back {count} times in 15 min", title(member));
        let seen = format!("{count} changes between answering and not");
        let evidence = Evidence { meter: Meter::Probe, seen, value: None, at: Some(now) };
        let began = first.map(Began::exactly);
        Seen {
            severity: Severity::Warning,
            text,
            evidence: vec![evidence],
            advice: FLAPPING.to_owned(),
            began,
            lasts: false,
        }
    };
    match count {
        many if many >= limit => Sight::So(seen()),
        some if some > 1 => Sight::Wavering(seen()),
        _ => Sight::Not,
    }
}

const FLAPPING: &str = "Drain it and look at its log: restarts of the application, memory, a failing disk or network";

/// Of a service: down, unreachable, below its floor.
pub(crate) fn of_service(round: &mut Round<'_>, service: &Service, states: &[State]) {
    let whom = Whom::service(service);
    let of = |at: &usize| &states[*at];
    let expected: Vec<&State> =
        service.members.iter().map(of).filter(|state| !matches!(state, State::Exempt)).collect();
    let count = expected.len();
    let down = expected.iter().filter(|state| matches!(state, State::Down(_))).count();
    let cut = expected.iter().filter(|state| matches!(state, State::Unreachable(..))).count();
    let dark = expected.iter().filter(|state| matches!(state, State::Dark)).count();
    let faults = expected.iter().filter_map(|state| match state {
        State::Down(fault) | State::Unreachable(fault, _) => Some(fault),
        _ => None,
    });
    let name = &service.key.name;
    let (is_down, is_cut) = if count > 0 && down == count {
        let text = format!("{name} serves nobody: {}", all(count, "is down", "are down"));
        (so(Severity::Critical, text, &of_all(faults), SERVICE_DOWN), Sight::Not)
    } else if count > 0 && down + cut == count {
        let well = expected.iter().any(|state| matches!(state, State::Unreachable(_, true)));
        let severity = if well { Severity::Warning } else { Severity::Critical };
        let text = format!("{name} cannot be reached: {}", all(count, "does not answer", "do not answer"));
        (Sight::Not, so(severity, text, &of_all(faults), UNREACHABLE))
    } else if dark > 0 && down + cut + dark == count {
        (Sight::Dark, Sight::Dark)
    } else {
        (Sight::Not, Sight::Not)
    };
    round.note(Trouble::Down, whom, is_down);
    round.note(Trouble::Unreachable, whom, is_cut);
    if let Some(floor) = round.scene.wanted_of(&service.key).and_then(|wanted| wanted.floor) {
        let serving = expected.iter().filter(|state| matches!(state, State::Up | State::Doubt)).count();
        let missing = floor.saturating_sub(serving);
        let began = fell_below(round.scene, service, states, missing);
        round.note(Trouble::BelowFloor, whom, below(name, serving, dark, floor, began));
    }
}

/// What speaks against all: the first one's evidence stands for the others'. It began when the last one fell.
fn of_all<'a>(faults: impl Iterator<Item = &'a Fault>) -> Fault {
    let faults: Vec<&Fault> = faults.collect();
    let evidence = faults.first().map(|fault| fault.evidence.clone()).unwrap_or_default();
    // Of one that is not known it is not known whether it was the last.
    let began: Option<Vec<Began>> = faults.iter().map(|fault| fault.began).collect();
    Fault { evidence, began: began.and_then(|all| all.into_iter().max()) }
}

const SERVICE_DOWN: &str = "Look at what all have in common: the newest version, the balancer, a network, a host";

fn all(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("its one instance {one}") } else { format!("all {count} instances {many}") }
}

/// Since when so many are missing: since that many had fallen, the latest of them last. Whoever serves now and did not
/// yet then was missing, too.
fn fell_below(scene: &Scene<'_>, service: &Service, states: &[State], missing: usize) -> Option<Began> {
    let faults = service.members.iter().filter_map(|at| match &states[*at] {
        State::Down(fault) | State::Unreachable(fault, _) => Some(fault.began),
        _ => None,
    });
    // Of one that is not known it is not known which of them it was.
    let mut fell: Vec<Began> = faults.collect::<Option<_>>()?;
    fell.sort_unstable_by(|one, other| other.cmp(one));
    let began = *fell.get(missing.checked_sub(1)?)?;
    let launched = |at: &usize| {
        let instance = &scene.fleet.members[*at].instance;
        instance.launched.or(instance.created)
    };
    let serving = service.members.iter().filter(|at| matches!(states[**at], State::Up | State::Doubt));
    let grown = serving.filter_map(launched).any(|launched| launched > began.at);
    Some(Began { maybe_earlier: began.maybe_earlier || grown, ..began })
}

fn below(name: &str, serving: usize, dark: usize, floor: usize, began: Option<Began>) -> Sight {
    if serving >= floor {
        return Sight::Not;
    }
    if serving + dark >= floor {
        return Sight::Dark;
    }
    let severity = if serving == 0 { Severity::Critical } else { Severity::Warning };
    let text = format!("{serving} of {name}'s instances serve, {floor} are wanted");
    let seen = format!("{serving} serve by all that is known");
    let evidence = Evidence { meter: Meter::Nova, seen, value: None, at: None };
    let advice = format!("Add {} or bring back those that do not serve", floor - serving);
    Sight::So(Seen { severity, text, evidence: vec![evidence], advice, began, lasts: false })
}

fn so(severity: Severity, text: String, fault: &Fault, advice: &str) -> Sight {
    let Fault { evidence, began } = fault.clone();
    Sight::So(Seen { severity, text, evidence, advice: advice.to_owned(), began, lasts: false })
}

/// What to call an instance.
pub(crate) fn title(member: &Member) -> String {
    let Member { instance, .. } = member;
    super::quote(if instance.name.is_empty() { instance.id.as_str() } else { &instance.name })
}
