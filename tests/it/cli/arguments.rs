//! Arguments, help and exit codes.

use stackdeck::base::failure::FailureKind;
use stackdeck::base::nearest::nearest;
use stackdeck::cli::exit;

use crate::support::process::Home;

#[test]
fn help_names_every_verb_and_every_exit_code() {
    let help = Home::new().run(["--help"]).with_code(0);
    for verb in ["services", "instances", "instance", "cloud", "doctor", "sim"] {
        assert!(help.out.lines().any(|line| line.trim_start().starts_with(verb)), "{verb}:\n{}", help.out);
    }
    for code in 0..=10 {
        assert!(help.out.contains(&format!("  {code} ")), "exit code {code}:\n{}", help.out);
    }
    assert_eq!(help.err, "");
}

#[test]
fn version_is_the_crates() {
    let version = Home::new().run(["--version"]).with_code(0);
    assert_eq!(version.out, format!("stackdeck {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_arguments_are_wrong_usage_and_the_nearest_is_named() {
    let home = Home::new();
    for (arguments, says) in [
        (vec!["--clod", "x"], "--cloud"),
        (vec!["sevices"], "services"),
        (vec!["instance"], "<ID>"),
        (vec!["services", "-o", "yaml"], "json"),
        (vec!["--demo", "--cloud", "x"], "cannot be used with"),
        (vec!["--demo", "--instances", "0"], "1..=100000"),
        (vec!["--color", "blue", "services"], "truecolor"),
    ] {
        let ended = home.run(&arguments).with_code(2);
        assert!(ended.err.contains(says), "{arguments:?} should say {says}:\n{}", ended.err);
        assert_eq!(ended.out, "", "{arguments:?}");
    }
}

#[test]
fn every_kind_of_failure_has_its_exit_code() {
    use FailureKind as Kind;
    for (kind, code) in [
        (Kind::Bug, 1),
        (Kind::Usage, 2),
        (Kind::Auth, 3),
        (Kind::NotFound, 4),
        (Kind::Forbidden, 5),
        (Kind::Unsupported, 5),
        (Kind::Retry, 6),
        (Kind::Conflict, 7),
        (Kind::Quota, 7),
    ] {
        assert_eq!(exit::code(kind), code, "{kind:?}");
    }
}

#[test]
fn the_nearest_name_is_found_and_a_far_one_is_not() {
    let names = ["prod-eu", "prod-us", "staging", "a"];
    for (written, meant) in [
        ("prod-ue", Some("prod-eu")),
        ("PROD-EU", Some("prod-eu")),
        ("stagin", Some("staging")),
        ("satging", Some("staging")),
        ("elsewhere", None),
        ("", None),
    ] {
        assert_eq!(nearest(written, names), meant, "{written}");
    }
    assert_eq!(nearest("x", []), None);
}
