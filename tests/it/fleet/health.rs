//! What is wrong, with its evidence.

use std::sync::Arc;

use stackdeck::fleet::health::limits::LIMITS;
use stackdeck::fleet::instance::{Fault, Lock, PowerState};
use stackdeck::fleet::pool::Pool;
use stackdeck::fleet::service::{Finding, Severity};
use stackdeck::fleet::{Began, Instance};

use super::build::{Row, Surroundings, ago, cloud, grouped, instance, member, pool, port, service, titles};

/// The findings of one instance, beside a peer that is well.
fn of(row: Instance) -> Vec<Finding> {
    let id = row.id.clone();
    member(&grouped(&cloud([row, instance("web-9")])), id.as_str()).findings.clone()
}

/// The findings of an instance in that pool.
fn in_pool(pool: Pool) -> Vec<Finding> {
    let fleet = grouped(&cloud([instance("web-1")]).pools(vec![pool]).ports(vec![port("web-1", "10.0.0.1")]));
    member(&fleet, "web-1").findings.clone()
}

#[test]
fn an_instance_that_is_well_has_no_finding() {
    assert_eq!(of(instance("web-1")), []);
}

#[test]
fn error_tells_its_fault() {
    let mut row = instance("web-1").status("ERROR");
    let [bare] = of(row.clone()).try_into().unwrap();
    assert_eq!((bare.severity, bare.title, bare.since), (Severity::Critical, "error", Some(Began::exactly(ago(60)))));
    assert_eq!(bare.evidence, "Nova: status ERROR, with no fault told");
    row.fault = Some(Fault {
        code: 500,
        message: "No valid host\u{1b}[31m was found.\nTraceback".to_owned(),
        details: None,
        created: Some(ago(5)),
    });
    let [found] = of(row).try_into().unwrap();
    assert_eq!(found.evidence, "Nova: status ERROR, fault 500: No valid host was found.");
    assert_eq!((found.since, found.instance), (Some(Began::exactly(ago(5))), Some("web-1".into())));
}

#[test]
fn statuses_that_are_not_well_are_told() {
    for (status, expected) in [
        ("UNKNOWN", "Unknown cell down"),
        ("VERIFY_RESIZE", "Warning resize waits"),
        ("RESCUE", "Critical rescue"),
        ("FROBNICATED", "Unknown odd status"),
        ("SHUTOFF", "Warning stopped"),
        ("PAUSED", "Warning paused"),
        ("SUSPENDED", "Warning suspended"),
        ("SHELVED_OFFLOADED", "Warning shelved"),
        ("BUILD", "Critical slow build"),
    ] {
        let mut row = instance("web-1").status(status);
        row.power_state = None;
        assert_eq!(titles(&of(row)), [expected], "{status}");
    }
}

#[test]
fn a_transition_is_busy_within_its_time_and_slow_beyond() {
    for limit in LIMITS.iter().filter(|limit| limit.task_state.chars().all(|c| !c.is_uppercase())) {
        let minutes = i64::try_from(limit.limit.as_secs() / 60).unwrap();
        let [busy] = of(instance("web-1").doing(limit.task_state, ago(minutes))).try_into().unwrap();
        assert_eq!(
            (busy.severity, busy.title, busy.since),
            (Severity::Busy, limit.busy, Some(Began::exactly(ago(minutes))))
        );
        let [slow] = of(instance("web-1").doing(limit.task_state, ago(minutes + 1))).try_into().unwrap();
        let expected = if limit.serves { Severity::Warning } else { Severity::Critical };
        assert_eq!((slow.severity, slow.title), (expected, limit.slow));
        assert!(slow.evidence.ends_with(&format!("task_state {} for more than {minutes} min", limit.task_state)));
    }
    assert_eq!(titles(&of(instance("web-1").doing("learnt_since", ago(9)))), ["Busy in transition"]);
    assert_eq!(titles(&of(instance("web-1").doing("learnt_since", ago(11)))), ["Critical stuck"]);
    // By the status alone, from when it was made if nothing else is known.
    let mut row = instance("web-1").status("BUILD").power(PowerState::NoState);
    (row.updated, row.created) = (None, Some(ago(2)));
    assert_eq!(titles(&of(row)), ["Busy building"]);
}

