//! Who measures load, of which service, and what would have to be configured for more.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::nearest::nearest;
use crate::cli::look::{Look, Wants, called};
use crate::cli::surroundings::Surroundings;
use crate::cli::verb::instances::age;
use crate::config::Settings;
use crate::fleet::health::unmatched;
use crate::fleet::load::prefer;
use crate::fleet::metric::{Lack, Meter, MeterStanding, MeterState, Metric, Subject};
use crate::fleet::service::{Fleet, Service};
use crate::fleet::{Condition, ServiceKey};

use super::{Check, Findings, Verdict};

pub(super) const PART: &str = "load";

/// Octavia's counters are read every ten seconds; a rate takes two of these.
const PATIENCE: Duration = Duration::from_secs(15);

/// What anyone wants to know of a service, and the metrics that tell it.
const QUESTIONS: [(&str, &[Metric]); 5] = [
    ("requests", &[Metric::Requests, Metric::Connections]),
    ("errors", &[Metric::Errors]),
    ("response times", &[Metric::ResponseP95, Metric::ResponseP50, Metric::ResponseP99, Metric::ResponseMean]),
    ("CPU", &[Metric::Cpu]),
    ("memory", &[Metric::Memory]),
];

pub(super) async fn examine(look: &mut Look, settings: &Settings, around: &Surroundings, findings: &mut Findings) {
    let file = settings.file.clone().unwrap_or_else(|| around.paths.config.join("config.toml"));
    let file = file.display().to_string();
    if !settings.metrics.enabled {
        let advice = paste(&file, "[metrics]\nenabled = true");
        let found = format!("nobody is asked: `metrics.enabled` is false ({})", settings.origin("metrics.enabled"));
        return add(findings, "sources", Verdict::Warning, found, advice);
    }
    // Why there is no fleet is told of the endpoints.
    let Ok(fleet) = look.fleet().await else { return };
    if let Err(failure) = look.measured(Wants::Rates, PATIENCE).await {
        return findings.warn_of(PART, "sources", &failure);
    }
    look.consider(&fleet, &settings.services, &settings.health);
    let (condition, now) = (look.condition(), around.clock.now());
    condition.meters().iter().for_each(|state| source(state, &file, now, findings));
    fleet.services.iter().for_each(|of| service(of, condition, &file, findings));
    for name in unmatched(&fleet, &settings.services) {
        stranger(name, &fleet, settings, findings);
    }
}

fn add(findings: &mut Findings, subject: &str, verdict: Verdict, found: String, advice: Vec<String>) {
    findings.checks.push(Check { part: PART, subject: subject.to_owned(), verdict, found, advice });
}

/// Lines to paste, each by itself.
fn paste(file: &str, lines: &str) -> Vec<String> {
    [format!("Put into {file}:")].into_iter().chain(lines.lines().map(|line| format!("  {line}"))).collect()
}

/// What is lacking, and what would change it.
fn lacking(lack: &Lack, file: &str) -> Vec<String> {
    let lines = lack.paste.iter().flat_map(|lines| paste(file, lines));
    [lack.why.clone()].into_iter().chain(lines).collect()
}

/// Someone who measures.
fn source(state: &MeterState, file: &str, now: Timestamp, findings: &mut Findings) {
    let general = state.lacks.iter().filter(|lack| lack.service.is_none());
    let mut advice: Vec<String> = general.flat_map(|lack| lacking(lack, file)).collect();
    let (verdict, found) = match &state.standing {
        MeterStanding::Answers(_) if state.services.is_empty() => {
            (Verdict::Ok, "answers, and tells nothing of these services".to_owned())
        }
        MeterStanding::Answers(_) => (Verdict::Ok, format!("answers, tells of {}", names(&state.services))),
        MeterStanding::Awaited => (Verdict::Warning, format!("has not answered within {} s", PATIENCE.as_secs())),
        MeterStanding::Silent(began, failure) => {
            advice.extend(failure.hints.iter().cloned());
            let causes: String = failure.causes.iter().map(|cause| format!(": {cause}")).collect();
            let long = age(since(*began, now));
            (Verdict::Warning, format!("does not answer for {long}: {}{causes}", failure.message))
        }
        MeterStanding::Off(lack) => {
            advice.extend(lacking(lack, file));
            (Verdict::Ok, "off".to_owned())
        }
    };
    add(findings, &called(state), verdict, found, advice);
}

