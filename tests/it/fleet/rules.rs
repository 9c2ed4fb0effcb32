//! Rules of the user's own.

use stackdeck::fleet::rules::{RuleText, RuleTexts};
use stackdeck::fleet::{Rules, group};

use super::build::{Row, cloud, instance, member, names, now};

fn rules(text: &str) -> Rules {
    toml::from_str(text).unwrap()
}

fn by(text: &str, rows: impl IntoIterator<Item = stackdeck::fleet::Instance>) -> Vec<String> {
    names(&group(&cloud(rows), &rules(text), None, now()))
}

#[test]
fn the_first_rule_that_matches_names_the_service_before_all_else() {
    let text = r#"
        [[rules]]
        name = "web-*"
        metadata = { env = "prod" }
        service = "web-{metadata.env}"
        [[rules]]
        name_regex = '^(?<app>[a-z]+)-(\d+)$'
        service = "{app}/{2}"
        [[rules]]
        tag = "tier=*"
        service = "{stem} of {name}"
        [[rules]]
        project = "dem?"
        service = "rest"
    "#;
    let rows = [
        instance("web-1").meta("env", "prod").meta("service", "other").meta("role", "x"),
        instance("web-2").meta("env", "test"),
        instance("Shop-3").tag("tier=a"),
        instance("Else"),
    ];
    assert_eq!(
        by(text, rows),
        ["Else: rest by rule", "Shop-3: Shop of Shop-3 by rule", "web-1: web-prod by rule", "web-2: web/2 by rule"]
    );
}

#[test]
fn a_name_that_comes_out_empty_does_not_count() {
    let text = "[[rules]]\nname = \"*\"\nservice = \"{metadata.team}\"\n";
    assert_eq!(by(text, [instance("a-1"), instance("b-1").meta("team", "x")]), ["a-1: a by name", "b-1: x by rule"]);
}

#[test]
fn a_rule_may_say_where_the_version_stands() {
    let text = "[[rules]]\nname = \"web-*\"\nversion_keys = [\"release\"]\n";
    let row = instance("web-1").meta("release", "7").meta("version", "1");
    let fleet = group(&cloud([row]), &rules(text), None, now());
    let claim = &member(&fleet, "web-1").version;
    assert_eq!((claim.version.as_deref(), claim.key.as_deref()), (Some("7"), Some("release")));
    assert_eq!(names(&fleet), ["web-1: web by name"]);
}

#[test]
fn globs_are_literal_but_for_star_and_question_mark() {
    let text = "[[rules]]\nname = \"a.b[1]?c*\"\nservice = \"x\"\n";
    assert_eq!(by(text, [instance("a.b[1]-c"), instance("axb1-c")]), ["a.b[1]-c: x by rule", "axb1-c: axb1-c by name"]);
}

#[test]
fn a_wrong_rule_names_its_place_and_key() {
    let told = |rule: RuleText| {
        let right = RuleText { name: Some("*".into()), service: Some("x".into()), ..RuleText::default() };
        Rules::try_from(RuleTexts { rules: vec![right, rule], ..RuleTexts::default() }).unwrap_err().to_string()
    };
    let rule = |name_regex: &str, service: &str| RuleText {
        name_regex: Some(name_regex.into()),
        service: Some(service.into()),
        ..RuleText::default()
    };
    assert_eq!(told(rule("(", "x")), "rule 2: name_regex: unclosed group");
    assert_eq!(told(rule("(a)", "{2}")), "rule 2: service: `{2}` is not a group of name_regex");
    assert_eq!(told(rule("a", "{x")), "rule 2: service: `{x` has no closing `}`");
    assert!(told(rule("(?<app>a)", "{ap}")).starts_with("rule 2: service: `{ap}` is unknown: use {stem}"));
    assert!(
        told(RuleText { name: Some("a".into()), ..RuleText::default() }).starts_with("rule 2: service: is missing")
    );
    assert!(
        told(RuleText { service: Some("a".into()), ..RuleText::default() }).starts_with("rule 2: name: is missing")
    );
    assert!(toml::from_str::<Rules>("[[rules]]\nnmae = \"x\"").is_err());
}

#[test]
fn rules_survive_being_written_and_read() {
    let before = rules("pool_ports = [80]\n[[rules]]\nname = \"a\"\nservice = \"{stem}\"\n");
    let after: Rules = toml::from_str(&toml::to_string(&before).unwrap()).unwrap();
    assert_eq!(before, after);
    assert_eq!(rules(""), Rules::default());
}