#[test]
fn evidence_does_not_change_with_time() {
    let sources = cloud([instance("web-1").doing("migrating", ago(5))]);
    let later = |seconds| {
        let now = super::build::now().as_second() + seconds;
        let now = stackdeck::base::clock::Timestamp::from_second(now).unwrap();
        stackdeck::fleet::group(&sources, &Default::default(), None, now)
    };
    assert_eq!(later(0), later(61));
    assert_ne!(later(0), later(3600), "but a limit that has passed does");
}

#[test]
fn power_state_is_held_against_status() {
    for (status, power, expected) in [
        ("ACTIVE", PowerState::Shutdown, "Critical powered off"),
        ("ACTIVE", PowerState::Crashed, "Critical crashed"),
        ("ACTIVE", PowerState::Paused, "Critical guest paused"),
        ("ACTIVE", PowerState::Suspended, "Critical guest suspended"),
        ("ACTIVE", PowerState::NoState, "Unknown no power state"),
    ] {
        assert_eq!(titles(&of(instance("web-1").status(status).power(power))), [expected]);
    }
    let running = of(instance("web-1").status("SHUTOFF").power(PowerState::Running));
    assert_eq!(titles(&running), ["Warning still running", "Warning stopped"]);
    // While something is done both may differ.
    let row = instance("web-1").power(PowerState::Shutdown).doing("powering-on", ago(1));
    assert_eq!(titles(&of(row)), ["Busy starting"]);
}

#[test]
fn rest_is_told_only_beside_peers_that_serve() {
    let off = |name: &str| instance(name).status("SHUTOFF").power(PowerState::Shutdown);
    let fleet = grouped(&cloud([off("web-1"), off("web-2"), instance("web-3")]));
    assert_eq!(
        member(&fleet, "web-1").findings[0].evidence,
        "Nova: status SHUTOFF while 1 of the service's 3 instances serve"
    );
    let fleet = grouped(&cloud([off("web-1"), off("web-2")]));
    assert_eq!(member(&fleet, "web-1").findings, []);
    assert_eq!(titles(&service(&fleet, "web").findings), ["Warning stopped"]);
    let fleet = grouped(&cloud([off("web-1"), instance("web-2").status("ERROR")]));
    assert_eq!(titles(&service(&fleet, "web").findings), ["Critical down", "Critical error"]);
    let fleet = grouped(&cloud([instance("web-1").status("UNKNOWN")]));
    assert_eq!(titles(&service(&fleet, "web").findings), ["Unknown cell down", "Unknown unknown"]);
}

#[test]
fn unconfirmed_and_locked_are_told() {
    let mut row = instance("web-1");
    row.locked = Some(Lock { locked: true, reason: Some("by night shift".to_owned()) });
    let mut sources = cloud([row, instance("web-2")]);
    sources.unconfirmed.insert("web-1".into());
    let fleet = grouped(&sources);
    let web = member(&fleet, "web-1");
    assert!(web.unconfirmed);
    assert_eq!(titles(&web.findings), ["Unknown unconfirmed", "Ok locked"]);
    assert_eq!(web.findings[1].evidence, "Nova: locked: by night shift");
}

