//! The filter's language.

use proptest::prelude::*;
use stackdeck::console::app::filter::Filter;
use stackdeck::console::app::screen::overlay::{Over, overlay};
use stackdeck::fleet::instance::Status;

use super::console::{Console, fleet_of, instance};

fn filtered(filter: &str) -> Vec<String> {
    let mut broken = instance("db-1");
    broken.status = Status::Error;
    let mut console = Console::showing(&[]);
    console.fleet(fleet_of(vec![broken, instance("web-1"), instance("web-12"), instance("Shop-1")]));
    console.keys("2");
    console.text(&format!("/{filter}"));
    console.rows()
}

#[test]
fn terms_narrow_while_typing() {
    for (filter, left) in [
        ("", vec!["db-1", "Shop-1", "web-1", "web-12"]),
        ("WEB", vec!["web-1", "web-12"]),
        ("web !12", vec!["web-1"]),
        ("status:error", vec!["db-1"]),
        ("!status:error shop", vec!["Shop-1"]),
        ("name:web-*", vec!["web-1", "web-12"]),
        ("name:*-1", vec!["db-1", "Shop-1", "web-1"]),
        ("name:\"web-1\"", vec!["web-1", "web-12"]),
        ("version:1.4.*", vec!["db-1", "Shop-1", "web-1", "web-12"]),
        ("zone:\"\" db", vec!["db-1"]),
        ("status:", vec!["db-1", "Shop-1", "web-1", "web-12"]),
        ("10.0.0.1", vec!["db-1", "Shop-1", "web-1", "web-12"]),
    ] {
        assert_eq!(filtered(filter), left, "{filter}");
    }
}

#[test]
fn an_unknown_column_is_told_with_the_nearest_while_typing() {
    let mut console = Console::showing(&["web-1"]);
    console.text("/helth:x");
    let Some(Over::Line(line)) = overlay(&console.model) else { panic!("no line") };
    let problem = line.problem.unwrap().text;
    assert!(problem.contains("Did you mean health:"), "{problem}");
    assert_eq!(console.rows(), ["web"]);
}

#[test]
fn tab_completes_a_column_and_esc_takes_the_filter_back() {
    let mut console = Console::showing(&["web-1", "db-1"]);
    console.text("/web !hea");
    console.keys("tab");
    assert_eq!(console.model.table().unwrap().filter_text, "web !health:");
    console.keys("esc");
    assert_eq!(console.model.table().unwrap().filter_text, "");
    console.text("/web");
    console.keys("enter");
    assert_eq!(console.rows(), ["web"]);
    console.keys("esc");
    assert_eq!(console.rows(), ["db", "web"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_and_printing_is_stable(text in "[a-c!:*\"\\\\ é\n-]{0,20}") {
        let filter = Filter::parse(&text);
        prop_assert_eq!(Filter::parse(&filter.to_string()), filter);
    }

    #[test]
    fn no_text_upsets_a_filter(text in any::<String>()) {
        let filter = Filter::parse(&text);
        prop_assert_eq!(Filter::parse(&filter.to_string()), filter);
    }
}

#[test]
fn a_filter_follows_what_a_refresh_changes_brings_and_takes() {
    let mut console = Console::showing(&[]);
    console.fleet(fleet_of(vec![instance("db-1"), instance("shop-1"), instance("web-1"), instance("web-2")]));
    console.keys("2");
    console.text("/web");
    assert_eq!(console.rows(), ["web-1", "web-2"]);
    let mut renamed = instance("shop-1");
    renamed.name = "webshop-1".into();
    console.fleet(fleet_of(vec![instance("a-1"), instance("web-0"), renamed, instance("web-2")]));
    assert_eq!(console.rows(), ["web-0", "web-2", "webshop-1"]);
}
