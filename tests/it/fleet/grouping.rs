//! Which source names a service, and what holds until all have answered.

use std::sync::Arc;

use stackdeck::base::failure::FailureKind;
use stackdeck::fleet::service::{NamedBy, Standing};
use stackdeck::fleet::sources::{Place, Sources};
use stackdeck::fleet::{Rules, group};

use super::build::{
    Row, Surroundings, cloud, grouped, instance, member, names, never, now, pool, port, server_group, service,
    service_of, unanswered,
};

fn provisional(sources: &[&str]) -> Standing {
    Standing::Provisional(sources.iter().map(|&source| Arc::from(source)).collect())
}

/// One instance that all sources speak of, each naming another service.
fn spoken_of(parts: usize) -> Sources {
    let mut row = instance("byname-01");
    if parts > 0 {
        row.server_groups = vec!["id-bygroup".to_owned()];
    }
    if parts > 2 {
        row = row.meta("metering.stack_name", "bystack");
    }
    if parts > 3 {
        row = row.tag("blue").tag("service=bytag");
    }
    if parts > 4 {
        row = row.meta("app", "byapp");
    }
    if parts > 5 {
        row = row.meta("service", "byservice");
    }
    let sources = cloud([row]);
    let sources = if parts > 0 { sources.groups(vec![server_group("bygroup", &["byname-01"])]) } else { sources };
    match parts > 1 {
        true => {
            sources.pools(vec![pool("bypool", &[("10.0.0.1", "ONLINE")])]).ports(vec![port("byname-01", "10.0.0.1")])
        }
        false => sources,
    }
}

#[test]
fn the_first_source_that_answers_wins() {
    let expected = [
        ("byname", NamedBy::Name),
        ("bygroup", NamedBy::ServerGroup),
        ("bypool", NamedBy::Pool),
        ("bystack", NamedBy::Stack),
        ("bytag", NamedBy::Tag),
        ("byapp", NamedBy::Metadata),
        ("byservice", NamedBy::Metadata),
    ];
    for (parts, (name, named_by)) in expected.into_iter().enumerate() {
        let fleet = grouped(&spoken_of(parts));
        assert_eq!(&*service_of(&fleet, "byname-01").key.name, name);
        assert_eq!(member(&fleet, "byname-01").named_by, named_by);
        assert_eq!(service_of(&fleet, "byname-01").standing, Standing::Settled);
    }
}

#[test]
fn a_role_refines_and_never_names() {
    let fleet = grouped(&cloud([
        instance("a").meta("service", "shop").meta("role", "worker"),
        instance("b").meta("service", "shop"),
        instance("shop-worker-01").meta("role", "worker"),
        instance("c").meta("role", "queue").meta("service", "  "),
    ]));
    assert_eq!(
        names(&fleet),
        [
            "a: shop/worker by metadata",
            "b: shop by metadata",
            "c: c/queue by name",
            "shop-worker-01: shop-worker by name"
        ]
    );
}

#[test]
fn a_stack_is_named_by_its_name_before_its_id() {
    let id = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";
    let fleet = grouped(&cloud([
        instance("a").meta("metering.stack", id).meta("metering.stack_name", "shop"),
        instance("b").meta("metering.stack", id),
        instance("c").tag("stack=blog"),
    ]));
    assert_eq!(names(&fleet), ["a: shop by stack", "b: stack-1b4e28ba by stack", "c: blog by stack"]);
}

#[test]
fn projects_and_places_keep_services_apart() {
    let mut other = instance("b").meta("service", "payments");
    other.project = "test".into();
    let fleet = grouped(&cloud([instance("a").meta("service", "payments"), other]));
    assert_eq!(fleet.services.len(), 2);
    let key = &fleet.services[0].key;
    assert_eq!((&*key.place.cloud, &*key.place.region, key.project.as_str()), ("rig", "RegionOne", "demo"));
    assert_eq!(fleet.service(key), Some(&fleet.services[0]));
}

#[test]
fn members_are_sorted_by_name() {
    let mut late = instance("0");
    late.name = "web-2".to_owned();
    let fleet = grouped(&cloud([late, instance("web-1"), instance("web-3")]));
    let names: Vec<_> = fleet.services[0].members.iter().map(|&at| fleet.members[at].instance.name.as_str()).collect();
    assert_eq!(names, ["web-1", "web-2", "web-3"]);
}