#[test]
fn what_a_pool_says_of_its_members_is_told() {
    let online = || pool("web", &[("10.0.0.1", "ONLINE")]);
    assert_eq!(in_pool(online()), []);
    for (status, expected) in [
        ("ERROR", "Critical member down"),
        ("OFFLINE", "Warning member offline"),
        ("DRAINING", "Warning draining"),
        ("DEGRADED", "Warning member degraded"),
    ] {
        assert_eq!(titles(&in_pool(pool("web", &[("10.0.0.1", status)]))), [expected]);
    }
    let mut weightless = pool("web", &[("10.0.0.1", "NO_MONITOR")]);
    Arc::make_mut(&mut weightless.members)[0].weight = 0;
    let [found] = in_pool(weightless).try_into().unwrap();
    assert_eq!(found.evidence, "Octavia: member 10.0.0.1:8080 of web drains: weight 0");
    let mut off = pool("web", &[("10.0.0.1", "OFFLINE")]);
    Arc::make_mut(&mut off.members)[0].admin_up = false;
    assert_eq!(titles(&in_pool(off)), ["Warning member off"]);
    let mut unused = pool("web", &[("10.0.0.1", "OFFLINE")]);
    unused.operating_status = "OFFLINE".to_owned();
    assert_eq!(in_pool(unused), []);
    let mut broken = online();
    Arc::make_mut(&mut broken.members)[0].provisioning_status = "ERROR".into();
    assert_eq!(titles(&in_pool(broken)), ["Warning member broken"]);
    let mut stuck = online();
    Arc::make_mut(&mut stuck.members)[0].provisioning_status = "PENDING_UPDATE".into();
    assert_eq!(titles(&in_pool(stuck.clone())), ["Warning member stuck"]);
    Arc::make_mut(&mut stuck.members)[0].updated = Some(ago(5));
    assert_eq!(in_pool(stuck), []);
}

#[test]
fn pools_and_balancers_have_findings_of_their_own() {
    let of = |change: fn(&mut Pool)| {
        let mut web = pool("web", &[("10.0.0.1", "ONLINE")]);
        change(&mut web);
        let fleet = grouped(&cloud([instance("web-1")]).pools(vec![web]).ports(vec![port("web-1", "10.0.0.1")]));
        titles(&service(&fleet, "web").findings)
    };
    assert_eq!(of(|_| ()), [""; 0]);
    assert_eq!(of(|pool| pool.operating_status = "ERROR".into()), ["Critical pool down"]);
    assert_eq!(of(|pool| pool.operating_status = "DEGRADED".into()), ["Warning pool degraded"]);
    assert_eq!(of(|pool| pool.operating_status = "OFFLINE".into()), ["Ok pool unused"]);
    assert_eq!(of(|pool| pool.provisioning_status = "ERROR".into()), ["Warning pool broken"]);
    assert_eq!(of(|pool| pool.provisioning_status = "PENDING_UPDATE".into()), ["Warning pool stuck"]);
    assert_eq!(of(|pool| pool.balancers[0].operating_status = "ERROR".into()), ["Critical balancer down"]);
    assert_eq!(of(|pool| pool.balancers[0].provisioning_status = "ERROR".into()), ["Warning balancer broken"]);
    assert_eq!(of(|pool| pool.balancers[0].provisioning_status = "PENDING_UPDATE".into()), ["Warning balancer stuck"]);
    assert_eq!(of(|pool| pool.balancers[0].updated = None), [""; 0]);
}

#[test]
fn a_balancer_of_two_pools_is_found_once() {
    let mut pools = vec![pool("web-http", &[("10.0.0.1", "ONLINE")]), pool("web-https", &[("10.0.0.1", "ONLINE")])];
    for pool in &mut pools {
        pool.balancers[0].name = "one".into();
        pool.balancers[0].operating_status = "ERROR".into();
    }
    let fleet = grouped(&cloud([instance("x")]).pools(pools).ports(vec![port("x", "10.0.0.1")]));
    assert_eq!(titles(&service(&fleet, "web").findings), ["Critical balancer down"]);
}

#[test]
fn a_service_tells_the_worst_of_each_sort_of_its_instances() {
    let rows = (1..=30).map(|number| instance(&format!("web-{number:02}")).doing("rebooting", ago(number)));
    let fleet = grouped(&cloud(rows.chain([instance("web-99")])));
    assert_eq!(titles(&service(&fleet, "web").findings), ["Critical slow reboot", "Busy rebooting"]);
}
