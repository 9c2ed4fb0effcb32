//! What the doctor finds in homes of all sorts.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::process::{Ended, Home, end};

const GOOD: &str = "\
clouds:
  here:
    auth:
      auth_url: http://127.0.0.1:9/v3
      username: me
      password: secret-of-mine
      project_name: p
      user_domain_name: Default
      project_domain_name: Default
";

fn checks(ended: &Ended) -> Vec<(String, String, String, String)> {
    let text = |check: &Value, field: &str| check[field].as_str().unwrap().to_owned();
    let checks = ended.json()["checks"].as_array().unwrap().clone();
    checks
        .iter()
        .map(|check| (text(check, "part"), text(check, "subject"), text(check, "verdict"), check.to_string()))
        .collect()
}

#[track_caller]
fn expect(ended: &Ended, part: &str, subject: &str, verdict: &str, says: &str) {
    let found = checks(ended);
    let fits = |(p, s, v, all): &&(String, String, String, String)| {
        (p.as_str(), s.as_str(), v.as_str()) == (part, subject, verdict) && all.contains(says)
    };
    assert!(found.iter().any(|check| fits(&check)), "no {verdict} for {part} {subject} says {says}:\n{}", ended.out);
}

#[test]
fn an_empty_home_is_told_where_to_write_what() {
    let ended = Home::new().run(["doctor", "-o", "json"]).with_code(2);
    assert_eq!(ended.json()["schema"], 1);
    expect(&ended, "configuration", "file", "ok", "config.toml");
    expect(&ended, "clouds", "chosen", "problem", "/etc/openstack/clouds.yaml");
    expect(&ended, "terminal", "size", "warning", "no terminal");
    expect(&ended, "terminal", "characters", "ok", "UTF-8");
    expect(&ended, "state", "state folder", "ok", "not there yet");
    expect(&ended, "state", "journal", "ok", "not there yet");
    expect(&ended, "state", "operations", "ok", "none is unfinished");
    expect(&ended, "state", "disk", "ok", "MB free");
    assert!(checks(&ended).iter().any(|(.., all)| all.contains("this login")), "{}", ended.out);
    assert_eq!(ended.err, "", "a failing doctor has said all in its report");
}

#[test]
fn people_read_a_table_with_the_advice_below() {
    let ended = Home::new().run(["doctor"]).with_code(2);
    let first = ended.out.lines().next().unwrap();
    assert_eq!(first.split_whitespace().collect::<Vec<_>>(), ["PART", "SUBJECT", "VERDICT", "FOUND"]);
    assert!(ended.out.contains("\nclouds chosen:\n  "), "{}", ended.out);
    assert!(!ended.out.contains('\u{1b}'), "no colour into a pipe:\n{}", ended.out);
}

#[test]
fn each_value_is_told_with_its_origin() {
    let home = Home::new();
    home.write(".config/stackdeck/config.toml", "theme = \"light\"\n[watch]\nnormal = \"7s\"\nbusi = \"1s\"\n");
    let mut command = home.command();
    command.args(["doctor", "-o", "json", "--read-only"]).env("STACKDECK_MOUSE", "true");
    let ended = end(&mut command).with_code(2);
    expect(&ended, "configuration", "theme", "ok", "config.toml:1");
    expect(&ended, "configuration", "watch.normal", "ok", "config.toml:3");
    expect(&ended, "configuration", "mouse", "ok", "STACKDECK_MOUSE");
    expect(&ended, "configuration", "read_only", "ok", "--read-only");
    expect(&ended, "configuration", "not taken", "warning", "config.toml:4");
}

#[test]
fn a_configuration_that_is_not_there_is_a_problem_and_the_rest_is_examined() {
    let ended = Home::new().run(["doctor", "-o", "json", "--config", "nowhere.toml"]).with_code(2);
    expect(&ended, "configuration", "file", "problem", "nowhere.toml");
    expect(&ended, "state", "cache folder", "ok", "not there yet");
}

#[test]
fn folders_that_others_may_read_or_that_are_none_are_told() {
    let home = Home::new();
    let state = home.path().join(".local/state/stackdeck");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o755)).unwrap();
    home.write(".cache/stackdeck", "a file");
    let ended = home.run(["doctor", "-o", "json"]).with_code(2);
    expect(&ended, "state", "state folder", "warning", "chmod 700");
    expect(&ended, "state", "cache folder", "problem", "is no folder");
}

#[test]
fn a_folder_that_a_group_shares_is_no_fault() {
    let home = Home::new();
    let state = home.path().join(".local/state/stackdeck");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o2770)).unwrap();
    let ended = home.run(["doctor", "-o", "json"]).with_code(2);
    expect(&ended, "state", "state folder", "ok", "shared with its group");
}

#[test]
fn a_broken_cloud_disables_itself_only() {
    let home = Home::new();
    home.clouds(&format!("{GOOD}  broken:\n    auth: 7\n"));
    let ended = home.run(["doctor", "-o", "json", "--cloud", "here"]).with_code(6);
    expect(&ended, "clouds", "here", "ok", "(chosen)");
    expect(&ended, "clouds", "broken", "warning", "clouds.yaml");
    let ended = home.run(["doctor", "-o", "json", "--cloud", "broken"]).with_code(2);
    expect(&ended, "clouds", "broken", "problem", "clouds.yaml");
    let ended = home.run(["doctor", "-o", "json"]).with_code(0);
    expect(&ended, "clouds", "chosen", "warning", "here");
}

#[test]
fn a_cloud_that_cannot_be_reached_is_told_and_no_password_is_shown() {
    let home = Home::new();
    home.clouds(GOOD);
    let ended = home.run(["doctor", "-o", "json"]).with_code(6);
    expect(&ended, "clouds", "here", "ok", "(chosen)");
    expect(&ended, "connection", "sign-in", "problem", "127.0.0.1:9");
    assert!(!ended.out.contains("secret-of-mine"), "{}", ended.out);
}

#[test]
fn keys_views_and_theme_are_held_against_what_there_is() {
    let home = Home::new();
    home.clouds(GOOD);
    home.write(".config/stackdeck/keys.toml", "[instances]\n\"x\" = \"refersh\"\n");
    home.write(
        ".config/stackdeck/config.toml",
        "theme = \"darc\"\n[views.instances]\ncolumns = [\"name\", \"helth\"]\n",
    );
    let ended = home.run(["doctor", "-o", "json"]).with_code(2);
    expect(&ended, "configuration", "keys", "warning", "keys.toml:2");
    expect(&ended, "configuration", "views", "warning", "config.toml:3");
    expect(&ended, "configuration", "theme", "problem", "darc");
}
