//! The README tells the truth: its keys, exit codes, fields, files and options are those of the program.
//!
//! `STACKDECK_UPDATE=1 cargo test readme` writes the generated part anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stackdeck::console::app::command;
use stackdeck::console::app::keymap::Keymap;

use crate::support::process::Home;

const KEYS: (&str, &str) =
    ("<!-- keys: generated from the command table. STACKDECK_UPDATE=1 cargo test readme -->\n", "<!-- /keys -->");

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn readme() -> String {
    std::fs::read_to_string(file("README.md")).unwrap()
}

/// What stands between two marks, and around.
fn split<'a>(text: &'a str, (begin, end): (&str, &str)) -> (&'a str, &'a str, &'a str) {
    let (before, rest) = text.split_once(begin).expect("the mark that begins the generated part");
    let (inside, after) = rest.split_once(end).expect("the mark that ends it");
    (before, inside, after)
}

#[test]
fn keys_are_those_of_the_command_table() {
    let (keymap, warnings) = Keymap::with(&[]);
    assert_eq!(warnings, [], "the shipped keys have no conflict");
    let keys = format!("\n{}\n", command::markdown(&keymap).trim_end());
    let text = readme();
    let (before, inside, after) = split(&text, KEYS);
    if std::env::var_os("STACKDECK_UPDATE").is_some() && inside != keys {
        std::fs::write(file("README.md"), [before, KEYS.0, &keys, KEYS.1, after].concat()).unwrap();
        return;
    }
    assert!(inside == keys, "the README's keys are old: STACKDECK_UPDATE=1 cargo test readme\n{keys}");
}

#[test]
fn every_file_that_it_links_to_is_there() {
    let text = readme();
    let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 5, "{links:?}");
    for link in links.into_iter().filter(|link| !link.contains("://")) {
        assert!(file(link).exists(), "the README links to {link}, which is not there");
    }
}

#[test]
fn exit_codes_are_told_alike_in_code_and_readme() {
    let code = std::fs::read_to_string(file("src/cli/exit.rs")).unwrap();
    let rows = |text: &str| -> Vec<String> {
        let plain = text.lines().map(|line| line.trim_start_matches("//! ").to_owned());
        let digit = |line: &String| line.strip_prefix("| ").is_some_and(|rest| rest.starts_with(char::is_numeric));
        plain.filter(digit).collect()
    };
    assert_eq!(rows(&code), rows(&readme()));
    assert_eq!(rows(&code).len(), 11);
}

#[test]
fn every_verb_is_told() {
    let help = Home::new().run(["--help"]).with_code(0).out;
    let verbs = help.split("Verbs:").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = verbs.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    assert!(names.len() >= 6, "{names:?}");
    let text = readme();
    for name in names {
        assert!(text.contains(&format!("`stackdeck {name}")), "the README does not tell `stackdeck {name}`");
    }
}
