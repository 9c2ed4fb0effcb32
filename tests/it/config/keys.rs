//! Key bindings as they are written.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::base::key::{Key, KeyCode};
use stackdeck::config::keys::{key, parse, sequence};
use stackdeck::config::{self};

use super::{Home, told};

fn plain(code: KeyCode) -> Key {
    Key { code, ctrl: false, alt: false, shift: false }
}

#[test]
fn keys_are_written_as_people_say_them() {
    let char = |c| plain(KeyCode::Char(c));
    for (written, expected) in [
        ("g", char('g')),
        ("G", char('G')),
        ("shift-g", char('G')),
        ("é", char('é')),
        ("/", char('/')),
        ("-", char('-')),
        ("space", char(' ')),
        ("ctrl-r", Key { ctrl: true, ..char('r') }),
        ("Ctrl-R", Key { ctrl: true, ..char('r') }),
        ("ctrl--", Key { ctrl: true, ..char('-') }),
        ("alt-x", Key { alt: true, ..char('x') }),
        ("ctrl-alt-del", Key { ctrl: true, alt: true, ..plain(KeyCode::Delete) }),
        ("enter", plain(KeyCode::Enter)),
        ("Esc", plain(KeyCode::Esc)),
        ("f12", plain(KeyCode::F(12))),
        ("shift-up", Key { shift: true, ..plain(KeyCode::Up) }),
        ("backtab", plain(KeyCode::BackTab)),
        ("shift-tab", plain(KeyCode::BackTab)),
        ("pagedown", plain(KeyCode::PageDown)),
    ] {
        assert_eq!(key(written), Ok(expected), "{written}");
    }
    for wrong in ["", "ctrl-", "hyper-x", "a-b", "f99", "return", "cmd-x", "gg"] {
        assert!(key(wrong).is_err(), "{wrong:?} gave {:?}", key(wrong));
    }
    assert_eq!(sequence("g g"), Ok(vec![char('g'), char('g')]));
    assert!(sequence("a b c d e").is_err() && sequence("  ").is_err());
}

#[test]
fn a_file_binds_keys_to_commands_and_commands_to_keys() {
    let text = "[instances]\n\"ctrl-r\" = \"refresh\"\n\"g g\" = \"top\"\nx = \"\"\n[global]\nfilter = [\"/\",\n  \"ctrl-f\"]\nquit = []\n";
    let (bindings, warnings) = parse(text, Path::new("/home/me/keys.toml"));
    assert_eq!(warnings, []);
    let rows: Vec<_> = bindings
        .iter()
        .map(|b| (b.context.as_str(), b.keys.len(), b.command.as_str(), b.only, b.place.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("instances", 1, "refresh", false, "/home/me/keys.toml:2"),
            ("instances", 2, "top", false, "/home/me/keys.toml:3"),
            ("instances", 1, "", false, "/home/me/keys.toml:4"),
            ("global", 1, "filter", true, "/home/me/keys.toml:6"),
            ("global", 1, "filter", true, "/home/me/keys.toml:7"),
            ("global", 0, "quit", true, "/home/me/keys.toml:8"),
        ]
    );
}

#[test]
fn what_is_not_a_key_is_told_and_the_rest_holds() {
    let home = Home::new();
    home.write(
        "keys.toml",
        "top = \"x\"\n[global]\n\"hyper-x\" = \"refresh\"\n\"f5\" = \"refresh\"\nf = 3\nz = [\"q\", \"nokey\"]\n",
    );
    let loaded = home.load();
    let told: Vec<String> = loaded.warnings.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "keys.toml:1: `top` stands outside of a context (put it under a table such as [global] or [instances])",
            "keys.toml:3: `hyper-x` is not a key: write it as g, G, ctrl-r, alt-enter, f5, space or pagedown (this line \
             is left out: what is built in stands in its place, and the other lines hold)",
            "keys.toml:5: `f` wants a command or a list of keys, not a number (this line is left out: what is built in \
             stands in its place, and the other lines hold)",
            "keys.toml:6: `nokey` is not a key: write it as g, G, ctrl-r, alt-enter, f5, space or pagedown (the other \
             keys of this list hold)",
        ]
    );
    let commands: Vec<_> = loaded.settings.bindings.iter().map(|binding| binding.command.as_str()).collect();
    assert_eq!(commands, ["refresh", "z"]);
}

