//! Keeps the house in order: parses the whole source and fails when it breaks a rule of the design.
//!
//! [`source`] reads files and finds every path in them (macros and full paths included); [`rules`] judges. The
//! fixtures here prove that each rule can fail.

mod modules;
mod rules;
mod source;

use std::path::{Path, PathBuf};

use source::Source;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files of the crate.
fn house() -> Vec<Source> {
    let root = root();
    let mut sources: Vec<_> = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| walkdir::WalkDir::new(root.join(folder)).sort_by_file_name())
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| Source::read(&root, entry.path()))
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.iter().any(|source| source.path == "src/lib.rs"), "found no source in {}", root.display());
    sources
}

fn demand(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn rooms_import_only_what_the_design_allows() {
    demand(&house().iter().flat_map(rules::arrows).collect::<Vec<_>>());
}

#[test]
fn fenced_crates_stay_in_their_rooms() {
    demand(&house().iter().flat_map(rules::fences).collect::<Vec<_>>());
}

#[test]
fn functions_and_files_are_short() {
    demand(&house().iter().flat_map(rules::lengths).collect::<Vec<_>>());
}

#[test]
fn nothing_prints_is_ignored_or_left_undone() {
    demand(&house().iter().flat_map(rules::loose_ends).collect::<Vec<_>>());
}

#[test]
fn names_avoid_empty_words() {
    demand(&house().iter().flat_map(rules::names).collect::<Vec<_>>());
}

#[test]
fn every_file_is_compiled_in() {
    let house = house();
    let mut breaches = modules::forgotten(&house, "src/lib.rs", "src/", &["src/main.rs"]);
    breaches.extend(modules::forgotten(&house, "tests/it/main.rs", "tests/", &[]));
    demand(&breaches);
}

#[test]
fn every_shipped_file_is_embedded() {
    let root = root();
    let shipped: Vec<String> = ["themes", "config"]
        .iter()
        .flat_map(|folder| walkdir::WalkDir::new(root.join(folder)))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| relative(&root, entry.path()))
        .collect();
    demand(&modules::not_embedded(&house(), &shipped));
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// What a rule says about one small source.
fn judged(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) -> Vec<String> {
    rule(&Source::parse(path, text))
}

#[test]
fn arrows_are_seen_in_every_spelling() {
    for (path, text, arrow) in [
        ("src/base/id.rs", "use crate::fleet::Fleet;", "base -> fleet"),
        ("src/base/id.rs", "use crate::{base::clock, openstack::Cloud};", "base -> openstack"),
        ("src/fleet/group.rs", "fn f() { crate::watch::start() }", "fleet -> watch"),
        ("src/fleet/group.rs", "fn f() { log!(\"{}\", crate::watch::NAME); }", "fleet -> watch"),
        ("src/fleet/group.rs", "use super::super::watch::start;", "fleet -> watch"),
        ("src/fleet/group.rs", "mod tests { use super::super::super::watch; }", "fleet -> watch"),
        ("src/console/app/update.rs", "use crate::console::run::Loop;", "console/app -> console/run"),
        ("src/console/app/update.rs", "use super::super::{view::draw};", "console/app -> console/view"),
        ("src/console/app/update.rs", "use crate::console;", "console/app -> console"),
        ("src/console/view/mod.rs", "use crate::openstack::Cloud;", "console/view -> openstack"),
        ("src/console/run/mod.rs", "use crate::sim::World;", "console/run -> sim"),
        ("src/sim/world.rs", "use crate::openstack::Read;", "sim -> openstack"),
        ("src/base/id.rs", "use crate::*;", "base -> *"),
        ("src/base/id.rs", "use crate as house;", "base -> *"),
    ] {
        let breaches = judged(rules::arrows, path, text);
        assert_eq!(breaches.len(), 1, "{path}: {text}: {breaches:?}");
        assert!(breaches[0].starts_with(&format!("{path}:1: ")) && breaches[0].contains(arrow), "{breaches:?}");
    }
    for (path, text) in [
        ("src/fleet/group.rs", "use crate::base::id::InstanceId; use super::instance::Instance; use self::x::Y;"),
        (
            "src/console/app/update.rs",
            "use crate::fleet::Fleet; use crate::console::app::model::Model; use super::msg;",
        ),
        ("src/console/app/update.rs", "use crate::config::Settings; // not `crate::watch::start`"),
        ("src/console/run/mod.rs", "use crate::watch; use crate::console::{app, view};"),
        ("src/cli/mod.rs", "use crate::sim::process; pub(in crate::cli) fn f() {} pub(crate) fn g() {}"),
        ("tests/it/x.rs", "use stackdeck::watch;"),
    ] {
        assert_eq!(judged(rules::arrows, path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn fences_hold_in_every_spelling() {
    for (path, text) in [
        ("src/console/app/update.rs", "use ratatui::Frame;"),
        ("src/console/app/update.rs", "fn f() -> ::ratatui::Frame { todo() }"),
        ("src/console/view/mod.rs", "use crossterm::event;"),
        ("src/console/view/mod.rs", "fn f() { ratatui::crossterm::execute!(x) }"),
        ("src/sim/mod.rs", "use {reqwest::Client, axum::Router};"),
        ("src/watch/mod.rs", "use axum as server;"),
        ("src/fleet/group.rs", "#[tokio::main] fn f() {}"),
        ("src/fleet/group.rs", "fn f() { std::fs::read(x) }"),
        ("src/base/clock.rs", "use std::{time::Instant, fmt};"),
        ("src/cli/mod.rs", "use crokey::KeyCombination;"),
    ] {
        let breaches = judged(rules::fences, path, text);
        assert_eq!(breaches.len(), 1, "{path}: {text}: {breaches:?}");
    }
    for (path, text) in [
        ("src/console/run/mod.rs", "use crossterm::event; use ratatui::Frame; use tokio::sync;"),
        ("src/config/keys.rs", "use crokey::KeyCombination; fn f() { std::fs::read(x) }"),
        ("src/fleet/group.rs", "use std::net::IpAddr; use std::time::Duration; // tokio::spawn"),
        ("tests/it/x.rs", "use axum::Router;"),
    ] {
        assert_eq!(judged(rules::fences, path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn long_functions_and_files_are_seen() {
    let long = |lines: usize| format!("fn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2));
    assert!(judged(rules::lengths, "src/x.rs", &long(70)).is_empty());
    assert_eq!(judged(rules::lengths, "src/x.rs", &long(71)).len(), 1);
    let nested = format!("impl X {{ fn g() {{ {} }} }}", long(71));
    assert_eq!(judged(rules::lengths, "src/x.rs", &nested).len(), 2, "the method and the function inside");
    assert!(judged(rules::lengths, "src/x.rs", &"// x\n".repeat(600)).is_empty());
    assert_eq!(judged(rules::lengths, "src/x.rs", &"// x\n".repeat(601)).len(), 1);
}

#[test]
fn loose_ends_are_seen() {
    let marker = ["TO", "DO"].concat();
    for (path, text) in [
        ("src/x.rs", "fn f() { println!(\"x\") }".to_owned()),
        ("src/x.rs", "fn f() { std::eprint!(\"x\") }".to_owned()),
        ("src/x.rs", "fn f() { g(dbg!(1)) }".to_owned()),
        ("tests/it/x.rs", ["#[test] #[ig", "nore] fn f() {}"].concat()),
        ("tests/it/x.rs", ["#[cfg_attr(x, ig", "nore = \"slow\")] fn f() {}"].concat()),
        ("src/x.rs", format!("// {marker}: later\nfn f() {{}}")),
        ("src/x.rs", format!("fn f() {{ {}!() }}", marker.to_lowercase())),
        ("tests/it/x.rs", ["fn f() { std::thread::sl", "eep(x) }"].concat()),
    ] {
        assert_eq!(judged(rules::loose_ends, path, &text).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        ("src/x.rs", "fn f() { writeln!(out, \"println\") }"),
        ("src/x.rs", "#[cfg(test)]\nmod tests {\n    fn f() { println!(\"x\") }\n}"),
        ("benches/x.rs", "fn main() { println!(\"12 ms\") }"),
    ] {
        assert!(judged(rules::loose_ends, path, text).is_empty(), "{path}: {text}");
    }
}

#[test]
fn empty_words_are_seen() {
    for text in ["struct CloudManager;", "fn handle_item() {}", "mod util {}", "enum TaskKind {}", "trait Helper {}"] {
        assert_eq!(judged(rules::names, "src/x.rs", text).len(), 1, "{text}");
    }
    assert_eq!(judged(rules::names, "src/watch/common.rs", "fn f() {}").len(), 1);
    assert!(judged(rules::names, "src/x.rs", "fn metadata() {} fn task_state() {} struct Informed;").is_empty());
}

#[test]
fn forgotten_files_are_seen() {
    let house = [
        Source::parse("src/lib.rs", "mod a; mod c { mod d; }"),
        Source::parse("src/a/mod.rs", "mod b;"),
        Source::parse("src/a/b.rs", ""),
        Source::parse("src/c/d.rs", ""),
        Source::parse("src/a/lost.rs", ""),
    ];
    let breaches = modules::forgotten(&house, "src/lib.rs", "src/", &[]);
    assert_eq!(breaches.len(), 1, "{breaches:?}");
    assert!(breaches[0].starts_with("src/a/lost.rs"), "{breaches:?}");
    let embedding = [Source::parse("src/x.rs", "const D: &str = include_str!(\"../themes/dark.toml\");")];
    let shipped = ["themes/dark.toml".to_owned(), "themes/light.toml".to_owned()];
    assert_eq!(modules::not_embedded(&embedding, &shipped).len(), 1);
}
