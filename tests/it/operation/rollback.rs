//! What a rollback goes to: which moments tell, which goes before which, and what is none.

use std::sync::Arc;
use std::time::Duration;

use super::{at, plan as bare_plan};
use crate::fleet::build::{Row, cloud, grouped, instance, service};
use stackdeck::fleet::Fleet;
use stackdeck::fleet::release::Release;
use stackdeck::fleet::service::VersionClaim;
use stackdeck::fleet::version::ITSELF;
use stackdeck::operation::record::Verdict;
use stackdeck::operation::rollback::{Former, Stood, previous};
use stackdeck::operation::{Actor, Aim, Event, Intent, Operation, OperationId, Plan, Record, Verb};

/// Instances of `web` that run these versions, from an image each; they have said so themselves, or the cloud has.
fn running(versions: &[&str], said: bool) -> Fleet {
    let row = |(number, version): (usize, &&str)| instance(&format!("web-{number}")).image(&format!("image-{version}"));
    let mut fleet = grouped(&cloud(versions.iter().enumerate().map(row)));
    for (member, version) in fleet.members.iter_mut().zip(versions) {
        let said_by = Some(if said { ITSELF } else { "metadata" });
        member.version = VersionClaim { version: Some(Arc::from(*version)), said_by, ..VersionClaim::default() };
    }
    fleet
}

/// A rollout of that version, begun when the service was so, at that minute; and how it ended.
fn rollout(version: &str, before: &Fleet, minute: u32, verdict: Verdict) -> Operation {
    let web = service(before, "web");
    let release = Release {
        image: format!("image-{version}").as_str().into(),
        name: format!("web-{version}"),
        version: Some(version.to_owned()),
        status: "active".to_owned(),
        min_disk_gib: 0,
        min_ram_mib: 0,
        created: None,
    };
    let intent = Intent { release: Some(release), ..Intent::new(Verb::RollOut, Aim::Service(web.key.clone())) };
    let plan = Plan { intent, former: Some(Former::of(before, web)), ..bare_plan(0) };
    let begun = at(&format!("14:{minute:02}:00"));
    let id = OperationId::new(begun, u128::from(minute));
    let events = [Event::Approved { plan: Box::new(plan) }, Event::Claimed { pid: 1 }, Event::Finished { verdict }];
    let record = |(number, event): (usize, Event)| Record {
        sequence: number as u64 + 1,
        operation: id.clone(),
        at: begun + Duration::from_secs(number as u64),
        by: Actor::default(),
        event,
    };
    Operation::fold(&events.into_iter().enumerate().map(record).collect::<Vec<_>>()).unwrap()
}

/// The version and the moment, of operations told oldest first.
fn goes_to(oldest_first: &[Operation], now: &Fleet) -> Option<(String, Stood)> {
    let found = previous(oldest_first.iter().rev(), now, service(now, "web"))?;
    assert_eq!(found.image.as_str(), format!("image-{}", found.title()));
    Some((found.title().to_owned(), found.back.stood))
}

#[test]
fn a_service_goes_back_to_what_all_of_it_ran_before() {
    let rolled = [rollout("2", &running(&["1", "1"], true), 1, Verdict::Done)];
    assert_eq!(goes_to(&rolled, &running(&["2", "2"], true)), Some(("1".to_owned(), Stood::Before)));
    assert_eq!(goes_to(&[], &running(&["2", "2"], true)), None, "nobody tells");
}

#[test]
fn from_half_a_rollout_it_goes_back_to_where_that_began_and_never_to_what_was_not_whole() {
    let first = rollout("2", &running(&["1", "1"], true), 1, Verdict::Failed);
    let mixed = running(&["2", "1"], true);
    assert_eq!(goes_to(std::slice::from_ref(&first), &mixed), Some(("1".to_owned(), Stood::Before)));
    // The next begins in a mixture, and fails too: its beginning is no way back.
    let second = rollout("3", &mixed, 2, Verdict::Aborted);
    assert_eq!(goes_to(&[first, second], &running(&["3", "1"], true)), Some(("1".to_owned(), Stood::Before)));
}

#[test]
fn the_end_of_a_rollout_tells_where_nobody_said_what_ran_before_the_next() {
    let first = rollout("2", &running(&["1", "1"], false), 1, Verdict::Done);
    let second = rollout("3", &running(&["2", "2"], false), 2, Verdict::Failed);
    let both = [first, second];
    assert_eq!(goes_to(&both, &running(&["3", "2"], true)), Some(("2".to_owned(), Stood::After)), "it was verified");
    let unproved = rollout("3", &running(&["2", "2"], false), 2, Verdict::Failed);
    let now = running(&["3", "2"], true);
    assert_eq!(
        goes_to(std::slice::from_ref(&unproved), &now),
        Some(("2".to_owned(), Stood::Before)),
        "better than none"
    );
    let found = previous([&unproved], &now, service(&now, "web")).unwrap();
    assert!(!found.back.verified && found.back.to_string().ends_with("by what the cloud told"), "{}", found.back);
}

#[test]
fn once_more_it_goes_forth_again_and_another_services_rollouts_tell_nothing() {
    let forth = rollout("2", &running(&["1", "1"], true), 1, Verdict::Done);
    let back = rollout("1", &running(&["2", "2"], true), 2, Verdict::Done);
    assert_eq!(goes_to(&[forth, back], &running(&["1", "1"], true)), Some(("2".to_owned(), Stood::Before)));
    let mut other = rollout("2", &running(&["1", "1"], true), 1, Verdict::Done);
    let name = Arc::from("auth");
    if let Some(former) = &mut other.plan.former {
        former.service.name = Arc::clone(&name);
    }
    if let Aim::Service(key) = &mut other.plan.intent.aim {
        key.name = name;
    }
    assert_eq!(goes_to(&[other], &running(&["2", "2"], true)), None);
}

#[test]
fn what_ran_before_is_told_and_kept_with_the_plan() {
    let fleet = running(&["1", "2", "1"], true);
    let former = Former::of(&fleet, service(&fleet, "web"));
    assert_eq!(former.told(), "web runs 1 (2), 2 (1) now.");
    let plan = Plan { former: Some(former), ..bare_plan(1) };
    let kept = serde_json::to_value(&plan).unwrap();
    assert_eq!(serde_json::from_value::<Plan>(kept.clone()).unwrap(), plan);
    let mut older = kept;
    older.as_object_mut().unwrap().remove("former");
    assert_eq!(serde_json::from_value::<Plan>(older).unwrap().former, None, "an older program's plan has none");
}