/// Every way to break one line: the lines around it hold, and it is named.
#[test]
fn a_broken_line_costs_itself_alone() {
    let left_out = "(this line is left out: what is built in stands in its place, and the other lines hold)";
    for (broken, says) in [
        ("\"f5\" \"refresh\"", "the line of `f5`"),
        ("f5: refresh", "the line of `f5`"),
        ("\"f5 = \"refresh\"", "the line of `f5`"),
        ("\"f5\" = \"refresh", "the line of `f5`"),
        ("\"f5\" = = \"refresh\"", "the line of `f5`"),
        ("f5 = refresh", "the line of `f5`"),
        ("/ = \"filter\"", "the line of `/`"),
        ("f5 = \"\"\"refresh", "the line of `f5`"),
        ("refresh = [\"f5\", \"f6\"", "the line of `refresh`"),
        ("refresh = {", "the line of `refresh`"),
        ("nonsense", "the line of `nonsense`"),
    ] {
        let text = format!(
            "[global]\nf1 = \"help\"\n{broken}\nf7 = \"top\"\n[instances]\nquit = [\n  \"f8\", # a\n  \"f9\"]\n"
        );
        let (bindings, warnings) = parse(&text, Path::new("/home/me/keys.toml"));
        let rows: Vec<_> =
            bindings.iter().map(|b| (b.context.as_str(), b.command.as_str(), b.place.as_str())).collect();
        assert_eq!(
            rows,
            [
                ("global", "help", "/home/me/keys.toml:2"),
                ("global", "top", "/home/me/keys.toml:4"),
                ("instances", "quit", "/home/me/keys.toml:7"),
                ("instances", "quit", "/home/me/keys.toml:8"),
            ],
            "{broken}"
        );
        let told: Vec<String> = warnings.iter().map(told).collect();
        assert_eq!(told.len(), 1, "{broken}: {told:?}");
        assert!(
            told[0].starts_with(&format!("keys.toml:3: {says} is not TOML (")) && told[0].ends_with(left_out),
            "{told:?}"
        );
    }
}

#[test]
fn what_is_bound_twice_is_told_with_what_stands() {
    let text = "[global]\nf = \"help\"\n\"f5\" = \"refresh\"\n\"f5\" = \"help\"\nquit = [\"f9\"]\nquit = [\"f8\"]\n[global]\nf7 = \"top\"\n";
    let (bindings, warnings) = parse(text, Path::new("keys.toml"));
    let told: Vec<String> = warnings.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "keys.toml:4: `f5` is bound a second time in [global]: `refresh` of line 3 stands",
            "keys.toml:6: `quit` is bound a second time in [global]: the list of line 5 stands",
            "keys.toml:7: [global] is opened a second time: the lines of both hold",
        ]
    );
    let commands: Vec<_> = bindings.iter().map(|binding| binding.command.as_str()).collect();
    assert_eq!(commands, ["help", "refresh", "quit", "top"]);
}

#[test]
fn below_a_table_whose_name_is_lost_nothing_is_guessed() {
    let (bindings, warnings) = parse("[global\nf5 = \"refresh\"\n[instances]\nf6 = \"top\"\n", Path::new("keys.toml"));
    let commands: Vec<_> =
        bindings.iter().map(|binding| (binding.context.as_str(), binding.command.as_str())).collect();
    assert_eq!(commands, [("instances", "top")]);
    let told: Vec<String> = warnings.iter().map(told).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("keys.toml:1: `[global` is not TOML") && told[0].contains("up to the next table"),
        "{told:?}"
    );
}

#[test]
fn the_shipped_example_is_all_commented_out_and_right() {
    let file = Path::new("keys.toml");
    assert_eq!(parse(config::KEYS, file), (Vec::new(), Vec::new()));
    let at = config::KEYS.find("# [global]").unwrap();
    let text: String = config::KEYS[at..].lines().map(|line| format!("{}\n", line.trim_start_matches("# "))).collect();
    let (bindings, warnings) = parse(&text, file);
    assert_eq!(warnings, []);
    assert_eq!(bindings.len(), 5);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in one line, the lines around it hold.
    #[test]
    fn any_line_leaves_its_neighbours(line in "[^\\[\r\n]\\PC{0,30}") {
        let text = format!("[global]\nf1 = \"help\"\n{line}\n[instances]\nf7 = \"top\"\n");
        let (bindings, _) = parse(&text, Path::new("keys.toml"));
        let has = |command: &str| bindings.iter().any(|binding| binding.command == command && binding.keys.len() == 1);
        prop_assert!(has("help") && has("top"), "{bindings:?}");
    }

    #[test]
    fn any_text_is_a_key_or_a_sentence(written in "(ctrl-|alt-|shift-|cmd-){0,3}\\PC{0,5}") {
        match key(&written) {
            Ok(key) => prop_assert!(!matches!(key.code, KeyCode::Char(_)) || !key.shift),
            Err(message) => prop_assert!(message.contains(&written)),
        }
    }
}
