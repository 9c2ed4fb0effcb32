//! The configuration file: what ships, and what is said of mistakes.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::config::{self, CloudSettings, Settings, Sort, options};
use stackdeck::fleet::health::{Thresholds, Wanted};

use super::{Home, read};

#[test]
fn the_shipped_file_says_every_default_and_nothing_else() {
    let (loaded, told) = read(config::DEFAULT);
    assert_eq!(told, [""; 0]);
    let mut settings = loaded.settings.clone();
    let origins = std::mem::take(&mut settings.origins);
    (settings.state_dir, settings.cache_dir, settings.file) = Default::default();
    assert_eq!(settings, Settings::default());
    for key in options::keys() {
        let name = key.rsplit('.').next().unwrap();
        let commented = config::DEFAULT.lines().any(|line| line.starts_with(&format!("# {name} = ")));
        assert!(origins.contains_key(key) || commented, "{key} is missing in config/default.toml");
    }
}

#[test]
fn each_shipped_option_has_its_sentence() {
    let lines: Vec<&str> = config::DEFAULT.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if !line.starts_with('#') && line.contains('=') {
            assert!(
                lines[at - 1].starts_with("# ") && lines[at - 1].ends_with(['.', ')']),
                "no sentence above: {line}"
            );
        }
    }
}

#[test]
fn the_examples_of_the_shipped_file_are_right() {
    let tables = ["# [[", "# [views", "# [clouds", "# [metrics", "# [services"];
    let begins = |line: &&str| tables.iter().any(|table| line.starts_with(table));
    let mut text = String::new();
    let mut open = false;
    for line in config::DEFAULT.lines() {
        open = (open || begins(&line)) && line.starts_with('#');
        if open {
            text += &format!("{}\n", line.trim_start_matches("# "));
        }
    }
    let (loaded, told) = read(&text);
    assert_eq!(told, [""; 0], "{text}");
    assert_eq!(loaded.settings.clouds["prod-eu"].accent.as_deref(), Some("#e06c75"));
    assert_eq!(loaded.settings.grouping.texts.rules.len(), 1);
    assert_eq!(loaded.settings.metrics.prometheus["main"].url, "http://prometheus:9090");
    assert_eq!(loaded.settings.metrics.balancers.exporters["edge"].1.as_deref(), Some("payments"));
    assert!(loaded.settings.metrics.services["payments"].latency.starts_with("sum by (le)"));
    let wanted = Wanted {
        version: Some("1.5.0".into()),
        floor: Some(4),
        per_instance: Some(100.0),
        p95: Some(0.3),
        ..Wanted::default()
    };
    assert_eq!(loaded.settings.services["payments"], wanted);
    assert_eq!(loaded.settings.views["instances"].sort, Some(Sort { column: "age".into(), descending: true }));
}

#[test]
fn mistakes_name_file_line_key_and_the_nearest_right_answer() {
    let (loaded, told) = read(
        "thme = \"x\"\ncolor = \"trucolor\"\nmouse = \"no\"\n\n[watch]\nnormal = \"fast\"\nbussy = \"1s\"\nidle = \"20s\"\n\
         reconcile = 1\n[clouds.prod]\nprotcted = true\naccent = \"#12\"\n[views.instances]\ncolumns = []\nsort = \"-\"\n\
         [cluds]\nx = 1\n",
    );
    assert_eq!(
        told,
        [
            "config.toml:1: `thme` is not an option (did you mean `theme`?)",
            "config.toml:2: `color` wants one of auto, truecolor, 256, 16, none, not `trucolor`; did you mean `truecolor`? \
             (it stays as it was (built in))",
            "config.toml:3: `mouse` wants true or false without quotes, not a text (it stays as it was (built in))",
            "config.toml:6: `watch.normal` wants a time such as \"5s\" or \"10min\", not `fast` (it stays as it was (built in))",
            "config.toml:7: `watch.bussy` is not an option (did you mean `watch.busy`?)",
            "config.toml:9: `watch.reconcile` wants a time from 10 s to 24 h, not `1` (it stays as it was (built in))",
            "config.toml:11: `protcted` is not an option (did you mean `protected`?)",
            "config.toml:12: `clouds.prod.accent` wants a colour such as \"#e06c75\" or \"red\", not `#12`",
            "config.toml:14: `views.instances.columns` wants at least one column",
            "config.toml:15: `views.instances.sort` wants a column, with a `-` before it for largest first",
            "config.toml:16: `cluds` is not an option (did you mean `clouds`?)",
        ]
    );
    assert_eq!(loaded.settings.watch.idle.as_secs(), 20, "the rest holds");
}

