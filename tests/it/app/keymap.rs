//! Keys: defaults, the user's, and what does not fit.

use std::path::Path;

use stackdeck::base::failure::Failure;
use stackdeck::config::keys;
use stackdeck::console::app::command::{COMMANDS, within};
use stackdeck::console::app::keymap::{Context, Keymap, Meaning};
use stackdeck::console::app::notation;

fn load(text: &str) -> (Keymap, Vec<Failure>) {
    let (bindings, warnings) = keys::parse(text, Path::new("keys.toml"));
    assert!(warnings.is_empty(), "{warnings:?}");
    Keymap::with(&bindings)
}

fn meaning(keymap: &Keymap, contexts: &[Context], keys: &str) -> Meaning {
    keymap.meaning(contexts, &notation::parse(keys).unwrap())
}

#[test]
fn every_default_key_can_be_written_and_means_its_command_wherever_it_is_active() {
    let (keymap, failures) = Keymap::with(&[]);
    assert!(failures.is_empty(), "{failures:?}");
    for contexts in Context::TOGETHER {
        for command in within(contexts) {
            for keys in command.keys {
                let parsed = notation::parse(keys).unwrap_or_else(|| panic!("{keys} of {}", command.id));
                assert_eq!(notation::print(&parsed), *keys);
                assert_eq!(keymap.meaning(contexts, &parsed), Meaning::Starts(command.id), "{keys} in {contexts:?}");
                for end in 1..parsed.len() {
                    assert_eq!(keymap.meaning(contexts, &parsed[..end]), Meaning::Begins, "{keys} in {contexts:?}");
                }
            }
        }
    }
}

#[test]
fn every_command_has_a_key_or_a_line_and_a_sentence() {
    for command in COMMANDS {
        assert!(!command.keys.is_empty() || command.argument.is_some(), "{} cannot be reached", command.id);
        assert!(command.help.ends_with('.'), "{}", command.id);
        let same = COMMANDS.iter().filter(|other| other.id == command.id || other.aliases.contains(&command.id));
        assert_eq!(same.count(), 1, "{}", command.id);
    }
}

#[test]
fn the_users_keys_replace_add_and_silence() {
    let (keymap, failures) =
        load("[global]\nrefresh = [\"b\", \"ctrl-r\"]\n\"z\" = \"help\"\n[instances]\n\"l\" = \"\"\n\"c\" = \"raw\"\n");
    assert!(failures.is_empty(), "{failures:?}");
    let instances = &[Context::Instances, Context::Table, Context::Everywhere];
    assert_eq!(meaning(&keymap, instances, "b"), Meaning::Starts("refresh"));
    assert_eq!(meaning(&keymap, instances, "z"), Meaning::Starts("help"));
    assert_eq!(meaning(&keymap, instances, "?"), Meaning::Starts("help"));
    assert_eq!(meaning(&keymap, instances, "l"), Meaning::Nothing);
    assert_eq!(meaning(&keymap, instances, "c"), Meaning::Starts("raw"));
    let services = &[Context::Services, Context::Table, Context::Everywhere];
    assert_eq!(meaning(&keymap, services, "c"), Meaning::Starts("copy"));
}

#[test]
fn what_is_wrong_with_the_users_keys_is_told_with_its_line_and_the_nearest_name() {
    for (text, message, hint) in [
        ("[global]\nrefrsh = [\"r\"]", "r: there is no command refrsh", "Did you mean refresh?"),
        ("[instnces]\n\"r\" = \"refresh\"", "r in [instnces]: there is no such context", "Did you mean [instances]?"),
        ("[services]\n\"r\" = \"console\"", "r: console does nothing in [services]", "It works in"),
        ("[global]\nhelp = [\"r\"]\nrefresh = [\"r\"]", "r is already help (line 2)", "another key"),
        ("[global]\n\"g\" = \"refresh\"", "g is in the way of the keys of top", "other keys"),
        ("[global]\n\"ctrl-c\" = \"\"", "No key is left for leave", "ctrl-c"),
    ] {
        let (_, failures) = load(text);
        let told = format!("{failures:?}");
        assert!(told.contains(message) && told.contains(hint), "{text}: {told}");
        let stands = told.contains("is built in") || told.contains("already help") || told.contains("other keys");
        assert!(stands || message.starts_with("No key"), "what stands instead: {told}");
        assert!(failures.iter().all(|failure| failure.place.is_some() || message.starts_with("No key")), "{told}");
    }
}

#[test]
fn a_key_that_the_user_binds_everywhere_goes_before_every_default() {
    let (keymap, failures) = load("[global]\n\"r\" = \"refresh\"\n\"x\" = \"\"\n[table]\n\"p\" = \"refresh\"\n");
    assert!(failures.is_empty(), "{failures:?}");
    for contexts in Context::TOGETHER.into_iter().filter(|set| set.contains(&Context::Everywhere)) {
        assert_eq!(meaning(&keymap, contexts, "r"), Meaning::Starts("refresh"), "{contexts:?}");
        assert_eq!(meaning(&keymap, contexts, "x"), Meaning::Nothing, "{contexts:?}");
    }
    assert_eq!(
        meaning(&keymap, &[Context::Services, Context::Table, Context::Everywhere], "p"),
        Meaning::Starts("refresh")
    );
    let text = &[Context::Instance, Context::Text, Context::Everywhere];
    assert_eq!(meaning(&keymap, text, "p"), Meaning::Starts("start"), "a table's key is none of a text's");
    assert_eq!(keymap.first_key("restart"), "", "what is not reached any more is not promised");
    assert_eq!(keymap.first_key("start"), "p");

    let (keymap, _) = load("[global]\n\"r\" = \"refresh\"\n[instances]\nrestart = [\"r\"]\n");
    let instances = &[Context::Instances, Context::Table, Context::Everywhere];
    assert_eq!(meaning(&keymap, instances, "r"), Meaning::Starts("restart"), "of one's own the narrower goes first");
}
