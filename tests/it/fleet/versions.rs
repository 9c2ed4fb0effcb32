//! Which version runs, by whom, and who disagrees.

use std::cmp::Ordering;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::fleet::service::VersionClaim;
use stackdeck::fleet::version::compare;
use stackdeck::fleet::{Instance, Sources};

use super::build::{Row, Surroundings, cloud, grouped, image, instance, member, service};

fn claim(row: Instance, name: &str, properties: &[(&str, &str)]) -> VersionClaim {
    let id = row.id.clone();
    let fleet = grouped(&cloud([row.image("img")]).images(vec![image("img", name, properties)]));
    member(&fleet, id.as_str()).version.clone()
}

fn said(claim: &VersionClaim) -> (Option<&str>, Option<&'static str>, Vec<(&'static str, &str)>) {
    let disputed = claim.disputed.iter().map(|(source, version)| (*source, &**version)).collect();
    (claim.version.as_deref(), claim.said_by, disputed)
}

#[test]
fn the_first_source_decides_and_others_are_heard() {
    let row = instance("payments-1")
        .meta("version", "1.6.0")
        .meta("container", "registry:5000/team/payments:1.4.0@sha256:aa")
        .tag("version=v1.6.0");
    let claim = claim(row, "payments-1.5.0", &[("version", "1.5.1"), ("service", "payments")]);
    let disputed = vec![("container tag", "1.4.0"), ("image property", "1.5.1"), ("image name", "1.5.0")];
    assert_eq!(said(&claim), (Some("1.6.0"), Some("metadata"), disputed));
}

#[test]
fn each_source_alone_tells_a_version() {
    let row = || instance("payments-1");
    let none = [("", "")];
    let cases = [
        (row().tag("version=2"), "x", &none[..], "2", "tag"),
        (row().meta("image", "registry/payments:1.5.0"), "x", &none, "1.5.0", "container tag"),
        (row().meta("tag", "1.5.0"), "x", &none, "1.5.0", "container tag"),
        (row().meta("tag", "registry/payments:1.5.0"), "x", &none, "1.5.0", "container tag"),
        (row(), "base", &[("version", "1.4.2")], "1.4.2", "image property"),
        (row(), "payments-1.4.2", &none, "1.4.2", "image name"),
        (row(), "Payments_v142.qcow2", &none, "v142", "image name"),
        (row(), "payments-1.5.0-rc1-20261120", &none, "1.5.0-rc1", "image name"),
    ];
    for (row, name, properties, version, source) in cases {
        assert_eq!(said(&claim(row, name, properties)), (Some(version), Some(source), vec![]), "{name}");
    }
}

#[test]
fn what_tells_nothing_is_not_taken_for_a_version() {
    let row = || instance("payments-1");
    let nothing = (None, None, vec![]);
    for (row, name, properties) in [
        (row(), "ubuntu-22.04", &[][..]),
        (row(), "payments", &[]),
        (row(), "base", &[("version", "9"), ("service", "ledger")]),
        (row().meta("container", "registry/payments:latest"), "x", &[]),
        (row().meta("container", "registry:5000/payments"), "x", &[]),
        (row().meta("version", "  "), "x", &[]),
        (row().tag("versioned"), "x", &[]),
    ] {
        assert_eq!(said(&claim(row, name, properties)), nothing, "{name} {properties:?}");
    }
}

#[test]
fn what_an_instance_says_itself_goes_before_what_is_said_of_it_but_not_while_it_is_rebuilt() {
    let sources = |row: Instance| {
        let reported = [(row.id.clone(), Arc::from("1.5.0"))].into();
        Sources { reported, ..cloud([row.meta("version", "1.4.2").tag("version=1.5.0")]) }
    };
    let fleet = grouped(&sources(instance("payments-1")));
    let claim = &fleet.members[0].version;
    assert_eq!(said(claim), (Some("1.5.0"), Some("itself"), vec![("metadata", "1.4.2")]));
    let fleet = grouped(&sources(instance("payments-1").status("REBUILD")));
    assert_eq!(fleet.members[0].version.said_by, Some("metadata"));
}

#[test]
fn an_image_proves_nothing_while_a_rebuild_is_under_way() {
    let properties = [("version", "1.5.0")];
    for row in [
        instance("payments-1").status("REBUILD"),
        instance("payments-1").doing("rebuild_spawning", super::build::ago(1)),
    ] {
        assert_eq!(claim(row.clone(), "payments-1.5.0", &properties).version, None);
        let claim = claim(row.meta("version", "1.4.2"), "payments-1.5.0", &properties);
        assert_eq!(said(&claim), (Some("1.4.2"), Some("metadata"), vec![]));
    }
}

#[test]
fn a_service_counts_its_versions_most_and_newest_first() {
    let row = |name: &str, version: &str| instance(name).meta("version", version);
    let fleet = grouped(&cloud([
        row("web-1", "1.9.0"),
        row("web-2", "1.10.0"),
        row("web-3", "1.8.0"),
        row("web-4", "1.8.0"),
        instance("web-5"),
    ]));
    let versions: Vec<_> = service(&fleet, "web").versions.iter().map(|(v, n)| (v.as_deref(), *n)).collect();
    assert_eq!(versions, [(Some("1.8.0"), 2), (Some("1.10.0"), 1), (Some("1.9.0"), 1), (None, 1)]);
    let (a, b) = (&member(&fleet, "web-3").version.version, &member(&fleet, "web-4").version.version);
    assert!(Arc::ptr_eq(a.as_ref().unwrap(), b.as_ref().unwrap()), "texts are shared");
}

#[test]
fn versions_order_as_people_number() {
    let ordered = [
        "main",
        "0.9",
        "1",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-rc1",
        "1.0.0-rc2",
        "1.0.0-rc10",
        "1.0.0",
        "1.0.1",
        "v1.2.0",
        "1.9.0",
        "1.10.0",
        "2.0.0",
        "2026.11.22",
    ];
    for (at, older) in ordered.iter().enumerate() {
        for newer in &ordered[at + 1..] {
            assert_eq!(compare(older, newer), Ordering::Less, "{older} {newer}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_versions_is_total(a in text(), b in text(), c in text()) {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
        if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
            prop_assert_ne!(compare(&a, &c), Ordering::Greater, "{} {} {}", a, b, c);
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["v?[0-9]{1,2}(\\.[0-9]{1,2}){0,2}(-(rc|a)[0-9]?)?(\\+x)?", "[a-z0-9.+-]{0,5}", "\\PC{0,4}"]
}