#[test]
fn what_concerns_safety_fails_to_the_safe_side() {
    let (loaded, told) = read("read_only = \"yes\"\n[clouds.prod]\nprotected = 1\nread_only = \"no\"\n");
    assert!(told.iter().all(|line| line.ends_with("(it counts as true)")), "{told:?}");
    assert!(loaded.settings.read_only);
    assert_eq!(
        loaded.settings.cloud("prod"),
        CloudSettings { protected: true, read_only: true, ..CloudSettings::default() }
    );

    let (loaded, told) = read("theme = \"mine\"\n[clouds.prod\nprotected = true\n");
    assert!(told[0].starts_with("config.toml:2: this is not TOML: "), "{told:?}");
    assert!(loaded.settings.read_only, "what was lost may have protected a cloud");
    assert_eq!(loaded.settings.theme, "mine");
}

#[test]
fn clouds_are_marked() {
    let (loaded, told) =
        read("[clouds.prod]\naccent = \"red\"\nprotected = true\n[clouds.\"old one\"]\nread_only = true\n");
    assert_eq!(told, [""; 0]);
    assert!(loaded.settings.cloud("prod").protected && !loaded.settings.is_read_only("prod"));
    assert!(loaded.settings.is_read_only("old one") && !loaded.settings.is_read_only("another"));
}

