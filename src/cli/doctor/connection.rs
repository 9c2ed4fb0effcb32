//! The chosen cloud: sign-in, endpoints, and how far its clock is from ours.

use std::time::Duration;

use crate::base::clock::{Timestamp, since};
use crate::base::failure::Failure;
use crate::cli::args::Options;
use crate::cli::look::Look;
use crate::cli::progress::Progress;
use crate::cli::signin;
use crate::cli::surroundings::Surroundings;
use crate::config::Settings;
use crate::fleet::control_plane::Endpoint;
use crate::openstack::clouds::Clouds;
use crate::openstack::{Cloud, Read, ServiceType, SessionFacts};

use super::{Findings, load, orphans};
use crate::cli::verb;

const PART: &str = "connection";
/// Clocks that differ by more make ages and token lifetimes wrong.
const TOLERATED: Duration = Duration::from_secs(30);
/// Slower than this, somebody notices.
const SLOW: Duration = Duration::from_secs(2);

pub(super) async fn examine(
    clouds: &Clouds,
    options: &Options,
    settings: &Settings,
    around: &Surroundings,
    findings: &mut Findings,
) {
    let mut progress = Progress::on_standard_error();
    let cloud = match signin::connect(clouds, options, settings, &around.clock, &mut progress).await {
        Ok(cloud) => cloud,
        Err(failure) => return findings.problem(PART, "sign-in", &failure),
    };
    sign_in(&cloud.session(), findings);
    clock(&cloud, around, findings).await;
    let watched = verb::measuring(options, settings, around.pace);
    let mut look = Look::start(cloud.clone(), watched, around.clock.clone(), progress);
    match look.control_plane().await {
        Ok(seen) => seen.endpoints.iter().for_each(|endpoint| examine_endpoint(endpoint, findings)),
        Err(failure) => return findings.problem(PART, "endpoints", &failure),
    }
    load::examine(&mut look, settings, around, findings).await;
    orphans::examine(&mut look, &cloud, options, settings, around, findings).await;
}

fn sign_in(facts: &SessionFacts, findings: &mut Findings) {
    let whose = match (&facts.project, facts.system) {
        (Some(project), _) => format!("project {project}"),
        (None, true) => "the whole system".to_owned(),
        (None, false) => "no project".to_owned(),
    };
    let roles = if facts.roles.is_empty() { "no role".to_owned() } else { facts.roles.join(", ") };
    let found = format!("{} on {whose} as {roles}, region {}", facts.user, facts.region);
    if facts.project.is_none() && !facts.system {
        let advice = "Name a project in clouds.yaml or with --project: instances belong to projects";
        return findings.warn(PART, "sign-in", found, advice);
    }
    findings.ok(PART, "sign-in", found);
}

/// The cloud's clock, by the `Date` of the first answer that has one.
async fn clock(cloud: &Cloud, around: &Surroundings, findings: &mut Findings) {
    for (service, path) in [(ServiceType::COMPUTE, "/limits"), (ServiceType::IDENTITY, "/auth/catalog")] {
        let read = Read { service, path: path.to_owned(), query: Vec::new(), microversion: None, body: None };
        let Ok(answer) = cloud.read(read).await else { continue };
        let Some(theirs) = answer.date else { continue };
        return compare(
            theirs,
            around.pace.cloud(around.clock.now()),
            answer.took.mul_f64(around.pace.rate()),
            findings,
        );
    }
    findings.ok(PART, "clock", "not told: this cloud sends no Date");
}

fn compare(theirs: Timestamp, ours: Timestamp, took: Duration, findings: &mut Findings) {
    let apart = since(theirs, ours).max(since(ours, theirs)).saturating_sub(took);
    if apart <= TOLERATED {
        // A Date has whole seconds.
        return findings.ok(PART, "clock", format!("within {} s of the cloud's", apart.as_secs() + 1));
    }
    let direction = if theirs > ours { "behind" } else { "ahead of" };
    let found = format!("{} s {direction} the cloud's", apart.as_secs());
    findings.warn(
        PART,
        "clock",
        found,
        "Let NTP set this machine's clock: ages and token lifetimes are compared with it",
    );
}

fn examine_endpoint(endpoint: &Endpoint, findings: &mut Findings) {
    if let Some((failure, _)) = endpoint.last_failure.as_ref().filter(|_| endpoint.latency.is_none()) {
        return unreachable(endpoint, failure, findings);
    }
    let version = endpoint.version.as_deref().map(|version| format!(", {version}")).unwrap_or_default();
    let range = endpoint.microversions.as_ref().map(|(least, most)| format!(", {least} to {most}")).unwrap_or_default();
    let latency = endpoint.latency.map(|latency| format!(", {:.0} ms", latency.as_secs_f64() * 1000.0));
    let unused = if endpoint.used { "" } else { ", not used" };
    let found = format!("{}{version}{range}{}{unused}", endpoint.url, latency.unwrap_or_default());
    match endpoint.latency {
        Some(latency) if latency > SLOW => {
            findings.warn(
                PART,
                endpoint.service_type.as_str(),
                found,
                "It answers slowly; the console waits for nothing, but its data will be older",
            );
        }
        _ => findings.ok(PART, endpoint.service_type.as_str(), found),
    }
}

/// Without Nova there is nothing to show; anything else is missed and told.
fn unreachable(endpoint: &Endpoint, failure: &Failure, findings: &mut Findings) {
    if endpoint.service_type == ServiceType::COMPUTE.0 {
        findings.problem(PART, endpoint.service_type.as_str(), failure);
    } else {
        findings.warn_of(PART, endpoint.service_type.as_str(), failure);
    }
}
