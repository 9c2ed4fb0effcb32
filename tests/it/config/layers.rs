//! File, environment and flags, one over the other.

use std::path::PathBuf;
use std::time::Duration;

use stackdeck::config::{ColourMode, Flags, Origin, Settings};
use stackdeck::fleet::health::Thresholds;

use super::{Home, told};

#[test]
fn without_anything_the_built_in_values_hold() {
    let home = Home::new();
    let loaded = home.load();
    assert_eq!(loaded.warnings, []);
    let expected =
        Settings { state_dir: home.path().join("state"), cache_dir: home.path().join("cache"), ..Settings::default() };
    assert_eq!(loaded.settings, expected);
    assert_eq!(loaded.settings.origin("theme"), &Origin::BuiltIn);
}

#[test]
fn flags_win_over_variables_over_the_file() {
    let home = Home::new();
    let file =
        home.write("config.toml", "theme = \"one\"\ncolor = 16\nlog_level = \"warn\"\n[watch]\nnormal = \"7s\"\n");
    let flags = Flags { theme: Some("three".into()), ..Flags::default() };
    let environment = [("STACKDECK_THEME", "two"), ("STACKDECK_COLOR", "none"), ("HOME", "/x"), ("STACKDECKS", "no")];
    let loaded = home.try_load(&flags, &environment).unwrap();
    assert_eq!(loaded.warnings, []);
    let settings = loaded.settings;
    assert_eq!((settings.theme.as_str(), settings.color), ("three", ColourMode::None));
    assert_eq!((settings.log_level.as_str(), settings.watch.normal), ("warn", Duration::from_secs(7)));
    assert_eq!(settings.origin("theme"), &Origin::Flag("--theme"));
    assert_eq!(settings.origin("color"), &Origin::Environment("STACKDECK_COLOR".into()));
    assert_eq!(settings.origin("watch.normal"), &Origin::File(file.clone(), 5));
    assert_eq!(settings.origin("watch.normal").to_string(), format!("{}:5", file.display()));
    assert_eq!(settings.file, Some(file));
}

/// Who measures load, each set to another than its default.
const MEASURED: [(&str, &str); 30] = [
    ("METRICS_ENABLED", "no"),
    ("METRICS_REQUESTS", "60"),
    ("METRICS_PAST", "1h"),
    ("METRICS_OCTAVIA_ENABLED", "no"),
    ("METRICS_OCTAVIA_EVERY", "20s"),
    ("METRICS_GNOCCHI_ENABLED", "no"),
    ("METRICS_GNOCCHI_EVERY", "2min"),
    ("METRICS_AETOS_ENABLED", "no"),
    ("METRICS_AETOS_EVERY", "2min"),
    ("METRICS_NOVA_ENABLED", "no"),
    ("METRICS_NOVA_EVERY", "5min"),
    ("METRICS_BALANCERS_ENABLED", "yes"),
    ("METRICS_BALANCERS_EVERY", "30s"),
    ("METRICS_BALANCERS_ADDRESS", "127.{2}.{3}.{4}"),
    ("METRICS_BALANCERS_PORT", "19102"),
    ("METRICS_PROBES_ENABLED", "yes"),
    ("METRICS_PROBES_EVERY", "30s"),
    ("METRICS_PROBES_DEADLINE", "500ms"),
    ("METRICS_PROBES_KIND", "tcp"),
    ("METRICS_PROBES_PORT", "443"),
    ("METRICS_PROBES_PATH", "/up"),
    ("METRICS_PROBES_STATUS", "204"),
    ("METRICS_PROBES_BODY", "ok"),
    ("METRICS_PROBES_VERSION_PATH", ""),
    ("METRICS_PROBES_NETWORK", "demo-net"),
    ("METRICS_PROBES_SIX", "no"),
    ("METRICS_PROBES_FLOATING", "yes"),
    ("METRICS_PROBES_ADDRESS", "127.{2}.{3}.{4}"),
    ("METRICS_PROBES_AT_ONCE", "8"),
    ("METRICS_PROBES_PROXY", "socks5://127.0.0.1:1080"),
];