#[test]
fn until_all_have_answered_names_that_may_change_are_provisional() {
    let fleet = grouped(&unanswered([instance("web-1")]));
    assert_eq!(service(&fleet, "web").standing, provisional(&["compute", "load-balancer", "network"]));

    // Nothing that is awaited can overrule metadata; but it may add to its service.
    let fleet = grouped(&unanswered([instance("a").meta("service", "web")]));
    assert_eq!(service(&fleet, "web").standing, Standing::Settled);
    let fleet = grouped(&unanswered([instance("a").meta("service", "web"), instance("x-1")]));
    assert_eq!(service(&fleet, "web").standing, provisional(&["compute", "load-balancer", "network"]));

    // Server groups cannot overrule a pool.
    let mut sources = spoken_of(2);
    sources.server_groups = Default::default();
    assert_eq!(service(&grouped(&sources), "bypool").standing, Standing::Settled);
    let mut sources = spoken_of(0);
    sources.server_groups = Default::default();
    assert_eq!(service(&grouped(&sources), "byname").standing, provisional(&["compute"]));
}

#[test]
fn a_source_that_will_never_answer_is_not_awaited() {
    for kind in [FailureKind::Unsupported, FailureKind::NotFound, FailureKind::Forbidden] {
        let mut sources = unanswered([instance("web-1")]);
        (sources.pools, sources.server_groups) = (never(kind), never(kind));
        assert_eq!(service(&grouped(&sources), "web").standing, Standing::Settled, "{kind:?}");
    }
    let mut sources = cloud([instance("web-1")]);
    sources.pools = never(FailureKind::Retry);
    assert_eq!(service(&grouped(&sources), "web").standing, provisional(&["load-balancer"]));
}

#[test]
fn the_last_known_grouping_holds_until_all_have_answered() {
    let rules = Rules::default();
    let before = grouped(&spoken_of(2));
    let after = group(&unanswered([instance("byname-01"), instance("new-1")]), &rules, Some(&before), now());
    assert_eq!(names(&after), ["byname-01: bypool by pool", "new-1: new by name"]);
    assert!(matches!(service(&after, "bypool").standing, Standing::Provisional(_)));

    // What was known of it elsewhere says nothing here.
    let mut elsewhere = unanswered([instance("byname-01")]);
    elsewhere.place = Place { cloud: "other".into(), region: "RegionOne".into() };
    assert_eq!(names(&group(&elsewhere, &rules, Some(&before), now())), ["byname-01: byname by name"]);

    // Metadata that is gone is not held: it has answered.
    let before = grouped(&cloud([instance("byname-01").meta("service", "old")]));
    let after = group(&unanswered([instance("byname-01")]), &rules, Some(&before), now());
    assert_eq!(names(&after), ["byname-01: byname by name"]);

    // Once all have answered, the answers count and not the past.
    let before = grouped(&spoken_of(2));
    let after = group(&cloud([instance("byname-01")]), &rules, Some(&before), now());
    assert_eq!(names(&after), ["byname-01: byname by name"]);
}

#[test]
fn a_row_of_a_cell_that_is_down_keeps_its_service() {
    let rules = Rules::default();
    let mut dark = instance("a").status("UNKNOWN");
    dark.name = String::new();
    let known = instance("b").meta("service", "web");
    let before = grouped(&cloud([instance("a").meta("service", "web"), known.clone()]));
    let after = group(&cloud([dark.clone(), known.clone()]), &rules, Some(&before), now());
    assert_eq!(names(&after), ["a: web by metadata", "b: web by metadata"]);
    assert_eq!(service(&after, "web").standing, Standing::Settled);
    assert_eq!(group(&cloud([dark.clone(), known.clone()]), &rules, Some(&after), now()), after);

    // Never seen before, it may belong to any service of its project.
    let fresh = grouped(&cloud([dark, known]));
    assert_eq!(names(&fresh), ["a: (unnamed) by name", "b: web by metadata"]);
    assert_eq!(service(&fresh, "web").standing, provisional(&["compute"]));
}
