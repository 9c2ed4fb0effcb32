//! What a plan does to those who use what it changes, in sentences: read before it is approved.

use std::collections::HashSet;
use std::time::Duration;

use crate::base::id::{MemberId, PoolId};
use crate::fleet::health::octavia::takes_requests;
use crate::fleet::pool::{Member, Pool};
use crate::fleet::release::Release;
use crate::operation::rollback::Former;
use crate::operation::{Change, Gate, Plan, Reboot, Verb};

/// So many pools are told one by one.
const POOLS: usize = 4;

/// A sentence for each pool that is concerned, and what else is lost.
pub fn effects(plan: &Plan, pools: &[Pool]) -> Vec<String> {
    if plan.verb() == Verb::Start {
        return Vec::new();
    }
    // It is asked for each frame, and of ten thousand steps: each pool and each seat is looked up.
    let concerned: HashSet<&PoolId> = plan.steps.iter().flat_map(|step| &step.pools).collect();
    let seats: HashSet<&MemberId> = plan.steps.iter().flat_map(|step| &step.own).collect();
    let pools: Vec<&Pool> = pools.iter().filter(|pool| concerned.contains(&pool.id)).collect();
    let mut texts: Vec<String> = pools.iter().take(POOLS).map(|pool| of_pool(plan, pool, &seats)).collect();
    if pools.len() > POOLS {
        texts.push(format!("… and {} more pools.", pools.len() - POOLS));
    }
    texts.extend(plan.former.as_ref().map(Former::told));
    texts.extend(plan.intent.release.as_ref().map(of_release));
    let back = plan.intent.back.as_ref().zip(plan.intent.release.as_ref());
    texts.extend(back.map(|(back, release)| format!("Back to {}: {back}.", release.title())));
    let drains = plan.steps.iter().any(|step| step.gate == Gate::Drained);
    texts.extend(drains.then(|| drained(plan)));
    let hard = plan.verb() == Verb::Restart(Reboot::Hard);
    texts.extend(
        plan.intent.rebuilds().then(|| "What is on the root disk is lost; id, addresses and volumes stay.".to_owned()),
    );
    let looked_at = match plan.intent.replaces() {
        true => {
            "It stops when the first new one serves beside the old ones, until somebody has looked at it and lets it go on."
        }
        false => "It stops behind the first until somebody has looked at it and lets it go on.",
    };
    texts.extend(plan.deletes().then(|| removed(plan)));
    texts.extend(plan.intent.left.as_ref().map(|_| cleaned(plan)));
    texts.extend((plan.made() > 0).then(|| made(plan)));
    texts.extend(plan.steps.iter().any(|step| step.compared).then(|| compared(plan)));
    texts.extend(plan.checkpoint.then(|| looked_at.to_owned()));
    texts.extend(hard.then(|| "The power is cut: what the guest has not written is lost.".to_owned()));
    texts
}

fn made(plan: &Plan) -> String {
    let room = plan.intent.moulds.first().and_then(|mould| mould.room);
    let room = room.map(|room| format!(" The quotas have room for {room}.")).unwrap_or_default();
    let copied =
        "Copied: flavor, image, networks, security groups, key, metadata, tags and server group; not user data";
    format!("{}{copied} and volumes.{room} What is not whole when it is given up is taken away again.", like(plan))
}

/// Whom they are made like, and what that runs, where all are made like one.
fn like(plan: &Plan) -> String {
    let [mould] = &plan.intent.moulds[..] else { return String::new() };
    let version = plan.steps.iter().find_map(|step| step.version.as_ref().filter(|_| step.change.makes()));
    let runs = version.map(|version| format!(", which answers as {version}")).unwrap_or_default();
    format!("Made like {}{runs}. ", mould.name)
}

fn removed(plan: &Plan) -> String {
    let lost = "Its id, its addresses and what is on its root disk are lost.";
    if plan.steps.iter().any(|step| step.undoes) {
        let keep = long(plan.limits.keep);
        return format!("Switched off {keep} before it is deleted: so long an abort brings it back. {lost}");
    }
    format!("It is deleted at once. {lost}")
}

fn cleaned(plan: &Plan) -> String {
    let ports = plan.steps.iter().filter(|step| matches!(step.change, Change::DeletePort { .. })).count();
    let freed = match ports {
        0 => "",
        1 => "The address of the port is free for others then. ",
        _ => "The addresses of the ports are free for others then. ",
    };
    format!("{freed}Each is looked at right before: what bears its stamp no more, or is in use by then, is left out.")
}

fn of_release(release: &Release) -> String {
    let made = release.created.map(|created| format!(", made {}", created.strftime("%F %H:%MZ"))).unwrap_or_default();
    format!("{} is image {} ({}){made}.", release.title(), release.name, release.image)
}

fn long(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

/// That the first new one is held against the others.
fn compared(plan: &Plan) -> String {
    let long = long(plan.limits.analysis);
    format!(
        "Where its balancer tells figures, the first new one is compared with the others for {long}: if it errs more or takes longer, it is taken away again."
    )
}

fn drained(plan: &Plan) -> String {
    let wait = plan.limits.drain.as_secs();
    match plan.verb() {
        Verb::Restart(_) | Verb::Rebuild | Verb::RollOut | Verb::RollBack if !plan.intent.replaces() => {
            format!("Out of rotation for {wait} s before it, and until its checks are well again.")
        }
        _ => format!("What it had begun to answer has {wait} s to end."),
    }
}

/// How many members it gets.
fn added(plan: &Plan, pool: &Pool) -> usize {
    let adds = |change: &Change| matches!(change, Change::AddMember { pool: to, .. } if *to == pool.id);
    plan.steps.iter().filter(|step| adds(&step.change)).count()
}

fn of_pool(plan: &Plan, pool: &Pool, seats: &HashSet<&MemberId>) -> String {
    let taking = |member: &&Member| takes_requests(pool, member);
    let own = |member: &&Member| seats.contains(&member.id);
    let (now, ours) =
        (pool.members.iter().filter(taking).count(), pool.members.iter().filter(taking).filter(own).count());
    let all = pool.members.len();
    let title = pool.title();
    match plan.verb() {
        Verb::PutBack => format!(
            "{title}: {now} of {all} members take requests now, {} afterwards.",
            pool.members.iter().filter(|member| taking(member) || own(member)).count()
        ),
        Verb::Scale | Verb::Replace | Verb::RollOut | Verb::RollBack if plan.made() > 0 => {
            let afterwards = now + added(plan, pool) - ours;
            format!("{title}: {now} of {all} members take requests now, {afterwards} afterwards.")
        }
        Verb::Stop | Verb::Drain | Verb::Quarantine | Verb::Remove | Verb::Scale | Verb::Replace => {
            format!("{title}: {now} of {all} members take requests now, {} afterwards.", now - ours)
        }
        _ if ours == 0 => format!("{title}: {now} of {all} members take requests; none of these targets does."),
        _ => format!("{title}: {now} of {all} members take requests now, {} while one is away.", now - 1),
    }
}