/// How changes are made, each another than its default.
const OPERATED: [(&str, &str); 21] = [
    ("OPERATIONS_POLL", "50ms"),
    ("OPERATIONS_BUSY", "0"),
    ("OPERATIONS_DRAIN", "90s"),
    ("OPERATIONS_ANSWERING", "20s"),
    ("OPERATIONS_SETTLE", "1h"),
    ("OPERATIONS_ERROR", "1min"),
    ("OPERATIONS_HEALTHY", "2min"),
    ("OPERATIONS_KEEP", "6min"),
    ("OPERATIONS_BAKE", "3min"),
    ("OPERATIONS_ANALYSIS", "4min"),
    ("OPERATIONS_STRATEGY", "rebuild"),
    ("OPERATIONS_MIN_READY", "15s"),
    ("OPERATIONS_LOST", "2min"),
    ("OPERATIONS_BLIND", "5min"),
    ("OPERATIONS_APPROVAL", "10min"),
    ("OPERATIONS_TICKET", "required"),
    ("OPERATIONS_TICKET_PATTERN", "CHG-[0-9]+"),
    ("OPERATIONS_PROTECTED_SERVICES", "ledger, payments"),
    ("OPERATIONS_MOST_AT_ONCE", "20"),
    ("OPERATIONS_SECOND_APPROVER_ABOVE", "25"),
    ("OPERATIONS_ALLOWED_SIGNERS", "/etc/signers"),
];

/// From where on something is worth a word, each another than its default.
const HEALTH: [(&str, &str); 22] = [
    ("HEALTH_ERRORS", "2 %"),
    ("HEALTH_ERRORS_BAD", "0.2"),
    ("HEALTH_ERRORS_LEAST", "10"),
    ("HEALTH_P95", "750ms"),
    ("HEALTH_MEAN", "0.3"),
    ("HEALTH_FULL", "80%"),
    ("HEALTH_MEMORY", "1"),
    ("HEALTH_OUTLIER", "4.5"),
    ("HEALTH_OUTLIER_TIMES", "3"),
    ("HEALTH_PROBES", "5"),
    ("HEALTH_FLAPS", "6"),
    ("HEALTH_GRACE", "2min"),
    ("HEALTH_RISE", "120 %"),
    ("HEALTH_RISE_PACE", "0.5 %"),
    ("HEALTH_RISE_SLOW", "50 %"),
    ("HEALTH_RISE_LEAST", "2.5"),
    ("HEALTH_HEADROOM", "60 %"),
    ("HEALTH_USABLE", "85 %"),
    ("HEALTH_AHEAD", "1h"),
    ("HEALTH_AHEAD_BAD", "15min"),
    ("HEALTH_MIXED", "0"),
    ("HEALTH_SILENT", "10min"),
];

#[test]
fn every_option_has_a_variable() {
    let home = Home::new();
    let values = [
        ("THEME", "light"),
        ("COLOR", "256"),
        ("ASCII", "yes"),
        ("MOUSE", "1"),
        ("READ_ONLY", "on"),
        ("ALARM_BELL", "no"),
        ("ALARM_NOTIFY", "yes"),
        ("ALARM_COMMAND", "aplay /etc/bell.wav"),
        ("TOKEN_CACHE", "off"),
        ("STATE_DIR", "/s"),
        ("CACHE_DIR", "/c"),
        ("LOG_LEVEL", "debug"),
        ("LOG_FILE", "/l"),
        ("SYNCHRONIZED_OUTPUT", "no"),
        ("WATCH_NORMAL", "6"),
        ("WATCH_BUSY", "3s"),
        ("WATCH_IDLE", "1min"),
        ("WATCH_IDLE_AFTER", "1h"),
        ("WATCH_RECONCILE", "20min"),
        ("WATCH_OVERLAP", "0"),
        ("WATCH_CONSOLE_LOG", "500ms"),
        ("GROUPING_SERVICE_KEYS", "svc, app"),
        ("GROUPING_ROLE_KEYS", "part"),
        ("GROUPING_STACK_KEYS", ""),
        ("GROUPING_VERSION_KEYS", "rel"),
        ("GROUPING_CONTAINER_KEYS", "img"),
        ("GROUPING_POOL_PORTS", "80,8080"),
    ];
    let keys = home.write("other.toml", "");
    let variables: Vec<(String, &str)> = values
        .iter()
        .chain(&OPERATED)
        .chain(&MEASURED)
        .chain(&HEALTH)
        .map(|(name, value)| (format!("STACKDECK_{name}"), *value))
        .collect();
    let mut environment: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    environment.push(("STACKDECK_KEYS", keys.to_str().unwrap()));
    let loaded = home.try_load(&Flags::default(), &environment).unwrap();
    assert_eq!(loaded.warnings, []);
    let settings = loaded.settings;
    for key in stackdeck::config::options::keys() {
        let variable = stackdeck::config::options::variable(key);
        assert_eq!(settings.origin(key), &Origin::Environment(variable), "{key}");
    }
    assert_eq!(settings.watch.console_log, Duration::from_millis(500));
    assert_eq!(settings.operations.limits.poll, Duration::from_millis(50));
    assert_eq!(settings.operations.limits.approval, Duration::from_mins(10));
    assert!(settings.operations.ticket);
    assert!(settings.operations.ticket_pattern.unwrap().fits("CHG-7"));
    assert_eq!((settings.operations.protected_services.len(), settings.operations.most_at_once), (2, 20));
    assert_eq!(settings.operations.second_approver_above, 25);
    assert_eq!(settings.operations.allowed_signers, Some(PathBuf::from("/etc/signers")));
    assert_eq!(settings.grouping.texts.pool_ports, [80, 8080]);
    assert_eq!(settings.grouping.texts.service_keys, ["svc", "app"]);
    assert!(settings.ascii && settings.mouse && settings.read_only && !settings.token_cache);
    assert_eq!(settings.state_dir, PathBuf::from("/s"));
}

