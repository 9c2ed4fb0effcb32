//! Names without their trailing ordinal or id.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::fleet::name::{UNNAMED, group_stem, pool_stem, stem};

#[test]
fn the_trailing_ordinal_or_id_comes_off() {
    for (name, expected) in [
        ("payments-03", "payments"),
        ("payments-x7f2a", "payments"),
        ("web_12", "web"),
        ("7d9f8b-x2x1", "7d9f8b"),
        ("web12", "web"),
        ("auth-api-7d9f8b-x2x1", "auth-api"),
        ("cluster-md-0-7d9f8b5c6-bkqzt", "cluster-md-0"),
        ("payments-1b4e28ba-2fa1-11d2-883f-0016d3cca427", "payments"),
        ("payments-3fc8d", "payments"),
        ("batch-20261122", "batch"),
        ("worker 7", "worker"),
        // From one name nobody can tell number 14 from version 14.
        ("postgres-14", "postgres"),
        ("payments-03.prod.example.com", "payments"),
        ("web-1.novalocal", "web"),
        ("Web-01", "Web"),
        ("zahlung-ä-02", "zahlung-ä"),
    ] {
        assert_eq!(stem(name, None), expected, "{name}");
    }
}

#[test]
fn what_belongs_to_the_name_stays() {
    for name in [
        "payments",
        "api-v2",
        "s3",
        "web-eu-west-1a",
        "node.js",
        "auth-api",
        "api-gateway",
        "tax-forms",
        "01",
        "---",
        "bastion-blue",
        "shop-feedback",
        "1password",
        "mail-relay",
    ] {
        assert_eq!(stem(name, None), name);
    }
    assert_eq!(stem("", None), UNNAMED);
    assert_eq!(stem("  ", None), UNNAMED);
}

#[test]
fn a_zone_comes_off_only_if_it_is_the_instances_own() {
    assert_eq!(stem("payments-01-az1", Some("az1")), "payments");
    assert_eq!(stem("payments-eu-west-1a", Some("eu-west-1a")), "payments");
    assert_eq!(stem("super-nova", Some("nova")), "super");
    assert_eq!(stem("supernova", Some("nova")), "supernova");
    assert_eq!(stem("nova", Some("nova")), "nova");
    assert_eq!(stem("payments-blue-02", Some("nova")), "payments-blue");
}

#[test]
fn pools_and_groups_lose_what_only_says_what_they_are() {
    for (name, expected) in [
        ("payments", "payments"),
        ("lb-payments-pool", "payments"),
        ("payments-http-8080", "payments"),
        ("payments_443", "payments"),
        ("pool", "pool"),
        ("lb-pool", "pool"),
        ("pool-blue", "blue"),
    ] {
        assert_eq!(pool_stem(name), expected, "{name}");
    }
    assert_eq!(group_stem("payments-anti-affinity"), "payments");
    assert_eq!(group_stem("sg-payments"), "payments");
    assert_eq!(group_stem("affinity"), "affinity");
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stem_is_a_beginning_and_never_empty(name in "\\PC{0,40}", zone in proptest::option::of("[a-z0-9-]{0,5}")) {
        let stem = stem(&name, zone.as_deref());
        prop_assert!(!stem.trim().is_empty());
        prop_assert!(stem == UNNAMED || name.trim().starts_with(stem));
        prop_assert!(!pool_stem(&name).is_empty() || name.trim().is_empty());
    }

    #[test]
    fn peers_share_their_stem(base in "[a-z]{2,8}(-[a-z]{2,8}){0,2}", a in 0_u32..1000, b in 0_u32..1000) {
        for name in [format!("{base}-{a}"), format!("{base}_{b:03}")] {
            prop_assert_eq!(stem(&name, None), &base);
        }
    }
}