#[test]
fn a_broken_rule_is_left_out_and_named() {
    let (loaded, told) = read(
        "[[grouping.rules]]\nname = \"web-*\"\nservice = \"{stm}\"\n[[grouping.rules]]\nname_regex = \"(\"\nservice = \"x\"\n\
         [[grouping.rules]]\nnane = \"x\"\n[[grouping.rules]]\nname = 3\n[[grouping.rules]]\nservice = \"all\"\n\
         [[grouping.rules]]\ntag = \"tier=web\"\nservice = \"web\"\n",
    );
    let hint = "(this rule is left out; the others hold)";
    assert_eq!(
        told,
        [
            format!(
                "config.toml:3: rule 1: `service` `{{stm}}` is unknown: use {{stem}}, {{name}}, {{metadata.KEY}}, {{1}} or a \
                 named group of name_regex {hint}"
            ),
            format!("config.toml:5: rule 2: `name_regex` unclosed group {hint}"),
            format!("config.toml:8: rule 3: `nane` is not an option; did you mean `name`? {hint}"),
            format!("config.toml:10: rule 4: invalid type: integer `3`, expected a string {hint}"),
            format!(
                "config.toml:11: rule 5: `name` is missing: a rule asks for name, name_regex, metadata, tag or project {hint}"
            ),
        ]
    );
    assert_eq!(loaded.settings.grouping.texts.rules.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a file holds, there are settings, and every fault has its place.
    #[test]
    fn any_file_gives_settings(lines in prop::collection::vec(line(), 0..20)) {
        let home = Home::new();
        home.write("config.toml", &lines.join("\n"));
        for warning in home.load().warnings {
            let place = warning.place.unwrap();
            let line: usize = place.rsplit(':').next().unwrap().parse().unwrap();
            prop_assert!(line >= 1 && line <= lines.len().max(1) + 1, "{place}");
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    let keys: Vec<&'static str> = options::keys().map(|key| key.rsplit('.').next().unwrap()).collect();
    let value = prop_oneof![
        Just("\"5s\"".to_owned()),
        Just("true".to_owned()),
        Just("[]".to_owned()),
        Just("[80, \"x\"]".to_owned()),
        Just("{ a = 1 }".to_owned()),
        Just("1979-05-27".to_owned()),
        Just("0x1f".to_owned()),
        Just("\"".to_owned()),
        any::<f64>().prop_map(|n| n.to_string()),
    ];
    prop_oneof![
        4 => (prop::sample::select(keys), value).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => prop::sample::select(vec!["[watch]", "[grouping]", "[[grouping.rules]]", "[clouds.x]", "[views.y]", "[health]", "[services.z]", "[views]", "[x", "clouds = 1", ""]).prop_map(String::from),
        1 => "[ -~]{0,20}".prop_map(String::from),
    ]
}

#[test]
fn mistakes_about_health_and_services_are_told_and_cost_themselves_alone() {
    let (loaded, told) = read(
        "[health]\nerrors = 5\nerrors_bad = \"20 %\"\np95 = \"fast\"\nmean = 0\nprobes = 2.5\noutlyer = 3\n\
         outlier = nan\nrise = -0.1\nmemory = true\ngrace = \"2min\"\n[services.web]\nversion = 2\nfloor = -1\n\
         per_instace = 3\nper_instance = 0\np95 = 0.3\n[services]\nshop = 1\n[service.web]\nfloor = 1\n",
    );
    let stays = "(it stays as it was (built in))";
    assert_eq!(
        told,
        [
            format!(
                "config.toml:2: `health.errors` wants a share from 0 to 1, such as 0.05 or \"5 %\", not `5` {stays}"
            ),
            format!("config.toml:4: `health.p95` wants a time such as \"5s\" or \"10min\", not `fast` {stays}"),
            format!("config.toml:5: `health.mean` wants a time from 1 ms to 1 h, not `0` {stays}"),
            format!("config.toml:6: `health.probes` wants a whole number from 1 to 1000, not `2.5` {stays}"),
            "config.toml:7: `health.outlyer` is not an option (did you mean `health.outlier`?)".to_owned(),
            format!("config.toml:8: `health.outlier` wants a number from 0.1 to 1000, not `nan` {stays}"),
            format!(
                "config.toml:9: `health.rise` wants a share from 0 to 100, such as 0.05 or \"5 %\", not `-0.1` {stays}"
            ),
            format!("config.toml:10: `health.memory` wants a number, not true or false {stays}"),
            "config.toml:13: `services.web.version` wants a text in quotes, not a number".to_owned(),
            "config.toml:14: `services.web.floor` wants a whole number from 0 to 100000, not `-1`".to_owned(),
            "config.toml:15: `per_instace` is not an option (did you mean `per_instance`?)".to_owned(),
            "config.toml:16: `services.web.per_instance` wants a number from 0.001 to 1000000000, not `0`".to_owned(),
            "config.toml:19: `services.shop` wants a table: [services.NAME]".to_owned(),
            "config.toml:20: `service` is not an option (did you mean `services`?)".to_owned(),
        ]
    );
    let expected = Thresholds { errors_bad: 0.2, grace: Duration::from_mins(2), ..Thresholds::default() };
    assert_eq!(loaded.settings.health, expected, "the rest holds");
    assert_eq!(loaded.settings.services["web"], Wanted { p95: Some(0.3), ..Wanted::default() });
}

#[test]
fn a_ticket_is_wanted_where_it_is_said_and_where_it_cannot_be_read() {
    let (loaded, told) = read(
        "[operations]\nticket = \"required\"\n[clouds.lab]\nticket = \"optional\"\n[clouds.prod]\nprotected = true\n",
    );
    assert_eq!(told, [""; 0]);
    let wants = |cloud: &str| loaded.settings.wants_ticket(cloud);
    assert_eq!([wants("lab"), wants("prod"), wants("elsewhere")], [false, true, true]);
    let (loaded, told) = read("[operations]\nticket = \"optoinal\"\n[clouds.lab]\nticket = true\n");
    assert!(loaded.settings.wants_ticket("lab") && loaded.settings.operations.ticket, "the safe side is taken");
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("did you mean `optional`?") && told[0].contains("it counts as required"), "{told:?}");
}

#[test]
fn what_measures_is_told_what_is_wrong_with_its_tables() {
    let (loaded, told) = read(
        "[metrics]\nrequests = 0\n[metrics.octavia]\nevry = \"1s\"\n[metrics.probes]\nkind = \"htp\"\n\
         [metrics.prometheus.main]\nurl = \"http://me:secret@host\"\ntoken_fle = \"x\"\n\
         [metrics.exporters.e]\nurl = \"host:9101\"\n",
    );
    let all = told.join("\n");
    assert!(!all.contains("secret"), "{all}");
    for part in [
        "`metrics.requests` wants a whole number from 1 to 6000, not `0`",
        "did you mean `metrics.octavia.every`?",
        "`metrics.probes.kind` wants one of http, https, tcp, not `htp`; did you mean `http`?",
        "`metrics.prometheus.main.url` wants a URL without user and password: see user, password_file and token_file",
        "did you mean `token_file`?",
        "`metrics.exporters.e.url` wants a URL such as",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    assert_eq!(loaded.settings.metrics.requests, 9);
}