/// The first few names, and how many more.
fn names(keys: &[ServiceKey]) -> String {
    const SHOWN: usize = 6;
    let first: Vec<&str> = keys.iter().take(SHOWN).map(|key| &*key.name).collect();
    let more = keys.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", first.join(", ")) } else { first.join(", ") }
}

/// Who tells what of a service, and what nobody tells.
fn service(service: &Service, condition: &Condition, file: &str, findings: &mut Findings) {
    let subject = Subject::Service(service.key.clone());
    let teller = |metrics: &[Metric]| -> Option<Meter> {
        let known: Vec<(Metric, Meter)> = condition.load().known(&subject).collect();
        metrics.iter().find_map(|metric| {
            let of_metric = known.iter().filter(|(told, _)| told == metric).map(|(_, meter)| *meter);
            of_metric.min_by_key(|meter| prefer::order(*metric).iter().position(|one| one == meter))
        })
    };
    let mut told: Vec<(Meter, Vec<&str>)> = Vec::new();
    let mut untold: Vec<(&str, &[Metric])> = Vec::new();
    for (question, metrics) in QUESTIONS {
        match teller(metrics) {
            None => untold.push((question, metrics)),
            Some(meter) => match told.iter_mut().find(|(other, _)| *other == meter) {
                Some((_, questions)) => questions.push(question),
                None => told.push((meter, vec![question])),
            },
        }
    }
    let sentence = |(meter, questions): &(Meter, Vec<&str>)| format!("{} by {}", questions.join(", "), meter.title());
    let mut parts: Vec<String> = told.iter().map(sentence).collect();
    if !untold.is_empty() {
        let questions: Vec<&str> = untold.iter().map(|(question, _)| *question).collect();
        parts.push(format!("nobody tells {}", questions.join(", ")));
    }
    let verdict = if told.is_empty() { Verdict::Warning } else { Verdict::Ok };
    let own = condition.meters().iter().flat_map(|state| &state.lacks);
    let own = own.filter(|lack| lack.service.as_ref() == Some(&service.key));
    let mut advice: Vec<String> = own.flat_map(|lack| lacking(lack, file)).collect();
    advice.extend(untold.iter().filter_map(|(question, metrics)| would_tell(question, metrics, condition)));
    add(findings, &service.key.name, verdict, parts.join("; "), advice);
}

/// Who is off and would tell it.
fn would_tell(question: &str, metrics: &[Metric], condition: &Condition) -> Option<String> {
    let off = |meter: &Meter| {
        let is = |state: &MeterState| state.meter == *meter && matches!(state.standing, MeterStanding::Off(_));
        condition.meters().iter().any(is)
    };
    // Any source may tell anything; these are those that do as a rule.
    let usual = |meter: &Meter| match metrics.first()? {
        Metric::Cpu | Metric::Memory => (*meter == Meter::Prometheus).then_some(*meter),
        _ => matches!(meter, Meter::Prometheus | Meter::Balancer).then_some(*meter),
    };
    let would: Vec<&str> = [Meter::Balancer, Meter::Prometheus]
        .iter()
        .filter(|meter| off(meter))
        .filter_map(usual)
        .map(Meter::title)
        .collect();
    (!would.is_empty()).then(|| format!("{} would tell {question}: see above what to paste", would.join(" or ")))
}

/// A name that something is wanted of, and that no service has.
fn stranger(name: &str, fleet: &Fleet, settings: &Settings, findings: &mut Findings) {
    let near = nearest(name, fleet.services.iter().map(|service| &*service.key.name));
    let advice = match near {
        Some(near) => format!("Did you mean [services.{near}]?"),
        None => "`stackdeck services` lists the names that there are".to_owned(),
    };
    let mut origins = settings.origins.iter();
    let origin = origins.find(|(key, _)| key.starts_with(&format!("services.{name}.")));
    let place = origin.map(|(_, origin)| format!(" ({origin})")).unwrap_or_default();
    let found = format!("something is wanted of it{place}, and no service is called so");
    add(findings, name, Verdict::Warning, found, vec![advice]);
}
