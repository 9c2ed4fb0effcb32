//! Commands: reachable, honest about themselves, safe against pastes.

use stackdeck::console::app::command::{self, COMMANDS};
use stackdeck::console::app::effect::Effect;
use stackdeck::console::app::keymap::{Keymap, Meaning};
use stackdeck::console::app::model::{Scope, SignIn};
use stackdeck::console::app::msg::Msg;
use stackdeck::console::app::trail::View;
use stackdeck::console::app::{notation, screen};

use super::console::Console;

#[test]
fn what_a_hint_promises_its_key_does() {
    let mut console = Console::showing(&["web-1", "web-2"]);
    for keys in ["1", "2", "2 d", "e", "l", "y", "3", "4", "5", "1 w", "esc !", "esc ?", "esc :", "esc /"] {
        console.keys(keys);
        let contexts = command::contexts(&console.model);
        let hints = screen::hints(&console.model);
        assert!(!hints.is_empty(), "after {keys}");
        for hint in hints {
            let keys = notation::parse(&hint.key).unwrap();
            let Meaning::Starts(id) = console.model.keymap.meaning(contexts, &keys) else { panic!("{hint:?}") };
            assert_eq!(command::find(id).unwrap().title, hint.title);
        }
    }
}

#[test]
fn every_command_with_a_name_can_be_typed_and_changes_nothing_in_the_cloud() {
    for command in COMMANDS.iter().filter(|command| command.argument.is_some()) {
        let mut console = Console::showing(&["web-1"]);
        console.text(&format!(":{}", command.id));
        let effects = console.keys("enter");
        let unknown = console.model.notices.newest_first().any(|notice| notice.text.contains("There is no command"));
        assert!(!unknown, "{}: {effects:?}", command.id);
        assert!(
            !effects.iter().any(|effect| matches!(effect, Effect::Approve { .. } | Effect::Ask(..))),
            "{effects:?}"
        );
    }
}

#[test]
fn the_command_line_goes_to_services_and_instances_by_name_and_says_what_it_does_not_know() {
    let mut console = Console::showing(&["web-1", "db-1"]);
    console.text(":web");
    console.keys("enter");
    assert_eq!(console.rows(), ["web-1"]);
    console.text(":db-1");
    console.keys("enter");
    assert!(matches!(console.model.trail.here(), View::Instance(id) if id.as_str() == "id-db-1"));
    console.text(":refesh");
    console.keys("enter");
    assert!(console.notice().contains("Did you mean :refresh?"), "{}", console.notice());
    console.keys(": up up");
    let Some(screen::overlay::Over::Line(line)) = screen::overlay::overlay(&console.model) else { panic!("no line") };
    assert_eq!(line.prompt.text(), "db-1");
}

#[test]
fn suggestions_are_fuzzy_and_tab_takes_them() {
    let mut console = Console::showing(&["web-1", "payments-1"]);
    console.text(":instances pmt");
    console.keys("tab enter");
    assert_eq!(console.rows(), ["payments-1"]);
}

#[test]
fn a_paste_goes_into_an_open_line_only() {
    let mut console = Console::showing(&["web-1"]);
    assert!(console.send(Msg::Paste(":quit\n".into())).is_empty());
    assert!(console.notice().contains("paste was ignored"));
    console.keys("/");
    console.send(Msg::Paste("nothing\nmore".into()));
    assert_eq!(console.model.table().unwrap().filter_text, "nothing");
}

#[test]
fn ctrl_c_asks_and_any_other_key_stays() {
    let mut console = Console::showing(&["web-1"]);
    assert!(console.keys("ctrl-c j ctrl-c").is_empty());
    assert!(matches!(console.keys("ctrl-c")[..], [Effect::Quit]));
    let burst = Msg::Key { key: notation::parse("ctrl-c").unwrap()[0], burst: true };
    let mut console = Console::showing(&["web-1"]);
    assert!(console.send(burst.clone()).is_empty());
    assert!(console.send(burst).is_empty(), "a burst confirms nothing");
}

#[test]
fn switching_empties_the_screen_at_once_and_tells_where_to() {
    let mut console = Console::showing(&["web-1"]);
    console.text(":cloud test");
    let effects = console.keys("enter");
    assert!(matches!(&effects[..], [.., Effect::Switch(Scope { cloud, .. })] if cloud == "test"));
    assert!(console.rows().is_empty());
    assert_eq!(console.model.sign_in, SignIn::Connecting);
    console.sign_in();
    let effects = console.keys("0");
    assert!(matches!(&effects[..], [Effect::Switch(Scope { all_projects: true, .. })]));
}

#[test]
fn the_key_list_names_every_command() {
    let text = command::markdown(&Keymap::with(&[]).0);
    for command in COMMANDS {
        assert!(text.contains(&format!("`{}`", command.id)), "{}", command.id);
    }
}
