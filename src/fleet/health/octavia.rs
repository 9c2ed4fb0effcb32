//! Findings from Octavia's pools, their members and balancers.

use super::{finding, is_over, limits, quote};
use crate::base::clock::Timestamp;
use crate::base::id::InstanceId;
use crate::fleet::Began;
use crate::fleet::pool::{Balancer, Member, Pool};
use crate::fleet::seats::subnet;
use crate::fleet::service::{Finding, Severity};

/// Whether the pool sends it requests, as far as Octavia says.
pub(crate) fn takes_requests(pool: &Pool, member: &Member) -> bool {
    let failing = match &*member.operating_status {
        "ERROR" | "DRAINING" => true,
        // Of a pool that no listener uses Octavia says this of all.
        "OFFLINE" => is_used(pool),
        _ => false,
    };
    member.admin_up && member.weight > 0 && !failing
}

/// What a pool says of an instance in it.
pub(crate) fn of_member<'a>(
    pool: &'a Pool,
    member: &'a Member,
    id: &'a InstanceId,
    now: Timestamp,
) -> impl Iterator<Item = Finding> + 'a {
    let found = operating(pool, member).into_iter().chain(provisioning_of_member(pool, member, now));
    found.map(|found| Finding { instance: Some(id.clone()), ..found })
}

/// What is wrong with a pool and its balancers themselves.
pub(crate) fn of_pool(pool: &Pool, now: Timestamp) -> Vec<Finding> {
    let name = || format!("pool {}", quote(pool.title()));
    let operating = match pool.operating_status.as_str() {
        "ERROR" => Some((Severity::Critical, "pool down", "is ERROR: no member passes its checks")),
        "DEGRADED" => Some((Severity::Warning, "pool degraded", "is DEGRADED: some members fail their checks")),
        _ if pool.members.is_empty() => Some((Severity::Warning, "empty pool", "has no members")),
        "OFFLINE" => Some((Severity::Ok, "pool unused", "is OFFLINE: switched off, or no listener uses it")),
        _ => None,
    };
    let operating = operating.map(|(severity, title, seen)| {
        finding(severity, title, format!("Octavia: {} {seen}", name()), by(pool.updated))
    });
    let balancers = pool.balancers.iter().flat_map(|balancer| of_balancer(balancer, now));
    let stuck = provisioning(name, &pool.provisioning_status, pool.updated, ("pool broken", "pool stuck"), now);
    operating.into_iter().chain(stuck).chain(balancers).collect()
}

/// A member that no known instance is.
pub(crate) fn of_stray(pool: &Pool, member: &Member) -> Finding {
    let name = of(pool, member);
    if subnet(pool, member).is_none() {
        let evidence = format!("Octavia: {name} names no subnet, so no instance can be found for it");
        return finding(Severity::Unknown, "member unmatched", evidence, None);
    }
    let evidence = format!("Octavia: {name} is {} and matches no instance", quote(&member.operating_status));
    // One that answers is served by something that is not an instance here.
    let severity = match &*member.operating_status {
        "ONLINE" => Severity::Ok,
        _ => Severity::Warning,
    };
    finding(severity, "stray member", evidence, by(member.updated))
}

fn of(pool: &Pool, member: &Member) -> String {
    format!("member {}:{} of {}", quote(&member.address), member.port, quote(pool.title()))
}

/// By when it was so at the latest. Octavia tells when it last changed a row, and it changes the row with each state.
fn by(updated: Option<Timestamp>) -> Option<Began> {
    updated.map(Began::by)
}

fn is_used(pool: &Pool) -> bool {
    pool.operating_status != "OFFLINE"
}

fn operating(pool: &Pool, member: &Member) -> Option<Finding> {
    let (severity, title, seen) = match &*member.operating_status {
        "ERROR" => (Severity::Critical, "member down", "is ERROR: it fails its checks"),
        _ if !member.admin_up => (Severity::Warning, "member off", "is switched off"),
        "OFFLINE" if is_used(pool) => {
            (Severity::Warning, "member offline", "is OFFLINE: not checked yet, or switched off")
        }
        // Without a monitor DRAINING never shows: the weight tells.
        _ if member.weight == 0 => (Severity::Warning, "draining", "drains: weight 0"),
        "DRAINING" => (Severity::Warning, "draining", "is DRAINING"),
        "DEGRADED" => (Severity::Warning, "member degraded", "is DEGRADED"),
        _ => return None,
    };
    Some(finding(severity, title, format!("Octavia: {} {seen}", of(pool, member)), by(member.updated)))
}

fn provisioning_of_member(pool: &Pool, member: &Member, now: Timestamp) -> Option<Finding> {
    let titles = ("member broken", "member stuck");
    provisioning(|| of(pool, member), &member.provisioning_status, member.updated, titles, now)
}

fn of_balancer(balancer: &Balancer, now: Timestamp) -> Vec<Finding> {
    let title = if balancer.name.is_empty() { balancer.id.as_str() } else { &balancer.name };
    let name = || format!("load balancer {}", quote(title));
    let down = (balancer.operating_status == "ERROR").then(|| {
        let evidence = format!("Octavia: {} is ERROR: it serves nobody", name());
        finding(Severity::Critical, "balancer down", evidence, by(balancer.updated))
    });
    let titles = ("balancer broken", "balancer stuck");
    let stuck = provisioning(name, &balancer.provisioning_status, balancer.updated, titles, now);
    down.into_iter().chain(stuck).collect()
}

/// What Octavia does with something: nothing under a balancer can be changed meanwhile. The name is made up only for
/// what is wrong, which most things are not.
fn provisioning(
    name: impl Fn() -> String,
    status: &str,
    updated: Option<Timestamp>,
    (broken, stuck): (&'static str, &'static str),
    now: Timestamp,
) -> Option<Finding> {
    if status == "ERROR" {
        let evidence = format!("Octavia: provisioning of {} is ERROR: the last change failed", name());
        return Some(finding(Severity::Warning, broken, evidence, by(updated)));
    }
    if !status.starts_with("PENDING") || !is_over(updated, limits::PENDING, now) {
        return None;
    }
    let minutes = limits::PENDING.as_secs() / 60;
    let evidence = format!("Octavia: provisioning of {} is {} for more than {minutes} min", name(), quote(status));
    Some(finding(Severity::Warning, stuck, evidence, by(updated)))
}