#[test]
fn each_threshold_has_its_option_and_no_others() {
    let home = Home::new();
    let file: String =
        HEALTH.iter().map(|(name, value)| format!("{} = \"{value}\"\n", name[7..].to_lowercase())).collect();
    home.write("config.toml", &format!("[health]\n{file}"));
    let loaded = home.load();
    assert_eq!(loaded.warnings, []);
    let minutes = |count| Duration::from_mins(count);
    let health = Thresholds {
        errors: 0.02,
        errors_bad: 0.2,
        errors_least: 10.0,
        p95: 0.75,
        mean: 0.3,
        full: 0.8,
        memory: 1.0,
        outlier: 4.5,
        outlier_times: 3.0,
        probes: 5,
        flaps: 6,
        grace: minutes(2),
        rise: 1.2,
        rise_pace: 0.005,
        rise_slow: 0.5,
        rise_least: 2.5,
        headroom: 0.6,
        usable: 0.85,
        ahead: minutes(60),
        ahead_bad: minutes(15),
        mixed: Duration::ZERO,
        silent: minutes(10),
    };
    assert_eq!(loaded.settings.health, health);
}

#[test]
fn wrong_variables_and_flags_are_told_and_leave_what_was() {
    let home = Home::new();
    let flags = Flags { color: Some("265".into()), read_only: true, no_token_cache: true, ..Flags::default() };
    let environment = [("STACKDECK_MOUSE", "maybe"), ("STACKDECK_WATCH_NORML", "1s"), ("STACKDECK_WATCH_BUSY", "0")];
    let loaded = home.try_load(&flags, &environment).unwrap();
    let told: Vec<String> = loaded.warnings.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "-: STACKDECK_MOUSE wants true or false, not `maybe` (`mouse` stays as it was (built in))",
            "-: STACKDECK_WATCH_BUSY wants a time from 200 ms to 1 h, not `0` (`watch.busy` stays as it was (built in))",
            "-: STACKDECK_WATCH_NORML is not a variable that Stackdeck knows (did you mean STACKDECK_WATCH_NORMAL?)",
            "-: --color wants one of auto, truecolor, 256, 16, none, not `265`; did you mean `256`? \
             (`color` stays as it was (built in))",
        ]
    );
    assert!(loaded.settings.read_only && !loaded.settings.token_cache);
    assert_eq!(loaded.settings.origin("read_only"), &Origin::Flag("--read-only"));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let home = Home::new();
    let flags = Flags { config: Some(home.path().join("missing.toml")), ..Flags::default() };
    let failure = home.try_load(&flags, &[]).unwrap_err();
    assert!(failure.message.ends_with("missing.toml cannot be read"), "{}", failure.message);
    let failure = home.try_load(&Flags::default(), &[("STACKDECK_CONFIG", "/nowhere/at/all.toml")]).unwrap_err();
    assert_eq!(failure.message, "/nowhere/at/all.toml cannot be read");
    let loaded = home.try_load(&Flags::default(), &[("STACKDECK_KEYS", "/nowhere/keys.toml")]).unwrap();
    let told: Vec<String> = loaded.warnings.iter().map(told).collect();
    assert_eq!(told, ["STACKDECK_KEYS: /nowhere/keys.toml cannot be read (the built-in keys hold)"]);

    let other = home.write("other.toml", "theme = \"other\"");
    home.write("config.toml", "theme = \"usual\"");
    let flags = Flags { config: Some(other), ..Flags::default() };
    assert_eq!(home.try_load(&flags, &[]).unwrap().settings.theme, "other");
}
